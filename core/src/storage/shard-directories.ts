import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shardOf } from './blob-path.ts';
import type { DirectorySync } from './directory-sync.ts';

/** Whether a folder's entries are known to be on disk: they are when `synced` has reached `changed`. */
interface Durability {
  changed: number;
  synced: number;
}

/**
 * Makes shard folders on demand and sees to it that their own entries survive a power cut.
 * What an earlier process made may still be in the page cache alone, so each parent is fsynced once per process too.
 */
export class ShardDirectories {
  readonly #blobsDirectory: string;
  readonly #directorySync: DirectorySync;
  readonly #parents = new Map<string, Durability>();

  constructor(blobsDirectory: string, directorySync: DirectorySync) {
    this.#blobsDirectory = blobsDirectory;
    this.#directorySync = directorySync;
  }

  async create(sha256: string): Promise<void> {
    const { first, second } = shardOf(sha256);
    const parent = join(this.#blobsDirectory, first);
    const created = await mkdir(join(parent, second), { recursive: true, mode: 0o750 });
    if (created === undefined) return;
    this.#parent(parent).changed += 1;
    if (created !== join(parent, second)) this.#parent(this.#blobsDirectory).changed += 1;
  }

  /** Resolves when the blob's entry and every folder above it are durable. */
  async sync(sha256: string): Promise<void> {
    const { first, second } = shardOf(sha256);
    const parent = join(this.#blobsDirectory, first);
    await Promise.all([
      this.#directorySync.sync(join(parent, second)),
      this.#syncParent(parent),
      this.#syncParent(this.#blobsDirectory),
    ]);
  }

  #parent(path: string): Durability {
    let state = this.#parents.get(path);
    if (!state) {
      state = { changed: 1, synced: 0 };
      this.#parents.set(path, state);
    }
    return state;
  }

  async #syncParent(path: string): Promise<void> {
    const state = this.#parent(path);
    const { changed } = state;
    if (state.synced >= changed) return;
    await this.#directorySync.sync(path);
    state.synced = Math.max(state.synced, changed);
  }
}
