import type { Presentation, ValueSpan } from '../dicom/tone-curve.ts';
import type { ViewState } from '../engine/contract.ts';

/** How the screen turns values into grey. */
export function presentationOf(view: ViewState, padding: ValueSpan | undefined): Presentation {
  const { window, tone, inverted, frame } = view;
  return { window, tone, inverted: inverted !== (frame.pixels.photometricInterpretation === 'MONOCHROME1'), padding };
}
