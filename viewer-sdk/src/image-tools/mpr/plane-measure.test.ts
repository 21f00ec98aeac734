import { expect } from 'chai';
import { describeFrame, type Frame } from '../../dicom/frame.ts';
import { add, cross, dot, length, scale, type Vector } from '../../dicom/vector.ts';
import { toPatient, type VolumeGeometry, volumeGeometry } from '../../dicom/volume.ts';
import { ctInstance } from '../../testing/datasets.ts';
import { describe, it } from '../../testing/globals.ts';
import { FITTED, inPatient, onPane, pannedBy, picturePlace, zoomedAt } from './plane-map.ts';
import { isShownAt, measured } from './plane-measure.ts';
import { DIRECTIONS, PLANES, planeRequest, planeView } from './planes.ts';
import { reslice, valueAt } from './reslice.ts';

const unit = (vector: Vector): Vector => scale(vector, 1 / length(vector));
const ROW = unit([0.9, 0.3, -0.2]);
const NORMAL = unit(cross(ROW, [0.1, 0.8, 0.5]));
const COLUMN = cross(NORMAL, ROW);
const SPACING = [0.7, 1.9, 4.5] as const;
const SIZE = [40, 30, 20] as const;
const ORIGIN: Vector = [-31.5, 12.25, 40];

/** A volume that lies askew in the patient, its voxels three different ways long. */
const oblique = (() => {
  const frames: Frame[] = Array.from({ length: SIZE[2] }, (_, k) => {
    const frame = describeFrame(
      ctInstance(k, {
        Rows: SIZE[1],
        Columns: SIZE[0],
        PixelSpacing: [SPACING[1], SPACING[0]],
        ImageOrientationPatient: [...ROW, ...COLUMN],
        ImagePositionPatient: [...add(ORIGIN, scale(NORMAL, SPACING[2] * k))],
      }),
      1,
    );
    if (!frame) throw new Error('no image');
    return frame;
  });
  const geometry = volumeGeometry(frames);
  if (typeof geometry === 'string') throw new Error(geometry);
  return geometry;
})();

const PANES = [
  { width: 640, height: 360 },
  { width: 333, height: 517 },
];

describe('places of a plane', () => {
  for (const name of PLANES)
    it(`are the patient's in the ${name} one, at any zoom`, () => {
      const view = planeView(oblique, name);
      for (const pane of PANES) {
        let zoom = FITTED;
        for (let step = 0; step < 3; step += 1) {
          const place = picturePlace(view, pane, zoom);
          const one: Vector = [3.25, -11.5, 61];
          const back = inPatient(name, view, place, onPane(name, view, place, one), dot(one, DIRECTIONS[name].through));
          expect(length(add(back, scale(one, -1)))).to.be.lessThan(1e-9);
          // The same millimetres both ways, and as many as there are.
          const [x, y] = onPane(name, view, place, one);
          const [x2] = onPane(name, view, place, add(one, scale(DIRECTIONS[name].right, 10)));
          const [, y2] = onPane(name, view, place, add(one, scale(DIRECTIONS[name].down, 10)));
          expect(x2 - x).to.be.closeTo((10 / view.pixelMm) * place.scale, 1e-9);
          expect(y2 - y).to.be.closeTo(x2 - x, 1e-9);
          zoom = pannedBy(view, pane, zoomedAt(view, pane, zoom, 2.5, [100, 90]), 7, -13);
        }
      }
    });

  it('stay under the pointer while it zooms', () => {
    const view = planeView(oblique, 'coronal');
    const pane = { width: 640, height: 360 };
    const at = [300, 200] as const;
    const before = inPatient('coronal', view, picturePlace(view, pane, FITTED), at, 0);
    const zoom = zoomedAt(view, pane, FITTED, 3, at);
    const after = inPatient('coronal', view, picturePlace(view, pane, zoom), at, 0);
    expect(length(add(after, scale(before, -1)))).to.be.lessThan(1e-9);
    expect(zoomedAt(view, pane, zoom, 0.01, at)).to.equal(FITTED);
  });
});

describe('measuring in a plane', () => {
  it('finds marks of a skew volume where they are, and the millimetres between them', () => {
    // Two bright voxels of one axial plane, each in a corner of the volume: their pictures are looked for, not computed.
    const marks = [
      [6, 22, 9],
      [33, 5, 9],
    ] as const;
    const voxels = new Int16Array(SIZE[0] * SIZE[1] * SIZE[2]);
    for (const [i, j, k] of marks) voxels[(k * SIZE[1] + j) * SIZE[0] + i] = 1000;
    for (const name of PLANES) {
      const view = planeView(oblique, name);
      const place = picturePlace(view, { width: 900, height: 700 }, FITTED);
      const found = marks.map((mark) => {
        const point = toPatient(oblique, mark);
        const cut = reslice(voxels, SIZE, planeRequest(oblique, name, view, point, 0, 'mean'));
        const brightest = cut.indexOf(Math.max(...cut.filter((value) => value > 0)));
        const screen = [
          place.left + ((brightest % view.width) + 0.5) * place.scale,
          place.top + (Math.floor(brightest / view.width) + 0.5) * place.scale,
        ] as const;
        return inPatient(name, view, place, screen, dot(point, DIRECTIONS[name].through));
      });
      const [from, to] = found;
      if (!from || !to) throw new Error('no marks');
      const truth = Math.hypot((33 - 6) * SPACING[0], (5 - 22) * SPACING[1]);
      // To half a pixel of the picture at each end.
      expect(measured({ kind: 'length', points: [from, to] })?.value, name).to.be.closeTo(truth, view.pixelMm * 1.5);
    }
  });

  it('measures lengths and angles of the patient', () => {
    expect(
      measured({
        kind: 'length',
        points: [
          [1, 2, 3],
          [4, 2, 7],
        ],
      }),
    ).to.eql({ name: 'length', value: 5, unit: 'mm' });
    const angle = measured({
      kind: 'angle',
      points: [
        [10, 0, 5],
        [0, 0, 5],
        [3, 3, 5],
      ],
    });
    expect(angle?.unit).to.equal('deg');
    expect(angle?.value).to.be.closeTo(45, 1e-9);
    expect(
      measured({
        kind: 'angle',
        points: [
          [0, 0, 0],
          [0, 0, 0],
          [1, 0, 0],
        ],
      }),
    ).to.equal(undefined);
    expect(measured({ kind: 'length', points: [[0, 0, 0]] })).to.equal(undefined);
  });

  it('shows a line in its own plane, and in a slab around it', () => {
    const line = {
      kind: 'length',
      plane: 'axial',
      points: [
        [0, 0, 10],
        [5, 0, 10],
      ],
      slabMm: 0,
    } as const;
    expect([8.9, 9, 11, 11.1].map((depth) => isShownAt(line, depth, 2, 0))).to.eql([false, true, true, false]);
    expect(isShownAt(line, 19, 2, 20)).to.equal(true);
  });
});

describe('the value at a place', () => {
  const geometry: Pick<VolumeGeometry, 'size'> = { size: [3, 2, 2] };
  const voxels = Int16Array.from([-2000, 10, 20, 30, 40, 50, 110, 120, 130, 140, 150, 160]);
  const padding = { lowest: -2000, highest: -2000 };

  it('is exact in the middle of a voxel, even between them, and none beside padding or outside', () => {
    expect(valueAt(voxels, geometry.size, [1, 0, 0], padding)).to.equal(10);
    expect(valueAt(voxels, geometry.size, [1 + 1e-9, 0, 0], padding)).to.equal(10);
    expect(valueAt(voxels, geometry.size, [1.5, 0, 0], padding)).to.equal(15);
    expect(valueAt(voxels, geometry.size, [0.5, 0, 0], padding)).to.equal('padding');
    expect(valueAt(voxels, geometry.size, [0.5, 0, 0], undefined)).to.equal(-995);
    expect(valueAt(voxels, geometry.size, [0.5, 0, 1], padding)).to.equal(115);
    expect(valueAt(voxels, geometry.size, [4, 0, 0], padding)).to.equal(undefined);
  });
});
