import { expect } from 'chai';
import { describe, it } from '../testing/globals.ts';
import { PageMemory } from './memory.ts';

describe('PageMemory', () => {
  it('gives frames what is not held beside them', () => {
    const told: number[] = [];
    const memory = new PageMemory(1000, (bytes) => told.push(bytes));
    const release = memory.reserve(400);
    const other = memory.reserve(150);
    expect(memory.frameBytes).to.equal(450);
    release?.();
    release?.();
    expect(memory.frameBytes).to.equal(850);
    other?.();
    expect(told).to.eql([1000, 600, 450, 850, 1000]);
  });

  it('refuses what would leave too little for frames, and what is no number', () => {
    const memory = new PageMemory(1000, () => undefined);
    expect(memory.reserve(601)).to.equal(undefined);
    expect(memory.reserve(Number.NaN)).to.equal(undefined);
    const release = memory.reserve(600);
    expect(memory.reserve(1)).to.equal(undefined);
    release?.();
    expect(memory.reserve(600)).to.be.a('function');
  });
});
