/** Start and end of a message on the wire. HL7 MLLP release 1 */
export const VT = 0x0b;
export const FS = 0x1c;
export const CR = 0x0d;
const LF = 0x0a;
/** Kept of a message that is too long, to answer it. */
const MOST_HEAD_BYTES = 4096;
const MOST_STRAY_BYTES = 1024;

export type Frame =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** Longer than allowed; all of it has passed by. `head` is its beginning. */
  | { readonly kind: 'too-long'; readonly head: Buffer }
  /** Another one began before its end. */
  | { readonly kind: 'cut-off'; readonly head: Buffer }
  /** Bytes that are no MLLP; nothing more is read. */
  | { readonly kind: 'stray' };

export function frame(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(VT), bytes, Buffer.of(FS, CR)]);
}

/** Cuts what a connection sends into messages, and never keeps more than one of the longest. */
export class FrameReader {
  readonly #maxMessageBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #strayBytes = 0;
  #inside = false;
  #tooLong = false;
  #closed = false;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Inside a message that has not ended. */
  get unfinished(): boolean {
    return this.#inside;
  }

  /** The beginning of the message that has not ended. */
  get head(): Buffer {
    return Buffer.concat(this.#pieces).subarray(0, MOST_HEAD_BYTES);
  }

  /** Bytes of the message that has not ended, kept or not. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length && !this.#closed) {
      if (this.#inside) at = this.#readInside(chunk, at, frames);
      else at = this.#readOutside(chunk, at, frames);
    }
    return frames;
  }

  #readOutside(chunk: Buffer, at: number, frames: Frame[]): number {
    const byte = chunk[at];
    if (byte === VT) this.#begin();
    else if (byte !== CR && byte !== LF && byte !== FS) {
      this.#strayBytes += 1;
      if (this.#strayBytes > MOST_STRAY_BYTES) {
        this.#closed = true;
        frames.push({ kind: 'stray' });
      }
    }
    return at + 1;
  }

  #readInside(chunk: Buffer, at: number, frames: Frame[]): number {
    // CR after FS is not waited for: a sender that leaves it out gets its answer too.
    const end = chunk.indexOf(FS, at);
    const stop = end === -1 ? chunk.length : end;
    const next = chunk.subarray(at, stop).indexOf(VT);
    if (next !== -1) {
      this.#keep(chunk.subarray(at, at + next));
      frames.push({ kind: 'cut-off', head: this.head });
      this.#begin();
      return at + next + 1;
    }
    this.#keep(chunk.subarray(at, stop));
    if (end === -1) return stop;
    frames.push(
      this.#tooLong ? { kind: 'too-long', head: this.head } : { kind: 'message', bytes: Buffer.concat(this.#pieces) },
    );
    this.#end();
    return end + 1;
  }

  #begin(): void {
    this.#end();
    this.#inside = true;
    this.#strayBytes = 0;
  }

  #end(): void {
    this.#inside = false;
    this.#tooLong = false;
    this.#pieces = [];
    this.#length = 0;
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#tooLong || bytes.length === 0) return;
    if (this.#length > this.#maxMessageBytes) {
      this.#pieces = [Buffer.concat([...this.#pieces, bytes]).subarray(0, MOST_HEAD_BYTES)];
      this.#tooLong = true;
      return;
    }
    this.#pieces.push(bytes);
  }
}
