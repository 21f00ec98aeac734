import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  assertBlobName,
  type BlobStat,
  type BlobStorage,
  type ByteSource,
  FilmlessError,
  FreeSpace,
  type QuarantineEntry,
  readDiskSpace,
  SHA256_PATTERN,
  type StagedFile,
  type StorageUsage,
  storageError,
  type Tally,
  UsageCounter,
} from '@filmless/core/plugin';
import type { S3Config } from './config.ts';
import { ObjectSource } from './object-source.ts';
import { type ObjectStat, ObjectStore } from './object-store.ts';
import { S3Quarantine } from './s3-quarantine.ts';

/** `abc/<sha256>`, as in the file-system store. */
const SHARD_DIGITS = 3;
const GIB = 2 ** 30;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

export interface S3StorageOptions {
  config: S3Config & { bucket: string };
  /** On this machine, this node's alone: what is in it at the start is removed. */
  stagingDirectory: string;
  /** Told what goes on without an answer: the store is away at the start, blobs cannot be counted. */
  onProblem: (problem: string, error: unknown) => void;
}

/**
 * Blobs as objects `<prefix>/abc/<sha256>` of a bucket that any number of nodes may share. A blob is durable when the store acknowledged it whole;
 * only then does the staged file go. Nothing in the bucket is locked, and nothing is cleaned up at the start: other nodes may be writing it.
 */
export class S3Storage implements BlobStorage {
  readonly stagingDirectory: string;
  /** Nobody can tell who else writes into a bucket. */
  readonly isShared = true;
  readonly #store: ObjectStore;
  readonly #freeSpace: FreeSpace;
  readonly #usage: UsageCounter;
  readonly #quarantine: S3Quarantine;
  /** Adoption or removal under way, by content: the same blob is changed by one at a time. */
  readonly #changing = new Map<string, Promise<unknown>>();
  readonly #closing = new AbortController();
  #counting: Promise<void> = Promise.resolve();

  private constructor({ config, stagingDirectory }: S3StorageOptions) {
    this.stagingDirectory = stagingDirectory;
    this.#store = new ObjectStore(config);
    this.#freeSpace = new FreeSpace(config.freeSpaceFloorGiB * GIB, () => readDiskSpace(stagingDirectory));
    this.#usage = new UsageCounter((prefix) => this.#tally(prefix));
    this.#quarantine = new S3Quarantine(this.#store);
  }

  /** CONFIG_INVALID when bucket or credentials are wrong. A store that is merely away is no reason not to start. */
  static async open(options: S3StorageOptions): Promise<S3Storage> {
    const storage = new S3Storage(options);
    try {
      await storage.#prepareStaging();
      await storage.check();
    } catch (error) {
      if (!(error instanceof FilmlessError && error.code === 'UNAVAILABLE')) {
        storage.#store.close();
        throw error;
      }
      options.onProblem('The object store does not answer; nothing can be stored or read until it does', error);
    }
    storage.#counting = storage.#count(options.onProblem);
    return storage;
  }

  /** CONFIG_INVALID, STORAGE_FAILED or UNAVAILABLE when the bucket cannot be used now. */
  check(): Promise<void> {
    return this.#store.check();
  }

  /** Room is needed where objects arrive; the object store itself says when it is full. */
  ensureSpace(sizeBytes: number): Promise<void> {
    return this.#freeSpace.admit(sizeBytes);
  }

  /** Also replaces a blob of the same content: what was just received is whole, an old copy may be damaged. */
  async adopt(staged: StagedFile): Promise<BlobStat> {
    const { sha256, sizeBytes, path } = staged;
    return this.#change(sha256, async () => {
      const former = await this.#store.head(keyOf(sha256));
      await this.#store.putFile(keyOf(sha256), staged);
      await rm(path, { force: true });
      return {
        result: { sha256, sizeBytes },
        blobs: former ? 0 : 1,
        bytes: sizeBytes - (former?.sizeBytes ?? 0),
      };
    });
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.stat(sha256)) !== undefined;
  }

  async stat(sha256: string): Promise<BlobStat | undefined> {
    const found = await this.#store.head(keyOf(sha256));
    return found && toBlobStat(sha256, found);
  }

  async stream(sha256: string, range?: { start: number; end: number }): Promise<Readable> {
    if (range && !(range.start >= 0 && range.start < range.end)) throw new FilmlessError('RANGE_NOT_SATISFIABLE');
    const stream = await this.#store.get(keyOf(sha256), range);
    if (!stream) throw new FilmlessError('BLOB_MISSING', sha256);
    return stream;
  }

  async open(sha256: string): Promise<ByteSource & { close(): Promise<void> }> {
    const source = await ObjectSource.open(this.#store, keyOf(sha256));
    if (!source) throw new FilmlessError('BLOB_MISSING', sha256);
    return source;
  }

  async *list(): AsyncIterable<BlobStat> {
    for await (const found of this.#store.list('')) {
      const sha256 = nameIn(found.key);
      if (sha256) yield toBlobStat(sha256, found);
    }
  }

  async verify(sha256: string): Promise<boolean> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of await this.stream(sha256)) hash.update(chunk as Uint8Array);
    } catch (error) {
      if (error instanceof FilmlessError) throw error;
      throw new FilmlessError('UNAVAILABLE', 'The object store broke off while an object was read', { cause: error });
    }
    return hash.digest('hex') === sha256;
  }

  async remove(sha256: string): Promise<void> {
    await this.#change(sha256, async () => {
      const former = await this.#store.head(keyOf(sha256));
      if (former) await this.#store.delete(keyOf(sha256));
      return { result: undefined, blobs: former ? -1 : 0, bytes: -(former?.sizeBytes ?? 0) };
    });
  }

  /** Room is that of the staging folder; the blobs are those of the bucket, as far as this node has seen them come and go. */
  async usage(): Promise<StorageUsage> {
    return {
      ...(await this.#freeSpace.current()),
      floorBytes: this.#freeSpace.floorBytes,
      usedByBlobsBytes: this.#usage.bytes,
      blobCount: this.#usage.count,
      counting: !this.#usage.complete,
    };
  }

  quarantine(staged: StagedFile, entry: Omit<QuarantineEntry, 'id' | 'sizeBytes'>): Promise<QuarantineEntry> {
    return this.#quarantine.add(staged, entry);
  }

  listQuarantine(): Promise<QuarantineEntry[]> {
    return this.#quarantine.list();
  }

  streamQuarantine(id: string): Promise<Readable> {
    return this.#quarantine.stream(id);
  }

  removeQuarantine(id: string): Promise<void> {
    return this.#quarantine.remove(id);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#usage.stop();
    await Promise.allSettled([this.#counting, ...this.#changing.values()]);
    this.#store.close();
  }

  /** What was staged and not adopted was never acknowledged. */
  async #prepareStaging(): Promise<void> {
    try {
      await mkdir(this.stagingDirectory, { recursive: true, mode: 0o750 });
      for (const name of await readdir(this.stagingDirectory)) {
        if (name.endsWith('.part')) await rm(join(this.stagingDirectory, name), { force: true });
      }
    } catch (error) {
      throw storageError(error, 'The staging folder cannot be used');
    }
  }

  /** Until it is done: a store that is away at the start is counted when it is back. */
  async #count(onProblem: S3StorageOptions['onProblem']): Promise<void> {
    const { signal } = this.#closing;
    for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      try {
        await this.#usage.countAll();
        return;
      } catch (error) {
        if (signal.aborted) return;
        onProblem('The blobs could not be counted yet', error);
        await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #tally(prefix: string): Promise<Tally[]> {
    const tallies = new Map<string, Tally>();
    for await (const { key, sizeBytes } of this.#store.list(prefix)) {
      if (!nameIn(key)) continue;
      const shard = key.slice(0, SHARD_DIGITS);
      const tally = tallies.get(shard) ?? { shard, count: 0, bytes: 0 };
      tally.count += 1;
      tally.bytes += sizeBytes;
      tallies.set(shard, tally);
    }
    return [...tallies.values()];
  }

  async #change<T>(sha256: string, change: () => Promise<{ result: T; blobs: number; bytes: number }>): Promise<T> {
    assertBlobName(sha256);
    const counted = async () => {
      const ended = this.#usage.begin(sha256);
      try {
        const { result, blobs, bytes } = await change();
        ended(blobs, bytes);
        return result;
      } catch (error) {
        ended(0, 0);
        throw error;
      }
    };
    const previous = this.#changing.get(sha256);
    const mine = previous ? previous.then(counted, counted) : counted();
    this.#changing.set(sha256, mine);
    try {
      return await mine;
    } finally {
      if (this.#changing.get(sha256) === mine) this.#changing.delete(sha256);
    }
  }
}

function keyOf(sha256: string): string {
  assertBlobName(sha256);
  return `${sha256.slice(0, SHARD_DIGITS)}/${sha256}`;
}

/** The blob's name, when the key is a blob's. */
function nameIn(key: string): string | undefined {
  const name = key.slice(SHARD_DIGITS + 1);
  return SHA256_PATTERN.test(name) && key === keyOf(name) ? name : undefined;
}

function toBlobStat(sha256: string, { sizeBytes, storedAtMs }: ObjectStat): BlobStat {
  return { sha256, sizeBytes, ...(storedAtMs !== undefined && { storedAtMs }) };
}
