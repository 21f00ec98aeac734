import { FilmlessError, type HttpRequest, type HttpRoute } from '@filmless/core/plugin';
import { z } from 'zod';
import { OUTBOX_STATES, type Outbox, type OutboxEntry } from './outbox.ts';
import { hisRoute, parsed } from './route-parts.ts';

const listSchema = z.strictObject({
  state: z.enum(OUTBOX_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

/** REST of what goes out. */
export function outboxRoutes(outbox: Outbox): HttpRoute[] {
  const entryOf = (request: HttpRequest): OutboxEntry => {
    const entry = outbox.get(Number(request.params['id']));
    if (!entry) throw new FilmlessError('NOT_FOUND', 'there is no such message');
    return entry;
  };
  const changed = ({ id }: OutboxEntry, status = 200) => ({
    status,
    body: toAnswer(outbox.get(id)),
    audit: { action: 'change' as const, target: `hl7 outgoing message ${id}` },
  });
  return [
    hisRoute('GET', '/outbox', 'HL7 messages that go out, the newest first', (request) => {
      const { total, items } = outbox.list(parsed(listSchema, Object.fromEntries(request.query)));
      return { body: { total, counts: outbox.counts(), items: items.map(toAnswer) } };
    }),
    hisRoute('GET', '/outbox/:id', 'An HL7 message that goes out, whole', (request) => {
      const entry = entryOf(request);
      return {
        body: { ...toAnswer(entry), message: outbox.messageOf(entry.id) },
        audit: { action: 'open', target: `hl7 outgoing message ${entry.id}`, patientId: entry.patient },
      };
    }),
    hisRoute('POST', '/outbox/:id/replay', 'Send a message of the list of errors again', (request) => {
      const entry = entryOf(request);
      outbox.replay(entry.id, request.identity?.id ?? '');
      return changed(entry, 202);
    }),
    hisRoute('POST', '/outbox/:id/dismiss', 'Take a message off the list of errors without sending it', (request) => {
      const entry = entryOf(request);
      outbox.dismiss(entry.id, request.identity?.id ?? '');
      return changed(entry);
    }),
  ];
}

function toAnswer(entry: OutboxEntry | undefined): object {
  if (!entry) return {};
  const { nextAt, name: _, ...shown } = entry;
  return { ...shown, ...(entry.state === 'waiting' && nextAt > 0 ? { nextAt: new Date(nextAt).toISOString() } : {}) };
}
