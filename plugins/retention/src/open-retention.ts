import { join } from 'node:path';
import { disposable, type PluginContext } from '@filmless/core/plugin';
import { CodecThread } from './compact/codec-thread.ts';
import type { RetentionConfig } from './config.ts';
import { retentionHealth } from './health.ts';
import { Holds } from './holds.ts';
import { Ledger } from './ledger.ts';
import { Places } from './places.ts';
import { Policies } from './policies.ts';
import { type Copy, Removal } from './removal.ts';
import { enqueueRun, JOB, retentionRoutes } from './routes.ts';
import { runRetention } from './run.ts';
import { Shelf } from './shelf.ts';
import { Survey } from './survey.ts';
import { prepareTier } from './tier-disk.ts';

const HOUR_MS = 3_600_000;
const LOOK_EVERY_MS = 10 * 60_000;
/** This plugin's own entry among those who vouch for copies: its places are on this node and count for nothing. */
const KEY = 'retention';

/** Opens the stores of the plugin and registers all it brings. */
export async function openRetention(context: PluginContext<RetentionConfig>): Promise<void> {
  const { config, audit, log, storage } = context;
  const now = Date.now;
  const directory = config.directory ?? join(context.node.dataDirectory, 'retention');
  const ledger = new Ledger(join(directory, 'retention.sqlite'));
  context.onDispose(disposable(() => ledger.close()));
  const codec = new CodecThread();
  context.onDispose(disposable(() => codec.close()));

  const hasTier =
    config.tier !== undefined &&
    (await prepareTier(config.tier.directory, context.node.name, ledger.holdsAnyAt('tier')));
  if (config.tier && !hasTier) log.error({}, 'the large disk is not there, or the folder is not empty and not its own');
  const places = new Places({
    storage,
    ledger,
    compact: new Shelf(join(directory, 'compact'), codec),
    tier:
      config.tier && hasTier ? { shelf: new Shelf(config.tier.directory, codec), title: config.tier.title } : undefined,
    now,
  });
  const policies = new Policies(context.documents);
  const holds = await Holds.open(context.documents, context.patients);
  const survey = new Survey({
    query: context.query,
    ledger,
    holds,
    audit,
    now,
    stayOnlineDays: config.stayOnlineDays,
    hasTier,
  });
  const removal = new Removal({
    ledger,
    holds,
    copies: (sha256) => copiesElsewhere(context, sha256),
    remove: (sha256) => places.remove(sha256),
    audit,
    log,
    now,
    ...config,
  });

  const onBack = (uid: string): void => {
    const entry = ledger.study(uid);
    if (entry && ['compressed', 'tiered', 'removed'].includes(entry.state)) {
      ledger.setStudy({ ...entry, state: 'back', at: new Date(now()).toISOString() });
    }
  };
  for (const { key, value } of places.sources(onBack)) context.points.contribute('BlobSource', key, value);
  context.points.contribute('CopyHolder', KEY, places.holder());
  context.points.contribute('HealthCheck', KEY, retentionHealth(context, ledger, policies, now));
  context.points.contribute('Job', JOB, {
    concurrency: 1,
    maxAttempts: 3,
    run: async ({ signal, progress }) => {
      const parts = { context, policies, survey, places, removal, ledger, now };
      const summary = await runRetention(parts, progress, AbortSignal.any([signal, context.signal]));
      log.info({ ...summary }, 'retention has run');
    },
  });
  for (const route of retentionRoutes({ context, ledger, policies, holds, removal, survey, hasTier, now })) {
    context.points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
  }
  runRegularly(context, policies, now);
}

/** Copies that other places vouch for. One that cannot be asked vouches for nothing. */
async function copiesElsewhere(
  context: Pick<PluginContext, 'points' | 'log'>,
  sha256: readonly string[],
): Promise<Copy[]> {
  const others = context.points.entries('CopyHolder').filter(({ key }) => key !== KEY);
  const lists = await Promise.all(
    others.map(({ key, value }) =>
      value.copies(sha256).catch((error: unknown) => {
        context.log.warn({ holder: key, err: error }, 'a place could not say which copies it holds');
        return [];
      }),
    ),
  );
  return lists.flat();
}

function runRegularly(context: PluginContext<RetentionConfig>, policies: Policies, now: () => number): void {
  const { everyHours } = context.config;
  if (everyHours === 0) return;
  const look = async (): Promise<void> => {
    const last = await policies.lastRun();
    if (!last || now() - Date.parse(last.startedAt) >= everyHours * HOUR_MS) await enqueueRun(context, 'retention');
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => context.log.error({ err: error }, 'the run of retention could not be planned'));
  }, LOOK_EVERY_MS);
  timer.unref();
  context.onDispose(disposable(() => clearInterval(timer)));
}
