import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';
import { type NoiseTile, sharedNoise } from './random.ts';

export type MgView = 'RCC' | 'LCC' | 'RMLO' | 'LMLO';
export const MG_VIEWS: readonly MgView[] = ['RCC', 'LCC', 'RMLO', 'LMLO'];

export interface MgOptions {
  study?: PhantomStudy;
  /** Default all four, in this order. */
  views?: readonly MgView[];
  /** Default 1664; the width is 10/13 of it, as detectors of 24 × 30 cm nearly are. */
  rows?: number;
  /** One series for all images, as some devices send them; one each otherwise. */
  oneSeries?: boolean;
  /** Views stored left for right, with the Patient Orientation that says so. */
  mirrored?: readonly MgView[];
}

const HEIGHT_MM = 290;
const BACKGROUND = 60;
const MARKER = 4000;

/**
 * Which way rows and columns run when an image lies as it is read: chest wall at the right for the right breast, at the left for the left one;
 * lateral side up in CC, head up in MLO.
 */
export const MG_ORIENTATION: Readonly<Record<MgView, readonly [row: string, column: string]>> = {
  RCC: ['P', 'L'],
  LCC: ['A', 'R'],
  RMLO: ['P', 'FL'],
  LMLO: ['A', 'FR'],
};

const VIEW_CODES = {
  CC: { CodeValue: '399162004', CodingSchemeDesignator: 'SCT', CodeMeaning: 'cranio-caudal' },
  MLO: { CodeValue: '399368009', CodingSchemeDesignator: 'SCT', CodeMeaning: 'medio-lateral oblique' },
} as const;

/** The four images of a screening mammography: every one has its side in the header, in its shape and in a lead marker. */
export async function* mgFourView(options: MgOptions = {}): AsyncGenerator<PhantomInstance> {
  const study = options.study ?? phantomStudy({ seed: 'mg', StudyDescription: '双乳钼靶摄影' });
  const rows = options.rows ?? 1664;
  const columns = Math.round((rows * 10) / 13);
  const spacing = HEIGHT_MM / rows;
  for (const [index, view] of (options.views ?? MG_VIEWS).entries()) {
    const side = view.startsWith('R') ? 'R' : 'L';
    const position = view.endsWith('MLO') ? 'MLO' : 'CC';
    const mirrored = options.mirrored?.includes(view) ?? false;
    const [row, column] = MG_ORIENTATION[view];
    const pixels = paint(view, rows, columns, mirrored);
    const writer = new SeriesWriter(study, {
      seed: options.oneSeries ? 'mg' : `mg-${view}`,
      SeriesNumber: options.oneSeries ? 1 : index + 1,
      SeriesDescription: options.oneSeries ? '双乳四视图' : `${side === 'R' ? '右乳' : '左乳'} ${position}`,
      Modality: 'MG',
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.2',
      common: {
        Manufacturer: 'Filmless Phantom',
        ManufacturerModelName: 'Mammo 24',
        StationName: 'MG01',
        DeviceSerialNumber: '50024',
        SoftwareVersions: '1.0',
        BodyPartExamined: 'BREAST',
        PresentationIntentType: 'FOR PRESENTATION',
        ImageType: ['ORIGINAL', 'PRIMARY', ''],
        PositionerType: 'MAMMOGRAPHIC',
        OrganExposed: 'BREAST',
        KVP: 29,
        BodyPartThickness: 52,
        CompressionForce: 108,
        AnatomicRegionSequence: [{ CodeValue: '76752008', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Breast' }],
        AcquisitionContextSequence: [],
        ImagerPixelSpacing: [spacing, spacing],
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        Rows: rows,
        Columns: columns,
        BitsAllocated: 16,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: 0,
        BurnedInAnnotation: 'NO',
        LossyImageCompression: '00',
        PixelIntensityRelationship: 'LOG',
        RescaleIntercept: 0,
        RescaleSlope: 1,
        RescaleType: 'US',
        PresentationLUTShape: 'IDENTITY',
        WindowCenter: 1700,
        WindowWidth: 3200,
      },
    });
    yield writer.write(
      index + 1,
      {
        ImageLaterality: side,
        ViewPosition: position,
        ViewCodeSequence: [{ ...VIEW_CODES[position], ViewModifierCodeSequence: [] }],
        PatientOrientation: [mirrored ? (row === 'P' ? 'A' : 'P') : row, column],
        PositionerPrimaryAngle: position === 'CC' ? 0 : side === 'R' ? -45 : 45,
      },
      new Uint8Array(pixels.buffer),
      'OW',
    );
  }
}

function paint(view: MgView, rows: number, columns: number, mirrored: boolean): Uint16Array<ArrayBuffer> {
  const noise = sharedNoise('mg', 512, 4);
  const grain = sharedNoise('mg-grain', 256, 0);
  const wallRight = view.startsWith('R') !== mirrored;
  const pixels = new Uint16Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      // From the chest wall outwards and from head (lateral side) down, both as shares of the height.
      const out = ((wallRight ? columns - 1 - column : column) + 0.5) / rows;
      const down = (row + 0.5) / rows;
      const value = density(view, out, down, noise) + grain.at(column, row) * 14;
      pixels[row * columns + column] = Math.max(0, Math.min(4095, value));
    }
  }
  drawMarker(view, pixels, rows, columns, wallRight);
  return pixels;
}

/** Detector value of tissue `out` from the chest wall and `down` from the upper edge, in heights of the image. */
function density(view: MgView, out: number, down: number, noise: NoiseTile): number {
  const oblique = view.endsWith('MLO');
  const middle = oblique ? 0.56 : 0.5;
  const nipple = ((out - 0.52) / 0.025) ** 2 + ((down - middle) / 0.02) ** 2;
  const skin = (out / 0.52) ** 2 + ((down - middle) / (oblique && down < middle ? 0.5 : 0.36)) ** 2;
  if (skin >= 1 && nipple >= 1) return BACKGROUND;
  const thickness = Math.sqrt(Math.max(0.04, 1 - skin));
  const texture = noise.between(out * 700, down * 700);
  const gland = Math.exp(-(((out - 0.25) / 0.16) ** 2) - ((down - middle) / 0.17) ** 2);
  let value = 900 * thickness ** 0.4 + gland * (900 + 420 * texture) + 90 * texture;
  if (oblique && out < 0.22 * (1 - down / 0.5)) value += 900;
  // One mass in the upper outer quadrant of the right breast, and no other.
  if (view.startsWith('R')) {
    const mass = ((out - 0.31) / 0.022) ** 2 + ((down - middle + 0.12) / 0.022) ** 2;
    if (mass < 1) value += 1100 * Math.sqrt(1 - mass);
  }
  return skin >= 1 ? 700 : value;
}

const GLYPHS: Readonly<Record<string, readonly string[]>> = {
  R: ['###.', '#..#', '#..#', '###.', '#.#.', '#..#', '#..#'],
  L: ['#...', '#...', '#...', '#...', '#...', '#...', '####'],
  C: ['.##.', '#..#', '#...', '#...', '#...', '#..#', '.##.'],
  M: ['#...#', '##.##', '#.#.#', '#...#', '#...#', '#...#', '#...#'],
  O: ['.##.', '#..#', '#..#', '#..#', '#..#', '#..#', '.##.'],
};

/** The name of the view in lead, away from the breast, readable when the image lies as it is read. */
function drawMarker(view: MgView, pixels: Uint16Array, rows: number, columns: number, wallRight: boolean): void {
  const dot = Math.max(1, Math.round(rows / 200));
  const mirrored = view.startsWith('R') !== wallRight;
  const letters = [...view].map((letter) => GLYPHS[letter] ?? []);
  const width = letters.reduce((sum, glyph) => sum + (glyph[0]?.length ?? 0) + 1, -1) * dot;
  // Upright, the marker stands in the upper outer corner.
  const start = view.startsWith('R') ? dot * 6 : columns - width - dot * 6;
  let left = start;
  for (const glyph of letters) {
    glyph.forEach((line, y) => {
      [...line].forEach((mark, x) => {
        if (mark !== '#') return;
        for (let at = 0; at < dot * dot; at++) {
          const column = left + x * dot + (at % dot);
          const row = dot * (6 + y) + Math.floor(at / dot);
          pixels[row * columns + (mirrored ? columns - 1 - column : column)] = MARKER;
        }
      });
    });
    left += ((glyph[0]?.length ?? 0) + 1) * dot;
  }
}
