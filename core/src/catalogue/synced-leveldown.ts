import leveldown from 'leveldown';

/** leveldown as PouchDB's LevelDB adapter wants it: called with a path, with a static `destroy`. */
export interface LeveldownFactory {
  (location: string): leveldown.LevelDown;
  destroy(location: string, callback: leveldown.Callback): void;
}

/**
 * LevelDB that writes through to the disk: every write is fsynced before it is acknowledged (`sync`), where PouchDB by itself
 * leaves the last seconds to the page cache. `beforeWrite`, when it gives a promise, holds a batch back until it resolved;
 * if it rejects, the batch is not written and fails with its reason.
 */
export function syncedLeveldown(beforeWrite: () => Promise<unknown> | undefined = () => undefined): LeveldownFactory {
  function SyncedLevelDown(location: string): leveldown.LevelDown {
    const level = leveldown(location);
    const put = level._put.bind(level);
    const del = level._del.bind(level);
    const batch = level._batch.bind(level);
    level._put = (key, value, options, callback) => put(key, value, { ...options, sync: true }, callback);
    level._del = (key, options, callback) => del(key, { ...options, sync: true }, callback);
    level._batch = (operations, options, callback) => {
      const gate = beforeWrite();
      if (!gate) return batch(operations, { ...options, sync: true }, callback);
      gate.then(
        () => batch(operations, { ...options, sync: true }, callback),
        (reason: unknown) => callback(reason instanceof Error ? reason : new Error('The write was called off')),
      );
    };
    return level;
  }
  SyncedLevelDown.destroy = leveldown.destroy;
  return SyncedLevelDown;
}
