import { resolve } from 'node:path';
import type { PluginContext } from '@filmless/core/plugin';
import type { BackupConfig } from '../config.ts';
import type { Backup } from '../open-backup.ts';
import { Snapshots } from '../snapshots/snapshots.ts';
import { DRILL_JOB, Drills } from './drills.ts';
import { RESTORE_JOB, Restores } from './restore-job.ts';
import { restoreRoutes } from './restore-routes.ts';
import type { Safety } from './safety.ts';

/** Snapshots, restoring and drills, with their routes, jobs and health. */
export function openRestore(
  context: PluginContext<BackupConfig>,
  { ledger, disks, actions }: Backup,
  permission: string,
): Safety {
  const { config, points, node, nodeCopy, cacheDirectory, log, documents, jobs, alarms } = context;
  const { storage, catalogue, query, ingest } = context;
  const now = Date.now;
  const snapshots = new Snapshots({
    disks,
    nodeCopy,
    node,
    configFile: resolve(config.configFile ?? process.env['FILMLESS_CONFIG'] ?? 'filmless.yaml'),
    includeSecrets: config.includeSecrets,
    everyHours: config.snapshotEveryHours,
    keep: config.keepSnapshots,
    directory: cacheDirectory,
    log,
    now,
  });
  const restores = new Restores({
    ...{ storage, catalogue, query, ingest, nodeCopy, cacheDirectory, documents },
    ledger,
    disks,
  });
  const drills = new Drills({
    ...{ alarms, cacheDirectory, catalogue, documents, jobs, log },
    ledger,
    disks,
    everyDays: config.drillEveryDays,
    studies: config.drillStudies,
    now,
  });
  const safety: Safety = { snapshots, restores, drills, attached: () => disks.all().map(({ root }) => root) };
  for (const route of restoreRoutes({ jobs }, safety, permission))
    points.contribute('HttpRoute', `${route.method} ${route.path}`, route);
  points.contribute('Job', RESTORE_JOB, restores.runner());
  points.contribute('Job', DRILL_JOB, drills.runner());
  points.contribute('HealthCheck', 'backup-drill', drills.health());
  if (config.mounts.length > 0) {
    snapshots.start();
    drills.start();
  }
  actions.beforeRemoval((disk) => snapshots.take([disk]));
  context.onDispose(snapshots);
  context.onDispose(drills);
  return safety;
}
