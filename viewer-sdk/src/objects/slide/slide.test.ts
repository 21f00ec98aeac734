import { expect } from 'chai';
import type { JsonDataset } from '../../dicom/json.ts';
import { describe, it } from '../../testing/globals.ts';
import { levelFor, readPyramid, scaleBar } from './pyramid.ts';
import { rgbImage } from './tiles.ts';

const element = (value: unknown) => ({ vr: 'UN', Value: Array.isArray(value) ? value : [value] });
const dataset = (values: Record<string, unknown>): JsonDataset =>
  Object.fromEntries(Object.entries(values).map(([tag, value]) => [tag, element(value)]));
const level = (uid: string, columns: number, rows: number, values: Record<string, unknown> = {}) =>
  dataset({
    '00080008': ['DERIVED', 'PRIMARY', 'VOLUME', 'RESAMPLED'],
    '00080016': '1.2.840.10008.5.1.4.1.1.77.1.6',
    '00080018': uid,
    '00209311': 'TILED_FULL',
    '00280008': Math.ceil(columns / 256) * Math.ceil(rows / 256),
    '00280010': 256,
    '00280011': 256,
    '00480006': columns,
    '00480007': rows,
    '00480105': [dataset({ '00480112': '20' })],
    '52009229': [dataset({ '00289110': [dataset({ '00280030': ['0.0005', '0.0005'] })] })],
    ...values,
  });

describe('whole slides', () => {
  const label = level('label', 400, 400, { '00080008': ['ORIGINAL', 'PRIMARY', 'LABEL', 'NONE'] });
  const series = [
    level('small', 512, 300),
    label,
    level('large', 4096, 2400),
    level('middle', 2048, 1200),
    level('again', 512, 300),
  ];

  it('puts the levels in order, each once, without label and overview', () => {
    const pyramid = readPyramid(series, 'small');
    expect(pyramid.levels.map(({ instance }) => instance)).to.deep.equal(['large', 'middle', 'small']);
    expect(pyramid.lensPower).to.equal(20);
    expect(pyramid.levels[0]?.spacingMm).to.equal(0.0005);
    expect(readPyramid(series, 'label').levels.map(({ instance }) => instance)).to.deep.equal(['label']);
    expect(() => readPyramid([], 'x')).to.throw('no tiles');
  });

  it('finds frames of full tilings by counting, of sparse ones by their places', () => {
    const [full] = readPyramid([level('full', 600, 500)], 'full').levels;
    expect([
      full?.frameAt(0, 0),
      full?.frameAt(2, 0),
      full?.frameAt(0, 1),
      full?.frameAt(3, 0),
      full?.frameAt(0, 2),
    ]).to.deep.equal([1, 3, 4, undefined, undefined]);
    const at = (x: number, y: number) => dataset({ '0048021A': [dataset({ '0048021E': x, '0048021F': y })] });
    const sparse = level('sparse', 600, 500, {
      '00209311': 'TILED_SPARSE',
      '52009230': [at(257, 1), at(1, 257), at(257, 1)],
    });
    const [found] = readPyramid([sparse], 'sparse').levels;
    expect([found?.frameAt(1, 0), found?.frameAt(0, 1), found?.frameAt(0, 0)]).to.deep.equal([1, 2, undefined]);
  });

  it('draws from the level that has a pixel for each of the screen', () => {
    const pyramid = readPyramid(series, 'small');
    expect([2, 1, 0.6, 0.5, 0.2, 0.125, 0.01].map((scale) => levelFor(pyramid, scale).instance)).to.deep.equal([
      'large',
      'large',
      'large',
      'middle',
      'middle',
      'small',
      'small',
    ]);
  });

  it('reads colours by pixel and by plane', () => {
    const expected = [1, 2, 3, 255, 4, 5, 6, 255];
    expect([...rgbImage(Uint8Array.from([1, 2, 3, 4, 5, 6]), 2, 1, false).data]).to.deep.equal(expected);
    expect([...rgbImage(Uint8Array.from([1, 4, 2, 5, 3, 6]), 2, 1, true).data]).to.deep.equal(expected);
    expect(() => rgbImage(new Uint8Array(5), 2, 1, false)).to.throw('too short');
  });

  it('labels its scale bar roundly', () => {
    expect(scaleBar(0.0005, 140)).to.deep.equal({ mm: 0.05, label: '50 µm' });
    expect(scaleBar(0.02, 140).label).to.equal('2 mm');
  });
});
