import { expect } from 'chai';
import { describeFrame, type Frame } from '../../dicom/frame.ts';
import type { Vector } from '../../dicom/vector.ts';
import { toPatient, toVoxel, type VolumeGeometry, volumeGeometry } from '../../dicom/volume.ts';
import { ctInstance } from '../../testing/datasets.ts';
import { describe, it } from '../../testing/globals.ts';
import { PLANES, planeRequest, planeView } from './planes.ts';
import { reslice, sampleAt } from './reslice.ts';

const at = (positions: readonly Vector[], more: object = {}): Frame[] =>
  positions.map(
    (ImagePositionPatient, index) =>
      describeFrame(
        ctInstance(index, { Rows: 4, Columns: 5, PixelSpacing: [2, 1], ImagePositionPatient, ...more }),
        1,
      )!,
  );
const even = at([
  [0, 0, 30],
  [0, 0, 10],
  [0, 0, 20],
  [0, 0, 40],
]);
const geometry = volumeGeometry(even) as VolumeGeometry;
/** A value for every voxel that tells where it is. */
const value = ([i, j, k]: Vector): number => i + 10 * j + 100 * k;
const voxels = Int16Array.from({ length: 80 }, (_, index) =>
  value([index % 5, Math.floor(index / 5) % 4, Math.floor(index / 20)]),
);

describe('volumeGeometry', () => {
  it('orders the slices along their normal and measures the gap', () => {
    expect(geometry).to.deep.include({
      order: [1, 2, 0, 3],
      size: [5, 4, 4],
      spacingMm: [1, 2, 10],
      origin: [0, 0, 10],
    });
    expect(toVoxel(geometry, toPatient(geometry, [3, 2, 1]))).to.deep.equal([3, 2, 1]);
  });

  it('says why a series is no volume', () => {
    expect(volumeGeometry(even.slice(0, 2))).to.equal('few');
    expect(
      volumeGeometry(
        at([
          [0, 0, 0],
          [0, 0, 10],
          [0, 0, 30],
        ]),
      ),
    ).to.equal('uneven');
    expect(
      volumeGeometry(
        at([
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 10],
        ]),
      ),
    ).to.equal('uneven');
    expect(
      volumeGeometry(
        at([
          [0, 0, 0],
          [0, 3, 10],
          [0, 6, 20],
        ]),
      ),
    ).to.equal('tilted');
    expect(volumeGeometry([...even, ...at([[0, 0, 50]], { Rows: 8 })])).to.equal('mixed');
    expect(
      volumeGeometry(
        at(
          [
            [0, 0, 0],
            [0, 0, 1],
            [0, 0, 2],
          ],
          { Modality: 'DX' },
        ),
      ),
    ).to.equal('noMillimetres');
  });
});

describe('reslice', () => {
  it('is exact at the middle of every voxel and even between them', () => {
    for (let k = 0; k < 4; k += 1)
      for (let j = 0; j < 4; j += 1)
        for (let i = 0; i < 5; i += 1) expect(sampleAt(voxels, geometry.size, i, j, k)).to.equal(value([i, j, k]));
    expect(sampleAt(voxels, geometry.size, 1.5, 0.25, 2.5)).to.equal(value([1.5, 0.25, 2.5]));
    expect(sampleAt(voxels, geometry.size, -0.6, 0, 0)).to.equal(undefined);
  });

  it('cuts the three planes through a place, each the right way round', () => {
    const point: Vector = [2, 4, 20];
    for (const name of PLANES) {
      const view = planeView(geometry, name);
      const plane = planeRequest(geometry, name, view, point, 0, 'mean');
      const cut = reslice(voxels, geometry.size, plane);
      const corner = { axial: [0, 0, 1], coronal: [0, 2, 3], sagittal: [2, 0, 3] }[name] as unknown as Vector;
      expect(cut[0], name).to.be.closeTo(value(corner), 1e-3);
    }
    const coronal = planeView(geometry, 'coronal');
    const cut = reslice(voxels, geometry.size, planeRequest(geometry, 'coronal', coronal, point, 0, 'mean'));
    // Ten millimetres down are one slice towards the feet.
    expect(cut[coronal.width * 10]).to.be.closeTo(value([0, 2, 2]), 1e-3);
  });

  it('projects a slab by mean, maximum and minimum', () => {
    const view = planeView(geometry, 'axial');
    const of = (projection: 'mean' | 'maximum' | 'minimum') =>
      reslice(voxels, geometry.size, planeRequest(geometry, 'axial', view, [0, 0, 25], 10, projection))[0];
    expect(of('maximum')).to.be.closeTo(value([0, 0, 2]), 1e-3);
    expect(of('minimum')).to.be.closeTo(value([0, 0, 1]), 1e-3);
    expect(of('mean')).to.be.closeTo(value([0, 0, 1.5]), 1e-3);
  });
});
