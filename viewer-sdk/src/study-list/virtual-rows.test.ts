import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { RowHeights } from './virtual-rows.ts';

describe('rows of a long list', () => {
  const rows = new RowHeights(1000, (index) => (index % 10 === 0 ? 28 : 60));

  it('cover the screen and a little more, wherever it is scrolled to', () => {
    for (const scrollTop of [0, 1, 59, 5000, rows.total - 400]) {
      const { first, end, offset } = rows.visible(scrollTop, 400);
      expect(offset).to.equal(rows.start(first));
      expect(rows.start(first)).to.be.at.most(scrollTop);
      expect(rows.start(end)).to.be.at.least(Math.min(rows.total, scrollTop + 400));
      expect(end - first).to.be.below(30);
    }
    expect(rows.visible(0, 400).first).to.equal(0);
    expect(rows.visible(rows.total, 400).end).to.equal(1000);
  });

  it('may be none', () => {
    expect(new RowHeights(0, () => 60).visible(0, 400)).to.deep.equal({ first: 0, end: 0, offset: 0, total: 0 });
  });

  it('scroll no further than a row needs', () => {
    expect(rows.reveal(0, 100, 400)).to.equal(0);
    expect(rows.reveal(3, 0, 400)).to.equal(0);
    expect(rows.reveal(20, 0, 400)).to.equal(rows.start(21) - 400);
  });
});
