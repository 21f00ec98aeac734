import { expect } from 'chai';
import { describeFrame } from '../../dicom/frame.ts';
import { LINEAR } from '../../dicom/tone-curve.ts';
import type { PixelGrid, ViewState } from '../../engine/contract.ts';
import { ctInstance } from '../../testing/datasets.ts';
import { describe, it } from '../../testing/globals.ts';
import { compose, type PictureRequest, pictureSize } from './compose.ts';
import { burnedIn, fileName } from './picture.ts';

/** 3 × 2 pixels: 0 10 20 / 30 40 50. */
const grid: PixelGrid = { rows: 2, columns: 3, samplesPerPixel: 1, data: [0, 10, 20, 30, 40, 50] };

function request(change: Partial<ViewState> = {}, instance = {}): PictureRequest {
  const frame = describeFrame(ctInstance(0, { Rows: 2, Columns: 3, ...instance }), 1)!;
  const view: ViewState = {
    frame,
    index: 0,
    window: { center: 25.5, width: 51 },
    tone: LINEAR,
    voiTables: [],
    inverted: false,
    subtraction: undefined,
    scale: 1,
    screen: { right: [1, 0], down: [0, 1] },
    toScreen: { a: 2, b: 0, c: 0, d: 2, e: 4, f: 1 },
    range: { minimum: 0, maximum: 50 },
    ...change,
  };
  return { view, grid, size: 'native', area: { width: 12, height: 8 }, annotations: [], patientText: undefined };
}

function levels(asked: PictureRequest): number[] {
  const canvas = compose(asked);
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  return [...data].filter((_, index) => index % 4 === 0);
}

describe('pictures of a frame', () => {
  it('have a level for every pixel, by the window', () => {
    expect(levels(request())).to.deep.equal([0, 51, 102, 153, 204, 255]);
    expect(levels(request({ inverted: true }))).to.deep.equal([255, 204, 153, 102, 51, 0]);
    expect(levels(request({}, { PhotometricInterpretation: 'MONOCHROME1' }))).to.deep.equal([
      255, 204, 153, 102, 51, 0,
    ]);
  });

  it('are turned and mirrored as the screen is', () => {
    // A quarter turn clockwise: what was below is at the left.
    const turned = request({ screen: { right: [0, -1], down: [1, 0] } });
    expect(pictureSize(turned)).to.deep.equal({ width: 2, height: 3 });
    expect(levels(turned)).to.deep.equal([153, 0, 204, 51, 255, 102]);
    expect(levels(request({ screen: { right: [-1, 0], down: [0, 1] } }))).to.deep.equal([102, 51, 0, 255, 204, 153]);
  });

  it('are enlarged by whole numbers, where letters would not fit', () => {
    expect(pictureSize({ ...request(), size: 'enlarged' })).to.deep.equal({ width: 1536, height: 1024 });
    const large = request({}, { Rows: 2000, Columns: 1500 });
    expect(pictureSize({ ...large, size: 'enlarged' })).to.deep.equal({ width: 1500, height: 2000 });
  });

  it('stretch pixels that are not square', () => {
    const tall = request({}, { PixelSpacing: [1, 0.5] });
    expect(pictureSize(tall)).to.deep.equal({ width: 3, height: 4 });
  });

  it('show padding as black, whatever is inverted', () => {
    const padded = { ...request({ inverted: true }), grid: { ...grid, padding: { lowest: 0, highest: 0 } } };
    expect(levels(padded)[0]).to.equal(0);
  });

  it('take colours as they are', () => {
    const color: PixelGrid = { rows: 1, columns: 1, samplesPerPixel: 3, data: [10, 20, 30] };
    const canvas = compose({
      ...request({}, { Rows: 1, Columns: 1, SamplesPerPixel: 3, PhotometricInterpretation: 'RGB' }),
      grid: color,
    });
    expect([...canvas.getContext('2d')!.getImageData(0, 0, 1, 1).data]).to.deep.equal([10, 20, 30, 255]);
  });
});

describe('files without patient data', () => {
  it('have names without it', () => {
    const { view } = request({}, { SeriesNumber: 2, InstanceNumber: 7 });
    expect(fileName(view, 'png', false)).to.equal('CT_2_7.png');
    expect(fileName(view, 'png', true)).to.equal('张伟_P1_20260102_CT_2_7.png');
  });

  it('may have it in the pixels: said where the file says so, or does not say', () => {
    expect(burnedIn(ctInstance(0))).to.equal('no');
    expect(burnedIn(ctInstance(0, { Modality: 'US' }))).to.equal('unknown');
    expect(burnedIn({ ...ctInstance(0, { Modality: 'US' }), '00280301': { vr: 'CS', Value: ['NO'] } })).to.equal('no');
    expect(burnedIn({ ...ctInstance(0), '00280301': { vr: 'CS', Value: ['YES'] } })).to.equal('yes');
  });
});
