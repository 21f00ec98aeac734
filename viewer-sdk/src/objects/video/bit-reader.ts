/** Reads bits of a NAL unit's payload, without its emulation prevention bytes. @see ITU-T H.264 7.3.1, 9.1 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(unit: Uint8Array) {
    const bytes: number[] = [];
    for (let index = 0; index < unit.length; index += 1) {
      const isPrevention = unit[index] === 3 && unit[index - 1] === 0 && unit[index - 2] === 0;
      if (!isPrevention) bytes.push(unit[index] ?? 0);
    }
    this.#bytes = Uint8Array.from(bytes);
  }

  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new Error('stream ends inside a header');
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  /** Exponential Golomb code, unsigned. */
  unsigned(): number {
    let zeros = 0;
    while (this.bits(1) === 0) {
      zeros += 1;
      if (zeros > 32) throw new Error('not an exponential Golomb code');
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** Exponential Golomb code, signed. */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** The NAL units of a byte stream, without their start codes. @see ITU-T H.264 B.1 */
export function* nalUnits(stream: Uint8Array): Generator<{ readonly unit: Uint8Array; readonly start: number }> {
  let start = -1;
  let begin = -1;
  for (let index = 0; index + 2 < stream.length; index += 1) {
    if (stream[index] !== 0 || stream[index + 1] !== 0 || stream[index + 2] !== 1) continue;
    const code = index > 0 && stream[index - 1] === 0 ? index - 1 : index;
    if (begin >= 0) yield { unit: stream.subarray(begin, code), start };
    start = code;
    begin = index + 3;
    index += 2;
  }
  if (begin >= 0) yield { unit: stream.subarray(begin), start };
}
