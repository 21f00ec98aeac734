import { Readable } from 'node:stream';
import { z } from 'zod';
import { auditFilterSchema, auditPages, countAudit, searchAudit } from '../audit/audit-search.ts';
import type { AuditEntry } from '../audit/contract.ts';
import { countSchema, needs, parseQuery } from '../http/route-parts.ts';
import type { ApiRoutes } from './services.ts';

const listQuery = auditFilterSchema.extend({
  before: countSchema(Number.MAX_SAFE_INTEGER).optional(),
  limit: countSchema(500).default(100),
});
const exportQuery = auditFilterSchema.extend({ format: z.enum(['csv', 'json']).default('csv') });

const COLUMNS = [
  'seq',
  'at',
  'action',
  'outcome',
  'actorKind',
  'actor',
  'address',
  'target',
  'patientId',
  'studyInstanceUid',
  'detail',
  'hash',
] as const satisfies readonly (keyof AuditEntry)[];

/** The audit log, to read. Nothing here changes it. */
export const auditRoutes: ApiRoutes = ({ services }) => {
  const audit = () => services().audit;
  return [
    {
      method: 'GET',
      path: '/api/audit',
      policy: needs('audit.read'),
      summary: 'Entries of the audit log, the newest first',
      handle(request) {
        const { before, limit, ...filter } = parseQuery(request, listQuery);
        const database = audit().read();
        return {
          headers: { 'Cache-Control': 'no-store' },
          body: { total: countAudit(database, filter), items: searchAudit(database, filter, { before, limit }) },
        };
      },
    },
    {
      method: 'GET',
      path: '/api/audit/export',
      policy: needs('audit.read'),
      audit: 'export',
      summary: 'All entries that match, as CSV or JSON lines',
      handle(request) {
        const { format, ...filter } = parseQuery(request, exportQuery);
        const database = audit().read();
        const csv = format === 'csv';
        async function* lines(): AsyncGenerator<string> {
          // The mark tells spreadsheets that it is UTF-8.
          if (csv) yield `\ufeff${COLUMNS.join(',')}\r\n`;
          for await (const page of auditPages(database, filter))
            yield page.map((entry) => (csv ? `${csvLine(entry)}\r\n` : `${JSON.stringify(entry)}\n`)).join('');
        }
        return {
          headers: {
            'Content-Type': csv ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
            'Content-Disposition': `attachment; filename="audit.${csv ? 'csv' : 'jsonl'}"`,
            'Cache-Control': 'no-store',
          },
          body: Readable.from(lines()),
        };
      },
    },
    {
      method: 'GET',
      path: '/api/audit/verify',
      policy: needs('audit.read'),
      summary: 'Walks the whole log and names what was changed, removed or reordered',
      handle: async () => ({ body: await audit().verify() }),
    },
  ];
};

/** A cell that begins like a formula is made text: spreadsheets would run what a name holds. */
function csvLine(entry: AuditEntry): string {
  return COLUMNS.map((column) => {
    const text = String(entry[column]);
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }).join(',');
}
