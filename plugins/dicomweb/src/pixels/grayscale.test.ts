import { describe, expect, it } from 'vitest';
import { words } from '../phantom.test-util.ts';
import { renderGrayscale } from './grayscale.ts';
import type { LookupTable, PixelLayout, Presentation, VoiWindow } from './image-description.ts';

const layout = (more: Partial<PixelLayout> = {}): PixelLayout => ({
  rows: 1,
  columns: 4,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  signed: false,
  planar: false,
  photometricInterpretation: 'MONOCHROME2',
  numberOfFrames: 1,
  kind: 'integer',
  ...more,
});
const window = (center: number, width: number, shape: VoiWindow['function'] = 'LINEAR'): VoiWindow => ({
  center,
  width,
  function: shape,
});
const shown = (values: readonly number[], presentation: Partial<Presentation>, more: Partial<PixelLayout> = {}) => [
  ...renderGrayscale(words(values), layout({ columns: values.length, ...more }), {
    modality: { slope: 1, intercept: 0 },
    voi: undefined,
    padding: undefined,
    palette: undefined,
    ...presentation,
  }),
];
const table = (first: number, bits: number, ...entries: number[]): LookupTable => ({
  first,
  bits,
  entries: Uint16Array.from(entries),
});

describe('grey values', () => {
  it('follow the linear window of the standard at its edges', () => {
    // PS3.3 C.11.2.1.2.1: c = 2048, w = 4096: 0 is the first black, 4095 the first white.
    expect(shown([0, 1, 2047, 2048, 4094, 4095, 5000], { voi: window(2048, 4096) })).toEqual([
      0, 0, 127, 128, 255, 255, 255,
    ]);
    // Width 1: everything up to centre - 0.5 is black.
    expect(shown([99, 100, 101], { voi: window(100, 1) })).toEqual([0, 255, 255]);
    expect(shown([0, 1, 2], { voi: window(1, 2) })).toEqual([0, 255, 255]);
  });

  it('follow LINEAR_EXACT and SIGMOID', () => {
    expect(shown([0, 50, 100], { voi: window(50, 100, 'LINEAR_EXACT') })).toEqual([0, 128, 255]);
    expect(shown([0, 50, 100], { voi: window(50, 100, 'SIGMOID') })).toEqual([30, 128, 225]);
  });

  it('are windowed in modality units', () => {
    expect(
      shown([0, 1024, 2048], { modality: { slope: 2, intercept: -1024 }, voi: window(1024, 2048, 'LINEAR_EXACT') }),
    ).toEqual([0, 128, 255]);
  });

  it('are signed where Pixel Representation says so', () => {
    expect(shown([-100, 0, 100], { voi: window(0, 200, 'LINEAR_EXACT') }, { signed: true })).toEqual([0, 128, 255]);
  });

  it('come from Bits Stored below High Bit, whatever else is in the word', () => {
    // 12 bits: an overlay plane in bit 12 must not show.
    expect(shown([0x1000, 0x17ff, 0x1fff], { voi: window(2048, 4096) }, { bitsStored: 12, highBit: 11 })).toEqual([
      0, 127, 255,
    ]);
    // 12 bits, signed, in the upper part of the word.
    expect(
      shown(
        [0x8000, 0x0000, 0x7ff0],
        { voi: window(0, 4096, 'LINEAR_EXACT') },
        { bitsStored: 12, highBit: 15, signed: true },
      ),
    ).toEqual([0, 128, 255]);
  });

  it('are turned round for MONOCHROME1, padding is not', () => {
    expect(shown([0, 4095], { voi: window(2048, 4096) }, { photometricInterpretation: 'MONOCHROME1' })).toEqual([
      255, 0,
    ]);
    expect(
      shown(
        [9, 0, 4095],
        { voi: window(2048, 4096), padding: { low: 9, high: 9 } },
        { photometricInterpretation: 'MONOCHROME1' },
      ),
    ).toEqual([0, 255, 0]);
  });

  it('go through lookup tables, clamped at both ends', () => {
    expect(shown([0, 10, 11, 12, 99], { voi: table(10, 8, 0, 128, 255) })).toEqual([0, 0, 128, 255, 255]);
    expect(
      shown([0, 1, 2], { modality: table(0, 16, 1000, 2000, 3000), voi: window(2000, 2000, 'LINEAR_EXACT') }),
    ).toEqual([0, 128, 255]);
  });

  it('without a window span what the image holds, padding left out', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index + 1000);
    const out = shown([...values, 0, 0, 0], { padding: { low: 0, high: 0 } });
    expect(out[0]).toBe(0);
    expect(out[500]).toBeGreaterThan(120);
    expect(out[500]).toBeLessThan(136);
    expect(out[999]).toBe(255);
    expect(out[1000]).toBe(0);
  });

  it('show a flat image and a float image', () => {
    expect(new Set(shown([7, 7, 7], {})).size).toBe(1);
    const floats = new Uint8Array(Float32Array.from([0, 0.5, 1, Number.NaN]).buffer);
    const out = renderGrayscale(floats, layout({ bitsAllocated: 32, bitsStored: 32, highBit: 31, kind: 'float' }), {
      modality: { slope: 1, intercept: 0 },
      voi: window(0.5, 1, 'LINEAR_EXACT'),
      padding: undefined,
      palette: undefined,
    });
    expect([...out]).toEqual([0, 128, 255, 0]);
  });

  it('of 32 bits are not cut to 16', () => {
    const bytes = new Uint8Array(Uint32Array.from([0, 2 ** 31, 2 ** 32 - 1]).buffer);
    const out = renderGrayscale(bytes, layout({ columns: 3, bitsAllocated: 32, bitsStored: 32, highBit: 31 }), {
      modality: { slope: 1, intercept: 0 },
      voi: window(2 ** 31, 2 ** 32, 'LINEAR_EXACT'),
      padding: undefined,
      palette: undefined,
    });
    expect([...out]).toEqual([0, 128, 255]);
  });
});
