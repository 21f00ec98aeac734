import { closeSync, constants, ftruncateSync, openSync, writeSync, writevSync } from 'node:fs';
import { systemErrorCode } from './storage-error.ts';

/** What memory, position and length of a direct write must be multiples of, on any disk in use. */
const BLOCK_BYTES = 4096;
/** A CT slice with its header goes to the disk in one write. */
const SLOT_BYTES = 1024 * 1024;
/** So many instances of a thread can be on their way at once; further ones go through the page cache. */
const SLOTS = 16;
const PAGE_BYTES = 64 * 1024;
/** POSIX lets one call take so many buffers. */
const MAX_VECTORS = 1024;

/** What is used of it; Node's types leave it out. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

/** Memory of this thread that begins on a page, as WebAssembly's does; it is used only once it is written to. */
let memory: ArrayBuffer | undefined;
const freeSlots: number[] = [];

/** Folders on file systems that turned out to have no direct writes, such as tmpfs. */
const withoutDirect = new Set<string>();

function takeSlot(): Buffer | undefined {
  if (!memory) {
    memory = new WebAssembly.Memory({ initial: (SLOTS * SLOT_BYTES) / PAGE_BYTES }).buffer;
    for (let slot = 0; slot < SLOTS; slot += 1) freeSlots.push(slot * SLOT_BYTES);
  }
  const offset = freeSlots.pop();
  return offset === undefined ? undefined : Buffer.from(memory, offset, SLOT_BYTES);
}

/**
 * A new file that is written from front to back on the calling thread, past the page cache where the file system can (`O_DIRECT`). What an archive
 * receives is seldom read soon; writing it through the cache costs several times the processor time, and throws out of it what is read.
 */
export class DirectFile {
  readonly #path: string;
  readonly #folder: string;
  #fd: number;
  #slot: Buffer | undefined;
  #filled = 0;
  #sizeBytes = 0;

  /** Throws what the system says when the file is there already or cannot be made. */
  constructor(folder: string, path: string, mode: number) {
    this.#path = path;
    this.#folder = folder;
    const slot = constants.O_DIRECT === undefined || withoutDirect.has(folder) ? undefined : takeSlot();
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    try {
      this.#fd = slot ? this.#openDirect(flags, mode) : openSync(path, flags, mode);
    } catch (error) {
      if (slot) freeSlots.push(slot.byteOffset);
      throw error;
    }
    if (withoutDirect.has(folder) && slot) freeSlots.push(slot.byteOffset);
    else this.#slot = slot;
  }

  /** The chunks may be used again when this returns. */
  write(chunks: readonly Uint8Array[]): void {
    if (!this.#slot) {
      this.#writeAll(chunks);
      return;
    }
    for (const chunk of chunks) {
      let done = 0;
      while (done < chunk.length) {
        const part = chunk.subarray(done, done + SLOT_BYTES - this.#filled);
        this.#slot.set(part, this.#filled);
        this.#filled += part.length;
        done += part.length;
        if (this.#filled === SLOT_BYTES) this.#writeSlot(this.#slot, SLOT_BYTES);
      }
    }
  }

  /** Writes what is left. The file is whole, and not durable yet. */
  finish(): void {
    const slot = this.#slot;
    if (slot && this.#filled > 0) {
      const wanted = this.#sizeBytes + this.#filled;
      const padded = Math.ceil(this.#filled / BLOCK_BYTES) * BLOCK_BYTES;
      slot.fill(0, this.#filled, padded);
      this.#writeSlot(slot, padded);
      ftruncateSync(this.#fd, wanted);
      this.#sizeBytes = wanted;
    }
    this.#filled = 0;
    this.close();
  }

  /** After this the file is left as it is. */
  close(): void {
    this.#release();
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    closeSync(fd);
  }

  #openDirect(flags: number, mode: number): number {
    try {
      return openSync(this.#path, flags | constants.O_DIRECT, mode);
    } catch (error) {
      if (systemErrorCode(error) !== 'EINVAL') throw error;
      withoutDirect.add(this.#folder);
      return openSync(this.#path, constants.O_CREAT | constants.O_WRONLY, mode);
    }
  }

  #writeSlot(slot: Buffer, lengthBytes: number): void {
    for (let done = 0; done < lengthBytes; ) {
      try {
        done += writeSync(this.#fd, slot, done, lengthBytes - done, this.#sizeBytes + done);
      } catch (error) {
        this.#withoutDirect(error);
      }
    }
    this.#sizeBytes += lengthBytes;
    this.#filled = 0;
  }

  /** Some file systems say only at the first write that they cannot: then the file is opened the plain way. */
  #withoutDirect(error: unknown): void {
    if (systemErrorCode(error) !== 'EINVAL' || withoutDirect.has(this.#folder)) throw error;
    withoutDirect.add(this.#folder);
    closeSync(this.#fd);
    this.#fd = -1;
    this.#fd = openSync(this.#path, constants.O_WRONLY);
  }

  #writeAll(chunks: readonly Uint8Array[]): void {
    let left = chunks;
    while (left.length > 0) {
      const some = left.slice(0, MAX_VECTORS);
      left = [...afterWritten(some, writevSync(this.#fd, some)), ...left.slice(MAX_VECTORS)];
    }
  }

  #release(): void {
    if (this.#slot) freeSlots.push(this.#slot.byteOffset);
    this.#slot = undefined;
  }
}

/** What is left of `chunks` when the disk took so many bytes of them. */
function afterWritten(chunks: readonly Uint8Array[], written: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = written;
  for (const chunk of chunks) {
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      left.push(skip > 0 ? chunk.subarray(skip) : chunk);
      skip = 0;
    }
  }
  return left;
}
