import type { PhantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';

const TILE = 128;
const LEVELS = [
  { columns: 1000, rows: 700 },
  { columns: 500, rows: 350 },
  { columns: 250, rows: 175 },
] as const;

/** A slide of stained tissue in three resolutions, tiled in full; the last tiles of rows and columns are padded. @dicom PS3.3 A.32.8 */
export async function* wholeSlide(study: PhantomStudy): AsyncGenerator<PhantomInstance> {
  const writer = new SeriesWriter(study, {
    seed: 'sm',
    SeriesNumber: 931,
    SeriesDescription: '全切片病理',
    Modality: 'SM',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.77.1.6',
    common: {
      Manufacturer: 'Filmless Phantom',
      DimensionOrganizationType: 'TILED_FULL',
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
      PlanarConfiguration: 0,
      Rows: TILE,
      Columns: TILE,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      VolumetricProperties: 'VOLUME',
      TotalPixelMatrixFocalPlanes: 1,
      NumberOfOpticalPaths: 1,
      OpticalPathSequence: [{ OpticalPathIdentifier: '1', ObjectiveLensPower: '20' }],
      LossyImageCompression: '00',
    },
  });
  for (const [index, { columns, rows }] of LEVELS.entries()) {
    const across = Math.ceil(columns / TILE);
    const down = Math.ceil(rows / TILE);
    const pixels = new Uint8Array(across * down * TILE * TILE * 3);
    for (let frame = 0; frame < across * down; frame++) {
      for (let pixel = 0; pixel < TILE * TILE; pixel++) {
        const x = ((frame % across) * TILE + (pixel % TILE)) / columns;
        const y = (Math.floor(frame / across) * TILE + Math.floor(pixel / TILE)) / rows;
        pixels.set(stain(x, y), (frame * TILE * TILE + pixel) * 3);
      }
    }
    const spacing = String(0.0005 * 2 ** index);
    yield writer.write(
      index + 1,
      {
        ImageType: ['ORIGINAL', 'PRIMARY', 'VOLUME', index === 0 ? 'NONE' : 'RESAMPLED'],
        NumberOfFrames: across * down,
        TotalPixelMatrixColumns: columns,
        TotalPixelMatrixRows: rows,
        SharedFunctionalGroupsSequence: [
          { PixelMeasuresSequence: [{ PixelSpacing: [spacing, spacing], SliceThickness: '0.001' }] },
        ],
      },
      pixels,
      'OB',
    );
  }
}

/** Pink tissue with violet nuclei on white glass; beyond the slide's edge, the green that must never be seen. */
function stain(x: number, y: number): [number, number, number] {
  if (x >= 1 || y >= 1) return [0, 255, 0];
  const fromMiddle = Math.hypot((x - 0.5) * 1.4, y - 0.5);
  if (fromMiddle > 0.42 + 0.03 * Math.sin(Math.atan2(y - 0.5, x - 0.5) * 7)) return [244, 242, 245];
  const nucleus = Math.sin(x * 90) * Math.sin(y * 70) > 0.72;
  return nucleus ? [92, 60, 140] : [226, 150, 190];
}
