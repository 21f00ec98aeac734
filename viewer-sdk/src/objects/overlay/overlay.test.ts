import { expect } from 'chai';
import { render, svg } from 'lit';
import { describeFrame, type Frame } from '../../dicom/frame.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import { ctInstance } from '../../testing/datasets.ts';
import { describe, it } from '../../testing/globals.ts';
import { until } from '../../testing/until.ts';
import { labColour, rgbColour } from './colour.ts';
import { compose, gridOf, gridToGrid, project } from './geometry.ts';
import { SegmentPixels } from './segment-pixels.ts';
import { SegmentationOverlay } from './segmentation.ts';
import { StructureSetOverlay } from './structure-set.ts';

const element = (value: unknown) => ({ vr: 'UN', Value: Array.isArray(value) ? value : [value] });
const dataset = (values: Record<string, unknown>): JsonDataset =>
  Object.fromEntries(Object.entries(values).map(([tag, value]) => [tag, element(value)]));
const instance = (values: JsonDataset) => ({
  dataset: values,
  StudyInstanceUID: '1.2.3.1',
  SeriesInstanceUID: '9',
  SOPInstanceUID: '9.1',
});
const slice = (index: number): Frame => describeFrame(ctInstance(index), 1)!;
const identity = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

const place = (z: number) => [dataset({ '00200032': [-100, -100, z] })];
const shared = [
  dataset({
    '00209116': [dataset({ '00200037': [1, 0, 0, 0, 1, 0] })],
    '00289110': [dataset({ '00280030': [1, 1] })],
  }),
];
const segmentation = (values: Record<string, unknown>) =>
  dataset({
    '00080016': '1.2.840.10008.5.1.4.1.1.66.4',
    '00200052': '1.2.3.7',
    '00280008': 2,
    '00280010': 3,
    '00280011': 3,
    '00280100': 1,
    '00620001': 'BINARY',
    '00620002': [dataset({ '00620004': 1, '00620005': '肝', '0062000D': [41661, 41167, 40792] })],
    '52009229': shared,
    '52009230': [50, 45].map((z) => dataset({ '0062000A': [dataset({ '0062000B': 1 })], '00209113': place(z) })),
    ...values,
  });
/** 9 bits a frame, not padded: the second frame begins in the middle of a byte. */
const BITS = new Uint8Array([0b0001_0001, 0b0010_0000, 0b0000_0010]);

describe('segmentations', () => {
  it('unpacks bits of frames that do not end with a byte', () => {
    const pixels = new SegmentPixels(segmentation({}), [BITS]);
    expect([...pixels.frame(0)]).to.deep.equal([1, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect([...pixels.frame(1)]).to.deep.equal([0, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(() => pixels.frame(2)).to.throw('too short');
  });

  it('lies on the slice in its plane, scaled to its pixels, and on no other', async () => {
    const overlay = new SegmentationOverlay(
      instance(segmentation({})),
      new SegmentPixels(segmentation({}), [BITS]),
      'zh-CN',
    );
    const [part] = overlay.parts;
    expect(part).to.include({ label: '肝', colour: labColour([41661, 41167, 40792]) });
    let changes = 0;
    const draw = (index: number) => overlay.draw(slice(index), part!, identity, () => (changes += 1));
    draw(0);
    await until('the mask', () => changes === 1);
    const host = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    render(svg`${draw(0)}`, host);
    const image = host.querySelector('image');
    // The CT has pixels of half a millimetre, the segmentation of one: twice the size, from the same corner of the first pixels' middles.
    expect(image?.getAttribute('transform')).to.equal('matrix(2 0 0 2 -0.5 -0.5)');
    expect([image?.getAttribute('width'), image?.getAttribute('height')]).to.deep.equal(['2', '2']);
    expect(draw(5)).to.equal(undefined);
    overlay.dispose();
  });

  it('does not lie on an image of another frame of reference', () => {
    const other = segmentation({ '00200052': '1.2.3.8' });
    const overlay = new SegmentationOverlay(instance(other), new SegmentPixels(other, [BITS]), 'en');
    expect(overlay.draw(slice(0), overlay.parts[0]!, identity, () => undefined)).to.equal(undefined);
  });

  it('finds the middle image of a segment by the instance it was made from', () => {
    const source = (uid: string) => [dataset({ '00082112': [dataset({ '00081155': uid })] })];
    const own = segmentation({
      '00081115': [dataset({ '0020000E': '1.5', '0008114A': ['a', 'b'].map((uid) => dataset({ '00081155': uid })) })],
      '52009230': ['a', 'b'].map((uid) =>
        dataset({ '0062000A': [dataset({ '0062000B': 1 })], '00089124': source(uid) }),
      ),
    });
    const overlay = new SegmentationOverlay(instance(own), new SegmentPixels(own, [BITS]), 'en');
    expect(overlay.middle(overlay.parts[0])).to.deep.equal({ study: '1.2.3.1', series: '1.5', instance: 'b' });
  });
});

describe('structure sets', () => {
  const square = (z: number) => [-99.5, -99.5, z, -90, -99.5, z, -90, -90, z, -99.5, -90, z];
  const structures = dataset({
    '30060010': [dataset({ '00200052': '1.2.3.7' })],
    '30060020': [dataset({ '30060022': 1, '30060026': '肿瘤' }), dataset({ '30060022': 2, '30060026': '空' })],
    '30060039': [
      dataset({
        '30060084': 1,
        '3006002A': [255, 0, 128],
        '30060040': [50, 45].map((z) => dataset({ '30060042': 'CLOSED_PLANAR', '30060050': square(z) })),
      }),
    ],
  });
  const path = (frame: Frame) => {
    const overlay = new StructureSetOverlay(instance(structures));
    const host = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    render(svg`${overlay.draw(frame, overlay.parts[0]!, identity)}`, host);
    return [...host.querySelectorAll('path')].map((each) => each.getAttribute('d'));
  };

  it('draws the outline of the slice alone, on pixel centres, in its colour', () => {
    const overlay = new StructureSetOverlay(instance(structures));
    expect(overlay.parts).to.deep.equal([{ key: '1', label: '肿瘤', kind: '', colour: '#ff0080' }]);
    // (-99.5 + 100) / 0.5 + 0.5 = 1.5: the middle of the second pixel.
    expect(path(slice(0))).to.deep.equal(['M1.5 1.5L20.5 1.5L20.5 20.5L1.5 20.5Z', '']);
    expect(path(slice(9))).to.deep.equal([]);
  });

  it('draws what a plane across the outlines cuts', () => {
    const sagittal = describeFrame(
      ctInstance(0, { ImagePositionPatient: [-95, -100, 60], ImageOrientationPatient: [0, 1, 0, 0, 0, -1] }),
      1,
    )!;
    const [closed, lines] = path(sagittal);
    expect([closed, lines?.split('M').length]).to.deep.equal(['', 3]);
    expect(lines).to.include('M1.5 20.5L20.5 20.5');
  });
});

describe('geometry and colour', () => {
  it('maps grids and composes maps', () => {
    const grid = gridOf(slice(0))!;
    expect(project([-100, -100, 50], grid)).to.deep.equal({ x: 0.5, y: 0.5, distance: 0 });
    expect(gridToGrid(grid, grid)).to.deep.equal(identity);
    const twice = { a: 2, b: 0, c: 0, d: 2, e: 0, f: 0 };
    expect(compose({ ...identity, e: 10 }, twice)).to.deep.equal({ ...twice, e: 10 });
  });

  it('reads colours', () => {
    expect(rgbColour([255, 0, 10])).to.equal('#ff000a');
    expect(rgbColour([])).to.equal(undefined);
    expect(labColour([65535, 32896, 32896])).to.equal('#ffffff');
    expect(labColour([0, 32896, 32896])).to.equal('#000000');
  });
});
