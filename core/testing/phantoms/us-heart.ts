import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';
import { randomOf } from './random.ts';

export interface UsCineOptions {
  study?: PhantomStudy;
  /** Default 640. */
  columns?: number;
  /** Default 480. */
  rows?: number;
  /** One heart beat. Default 24. */
  frames?: number;
}

const DEPTH_MM = 160;
const HALF_ANGLE = (Math.PI * 38) / 180;
const BEAT_MS = 900;

/** Where the sector lies in an image of these rows, and how large a pixel is. Calibrated by SequenceOfUltrasoundRegions too. */
export function usGeometry(options: UsCineOptions = {}): {
  columns: number;
  rows: number;
  apexColumn: number;
  apexRow: number;
  /** Of one pixel, both ways. */
  pixelMm: number;
  region: { x0: number; y0: number; x1: number; y1: number };
} {
  const columns = options.columns ?? 640;
  const rows = options.rows ?? 480;
  const apexRow = Math.round(rows * 0.06);
  const pixelMm = DEPTH_MM / (rows * 0.9);
  const apexColumn = Math.round(columns / 2);
  const half = Math.ceil((Math.sin(HALF_ANGLE) * DEPTH_MM) / pixelMm);
  return {
    columns,
    rows,
    apexColumn,
    apexRow,
    pixelMm,
    region: {
      x0: Math.max(0, apexColumn - half),
      y0: apexRow,
      x1: Math.min(columns - 1, apexColumn + half),
      y1: Math.min(rows - 1, apexRow + Math.round(DEPTH_MM / pixelMm)),
    },
  };
}

/** One heart beat in the apical four-chamber view: multi-frame RGB with a calibrated region. */
export async function* usCine(options: UsCineOptions = {}): AsyncGenerator<PhantomInstance> {
  const study =
    options.study ??
    phantomStudy({
      seed: 'us-cine',
      StudyDescription: '心脏彩色多普勒超声',
      InstitutionalDepartmentName: '超声科',
      characterSet: 'GB18030',
    });
  const { columns, rows, pixelMm, region } = usGeometry(options);
  const frames = options.frames ?? 24;
  const frameMs = BEAT_MS / frames;
  const pixels = paintBeat(options, frames, study.seed);
  const writer = new SeriesWriter(study, {
    seed: 'us',
    SeriesNumber: 1,
    SeriesDescription: '心尖四腔切面',
    Modality: 'US',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.3.1',
    common: {
      ImageType: ['ORIGINAL', 'PRIMARY'],
      Manufacturer: 'Filmless Phantom',
      ManufacturerModelName: 'Sono 7',
      StationName: 'US02',
      DeviceSerialNumber: '50007',
      SoftwareVersions: '1.0',
      BodyPartExamined: 'HEART',
      TransducerType: 'SECTOR_PHASED',
      PatientOrientation: '',
      HeartRate: Math.round(60_000 / BEAT_MS),
      CineRate: Math.round(1000 / frameMs),
      RecommendedDisplayFrameRate: Math.round(1000 / frameMs),
      FrameTime: Number(frameMs.toFixed(4)),
      NumberOfFrames: frames,
      FrameIncrementPointer: '00181063',
      SequenceOfUltrasoundRegions: [
        {
          RegionSpatialFormat: 1,
          RegionDataType: 1,
          RegionFlags: 2,
          RegionLocationMinX0: region.x0,
          RegionLocationMinY0: region.y0,
          RegionLocationMaxX1: region.x1,
          RegionLocationMaxY1: region.y1,
          PhysicalUnitsXDirection: 3,
          PhysicalUnitsYDirection: 3,
          PhysicalDeltaX: pixelMm / 10,
          PhysicalDeltaY: pixelMm / 10,
        },
      ],
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
      PlanarConfiguration: 0,
      Rows: rows,
      Columns: columns,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      BurnedInAnnotation: 'NO',
      LossyImageCompression: '00',
    },
  });
  yield writer.write(1, {}, pixels, 'OB');
}

function paintBeat(options: UsCineOptions, frames: number, seed: string): Uint8Array {
  const { columns, rows, apexColumn, apexRow, pixelMm } = usGeometry(options);
  const size = columns * rows;
  const pixels = new Uint8Array(size * frames * 3);
  const random = randomOf(`us:${seed}`);
  // Speckle lives in the beam's coordinates: 220 lines of 420 samples.
  const lines = 220;
  const samples = 420;
  const speckle = Float32Array.from({ length: lines * samples }, () => Math.sqrt(-Math.log(1 - random() * 0.999)));
  const flicker = Float32Array.from({ length: lines * samples }, () => random());
  for (let frame = 0; frame < frames; frame++) {
    const phase = frame / frames;
    // Systole takes the first third of the beat.
    const squeeze = phase < 0.35 ? Math.sin((phase / 0.35) * Math.PI) : 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const x = (column - apexColumn) * pixelMm;
        const y = (row - apexRow) * pixelMm;
        const depth = Math.hypot(x, y);
        const angle = Math.atan2(x, y);
        let grey = 0;
        if (depth > 3 && depth < DEPTH_MM && Math.abs(angle) < HALF_ANGLE) {
          const line = ((angle + HALF_ANGLE) / (2 * HALF_ANGLE)) * (lines - 1.01);
          const sample = (depth / DEPTH_MM) * (samples - 1.01);
          const echo = echoAt(x, y, squeeze);
          const grain = sampleGrain(speckle, samples, line, sample);
          const change = sampleGrain(flicker, samples, line, (sample + frame * 37) % (samples - 2));
          const near = depth < 12 ? 0.5 + depth / 24 : 1;
          const loss = 1 - Math.max(0, depth - 110) / 110;
          const brightness = echo * (0.45 + 0.6 * grain) * (0.85 + 0.3 * change) * near * loss;
          grey = 255 * Math.min(1, brightness) ** 0.72;
        } else grey = scaleMark(column, row, columns, y);
        const at = (frame * size + row * columns + column) * 3;
        pixels[at] = grey;
        pixels[at + 1] = grey;
        pixels[at + 2] = Math.min(255, grey * 1.04);
      }
    }
    paintTrace(pixels.subarray(frame * size * 3, (frame + 1) * size * 3), columns, rows, phase);
  }
  return pixels;
}

function sampleGrain(values: Float32Array, samples: number, line: number, sample: number): number {
  const l = Math.floor(line);
  const s = Math.floor(sample);
  const fl = line - l;
  const fs = sample - s;
  const upper = values[l * samples + s]! * (1 - fs) + values[l * samples + s + 1]! * fs;
  const lower = values[(l + 1) * samples + s]! * (1 - fs) + values[(l + 1) * samples + s + 1]! * fs;
  return upper * (1 - fl) + lower * fl;
}

/** How strongly the tissue answers, 0 to 1. The left heart is on the right of the picture. */
function echoAt(x: number, y: number, squeeze: number): number {
  const ventricleL = chamber(x - 17, y - 62, 20 - 6.5 * squeeze, 40 - 7 * squeeze, -0.1);
  const ventricleR = chamber(x + 21, y - 66, 14 - 3.5 * squeeze, 34 - 6 * squeeze, 0.26);
  const atriumL = chamber(x - 17, y - 126, 20 + 3 * squeeze, 17 + 3 * squeeze, 0);
  const atriumR = chamber(x + 23, y - 122, 18 + 3 * squeeze, 17 + 3 * squeeze, 0);
  const cavity = Math.min(ventricleL, ventricleR, atriumL, atriumR);
  if (cavity < 1) {
    // Valve leaflets, open in diastole.
    const opening = 1 - squeeze;
    for (const side of [-1, 1]) {
      for (const hinge of [17, -22]) {
        const width = hinge > 0 ? 15 : 12;
        const lx = (x - hinge) * side;
        const leaflet = width - (width - 2.5) * (1 - opening * 0.75) - lx;
        const ly = y - 103 + (width - Math.abs(leaflet)) * 0.2 * opening;
        if (lx > 0 && lx < width && Math.abs(ly + lx * 0.15 * opening - (width - lx) * opening * -0.9) < 1.3)
          return 0.75;
      }
    }
    return cavity > 0.9 ? 0.16 : 0.035;
  }
  const septum = Math.abs(x + 2 - (y - 60) * 0.015) < 6.5 && y > 24 && y < 142;
  const walls = cavity < 1.75;
  if (walls || septum) return cavity < 1.12 ? 0.62 : 0.4;
  const pericardium = chamber(x, y - 84, 58, 72, 0);
  if (pericardium < 1) return 0.3;
  if (pericardium < 1.09) return 0.95;
  // Lung and ribs beside the heart: bright and blurred, with shadows.
  return 0.2 + 0.12 * Math.sin(x * 0.13) * Math.sin(y * 0.07) + (y > 145 ? 0.2 : 0);
}

function chamber(x: number, y: number, radiusX: number, radiusY: number, tilt: number): number {
  const u = x * Math.cos(tilt) + y * Math.sin(tilt);
  const v = -x * Math.sin(tilt) + y * Math.cos(tilt);
  return (u / radiusX) ** 2 + (v / radiusY) ** 2;
}

/** Centimetre marks along the right edge, and a bar of greys on the left. */
function scaleMark(column: number, row: number, columns: number, depthMm: number): number {
  const fromRight = columns - column;
  if (fromRight > 14 && fromRight < 26 && depthMm >= -0.2 && depthMm <= DEPTH_MM) {
    const isCentimetre = Math.abs(depthMm / 10 - Math.round(depthMm / 10)) < 0.02;
    const isLong = Math.round(depthMm / 10) % 5 === 0;
    if (isCentimetre && (isLong || fromRight < 21)) return 200;
  }
  if (column > 10 && column < 20 && row > 60 && row < 190) return 255 - ((row - 60) / 130) * 255;
  return 0;
}

/** The ECG under the picture, with a mark where the frame is. */
function paintTrace(frame: Uint8Array, columns: number, rows: number, phase: number): void {
  let previous = 0;
  for (let column = Math.round(columns * 0.06); column < columns * 0.3; column++) {
    const t = ((column - columns * 0.06) / (columns * 0.24)) * 2;
    const beat = t % 1;
    const height =
      0.12 * Math.exp(-(((beat - 0.12) / 0.03) ** 2)) -
      0.12 * Math.exp(-(((beat - 0.2) / 0.008) ** 2)) +
      Math.exp(-(((beat - 0.225) / 0.011) ** 2)) -
      0.2 * Math.exp(-(((beat - 0.25) / 0.01) ** 2)) +
      0.25 * Math.exp(-(((beat - 0.5) / 0.05) ** 2));
    const row = Math.round(rows * 0.95 - height * rows * 0.06);
    for (let y = Math.min(row, previous || row); y <= Math.max(row, previous || row); y++) {
      frame.set([60, 220, 90], (Math.min(rows - 1, y) * columns + column) * 3);
    }
    if (Math.abs(t - 1 - phase) < 0.004) {
      for (let y = Math.round(rows * 0.88); y < rows * 0.97; y++) frame.set([230, 60, 60], (y * columns + column) * 3);
    }
    previous = row;
  }
}
