import { disposable, FilmlessError, type PluginContext } from '@filmless/core/plugin';
import type { BackupConfig } from './config.ts';
import type { Backup } from './open-backup.ts';
import { CHECK_JOB, diskPayload, RELEASE_JOB } from './routes.ts';

const LOOK_EVERY_MS = 10 * 60_000;
const DAY_MS = 86_400_000;

/** What takes longer than a request. */
export function contributeJobs(context: PluginContext<BackupConfig>, { actions, check, ledger }: Backup): void {
  context.points.contribute('Job', RELEASE_JOB, {
    concurrency: 2,
    maxAttempts: 1,
    run: ({ job, signal, progress }) => actions.release(diskPayload.parse(job.payload).disk, signal, progress),
  });
  context.points.contribute('Job', CHECK_JOB, {
    concurrency: 2,
    maxAttempts: 1,
    run: async ({ job, signal, progress }) => {
      const disk = actions.attached(diskPayload.parse(job.payload).disk);
      const total = ledger.objects.onDisk(disk.entry.id).objects;
      const since = new Date().toISOString();
      const { checked, damaged } = await check.disk(disk, since, { signal, progress: (done) => progress(done, total) });
      if (damaged.length > 0) {
        throw new FilmlessError(
          'BLOB_CORRUPT',
          `${damaged.length} of ${checked} files on ${disk.entry.label} are damaged`,
        );
      }
      if (ledger.objects.uncheckedSince(disk.entry.id, since, 1).length > 0) {
        throw new FilmlessError('UNAVAILABLE', `${disk.entry.label} was pulled before the end`);
      }
    },
  });
}

/** Once a day, DICOMDIR says again what lies on a disk: whoever pulls it without asking has a directory of yesterday. */
export function keepDirectories(
  context: PluginContext<BackupConfig>,
  { actions, disks }: Backup,
  now: () => number,
): void {
  const look = async (): Promise<void> => {
    for (const disk of disks.all()) {
      const { dicomdirAt, writtenAt } = disk.entry;
      const isNew = writtenAt > dicomdirAt && now() - Date.parse(dicomdirAt || '1970-01-01') > DAY_MS;
      if (isNew) await actions.writeDirectory(disk, context.signal);
    }
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => context.log.error({ err: error }, 'a DICOMDIR could not be brought up to date'));
  }, LOOK_EVERY_MS);
  timer.unref();
  context.onDispose(disposable(() => clearInterval(timer)));
}
