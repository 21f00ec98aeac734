/** Bytes that grow as they are written; lengths can be filled in afterwards. */
export class ByteWriter {
  readonly bigEndian: boolean;
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  constructor(bigEndian: boolean) {
    this.bigEndian = bigEndian;
  }

  get length(): number {
    return this.#length;
  }

  uint16(value: number): void {
    this.#reserve(2);
    if (this.bigEndian) this.#bytes.writeUInt16BE(value, this.#length);
    else this.#bytes.writeUInt16LE(value, this.#length);
    this.#length += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length += 4;
    this.uint32At(this.#length - 4, value);
  }

  uint32At(offset: number, value: number): void {
    if (this.bigEndian) this.#bytes.writeUInt32BE(value, offset);
    else this.#bytes.writeUInt32LE(value, offset);
  }

  latin1(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.byteLength);
    this.#bytes.set(value, this.#length);
    this.#length += value.byteLength;
  }

  /** What was written. The writer is not to be used afterwards. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.byteLength) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.byteLength * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
