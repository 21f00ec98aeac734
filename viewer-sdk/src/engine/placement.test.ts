import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { asRotation, fitScale, mirror, quarterTurn, snapped, toImage, UPRIGHT } from './placement.ts';

describe('placement', () => {
  it('comes back after four turns, and after two mirrors', () => {
    expect(quarterTurn(quarterTurn(quarterTurn(quarterTurn(UPRIGHT))))).to.deep.equal(UPRIGHT);
    expect(mirror(mirror(UPRIGHT, 'horizontal'), 'horizontal')).to.deep.equal(UPRIGHT);
    expect(mirror(mirror(UPRIGHT, 'horizontal'), 'vertical')).to.deep.equal(quarterTurn(quarterTurn(UPRIGHT)));
  });

  it('turns clockwise: the top of the image comes to the right', () => {
    // The screen's right is the image's up, which is against the columns' direction.
    expect(quarterTurn(UPRIGHT)).to.deep.equal({ right: [0, -1], down: [1, 0] });
  });

  it('says the same as rotation and mirroring', () => {
    expect(asRotation(UPRIGHT)).to.deep.equal({ degrees: 0, mirrored: false });
    expect(asRotation(quarterTurn(UPRIGHT))).to.deep.equal({ degrees: 90, mirrored: false });
    expect(asRotation(mirror(UPRIGHT, 'horizontal'))).to.deep.equal({ degrees: 0, mirrored: true });
    expect(asRotation(mirror(UPRIGHT, 'vertical'))).to.deep.equal({ degrees: 180, mirrored: true });
  });

  it('fits by the longer side, turned or not', () => {
    const extent = { columns: 100, rows: 50, pixel: { width: 1, height: 1 } };
    expect(fitScale(extent, UPRIGHT, 200, 200)).to.equal(2);
    expect(fitScale(extent, quarterTurn(UPRIGHT), 100, 400)).to.equal(2);
    // Pixels twice as high as wide make it a square.
    expect(fitScale({ ...extent, pixel: { width: 1, height: 2 } }, UPRIGHT, 300, 200)).to.equal(2);
  });

  it('lays the corner of the image onto a device pixel', () => {
    const placement = { zoom: 1, center: [50, 25] as const, turn: UPRIGHT };
    const pixel = { width: 1, height: 1 };
    // An odd width puts the corner of an even image between two pixels.
    const { center } = snapped(placement, pixel, 1, { width: 201, height: 200, ratio: 1 });
    expect((201 / 2 - center[0]) % 1).to.equal(0);
    expect(center[1]).to.equal(25);
    const fine = snapped(placement, pixel, 0.3, { width: 201, height: 200, ratio: 1.5 }).center;
    const corner = (201 / 2 - fine[0] * 0.3) * 1.5;
    expect(Math.abs(corner - Math.round(corner))).to.be.lessThan(1e-9);
    const turned = snapped({ ...placement, turn: quarterTurn(UPRIGHT) }, pixel, 1, {
      width: 200,
      height: 201,
      ratio: 1,
    }).center;
    expect((201 / 2 - turned[0]) % 1).to.equal(0);
  });

  it('measures a drag on the turned image', () => {
    const pixel = { width: 1, height: 1 };
    expect(toImage(10, 0, UPRIGHT, pixel, 2)).to.deep.equal([5, 0]);
    expect(toImage(10, 0, quarterTurn(UPRIGHT), pixel, 2).map((value) => value + 0)).to.deep.equal([0, -5]);
    expect(toImage(10, 0, mirror(UPRIGHT, 'horizontal'), pixel, 1)[0]).to.equal(-10);
  });
});
