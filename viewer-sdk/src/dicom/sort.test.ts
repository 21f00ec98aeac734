import { expect } from 'chai';
import { ctInstance } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { describeFrame, type Frame } from './frame.ts';
import type { Keyword } from './json.ts';
import { sortFrames } from './sort.ts';

const frames = (changes: readonly Partial<Record<Keyword, unknown>>[]): Frame[] =>
  changes.map((change, index) => describeFrame(ctInstance(index, change), 1)).filter((frame) => frame !== undefined);
const numbersOf = (sorted: readonly Frame[]) => sorted.map(({ instanceNumber }) => instanceNumber);

describe('sortFrames', () => {
  it('puts axial slices head first, whatever their numbers say', () => {
    const at = (z: number) => ({ ImagePositionPatient: [0, 0, z] });
    expect(numbersOf(sortFrames(frames([at(-5), at(20), at(0), at(7.5)])))).to.deep.equal([2, 4, 3, 1]);
  });

  it('puts coronal slices front first and sagittal ones right first', () => {
    const coronal = (y: number) => ({ ImageOrientationPatient: [1, 0, 0, 0, 0, -1], ImagePositionPatient: [0, y, 0] });
    expect(numbersOf(sortFrames(frames([coronal(10), coronal(-10), coronal(0)])))).to.deep.equal([2, 3, 1]);
    const sagittal = (x: number) => ({ ImageOrientationPatient: [0, 1, 0, 0, 0, -1], ImagePositionPatient: [x, 0, 0] });
    expect(numbersOf(sortFrames(frames([sagittal(10), sagittal(-10), sagittal(0)])))).to.deep.equal([2, 3, 1]);
  });

  it('goes by number where directions or frames of reference differ', () => {
    const turned = { ImageOrientationPatient: [1, 0, 0, 0, 0, -1] };
    expect(
      numbersOf(sortFrames(frames([{ InstanceNumber: 3 }, { ...turned, InstanceNumber: 1 }, { InstanceNumber: 2 }]))),
    ).to.deep.equal([1, 2, 3]);
    expect(
      numbersOf(sortFrames(frames([{ InstanceNumber: 2 }, { FrameOfReferenceUID: '9.9', InstanceNumber: 1 }]))),
    ).to.deep.equal([1, 2]);
  });

  it('goes by number where there are no positions, and keeps those without a number last', () => {
    const bare = { ImagePositionPatient: [], ImageOrientationPatient: [] };
    const sorted = sortFrames(
      frames([
        { ...bare, InstanceNumber: [] },
        { ...bare, InstanceNumber: 10 },
        { ...bare, InstanceNumber: 9 },
      ]),
    );
    expect(numbersOf(sorted)).to.deep.equal([9, 10, undefined]);
  });

  it('keeps frames of one place in the order of their numbers', () => {
    const place = { ImagePositionPatient: [0, 0, 0] };
    expect(
      numbersOf(
        sortFrames(
          frames([
            { ...place, InstanceNumber: 2 },
            { ...place, InstanceNumber: 1 },
          ]),
        ),
      ),
    ).to.deep.equal([1, 2]);
  });

  it('loses and doubles nothing', () => {
    const many = frames(
      Array.from({ length: 50 }, (_, index) => ({ ImagePositionPatient: [0, 0, (index * 37) % 50] })),
    );
    expect(new Set(sortFrames(many)).size).to.equal(50);
  });
});
