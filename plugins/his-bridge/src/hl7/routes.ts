import { FilmlessError, type HttpRequest, type HttpRoute } from '@filmless/core/plugin';
import { z } from 'zod';
import type { ClinicalStores } from './apply.ts';
import type { Connections } from './connections.ts';
import { dryRun } from './dry-run.ts';
import { MessageError } from './errors.ts';
import { INBOX_STATES, type Inbox, type InboxEntry } from './inbox.ts';
import { readText, textOf } from './message.ts';
import type { Outbox } from './outbox.ts';
import { outboxRoutes } from './outbox-routes.ts';
import { planMessage } from './plan.ts';
import { parsed, hisRoute as route } from './route-parts.ts';

const text = z.string().min(1).max(900_000);
const dryRunSchema = z.strictObject({ message: text, connection: z.string().min(1).max(64) });
const replaySchema = z.strictObject({ message: text.optional() });
const listSchema = z.strictObject({
  state: z.enum(INBOX_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

interface Options {
  inbox: Inbox;
  outbox: Outbox;
  connections: Connections;
  stores: ClinicalStores;
}

/** REST of the queues and of the dry run: for who looks after the interfaces. */
export function hl7Routes({ inbox, outbox, connections, stores }: Options): HttpRoute[] {
  const connectionOf = (name: string) => {
    const connection = connections.named(name);
    if (!connection) throw new FilmlessError('INVALID_REQUEST', 'connection: not one of the settings');
    return connection;
  };
  const entryOf = (request: HttpRequest): InboxEntry => {
    const entry = inbox.get(Number(request.params['id']));
    if (!entry) throw new FilmlessError('NOT_FOUND', 'there is no such message');
    return entry;
  };
  return [
    ...outboxRoutes(outbox),
    route('GET', '/connections', 'Systems that may send HL7 messages', () => ({ body: { items: connections.names } })),
    route(
      'POST',
      '/dry-run',
      'What would become of an HL7 message; nothing is changed',
      async (request) => {
        const { message, connection } = parsed(dryRunSchema, await request.json());
        return { body: await dryRun(message, connectionOf(connection), stores) };
      },
      dryRunSchema,
    ),
    route(
      'GET',
      '/inbox',
      'HL7 messages that came, the newest first, and how many there are in each state',
      (request) => {
        const { total, items } = inbox.list(parsed(listSchema, Object.fromEntries(request.query)));
        return { body: { total, counts: inbox.counts(), items: items.map(toAnswer) } };
      },
    ),
    route('GET', '/inbox/:id', 'An HL7 message that came, whole', (request) => {
      const entry = entryOf(request);
      const { raw, corrected } = inbox.contentOf(entry.id);
      const message = corrected ?? textOf(raw, connections.named(entry.connection)?.characterSet);
      return {
        body: {
          ...toAnswer(entry),
          appliedSince: inbox.appliedSince(entry),
          corrected: corrected !== undefined,
          message,
        },
        audit: { action: 'open', target: `hl7 message ${entry.id}` },
      };
    }),
    route(
      'POST',
      '/inbox/:id/replay',
      'Apply a message of the list of errors again, as it came or corrected',
      async (request) => {
        const entry = entryOf(request);
        const { message } = parsed(replaySchema, (await request.json()) ?? {});
        const corrected = message === undefined ? undefined : checked(message, connectionOf(entry.connection));
        inbox.replay(entry.id, request.identity?.id ?? '', corrected);
        return {
          status: 202,
          body: toAnswer(inbox.get(entry.id) ?? entry),
          audit: { action: 'change', target: `hl7 message ${entry.id}` },
        };
      },
      replaySchema,
    ),
    route('POST', '/inbox/:id/dismiss', 'Take a message off the list of errors without applying it', (request) => {
      const entry = entryOf(request);
      inbox.dismiss(entry.id, request.identity?.id ?? '');
      return {
        status: 200,
        body: toAnswer(inbox.get(entry.id) ?? entry),
        audit: { action: 'change', target: `hl7 message ${entry.id}` },
      };
    }),
  ];
}

const toAnswer = ({ nextAt, ...entry }: InboxEntry) => ({
  ...entry,
  ...(entry.state === 'waiting' && nextAt > 0 ? { nextAt: new Date(nextAt).toISOString() } : {}),
});

/** A corrected message must be one that can be applied. */
function checked(
  message: string,
  connection: Parameters<typeof planMessage>[2] & { mapping: Parameters<typeof planMessage>[1] },
) {
  try {
    const read = readText(message);
    const { patients } = planMessage(read, connection.mapping, connection);
    return { text: read.text, type: read.type, patients };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    throw new FilmlessError(
      'INVALID_REQUEST',
      `message: ${error.location === '' ? '' : `${error.location}: `}${error.message}`,
    );
  }
}
