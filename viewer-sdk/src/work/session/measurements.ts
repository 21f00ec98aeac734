import type { Frame } from '../../dicom/frame.ts';
import type { PixelGrid } from '../../engine/contract.ts';
import type { Cell } from '../../extension/contract.ts';
import { type Annotation, type AnnotationStore, isOn, measureAnnotation } from '../../measure/model.ts';
import type { WritableMeasurement } from '../write/measured-values.ts';

/**
 * What was measured of each version of an annotation. Means and values need pixels, which are there only while the frame is on the screen:
 * they are taken then, for the time of saving.
 */
export class Measurements {
  readonly #store: AnnotationStore;
  readonly #taken = new WeakMap<Annotation, WritableMeasurement>();

  constructor(store: AnnotationStore) {
    this.#store = store;
  }

  /** What a file says that was measured. */
  remember(annotation: Annotation, measurement: WritableMeasurement): void {
    this.#taken.set(annotation, measurement);
  }

  /** Measures what lies on the frame that a cell shows. */
  take(cell: Cell): void {
    const frame = cell.view?.frame;
    if (!frame) return;
    const missing = this.#store.all().filter((one) => isOn(one, frame) && !this.#taken.has(one));
    if (missing.length === 0) return;
    const pixels = cell.pixels();
    if (!pixels) return;
    for (const annotation of missing) this.#taken.set(annotation, this.#measure(annotation, frame, pixels));
  }

  /** The calibration of frames was changed: what was measured before holds no longer. */
  forgetSeries(series: ReadonlySet<string>): void {
    for (const annotation of this.#store.all()) if (series.has(annotation.series)) this.#taken.delete(annotation);
  }

  known(annotation: Annotation): WritableMeasurement | undefined {
    return this.#taken.get(annotation);
  }

  of(annotation: Annotation, frame: Frame): WritableMeasurement {
    return this.#taken.get(annotation) ?? this.#measure(annotation, frame, undefined);
  }

  #measure(annotation: Annotation, frame: Frame, pixels: PixelGrid | undefined): WritableMeasurement {
    return measureAnnotation(annotation, frame, pixels, this.#store.calibrationOf(frame));
  }
}
