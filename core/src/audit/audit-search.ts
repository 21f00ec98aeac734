import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { readEntries } from './audit-log.ts';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES, type AuditEntry } from './contract.ts';

const text = z.string().trim().max(256);

/** Filters of the audit screen. */
export const auditFilterSchema = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  action: z.enum(AUDIT_ACTIONS).optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  actor: text.optional(),
  patientId: text.optional(),
  studyInstanceUid: text.optional(),
  /** Anywhere in address, target or detail. */
  text: text.optional(),
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

const PAGE = 500;

/** Entries before `before`, the newest first. */
export function searchAudit(
  database: DatabaseSync,
  filter: AuditFilter,
  page: { before?: number | undefined; limit: number },
): AuditEntry[] {
  const { where, parameters } = conditionsOf(filter);
  const rows = database
    .prepare(`SELECT * FROM entry WHERE seq < $before AND ${where} ORDER BY seq DESC LIMIT $limit`)
    .all({ ...parameters, before: page.before ?? Number.MAX_SAFE_INTEGER, limit: page.limit });
  return readEntries(rows);
}

export function countAudit(database: DatabaseSync, filter: AuditFilter): number {
  const { where, parameters } = conditionsOf(filter);
  return Number(database.prepare(`SELECT count(*) AS n FROM entry WHERE ${where}`).get(parameters)?.['n'] ?? 0);
}

/** All that match, in pages, so that the node does other things in between. */
export async function* auditPages(database: DatabaseSync, filter: AuditFilter): AsyncGenerator<AuditEntry[]> {
  let before: number | undefined;
  for (;;) {
    const page = searchAudit(database, filter, { before, limit: PAGE });
    if (page.length === 0) return;
    yield page;
    before = page.at(-1)?.seq;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function conditionsOf(filter: AuditFilter): { where: string; parameters: Record<string, string> } {
  const conditions: string[] = [];
  const parameters: Record<string, string> = {};
  const add = (sql: string, name: string, value: string | undefined) => {
    if (value === undefined || value === '') return;
    conditions.push(sql);
    parameters[name] = value;
  };
  const time = (value: string | undefined) => (value === undefined ? undefined : new Date(value).toISOString());
  add('at >= $from', 'from', time(filter.from));
  add('at < $to', 'to', time(filter.to));
  add('action = $action', 'action', filter.action);
  add('outcome = $outcome', 'outcome', filter.outcome);
  add('actor = $actor', 'actor', filter.actor);
  add('patientId = $patientId', 'patientId', filter.patientId);
  add('studyInstanceUid = $study', 'study', filter.studyInstanceUid);
  add(
    '(instr(lower(target), $text) > 0 OR instr(lower(detail), $text) > 0 OR instr(address, $text) > 0)',
    'text',
    filter.text?.toLowerCase(),
  );
  return { where: conditions.length === 0 ? '1' : conditions.join(' AND '), parameters };
}
