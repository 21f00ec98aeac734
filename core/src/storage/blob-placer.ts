import {
  closeSync,
  copyFileSync,
  fsync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { blobPath } from './blob-path.ts';
import type { Placed } from './contract.ts';
import { storageError, systemErrorCode } from './storage-error.ts';

export type Change = { kind: 'place'; path: string; sha256: string } | { kind: 'remove'; sha256: string };

/** `paths`: what has to be synced, the blob last; `oldName`: what may go then. */
type Placing = Placed & { oldName?: string; paths: string[] };

export type Changed = Placed | { errorCode: string };

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** fsync of a directory or a file. Of a directory: what was created, renamed or removed in it survives a power cut. */
function syncNow(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncMeanwhile(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fd = openSync(path, 'r');
    fsync(fd, (error) => {
      closeSync(fd);
      if (error) reject(error);
      else resolve();
    });
  });
}

/**
 * Gives staged files their names in `blobs/abc`, and takes blobs away: each at once or not at all. Bytes and name are durable when `apply` resolves.
 * Naming comes before the sync, so that one commit of the file system's journal holds the file and its name, and several changes share it. A power
 * cut in between may leave a file under its name with bytes missing: nothing refers to it, the next adoption of that content replaces it, and
 * rebuilding the catalogue checks hashes. Blocks its thread.
 */
export class BlobPlacer {
  readonly #blobsDirectory: string;
  constructor(blobsDirectory: string) {
    this.#blobsDirectory = blobsDirectory;
  }

  /** One staged file, on the thread that received it: no other is waited for. STORAGE_FULL, STORAGE_FAILED; then nothing stands under the name. */
  placeNow(path: string, sha256: string): Placed {
    const { formerBytes, oldName, paths } = this.#tryPlace(path, sha256);
    try {
      // The file first: with it goes the commit of the journal that holds its name, and little is left to do for the folder.
      for (const each of [...paths].reverse()) syncNow(each);
    } catch (error) {
      if (oldName !== undefined) rmSync(paths.at(-1) ?? '', { force: true });
      throw storageError(error, 'A blob could not be put in its place');
    }
    if (oldName !== undefined) rmSync(oldName, { force: true });
    return { formerBytes };
  }

  async apply(changes: readonly Change[]): Promise<Changed[]> {
    const outcomes = changes.map((change): Changed & { oldName?: string; paths: string[] } => {
      try {
        return change.kind === 'place' ? this.#place(change.path, change.sha256) : this.#remove(change.sha256);
      } catch (error) {
        return { errorCode: systemErrorCode(error) || 'unknown', paths: [] };
      }
    });
    const failed = await this.#sync(new Set(outcomes.flatMap(({ paths }) => paths)));
    return outcomes.map(({ paths, oldName, ...outcome }) => {
      const errorCode = paths.map((each) => failed.get(each)).find((code) => code !== undefined);
      if (errorCode !== undefined) {
        // What could not be made durable must not stand under its name.
        if (oldName !== undefined) rmSync(paths.at(-1) ?? '', { force: true });
        return { errorCode };
      }
      if (oldName !== undefined) rmSync(oldName, { force: true });
      return outcome;
    });
  }

  #tryPlace(path: string, sha256: string): Placing {
    try {
      return this.#place(path, sha256);
    } catch (error) {
      throw storageError(error, 'A blob could not be put in its place');
    }
  }

  #place(path: string, sha256: string): Placing {
    const target = blobPath(this.#blobsDirectory, sha256);
    const shard = dirname(target);
    // Folders are made at the start; somebody may have tidied up an empty one.
    const madeAgain = mkdirSync(shard, { recursive: true, mode: 0o750 }) !== undefined;
    const paths = [...(madeAgain ? [this.#blobsDirectory] : []), shard, target];
    if (this.#link(path, target)) return { formerBytes: undefined, oldName: path, paths };
    // Something of the same content is there, or the file system has no hard links. What was just received is whole; an old copy may have rotted.
    const formerBytes = sizeOf(target);
    this.#move(path, target);
    return { formerBytes, paths };
  }

  /** A hard link tells in one step whether the name is new. False when it is not, or links are not possible here. */
  #link(path: string, target: string): boolean {
    try {
      linkSync(path, target);
      return true;
    } catch {
      // Whatever it was, moving the file is tried next and says what is wrong.
      return false;
    }
  }

  #move(path: string, target: string): void {
    try {
      renameSync(path, target);
      return;
    } catch (error) {
      if (systemErrorCode(error) !== 'EXDEV') throw error;
    }
    const partial = `${target}.part`;
    try {
      copyFileSync(path, partial);
      const fd = openSync(partial, 'r+');
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(partial, target);
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
    unlinkSync(path);
  }

  #remove(sha256: string): { formerBytes: number | undefined; paths: string[] } {
    const target = blobPath(this.#blobsDirectory, sha256);
    const formerBytes = sizeOf(target);
    if (formerBytes === undefined) return { formerBytes, paths: [] };
    unlinkSync(target);
    return { formerBytes, paths: [dirname(target)] };
  }

  /** All at once, so that they wait for the same commit of the journal. Gives the error codes of those that failed. */
  async #sync(paths: ReadonlySet<string>): Promise<Map<string, string>> {
    const failed = new Map<string, string>();
    const [last, ...others] = [...paths].reverse();
    if (last === undefined) return failed;
    const note = (path: string) => (error: unknown) => void failed.set(path, systemErrorCode(error) || 'unknown');
    const syncing = others.map((path) => syncMeanwhile(path).catch(note(path)));
    try {
      syncNow(last);
    } catch (error) {
      note(last)(error);
    }
    await Promise.all(syncing);
    return failed;
  }
}
