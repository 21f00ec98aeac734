import type { Frame, LutSource } from './frame.ts';
import { items, type JsonDataset, number, numbers, TAG, text } from './json.ts';
import type { ValueSpan } from './tone-curve.ts';

/** A curve that comes with the file, as numbers that may still lie on the server. */
export interface VoiLut {
  readonly source: LutSource;
  readonly explanation: string | undefined;
}

/** Numbers above this in a 16-bit element with a sign are negative. */
const SIGNED_LIMIT = 32_767;
const signed = (value: number): number => (value > SIGNED_LIMIT ? value - 65_536 : value);

/** The items of the VOI LUT Sequence: the frame's own, the shared ones, those of the data set. @dicom PS3.3 C.11.2.1.1 */
export function voiLuts(frame: Frame): VoiLut[] {
  if (frame.pixels.samplesPerPixel !== 1 || frame.palette) return [];
  return items(voiGroup(frame), 'VOILUTSequence').flatMap((item) => {
    const data = item[TAG.LUTData];
    const [entries, first, bitsPerEntry] = numbers(item, 'LUTDescriptor');
    if (!data || entries === undefined || first === undefined || bitsPerEntry === undefined) return [];
    // The input of the table is what the modality transformation gives: signed where that can be negative.
    const firstMapped = item[TAG.LUTDescriptor]?.vr === 'SS' || canBeNegative(frame) ? signed(first) : first;
    const descriptor = [entries === 0 ? 65_536 : entries, firstMapped, bitsPerEntry] as const;
    return [{ source: { descriptor, data, segmented: false }, explanation: text(item, 'LUTExplanation') }];
  });
}

function voiGroup({ dataset, frameNumber }: Frame): JsonDataset {
  const own = items(items(dataset, 'PerFrameFunctionalGroupsSequence')[frameNumber - 1], 'FrameVOILUTSequence')[0];
  const group = own ?? items(items(dataset, 'SharedFunctionalGroupsSequence')[0], 'FrameVOILUTSequence')[0];
  return group && items(group, 'VOILUTSequence').length > 0 ? group : dataset;
}

function canBeNegative({ pixels, rescale, modalityLut }: Frame): boolean {
  if (modalityLut) return false;
  return pixels.pixelRepresentation === 1 || (rescale?.intercept ?? 0) < 0 || (rescale?.slope ?? 1) < 0;
}

/**
 * The values that fill the image where nothing was imaged, after the modality transformation.
 * @dicom PS3.3 C.7.5.1.1.2
 */
export function paddingOf({ dataset, pixels, rescale, modalityLut, palette }: Frame): ValueSpan | undefined {
  const first = number(dataset, 'PixelPaddingValue');
  if (first === undefined || pixels.samplesPerPixel !== 1 || palette || modalityLut) return undefined;
  const last = number(dataset, 'PixelPaddingRangeLimit') ?? first;
  const value = (stored: number): number => {
    // Written with the pixels' sign or without it: the bits are the same.
    const bits = pixels.pixelRepresentation === 1 ? signed(stored) : stored & 0xffff;
    return bits * (rescale?.slope ?? 1) + (rescale?.intercept ?? 0);
  };
  const [one, other] = [value(first), value(last)];
  return { lowest: Math.min(one, other), highest: Math.max(one, other) };
}
