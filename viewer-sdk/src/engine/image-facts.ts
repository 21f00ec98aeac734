import type { Types } from '@cornerstonejs/core';
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
}

const facts = new WeakMap<Types.IImage, ImageFacts>();

export function setFacts(image: Types.IImage, known: ImageFacts): void {
  facts.set(image, known);
}

export function factsOf(image: Types.IImage): ImageFacts {
  const { minPixelValue: minimum, maxPixelValue: maximum } = image;
  return facts.get(image) ?? { range: { minimum, maximum }, padding: undefined, voiTables: [] };
}
