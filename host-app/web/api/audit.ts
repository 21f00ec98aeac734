import { request } from './client.ts';
import { list, num, record, str } from './decode.ts';

export interface AuditEntry {
  seq: number;
  at: string;
  action: string;
  outcome: string;
  actorKind: string;
  actor: string;
  address: string;
  target: string;
  patientId: string;
  studyInstanceUid: string;
  detail: string;
}

export interface AuditFilter {
  from?: string;
  to?: string;
  action?: string;
  outcome?: string;
  actor?: string;
  patientId?: string;
  text?: string;
}

export interface AuditVerdict {
  entries: number;
  findings: { seq: number; kind: string }[];
  /** Up to `seq` it came back from a backup without the key of its signature. */
  restored: { seq: number; at: string }[];
}

const given = (filter: AuditFilter) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')) as Record<
    string,
    string
  >;

/** Newest first; `before` is the number of the last entry of the page above. */
export async function listAudit(
  filter: AuditFilter,
  page: { before?: number; limit: number },
  signal?: AbortSignal,
): Promise<{ total: number; items: AuditEntry[] }> {
  const answer = record(
    await request('/api/audit', {
      query: { ...given(filter), before: page.before, limit: page.limit },
      ...(signal ? { signal } : {}),
    }),
  );
  const items = list(answer['items'], (value) => {
    const item = record(value);
    return {
      seq: num(item['seq']),
      at: str(item['at']),
      action: str(item['action']),
      outcome: str(item['outcome']),
      actorKind: str(item['actorKind']),
      actor: str(item['actor']),
      address: str(item['address']),
      target: str(item['target']),
      patientId: str(item['patientId']),
      studyInstanceUid: str(item['studyInstanceUid']),
      detail: str(item['detail']),
    };
  });
  return { total: num(answer['total']), items };
}

export function auditExportUrl(filter: AuditFilter, format: 'csv' | 'json'): string {
  return `/api/audit/export?${new URLSearchParams({ ...given(filter), format })}`;
}

export async function verifyAudit(): Promise<AuditVerdict> {
  const answer = record(await request('/api/audit/verify'));
  const findings = list(answer['findings'], (value) => {
    const item = record(value);
    return { seq: num(item['seq']), kind: str(item['kind']) };
  });
  const restored = list(answer['restored'], (value) => {
    const item = record(value);
    return { seq: num(item['seq']), at: str(item['at']) };
  });
  return { entries: num(answer['entries']), findings, restored };
}
