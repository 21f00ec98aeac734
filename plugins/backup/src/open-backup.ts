import { join } from 'node:path';
import { disposable, type InstanceRecord, type PluginContext, type Points } from '@filmless/core/plugin';
import type { BackupConfig } from './config.ts';
import { Copier, DATABASES } from './copier.ts';
import { blobSource, copyHolder, KEY, opener } from './copies.ts';
import { AttachedDisks } from './disks/attached-disks.ts';
import { backupHealth } from './health.ts';
import { Ledger } from './ledger/ledger.ts';
import { note } from './ledger/note.ts';
import { backupStatus, type Status } from './status.ts';

const MIB = 2 ** 20;

/** What the parts of the plugin share. */
export interface Backup {
  ledger: Ledger;
  disks: AttachedDisks;
  copier: Copier;
  status(): Status;
}

/** Opens ledger and copier, and registers what vouches for copies and gives bytes back. */
export async function openBackup(context: PluginContext<BackupConfig>): Promise<Backup> {
  const { config, log, points, storage, replication, catalogue } = context;
  const now = Date.now;
  const directory = config.directory ?? join(context.node.dataDirectory, 'backup');
  const ledger = new Ledger(join(directory, 'backup.sqlite'));
  context.onDispose(disposable(() => ledger.close()));

  const disks = new AttachedDisks({
    ledger,
    mounts: config.mounts,
    dataDirectory: context.node.dataDirectory,
    allowSameDevice: config.allowSameDevice,
    now,
    onFailed: (disk, error) =>
      log.warn({ disk, err: error }, 'a backup disk made an error; what it lacks waits for it'),
  });
  const source = blobSource(ledger, disks);
  const copied = metricsOf(context);
  const keepFreeBytes = config.keepFreeMiB * MIB;
  const copier = new Copier({
    ledger,
    disks,
    records: (uids) => catalogue.getMany(uids),
    open: opener(storage, points, source),
    replication,
    keepFreeBytes,
    bytesPerSecond: config.maxMiBPerSecond * MIB,
    scanMs: config.scanSeconds * 1000,
    log,
    now,
    onCopied: copied,
  });
  const status = () => backupStatus({ ledger, disks, fullSets: () => copier.fullSets(), keepFreeBytes, now });

  contribute(points, ledger, source);
  points.contribute('HealthCheck', KEY, backupHealth(config, status));
  if (config.mounts.length > 0) {
    follow(context, ledger, () => copier.wake());
    copier.start();
    context.onDispose(disposable(() => copier.stop()));
  }
  return { ledger, disks, copier, status };
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

function contribute(points: Points, ledger: Ledger, source: ReturnType<typeof blobSource>): void {
  points.contribute('CopyHolder', KEY, copyHolder(ledger));
  points.contribute('BlobSource', KEY, source);
}

function metricsOf({ metrics }: Pick<PluginContext, 'metrics'>): (objects: number, bytes: number) => void {
  const objectsCopied = metrics.counter('backup_objects_total', 'Objects copied to backup disks');
  const bytesCopied = metrics.counter('backup_bytes_total', 'Bytes copied to backup disks');
  return (objects, bytes) => {
    objectsCopied.inc({}, objects);
    bytesCopied.inc({}, bytes);
  };
}
