import {
  FilmlessError,
  type HttpReply,
  type HttpRequest,
  type HttpRoute,
  type PluginContext,
} from '@filmless/core/plugin';
import { z } from 'zod';
import type { BackupConfig } from './config.ts';
import { labelSchema, recipientSchema } from './format/index.ts';
import type { Backup } from './open-backup.ts';

export const PERMISSION = 'backup.manage';
export const RELEASE_JOB = 'backup.release';
export const CHECK_JOB = 'backup.check';
const MOST_FOUND = 50;

const prepareBody = z.strictObject({
  root: z.string().min(1).describe('One of the folders that the overview lists as empty'),
  label: labelSchema,
  set: labelSchema,
  recipient: recipientSchema.nullish().describe('Public key to encrypt for; null: not encrypted'),
});
const adoptBody = z.strictObject({ root: z.string().min(1) });
export const diskPayload = z.object({ disk: z.string() });

/** REST of the backup screen. */
export function backupRoutes(context: PluginContext<BackupConfig>, backup: Backup): HttpRoute[] {
  const { ledger, actions } = backup;
  const labelOf = (id: string) => ledger.disks.get(id)?.label ?? id;
  const enqueue = async (kind: string, request: HttpRequest, title: string): Promise<HttpReply> => {
    const disk = request.params['id'] ?? '';
    actions.attached(disk);
    const job = await context.jobs.enqueue({
      kind,
      title: `${title} ${labelOf(disk)}`,
      payload: { disk },
      createdBy: request.identity?.id ?? '',
      dedupeKey: `${kind}:${disk}`,
    });
    return { status: 202, body: { id: job.id }, audit: audited(labelOf(disk), title) };
  };
  return [
    route('GET', '/overview', 'How copies, sets and disks stand, and which disk comes next', async () => {
      const running = await Promise.all(
        [RELEASE_JOB, CHECK_JOB].map((kind) => context.jobs.list({ kind, state: 'running', limit: 20 })),
      );
      const jobs = running.flat().map(({ id, kind, payload, progress }) => ({
        id,
        kind,
        progress,
        disk: diskPayload.safeParse(payload).data?.disk ?? '',
      }));
      const { mounts, recipient, verifyEveryDays, warnDaysBeforeFull, lagMinutes } = context.config;
      const settings = { mounts, recipient: recipient ?? null, verifyEveryDays, warnDaysBeforeFull, lagMinutes };
      return { body: { ...backup.status(), jobs, settings } };
    }),
    route('GET', '/studies', 'Which disks hold studies that are searched for', async (request) => {
      const text = (request.query.get('text') ?? '').trim();
      if (text === '') throw new FilmlessError('INVALID_REQUEST', 'text: what to search for');
      const { scope } = request;
      const exact = await context.query.study(text, scope);
      const found = exact
        ? { total: 1, items: [exact.study] }
        : await context.query.studies({ text, limit: MOST_FOUND, offset: 0, orderBy: '-StudyDate', scope });
      const items = found.items.map((study) => ({
        StudyInstanceUID: study.StudyInstanceUID,
        PatientName: study.PatientNameIdeographic || study.PatientName,
        PatientID: study.PatientID,
        StudyDate: study.StudyDate,
        StudyDescription: study.StudyDescription,
        modalities: study.modalities,
        ...backup.whereIs(study.StudyInstanceUID),
      }));
      return { body: { total: found.total, items }, audit: { action: 'search', target: 'backup' } };
    }),
    route(
      'POST',
      '/disks',
      'Makes a folder where disks appear a backup disk; nothing on it is deleted',
      async (request) => {
        const { root, label, set, recipient } = parsed(prepareBody, await request.json());
        const wanted = recipient === undefined ? context.config.recipient : (recipient ?? undefined);
        const marker = await actions.prepare(root, label, set, wanted);
        return { status: 201, body: marker, audit: audited(label, `prepared for set ${set}`) };
      },
      prepareBody,
    ),
    route(
      'POST',
      '/disks/adopt',
      'Goes on with a disk that another installation of the node has written',
      async (request) => {
        const { root } = parsed(adoptBody, await request.json());
        const marker = await actions.adopt(root);
        return { status: 201, body: marker, audit: audited(marker.label, 'taken over') };
      },
      adoptBody,
    ),
    route(
      'POST',
      '/disks/:id/release',
      'Brings a disk up to date and lets go of it, so that it may be pulled',
      (request) => enqueue(RELEASE_JOB, request, 'safe removal of'),
    ),
    route('POST', '/disks/:id/take-back', 'Goes on with a disk that was let go and not pulled', async (request) => {
      const id = request.params['id'] ?? '';
      await actions.takeBack(id);
      return { body: {}, audit: audited(labelOf(id), 'taken back') };
    }),
    route('POST', '/disks/:id/check', 'Reads everything on a disk again and compares it', (request) =>
      enqueue(CHECK_JOB, request, 'check of'),
    ),
    route(
      'POST',
      '/disks/:id/retire',
      'Counts on a disk no more; what its set lacks then is copied again',
      (request) => {
        const id = request.params['id'] ?? '';
        actions.retire(id);
        return { body: {}, audit: audited(labelOf(id), 'retired') };
      },
    ),
  ];
}

function audited(label: string, detail: string): NonNullable<HttpReply['audit']> {
  return { action: 'change', target: `backup disk ${label}`, detail };
}

export function route(
  method: HttpRoute['method'],
  path: string,
  summary: string,
  handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
  body?: z.ZodType,
): HttpRoute {
  return {
    method,
    path: `/api/backup${path}`,
    policy: { access: 'permission', permission: PERMISSION },
    summary,
    handle,
    ...(body ? { requestSchema: z.toJSONSchema(body, { io: 'input' }) } : {}),
  };
}

/** @throws INVALID_REQUEST with the wrong fields */
export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new FilmlessError(
    'INVALID_REQUEST',
    result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
}
