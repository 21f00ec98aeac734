import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Catalogue, CatalogueChange, InstanceRecord } from '../catalogue/contract.ts';
import { instanceId } from '../catalogue/instance-document.ts';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { QueryIndex } from './contract.ts';

/** So many changes are read at once, … */
const READ = 500;
/** … and so many go into one transaction: enough to be quick, little enough not to keep everything else waiting. */
const BATCH = 100;
const INSTANCE = 'instance:';

export interface ProjectorOptions {
  feed: Pick<Catalogue, 'changes' | 'onChange' | 'head'>;
  index: Pick<QueryIndex, 'apply' | 'position' | 'follow'>;
  /** Told when a batch could not be projected; it is tried again. */
  onFailed?: (error: unknown) => void;
  /** Told of a change that the index cannot take, alone either: it is passed over, and the index lacks it. */
  onSkipped?: (change: { seq: string; id: string }, error: unknown) => void;
  /** A record as it is to be shown: with the identity that holds now. */
  correct?: (record: InstanceRecord) => Promise<InstanceRecord>;
  /** How long changes are gathered while nobody waits for them. */
  gatherMs?: number;
  /** First pause before trying again; doubles up to a minute. */
  retryMs?: number;
}

interface Waiter {
  head: string;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Feeds the query index from the catalogue's changes. Where the index stands is kept in the index, in the same transaction as the
 * rows: after a crash it goes on from there, and an emptied index is filled from the start.
 */
export class Projector {
  readonly #feed: ProjectorOptions['feed'];
  readonly #index: ProjectorOptions['index'];
  readonly #correct: ((record: InstanceRecord) => Promise<InstanceRecord>) | undefined;
  /** Instances to be projected once more. */
  #again: { records: () => Promise<(InstanceRecord | undefined)[]>; resolve(): void; reject(error: unknown): void }[] =
    [];
  readonly #onFailed: (error: unknown) => void;
  readonly #onSkipped: NonNullable<ProjectorOptions['onSkipped']>;
  readonly #firstRetryMs: number;
  readonly #gatherMs: number;
  #subscription: Disposable | undefined;
  #waiters: Waiter[] = [];
  /** How often the feed has told of changes; how often it had when it was last read; and when the index was last known to be level with it. */
  #told = 0;
  #read = 0;
  #level: { told: number; position: string } | undefined;
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #retryMs: number;
  #failure: FilmlessError | undefined;
  #stopped = false;
  #skipped = 0;

  constructor(options: ProjectorOptions) {
    const { feed, index, onFailed = () => undefined, retryMs = 500, gatherMs = 100 } = options;
    this.#onSkipped = options.onSkipped ?? (() => undefined);
    this.#correct = options.correct;
    this.#gatherMs = gatherMs;
    this.#feed = feed;
    this.#index = index;
    this.#onFailed = onFailed;
    this.#firstRetryMs = retryMs;
    this.#retryMs = retryMs;
  }

  start(): void {
    this.#subscription ??= this.#feed.onChange(() => {
      this.#told++;
      this.#gather();
    });
    this.#index.follow?.(this);
    this.wake();
  }

  /** Changes that the index could not take since the start. */
  get skipped(): number {
    return this.#skipped;
  }

  /** There may be something new. */
  wake(): void {
    this.#told++;
    this.#run();
  }

  /**
   * Resolves when all that was committed before the call is in the index. UNAVAILABLE when it cannot be, because the index cannot
   * be written or the node stops.
   */
  async settled(): Promise<void> {
    // The catalogue tells of a commit within the turn of the event loop in which the commit resolved.
    await nextTurn();
    if (this.#stopped) throw new FilmlessError('UNAVAILABLE', 'the query index is closing');
    if (this.#isLevel()) return;
    if (this.#failure !== undefined) throw this.#failure;
    const told = this.#told;
    const head = await this.#feed.head();
    const position = this.#index.position();
    if (hasReached(position, head)) {
      this.#level = { told, position };
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ head, resolve, reject });
      this.wake();
    });
  }

  /** Projects records once more, between the changes: what holds for them is other than it was. */
  again(records: () => Promise<(InstanceRecord | undefined)[]>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#again.push({ records, resolve, reject });
      this.wake();
    });
  }

  /** Finishes the batch in hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#gathering);
    await this.#subscription?.dispose();
    await this.#running;
    const closing = new FilmlessError('UNAVAILABLE', 'the query index is closing');
    this.#failWaiters(closing);
    for (const { reject } of this.#again.splice(0)) reject(closing);
  }

  #run(): void {
    if (this.#running !== undefined || this.#stopped || this.#retry !== undefined) return;
    this.#running = this.#catchUp()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#running = undefined;
        // Told, or asked, between the last look and now.
        if (this.#waiters.length > 0 || this.#again.length > 0) this.#run();
        else if (this.#told !== this.#read) this.#gather();
      });
  }

  /** While nobody waits, what comes within a moment goes into one transaction: one for each instance would cost more than receiving it. */
  #gather(): void {
    if (this.#gathering !== undefined || this.#stopped) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      this.#run();
    }, this.#gatherMs);
  }

  /** Reads until there is nothing more and nobody waits. */
  async #catchUp(): Promise<void> {
    let emptyReads = 0;
    let oldWaiters: readonly Waiter[] = [];
    let more = true;
    while (!this.#stopped && (more || this.#waiters.length > 0 || this.#again.length > 0)) {
      this.#read = this.#told;
      more = true;
      await this.#projectAgain();
      if (emptyReads === 0) oldWaiters = this.#waiters;
      const since = this.#index.position();
      const { changes: read, lastSeq } = await this.#feed.changes(since, READ);
      const changes = await this.#corrected(read);
      if (this.#stopped) return;
      // Emptied meanwhile: what was read belongs further on.
      if (this.#index.position() !== since || !(await this.#apply(changes, since, lastSeq))) continue;
      this.#failure = undefined;
      this.#retryMs = this.#firstRetryMs;
      this.#resolveWaiters(({ head }) => hasReached(lastSeq, head));
      more = changes.length === READ;
      // A feed shared with others may answer with an older look at it. What a second look, begun after the first had ended, does not
      // show was not there when they asked.
      emptyReads = changes.length > 0 ? 0 : emptyReads + 1;
      if (emptyReads < 2) continue;
      const waiting = new Set(oldWaiters);
      this.#resolveWaiters((waiter) => waiting.has(waiter));
      emptyReads = 0;
    }
  }

  async #corrected(changes: CatalogueChange[]): Promise<CatalogueChange[]> {
    const correct = this.#correct;
    if (!correct) return changes;
    return Promise.all(
      changes.map(async (change) => (change.record ? { ...change, record: await correct(change.record) } : change)),
    );
  }

  async #projectAgain(): Promise<void> {
    for (let one = this.#again.shift(); one && !this.#stopped; one = this.#again.shift()) {
      try {
        const records = (await one.records()).filter((record) => record !== undefined);
        const seq = this.#index.position();
        const changes = records.map((record) => ({
          seq,
          id: instanceId(record.SOPInstanceUID),
          deleted: false,
          record,
        }));
        this.#applyBatch(await this.#corrected(changes), this.#index.position());
        one.resolve();
      } catch (error) {
        one.reject(error);
      }
    }
  }

  /** False when the index was emptied meanwhile, or the node stops. */
  async #apply(changes: readonly CatalogueChange[], since: string, lastSeq: string): Promise<boolean> {
    if (changes.length === 0 && lastSeq !== since) this.#index.apply([], lastSeq);
    let position = since;
    for (let start = 0; start < changes.length; start += BATCH) {
      const batch = changes.slice(start, start + BATCH);
      const isLast = start + BATCH >= changes.length;
      const reached = isLast ? lastSeq : (batch.at(-1)?.seq ?? lastSeq);
      this.#applyBatch(batch, reached);
      position = reached;
      await nextTurn();
      if (this.#stopped || this.#index.position() !== position) return false;
    }
    return true;
  }

  /** A change that the index cannot take must not keep out those after it: the batch is then taken one by one. */
  #applyBatch(batch: readonly CatalogueChange[], reached: string): void {
    try {
      this.#index.apply(batch.map(toIndexChange), reached);
    } catch (error) {
      // A disk that is full or a database that is locked fails for all alike: that is tried again.
      if (!this.#canWrite()) throw error;
      for (const change of batch) this.#applyAlone(change);
      this.#index.apply([], reached);
    }
  }

  #applyAlone(change: CatalogueChange): void {
    try {
      this.#index.apply([toIndexChange(change)], change.seq);
    } catch (error) {
      if (!this.#canWrite()) throw error;
      this.#index.apply([], change.seq);
      this.#skipped += 1;
      this.#onSkipped({ seq: change.seq, id: change.id }, error);
    }
  }

  /** Whether the index can be written at all: the position it has already is written once more. */
  #canWrite(): boolean {
    try {
      this.#index.apply([], this.#index.position());
      return true;
    } catch {
      return false;
    }
  }

  #isLevel(): boolean {
    return this.#level?.told === this.#told && this.#level.position === this.#index.position();
  }

  #failed(error: unknown): void {
    this.#onFailed(error);
    this.#failure = new FilmlessError('UNAVAILABLE', 'the query index could not be brought up to date', {
      cause: error,
    });
    this.#failWaiters(this.#failure);
    // What was told stays to be seen, so that the next run looks again.
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.wake();
    }, this.#retryMs);
    this.#retry.unref();
    this.#retryMs = Math.min(this.#retryMs * 2, 60_000);
  }

  #resolveWaiters(which: (waiter: Waiter) => boolean): void {
    const done = this.#waiters.filter(which);
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  }

  #failWaiters(error: FilmlessError): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }
}

function toIndexChange({ seq, id, deleted, record }: CatalogueChange): Parameters<QueryIndex['apply']>[0][number] {
  if (record !== undefined) return { seq, record };
  return deleted && id.startsWith(INSTANCE) ? { seq, deletedSOPInstanceUID: id.slice(INSTANCE.length) } : { seq };
}

/** Positions count up; CouchDB's have more after the number. */
function hasReached(position: string, head: string): boolean {
  if (position === head) return true;
  const [at, wanted] = [Number.parseInt(position, 10), Number.parseInt(head, 10)];
  return Number.isFinite(at) && Number.isFinite(wanted) && at >= wanted;
}
