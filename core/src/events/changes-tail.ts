import type { Catalogue, CatalogueChange } from '../catalogue/contract.ts';
import type { Disposable } from '../disposable.ts';

type ChangesFeed = Pick<Catalogue, 'changes' | 'onChange' | 'head'>;

interface Batch {
  changes: CatalogueChange[];
  lastSeq: string;
}

/**
 * The changes feed, with the newest changes kept in memory: every subscriber that keeps pace reads the same records, so each is
 * loaded from the catalogue once rather than once a subscriber. Those that lag behind read from the catalogue.
 */
export class ChangesTail implements ChangesFeed {
  readonly #catalogue: ChangesFeed;
  readonly #capacity: number;
  /** Batches in feed order; each begins where the one before ended. */
  #batches: { since: string; batch: Batch }[] = [];
  #kept = 0;
  #reading: { since: string; limit: number; promise: Promise<Batch> } | undefined;

  constructor(catalogue: ChangesFeed, capacity = 128) {
    this.#catalogue = catalogue;
    this.#capacity = capacity;
  }

  onChange(listener: () => void): Disposable {
    return this.#catalogue.onChange(listener);
  }

  head(): Promise<string> {
    return this.#catalogue.head();
  }

  async changes(since: string, limit: number): Promise<Batch> {
    const known = this.#fromMemory(since, limit);
    if (known) return known;
    if (this.#reading && this.#reading.since === since && this.#reading.limit === limit) return this.#reading.promise;
    const promise = this.#catalogue.changes(since, limit);
    const reading = { since, limit, promise };
    this.#reading = reading;
    try {
      const batch = await promise;
      this.#remember(since, batch);
      return batch;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  #fromMemory(since: string, limit: number): Batch | undefined {
    for (const { since: start, batch } of this.#batches) {
      if (start === since && batch.changes.length <= limit) return batch;
      const index = batch.changes.findIndex((change) => change.seq === since);
      if (index >= 0 && index < batch.changes.length - 1) {
        const changes = batch.changes.slice(index + 1, index + 1 + limit);
        const complete = index + 1 + limit >= batch.changes.length;
        return { changes, lastSeq: complete ? batch.lastSeq : (changes.at(-1)?.seq ?? since) };
      }
    }
    return undefined;
  }

  #remember(since: string, batch: Batch): void {
    if (batch.changes.length === 0 || batch.changes.length > this.#capacity) return;
    const newest = this.#batches.at(-1);
    if (newest && newest.batch.lastSeq !== since) {
      this.#batches = [];
      this.#kept = 0;
    }
    this.#batches.push({ since, batch });
    this.#kept += batch.changes.length;
    while (this.#kept > this.#capacity) this.#kept -= this.#batches.shift()?.batch.changes.length ?? this.#kept;
  }
}
