import type { Frame } from '../dicom/frame.ts';
import type { PixelGrid } from '../engine/contract.ts';
import type { Annotation, ManualCalibration } from './annotation.ts';
import type { Measurement } from './values.ts';

/**
 * Measures an annotation.
 * @param frame the frame it lies on
 * @param pixels the frame's values; without them, what needs none is measured
 * @param manual the store's manual calibration of the frame
 */
export function measureAnnotation(
  _annotation: Annotation,
  _frame: Frame,
  _pixels: PixelGrid | undefined,
  _manual?: ManualCalibration,
): Measurement {
  return { values: [], calibration: undefined };
}
