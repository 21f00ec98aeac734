import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';
import { NoiseTile, randomOf } from './random.ts';

export interface EndoscopyOptions {
  study?: PhantomStudy;
  /** Default 4 stills. */
  count?: number;
  /** Default 720. */
  columns?: number;
  /** Default 576. */
  rows?: number;
}

const PLACES = ['食管中段', '贲门', '胃体', '胃窦', '幽门', '十二指肠球部'] as const;

/** Stills of a gastroscopy: VL Endoscopic, RGB. */
export async function* endoscopyStills(options: EndoscopyOptions = {}): AsyncGenerator<PhantomInstance> {
  const study =
    options.study ??
    phantomStudy({ seed: 'endoscopy', StudyDescription: '电子胃镜检查', InstitutionalDepartmentName: '内镜中心' });
  const rows = options.rows ?? 576;
  const columns = options.columns ?? 720;
  const count = options.count ?? 4;
  const writer = new SeriesWriter(study, {
    seed: 'es',
    SeriesNumber: 1,
    SeriesDescription: '胃镜图像',
    Modality: 'ES',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.77.1.1',
    common: {
      ImageType: ['ORIGINAL', 'PRIMARY'],
      Manufacturer: 'Filmless Phantom',
      ManufacturerModelName: 'Scope 290',
      StationName: 'ES01',
      DeviceSerialNumber: '60290',
      SoftwareVersions: '1.0',
      BodyPartExamined: 'STOMACH',
      PatientOrientation: '',
      AnatomicRegionSequence: [{ CodeValue: '69695003', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Stomach' }],
      AcquisitionContextSequence: [],
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
  for (let index = 0; index < count; index++) {
    const pixels = paintMucosa(columns, rows, `${study.seed}/${index}`, index);
    yield writer.write(index + 1, { ImageComments: PLACES[index % PLACES.length]! }, pixels, 'OB');
  }
}

/** A tube seen from inside: folds around a dark lumen, vessels under the mucosa, light that falls off and shines back. */
function paintMucosa(columns: number, rows: number, seed: string, index: number): Uint8Array {
  const random = randomOf(`mucosa:${seed}`);
  const noise = new NoiseTile(`mucosa:${seed}`, columns < 256 ? 64 : 256, 2);
  const lumenX = 0.5 + (random() - 0.5) * 0.34;
  const lumenY = 0.5 + (random() - 0.5) * 0.3;
  const folds = 3 + Math.floor(random() * 4);
  const phase = random() * 6.3;
  const isStomach = index % 3 !== 0;
  const hasUlcer = index % 4 === 3;
  const pixels = new Uint8Array(columns * rows * 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) * 3;
      const u = column / columns;
      const v = row / rows;
      if (!isInsideMask(u, v)) continue;
      const coarse = noise.between(column / 14, row / 14);
      const fine = noise.between(column / 5, row / 5);
      const dx = (u - lumenX) * (columns / rows);
      const dy = v - lumenY;
      const angle = Math.atan2(dy, dx);
      const reach = Math.hypot(dx, dy);
      const bend = 0.05 * Math.sin(angle * folds + phase) + 0.03 * Math.sin(angle * (folds + 2) - phase * 1.7);
      // Near the lumen the wall is round again.
      const radius = reach + (bend + coarse * 0.006) * Math.min(1, reach * 5);
      // Distance along the tube; rings are nearer together the farther away.
      const depth = 0.16 / Math.max(0.02, radius);
      const ring = Math.sin(
        depth * 7 + Math.sin(angle * 3 + phase) * 0.8 + (isStomach ? Math.sin(angle + phase) * 1.5 : 0),
      );
      const fold = Math.sin(angle * (isStomach ? 7 : 4) + phase + Math.sin(radius * 14) * 0.5);
      const relief = ring * 0.5 + fold * (isStomach ? 0.55 : 0.3);
      const light =
        Math.min(1.12, 0.1 + radius * 2.1) * (0.82 + 0.2 * relief) * (1.12 - 0.42 * Math.hypot(u - 0.5, v - 0.5));
      // Submucosal vessels: thin winding lines where two slow waves cross zero.
      const wave =
        Math.sin(u * 17 + 3 * Math.sin(v * 9 + phase) + phase) +
        Math.sin(v * 19 + 2.6 * Math.sin(u * 11 - phase)) +
        fine * 0.1;
      const vessel = Math.max(0, 1 - Math.abs(wave) * 11) * Math.min(1, radius * 3) * 0.4;
      const texture = noise.at(column, row) * 0.02 + noise.at(column >> 1, row >> 1) * 0.025;
      let red = light * (0.9 + texture) - vessel * 0.12;
      let green = light * (0.5 + texture - 0.03 * relief) - vessel * 0.34;
      let blue = light * (0.4 + texture * 0.8 - 0.03 * relief) - vessel * 0.26;
      if (hasUlcer) {
        const distance = Math.hypot(u - 0.66, (v - 0.62) * 0.9) / 0.08 + coarse * 0.16 + fine * 0.04;
        const rim = smoothStep(1.75, 1.15, distance);
        const floor = smoothStep(1.1, 0.85, distance);
        red = mix(mix(red, light * 0.86, rim), light * (0.92 + texture), floor);
        green = mix(mix(green, light * 0.33, rim), light * (0.8 + texture), floor);
        blue = mix(mix(blue, light * 0.27, rim), light * (0.64 + texture), floor);
      }
      // Moist tissue shines where it faces the lamp.
      const gleam = Math.max(0, relief * 0.9 + fine * 0.26 + coarse * 0.2 - 1.12) * Math.min(1, radius * 2.6) * 4;
      pixels[at] = level(red + gleam);
      pixels[at + 1] = level(green + gleam);
      pixels[at + 2] = level(blue + gleam);
    }
  }
  return pixels;
}

/** The octagon that an endoscope shows. */
function isInsideMask(u: number, v: number): boolean {
  const x = Math.abs(u - 0.5);
  const y = Math.abs(v - 0.5);
  return x < 0.47 && y < 0.48 && x + y * 0.85 < 0.76;
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** 0 at `from`, 1 at `to`. */
function smoothStep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

function level(value: number): number {
  return value <= 0 ? 0 : Math.min(255, value ** 0.88 * 255);
}
