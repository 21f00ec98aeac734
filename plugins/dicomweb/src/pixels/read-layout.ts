import { type DicomJson, FilmlessError, firstNumber, firstString } from '@filmless/core/plugin';
import type { PixelLayout } from './image-description.ts';

/** Pixel Data, Float Pixel Data, Double Float Pixel Data. */
const PIXEL_ELEMENTS = ['7FE00010', '7FE00008', '7FE00009'] as const;

/** Tag of the element that holds the pixels; undefined for what is no image. */
export function pixelElement(dataset: DicomJson): string | undefined {
  return PIXEL_ELEMENTS.find((tag) => {
    const element = dataset[tag];
    return element !== undefined && (element.BulkDataURI !== undefined || element.InlineBinary !== undefined);
  });
}

/** The Image Pixel module. DECODE_FAILED when it contradicts itself; NOT_FOUND when there are no pixels. @dicom PS3.3 C.7.6.3 */
export function readLayout(dataset: DicomJson, maxFrameBytes: number): PixelLayout {
  const element = pixelElement(dataset);
  const rows = firstNumber(dataset, 'Rows');
  const columns = firstNumber(dataset, 'Columns');
  if (element === undefined || !rows || !columns) throw new FilmlessError('NOT_FOUND', 'the object has no pixels');
  const float = element !== '7FE00010';
  const bitsAllocated = float ? (element === '7FE00009' ? 64 : 32) : (firstNumber(dataset, 'BitsAllocated') ?? 16);
  const bitsStored = float ? bitsAllocated : (firstNumber(dataset, 'BitsStored') ?? bitsAllocated);
  const layout: PixelLayout = {
    rows,
    columns,
    samplesPerPixel: firstNumber(dataset, 'SamplesPerPixel') ?? 1,
    bitsAllocated,
    bitsStored,
    highBit: float ? bitsAllocated - 1 : (firstNumber(dataset, 'HighBit') ?? bitsStored - 1),
    signed: firstNumber(dataset, 'PixelRepresentation') === 1,
    planar: firstNumber(dataset, 'PlanarConfiguration') === 1,
    photometricInterpretation: firstString(dataset, 'PhotometricInterpretation') ?? 'MONOCHROME2',
    numberOfFrames: Math.max(1, Math.trunc(firstNumber(dataset, 'NumberOfFrames') ?? 1)),
    kind: float ? 'float' : 'integer',
  };
  check(layout, maxFrameBytes);
  return layout;
}

function check(layout: PixelLayout, maxFrameBytes: number): void {
  const { bitsAllocated, bitsStored, highBit, samplesPerPixel } = layout;
  if (![1, 8, 16, 32, 64].includes(bitsAllocated))
    throw new FilmlessError('DECODE_FAILED', `Bits Allocated ${bitsAllocated} is not supported`);
  if (bitsStored < 1 || bitsStored > bitsAllocated || highBit < bitsStored - 1 || highBit >= bitsAllocated)
    throw new FilmlessError('DECODE_FAILED', 'Bits Allocated, Bits Stored and High Bit contradict each other');
  if (samplesPerPixel < 1 || samplesPerPixel > 4)
    throw new FilmlessError('DECODE_FAILED', `${samplesPerPixel} samples per pixel are not supported`);
  const frameBytes = (layout.rows * layout.columns * samplesPerPixel * bitsAllocated) / 8;
  if (frameBytes > maxFrameBytes)
    throw new FilmlessError('DECODE_FAILED', 'the frame is larger than this node decodes');
}
