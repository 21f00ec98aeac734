import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SHA256_PATTERN } from './blob-path.ts';
import { systemErrorCode } from './storage-error.ts';

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

async function readdirOrEmpty(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Changes of one shard that is not counted yet. */
interface Pending {
  underWay: number;
  ended: number;
}

/**
 * Number and bytes of all blobs: counted once in the background after the start, and kept up by what is adopted and removed.
 * A change in a shard not yet counted is left to the count; one while the shard is being counted makes it be counted again.
 */
export class UsageCounter {
  readonly #blobsDirectory: string;
  readonly #hasShard: (shard: string) => boolean;
  readonly #counted = new Set<string>();
  readonly #pending = new Map<string, Pending>();
  #count = 0;
  #bytes = 0;
  #complete = false;
  #stopped = false;

  constructor(blobsDirectory: string, hasShard: (shard: string) => boolean) {
    this.#blobsDirectory = blobsDirectory;
    this.#hasShard = hasShard;
  }

  /** False while the count after the start is under way: the figures still grow. */
  get complete(): boolean {
    return this.#complete;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Announces a change before it is made; what is returned tells what it came to, also when that is nothing. */
  begin(sha256: string): (blobs: number, bytes: number) => void {
    const shard = sha256.slice(0, 4);
    if (this.#complete || this.#counted.has(shard)) {
      return (blobs, bytes) => {
        this.#count += blobs;
        this.#bytes += bytes;
      };
    }
    const pending = this.#pending.get(shard) ?? { underWay: 0, ended: 0 };
    this.#pending.set(shard, pending);
    pending.underWay += 1;
    return () => {
      pending.underWay -= 1;
      pending.ended += 1;
    };
  }

  /** One folder at a time: receiving must not queue behind it in the thread pool. */
  async countAll(): Promise<void> {
    for (const first of HEX) {
      for (const second of HEX) {
        if (this.#stopped) return;
        const shard = first + second;
        if (this.#hasShard(shard) || this.#pending.has(shard)) await this.#countShard(shard);
        else this.#counted.add(shard);
      }
    }
    this.#complete = true;
    this.#counted.clear();
    this.#pending.clear();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #countShard(shard: string): Promise<void> {
    const directory = join(this.#blobsDirectory, shard.slice(0, 2), shard.slice(2));
    while (!this.#stopped) {
      const endedBefore = this.#pending.get(shard)?.ended ?? 0;
      let count = 0;
      let bytes = 0;
      for (const name of await readdirOrEmpty(directory)) {
        if (!SHA256_PATTERN.test(name)) continue;
        try {
          bytes += (await stat(join(directory, name))).size;
          count += 1;
        } catch (error) {
          // Removed between the listing and the look at it.
          if (systemErrorCode(error) !== 'ENOENT') throw error;
        }
      }
      const pending = this.#pending.get(shard) ?? { underWay: 0, ended: 0 };
      if (pending.underWay === 0 && pending.ended === endedBefore) {
        this.#count += count;
        this.#bytes += bytes;
        this.#counted.add(shard);
        return;
      }
      await nextTurn();
    }
  }
}
