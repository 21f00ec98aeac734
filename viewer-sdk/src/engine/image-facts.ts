import type { Types } from '@cornerstonejs/core';
import type { DisplayWindow } from '../dicom/frame.ts';
import type { ValueSpan } from '../dicom/tone-curve.ts';
import type { VoiTable } from './contract.ts';

/** The range of an image's values after the modality transformation. */
export interface ValueRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** What is known of a decoded image beside its pixels; Cornerstone's own fields change while it draws. */
export interface ImageFacts {
  readonly range: ValueRange;
  readonly padding: ValueSpan | undefined;
  readonly voiTables: readonly VoiTable[];
  /** The window of values that are not the file's own. */
  readonly ownWindow?: DisplayWindow | undefined;
  readonly embedded?: ReadonlyMap<number, Uint8Array> | undefined;
}

const facts = new WeakMap<Types.IImage, ImageFacts>();

export function setFacts(image: Types.IImage, known: ImageFacts): void {
  facts.set(image, known);
}

export function factsOf(image: Types.IImage): ImageFacts {
  const { minPixelValue: minimum, maxPixelValue: maximum } = image;
  return facts.get(image) ?? { range: { minimum, maximum }, padding: undefined, voiTables: [] };
}
