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
import { dirname, join } from 'node:path';
import { blobPath } from './blob-path.ts';
import { systemErrorCode } from './storage-error.ts';

export type Change = { kind: 'place'; path: string; sha256: string } | { kind: 'remove'; sha256: string };

/** `formerBytes`: size of what was under that name before; undefined when there was nothing. */
export type Changed = { formerBytes: number | undefined } | { errorCode: string };

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** fsync of a directory: what was created, renamed or removed in it survives a power cut. */
function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncDirectoryMeanwhile(path: string): Promise<void> {
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
 * Gives staged files their names in `blobs/ab/cd`, and takes blobs away: each at once or not at all, and durably. Blocks its thread.
 * Several changes together share the file system's journal commits.
 */
export class BlobPlacer {
  readonly #blobsDirectory: string;
  /** Folders above the shards whose entries are known to be on disk; what an earlier process made may be in the page cache alone. */
  readonly #durable = new Set<string>();

  constructor(blobsDirectory: string) {
    this.#blobsDirectory = blobsDirectory;
  }

  async apply(changes: readonly Change[]): Promise<Changed[]> {
    const outcomes = changes.map((change): Changed & { oldName?: string; directories: string[] } => {
      try {
        return change.kind === 'place' ? this.#place(change.path, change.sha256) : this.#remove(change.sha256);
      } catch (error) {
        return { errorCode: systemErrorCode(error) || 'unknown', directories: [] };
      }
    });
    const failed = await this.#sync(new Set(outcomes.flatMap(({ directories }) => directories)));
    return outcomes.map(({ directories, oldName, ...outcome }) => {
      const errorCode = directories.map((each) => failed.get(each)).find((code) => code !== undefined);
      if (errorCode !== undefined) return { errorCode };
      if (oldName !== undefined) rmSync(oldName, { force: true });
      return outcome;
    });
  }

  #place(path: string, sha256: string): { formerBytes: number | undefined; oldName?: string; directories: string[] } {
    const target = blobPath(this.#blobsDirectory, sha256);
    const shard = dirname(target);
    let outcome = this.#link(path, target);
    if (outcome === 'no folder') {
      this.#makeShard(shard);
      outcome = this.#link(path, target);
    }
    const directories = [shard, ...this.#parentsToSync(shard)];
    if (outcome === 'linked') return { formerBytes: undefined, oldName: path, directories };
    // Something of the same content is there, or the file system has no hard links. What was just received is whole; an old copy may have rotted.
    const formerBytes = sizeOf(target);
    this.#move(path, target);
    return { formerBytes, directories };
  }

  /** A hard link tells in one step whether the name is new. */
  #link(path: string, target: string): 'linked' | 'no folder' | 'not possible' {
    try {
      linkSync(path, target);
      return 'linked';
    } catch (error) {
      return systemErrorCode(error) === 'ENOENT' ? 'no folder' : 'not possible';
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

  #remove(sha256: string): { formerBytes: number | undefined; directories: string[] } {
    const target = blobPath(this.#blobsDirectory, sha256);
    const formerBytes = sizeOf(target);
    if (formerBytes === undefined) return { formerBytes, directories: [] };
    unlinkSync(target);
    return { formerBytes, directories: [dirname(target)] };
  }

  #makeShard(shard: string): void {
    const created = mkdirSync(shard, { recursive: true, mode: 0o750 });
    if (created === undefined) return;
    this.#durable.delete(dirname(shard));
    if (created !== shard) this.#durable.delete(this.#blobsDirectory);
  }

  #parentsToSync(shard: string): string[] {
    return [dirname(shard), this.#blobsDirectory].filter((path) => !this.#durable.has(path));
  }

  /** All at once, so that they wait for the same commit of the journal. Gives the error codes of those that failed. */
  async #sync(directories: ReadonlySet<string>): Promise<Map<string, string>> {
    const failed = new Map<string, string>();
    const [last, ...others] = [...directories].reverse();
    if (last === undefined) return failed;
    const note = (path: string) => (error: unknown) => void failed.set(path, systemErrorCode(error) || 'unknown');
    const syncing = others.map((path) => syncDirectoryMeanwhile(path).catch(note(path)));
    try {
      syncDirectory(last);
    } catch (error) {
      note(last)(error);
    }
    await Promise.all(syncing);
    for (const path of directories) {
      if (!failed.has(path) && path.length <= join(this.#blobsDirectory, 'ab').length) this.#durable.add(path);
    }
    return failed;
  }
}
