import { setImmediate as nextTurn } from 'node:timers/promises';
import { SHARD_DIGITS } from './blob-path.ts';
import type { Tally } from './count-blobs.ts';

const FIRST_LEVEL = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

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
  /** Counts a shard `abc`, or all shards that begin with `ab`. */
  readonly #countBlobs: (prefix: string) => Promise<Tally[]>;
  readonly #countedFirst = new Set<string>();
  readonly #counted = new Set<string>();
  readonly #pending = new Map<string, Pending>();
  #count = 0;
  #bytes = 0;
  #complete = false;
  #stopped = false;

  constructor(countBlobs: (prefix: string) => Promise<Tally[]>) {
    this.#countBlobs = countBlobs;
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
    const shard = sha256.slice(0, SHARD_DIGITS);
    if (this.#complete || this.#countedFirst.has(shard.slice(0, 2)) || this.#counted.has(shard)) {
      return (blobs, bytes) => {
        this.#count += blobs;
        this.#bytes += bytes;
      };
    }
    const pending = this.#pendingOf(shard);
    pending.underWay += 1;
    return () => {
      pending.underWay -= 1;
      pending.ended += 1;
    };
  }

  async countAll(): Promise<void> {
    for (const first of FIRST_LEVEL) {
      if (!this.#countedFirst.has(first)) await this.#countFirst(first);
      if (this.#stopped) return;
    }
    this.#complete = true;
    this.#countedFirst.clear();
    this.#pending.clear();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #countFirst(first: string): Promise<void> {
    const endedBefore = new Map([...this.#pending].map(([shard, { ended }]) => [shard, ended]));
    const isQuiet = (shard: string) => {
      const pending = this.#pending.get(shard);
      return !pending || (pending.underWay === 0 && pending.ended === (endedBefore.get(shard) ?? 0));
    };
    for (const tally of await this.#countBlobs(first))
      if (isQuiet(tally.shard) && !this.#counted.has(tally.shard)) this.#take(tally);
    for (;;) {
      const restless = [...this.#pending.keys()].filter(
        (shard) => shard.startsWith(first) && !this.#counted.has(shard),
      );
      // In this same turn: from here on every change of these shards is counted as it comes.
      if (restless.length === 0) this.#countedFirst.add(first);
      if (restless.length === 0 || this.#stopped) break;
      for (const shard of restless) {
        endedBefore.set(shard, this.#pendingOf(shard).ended);
        const [tally = { shard, count: 0, bytes: 0 }] = await this.#countBlobs(shard);
        if (isQuiet(shard)) this.#take(tally);
      }
      await nextTurn();
    }
    this.#counted.clear();
  }

  #take({ shard, count, bytes }: Tally): void {
    this.#count += count;
    this.#bytes += bytes;
    this.#counted.add(shard);
  }

  #pendingOf(shard: string): Pending {
    const pending = this.#pending.get(shard) ?? { underWay: 0, ended: 0 };
    this.#pending.set(shard, pending);
    return pending;
  }
}
