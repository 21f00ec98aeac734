import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { LOG_SCALE, prepareMask, subtractMask } from './subtract.ts';

describe('subtraction', () => {
  const mask = [100, 200, 300, 400, 500, 600];

  it('leaves nothing of a frame that is its own mask', () => {
    for (const logarithmic of [false, true]) {
      const prepared = prepareMask([mask], 3, 2, [0, 0], logarithmic);
      expect([...subtractMask(Uint16Array.from(mask), prepared, logarithmic).data]).to.deep.equal([0, 0, 0, 0, 0, 0]);
    }
  });

  it('gives the same for the same vessel over any bone, by logarithms', () => {
    const prepared = prepareMask([mask], 3, 2, [0, 0], true);
    const { data, minimum, maximum } = subtractMask(
      mask.map((value) => value / 2),
      prepared,
      true,
    );
    expect([...data]).to.deep.equal(new Array(6).fill(Math.round(-Math.LN2 * LOG_SCALE)));
    expect([minimum, maximum]).to.deep.equal([-693, -693]);
  });

  it('means several masks', () => {
    expect([...prepareMask([mask, mask.map((value) => value + 20)], 3, 2, [0, 0], false)]).to.deep.equal([
      110, 210, 310, 410, 510, 610,
    ]);
  });

  it('moves the mask to the right and down, by fractions too; beyond the edge the edge goes on', () => {
    expect([...prepareMask([mask], 3, 2, [1, 0], false)]).to.deep.equal([100, 100, 200, 400, 400, 500]);
    expect([...prepareMask([mask], 3, 2, [0, 1], false)]).to.deep.equal([100, 200, 300, 100, 200, 300]);
    expect([...prepareMask([mask], 3, 2, [-0.5, 0], false)]).to.deep.equal([150, 250, 300, 450, 550, 600]);
  });
});
