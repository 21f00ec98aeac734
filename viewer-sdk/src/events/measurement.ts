import type { Annotation } from '../measure/annotation.ts';
import type { Measurement } from '../measure/values.ts';

export interface MeasurementDetail {
  readonly action: 'added' | 'changed' | 'removed';
  readonly annotation: Annotation;
  /** The numbers with UCUM units and the calibration used; `undefined` while the image was not opened. */
  readonly results: Measurement | undefined;
}

/** The user drew, changed or removed a measurement or a mark, undoing included. Those that a file brings are not told of. */
export class FilmlessMeasurementEvent extends CustomEvent<MeasurementDetail> {
  static readonly type = 'filmless-measurement';
  constructor(detail: MeasurementDetail) {
    super(FilmlessMeasurementEvent.type, { detail, bubbles: true, composed: true });
  }
}
