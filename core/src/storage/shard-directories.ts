import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shardOf } from './blob-path.ts';
import type { DirectorySync } from './directory-sync.ts';
import { systemErrorCode } from './storage-error.ts';

const FIRST_LEVEL = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Whether a folder's entries are known to be on disk: they are when `synced` has reached `changed`. */
interface Durability {
  changed: number;
  synced: number;
}

async function mkdirUnlessThere(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o750 });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
}

/**
 * The folders `ab/cd`: the first level is made at the start, the second when it is needed. Sees to it that the folders' own entries survive a power cut:
 * what an earlier process made may still be in the page cache alone, so each first-level folder is fsynced once per process too.
 */
export class ShardDirectories {
  readonly #blobsDirectory: string;
  readonly #directorySync: DirectorySync;
  readonly #parents = new Map<string, Durability>();
  readonly #present = new Set<string>();

  constructor(blobsDirectory: string, directorySync: DirectorySync) {
    this.#blobsDirectory = blobsDirectory;
    this.#directorySync = directorySync;
  }

  /** Makes the first level and learns what is there of the second. */
  async open(): Promise<void> {
    const present = new Set(await readdir(this.#blobsDirectory));
    await Promise.all(
      FIRST_LEVEL.map(async (first) => {
        const parent = join(this.#blobsDirectory, first);
        if (!present.has(first)) await mkdirUnlessThere(parent);
        for (const second of await readdir(parent)) this.#present.add(first + second);
        this.#parents.set(first, { changed: 1, synced: 0 });
      }),
    );
    await this.#directorySync.sync(this.#blobsDirectory);
  }

  has(shard: string): boolean {
    return this.#present.has(shard);
  }

  /** Makes the folder of a blob unless it is known to be there. */
  async create(sha256: string): Promise<void> {
    const { first, second } = shardOf(sha256);
    if (this.#present.has(first + second)) return;
    await mkdirUnlessThere(join(this.#blobsDirectory, first, second));
    this.#durabilityOf(first).changed += 1;
    this.#present.add(first + second);
  }

  /** Makes the folder of a blob again after somebody tidied up empty ones. */
  async restore(sha256: string): Promise<void> {
    const { first, second } = shardOf(sha256);
    await mkdir(join(this.#blobsDirectory, first, second), { recursive: true, mode: 0o750 });
    this.#durabilityOf(first).changed += 1;
    await this.#directorySync.sync(this.#blobsDirectory);
  }

  /** Resolves when the blob's entry and the folders above it are durable. */
  async sync(sha256: string): Promise<void> {
    const { first, second } = shardOf(sha256);
    await Promise.all([
      this.#directorySync.sync(join(this.#blobsDirectory, first, second)),
      this.#syncFirstLevel(first),
    ]);
  }

  async #syncFirstLevel(first: string): Promise<void> {
    const state = this.#durabilityOf(first);
    const { changed } = state;
    if (state.synced >= changed) return;
    await this.#directorySync.sync(join(this.#blobsDirectory, first));
    state.synced = Math.max(state.synced, changed);
  }

  #durabilityOf(first: string): Durability {
    const state = this.#parents.get(first) ?? { changed: 1, synced: 0 };
    this.#parents.set(first, state);
    return state;
  }
}
