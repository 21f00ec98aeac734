import { createHash, randomUUID } from 'node:crypto';
import { close, open as openAsync, unlink, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FilmlessError } from '../errors.ts';
import type { StagedFile } from './contract.ts';
import { DirectFile } from './direct-file.ts';
import { storageError, systemErrorCode } from './storage-error.ts';

const openFile = promisify(openAsync);
const closeFile = promisify(close);
const unlinkFile = promisify(unlink);
const writeFile = promisify(write);

/** How much of the start of a staged file stays in memory: enough for the header of most instances. */
export const HEAD_BYTES = 64 * 1024;

export interface StagedWriterOptions {
  /** Written before the first chunk, e.g. File Meta Information. */
  prefix?: Uint8Array;
  /** Write on the calling thread: for worker threads, where it is faster than the thread pool. */
  sync?: boolean;
}

/**
 * Writes what a receiver takes from the network into the staging folder and hashes it on the way.
 * Chunks are neither copied nor kept: the caller may reuse its buffer once `write` returned (or its promise resolved).
 * Either `finish` or `abort` must be called. Errors: STORAGE_FULL, STORAGE_FAILED.
 */
export class StagedWriter {
  readonly path: string;
  /** The descriptor where the thread pool writes, the file where this thread does. */
  readonly #file: number | DirectFile;
  readonly #hash = createHash('sha256');
  readonly #head = Buffer.allocUnsafeSlow(HEAD_BYTES);
  #headBytes = 0;
  #sizeBytes = 0;
  /** The write in flight, in asynchronous mode. */
  #writing: Promise<void> | undefined;
  #failure: FilmlessError | undefined;
  #state: 'writing' | 'finished' | 'aborted' = 'writing';

  private constructor(path: string, file: number | DirectFile) {
    this.path = path;
    this.#file = file;
  }

  static async open(stagingDirectory: string, options: StagedWriterOptions = {}): Promise<StagedWriter> {
    if (options.sync) return StagedWriter.openSync(stagingDirectory, options.prefix);
    const path = join(stagingDirectory, `${randomUUID()}.part`);
    let fd: number;
    try {
      fd = await openFile(path, 'wx', 0o640);
    } catch (error) {
      throw storageError(error, 'A staging file could not be created');
    }
    const writer = new StagedWriter(path, fd);
    if (options.prefix && options.prefix.length > 0) {
      try {
        await writer.write(options.prefix);
      } catch (error) {
        await writer.abort();
        throw error;
      }
    }
    return writer;
  }

  /** Opens at once, for worker threads. */
  static openSync(stagingDirectory: string, prefix?: Uint8Array): StagedWriter {
    const path = join(stagingDirectory, `${randomUUID()}.part`);
    let writer: StagedWriter;
    try {
      writer = new StagedWriter(path, new DirectFile(stagingDirectory, path, 0o640));
    } catch (error) {
      throw storageError(error, 'A staging file could not be created');
    }
    if (prefix) writer.writeMany([prefix]);
    return writer;
  }

  /** Bytes taken so far, the prefix included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The first bytes of the file, at most {@link HEAD_BYTES}. */
  get head(): Uint8Array {
    return this.#head.subarray(0, this.#headBytes);
  }

  /** Await the promise, when there is one, before the next chunk: that is the back-pressure. */
  write(chunk: Uint8Array): void | Promise<void> {
    this.#assertWriting();
    if (this.#failure) throw this.#failure;
    if (typeof this.#file !== 'number') return this.writeMany([chunk]);
    const previous = this.#writing;
    const writing = previous ? previous.then(() => this.#writeAsync(chunk)) : this.#writeAsync(chunk);
    this.#writing = writing;
    return writing;
  }

  /** Chunks that may be used again when this returns; for writers that were opened at once. */
  writeMany(chunks: readonly Uint8Array[]): void {
    this.#assertWriting();
    if (this.#failure) throw this.#failure;
    if (typeof this.#file === 'number') throw new FilmlessError('INTERNAL', 'The thread pool writes this file');
    for (const chunk of chunks) this.#take(chunk);
    try {
      this.#file.write(chunks);
    } catch (error) {
      this.#failure = storageError(error, 'A staging file could not be written');
      throw this.#failure;
    }
  }

  /** The file is whole, and not durable yet: adopting it makes it so, with its name. */
  async finish(): Promise<StagedFile> {
    this.#assertWriting();
    try {
      await this.#writing;
      if (this.#failure) throw this.#failure;
      if (typeof this.#file !== 'number') this.#file.finish();
    } catch (error) {
      await this.abort();
      throw storageError(error, 'A staging file could not be written');
    }
    this.#state = 'finished';
    await this.#close();
    return { path: this.path, sha256: this.#hash.digest('hex'), sizeBytes: this.#sizeBytes };
  }

  /** Removes the file. May be called twice, and after a failure. After `finish` it does nothing. */
  async abort(): Promise<void> {
    if (this.#state !== 'writing') return;
    this.#state = 'aborted';
    // The descriptor must not be closed under a write in flight; how that write ends no longer matters.
    await this.#writing?.catch(() => undefined);
    await this.#close();
    try {
      await unlinkFile(this.path);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw storageError(error, 'A staging file could not be removed');
    }
  }

  #assertWriting(): void {
    if (this.#state !== 'writing') throw new FilmlessError('INTERNAL', `The staging file is ${this.#state} already`);
  }

  /** What has to happen to a chunk besides writing it. */
  #take(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    if (this.#headBytes < HEAD_BYTES) {
      const part = chunk.subarray(0, HEAD_BYTES - this.#headBytes);
      this.#head.set(part, this.#headBytes);
      this.#headBytes += part.length;
    }
    this.#sizeBytes += chunk.length;
  }

  async #writeAsync(chunk: Uint8Array): Promise<void> {
    try {
      // The write is under way in the thread pool while this thread hashes.
      const writing = this.#writeWhole(chunk);
      this.#take(chunk);
      await writing;
    } catch (error) {
      this.#failure ??= storageError(error, 'A staging file could not be written');
      throw this.#failure;
    }
  }

  async #writeWhole(chunk: Uint8Array): Promise<void> {
    if (typeof this.#file !== 'number') return;
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await writeFile(this.#file, chunk, done, chunk.length - done, null);
      done += bytesWritten;
    }
  }

  async #close(): Promise<void> {
    if (typeof this.#file === 'number') await closeFile(this.#file);
    else this.#file.close();
  }
}
