import { expect } from 'chai';
import { LINEAR, toneBounds, toneLevel, voiTone } from '../../dicom/tone-curve.ts';
import { describe, it } from '../../testing/globals.ts';
import { addPoint, asPoints, movePoint, removePoint, windowOf } from './curve-model.ts';

const window = { center: 40, width: 400 };

describe('curve by hand', () => {
  it('begins as the curve it came from', () => {
    for (const tone of [LINEAR, voiTone('LINEAR_EXACT'), { shape: 'gamma', gamma: 2 } as const]) {
      const { points, window: over } = asPoints(tone, window);
      const { lower, upper } = toneBounds(window, tone);
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        const value = lower + share * (upper - lower);
        expect(toneLevel(value, over, { shape: 'points', points })).to.be.closeTo(toneLevel(value, window, tone), 1e-9);
      }
    }
  });

  it('has the window with the bounds it is given', () => {
    expect(toneBounds(windowOf(-160, 239), LINEAR)).to.deep.equal({ lower: -160, upper: 239 });
  });

  it('keeps points in their order and the ends at the ends', () => {
    const points = [
      [0, 0],
      [0.5, 0.5],
      [1, 1],
    ] as const;
    expect(movePoint(points, 1, [2, 2])).to.deep.equal([
      [0, 0],
      [0.99, 1],
      [1, 1],
    ]);
    expect(movePoint(points, 0, [0.7, 0.3])).to.deep.equal([
      [0, 0.3],
      [0.5, 0.5],
      [1, 1],
    ]);
    expect(addPoint(points, [0.25, 0.9])).to.deep.equal({
      points: [
        [0, 0],
        [0.25, 0.9],
        [0.5, 0.5],
        [1, 1],
      ],
      index: 1,
    });
    expect(removePoint(points, 1)).to.deep.equal([
      [0, 0],
      [1, 1],
    ]);
    expect(removePoint(points, 2)).to.equal(points);
  });
});
