import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { FilmlessError } from '../errors.ts';
import type { ByteSource } from './types.ts';

/** A part of the bytes being read. */
export interface Window {
  readonly bytes: Buffer;
  /** Offset of `bytes` in the whole. */
  readonly offsetBytes: number;
  /** Nothing follows `bytes`. */
  readonly isEnd: boolean;
}

/** Bytes given in windows, going forward only. */
export interface Windows {
  /** Size of the whole, when it is known before reading. */
  readonly sizeBytes: number | undefined;
  /** A window that starts at `offsetBytes` and has `lengthBytes` bytes, or all that there are. */
  load(offsetBytes: number, lengthBytes: number): Promise<Window>;
  close(): void;
}

const FIRST_WINDOW_BYTES = 64 * 1024;
const LARGEST_WINDOW_BYTES = 1024 * 1024;

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A source over bytes in memory. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.byteLength,
    read: (offsetBytes, lengthBytes) => Promise.resolve(bytes.subarray(offsetBytes, offsetBytes + lengthBytes)),
  };
}

/** Windows over a source; each is twice as large as the one before, so that long headers need few reads. */
export class SourceWindows implements Windows {
  readonly sizeBytes: number;
  readonly #source: ByteSource;
  readonly #head: Uint8Array;
  #nextBytes = FIRST_WINDOW_BYTES;

  /** `head`: the first bytes of the source that are in memory already. */
  constructor(source: ByteSource, head: Uint8Array) {
    this.#source = source;
    this.#head = head;
    this.sizeBytes = source.sizeBytes;
  }

  async load(offsetBytes: number, lengthBytes: number): Promise<Window> {
    if (offsetBytes + lengthBytes <= this.#head.byteLength) {
      return {
        bytes: asBuffer(this.#head.subarray(offsetBytes)),
        offsetBytes,
        isEnd: this.#head.byteLength >= this.sizeBytes,
      };
    }
    const wanted = Math.min(Math.max(lengthBytes, this.#nextBytes), Math.max(0, this.sizeBytes - offsetBytes));
    this.#nextBytes = Math.min(this.#nextBytes * 2, LARGEST_WINDOW_BYTES);
    const bytes = wanted === 0 ? new Uint8Array(0) : await this.#source.read(offsetBytes, wanted);
    // A file that got shorter while it was read ends where the bytes end.
    const isEnd = bytes.byteLength < wanted || offsetBytes + bytes.byteLength >= this.sizeBytes;
    return { bytes: asBuffer(bytes), offsetBytes, isEnd };
  }

  close(): void {}
}

/** Windows over the inflated bytes of a deflated data set; inflates no further than asked. @dicom PS3.5 A.5 */
export class InflatedWindows implements Windows {
  readonly sizeBytes = undefined;
  readonly #inflate: InflateRaw;
  readonly #output: AsyncIterator<Buffer>;
  readonly #input: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);
  #offsetBytes = 0;
  #isEnd = false;

  constructor(source: ByteSource, offsetBytes: number) {
    this.#inflate = createInflateRaw({ chunkSize: 64 * 1024 });
    this.#input = readInChunks(source, offsetBytes);
    this.#output = this.#inflate[Symbol.asyncIterator]();
    void this.#feed();
  }

  async load(offsetBytes: number, lengthBytes: number): Promise<Window> {
    const parts: Buffer[] = [this.#buffer];
    let start = this.#offsetBytes;
    let end = start + this.#buffer.byteLength;
    while (end < offsetBytes + lengthBytes && !this.#isEnd) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      // What lies before the window is dropped at once: skipped values may be larger than memory.
      if (end <= offsetBytes) {
        parts.length = 0;
        start = end;
      }
      parts.push(chunk);
      end += chunk.byteLength;
    }
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    this.#buffer = all.subarray(Math.min(Math.max(0, offsetBytes - start), all.byteLength));
    this.#offsetBytes = Math.min(offsetBytes, end);
    return { bytes: this.#buffer, offsetBytes: this.#offsetBytes, isEnd: this.#isEnd };
  }

  close(): void {
    this.#inflate.destroy();
  }

  async #next(): Promise<Buffer | undefined> {
    try {
      const { value, done } = await this.#output.next();
      if (!done) return value;
      this.#isEnd = true;
      return undefined;
    } catch (error) {
      if (error instanceof FilmlessError) throw error;
      if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR') {
        throw new FilmlessError('DICOM_TRUNCATED', 'the deflated data set ends too early', { cause: error });
      }
      throw new FilmlessError('DICOM_MALFORMED', 'the deflated data set cannot be inflated', { cause: error });
    }
  }

  async #feed(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#input.next();
        if (done || this.#inflate.destroyed) break;
        if (!this.#inflate.write(value)) await this.#drained();
      }
      this.#inflate.end();
    } catch (error) {
      this.#inflate.destroy(error instanceof Error ? error : new Error('The source could not be read'));
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#inflate.off('drain', done).off('close', done);
        resolve();
      };
      this.#inflate.on('drain', done).on('close', done);
    });
  }
}

async function* readInChunks(source: ByteSource, offsetBytes: number): AsyncGenerator<Uint8Array> {
  let position = offsetBytes;
  while (position < source.sizeBytes) {
    const bytes = await source.read(position, Math.min(FIRST_WINDOW_BYTES, source.sizeBytes - position));
    if (bytes.byteLength === 0) return;
    position += bytes.byteLength;
    yield bytes;
  }
}
