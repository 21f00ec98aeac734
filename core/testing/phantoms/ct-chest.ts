import { Canvas } from './canvas.ts';
import { ChestAnatomy } from './chest-anatomy.ts';
import type { ChestOptions } from './chest-slice.ts';
import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';
import { type NoiseTile, sharedNoise, uidOf } from './random.ts';

/** Field of view of the CT phantom: image width and height in millimetres. */
export const CT_FIELD_OF_VIEW_MM = 400;

const CALIBRATION_Y_MM = 126;

/**
 * Rods of known HU in the calibration slab under the patient, in every slice. x and y are patient coordinates (LPS) of the axis, in millimetres.
 * The mean over a circle of `measureRadiusMm` is within 3 HU of `hu` in images of 512 columns.
 */
export const CT_INSERTS = [
  { name: 'air', hu: -1000, x: -100, y: CALIBRATION_Y_MM, radiusMm: 8, measureRadiusMm: 5 },
  { name: 'fat', hu: -100, x: -75, y: CALIBRATION_Y_MM, radiusMm: 8, measureRadiusMm: 5 },
  { name: 'water', hu: 0, x: 0, y: CALIBRATION_Y_MM, radiusMm: 8, measureRadiusMm: 5 },
  { name: 'soft tissue', hu: 40, x: 75, y: CALIBRATION_Y_MM, radiusMm: 8, measureRadiusMm: 5 },
  { name: 'bone', hu: 700, x: 100, y: CALIBRATION_Y_MM, radiusMm: 8, measureRadiusMm: 5 },
] as const;

/** Two spheres of 5 mm on the slab; their centres are exactly this far apart, along x, in the middle slice. */
export const CT_BEAD_DISTANCE_MM = 100;
export const CT_BEAD_DIAMETER_MM = 5;
const BEAD_HU = 2400;
const SLAB_HU = 15;

export interface CtSlicesOptions {
  study?: PhantomStudy;
  /** Default 128. */
  count?: number;
  /** Default 512. */
  rows?: number;
  /** Default `rows`. Field of view and pixel spacing follow from the larger one. */
  columns?: number;
  /** Between slices, and their thickness. Default: 320 mm of chest over all slices. */
  spacingMm?: number;
  SeriesNumber?: number;
  SeriesDescription?: string;
  chest?: Partial<ChestOptions>;
  windowCenter?: number;
  windowWidth?: number;
  /** Of the noise, in HU. Default 9. */
  noiseHu?: number;
}

/** Geometry of a series that {@link ctSlices} makes: for tests that measure. */
export function ctGeometry(options: CtSlicesOptions = {}): {
  count: number;
  rows: number;
  columns: number;
  pixelSpacingMm: number;
  spacingMm: number;
  /** Patient z of each slice, in the order of Instance Number. */
  sliceZMm: number[];
  /** Patient coordinates of the two bead centres. */
  beads: [first: [number, number, number], second: [number, number, number]];
} {
  const rows = options.rows ?? 512;
  const columns = options.columns ?? rows;
  const count = options.count ?? 128;
  const pixelSpacingMm = CT_FIELD_OF_VIEW_MM / Math.max(rows, columns);
  const spacingMm = options.spacingMm ?? 320 / count;
  const top = -20 + (spacingMm * (count - 1)) / 2;
  const sliceZMm = Array.from({ length: count }, (_, index) => Number((top - index * spacingMm).toFixed(4)));
  // The middle of a pixel, so that a centroid falls on it exactly.
  const column = Math.round(-CT_BEAD_DISTANCE_MM / 2 / pixelSpacingMm + (columns - 1) / 2);
  const row = Math.min(rows - 2, Math.round(CALIBRATION_Y_MM / pixelSpacingMm + (rows - 1) / 2));
  const x = (column - (columns - 1) / 2) * pixelSpacingMm;
  const y = (row - (rows - 1) / 2) * pixelSpacingMm;
  const z = sliceZMm[Math.floor(count / 2)]!;
  return {
    count,
    rows,
    columns,
    pixelSpacingMm,
    spacingMm,
    sliceZMm,
    beads: [
      [x, y, z],
      [x + CT_BEAD_DISTANCE_MM, y, z],
    ],
  };
}

/** A CT series of the chest, one file at a time: 16 bit, rescale intercept -1024. */
export async function* ctSlices(options: CtSlicesOptions = {}): AsyncGenerator<PhantomInstance> {
  const study = options.study ?? phantomStudy({ seed: 'ct-chest', StudyDescription: '胸部CT增强扫描' });
  const { rows, columns, count, pixelSpacingMm, spacingMm, sliceZMm, beads } = ctGeometry(options);
  const chest = new ChestAnatomy({
    seed: study.patient.PatientID,
    contrast: true,
    detailMm: Math.max(0.34, pixelSpacingMm * 0.43),
    ...options.chest,
  });
  const canvas = new Canvas(columns, rows, pixelSpacingMm, pixelSpacingMm);
  const noise = sharedNoise('ct', 256, 2);
  const noiseHu = options.noiseHu ?? 9;
  const writer = new SeriesWriter(study, {
    seed: `ct-${options.SeriesNumber ?? 2}`,
    SeriesNumber: options.SeriesNumber ?? 2,
    SeriesDescription: options.SeriesDescription ?? '胸部 2.5mm 纵隔窗',
    Modality: 'CT',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    common: {
      ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
      Manufacturer: 'Filmless Phantom',
      ManufacturerModelName: 'Helix 64',
      StationName: 'CT01',
      DeviceSerialNumber: '10064',
      SoftwareVersions: '1.0',
      BodyPartExamined: 'CHEST',
      ScanOptions: 'HELICAL MODE',
      SliceThickness: spacingMm,
      SpacingBetweenSlices: spacingMm,
      KVP: 120,
      DataCollectionDiameter: 500,
      ReconstructionDiameter: CT_FIELD_OF_VIEW_MM,
      DistanceSourceToDetector: 949,
      DistanceSourceToPatient: 541,
      GantryDetectorTilt: 0,
      ExposureTime: 500,
      XRayTubeCurrent: 240,
      ConvolutionKernel: 'STANDARD',
      PatientPosition: 'HFS',
      PositionReferenceIndicator: '',
      FrameOfReferenceUID: uidOf(`${study.seed}/frame-of-reference`),
      AcquisitionNumber: 1,
      ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: rows,
      Columns: columns,
      PixelSpacing: [pixelSpacingMm, pixelSpacingMm],
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      RescaleIntercept: -1024,
      RescaleSlope: 1,
      RescaleType: 'HU',
      WindowCenter: options.windowCenter ?? 40,
      WindowWidth: options.windowWidth ?? 400,
    },
  });
  for (let index = 0; index < count; index++) {
    const z = sliceZMm[index]!;
    canvas.fill(-1000);
    paintTable(canvas);
    chest.paint(canvas, z, spacingMm);
    canvas.smooth(rows >= 256 ? 1 : 0);
    paintCalibration(canvas, Math.abs(z - beads[0][2]), beads);
    const pixels = new Uint16Array(rows * columns);
    quantize(canvas, pixels, noise, noiseHu, index);
    const left = -((columns - 1) / 2) * pixelSpacingMm;
    const upper = -((rows - 1) / 2) * pixelSpacingMm;
    yield writer.write(
      index + 1,
      { ImagePositionPatient: [left, upper, z], SliceLocation: z },
      new Uint8Array(pixels.buffer),
      'OW',
    );
  }
}

function paintTable(canvas: Canvas): void {
  // A mattress that gives way under the patient, and the shell of the table top.
  canvas.ellipse(0, 100, 186, 62, -905, 2.6);
  canvas.ellipse(0, 20, 230, 92, -1000, 2.4);
  for (const [radius, hu] of [
    [2.2, -180],
    [1, -620],
  ] as const) {
    let previous: [number, number] | undefined;
    for (let step = 0; step <= 40; step++) {
      const x = -185 + step * 9.25;
      const y = 166 - (x / 185) ** 2 * 30;
      if (previous !== undefined) canvas.capsule(previous[0], previous[1], x, y, radius, hu);
      previous = [x, y];
    }
  }
}

function paintCalibration(canvas: Canvas, beadDistanceMm: number, beads: readonly (readonly number[])[]): void {
  canvas.ellipse(0, CALIBRATION_Y_MM, 122, 14, SLAB_HU, 8);
  for (const insert of CT_INSERTS) canvas.exactDisc(insert.x, insert.y, insert.radiusMm, insert.hu);
  const radius = CT_BEAD_DIAMETER_MM / 2;
  if (beadDistanceMm >= radius) return;
  const cut = Math.sqrt(radius ** 2 - beadDistanceMm ** 2);
  for (const bead of beads) canvas.exactDisc(bead[0]!, bead[1]!, cut, BEAD_HU);
}

function quantize(canvas: Canvas, pixels: Uint16Array, noise: NoiseTile, noiseHu: number, index: number): void {
  const { values, columns, rows } = canvas;
  const { size, values: grain } = noise;
  const shiftX = (index * 97) % size;
  const shiftY = (index * 61) % size;
  for (let row = 0; row < rows; row++) {
    const grainRow = ((row + shiftY) % size) * size;
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const hu = values[at]!;
      // Lung tissue is grainy; air around the patient is quieter than he is.
      const amplitude = hu < -980 ? noiseHu * 0.6 : hu < -700 ? noiseHu * 2.4 : noiseHu;
      const value = hu + 1024 + grain[grainRow + ((column + shiftX) % size)]! * amplitude;
      pixels[at] = value < 0 ? 0 : value > 4095 ? 4095 : value + 0.5;
    }
  }
}
