import { expect } from 'chai';
import type { PixelFormat } from '../dicom/frame.ts';
import { describe, it } from '../testing/globals.ts';
import { decodeRle } from './rle.ts';

const format = (change: Partial<PixelFormat>): PixelFormat => ({
  rows: 1,
  columns: 4,
  samplesPerPixel: 1,
  photometricInterpretation: 'MONOCHROME2',
  planarConfiguration: 0,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  pixelRepresentation: 0,
  ...change,
});

/** A frame of these segments, as they are stored. */
const rle = (...segments: number[][]): Uint8Array => {
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, segments.length, true);
  let offset = 64;
  segments.forEach((segment, index) => {
    header.setUint32(4 + index * 4, offset, true);
    offset += segment.length;
  });
  return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()]);
};
/** Four bytes as one literal run. */
const literal = (...values: number[]): number[] => [values.length - 1, ...values];

describe('RLE', () => {
  it('takes literals, repetitions and the code that means nothing', () => {
    expect([...decodeRle(rle([0, 7, 128, 254, 9]), format({}))]).to.deep.equal([7, 9, 9, 9]);
  });

  it('puts the most significant byte first, signed or not', () => {
    const frame = rle(literal(0xff, 0x01, 0x00, 0x80), literal(0xfe, 0x02, 0x03, 0x00));
    const words = format({ bitsAllocated: 16, bitsStored: 16, highBit: 15 });
    expect([...decodeRle(frame, words)]).to.deep.equal([0xfffe, 0x0102, 3, 0x8000]);
    expect([...decodeRle(frame, { ...words, pixelRepresentation: 1 })]).to.deep.equal([-2, 0x0102, 3, -32_768]);
  });

  it('decodes 16-bit colour and 32-bit samples', () => {
    const colour = format({ columns: 1, samplesPerPixel: 3, bitsAllocated: 16, bitsStored: 16, highBit: 15 });
    expect([...decodeRle(rle([0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [0, 6]), colour)]).to.deep.equal([
      0x0102, 0x0304, 0x0506,
    ]);
    const dose = format({ columns: 1, bitsAllocated: 32, bitsStored: 32, highBit: 31 });
    expect([...decodeRle(rle([0, 0x81], [0, 2], [0, 3], [0, 4]), dose)]).to.deep.equal([0x81020304]);
  });

  it('refuses what does not fit its data set', () => {
    expect(() => decodeRle(rle(literal(1, 2, 3)), format({}))).to.throw('3 bytes where 4');
    expect(() => decodeRle(rle([3, 1, 2]), format({}))).to.throw('cut off');
    expect(() => decodeRle(rle(literal(1, 2, 3, 4)), format({ samplesPerPixel: 3 }))).to.throw('1 segments');
    expect(() => decodeRle(Uint8Array.of(1, 2, 3), format({}))).to.throw('header');
  });
});
