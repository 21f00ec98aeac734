import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteSource } from '../dicom/types.ts';
import { FilmlessError } from '../errors.ts';
import type { BlobStat, BlobStorage, FetchOptions, StagedFile } from './contract.ts';
import type { BlobSource } from './sources.ts';
import { StagedWriter } from './staged-writer.ts';

/** From this size on, whoever wants a part of an absent blob is not made to wait for all of it. */
const PASS_THROUGH_BYTES = 64 * 1024 * 1024;
const PASS_THROUGH_PART_BYTES = 16 * 1024 * 1024;
/** Sources that are on this node: a larger disk, a compressed form. */
export const OWN_SOURCES = 49;

/** How long whoever opens a blob waits for a source that cannot be asked just now: a node that starts again, a line that comes back. */
const VIEWING_WAIT_MS = 15_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

export interface FetchingStorageOptions {
  storage: BlobStorage;
  /** See `VIEWING_WAIT_MS`. */
  viewingWaitMs?: number;
  /** The sources there are now, in any order. */
  sources: () => readonly BlobSource[];
  /** Told when a source fails; no patient data. */
  onProblem: (problem: string, error: unknown) => void;
}

/**
 * The node's store, which brings in what it lacks: who opens a blob that is elsewhere gets it, and from then on it is here. `has`, `stat`, `verify`,
 * `list` and `remove` speak of the own store alone.
 */
export class FetchingStorage implements BlobStorage {
  readonly #own: BlobStorage;
  readonly #options: FetchingStorageOptions;
  /** One fetch for all who wait for the same blob. */
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(options: FetchingStorageOptions) {
    this.#own = options.storage;
    this.#options = options;
  }

  get stagingDirectory(): string {
    return this.#own.stagingDirectory;
  }

  get placeDirectory(): string | undefined {
    return this.#own.placeDirectory;
  }

  get isShared(): boolean {
    return this.#own.isShared ?? false;
  }

  async stream(sha256: string, range?: { start: number; end: number }): Promise<Readable> {
    try {
      return await this.#own.stream(sha256, range);
    } catch (error) {
      if (!isMissing(error)) throw error;
      const part = range && (await this.#passThrough(sha256, range));
      if (part) return part;
      await this.#bring(sha256, error);
      return this.#own.stream(sha256, range);
    }
  }

  async open(sha256: string): Promise<ByteSource & { close(): Promise<void> }> {
    try {
      return await this.#own.open(sha256);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#bring(sha256, error);
      return this.#own.open(sha256);
    }
  }

  async fetch(sha256: string, options: FetchOptions): Promise<boolean> {
    if (await this.#own.has(sha256)) return true;
    const keyOf = (priority: string) => `${sha256} ${options.maxOrder ?? ''} ${priority}`;
    const key = keyOf(options.priority);
    // Who looks at it waits for no transfer of the background, which may be held back or have stalled.
    const underWay = this.#underWay.get(keyOf('viewing')) ?? this.#underWay.get(key);
    if (underWay) return underWay;
    const fetching = this.#fetch(sha256, options).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, fetching);
    return fetching;
  }

  ensureSpace(sizeBytes: number): Promise<void> {
    return this.#own.ensureSpace(sizeBytes);
  }
  adopt(staged: StagedFile): Promise<BlobStat> {
    return this.#own.adopt(staged);
  }
  has(sha256: string): Promise<boolean> {
    return this.#own.has(sha256);
  }
  stat(sha256: string): Promise<BlobStat | undefined> {
    return this.#own.stat(sha256);
  }
  list(): AsyncIterable<BlobStat> {
    return this.#own.list();
  }
  verify(sha256: string): Promise<boolean> {
    return this.#own.verify(sha256);
  }
  remove(sha256: string): Promise<void> {
    return this.#own.remove(sha256);
  }
  usage(): ReturnType<BlobStorage['usage']> {
    return this.#own.usage();
  }
  quarantine(...given: Parameters<BlobStorage['quarantine']>): ReturnType<BlobStorage['quarantine']> {
    return this.#own.quarantine(...given);
  }
  listQuarantine(): ReturnType<BlobStorage['listQuarantine']> {
    return this.#own.listQuarantine();
  }
  streamQuarantine(id: string): Promise<Readable> {
    return this.#own.streamQuarantine(id);
  }
  removeQuarantine(id: string): Promise<void> {
    return this.#own.removeQuarantine(id);
  }
  close(): Promise<void> {
    return this.#own.close();
  }

  async #bring(sha256: string, missing: unknown): Promise<void> {
    const { viewingWaitMs = VIEWING_WAIT_MS } = this.#options;
    const until = performance.now() + viewingWaitMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        if (await this.fetch(sha256, { priority: 'viewing' })) return;
        throw missing;
      } catch (error) {
        const mayComeBack = error instanceof FilmlessError && isUnavailable(error) && isUnavailable(error.cause);
        if (!mayComeBack || performance.now() + pauseMs > until) throw error;
        await sleep(pauseMs);
      }
    }
  }

  async #fetch(
    sha256: string,
    { priority, signal, maxOrder = Number.POSITIVE_INFINITY }: FetchOptions,
  ): Promise<boolean> {
    let unavailable: unknown;
    for (const source of this.#sources(maxOrder)) {
      signal?.throwIfAborted();
      let staged: StagedFile | undefined;
      try {
        const stream = await source.stream(sha256, undefined, { priority, ...(signal && { signal }) });
        if (!stream) continue;
        staged = await this.#stage(stream);
      } catch (error) {
        // Room and the own disk are no fault of the source: the next one would meet the same.
        if (signal?.aborted || (error instanceof FilmlessError && error.code.startsWith('STORAGE_'))) throw error;
        this.#options.onProblem('A blob could not be had from a source', error);
        unavailable = error;
        continue;
      }
      if (staged.sha256 === sha256) {
        await this.#own.adopt(staged);
        return true;
      }
      await rm(staged.path, { force: true });
      unavailable = new FilmlessError('BLOB_CORRUPT', sha256);
      this.#options.onProblem('A source gave other bytes than the hash promises', unavailable);
    }
    if (unavailable !== undefined) {
      throw new FilmlessError('UNAVAILABLE', 'The bytes are elsewhere and cannot be had now', { cause: unavailable });
    }
    return false;
  }

  /** A part of a blob that is too large to wait for; the whole of it is fetched behind it. */
  async #passThrough(sha256: string, range: { start: number; end: number }): Promise<Readable | undefined> {
    if (range.start < PASS_THROUGH_BYTES && range.end - range.start > PASS_THROUGH_PART_BYTES) return undefined;
    if (range.end < PASS_THROUGH_BYTES) return undefined;
    for (const source of this.#sources(Number.POSITIVE_INFINITY)) {
      try {
        const stream = await source.stream(sha256, range, { priority: 'viewing' });
        if (!stream) continue;
        this.fetch(sha256, { priority: 'background' }).catch((error: unknown) =>
          this.#options.onProblem('A blob that is looked at could not be fetched', error),
        );
        return stream;
      } catch (error) {
        this.#options.onProblem('A blob could not be had from a source', error);
      }
    }
    return undefined;
  }

  async #stage(stream: Readable): Promise<StagedFile> {
    const writer = await StagedWriter.open(this.#own.stagingDirectory);
    try {
      for await (const chunk of stream) {
        if (!(chunk instanceof Uint8Array)) throw new FilmlessError('INTERNAL', 'A source must give bytes');
        await this.#own.ensureSpace(chunk.length);
        await writer.write(chunk);
      }
      return await writer.finish();
    } catch (error) {
      stream.destroy();
      await writer.abort();
      throw error;
    }
  }

  #sources(maxOrder: number): BlobSource[] {
    return this.#options
      .sources()
      .filter(({ order }) => order <= maxOrder)
      .sort((one, other) => one.order - other.order);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof FilmlessError && error.code === 'BLOB_MISSING';
}

function isUnavailable(error: unknown): boolean {
  return FilmlessError.from(error).code === 'UNAVAILABLE';
}
