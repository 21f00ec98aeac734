import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { countSchema, identityOf, needs, param, parseQuery } from '../http/route-parts.ts';
import type { JobRecord } from '../jobs/contract.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const listQuery = z.strictObject({
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']).optional(),
  kind: z.string().max(128).optional(),
  limit: countSchema(1_000).default(200),
});

/** Work in the background. */
export const jobsRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'GET',
    path: '/api/jobs',
    policy: needs('job.read'),
    summary: 'Jobs, the newest first; an account limited to some patients sees its own',
    async handle(request) {
      const { state, kind, limit } = parseQuery(request, listQuery);
      const jobs = await services().jobs.list({
        ...(state === undefined ? {} : { state }),
        ...(kind === undefined ? {} : { kind }),
        ...(ownOnly(request) ? { createdBy: identityOf(request).id } : {}),
        limit,
      });
      return { body: jobs.map(shown) };
    },
  },
  {
    method: 'GET',
    path: '/api/jobs/:id',
    policy: needs('job.read'),
    summary: 'One job',
    async handle(request) {
      return { body: shown(await existing(request, services())) };
    },
  },
  {
    method: 'POST',
    path: '/api/jobs/:id/cancel',
    policy: needs('job.manage'),
    summary: 'Cancels a job that waits or runs',
    async handle(request) {
      const { id } = await existing(request, services());
      const job = await services().jobs.cancel(id);
      log.info({ audit: 'job.cancel', who: identityOf(request).id, target: job.id }, 'job cancelled');
      return { body: shown(job) };
    },
  },
  {
    method: 'POST',
    path: '/api/jobs/:id/retry',
    policy: needs('job.manage'),
    summary: 'Runs a failed or cancelled job again, or a waiting one now',
    async handle(request) {
      const { id } = await existing(request, services());
      const job = await services().jobs.retry(id);
      log.info({ audit: 'job.retry', who: identityOf(request).id, target: job.id }, 'job retried');
      return { body: shown(job) };
    },
  },
];

/** What others' jobs work on may lie outside the rows of a limited account. */
const ownOnly = (request: HttpRequest): boolean => identityOf(request).limit !== undefined;

/** @throws NOT_FOUND, also for those that are not shown */
async function existing(request: HttpRequest, { jobs }: Pick<ApiServices, 'jobs'>): Promise<JobRecord> {
  const job = await jobs.get(param(request, 'id'));
  if (!job || (ownOnly(request) && job.createdBy !== identityOf(request).id))
    throw new FilmlessError('NOT_FOUND', 'no such job');
  return job;
}

/** Without the payload, which is between the plugin and its runner. */
function shown({ payload: _payload, ...job }: JobRecord): object {
  return job;
}
