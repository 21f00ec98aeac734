import { expect } from 'chai';
import { ctInstance } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { describeFrame } from './frame.ts';
import { histogram, LINEAR, levelTable, shownLevel, tableTone, tableWindow, toneLevel, voiTone } from './tone-curve.ts';
import { paddingOf, voiLuts } from './voi-lut.ts';

const window = { center: 100, width: 51 };

describe('toneLevel', () => {
  it('follows the formulas of PS3.3 C.11.2.1', () => {
    expect(toneLevel(74, window, LINEAR)).to.equal(0);
    expect(toneLevel(124.5, window, LINEAR)).to.equal(1);
    expect(toneLevel(99.5, window, LINEAR)).to.equal(0.5);
    expect(toneLevel(74.5, window, voiTone('LINEAR_EXACT'))).to.equal(0);
    expect(toneLevel(100, window, voiTone('LINEAR_EXACT'))).to.equal(0.5);
    expect(toneLevel(100, window, voiTone('SIGMOID'))).to.equal(0.5);
    expect(toneLevel(151, window, voiTone('SIGMOID'))).to.be.closeTo(1 / (1 + Math.exp(-4)), 1e-12);
  });

  it('makes a window of 1 a step', () => {
    expect(toneLevel(99, { center: 100, width: 1 }, LINEAR)).to.equal(0);
    expect(toneLevel(100, { center: 100, width: 1 }, LINEAR)).to.equal(1);
  });

  it('bends by gamma and by points, and keeps the ends', () => {
    expect(toneLevel(99.5, window, { shape: 'gamma', gamma: 2 })).to.equal(Math.SQRT1_2);
    const points = [
      [0, 0.2],
      [0.5, 0.3],
      [1, 0.9],
    ] as const;
    expect(toneLevel(0, window, { shape: 'points', points })).to.equal(0.2);
    expect(toneLevel(99.5, window, { shape: 'points', points })).to.be.closeTo(0.3, 1e-12);
    expect(toneLevel(112, window, { shape: 'points', points })).to.be.closeTo(0.6, 1e-12);
    expect(toneLevel(1000, window, { shape: 'points', points })).to.equal(0.9);
  });

  it('lays a VOI LUT over the window of its own values', () => {
    const tone = tableTone(Uint16Array.from([0, 1023, 511]), 10);
    const own = tableWindow(10, 3);
    expect([9, 10, 11, 12, 13].map((value) => Math.round(toneLevel(value, own, tone) * 1023))).to.deep.equal([
      0, 0, 1023, 511, 511,
    ]);
  });
});

describe('shownLevel', () => {
  const padding = { lowest: -2000, highest: -1900 };

  it('keeps padding black in an inverted image', () => {
    const presentation = { window, tone: LINEAR, inverted: true, padding };
    expect(shownLevel(-2000, presentation)).to.equal(0);
    expect(shownLevel(-1900, presentation)).to.equal(0);
    expect(shownLevel(-1899, presentation)).to.equal(1);
  });

  it('gives padding an entry of its own in the table, however coarse', () => {
    const table = levelTable({ window, tone: LINEAR, inverted: true, padding: { lowest: -2000, highest: -2000 } }, 64);
    const step = (table.upper - table.lower) / (table.levels.length - 1);
    expect(table.levels[Math.round((-2000 - table.lower) / step)]).to.equal(0);
    expect(table.levels[Math.round((-1000 - table.lower) / step)]).to.equal(1);
  });
});

describe('paddingOf', () => {
  const padded = (changes: object) => describeFrame(ctInstance(0, { PixelRepresentation: 1, ...changes }), 1)!;

  it('is in the units of the pixels, as signed as they are', () => {
    expect(paddingOf(padded({ PixelPaddingValue: 63_536 }))).to.deep.equal({ lowest: -3024, highest: -3024 });
    expect(paddingOf(padded({}))).to.equal(undefined);
  });

  it('may be a range', () => {
    const frame = padded({ PixelPaddingValue: -2000, PixelPaddingRangeLimit: -1500 });
    expect(paddingOf(frame)).to.deep.equal({ lowest: -3024, highest: -2524 });
  });
});

describe('voiLuts', () => {
  it('reads a negative first value where the values can be negative', () => {
    const item = {
      '00283002': { vr: 'US', Value: [0, 64_512, 12] },
      '00283003': { vr: 'LO', Value: ['BONE'] },
      '00283006': { vr: 'OW', BulkDataURI: 'x' },
    };
    const [lut] = voiLuts(describeFrame(ctInstance(0, { VOILUTSequence: [item] } as object), 1)!);
    expect(lut?.source.descriptor).to.deep.equal([65_536, -1024, 12]);
    expect(lut?.explanation).to.equal('BONE');
  });
});

describe('histogram', () => {
  it('counts values between the ends, without padding', () => {
    const counts = histogram([0, 0, 1, 2, 2, 2, 9], { minimum: 0, maximum: 2 }, 3, { lowest: 0, highest: 0 });
    expect([...counts]).to.deep.equal([0, 1, 3]);
  });
});
