import type { PixelFormat } from '../dicom/frame.ts';
import type { Samples } from './pixels.ts';

const HEADER_BYTES = 64;
const MOST_SEGMENTS = 15;

/**
 * Decodes RLE Lossless: one segment for each byte of each sample, most significant byte first. Any number of samples and bytes.
 * @returns the samples one colour after the other, in the order of the segments: planes
 * @dicom PS3.5 G
 */
export function decodeRle(bytes: Uint8Array, format: PixelFormat): Samples {
  const pixels = format.rows * format.columns;
  const bytesPerSample = format.bitsAllocated >> 3;
  const segments = format.samplesPerPixel * bytesPerSample;
  if (bytes.length < HEADER_BYTES || bytesPerSample === 0) throw new Error('RLE frame without a header');
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const count = header.getUint32(0, true);
  if (count !== segments || count > MOST_SEGMENTS)
    throw new Error(`RLE frame of ${count} segments where the data set needs ${segments}`);
  const out = new Uint8Array(pixels * segments);
  for (let segment = 0; segment < segments; segment += 1) {
    const start = header.getUint32(4 + segment * 4, true);
    const next = segment + 1 < segments ? header.getUint32(8 + segment * 4, true) : bytes.length;
    const sample = Math.floor(segment / bytesPerSample);
    // Little endian in memory: the first segment of a sample is its last byte.
    const first = sample * pixels * bytesPerSample + (bytesPerSample - 1 - (segment % bytesPerSample));
    unpackSegment(
      bytes.subarray(start, Math.max(start, Math.min(next, bytes.length))),
      out,
      first,
      bytesPerSample,
      pixels,
    );
  }
  const signed = format.pixelRepresentation === 1;
  if (bytesPerSample === 1) return signed ? new Int8Array(out.buffer) : out;
  if (bytesPerSample === 2) return signed ? new Int16Array(out.buffer) : new Uint16Array(out.buffer);
  if (bytesPerSample === 4) return signed ? new Int32Array(out.buffer) : new Uint32Array(out.buffer);
  throw new Error(`RLE frame of ${format.bitsAllocated} bits`);
}

/** PackBits: a count of literal bytes, or of repetitions of one byte. */
function unpackSegment(segment: Uint8Array, out: Uint8Array, first: number, step: number, count: number): void {
  let written = 0;
  for (let at = 0; at < segment.length && written < count; ) {
    const code = segment[at] ?? 0;
    at += 1;
    if (code < 128) {
      for (let index = 0; index <= code && written < count; index += 1, at += 1, written += 1) {
        if (at >= segment.length) throw new Error('RLE segment cut off');
        out[first + written * step] = segment[at] ?? 0;
      }
    } else if (code > 128) {
      const value = segment[at] ?? 0;
      at += 1;
      for (let index = 0; index < 257 - code && written < count; index += 1, written += 1)
        out[first + written * step] = value;
    }
  }
  if (written < count) throw new Error(`RLE segment of ${written} bytes where ${count} are needed`);
}
