import { Readable } from 'node:stream';
import { FilmlessError, type HttpReply, type HttpRoute, type PluginContext } from '@filmless/core/plugin';
import { z } from 'zod';
import { DiskReader } from '../format/index.ts';
import type { RestoreLine } from './restore.ts';
import { RESTORE_JOB } from './restore-job.ts';
import type { Safety } from './safety.ts';
import { type RestoreWhat, whatSchema } from './what.ts';

const restoreBody = z.strictObject({
  what: whatSchema,
  folders: z.array(z.string().min(1)).max(100).default([]).describe('Backup disks; all that are attached when empty'),
  identities: z.array(z.string().startsWith('AGE-SECRET-KEY-')).max(20).default([]),
});
const jobBody = z.strictObject({ what: whatSchema });

/** Restoring, drills and snapshots, for the screen and for the command line. */
export function restoreRoutes(context: Pick<PluginContext, 'jobs'>, safety: Safety, permission: string): HttpRoute[] {
  const policy = { access: 'permission', permission } as const;
  return [
    {
      method: 'GET',
      path: '/api/backup/safety',
      policy,
      summary: 'Snapshots of attached disks, the last drill, and what the last restore said',
      handle: async () => ({
        body: {
          snapshots: await safety.snapshots.ofDisks(),
          drill: (await safety.drills.last()) ?? null,
          restore: (await safety.restores.last()) ?? null,
        },
      }),
    },
    {
      method: 'POST',
      path: '/api/backup/snapshots',
      policy,
      summary: 'Takes a snapshot now and writes it to the attached disks',
      async handle() {
        await safety.snapshots.take();
        return { body: await safety.snapshots.ofDisks(), audit: { action: 'change', target: 'backup snapshot' } };
      },
    },
    {
      method: 'POST',
      path: '/api/backup/drills',
      policy,
      summary: 'Restores a sample of the attached disks for trial, as a job',
      async handle(request) {
        const job = await safety.drills.begin(request.identity?.id ?? '');
        return { status: 202, body: { id: job.id }, audit: { action: 'change', target: 'backup drill' } };
      },
    },
    {
      method: 'POST',
      path: '/api/backup/restore-jobs',
      policy,
      summary: 'Restores a study or a day from the attached disks, as a job',
      requestSchema: z.toJSONSchema(jobBody),
      async handle(request) {
        const { what } = jobBody.parse(await request.json());
        const job = await context.jobs.enqueue({
          kind: RESTORE_JOB,
          title: 'Restore from backup disks',
          payload: { what },
          createdBy: request.identity?.id ?? '',
          dedupeKey: JSON.stringify(what),
        });
        return { status: 202, body: { id: job.id }, audit: auditOf(what) };
      },
    },
    {
      method: 'POST',
      path: '/api/backup/restores',
      policy,
      summary: 'Restores from backup disks; a stream of JSON lines, which leaving stops',
      requestSchema: z.toJSONSchema(restoreBody, { io: 'input' }),
      async handle(request) {
        const { what, folders, identities } = restoreBody.parse(await request.json());
        const roots = folders.length > 0 ? folders : safety.attached();
        if (roots.length === 0) throw new FilmlessError('INVALID_REQUEST', 'no backup disk is attached');
        const disks = await Promise.all(roots.map((root) => DiskReader.open(root, identities)));
        return { ...streamed(safety.restores.run(disks, what, request.signal)), audit: auditOf(what) };
      },
    },
  ];
}

function auditOf(what: RestoreWhat): NonNullable<HttpReply['audit']> {
  return {
    action: 'change',
    target: 'restore from backup',
    ...(what.kind === 'study' && { studyInstanceUid: what.StudyInstanceUID }),
    ...(what.kind === 'day' && { detail: what.day }),
  };
}

function streamed(lines: AsyncIterable<RestoreLine>): HttpReply {
  async function* encode(): AsyncGenerator<string> {
    try {
      for await (const line of lines) yield `${JSON.stringify(line)}\n`;
    } catch (error) {
      const { code, message, remedy } = FilmlessError.from(error);
      yield `${JSON.stringify({ error: { code, detail: message, remedy } })}\n`;
    }
  }
  return { headers: { 'content-type': 'application/x-ndjson' }, body: Readable.from(encode()), noCompression: true };
}
