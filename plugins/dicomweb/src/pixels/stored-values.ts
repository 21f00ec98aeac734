import type { PixelLayout } from './image-description.ts';

export type SampleArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Native little endian bytes as raw words, not yet masked to Bits Stored; single bits become 0 and 1. */
export function rawSamples(bytes: Uint8Array, layout: PixelLayout): SampleArray {
  if (layout.bitsAllocated === 1) return unpackBits(bytes, layout.rows * layout.columns * layout.samplesPerPixel);
  if (layout.bitsAllocated === 8) return bytes;
  const wordBytes = layout.bitsAllocated / 8;
  const aligned = bytes.byteOffset % wordBytes === 0 ? bytes : new Uint8Array(bytes);
  const count = Math.floor(aligned.byteLength / wordBytes);
  if (layout.kind === 'float')
    return layout.bitsAllocated === 64
      ? new Float64Array(aligned.buffer, aligned.byteOffset, count)
      : new Float32Array(aligned.buffer, aligned.byteOffset, count);
  if (layout.bitsAllocated === 16) return new Uint16Array(aligned.buffer, aligned.byteOffset, count);
  if (layout.bitsAllocated === 32) return new Uint32Array(aligned.buffer, aligned.byteOffset, count);
  throw new Error(`Bits Allocated ${layout.bitsAllocated} is not supported`);
}

/** Turns one raw word into the stored value: Bits Stored below High Bit, two's complement when signed. @dicom PS3.5 8.1.1 */
export function storedValueOf(layout: PixelLayout): (raw: number) => number {
  if (layout.kind === 'float' || layout.bitsAllocated === 1) return (raw) => raw;
  const shift = Math.max(0, layout.highBit + 1 - layout.bitsStored);
  const range = 2 ** layout.bitsStored;
  const half = range / 2;
  const { signed } = layout;
  return (raw) => {
    const value = Math.floor(raw / 2 ** shift) % range;
    return signed && value >= half ? value - range : value;
  };
}

/** Bits are packed from the least significant one. @dicom PS3.5 8.1.1, D */
function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
  return out;
}

/** Little endian for what is big endian in the file. Words of 1 byte stay. */
export function swapWords(bytes: Uint8Array, wordBytes: number): Uint8Array {
  const copy = Buffer.from(bytes);
  if (wordBytes === 2) copy.swap16();
  else if (wordBytes === 4) copy.swap32();
  else if (wordBytes === 8) copy.swap64();
  return copy;
}
