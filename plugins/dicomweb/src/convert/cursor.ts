import { type ByteSource, FilmlessError } from '@filmless/core/plugin';

const WINDOW_BYTES = 128 * 1024;

/** Reads forward through a source in windows. `end` exclusive. */
export class Cursor {
  readonly #source: ByteSource;
  readonly end: number;
  position: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.position = start;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** The next bytes without moving. DICOM_TRUNCATED when there are too few. */
  async peek(lengthBytes: number): Promise<Buffer> {
    const from = this.position - this.#windowStart;
    if (from >= 0 && from + lengthBytes <= this.#window.length) return this.#window.subarray(from, from + lengthBytes);
    const wanted = Math.min(Math.max(lengthBytes, WINDOW_BYTES), this.end - this.position);
    if (wanted < lengthBytes) throw new FilmlessError('DICOM_TRUNCATED');
    const bytes = await this.#source.read(this.position, wanted);
    if (bytes.length < lengthBytes) throw new FilmlessError('DICOM_TRUNCATED');
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowStart = this.position;
    return this.#window.subarray(0, lengthBytes);
  }

  /** The next bytes, in pieces of at most 1 MiB whose size is a multiple of 8 (but for the last). */
  async *take(lengthBytes: number): AsyncGenerator<Buffer> {
    if (lengthBytes > this.end - this.position) throw new FilmlessError('DICOM_TRUNCATED');
    for (let left = lengthBytes; left > 0; ) {
      const size = Math.min(left, 1 << 20);
      // A copy: the window is read on while the piece may still wait for the socket.
      const piece = Buffer.from(await this.peek(size));
      this.position += size;
      left -= size;
      yield piece;
    }
  }
}
