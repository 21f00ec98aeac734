import type { Frame } from './frame.ts';
import { items, type JsonDataset, number, numbers, text } from './json.ts';

/** One item of the Mask Subtraction Sequence. Frame numbers count from 1. @dicom PS3.3 C.7.6.10 */
export interface MaskOperation {
  readonly operation: 'AVG_SUB' | 'TID' | 'REV_TID';
  /** Pairs of first and last frame it is for; none means all. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
  /** For AVG_SUB. */
  readonly maskFrames: readonly number[];
  /** For the others. */
  readonly offset: number;
  /** How far the mask is moved, in pixels: right and down where positive. */
  readonly shift: readonly [x: number, y: number];
}

/** What the file says about its masks, in its order; operations we do not know are left out. */
export function maskOperations(dataset: JsonDataset): MaskOperation[] {
  return items(dataset, 'MaskSubtractionSequence').flatMap((item): MaskOperation[] => {
    const operation = text(item, 'MaskOperation');
    if (operation !== 'AVG_SUB' && operation !== 'TID' && operation !== 'REV_TID') return [];
    const given = numbers(item, 'ApplicableFrameRange');
    const ranges: [number, number][] = [];
    for (let index = 0; index + 1 < given.length; index += 2) ranges.push([given[index] ?? 0, given[index + 1] ?? 0]);
    // Vertical first. The shift is "applied to the mask before subtracting it"; that positive moves it down and to the right, as rows and
    // columns count, is our choice. @dicom PS3.3 C.7.6.10
    const [down = 0, right = 0] = numbers(item, 'MaskSubpixelShift');
    const maskFrames = numbers(item, 'MaskFrameNumbers');
    if (operation === 'AVG_SUB' && maskFrames.length === 0) return [];
    return [{ operation, ranges, maskFrames, offset: number(item, 'TIDOffset') ?? 1, shift: [right, down] }];
  });
}

/** The frames whose mean is taken off a frame; none where nothing is. @param frames how many the instance has */
export function maskFramesOf(mask: MaskOperation, frameNumber: number, frames: number): number[] {
  const all: readonly [number, number] = [1, frames];
  const range = (mask.ranges.length > 0 ? mask.ranges : [all]).find(
    ([first, last]) => frameNumber >= first && frameNumber <= last,
  );
  if (!range) return [];
  const inside = (wanted: number): boolean => Number.isInteger(wanted) && wanted >= 1 && wanted <= frames;
  if (mask.operation === 'AVG_SUB') return mask.maskFrames.filter(inside);
  // Backwards: each following frame takes the one before the last mask, counted from the first pair. @dicom PS3.3 C.7.6.10.1.1
  const first = mask.ranges[0]?.[0] ?? 1;
  const wanted = mask.operation === 'TID' ? frameNumber - mask.offset : first - mask.offset - (frameNumber - first);
  return inside(wanted) ? [wanted] : [];
}

/**
 * Whether logarithms are subtracted: pixels that are linear to X-ray intensity need it, those that already are logarithms, or that are made
 * for the screen, do not. @dicom PS3.3 C.8.7.1.1.2
 */
export function needsLogarithm({ dataset }: Frame): boolean {
  return (text(dataset, 'PixelIntensityRelationship') ?? 'LIN') === 'LIN';
}
