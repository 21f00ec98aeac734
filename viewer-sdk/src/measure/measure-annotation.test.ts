import { expect } from 'chai';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import type { Keyword } from '../dicom/json.ts';
import type { PixelGrid } from '../engine/contract.ts';
import type { ImagePoint } from '../extension/contract.ts';
import { ctInstance, dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import type { AnnotationKind } from './annotation.ts';
import { ellipseIn } from './geometry.ts';
import { measureAnnotation } from './measure-annotation.ts';
import type { ValueName } from './values.ts';

function frameOf(change: Partial<Record<Keyword, unknown>> = {}): Frame {
  const frame = describeFrame(ctInstance(0, { PixelSpacing: [2, 0.5], ...change }), 1);
  if (!frame) throw new Error('not an image');
  return frame;
}

/** Every pixel's value is 1000 times its row and its column. */
function numbered(rows: number, columns: number): PixelGrid {
  const data = Int32Array.from({ length: rows * columns }, (_, at) => Math.floor(at / columns) * 1000 + (at % columns));
  return { rows, columns, samplesPerPixel: 1, data };
}

function measure(kind: AnnotationKind, points: readonly ImagePoint[], pixels?: PixelGrid, frame = frameOf()) {
  const { values } = measureAnnotation({ kind, points }, frame, pixels);
  const of = (name: ValueName) => values.find((value) => value.name === name);
  return { values, of, number: (name: ValueName) => of(name)?.value };
}

describe('angles', () => {
  const arm = (degrees: number, length = 50): ImagePoint => [
    // Columns are 0.5 mm, rows 2 mm.
    100 + (length * Math.cos((degrees * Math.PI) / 180)) / 0.5,
    100 + (length * Math.sin((degrees * Math.PI) / 180)) / 2,
  ];

  for (const degrees of [0.5, 30, 90, 137, 179.5, 180])
    it(`measures ${degrees}° on pixels that are not square`, () => {
      const { of } = measure('angle', [arm(20), [100, 100], arm(20 + degrees, 20)]);
      expect(of('angle')?.value).to.be.closeTo(degrees, 1e-9);
      expect(of('angle')?.unit).to.equal('deg');
    });

  it('has no angle where an arm has no length', () => {
    expect(measure('angle', [[100, 100], [100, 100], arm(3)]).values).to.eql([]);
  });

  /** Two end plates that lean towards each other by an angle, seen from the side the curve is open to. */
  const plates = (degrees: number, turned: boolean): ImagePoint[] => {
    const at = (direction: number, mm: number): ImagePoint => {
      const radians = (direction * Math.PI) / 180;
      return [100 + (mm * Math.cos(radians)) / 0.5, 100 + (mm * Math.sin(radians)) / 2];
    };
    const upper: ImagePoint[] = [at(-degrees / 2, 20), at(-degrees / 2, 40)];
    const lower: ImagePoint[] = [at(degrees / 2, 25), at(degrees / 2, 45)];
    return turned ? [...upper, ...lower.reverse()] : [...upper, ...lower];
  };

  for (const degrees of [8, 42, 90, 118])
    it(`measures a Cobb angle of ${degrees}° whichever way its lines are drawn`, () => {
      expect(measure('cobb', plates(degrees, false)).number('angle')).to.be.closeTo(degrees, 1e-9);
      expect(measure('cobb', plates(degrees, true)).number('angle')).to.be.closeTo(degrees, 1e-9);
    });

  it('measures no Cobb angle between parallel lines and the acute one between lines that cross', () => {
    const flat: ImagePoint[] = [
      [0, 0],
      [10, 0],
      [20, 5],
      [0, 5],
    ];
    expect(measure('cobb', flat).number('angle')).to.equal(0);
    const crossed: ImagePoint[] = [arm(160), arm(-20), arm(10), arm(190)];
    expect(measure('cobb', crossed).number('angle')).to.be.closeTo(30, 1e-9);
  });
});

describe('regions of interest', () => {
  it('counts the pixels whose middle lies inside: left and upper edges in, right and lower edges out', () => {
    const grid = numbered(20, 20);
    // From the middle of pixel (3, 2) to the middle of pixel (6, 4): columns 3 to 5, rows 2 and 3.
    const { number } = measure(
      'rectangle',
      [
        [3.5, 2.5],
        [6.5, 4.5],
      ],
      grid,
    );
    expect(number('count')).to.equal(6);
    expect(number('minimum')).to.equal(2003);
    expect(number('maximum')).to.equal(3005);
    expect(number('mean')).to.equal(2504);
    // Columns deviate by ±1 in two thirds, rows by ±500.
    expect(number('standardDeviation')).to.be.closeTo(Math.sqrt(2 / 3 + 250_000), 1e-9);
    expect(number('area')).to.equal(6);
    const turned = measure(
      'rectangle',
      [
        [6.5, 4.5],
        [3.5, 2.5],
      ],
      grid,
    );
    expect(turned.number('mean')).to.equal(2504);
  });

  it('shares no pixel between two areas with a common edge', () => {
    const grid = numbered(20, 20);
    const left = measure(
      'rectangle',
      [
        [2.5, 2],
        [8.5, 12],
      ],
      grid,
    );
    const right = measure(
      'rectangle',
      [
        [8.5, 2],
        [14.5, 12],
      ],
      grid,
    );
    expect([left.number('count'), right.number('count')]).to.eql([60, 60]);
    expect(left.number('maximum')).to.equal(11_007);
    expect(right.number('minimum')).to.equal(2008);
  });

  it('agrees with a test of every pixel, for ellipses and closed lines of any shape', () => {
    const grid = numbered(60, 60);
    const mean = (inside: (x: number, y: number) => boolean): { count: number; mean: number } => {
      let count = 0;
      let sum = 0;
      for (let row = 0; row < 60; row += 1)
        for (let column = 0; column < 60; column += 1)
          if (inside(column + 0.5, row + 0.5)) {
            count += 1;
            sum += row * 1000 + column;
          }
      return { count, mean: sum / count };
    };
    const round = measure('ellipse', ellipseIn([10.2, 15.1], [41.3, 38.8]), grid);
    const byEquation = mean((x, y) => ((x - 25.75) / 15.55) ** 2 + ((y - 26.95) / 11.85) ** 2 <= 1);
    expect(round.number('count')).to.equal(byEquation.count);
    expect(round.number('mean')).to.be.closeTo(byEquation.mean, 1e-6);
    expect(round.number('area')).to.be.closeTo(Math.PI * 15.55 * 11.85, 1e-9);

    // An ellipse that another system turned by 30 degrees.
    const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const turned: ImagePoint[] = [
      [30 - 20 * c, 30 - 20 * s],
      [30 + 20 * c, 30 + 20 * s],
      [30 + 8 * s, 30 - 8 * c],
      [30 - 8 * s, 30 + 8 * c],
    ];
    const leaning = measure('ellipse', turned, grid);
    const tested = mean((x, y) => {
      const [u, v] = [(x - 30) * c + (y - 30) * s, (30 - x) * s + (y - 30) * c];
      return (u / 20) ** 2 + (v / 8) ** 2 <= 1;
    });
    expect(leaning.number('count')).to.equal(tested.count);
    expect(leaning.number('mean')).to.be.closeTo(tested.mean, 1e-6);

    // A bay in a closed line: two spans in a row.
    const bay: ImagePoint[] = [
      [5.1, 5.1],
      [50.3, 5.1],
      [50.3, 50.2],
      [28.1, 12.4],
      [5.1, 50.2],
    ];
    const outlined = measure('freehand', bay, grid);
    const filled = mean((x, y) => {
      let within = false;
      bay.forEach(([x1, y1], index) => {
        const [x2, y2] = bay[(index + 1) % bay.length] ?? [0, 0];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) within = !within;
      });
      return within;
    });
    expect(outlined.number('count')).to.equal(filled.count);
    expect(outlined.number('mean')).to.be.closeTo(filled.mean, 1e-6);
  });

  it('leaves out what lies beyond the image, and says nothing of values where no pixel is inside', () => {
    const grid = numbered(20, 20);
    expect(
      measure(
        'rectangle',
        [
          [-5, -5],
          [2, 2],
        ],
        grid,
      ).number('count'),
    ).to.equal(4);
    const tiny = measure(
      'rectangle',
      [
        [3.6, 3.6],
        [3.9, 3.9],
      ],
      grid,
    );
    expect(tiny.values.map(({ name }) => name)).to.eql(['area']);
    expect(measure('ellipse', ellipseIn([4, 4], [4, 9]), grid).values.map(({ name }) => name)).to.eql(['area']);
  });

  it('measures nothing of a line that crosses itself', () => {
    const bow: ImagePoint[] = [
      [2, 2],
      [12, 12],
      [12, 2],
      [2, 12],
    ];
    expect(measure('freehand', bow, numbered(20, 20)).values).to.eql([]);
  });

  it('has an area and no values on colour', () => {
    const frame = frameOf({ SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', Modality: 'ES' });
    const grid: PixelGrid = { rows: 20, columns: 20, samplesPerPixel: 3, data: new Uint8Array(1200).fill(7) };
    const { values } = measure(
      'rectangle',
      [
        [2, 2],
        [4, 4],
      ],
      grid,
      frame,
    );
    expect(values).to.eql([{ name: 'area', value: 4, unit: 'mm2' }]);
    expect(measure('probe', [[2, 2]], grid, frame).values).to.eql([
      { name: 'red', value: 7, unit: '1' },
      { name: 'green', value: 7, unit: '1' },
      { name: 'blue', value: 7, unit: '1' },
    ]);
  });
});

describe('pixel values', () => {
  const value = (change: Partial<Record<Keyword, unknown>>, at: ImagePoint = [3.99, 2.01]) =>
    measure('probe', [at], numbered(10, 10), frameOf(change)).values[0];

  it('takes the pixel that the point lies in', () => {
    expect(value({})).to.eql({ name: 'value', value: 2003, unit: "[hnsf'U]" });
    expect(value({}, [4, 2])?.value).to.equal(2004);
    expect(value({}, [-0.01, 2])).to.equal(undefined);
    expect(value({}, [10, 2])).to.equal(undefined);
  });

  it('calls Hounsfield units what the file says are', () => {
    expect(value({ RescaleType: undefined })?.unit).to.equal("[hnsf'U]");
    expect(value({ RescaleType: 'US' })?.unit).to.equal('1');
    expect(value({ RescaleSlope: [], RescaleIntercept: [], RescaleType: [] })?.unit).to.equal('1');
    expect(value({ Modality: 'MR', RescaleType: [] })?.unit).to.equal('1');
  });

  const pet: Partial<Record<Keyword, unknown>> = {
    Modality: 'PT',
    RescaleType: [],
    Units: 'BQML',
    CorrectedImage: ['DECY', 'ATTN', 'SCAT'],
    DecayCorrection: 'START',
    PatientWeight: 70,
    SeriesDate: '20260102',
    SeriesTime: '110000',
    AcquisitionDate: '20260102',
    AcquisitionTime: '110000.5',
    RadiopharmaceuticalInformationSequence: [
      dataset({
        RadionuclideTotalDose: 350e6,
        RadionuclideHalfLife: 3600,
        RadiopharmaceuticalStartDateTime: '20260102100000.00',
      }),
    ],
  };
  const tracer = (change: Partial<Record<Keyword, unknown>>) => ({
    ...pet,
    RadiopharmaceuticalInformationSequence: [
      dataset({
        RadionuclideTotalDose: 350e6,
        RadionuclideHalfLife: 3600,
        RadiopharmaceuticalStartTime: '100000',
        ...change,
      }),
    ],
  });

  it('gives SUV by body weight from the dose as it had decayed to the start of the series', () => {
    // One half life: half of 350 MBq for 70,000 g.
    const expected = (2003 * 70_000) / 175e6;
    const { unit, value: suv } = value(pet) ?? {};
    expect(unit).to.equal('g/ml{SUVbw}');
    expect(suv).to.be.closeTo(expected, 1e-12);
    expect(value(tracer({}))?.value).to.be.closeTo(expected, 1e-12);
    expect(value({ ...pet, DecayCorrection: 'ADMIN' })?.value).to.be.closeTo(expected / 2, 1e-12);
  });

  const missing: readonly [what: string, change: Partial<Record<Keyword, unknown>>][] = [
    ['no weight', { ...pet, PatientWeight: [] }],
    ['a weight of nothing', { ...pet, PatientWeight: 0 }],
    ['no decay correction', { ...pet, DecayCorrection: 'NONE' }],
    ['no attenuation correction', { ...pet, CorrectedImage: ['DECY'] }],
    ['a dose in megabecquerels', tracer({ RadionuclideTotalDose: 350 })],
    ['no half life', tracer({ RadionuclideHalfLife: [] })],
    ['an injection after the scan', tracer({ RadiopharmaceuticalStartTime: '113000' })],
    ['no time of injection', tracer({ RadiopharmaceuticalStartTime: [] })],
    ['an injection of another time zone', tracer({ RadiopharmaceuticalStartDateTime: '20260102020000+0000' })],
    ['a series made after its acquisition', { ...pet, SeriesTime: '120000' }],
    ['two tracers', { ...pet, RadiopharmaceuticalInformationSequence: [dataset({}), dataset({})] }],
  ];
  for (const [what, change] of missing)
    it(`stays with Bq/ml for ${what}`, () => {
      expect(value(change)).to.eql({ name: 'value', value: 2003, unit: 'Bq/ml' });
    });

  it('keeps the unit of other PET images', () => {
    expect(value({ ...pet, Units: 'GML' })).to.deep.include({ value: 2003, unit: 'g/ml{SUVbw}' });
    expect(value({ ...pet, Units: 'GML', SUVType: 'LBM' })).to.deep.include({ unit: 'g/ml{SUVlbm}' });
    expect(value({ ...pet, Units: 'GML', SUVType: 'WHAT' })).to.deep.include({ unit: 'g/ml' });
    expect(value({ ...pet, Units: 'CNTS' })).to.deep.include({ unit: '{counts}' });
  });
});

describe('pixels that are not measured', () => {
  const rectangle: readonly ImagePoint[] = [
    [2, 2],
    [6, 4],
  ];
  /** Columns count from 0, and the left three are padding. */
  const padded = (): PixelGrid => ({ ...numbered(1, 8), rows: 8, data: padding(), padding: PADDING });
  const PADDING = { lowest: -2000, highest: -1990 };
  const padding = (): Int16Array =>
    Int16Array.from({ length: 64 }, (_, at) => (at % 8 < 3 ? -2000 + (at % 8) * 5 : at % 8));

  it('leaves padding out of the statistics, not out of the area', () => {
    const { number } = measure('rectangle', rectangle, padded());
    expect(number('area')).to.equal(8);
    expect(number('count')).to.equal(6);
    expect(number('mean')).to.equal(4);
    expect(number('minimum')).to.equal(3);
    expect(number('standardDeviation')).to.be.closeTo(Math.sqrt(2 / 3), 1e-9);
  });

  it('says so where there is nothing but padding', () => {
    const frame = frameOf();
    const nothing = measureAnnotation({ kind: 'rectangle', points: [rectangle[0] ?? [0, 0], [0, 6]] }, frame, padded());
    expect(nothing.values.map(({ name }) => name)).to.eql(['area']);
    expect(nothing.withheld).to.equal('padding');
    const probed = measureAnnotation({ kind: 'probe', points: [[2.5, 1.5]] }, frame, padded());
    expect(probed).to.deep.include({ values: [], withheld: 'padding' });
    const beside = measureAnnotation({ kind: 'probe', points: [[3.5, 1.5]] }, frame, padded());
    expect(beside.values).to.eql([{ name: 'value', value: 3, unit: "[hnsf'U]" }]);
    expect(beside.withheld).to.equal(undefined);
  });

  it('gives lengths and areas on a subtracted image, and no values', () => {
    const frame = frameOf();
    const area = measureAnnotation({ kind: 'rectangle', points: rectangle }, frame, 'subtracted');
    expect(area.values).to.eql([{ name: 'area', value: 8, unit: 'mm2' }]);
    expect(area.withheld).to.equal('subtracted');
    expect(measureAnnotation({ kind: 'probe', points: [[2.5, 1.5]] }, frame, 'subtracted')).to.deep.include({
      values: [],
      withheld: 'subtracted',
    });
    const line = measureAnnotation({ kind: 'length', points: rectangle }, frame, 'subtracted');
    expect(line.withheld).to.equal(undefined);
    expect(line.values[0]?.value).to.be.closeTo(Math.hypot(2, 4), 1e-9);
  });
});
