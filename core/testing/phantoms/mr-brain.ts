import { BrainAnatomy } from './brain-anatomy.ts';
import { type PhantomStudy, phantomStudy } from './hospital.ts';
import { type PhantomInstance, SeriesWriter } from './instance.ts';
import { type NoiseTile, sharedNoise, uidOf } from './random.ts';

/** Middle of a lesion that {@link mrBrain} paints when asked to; patient coordinates and radius in millimetres. */
export const MR_LESION = { x: -33, y: 22, z: 30, radiusMm: 9 } as const;

export interface MrBrainOptions {
  study?: PhantomStudy;
  /** Default `['axial', 'sagittal']`, one series each; all share one Frame of Reference. */
  planes?: readonly ('axial' | 'sagittal')[];
  /** Default 256. */
  size?: number;
  /** Slices of each plane. Default 24. */
  count?: number;
  withLesion?: boolean;
}

interface Plane {
  name: string;
  SeriesNumber: number;
  ImageOrientationPatient: number[];
  spacingMm: number;
  /** Of the pixel in the middle of slice `index`, and the patient axes of columns and rows. */
  centre: (index: number, count: number) => [number, number, number];
  along: [number, number, number];
  down: [number, number, number];
}

const PLANES: Record<'axial' | 'sagittal', Plane> = {
  axial: {
    name: 'T1WI 横断位',
    SeriesNumber: 2,
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    spacingMm: 5.5,
    centre: (index, count) => [0, 0, 10 + (index - (count - 1) / 2) * 5.5],
    along: [1, 0, 0],
    down: [0, 1, 0],
  },
  sagittal: {
    name: 'T1WI 矢状位',
    SeriesNumber: 3,
    ImageOrientationPatient: [0, 1, 0, 0, 0, -1],
    spacingMm: 5,
    centre: (index, count) => [(index - (count - 1) / 2) * 5, 0, -14],
    along: [0, 1, 0],
    down: [0, 0, -1],
  },
};

const FIELD_OF_VIEW_MM = 240;

/** A T1-weighted brain in one or two planes that are cut from one head. */
export async function* mrBrain(options: MrBrainOptions = {}): AsyncGenerator<PhantomInstance> {
  const study = options.study ?? phantomStudy({ seed: 'mr-brain', StudyDescription: '头颅MR平扫' });
  const size = options.size ?? 256;
  const count = options.count ?? 24;
  const spacing = FIELD_OF_VIEW_MM / size;
  const brain = new BrainAnatomy(study.patient.PatientID, options.withLesion ? MR_LESION : undefined);
  const noise = sharedNoise('mr', 256, 1);
  for (const key of options.planes ?? (['axial', 'sagittal'] as const)) {
    const plane = PLANES[key];
    const writer = new SeriesWriter(study, {
      seed: `mr-${key}`,
      SeriesNumber: plane.SeriesNumber,
      SeriesDescription: plane.name,
      Modality: 'MR',
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
      common: {
        ImageType: ['ORIGINAL', 'PRIMARY', 'OTHER'],
        Manufacturer: 'Filmless Phantom',
        ManufacturerModelName: 'Magna 1.5T',
        StationName: 'MR01',
        DeviceSerialNumber: '20015',
        SoftwareVersions: '1.0',
        BodyPartExamined: 'HEAD',
        ScanningSequence: 'SE',
        SequenceVariant: 'SK',
        ScanOptions: '',
        MRAcquisitionType: '2D',
        SequenceName: 'se2d1',
        SliceThickness: 5,
        SpacingBetweenSlices: plane.spacingMm,
        RepetitionTime: 480,
        EchoTime: 11,
        NumberOfAverages: 2,
        ImagingFrequency: 63.86,
        ImagedNucleus: '1H',
        EchoNumbers: 1,
        MagneticFieldStrength: 1.5,
        EchoTrainLength: 1,
        FlipAngle: 90,
        PixelBandwidth: 130,
        PatientPosition: 'HFS',
        FrameOfReferenceUID: uidOf(`${study.seed}/frame-of-reference`),
        PositionReferenceIndicator: '',
        AcquisitionNumber: 1,
        ImageOrientationPatient: plane.ImageOrientationPatient,
        SamplesPerPixel: 1,
        PhotometricInterpretation: 'MONOCHROME2',
        Rows: size,
        Columns: size,
        PixelSpacing: [spacing, spacing],
        BitsAllocated: 16,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: 0,
        WindowCenter: 360,
        WindowWidth: 740,
      },
    });
    for (let index = 0; index < count; index++) {
      const centre = plane.centre(index, count);
      const corner = centre.map(
        (value, axis) => value - ((size - 1) / 2) * spacing * (plane.along[axis]! + plane.down[axis]!),
      );
      const pixels = paintSlice(brain, plane, corner, size, spacing, noise, index);
      const position = corner.map((value) => Number(value.toFixed(5)));
      yield writer.write(
        index + 1,
        { ImagePositionPatient: position, SliceLocation: centre[plane.along[0] === 1 ? 2 : 0] },
        new Uint8Array(pixels.buffer),
        'OW',
      );
    }
  }
}

function paintSlice(
  brain: BrainAnatomy,
  { along, down }: Plane,
  corner: readonly number[],
  size: number,
  spacing: number,
  noise: NoiseTile,
  index: number,
): Uint16Array<ArrayBuffer> {
  const pixels = new Uint16Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let signal = 0;
      // Two samples on a diagonal are the partial volume of a pixel's edge.
      for (const part of [-0.25, 0.25]) {
        const right = (column + part) * spacing;
        const below = (row + part) * spacing;
        signal += brain.signalAt(
          corner[0]! + right * along[0] + below * down[0],
          corner[1]! + right * along[1] + below * down[1],
          corner[2]! + right * along[2] + below * down[2],
        );
      }
      // Magnitude images have Rician noise: no negative values, a floor in the air.
      const real = signal / 2 + 11 * noise.at(column + index * 71, row + index * 37);
      const imaginary = 11 * noise.at(column + index * 53 + 128, row + index * 91 + 64);
      pixels[row * size + column] = Math.min(4095, Math.hypot(real, imaginary));
    }
  }
  return pixels;
}
