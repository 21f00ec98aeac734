import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { onImage, onScreen } from './image-map.ts';

describe('the map between image and screen', () => {
  it('leads there and back, turned, mirrored and with oblong pixels', () => {
    for (const map of [
      { a: 2, b: 0, c: 0, d: 2, e: 10, f: -5 },
      { a: 0, b: 1.5, c: -0.75, d: 0, e: 300, f: 20 },
      { a: -0.4, b: 0, c: 0, d: 0.8, e: 512, f: 0 },
    ]) {
      const [x = 0, y = 0] = onImage(map, onScreen(map, [12.25, 99.5])) ?? [];
      expect(x).to.be.closeTo(12.25, 1e-9);
      expect(y).to.be.closeTo(99.5, 1e-9);
    }
  });

  it('has no way back from an image without a size', () => {
    expect(onImage({ a: 0, b: 0, c: 0, d: 0, e: 1, f: 1 }, [1, 1])).to.equal(undefined);
  });
});
