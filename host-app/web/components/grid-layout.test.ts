import { expect } from 'chai';
import { beforeEach, describe, it } from '../testing/setup.ts';
import { recallLayout, rememberLayout } from './grid-layout.ts';

const columns = [{ key: 'a' }, { key: 'b', hidden: true }, { key: 'c' }];

describe('grid layout', () => {
  beforeEach(() => localStorage.clear());

  it('starts with the defaults', () => {
    expect(recallLayout('x', columns)).to.deep.equal({ order: ['a', 'b', 'c'], hidden: ['b'], widths: {} });
  });

  it('remembers order, choice and widths', () => {
    const layout = { order: ['c', 'a', 'b'], hidden: ['a'], widths: { c: 200 } };
    rememberLayout('x', layout);
    expect(recallLayout('x', columns)).to.deep.equal(layout);
  });

  it('survives columns that came and went, and nonsense', () => {
    rememberLayout('x', { order: ['gone', 'c', 'a'], hidden: ['gone'], widths: { gone: 10, a: -5, c: 1e9 } });
    expect(recallLayout('x', columns)).to.deep.equal({ order: ['c', 'b', 'a'], hidden: ['b'], widths: {} });
    localStorage.setItem('filmless.grid.x', '{"order":7,"hidden":null}');
    expect(recallLayout('x', columns).order).to.deep.equal(['a', 'b', 'c']);
    localStorage.setItem('filmless.grid.x', 'not json');
    expect(recallLayout('x', columns).order).to.deep.equal(['a', 'b', 'c']);
  });
});
