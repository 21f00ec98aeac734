import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type ByteSource, FilmlessError, type InstanceRecord } from '@filmless/core/plugin';
import type { CodecThread } from './compact/codec-thread.ts';
import { compressible, readCompact, writeCompact } from './compact/compact-file.ts';

const COMPACT = '.compact';
const SHA256 = /^[0-9a-f]{64}$/;
/** A compact form that saves less is not worth the work of opening it. */
const WORTH = 0.95;

interface Found {
  path: string;
  isCompact: boolean;
  bytes: number;
}

/** A folder of blobs named by the hash of the original, each as it is or in its compact form: `abc/<sha256>` or `abc/<sha256>.compact`. */
export class Shelf {
  readonly #directory: string;
  readonly #codec: CodecThread;

  constructor(directory: string, codec: CodecThread) {
    this.#directory = directory;
    this.#codec = codec;
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#find(sha256)) !== undefined;
  }

  /** Undefined when it is not here. `end` exclusive. */
  async stream(sha256: string, range?: { start: number; end: number }): Promise<Readable | undefined> {
    const found = await this.#find(sha256);
    if (!found) return undefined;
    if (found.isCompact) return Readable.from(readCompact(found.path, this.#codec, range), { objectMode: false });
    return createReadStream(found.path, range && { start: range.start, end: range.end - 1 });
  }

  /** Random access to the original. Undefined when it is not here. */
  async open(sha256: string, sizeBytes: number): Promise<ByteSource | undefined> {
    if (!(await this.has(sha256))) return undefined;
    return {
      sizeBytes,
      read: async (offsetBytes, lengthBytes) => {
        const end = Math.min(sizeBytes, offsetBytes + lengthBytes);
        if (end <= offsetBytes) return new Uint8Array();
        const stream = await this.stream(sha256, { start: offsetBytes, end });
        if (!stream) throw new FilmlessError('BLOB_MISSING', sha256);
        return buffer(stream);
      },
    };
  }

  /**
   * Puts a blob here, durably, and reads it back: when this resolves, its bytes were compared with the hash. `compact: 'only'` gives undefined when the
   * compact form would save nothing; 'if-smaller' takes it as it is then. Resolves to the bytes it takes here.
   */
  async put(
    original: ByteSource,
    record: Pick<InstanceRecord, 'sha256' | 'dataset' | 'bulkData' | 'transferSyntaxUID' | 'sizeBytes'>,
    options: { compact: 'only' | 'if-smaller'; signal?: AbortSignal },
  ): Promise<number | undefined> {
    const { sha256 } = record;
    const there = await this.#find(sha256);
    if (there) {
      if (await this.verify(sha256)) return there.bytes;
      await rm(there.path);
    }
    const path = this.#path(sha256);
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const asCompact = await this.#writeCompact(`${path}${COMPACT}`, original, record, options.signal);
    if (!asCompact && options.compact === 'only') return undefined;
    if (!asCompact) await this.#writePlain(path, original, options.signal);
    await syncFolder(dirname(path));
    return (await this.#find(sha256))?.bytes;
  }

  /** Rebuilds the original and compares it with its name. False when it is damaged or not here. */
  async verify(sha256: string): Promise<boolean> {
    const found = await this.#find(sha256);
    return found !== undefined && (await this.#isGood(found, sha256));
  }

  /** A damaged file stays for a person to look at, under another name. */
  async setAside(sha256: string): Promise<void> {
    const found = await this.#find(sha256);
    if (found) await rename(found.path, `${found.path}.damaged`);
  }

  async remove(sha256: string): Promise<void> {
    const path = this.#path(sha256);
    await rm(path, { force: true });
    await rm(`${path}${COMPACT}`, { force: true });
  }

  async #writeCompact(
    path: string,
    original: ByteSource,
    record: Parameters<Shelf['put']>[1],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (!compressible(record)) return false;
    const partial = `${path}.part`;
    await rm(partial, { force: true });
    try {
      await writeCompact(partial, original, record, this.#codec, signal);
      const { size } = await stat(partial);
      const isGood = await this.#isGood({ path: partial, isCompact: true, bytes: size }, record.sha256);
      if (!isGood || size > original.sizeBytes * WORTH) return false;
      await rename(partial, path);
      return true;
    } catch (error) {
      // An image that the codec does not take stays as it is.
      if (error instanceof FilmlessError && error.code === 'DECODE_FAILED') return false;
      throw error;
    } finally {
      await rm(partial, { force: true });
    }
  }

  async #writePlain(path: string, original: ByteSource, signal: AbortSignal | undefined): Promise<void> {
    const partial = `${path}.part`;
    await rm(partial, { force: true });
    const file = await open(partial, 'wx', 0o640);
    try {
      for (let at = 0; at < original.sizeBytes; at += 2 ** 20) {
        signal?.throwIfAborted();
        await file.write(await original.read(at, Math.min(2 ** 20, original.sizeBytes - at)));
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const sha256 = path.slice(-64);
    if (!(await this.#isGood({ path: partial, isCompact: false, bytes: 0 }, sha256))) {
      await rm(partial, { force: true });
      throw new FilmlessError('BLOB_CORRUPT', sha256);
    }
    await rename(partial, path);
  }

  async #isGood({ path, isCompact }: Found, sha256: string): Promise<boolean> {
    const hash = createHash('sha256');
    try {
      const bytes = isCompact ? Readable.from(readCompact(path, this.#codec)) : createReadStream(path);
      await pipeline(bytes, async (source) => {
        for await (const chunk of source) hash.update(chunk as Uint8Array);
      });
    } catch (error) {
      if (error instanceof FilmlessError && error.code === 'UNAVAILABLE') throw error;
      return false;
    }
    return hash.digest('hex') === sha256;
  }

  async #find(sha256: string): Promise<Found | undefined> {
    const plain = this.#path(sha256);
    for (const path of [plain, `${plain}${COMPACT}`]) {
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw new FilmlessError('UNAVAILABLE', 'the folder of kept images cannot be read', { cause: error });
      });
      if (found) return { path, isCompact: path !== plain, bytes: found.size };
    }
    return undefined;
  }

  #path(sha256: string): string {
    if (!SHA256.test(sha256)) throw new FilmlessError('INVALID_REQUEST', 'A blob is named by its SHA-256');
    return join(this.#directory, sha256.slice(0, 3), sha256);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
