import { expect } from 'chai';
import type { PixelFormat } from '../dicom/frame.ts';
import { describe, it } from '../testing/globals.ts';
import { finishColor, finishGray, finishPalette, markJpegAsRgb, unpackBits } from './pixels.ts';

const format = (change: Partial<PixelFormat>): PixelFormat => ({
  rows: 1,
  columns: 2,
  samplesPerPixel: 1,
  photometricInterpretation: 'MONOCHROME2',
  planarConfiguration: 0,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  pixelRepresentation: 0,
  ...change,
});
const none = { rescale: undefined, modalityLut: undefined, lossy: false };

describe('grey pixels', () => {
  it('takes away the bits of old overlays', () => {
    const { data, minimum, maximum } = finishGray(Uint16Array.of(0xf123, 0x0fff), format({}), none);
    expect([...data]).to.deep.equal([0x123, 0xfff]);
    expect([minimum, maximum]).to.deep.equal([0x123, 0xfff]);
  });

  it('clamps the overshoot of a lossy codec instead of wrapping it', () => {
    expect([
      ...finishGray(Uint16Array.of(1039, 20), format({ bitsStored: 10, highBit: 9 }), { ...none, lossy: true }).data,
    ]).to.deep.equal([1023, 20]);
  });

  it('shifts samples that do not begin at bit 0', () => {
    expect([...finishGray(Uint16Array.of(0x1230, 0xfff0), format({ highBit: 15 }), none).data]).to.deep.equal([
      0x123, 0xfff,
    ]);
  });

  it('writes into the memory of samples that are as large, where it may', () => {
    const signed = format({ bitsStored: 16, highBit: 15, pixelRepresentation: 1 });
    const rescaled = { ...none, rescale: { slope: 1, intercept: -1024 }, reuse: true };
    const samples = Int16Array.of(0, 2000);
    const { data, minimum, maximum } = finishGray(samples, signed, rescaled);
    expect(data.buffer).to.equal(samples.buffer);
    expect([...data]).to.deep.equal([-1024, 976]);
    expect([minimum, maximum]).to.deep.equal([-1024, 976]);
    const padded = Int16Array.of(0, 2000, 7);
    expect(finishGray(padded, signed, rescaled).data).to.have.length(2);
    expect([...padded]).to.deep.equal([0, 2000, 7]);
    const wide = finishGray(Int16Array.of(-32_768, 5), signed, rescaled).data;
    expect(wide).to.be.instanceOf(Float32Array);
    expect([...wide]).to.deep.equal([-33_792, -1019]);
  });

  it('keeps all 16 and all 32 unsigned bits', () => {
    expect([
      ...finishGray(Uint16Array.of(0, 65_535), format({ bitsStored: 16, highBit: 15 }), none).data,
    ]).to.deep.equal([0, 65_535]);
    const wide = format({ bitsAllocated: 32, bitsStored: 32, highBit: 31 });
    expect([...finishGray(Uint32Array.of(0, 3_000_000_000), wide, none).data]).to.deep.equal([0, 3_000_000_000]);
  });

  it('gives Hounsfield units in 16 bits, and fractions where there are some', () => {
    const hounsfield = finishGray(Uint16Array.of(0, 4095), format({}), {
      ...none,
      rescale: { slope: 1, intercept: -1024 },
    });
    expect(hounsfield.data).to.be.instanceOf(Int16Array);
    expect([...hounsfield.data]).to.deep.equal([-1024, 3071]);
    const fractions = finishGray(Uint16Array.of(1, 2), format({}), { ...none, rescale: { slope: 0.25, intercept: 0 } });
    expect([...fractions.data]).to.deep.equal([0.25, 0.5]);
  });

  it('keeps signed CT in 16 bits as long as its values fit', () => {
    const signed = format({ bitsStored: 16, highBit: 15, pixelRepresentation: 1 });
    const rescale = { slope: 1, intercept: -1024 };
    const usual = finishGray(Int16Array.of(24, 2024), signed, { ...none, rescale });
    expect(usual.data).to.be.instanceOf(Int16Array);
    expect([...usual.data]).to.deep.equal([-1000, 1000]);
    const padded = finishGray(Int16Array.of(-32_768, 2024), signed, { ...none, rescale });
    expect([...padded.data]).to.deep.equal([-33_792, 1000]);
  });

  it('extends the sign of samples that fill fewer bits than they are given', () => {
    const signed = format({ pixelRepresentation: 1 });
    expect([...finishGray(Uint16Array.of(0x0fff, 0x07ff), signed, none).data]).to.deep.equal([-1, 2047]);
  });

  it('chooses the type by the format and not by the pixels, so that a series keeps one', () => {
    const rescale = { slope: 1, intercept: -1024 };
    const dark = finishGray(Uint16Array.of(2000, 2001), format({}), { ...none, rescale }).data;
    const bright = finishGray(Uint16Array.of(0, 0), format({}), { ...none, rescale }).data;
    expect(dark.constructor).to.equal(bright.constructor);
  });

  it('looks up the modality table, outside values at its ends', () => {
    const modalityLut = { first: 10, table: Uint16Array.of(100, 200, 300) };
    expect([...finishGray(Uint16Array.of(5, 99), format({}), { ...none, modalityLut }).data]).to.deep.equal([100, 300]);
  });

  it('reads stored values of every width, place and sign as the standard says', () => {
    const samples = [0, 1, 0x7f, 0x80, 0xff, 0x7ff, 0x800, 0xfff, 0x1000, 0x7fff, 0x8000, 0xf123, 0xffff];
    const rescale = { slope: 2, intercept: -7 };
    for (const bitsAllocated of [8, 16])
      for (let bitsStored = 1; bitsStored <= bitsAllocated; bitsStored += 1)
        for (const [pixelRepresentation, highBit] of [
          [0, bitsStored - 1],
          [0, bitsAllocated - 1],
          [1, bitsStored - 1],
        ] as const) {
          const allocated = bitsAllocated === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
          const described = format({
            columns: samples.length,
            bitsAllocated,
            bitsStored,
            highBit,
            pixelRepresentation,
          });
          const expected = Array.from(allocated, (sample) => {
            const field = Math.floor(sample / 2 ** (highBit + 1 - bitsStored)) % 2 ** bitsStored;
            const negative = pixelRepresentation === 1 && field >= 2 ** (bitsStored - 1);
            return (negative ? field - 2 ** bitsStored : field) * 2 - 7;
          });
          const found = finishGray(allocated, described, { ...none, rescale });
          const which = `${bitsStored} of ${bitsAllocated} bits up to ${highBit}, ${pixelRepresentation}`;
          expect([...found.data], which).to.deep.equal(expected);
          expect([found.minimum, found.maximum], which).to.deep.equal([Math.min(...expected), Math.max(...expected)]);
        }
  });

  it('leaves padding out of the range, unless there is nothing else', () => {
    const rescale = { slope: 1, intercept: -1024 };
    const padding = { lowest: -1024, highest: -1020 };
    const some = finishGray(Uint16Array.of(2, 500), format({}), { ...none, rescale, padding });
    expect([some.minimum, some.maximum]).to.deep.equal([-524, -524]);
    expect([...some.data]).to.deep.equal([-1022, -524]);
    const nothing = finishGray(Uint16Array.of(0, 4), format({}), { ...none, rescale, padding });
    expect([nothing.minimum, nothing.maximum]).to.deep.equal([-1024, -1020]);
  });

  it('refuses a frame that is too short', () => {
    expect(() => finishGray(Uint16Array.of(1), format({}), none)).to.throw('1 samples for 2 pixels');
  });
});

describe('colour pixels', () => {
  const rgb = format({
    samplesPerPixel: 3,
    photometricInterpretation: 'RGB',
    bitsAllocated: 8,
    bitsStored: 8,
    highBit: 7,
  });

  it('interleaves planes', () => {
    const samples = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect([...finishColor(samples, rgb, { alpha: false, planar: true, space: 'RGB' }).data]).to.deep.equal([
      1, 3, 5, 2, 4, 6,
    ]);
    expect([...finishColor(samples, rgb, { alpha: true, planar: false, space: 'RGB' }).data]).to.deep.equal([
      1, 2, 3, 255, 4, 5, 6, 255,
    ]);
  });

  it('converts YCbCr, full and subsampled', () => {
    const gray = finishColor(Uint8Array.of(50, 128, 128, 200, 128, 128), rgb, {
      alpha: false,
      planar: false,
      space: 'YBR_FULL',
    });
    expect([...gray.data]).to.deep.equal([50, 50, 50, 200, 200, 200]);
    const red = finishColor(Uint8Array.of(76, 85, 255, 76, 85, 255), rgb, {
      alpha: false,
      planar: false,
      space: 'YBR_FULL',
    });
    expect([...red.data.subarray(0, 3)]).to.deep.equal([254, 0, 0]);
    const pair = finishColor(Uint8Array.of(50, 200, 128, 128), rgb, {
      alpha: false,
      planar: false,
      space: 'YBR_FULL_422',
    });
    expect([...pair.data]).to.deep.equal([50, 50, 50, 200, 200, 200]);
  });

  it('looks up palettes from their first value', () => {
    const entry = (values: number[]) => Uint8ClampedArray.from(values);
    const palette = { first: 1, red: entry([10, 20]), green: entry([30, 40]), blue: entry([50, 60]) };
    const single = format({ bitsAllocated: 8, bitsStored: 8, highBit: 7 });
    expect([...finishPalette(Uint8Array.of(0, 2), single, palette, false).data]).to.deep.equal([
      10, 30, 50, 20, 40, 60,
    ]);
  });
});

describe('bits and markers', () => {
  it('unpacks single bits, the first in the lowest place', () => {
    expect([...unpackBits(Uint8Array.of(0b0000_0101, 0b1), 9)]).to.deep.equal([1, 0, 1, 0, 0, 0, 0, 0, 1]);
    expect(() => unpackBits(Uint8Array.of(1), 9)).to.throw('9 pixels');
  });

  it('marks an RGB JPEG once, before everything else', () => {
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xdb, 0, 2, 0xff, 0xda, 0, 2);
    const marked = markJpegAsRgb(jpeg);
    expect(marked.length).to.equal(jpeg.length + 16);
    expect([...marked.subarray(2, 4)]).to.deep.equal([0xff, 0xee]);
    expect(markJpegAsRgb(marked)).to.equal(marked);
    expect(markJpegAsRgb(Uint8Array.of(1, 2, 3)).length).to.equal(3);
  });
});
