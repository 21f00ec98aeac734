import { describe, expect, it } from 'vitest';
import { renderColour, renderPalette } from './colour.ts';
import type { LookupTable, PixelLayout } from './image-description.ts';
import { expandSegments } from './segmented-palette.ts';

const layout = (more: Partial<PixelLayout>): PixelLayout => ({
  rows: 1,
  columns: 2,
  samplesPerPixel: 3,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  signed: false,
  planar: false,
  photometricInterpretation: 'RGB',
  numberOfFrames: 1,
  kind: 'integer',
  ...more,
});

describe('colour', () => {
  it('comes by pixel or by plane', () => {
    expect([...renderColour(Uint8Array.of(1, 2, 3, 4, 5, 6), layout({}))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...renderColour(Uint8Array.of(1, 4, 2, 5, 3, 6), layout({ planar: true }))]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('turns YBR_FULL into RGB', () => {
    // Black, white, and pure red of JFIF.
    const ybr = Uint8Array.of(0, 128, 128, 255, 128, 128, 76, 85, 255);
    expect([...renderColour(ybr, layout({ columns: 3, photometricInterpretation: 'YBR_FULL' }))]).toEqual([
      0, 0, 0, 255, 255, 255, 254, 0, 0,
    ]);
  });

  it('unpacks 4:2:2', () => {
    expect([
      ...renderColour(Uint8Array.of(10, 20, 128, 128), layout({ photometricInterpretation: 'YBR_FULL_422' })),
    ]).toEqual([10, 10, 10, 20, 20, 20]);
  });

  it('of 16 bits is scaled to 8', () => {
    const bytes = new Uint8Array(Uint16Array.of(0, 65535, 32768, 257, 0, 0).buffer);
    expect([...renderColour(bytes, layout({ bitsAllocated: 16, bitsStored: 16, highBit: 15 }))]).toEqual([
      0, 255, 128, 1, 0, 0,
    ]);
  });

  it('refuses what it does not know instead of guessing', () => {
    expect(() => renderColour(new Uint8Array(6), layout({ photometricInterpretation: 'HSV' }))).toThrow(/HSV/);
  });
});

describe('palettes', () => {
  const table = (bits: number, first: number, ...entries: number[]): LookupTable => ({
    bits,
    first,
    entries: Uint16Array.from(entries),
  });
  const indexed = layout({ samplesPerPixel: 1, columns: 4, photometricInterpretation: 'PALETTE COLOR' });

  it('map indices from the first mapped value on, clamped', () => {
    const red = table(8, 1, 10, 20);
    expect([
      ...renderPalette(Uint8Array.of(0, 1, 2, 9), indexed, { red, green: red, blue: table(8, 1, 0, 255) }),
    ]).toEqual([10, 10, 0, 10, 10, 0, 20, 20, 255, 20, 20, 255]);
  });

  it('take the high byte of 16-bit entries, but not of 8-bit values in 16-bit entries', () => {
    const wide = table(16, 0, 0x1234, 0xff00);
    const narrow = table(16, 0, 12, 255);
    expect(
      [...renderPalette(Uint8Array.of(0, 1, 0, 1), indexed, { red: wide, green: narrow, blue: wide })].slice(0, 6),
    ).toEqual([0x12, 12, 0x12, 0xff, 255, 0xff]);
  });

  it('are expanded from discrete, linear and indirect segments', () => {
    const words = Uint16Array.of(0, 2, 0, 100, 1, 4, 500, 2, 1, 0, 0);
    expect([...expandSegments(words, 8)]).toEqual([0, 100, 200, 300, 400, 500, 0, 100]);
  });

  it('that refer to themselves are refused', () => {
    expect(() => expandSegments(Uint16Array.of(2, 5, 0, 0), 8)).toThrow();
    expect(() => expandSegments(Uint16Array.of(1, 5, 9), 8)).toThrow();
  });
});
