import { Buffer } from 'node:buffer';
import { type ByteSource, FilmlessError } from '@filmless/core/plugin';
import type { ObjectStore } from './object-store.ts';

/** A CT or MR slice with its header: most objects are read whole by the request that opens them. */
const WINDOW_BYTES = 1024 * 1024;

/** Random access to an object with few requests: a request costs more than the bytes around those that are asked for. */
export class ObjectSource implements ByteSource {
  readonly sizeBytes: number;
  readonly #store: ObjectStore;
  readonly #key: string;
  #window: { start: number; bytes: Buffer };

  private constructor(store: ObjectStore, key: string, sizeBytes: number, head: Buffer) {
    this.#store = store;
    this.#key = key;
    this.sizeBytes = sizeBytes;
    this.#window = { start: 0, bytes: head };
  }

  /** Undefined when there is no such object. */
  static async open(store: ObjectStore, key: string): Promise<ObjectSource | undefined> {
    const begin = await store.begin(key, WINDOW_BYTES);
    return begin && new ObjectSource(store, key, begin.sizeBytes, begin.bytes);
  }

  async read(start: number, lengthBytes: number): Promise<Uint8Array> {
    const end = Math.min(start + lengthBytes, this.sizeBytes);
    if (start >= end) return new Uint8Array();
    const known = this.#window;
    if (start >= known.start && end <= known.start + known.bytes.length) return slice(known, start, end);
    if (end - start >= WINDOW_BYTES) return this.#get(start, end);
    const window = { start, bytes: await this.#get(start, Math.min(start + WINDOW_BYTES, this.sizeBytes)) };
    this.#window = window;
    return slice(window, start, end);
  }

  async close(): Promise<void> {
    this.#window = { start: 0, bytes: Buffer.alloc(0) };
  }

  async #get(start: number, end: number): Promise<Buffer> {
    const stream = await this.#store.get(this.#key, { start, end });
    if (!stream) throw new FilmlessError('BLOB_MISSING');
    return this.#store.collect(stream);
  }
}

/** A copy: whoever asked may hand its memory on to a thread. */
function slice(window: { start: number; bytes: Buffer }, start: number, end: number): Uint8Array {
  return Uint8Array.from(window.bytes.subarray(start - window.start, end - window.start));
}
