import { Canvas } from './canvas.ts';
import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';
import { gaussian, randomOf, sharedNoise } from './random.ts';
import { growVesselTree, type VesselSegment } from './vessel-tree.ts';

export interface XaRunOptions {
  study?: PhantomStudy;
  /** Default 512. */
  size?: number;
  /** Default 30, of which the first {@link XA_MASK_FRAMES} have no contrast. */
  frames?: number;
  framesPerSecond?: number;
  /**
   * How far the patient moves, in whole pixels to the right and down, between the mask frames and the contrast. Default: a breath, at random.
   * With it, the mask has to be moved by just as much to be taken off clean.
   */
  movement?: readonly [x: number, y: number];
}

/** Frames before the contrast arrives; the second one is the mask. */
export const XA_MASK_FRAMES = 4;
const FIELD_MM = 200;

/** A cerebral angiography run, multi-frame, 10 bit: skull, then an arterial tree that fills and fades. */
export async function* xaRun(options: XaRunOptions = {}): AsyncGenerator<PhantomInstance> {
  const study = options.study ?? phantomStudy({ seed: 'xa-run', StudyDescription: '全脑血管造影' });
  const size = options.size ?? 512;
  const frames = options.frames ?? 30;
  const rate = options.framesPerSecond ?? 4;
  const spacing = FIELD_MM / size;
  const background = paintSkull(size, spacing);
  const vessels = carotidTree(study.patient.PatientID);
  const noise = sharedNoise('xa', 512, 1);
  const random = randomOf(`xa:${study.seed}`);
  const pixels = new Uint16Array(size * size * frames);
  const canvas = new Canvas(size, size, spacing, spacing);
  for (let frame = 0; frame < frames; frame++) {
    canvas.fill(0);
    paintContrast(canvas, vessels, (frame - XA_MASK_FRAMES) / rate);
    canvas.smooth(1);
    // A breath of movement, so that subtraction is not perfect.
    const breath = Math.round(gaussian(random) * 0.3);
    const [moveX, moveY] = options.movement && frame >= XA_MASK_FRAMES ? options.movement : [0, 0];
    const shift = options.movement ? -moveX : breath;
    const offset = frame * size * size;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const at = row * size + column;
        const fromRow = Math.min(size - 1, Math.max(0, row - moveY));
        const from = fromRow * size + Math.min(size - 1, Math.max(0, column + shift));
        const transmitted = background[from]! * Math.exp(-canvas.values[at]!);
        const grain = noise.at(column + frame * 131, row + frame * 57) * Math.sqrt(transmitted) * 0.34;
        const value = transmitted + grain;
        pixels[offset + at] = value < 0 ? 0 : Math.min(value, 1023);
      }
    }
  }
  const writer = new SeriesWriter(study, {
    seed: 'xa',
    SeriesNumber: 1,
    SeriesDescription: '右侧颈内动脉 正位',
    Modality: 'XA',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.12.1',
    common: {
      ImageType: ['ORIGINAL', 'PRIMARY', 'SINGLE PLANE'],
      Manufacturer: 'Filmless Phantom',
      ManufacturerModelName: 'C-Arm 9',
      StationName: 'DSA01',
      DeviceSerialNumber: '40009',
      SoftwareVersions: '1.0',
      BodyPartExamined: 'HEAD',
      ContrastBolusAgent: '碘海醇',
      KVP: 75,
      XRayTubeCurrent: 320,
      ExposureTime: 80,
      RadiationSetting: 'GR',
      DistanceSourceToDetector: 1100,
      DistanceSourceToPatient: 750,
      EstimatedRadiographicMagnificationFactor: 1.4667,
      ImagerPixelSpacing: [spacing, spacing],
      PositionerMotion: 'STATIC',
      PositionerPrimaryAngle: 0,
      PositionerSecondaryAngle: 18,
      PatientOrientation: ['L', 'F'],
      CineRate: rate,
      RecommendedDisplayFrameRate: rate,
      PreferredPlaybackSequencing: 0,
      FrameTime: 1000 / rate,
      ActualFrameDuration: Math.round(1000 / rate),
      StartTrim: 1,
      StopTrim: frames,
      NumberOfFrames: frames,
      FrameIncrementPointer: '00181063',
      RepresentativeFrameNumber: Math.min(frames, XA_MASK_FRAMES + 6),
      MaskSubtractionSequence: [
        {
          MaskOperation: 'AVG_SUB',
          ApplicableFrameRange: [1, frames],
          MaskFrameNumbers: 2,
          ContrastFrameAveraging: 1,
        },
      ],
      RecommendedViewingMode: 'SUB',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: size,
      Columns: size,
      BitsAllocated: 16,
      BitsStored: 10,
      HighBit: 9,
      PixelRepresentation: 0,
      PixelIntensityRelationship: 'LIN',
      WindowCenter: 512,
      WindowWidth: 1024,
    },
  });
  yield writer.write(1, {}, new Uint8Array(pixels.buffer), 'OW');
}

function carotidTree(seed: string): VesselSegment[] {
  const random = randomOf(`carotid:${seed}`);
  const isInside = (point: { x: number; y: number; z: number }) =>
    (point.x / 72) ** 2 + ((point.y + 12) / 76) ** 2 < 1 && point.y < 46 && Math.abs(point.z) < 60;
  const trunk: VesselSegment[] = [];
  // The siphon: up the neck and around its two bends.
  const path = [
    [-16, 100],
    [-18, 78],
    [-22, 62],
    [-18, 52],
    [-10, 50],
    [-8, 42],
    [-15, 36],
    [-18, 28],
  ] as const;
  let distanceMm = 0;
  for (let index = 1; index < path.length; index++) {
    const from = { x: path[index - 1]![0], y: path[index - 1]![1], z: 0 };
    const to = { x: path[index]![0], y: path[index]![1], z: 0 };
    trunk.push({ from, to, radiusMm: 2.7 - index * 0.1, distanceMm, generation: 0 });
    distanceMm += Math.hypot(to.x - from.x, to.y - from.y);
  }
  const root = { x: -18, y: 28, z: 0 };
  const branches = [
    { direction: { x: -1, y: -0.25, z: 0.1 }, radiusMm: 1.9, lengthMm: 17 },
    { direction: { x: -0.85, y: -0.8, z: 0.4 }, radiusMm: 1.5, lengthMm: 16 },
    { direction: { x: 0.75, y: -0.5, z: 0.2 }, radiusMm: 1.5, lengthMm: 13 },
    { direction: { x: 0.15, y: -1, z: -0.2 }, radiusMm: 1.3, lengthMm: 19 },
  ];
  for (const branch of branches) {
    const grown = growVesselTree({ random, root, isInside, smallestRadiusMm: 0.2, ...branch });
    trunk.push(...grown.map((segment) => ({ ...segment, distanceMm: segment.distanceMm + distanceMm })));
  }
  return trunk;
}

/** Optical density of the contrast medium `seconds` after it leaves the catheter. */
function paintContrast(canvas: Canvas, vessels: readonly VesselSegment[], seconds: number): void {
  if (seconds <= 0) return;
  for (const { from, to, radiusMm, distanceMm } of vessels) {
    const arrival = distanceMm / 150;
    const age = seconds - arrival;
    if (age <= 0) continue;
    const filling = Math.min(1, age / 0.5) * Math.exp(-Math.max(0, age - 2.1) / 0.9);
    const density = Math.min(1.1, 0.42 * radiusMm + 0.08) * filling;
    if (density < 0.01) continue;
    canvas.capsule(from.x, from.y, to.x, to.y, Math.max(0.3, radiusMm), density, density);
  }
  // Parenchymal blush, late.
  const blush = Math.max(0, Math.min(1, (seconds - 1.6) / 1.2)) * Math.exp(-Math.max(0, seconds - 3.4) / 1.4);
  if (blush > 0.02) canvas.turnedEllipse(-28, -14, 40, 56, 0.15, 0.055 * blush, 0.05 * blush);
}

/** Transmitted intensity of a head from the front. */
function paintSkull(size: number, spacing: number): Float32Array {
  const canvas = new Canvas(size, size, spacing, spacing);
  canvas.fill(0.15);
  canvas.ellipse(0, -6, 86, 96, 1.05, 2.2);
  canvas.ellipse(0, -6, 80, 90, 0.86, 2.2);
  canvas.ellipse(0, 78, 46, 60, 1.02, 2.4);
  for (const side of [-1, 1]) {
    canvas.turnedEllipse(side * 33, 34, 21, 18, 0, 1.08);
    canvas.turnedEllipse(side * 33, 35, 18, 15, 0, 0.76);
    canvas.capsule(side * 12, 48, side * 62, 36, 6, 1.28);
    canvas.turnedEllipse(side * 26, 66, 13, 15, 0, 0.66);
    canvas.turnedEllipse(side * 62, 62, 11, 22, side * -0.2, 1.2);
  }
  canvas.turnedEllipse(0, 62, 9, 22, 0, 0.62);
  canvas.capsule(0, 44, 0, 82, 1.4, 1.05);
  canvas.ellipse(0, 100, 34, 12, 1.4, 2.2);
  canvas.capsule(-58, -38, 58, -38, 0.8, 0.92);
  canvas.capsule(0, -96, 0, 12, 0.8, 0.93);
  canvas.smooth(Math.max(4, Math.round(size / 40)));
  return canvas.values.map((density) => 880 * Math.exp(-density * 0.72));
}
