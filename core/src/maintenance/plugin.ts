import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Audit } from '../audit/contract.ts';
import type { Catalogue } from '../catalogue/contract.ts';
import { systemClock } from '../clock.ts';
import { disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpReply } from '../http/contract.ts';
import { type VerifyOptions, verifyInstances } from '../ingest/verify.ts';
import { definePlugin } from '../plugin.ts';
import type { FilmlessPlugin, HealthCheck } from '../plugins/contract.ts';
import type { QueryIndex } from '../query/contract.ts';
import type { BlobStorage } from '../storage/contract.ts';
import { mendBlob } from '../storage/mend-blob.ts';
import { absentOnPurpose, heldElsewhere } from './copies.ts';
import { Scrub } from './scrub.ts';
import { scrubHealth, scrubRoutes } from './scrub-routes.ts';
import { ScrubStore } from './scrub-store.ts';

/** One line of a maintenance run, as newline-delimited JSON. The last one has `done`. */
export type MaintenanceLine =
  | { progress: { done: number; total: number } }
  | { finding: { SOPInstanceUID: string; state: 'missing' | 'corrupt' | 'repaired' } }
  | { error: { code: string; detail: string } }
  | { done: true; summary: Record<string, number> };

interface Services {
  catalogue: Catalogue;
  storage: BlobStorage;
  audit: Audit;
  query: QueryIndex;
  /** Records that the index could not take since the start. */
  skipped(): number;
  /** The instances of the study, of all when there is none. */
  select(StudyInstanceUID: string | undefined): Promise<string[] | undefined>;
  rebuildCatalogue(progress: (done: number, total: number) => void, signal: AbortSignal): Promise<{ created: number }>;
}

const MIB = 2 ** 20;
const config = z.strictObject({
  scrub: z
    .strictObject({
      everyDays: z.number().int().min(0).max(3650).default(30).describe('Days between rounds; 0: only when asked'),
      mebibytesPerSecond: z.number().min(0.1).max(10_000).default(20).describe('At most so much is read'),
    })
    .prefault({}),
});

const verifyBody = z.strictObject({ StudyInstanceUID: z.string().optional(), repair: z.boolean().default(false) });
const rebuildBody = z.strictObject({ catalogue: z.boolean().default(false) });
const PROGRESS_EVERY_MS = 200;

function indexHealth(skipped: number): Awaited<ReturnType<HealthCheck['check']>> {
  if (skipped === 0) return { state: 'ok', detail: { 'zh-CN': '完整', en: 'complete' } };
  return {
    state: 'warning',
    detail: {
      'zh-CN': `有 ${skipped} 个图像已保存但无法检索；详见日志，处理后运行 filmless rebuild-index`,
      en: `${skipped} stored images cannot be found by searches; see the log, then run filmless rebuild-index`,
    },
  };
}

/** Long checks and rebuilds that answer with a stream of progress lines; leaving the request stops them. */
export function createMaintenancePlugin(services: () => Services): FilmlessPlugin {
  return definePlugin({
    id: 'core-maintenance',
    api: 1,
    title: { 'zh-CN': '维护', en: 'Maintenance' },
    essential: true,
    permissions: [{ id: 'system.manage', title: { 'zh-CN': '维护系统', en: 'Maintain the system' }, defaultRoles: [] }],
    config,
    activate(context) {
      const { scrub: settings } = context.config;
      const { catalogue, storage, audit } = services();
      const store = new ScrubStore(context.documents);
      const sources = () => context.points.entries('BlobSource');
      const holders = () => context.points.entries('CopyHolder');
      const scrub = new Scrub({
        catalogue,
        storage,
        store,
        sources,
        absentOnPurpose: (sha256) => absentOnPurpose(holders(), sha256),
        settings: { everyDays: settings.everyDays, bytesPerSecond: settings.mebibytesPerSecond * MIB },
        audit,
        log: context.log,
        clock: systemClock,
      });
      scrub.start();
      context.onDispose(disposable(() => scrub.stop()));
      for (const route of scrubRoutes(scrub, store, settings.everyDays, () => catalogue.count())) {
        context.points.contribute('HttpRoute', `maintenance.${route.method} ${route.path}`, route);
      }
      context.points.contribute('HealthCheck', 'scrub', scrubHealth(store));
      const repair = async (sha256: string, damage: 'missing' | 'corrupt', signal: AbortSignal): Promise<boolean> => {
        if (damage === 'missing' && (await absentOnPurpose(holders(), [sha256])).has(sha256)) return false;
        const now = new Date().toISOString();
        const from = await mendBlob({ storage, sources: sources(), sha256, damage, now, signal });
        if (from !== undefined) await store.settleFinding(sha256);
        return from !== undefined;
      };
      context.points.contribute('HealthCheck', 'query-index', {
        title: { 'zh-CN': '查询索引', en: 'Query index' },
        check: async () => indexHealth(services().skipped()),
      });
      context.points.contribute('HttpRoute', 'maintenance.verify', {
        method: 'POST',
        path: '/api/maintenance/verify',
        policy: { access: 'permission', permission: 'system.manage' },
        summary:
          'Re-reads stored instances and compares them with their hashes, and repairs them when asked; a stream of JSON lines',
        requestSchema: z.toJSONSchema(verifyBody, { io: 'input' }),
        handle: async (request) => {
          const body = verifyBody.parse(await request.json());
          const { signal } = request;
          const audited = { action: 'change', target: 'repair of stored objects' } as const;
          return {
            ...lines(
              verify(services(), body.StudyInstanceUID, {
                signal,
                elsewhere: (sha256) => heldElsewhere(holders(), sha256),
                ...(body.repair && { repair: (sha256, damage) => repair(sha256, damage, signal) }),
              }),
            ),
            ...(body.repair && { audit: audited }),
          };
        },
      });
      context.points.contribute('HttpRoute', 'maintenance.rebuild', {
        method: 'POST',
        path: '/api/maintenance/rebuild-index',
        policy: { access: 'permission', permission: 'system.manage' },
        summary:
          'Rebuilds the query index from the catalogue, and the catalogue from storage when asked; a stream of JSON lines',
        requestSchema: z.toJSONSchema(rebuildBody),
        handle: async (request) => {
          const body = rebuildBody.parse(await request.json());
          return lines(rebuild(services(), body.catalogue, request.signal));
        },
      });
    },
  });
}

async function* verify(
  services: Services,
  StudyInstanceUID: string | undefined,
  options: Pick<VerifyOptions, 'elsewhere' | 'repair'> & { signal: AbortSignal },
): AsyncGenerator<MaintenanceLine> {
  const { catalogue, storage } = services;
  const select = await services.select(StudyInstanceUID);
  if (select?.length === 0) throw new FilmlessError('STUDY_NOT_FOUND');
  const total = select?.length ?? (await catalogue.count());
  const counts = { ok: 0, missing: 0, corrupt: 0, elsewhere: 0, repaired: 0 };
  let done = 0;
  let told = 0;
  for await (const { SOPInstanceUID, state } of verifyInstances({
    catalogue,
    storage,
    ...options,
    ...(select && { select }),
  })) {
    counts[state] += 1;
    done += 1;
    if (state !== 'ok' && state !== 'elsewhere') yield { finding: { SOPInstanceUID, state } };
    if (Date.now() - told >= PROGRESS_EVERY_MS) {
      told = Date.now();
      yield { progress: { done, total } };
    }
  }
  yield { done: true, summary: counts };
}

async function* rebuild(
  services: Services,
  catalogueToo: boolean,
  signal: AbortSignal,
): AsyncGenerator<MaintenanceLine> {
  let created = 0;
  if (catalogueToo) {
    let progress = { done: 0, total: 0 };
    const work = services.rebuildCatalogue((done, total) => {
      progress = { done, total };
    }, signal);
    let running = true;
    const finished = work.finally(() => {
      running = false;
    });
    // The rejection is awaited below; until then it must not count as unhandled.
    finished.catch(() => undefined);
    while (running) {
      yield { progress };
      await Promise.race([finished.catch(() => undefined), delay(PROGRESS_EVERY_MS)]);
    }
    created = (await finished).created;
  }
  services.query.clear();
  const total = await services.catalogue.count();
  let settled = false;
  const caughtUp = services.query.settled().finally(() => {
    settled = true;
  });
  caughtUp.catch(() => undefined);
  while (!settled && !signal.aborted) {
    await Promise.race([caughtUp.catch(() => undefined), delay(PROGRESS_EVERY_MS)]);
    yield { progress: { done: services.query.projected(), total } };
  }
  await caughtUp;
  const totals = await services.query.totals();
  yield {
    done: true,
    summary: { records: total, recordsCreated: created, instancesIndexed: totals.instances, studies: totals.studies },
  };
}

function lines(source: AsyncIterable<MaintenanceLine>): HttpReply {
  async function* encode(): AsyncGenerator<string> {
    try {
      for await (const line of source) yield `${JSON.stringify(line)}\n`;
    } catch (error) {
      const failure = FilmlessError.from(error);
      yield `${JSON.stringify({ error: { code: failure.code, detail: failure.message } } satisfies MaintenanceLine)}\n`;
    }
  }
  return { headers: { 'content-type': 'application/x-ndjson' }, body: Readable.from(encode()), noCompression: true };
}
