import { join } from 'node:path';
import { disposable, type InstanceRecord, type PluginContext } from '@filmless/core/plugin';
import { DiskActions } from './actions.ts';
import { CopyCheck } from './check.ts';
import type { BackupConfig } from './config.ts';
import { Copier, DATABASES } from './copier.ts';
import { blobSource, copyHolder, KEY, opener } from './copies.ts';
import { AttachedDisks } from './disks/attached-disks.ts';
import { backupHealth } from './health.ts';
import { Ledger } from './ledger/ledger.ts';
import { note } from './ledger/note.ts';
import { Remembered } from './remembered.ts';
import { backupRoutes } from './routes.ts';
import { contributeJobs, keepDirectories } from './schedule.ts';
import { backupStatus, type Status, type StudyPlaces, studyPlaces } from './status.ts';

const MIB = 2 ** 20;

/** What the parts of the plugin share. */
export interface Backup {
  ledger: Ledger;
  disks: AttachedDisks;
  copier: Copier;
  actions: DiskActions;
  check: CopyCheck;
  status(): Status;
  /** Which disks hold a study. */
  whereIs(StudyInstanceUID: string): StudyPlaces;
}

/** Opens ledger and copier, and registers all that disks and copies need. */
export async function openBackup(context: PluginContext<BackupConfig>): Promise<Backup> {
  const { config, log, points, node } = context;
  const now = Date.now;
  const ledger = new Ledger(join(config.directory ?? join(node.dataDirectory, 'backup'), 'backup.sqlite'));
  context.onDispose(disposable(() => ledger.close()));
  const disks = new AttachedDisks({
    ledger,
    mounts: config.mounts,
    dataDirectory: node.dataDirectory,
    allowSameDevice: config.allowSameDevice,
    now,
    onFailed: (disk, error) =>
      log.warn({ disk, err: error }, 'a backup disk made an error; what it lacks waits for it'),
  });
  const source = blobSource(ledger, disks);
  const keepFreeBytes = config.keepFreeMiB * MIB;
  const records = (uids: readonly string[]) => context.catalogue.getMany(uids);
  const copier = new Copier({
    ledger,
    disks,
    records,
    open: opener(context.storage, points, source),
    replication: context.replication,
    keepFreeBytes,
    bytesPerSecond: config.maxMiBPerSecond * MIB,
    scanMs: config.scanSeconds * 1000,
    log,
    now,
    onCopied: metricsOf(context),
    onFull: (disk) => actions.writeDirectory(disk, context.signal),
  });
  const actions = new DiskActions({ ledger, disks, copier, records, nodeName: config.hospital ?? node.name, now });
  const check = new CopyCheck({
    ledger,
    disks,
    bytesPerSecond: config.verifyMiBPerSecond * MIB,
    everyDays: config.verifyEveryDays,
    log,
    now,
    onDamaged: () => copier.wake(),
  });
  const remembered = new Remembered();
  const status = () =>
    backupStatus({ ledger, disks, fullSets: () => copier.fullSets(), keepFreeBytes, remembered, now });
  const backup: Backup = {
    ledger,
    disks,
    copier,
    actions,
    check,
    status,
    whereIs: (uid) => studyPlaces(ledger, disks, uid),
  };

  points.contribute('CopyHolder', KEY, copyHolder(ledger));
  points.contribute('BlobSource', KEY, source);
  points.contribute('HealthCheck', KEY, backupHealth(config, status));
  contributeJobs(context, backup);
  for (const each of backupRoutes(context, backup)) points.contribute('HttpRoute', `${each.method} ${each.path}`, each);
  if (config.mounts.length > 0) {
    await disks.scan();
    follow(context, ledger, () => copier.wake());
    copier.start();
    context.onDispose(disposable(() => copier.stop()));
    check.start();
    context.onDispose(disposable(() => check.stop()));
    keepDirectories(context, backup, now);
  }
  return backup;
}

/** Everything that is stored is noted and owed to each set; `changed` is told. */
function follow(context: PluginContext<BackupConfig>, ledger: Ledger, changed: () => void): void {
  const { hooks, replication } = context;
  const noteAll = async (records: readonly InstanceRecord[], isConflict: boolean): Promise<void> => {
    const at = new Date().toISOString();
    ledger.transaction(() => {
      for (const record of records) note(ledger, record, at, isConflict);
    });
    changed();
  };
  hooks.after('instance.stored', 'copies', (records) => noteAll(records, false));
  hooks.after('conflict.changed', 'copies-of-conflicts', (conflicts) =>
    noteAll(
      // The one that was taken for the instance comes as such.
      conflicts.filter(({ status }) => status !== 'kept-received').map(({ received }) => received),
      true,
    ),
  );
  for (const database of DATABASES) context.onDispose(replication.onDocuments(database, changed));
}

function metricsOf({ metrics }: Pick<PluginContext, 'metrics'>): (objects: number, bytes: number) => void {
  const objectsCopied = metrics.counter('backup_objects_total', 'Objects copied to backup disks');
  const bytesCopied = metrics.counter('backup_bytes_total', 'Bytes copied to backup disks');
  return (objects, bytes) => {
    objectsCopied.inc({}, objects);
    bytesCopied.inc({}, bytes);
  };
}
