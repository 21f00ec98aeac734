import { FilmlessError, type HttpReply, type HttpRequest, type HttpRoute } from '@filmless/core/plugin';
import { z } from 'zod';
import { newestRecords } from './newest-records.ts';
import type { Parts } from './open-forwarding.ts';
import { ruleSchema, rulesSchema } from './rule.ts';
import { stowInputSchema, stowNameSchema } from './stow/destinations.ts';
import { STUDY_FILTERS, type StudyDelivery } from './views.ts';

export const PERMISSION = 'forwarding.manage';
const LOOKED_AT = 1000;
const SHOWN_STUDIES = 20;

const rulesBody = z.strictObject({ items: rulesSchema });
const ruleBody = z.strictObject({ rule: ruleSchema });
const connectionsBody = z.strictObject({ connections: z.number().int().min(1).max(16) });
const toBody = z.strictObject({ destination: z.string().min(1).max(128) });
const retryBody = z.strictObject({ destination: z.string().min(1).max(128), study: z.string().max(64).optional() });
const studiesQuery = z.object({
  filter: z.enum(STUDY_FILTERS).default('all'),
  destination: z.string().min(1).optional(),
  study: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  offset: z.coerce.number().int().min(0).default(0),
});

/** REST of the forwarding screen. */
export function forwardingRoutes(parts: Parts): HttpRoute[] {
  return [...ruleRoutes(parts), ...destinationRoutes(parts), ...studyRoutes(parts)];
}

function ruleRoutes({ context, forwarder, rules }: Parts): HttpRoute[] {
  return [
    route('GET', '/rules', 'What is forwarded where, and how much of it is not delivered yet', () => ({
      body: { items: rules.list().map((rule) => ({ ...rule, undelivered: forwarder.views.undelivered(rule.id) })) },
    })),
    route(
      'PUT',
      '/rules',
      'Saves all rules; what a rule that is left out had not sent is dropped',
      async (request) => {
        const { items } = parsed(rulesBody, await request.json());
        const before = rules.list();
        await rules.save(items);
        for (const { id } of before) if (!items.some((rule) => rule.id === id)) forwarder.queue.drop(id);
        for (const { id, paused } of items) forwarder.queue.hold(id, paused);
        forwarder.wakeAll();
        return { body: { items }, audit: { action: 'change', target: 'forwarding rules' } };
      },
      rulesBody,
    ),
    route(
      'POST',
      '/dry-run',
      `Which of the last ${LOOKED_AT} instances a rule would send; nothing is sent`,
      async (request) => {
        const { rule } = parsed(ruleBody, await request.json());
        const records = await newestRecords(context, request.scope, LOOKED_AT);
        const matching = await forwarder.matching(rule, records);
        const studies = Map.groupBy(matching, ({ StudyInstanceUID }) => StudyInstanceUID);
        const shown = [...studies].slice(0, SHOWN_STUDIES).map(async ([StudyInstanceUID, found]) => ({
          ...(await personal(context, request, StudyInstanceUID)),
          StudyInstanceUID,
          instances: found.length,
        }));
        return {
          body: {
            looked: records.length,
            matched: matching.length,
            studies: studies.size,
            items: await Promise.all(shown),
          },
        };
      },
      ruleBody,
    ),
  ];
}

function destinationRoutes({ context, forwarder, rules, stow, now }: Parts): HttpRoute[] {
  return [
    route('GET', '/destinations', 'Where can be sent to, and how it goes there', async () => {
      const backlog = new Map(forwarder.views.backlog().map((each) => [each.destination, each]));
      const known = await forwarder.destinations();
      const gone = [...new Set([...backlog.keys(), ...rules.list().map((rule) => rule.destination)])]
        .filter((key) => !known.some((each) => each.key === key))
        .map((key) => ({
          key,
          sender: key.slice(0, key.indexOf(':')),
          name: key.slice(key.indexOf(':') + 1),
          isGone: true,
        }));
      const items = [...known, ...gone].map((each) => {
        const waiting = backlog.get(each.key);
        return {
          title: '',
          isGone: false,
          ...each,
          connections: rules.connections(each.key) ?? context.config.connections,
          isUsed: rules.list().some((rule) => rule.enabled && rule.destination === each.key),
          waiting: waiting?.instances ?? 0,
          refused: waiting?.refused ?? 0,
          oldestAt: waiting?.oldestAt || null,
          state: forwarder.stateOf(each.key) ?? null,
        };
      });
      return { body: { items, now: new Date(now()).toISOString() } };
    }),
    route(
      'PUT',
      '/destinations/:destination',
      'How many connections at once a destination gets',
      async (request) => {
        const { connections } = parsed(connectionsBody, await request.json());
        const destination = destinationOf(request);
        await forwarder.requireDestination(destination);
        await rules.setConnections(destination, connections);
        return { body: { connections }, audit: { action: 'change', target: `forwarding to ${destination}` } };
      },
      connectionsBody,
    ),
    route('POST', '/destinations/:destination/verify', 'Whether a destination answers', async (request) => {
      const startedAt = performance.now();
      const ms = () => Math.round(performance.now() - startedAt);
      try {
        await forwarder.verify(destinationOf(request), request.signal);
        return { body: { ok: true, ms: ms(), detail: '' } };
      } catch (error) {
        const { code, message } = FilmlessError.from(error);
        // That it does not answer is what was asked, not an error of the request.
        if (code === 'NOT_FOUND') throw error;
        return { body: { ok: false, ms: ms(), detail: message } };
      }
    }),
    route(
      'POST',
      '/retry',
      'Tries again now what waits or was set aside, of one study or all',
      async (request) => {
        const { destination, study } = parsed(retryBody, await request.json());
        const instances = forwarder.retry(destination, study);
        return { body: { instances }, audit: { action: 'change', target: `forwarding to ${destination}` } };
      },
      retryBody,
    ),
    route('GET', '/stow', 'STOW-RS servers', () => ({ body: { items: stow.list() } })),
    route(
      'PUT',
      '/stow/:name',
      'Sets up a STOW-RS server; its password is kept and never given out',
      async (request) => {
        const name = parsed(stowNameSchema, request.params['name']);
        const server = await stow.put(name, parsed(stowInputSchema, await request.json()));
        forwarder.retry(`stow:${name}`);
        return { body: server, audit: { action: 'change', target: `STOW-RS server ${name}` } };
      },
      stowInputSchema,
    ),
    route('DELETE', '/stow/:name', 'Removes a STOW-RS server', async (request) => {
      const name = request.params['name'] ?? '';
      if (rules.list().some((rule) => rule.destination === `stow:${name}`))
        throw new FilmlessError('CONFLICT', 'a rule forwards to it: change or remove that rule first');
      await stow.remove(name);
      return { status: 204, audit: { action: 'change', target: `STOW-RS server ${name}` } };
    }),
  ];
}

function studyRoutes({ context, forwarder }: Parts): HttpRoute[] {
  return [
    route('GET', '/studies', 'Studies by destination: expected, delivered, set aside', async (request) => {
      const query = parsed(studiesQuery, Object.fromEntries(request.query));
      const { total, items } = forwarder.views.studies(query);
      const described = items.map(async (study: StudyDelivery) => ({
        ...(await personal(context, request, study.StudyInstanceUID)),
        ...study,
        reasons:
          study.delivered < study.expected ? forwarder.views.reasons(study.destination, study.StudyInstanceUID) : [],
      }));
      return { body: { total, items: await Promise.all(described) } };
    }),
    route(
      'POST',
      '/studies/:study/send',
      'Sends a whole study to a destination, whatever went there before',
      async (request) => {
        const { destination } = parsed(toBody, await request.json());
        const study = request.params['study'] ?? '';
        if (!(await context.query.study(study, request.scope))) throw new FilmlessError('STUDY_NOT_FOUND');
        const instances = await forwarder.resend(study, destination);
        return {
          status: 202,
          body: { instances },
          audit: { action: 'export', target: destination, studyInstanceUid: study, detail: 'sent by hand' },
        };
      },
      toBody,
    ),
  ];
}

/** What a person knows the study by, when he may see it. */
async function personal(context: Parts['context'], request: HttpRequest, StudyInstanceUID: string): Promise<object> {
  const found = await context.query.study(StudyInstanceUID, request.scope);
  if (!found) return {};
  const { PatientName, PatientNameIdeographic, PatientID, StudyDate, StudyDescription, modalities } = found.study;
  return { PatientName: PatientNameIdeographic || PatientName, PatientID, StudyDate, StudyDescription, modalities };
}

const destinationOf = (request: HttpRequest): string => request.params['destination'] ?? '';

function route(
  method: HttpRoute['method'],
  path: string,
  summary: string,
  handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
  body?: z.ZodType,
): HttpRoute {
  return {
    method,
    path: `/api/forwarding${path}`,
    policy: { access: 'permission', permission: PERMISSION },
    summary,
    handle,
    ...(body ? { requestSchema: z.toJSONSchema(body, { io: 'input' }) } : {}),
  };
}

/** @throws INVALID_REQUEST with the wrong fields */
function parsed<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new FilmlessError(
    'INVALID_REQUEST',
    result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
}
