import {
  FilmlessError,
  type HttpReply,
  type HttpRequest,
  type HttpRoute,
  type PluginContext,
} from '@filmless/core/plugin';
import { z } from 'zod';
import type { RetentionConfig } from './config.ts';
import { outlook, roomAt } from './growth.ts';
import { type Holds, newHoldSchema } from './holds.ts';
import { type Ledger, STATES, type StudyEntry } from './ledger.ts';
import { type Policies, policiesSchema } from './policies.ts';
import type { Removal } from './removal.ts';
import type { Survey } from './survey.ts';

export const PERMISSION = 'retention.manage';
export const JOB = 'retention.run';

const policiesBody = z.strictObject({ items: policiesSchema });
const releaseBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });

interface Parts {
  context: PluginContext<RetentionConfig>;
  ledger: Ledger;
  policies: Policies;
  holds: Holds;
  removal: Removal;
  survey: Survey;
  hasTier: boolean;
  now(): number;
}

/** REST of the retention screen: for who decides what stays how long. */
export function retentionRoutes(parts: Parts): HttpRoute[] {
  const { context, ledger, policies, holds, removal, survey, now } = parts;
  const iso = () => new Date(now()).toISOString();
  return [
    route(
      'GET',
      '/overview',
      'How full the disks are, when they will be, what was done, and the settings',
      async () => {
        const { tier, graceDays, copiesNeeded, verifiedWithinDays, stayOnlineDays, everyHours } = context.config;
        const [usage, saved, lastRun] = await Promise.all([
          context.storage.usage(),
          policies.list(),
          policies.lastRun(),
        ]);
        const [running] = await context.jobs.list({ kind: JOB, state: 'running', limit: 1 });
        return {
          body: {
            ...outlook(ledger, saved, usage, now()),
            tier: tier ? { title: tier.title, isThere: parts.hasTier, ...(await roomAt(tier.directory)) } : null,
            states: ledger.counts(),
            lastRun: lastRun ?? null,
            running: running?.progress ?? null,
            departmentNames: Object.keys((await context.query.facets({ kind: 'all' })).departments),
            settings: { graceDays, copiesNeeded, verifiedWithinDays, stayOnlineDays, everyHours },
          },
        };
      },
    ),
    route('GET', '/policies', 'What the departments want', async () => ({ body: { items: await policies.list() } })),
    route(
      'PUT',
      '/policies',
      'Saves what the departments want; it holds from the next run on',
      async (request) => {
        const { items } = parsed(policiesBody, await request.json());
        await policies.save(items);
        return { body: { items }, audit: { action: 'change', target: 'retention policies' } };
      },
      policiesBody,
    ),
    route(
      'POST',
      '/dry-run',
      'What policies would do, in studies and bytes; nothing is changed',
      async (request) => {
        const { items } = parsed(policiesBody, await request.json());
        return { body: await survey.dryRun(items, request.signal) };
      },
      policiesBody,
    ),
    route('POST', '/run', 'Does now what the policies want', async (request) => {
      const job = await enqueueRun(context, request.identity?.id ?? '');
      return { status: 202, body: { id: job.id }, audit: { action: 'change', target: 'retention run' } };
    }),
    route('GET', '/studies', 'Studies that are marked, kept, moved or removed', async (request) => {
      const state = z.enum(STATES).safeParse(request.query.get('state') ?? 'marked');
      if (!state.success) throw new FilmlessError('INVALID_REQUEST', `state: one of ${STATES.join(', ')}`);
      const entries = ledger.inState(state.data, 200);
      const items = await Promise.all(entries.map((entry) => described(context, entry, request)));
      return {
        body: { total: ledger.counts()[state.data]?.studies ?? 0, items: items.filter((each) => each !== undefined) },
      };
    }),
    route('POST', '/studies/:study/undo', 'Takes the mark off a study', (request) => {
      const uid = request.params['study'] ?? '';
      if (!removal.undo(uid, request.identity?.id ?? '')) {
        throw new FilmlessError('CONFLICT', 'The study is not marked for removal any more');
      }
      return {
        body: {},
        audit: { action: 'change', target: 'retention', studyInstanceUid: uid, detail: 'mark taken off' },
      };
    }),
    route('GET', '/holds', 'Legal holds, those that stand first', () => ({ body: { items: holds.list() } })),
    route(
      'POST',
      '/holds',
      'Places a legal hold on a study or a patient',
      async (request) => {
        const hold = parsed(newHoldSchema, await request.json());
        const placed = await holds.place(hold, request.identity?.id ?? '', iso());
        return { status: 201, body: placed, audit: auditOf(hold, 'legal hold placed') };
      },
      newHoldSchema,
    ),
    route(
      'POST',
      '/holds/:id/release',
      'Releases a legal hold, with the reason',
      async (request) => {
        const { reason } = parsed(releaseBody, await request.json());
        const released = await holds.release(request.params['id'] ?? '', request.identity?.id ?? '', iso(), reason);
        return { body: released, audit: auditOf(released, 'legal hold released') };
      },
      releaseBody,
    ),
  ];
}

export function enqueueRun(context: Pick<PluginContext, 'jobs'>, createdBy: string) {
  return context.jobs.enqueue({ kind: JOB, title: 'Retention', payload: {}, createdBy, dedupeKey: JOB });
}

function auditOf(
  hold: { StudyInstanceUID?: string | undefined; patientId?: string | undefined; reason: string },
  detail: string,
): NonNullable<HttpReply['audit']> {
  return {
    action: 'change',
    target: 'retention',
    ...(hold.StudyInstanceUID !== undefined && { studyInstanceUid: hold.StudyInstanceUID }),
    ...(hold.patientId !== undefined && { patientId: hold.patientId }),
    detail,
  };
}

/** With what a person knows the study by, when he may see it. */
async function described(
  context: Pick<PluginContext, 'query'>,
  { by, waiting, uid, ...entry }: StudyEntry,
  request: HttpRequest,
) {
  const found = await context.query.study(uid, request.scope);
  if (!found) return undefined;
  const { PatientName, PatientNameIdeographic, PatientID, StudyDate, StudyDescription, modalities } = found.study;
  return {
    ...entry,
    StudyInstanceUID: uid,
    by,
    waiting,
    PatientName: PatientNameIdeographic || PatientName,
    PatientID,
    StudyDate,
    StudyDescription,
    modalities,
  };
}

function route(
  method: HttpRoute['method'],
  path: string,
  summary: string,
  handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
  body?: z.ZodType,
): HttpRoute {
  return {
    method,
    path: `/api/retention${path}`,
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
