import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type Attributes, type PhantomInstance, SeriesWriter } from './instance.ts';

/** Bright discs on every image of the geometry phantom, by size; x and y are in pixels from the outer corner of the first one. */
export const GEOMETRY_DISCS = [
  { x: 64.5, y: 72.5, radius: 4 },
  { x: 184.5, y: 88.5, radius: 6 },
  { x: 96.5, y: 180.5, radius: 8 },
  { x: 190.5, y: 190.5, radius: 10 },
] as const;

/** Rows and columns. */
export const GEOMETRY_SIZE = 256;

const DISC_VALUE = 2000;

/**
 * The value of a pixel of the geometry phantom, after the modality transformation: dark and unlike that of its neighbours, in its own and in
 * the next slices, so that a value read from a wrong place is a wrong value.
 * @param row from 0
 * @param slice from 0
 */
export function geometryValue(column: number, row: number, slice: number): number {
  const disc = GEOMETRY_DISCS.some(({ x, y, radius }) => Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius);
  return disc ? DISC_VALUE : -1000 + ((row * 7 + column * 13 + slice * 131) % 701);
}

export interface GeometryOptions {
  study?: PhantomStudy;
  /** Default 1. */
  count?: number;
  SeriesNumber?: number;
  SeriesDescription?: string;
  /** Default CT. */
  Modality?: string;
  SOPClassUID?: string;
  /** Beside those of every image, or in their place: spacing, regions. */
  attributes?: Attributes;
  /** RGB in 8 bits, white discs on a dark ground, without a measured value. */
  color?: boolean;
}

/** Images of known geometry and values, for tests that measure. Axial, 5 mm apart, from above downwards. */
export async function* geometrySlices(options: GeometryOptions = {}): AsyncGenerator<PhantomInstance> {
  const study = options.study ?? phantomStudy({ seed: 'geometry', StudyDescription: '几何体模' });
  const number = options.SeriesNumber ?? 1;
  const { color = false } = options;
  const writer = new SeriesWriter(study, {
    seed: `geometry-${number}`,
    SeriesNumber: number,
    SeriesDescription: options.SeriesDescription ?? '几何体模',
    Modality: options.Modality ?? 'CT',
    SOPClassUID: options.SOPClassUID ?? '1.2.840.10008.5.1.4.1.1.2',
    common: {
      Manufacturer: 'Filmless Phantom',
      Rows: GEOMETRY_SIZE,
      Columns: GEOMETRY_SIZE,
      ...(color ? COLOR : GREY),
      ...options.attributes,
    },
  });
  for (let slice = 0; slice < (options.count ?? 1); slice += 1) {
    const place: Attributes = color ? {} : { ImagePositionPatient: [-128, -128, -5 * slice] };
    const pixels = color ? colorPixels() : greyPixels(slice);
    yield writer.write(slice + 1, place, pixels, color ? 'OB' : 'OW');
  }
}

const GREY: Attributes = {
  ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
  RescaleIntercept: -1024,
  RescaleSlope: 1,
  RescaleType: 'HU',
  WindowCenter: 1000,
  WindowWidth: 1000,
};

const COLOR: Attributes = {
  SamplesPerPixel: 3,
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: 0,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
};

function greyPixels(slice: number): Uint8Array {
  const pixels = Uint16Array.from(
    { length: GEOMETRY_SIZE ** 2 },
    (_, at) => geometryValue(at % GEOMETRY_SIZE, Math.floor(at / GEOMETRY_SIZE), slice) + 1024,
  );
  return new Uint8Array(pixels.buffer);
}

function colorPixels(): Uint8Array {
  const pixels = new Uint8Array(GEOMETRY_SIZE ** 2 * 3);
  for (let at = 0; at < GEOMETRY_SIZE ** 2; at += 1) {
    const value = geometryValue(at % GEOMETRY_SIZE, Math.floor(at / GEOMETRY_SIZE), 0);
    pixels.fill(value === DISC_VALUE ? 255 : 20, at * 3, at * 3 + 3);
  }
  return pixels;
}
