import { expect } from 'chai';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import type { JsonDataset, Keyword } from '../dicom/json.ts';
import type { ImagePoint } from '../extension/contract.ts';
import { dataset } from '../testing/datasets.ts';
import { describe, it } from '../testing/globals.ts';
import { calibrateByLine, calibrationOf } from './calibration.ts';
import { measureAnnotation } from './measure-annotation.ts';

const LINE: readonly [ImagePoint, ImagePoint] = [
  [10, 10],
  [13, 14],
];

function frameOf(values: Partial<Record<Keyword, unknown>>, frameNumber = 1): Frame {
  const described = describeFrame(
    dataset({
      SOPClassUID: '1.2.3',
      SOPInstanceUID: '1.2.3.4',
      Modality: 'CT',
      Rows: 600,
      Columns: 800,
      BitsAllocated: 16,
      ...values,
    }),
    frameNumber,
  );
  if (!described) throw new Error('not an image');
  return described;
}

const length = (frame: Frame, points: readonly ImagePoint[] = LINE) =>
  measureAnnotation({ kind: 'length', points }, frame, undefined);

const region = (change: Partial<Record<Keyword, unknown>> = {}): JsonDataset =>
  dataset({
    RegionSpatialFormat: 1,
    RegionDataType: 1,
    RegionFlags: 0,
    RegionLocationMinX0: 100,
    RegionLocationMinY0: 50,
    RegionLocationMaxX1: 499,
    RegionLocationMaxY1: 449,
    PhysicalUnitsXDirection: 3,
    PhysicalUnitsYDirection: 3,
    PhysicalDeltaX: 0.02,
    PhysicalDeltaY: 0.03,
    ...change,
  });
const us = (...regions: JsonDataset[]): Frame => frameOf({ Modality: 'US', SequenceOfUltrasoundRegions: regions });

describe('calibration', () => {
  it('takes the pixel spacing of cross sections for the patient, rows and columns apart', () => {
    const frame = frameOf({ PixelSpacing: [2, 0.5] });
    const { values, calibration } = length(frame);
    expect(calibration?.kind).to.equal('patient');
    // Three columns of 0.5 mm, four rows of 2 mm.
    expect(values).to.deep.equal([{ name: 'length', value: Math.hypot(1.5, 8), unit: 'mm' }]);
  });

  it('reads the spacing of each frame of an enhanced object', () => {
    const group = (spacing: number[]) => dataset({ PixelMeasuresSequence: [dataset({ PixelSpacing: spacing })] });
    const enhanced = {
      NumberOfFrames: 2,
      SharedFunctionalGroupsSequence: [group([9, 9])],
      PerFrameFunctionalGroupsSequence: [group([1, 1]), group([3, 3])],
    };
    expect(length(frameOf(enhanced, 1)).values[0]?.value).to.equal(5);
    expect(length(frameOf(enhanced, 2)).values[0]?.value).to.equal(15);
  });

  for (const Modality of ['CR', 'DX', 'MG', 'XA', 'RF', 'PX', 'IO']) {
    it(`says which millimetres those of ${Modality} are`, () => {
      const kind = (values: Partial<Record<Keyword, unknown>>) => calibrationOf(frameOf({ Modality, ...values }), LINE);
      expect(kind({ ImagerPixelSpacing: [0.2, 0.2] })).to.deep.include({ kind: 'detector' });
      expect(kind({ PixelSpacing: [0.2, 0.2] })).to.deep.include({ kind: 'detector' });
      expect(kind({ PixelSpacing: [0.2, 0.2], ImagerPixelSpacing: [0.2, 0.2] })).to.deep.include({ kind: 'detector' });
      expect(kind({ PixelSpacing: [0.1, 0.1], ImagerPixelSpacing: [0.2, 0.2] })).to.deep.include({
        kind: 'calibrated',
        x: { unit: 'mm', perPixel: 0.1 },
      });
      for (const method of ['GEOMETRY', 'FIDUCIAL'])
        expect(
          kind({ PixelSpacing: [0.2, 0.2], ImagerPixelSpacing: [0.2, 0.2], PixelSpacingCalibrationType: method }),
        ).to.deep.include({ kind: 'calibrated', method });
      expect(kind({})).to.deep.include({ kind: 'none' });
    });
  }

  it("divides the detector's millimetres by the magnification that the file gives, and by no other", () => {
    const mg = { Modality: 'MG', ImagerPixelSpacing: [0.1, 0.1] };
    const magnified = calibrationOf(frameOf({ ...mg, EstimatedRadiographicMagnificationFactor: 1.25 }), LINE);
    expect(magnified).to.deep.equal({
      kind: 'magnified',
      magnification: 1.25,
      x: { unit: 'mm', perPixel: 0.08 },
      y: { unit: 'mm', perPixel: 0.08 },
    });
    // An object cannot lie behind the detector.
    expect(calibrationOf(frameOf({ ...mg, EstimatedRadiographicMagnificationFactor: 0.5 }), LINE).kind).to.equal(
      'detector',
    );
    const alone = { Modality: 'MG', PixelSpacing: [0.1, 0.1], EstimatedRadiographicMagnificationFactor: 1.25 };
    expect(calibrationOf(frameOf(alone), LINE)).to.deep.include({ kind: 'detector' });
  });

  it('measures in pixels where there is no spacing, and shows angles right in pixels that are not square', () => {
    const frame = frameOf({ Modality: 'OT', PixelAspectRatio: [1, 2] });
    expect(length(frame)).to.deep.equal({
      values: [{ name: 'length', value: 5, unit: '{pixels}' }],
      calibration: { kind: 'none', x: { unit: '{pixels}', perPixel: 1 }, y: { unit: '{pixels}', perPixel: 1 } },
    });
    // Pixels twice as wide as high: one column and two rows are 45 degrees.
    const corner: ImagePoint[] = [
      [20, 10],
      [10, 10],
      [11, 12],
    ];
    const { values } = measureAnnotation({ kind: 'angle', points: corner }, frame, undefined);
    expect(values[0]?.value).to.be.closeTo(45, 1e-9);
    const spaced = frameOf({ PixelSpacing: [1, 2] });
    expect(measureAnnotation({ kind: 'angle', points: corner }, spaced, undefined).values[0]?.value).to.be.closeTo(
      45,
      1e-9,
    );
  });

  it('tells a scanned film from a patient', () => {
    const film = { Modality: 'OT', SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', NominalScannedPixelSpacing: [0.1, 0.1] };
    expect(calibrationOf(frameOf(film), LINE).kind).to.equal('nominal');
    expect(calibrationOf(frameOf({ ...film, PixelSpacing: [0.1, 0.1] }), LINE).kind).to.equal('nominal');
    expect(calibrationOf(frameOf({ ...film, PixelSpacing: [0.08, 0.08] }), LINE).kind).to.equal('patient');
    expect(calibrationOf(frameOf({ Modality: 'OT', PixelSpacing: [0, 0] }), LINE).kind).to.equal('none');
  });
});

describe('calibration of ultrasound', () => {
  const inside: ImagePoint[] = [
    [150, 100],
    [250, 200],
  ];

  it("measures in the region's own centimetres, both ways apart", () => {
    const { values, calibration } = length(us(region()), inside);
    expect(calibration?.kind).to.equal('region');
    expect(values).to.deep.equal([{ name: 'length', value: Math.hypot(20, 30), unit: 'mm' }]);
  });

  it('counts the last pixel of a region to it, and the one after it not', () => {
    const to = (x: number): ImagePoint[] => [
      [150, 100],
      [x, 100],
    ];
    expect(length(us(region()), to(500)).calibration?.kind).to.equal('region');
    expect(length(us(region()), to(500.1)).calibration).to.deep.include({ kind: 'none', note: 'outsideRegions' });
  });

  it('gives pixels outside of regions even where the file has a spacing', () => {
    const frame = frameOf({ Modality: 'US', PixelSpacing: [1, 1], SequenceOfUltrasoundRegions: [region()] });
    expect(length(frame, LINE).values[0]?.unit).to.equal('{pixels}');
    expect(length(frameOf({ Modality: 'US', PixelSpacing: [1, 1] }), LINE).calibration?.kind).to.equal('patient');
  });

  it('never measures from one picture to another beside it', () => {
    const right = region({ RegionLocationMinX0: 500, RegionLocationMaxX1: 799 });
    const across: ImagePoint[] = [
      [450, 100],
      [550, 100],
    ];
    const { values, calibration } = length(us(region(), right), across);
    expect(values).to.deep.equal([{ name: 'length', value: 100, unit: '{pixels}' }]);
    expect(calibration).to.deep.include({ kind: 'none', note: 'regionsDiffer' });
  });

  it('crosses the edge of a colour box of the same scale, and not of an inset of another', () => {
    const tissue = region({ RegionFlags: 1 });
    const box = {
      RegionLocationMinX0: 200,
      RegionLocationMinY0: 150,
      RegionLocationMaxX1: 300,
      RegionLocationMaxY1: 300,
    };
    const colour = region({ RegionDataType: 2, ...box });
    expect(length(us(tissue, colour), inside).values[0]).to.deep.include({ value: Math.hypot(20, 30), unit: 'mm' });
    const inset = region({ ...box, PhysicalDeltaX: 0.05 });
    expect(length(us(tissue, inset), inside).calibration).to.deep.include({ kind: 'none', note: 'regionsDiffer' });
    const within: ImagePoint[] = [
      [210, 160],
      [220, 160],
    ];
    expect(length(us(tissue, inset), within).values[0]).to.deep.include({ value: 5, unit: 'mm' });
  });

  it('measures time and depth apart in M-mode, and no angle or area', () => {
    const mMode = us(region({ RegionSpatialFormat: 2, PhysicalUnitsXDirection: 4, PhysicalDeltaX: 0.005 }));
    const { values, calibration } = length(mMode, inside);
    expect(calibration).to.deep.include({ kind: 'region', note: 'unlikeAxes' });
    expect(values).to.deep.equal([
      { name: 'alongX', value: 0.5, unit: 's' },
      { name: 'alongY', value: 30, unit: 'mm' },
    ]);
    expect(measureAnnotation({ kind: 'angle', points: [...inside, [300, 100]] }, mMode, undefined).values).to.eql([]);
    expect(measureAnnotation({ kind: 'rectangle', points: inside }, mMode, undefined).values).to.eql([]);
  });

  it('reads Doppler velocities from the reference pixel, upwards as the file says', () => {
    const doppler = { RegionSpatialFormat: 3, PhysicalUnitsXDirection: 4, PhysicalUnitsYDirection: 7 };
    const axes = { PhysicalDeltaX: 0.005, PhysicalDeltaY: -0.5 };
    const spectrum = region({ ...doppler, ...axes, ReferencePixelX0: 0, ReferencePixelY0: 200 });
    const velocity = (frame: Frame) =>
      measureAnnotation({ kind: 'probe', points: [[300, 150.5]] }, frame, undefined).values;
    // The baseline is row 250: 100 rows above it are +50 cm/s.
    expect(velocity(us(spectrum))).to.deep.equal([{ name: 'alongY', value: 50, unit: 'cm/s' }]);
    expect(velocity(us(region({ ...doppler, ...axes })))).to.eql([]);
    expect(velocity(us(region({ ...doppler, ...axes, ReferencePixelX0: 0, ReferencePixelY0: 450 })))).to.eql([]);
    expect(length(us(spectrum), inside).values).to.deep.equal([
      { name: 'alongX', value: 0.5, unit: 's' },
      { name: 'alongY', value: 50, unit: 'cm/s' },
    ]);
  });

  it('does not measure in units that it does not know', () => {
    const strange = us(region({ PhysicalUnitsXDirection: 0 }));
    expect(length(strange, inside).calibration).to.deep.include({ kind: 'none', note: 'regionUnits' });
    expect(length(us(region({ PhysicalDeltaX: 0 })), inside).calibration?.note).to.equal('regionUnits');
  });
});

describe('manual calibration', () => {
  const manual = {
    study: '1',
    series: '2',
    instance: '3',
    rows: 600,
    columns: 800,
    rowMm: 0.5,
    columnMm: 0.5,
    createdAt: '2026-01-02T10:11:12Z',
  };

  it('wins over what the file says of lengths, and says nothing of times and velocities', () => {
    expect(calibrationOf(frameOf({ PixelSpacing: [1, 1] }), LINE, manual)).to.deep.include({ kind: 'manual' });
    const inside: ImagePoint[] = [
      [150, 100],
      [250, 200],
    ];
    expect(calibrationOf(us(region()), inside, manual).kind).to.equal('manual');
    expect(calibrationOf(us(region()), LINE, manual).kind).to.equal('manual');
    const mMode = us(region({ RegionSpatialFormat: 2, PhysicalUnitsXDirection: 4, PhysicalDeltaX: 0.005 }));
    expect(calibrationOf(mMode, inside, manual)).to.deep.include({ kind: 'region', note: 'unlikeAxes' });
  });

  it('makes millimetres of a line of known length, in pixels that are not square, too', () => {
    const frame = frameOf({ Modality: 'OT', PixelAspectRatio: [1, 2] });
    const line: [ImagePoint, ImagePoint] = [
      [10, 10],
      [10, 30],
    ];
    const stated = calibrateByLine(frame, line, 50);
    expect(stated).to.deep.equal({ rowMm: 2.5, columnMm: 5 });
    expect(calibrateByLine(frame, [line[0], line[0]], 50)).to.equal(undefined);
    expect(calibrateByLine(frame, line, 0)).to.equal(undefined);
    expect(calibrateByLine(frame, line, Number.NaN)).to.equal(undefined);
  });
});
