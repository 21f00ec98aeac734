import { expect } from 'chai';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import { ctInstance } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { linkedIndex } from './link.ts';

const stack = (count: number, stepMm: number, change: Parameters<typeof ctInstance>[1] = {}, topMm = 100): Frame[] =>
  Array.from(
    { length: count },
    (_, index) =>
      describeFrame(ctInstance(index, { ImagePositionPatient: [-100, -100, topMm - index * stepMm], ...change }), 1)!,
  );
const elsewhere = { FrameOfReferenceUID: '1.2.3.8' };
const nowhere = { ImagePositionPatient: [], ImageOrientationPatient: [] };
const sagittal = { ImageOrientationPatient: [0, 1, 0, 0, 0, -1] };

describe('linked scrolling', () => {
  it('takes the nearest slice of one frame of reference, whatever was joined before', () => {
    const thin = stack(101, 1);
    const thick = stack(11, 10, {}, 95);
    expect(linkedIndex({ frames: thin, index: 30 }, { frames: thick, index: 0 }, undefined)).to.equal(2);
    expect(linkedIndex({ frames: thin, index: 31 }, { frames: thick, index: 0 }, { source: 0, target: 5 })).to.equal(3);
    expect(linkedIndex({ frames: thick, index: 3 }, { frames: thin, index: 0 }, undefined)).to.equal(35);
  });

  it('keeps the millimetres between two studies that were joined', () => {
    const now = { frames: stack(101, 1), index: 40 };
    const before = { frames: stack(21, 5, elsewhere, 300), index: 0 };
    // Joined with 60 mm on 280 mm; 20 mm further down is 260 mm.
    expect(linkedIndex(now, before, { source: 20, target: 4 })).to.equal(8);
    expect(linkedIndex({ ...now, index: 100 }, before, { source: 20, target: 16 })).to.equal(20);
  });

  it('goes by share of the stack between studies that were not joined', () => {
    const before = { frames: stack(21, 5, elsewhere), index: 0 };
    expect(linkedIndex({ frames: stack(101, 1), index: 50 }, before, undefined)).to.equal(10);
    expect(linkedIndex({ frames: stack(101, 1), index: 100 }, before, undefined)).to.equal(20);
  });

  it('goes by number where there are no positions', () => {
    const run = stack(10, 1, nowhere);
    expect(linkedIndex({ frames: run, index: 4 }, { frames: stack(10, 1, nowhere), index: 0 }, undefined)).to.equal(4);
    expect(
      linkedIndex({ frames: run, index: 4 }, { frames: stack(20, 1, nowhere), index: 0 }, { source: 2, target: 9 }),
    ).to.equal(11);
    expect(
      linkedIndex({ frames: run, index: 9 }, { frames: stack(5, 1, nowhere), index: 0 }, { source: 2, target: 1 }),
    ).to.equal(4);
    expect(linkedIndex({ frames: run, index: 9 }, { frames: stack(1, 1, nowhere), index: 0 }, undefined)).to.equal(0);
  });

  it('leaves stacks alone that are cut in another direction', () => {
    const axial = { frames: stack(10, 5), index: 3 };
    expect(linkedIndex(axial, { frames: stack(10, 5, sagittal), index: 0 }, undefined)).to.equal(undefined);
    expect(linkedIndex(axial, { frames: [], index: 0 }, undefined)).to.equal(undefined);
  });
});
