import { Canvas } from './canvas.ts';
import { ChestAnatomy } from './chest-anatomy.ts';
import type { ChestOptions } from './chest-slice.ts';
import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';
import { sharedNoise } from './random.ts';

export interface DxChestOptions {
  study?: PhantomStudy;
  /** Default 2500. */
  rows?: number;
  /** Default 2048. */
  columns?: number;
  /** Default MONOCHROME2; MONOCHROME1 stores the inverse, as many detectors do. */
  photometricInterpretation?: 'MONOCHROME1' | 'MONOCHROME2';
  chest?: Partial<ChestOptions>;
}

/** Height of the detector field in millimetres; the width follows from the columns. */
const FIELD_HEIGHT_MM = 430;
const TOP_Z_MM = 212;

/** One chest radiograph, PA, 12 bit: rays through the anatomy of the CT phantom. */
export async function* dxChest(options: DxChestOptions = {}): AsyncGenerator<PhantomInstance> {
  const study = options.study ?? phantomStudy({ seed: 'dx-chest', StudyDescription: '胸部正位DR' });
  const rows = options.rows ?? 2500;
  const columns = options.columns ?? 2048;
  const spacing = FIELD_HEIGHT_MM / rows;
  const isInverse = options.photometricInterpretation === 'MONOCHROME1';
  const chest = new ChestAnatomy({
    seed: study.patient.PatientID,
    contrast: false,
    detailMm: Math.max(0.34, spacing),
    ...options.chest,
  });
  const density = project(chest, columns * spacing, Math.max(0.6, spacing * 1.5));
  const pixels = develop(density, rows, columns, spacing, isInverse);
  const writer = new SeriesWriter(
    study,
    {
      seed: 'dx',
      SeriesNumber: 1,
      SeriesDescription: '胸部后前位',
      Modality: 'DX',
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.1',
      common: {
        ImageType: ['ORIGINAL', 'PRIMARY', ''],
        Manufacturer: 'Filmless Phantom',
        ManufacturerModelName: 'FlatPanel 43',
        StationName: 'DR01',
        DeviceSerialNumber: '30043',
        SoftwareVersions: '1.0',
        BodyPartExamined: 'CHEST',
        PresentationIntentType: 'FOR PRESENTATION',
        ViewPosition: 'PA',
        ViewCodeSequence: [{ CodeValue: '272479007', CodingSchemeDesignator: 'SCT', CodeMeaning: 'postero-anterior' }],
        AnatomicRegionSequence: [{ CodeValue: '51185008', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Chest' }],
        PatientOrientation: ['L', 'F'],
        ImageLaterality: 'U',
        PositionerType: '',
        KVP: 125,
        Exposure: 3,
        ExposureTime: 12,
        DistanceSourceToDetector: 1800,
        DistanceSourceToPatient: 1600,
        DetectorType: 'DIRECT',
        DetectorActiveShape: 'RECTANGLE',
        DetectorActiveDimensions: [430, 430],
        ImagerPixelSpacing: [spacing, spacing],
        PixelSpacing: [spacing, spacing],
        PixelSpacingCalibrationType: 'GEOMETRY',
        PixelSpacingCalibrationDescription: 'Detector plane',
        AcquisitionContextSequence: [],
        SamplesPerPixel: 1,
        PhotometricInterpretation: isInverse ? 'MONOCHROME1' : 'MONOCHROME2',
        Rows: rows,
        Columns: columns,
        BitsAllocated: 16,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: 0,
        BurnedInAnnotation: 'NO',
        LossyImageCompression: '00',
        PixelIntensityRelationship: 'LOG',
        PixelIntensityRelationshipSign: isInverse ? 1 : -1,
        RescaleIntercept: 0,
        RescaleSlope: 1,
        RescaleType: 'US',
        PresentationLUTShape: isInverse ? 'INVERSE' : 'IDENTITY',
        WindowCenter: isInverse ? 1998 : 2098,
        WindowWidth: 3500,
      },
    },
    { PixelIntensityRelationshipSign: 'SS' },
  );
  yield writer.write(1, {}, new Uint8Array(pixels.buffer), 'OW');
}

/** Line integrals of attenuation along y, on a coarse grid of x and z. */
function project(chest: ChestAnatomy, widthMm: number, stepMm: number): Canvas {
  const columns = Math.round(widthMm / stepMm);
  const lines = Math.round(FIELD_HEIGHT_MM / stepMm);
  const slice = new Canvas(columns, 150, stepMm, 1.7);
  const density = new Canvas(columns, lines, stepMm, stepMm);
  for (let line = 0; line < lines; line++) {
    slice.fill(-1000);
    chest.paint(slice, TOP_Z_MM - (line + 0.5) * stepMm, stepMm);
    const sum = density.values.subarray(line * columns, (line + 1) * columns);
    for (let row = 0; row < slice.rows; row++) {
      const start = row * columns;
      for (let column = 0; column < columns; column++) {
        const hu = slice.values[start + column]!;
        // Bone takes more than its HU at the energies of a radiograph.
        sum[column]! += (1 + hu / 1000 + (hu > 150 ? (hu - 150) * 0.0006 : 0)) * 0.17;
      }
    }
  }
  density.smooth(1);
  return density;
}

/** From line integrals to the detector's processed values: enlarged, edges enhanced, noisy. */
function develop(
  density: Canvas,
  rows: number,
  columns: number,
  spacing: number,
  isInverse: boolean,
): Uint16Array<ArrayBuffer> {
  const blurred = new Canvas(density.columns, density.rows, density.columnMm, density.rowMm);
  blurred.values.set(density.values);
  blurred.smooth(40);
  const noise = sharedNoise('dx', 512, 1);
  const pixels = new Uint16Array(rows * columns);
  const scale = spacing / density.columnMm;
  for (let row = 0; row < rows; row++) {
    const y = Math.min(density.rows - 1.001, row * scale);
    const y0 = Math.floor(y);
    const fy = y - y0;
    for (let column = 0; column < columns; column++) {
      const x = Math.min(density.columns - 1.001, column * scale);
      const at = y0 * density.columns + Math.floor(x);
      const fx = x - Math.floor(x);
      const value = blend(density, at, fx, fy);
      const around = blend(blurred, at, fx, fy);
      // Large differences of thickness are compressed, small structures kept: multi-scale processing in one line.
      const shown = 4.6 * around ** 0.66 + 5.2 * (value - around) * (7 / (7 + around * 0.35));
      const grain = noise.at(column, row) * (9 + shown * 0.75);
      let stored = shown * 87 + grain;
      if (isMarker(column / columns, row / rows)) stored = 4000;
      stored = stored < 0 ? 0 : Math.min(stored, 4095);
      pixels[row * columns + column] = isInverse ? 4095 - stored : stored;
    }
  }
  return pixels;
}

function blend({ values, columns }: Canvas, at: number, fx: number, fy: number): number {
  const upper = values[at]! * (1 - fx) + values[at + 1]! * fx;
  const lower = values[at + columns]! * (1 - fx) + values[at + columns + 1]! * fx;
  return upper * (1 - fy) + lower * fy;
}

/** A lead letter L beside the patient's left shoulder. */
function isMarker(x: number, y: number): boolean {
  const stem = x > 0.925 && x < 0.932 && y > 0.05 && y < 0.078;
  const foot = x > 0.925 && x < 0.944 && y > 0.073 && y < 0.078;
  return stem || foot;
}
