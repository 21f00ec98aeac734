import type { Frame } from '../dicom/frame.ts';
import type { PixelGrid } from '../engine/contract.ts';
import { FilmlessMeasurementEvent } from '../events/measurement.ts';
import type { Cell, CellPointer, ViewerContext } from '../extension/contract.ts';
import { type Annotation, isOn, isSameFrame, type ManualCalibration } from './annotation.ts';
import { measureAnnotation, pixelValuesOf } from './measure-annotation.ts';
import { type AnnotationChange, type AnnotationStore, annotationsOf } from './store.ts';
import { type MeasureText, measureText } from './texts.ts';
import type { Measurement } from './values.ts';

/** What is being drawn and is no annotation yet. */
export interface Draft {
  readonly cell: Cell;
  readonly frame: Frame;
  /** As an annotation would have it; the last point may still follow the pointer. */
  readonly shape: Pick<Annotation, 'kind' | 'points'>;
  /** The line of a calibration shows no length: it is about to be typed. */
  readonly calibrating: boolean;
}

export interface Selection {
  readonly id: string;
  /** The handle that arrow keys move; without one they scroll as ever, unless the keyboard chose the annotation. */
  readonly handle: number | undefined;
  /** Arrow keys move all of it: it was reached by Tab. */
  readonly byKeyboard: boolean;
}

interface Remembered {
  readonly annotation: Annotation;
  /** Where the pixels lie that were measured. */
  readonly data: PixelGrid['data'] | undefined;
  readonly manual: ManualCalibration | undefined;
  readonly measurement: Measurement;
}

/** What one viewer's measuring knows beside the annotations: selection, what is under the pointer, results. */
export class MeasureSession {
  readonly viewer: ViewerContext;
  readonly store: AnnotationStore;
  draft: Draft | undefined;
  /** The version of an annotation that a drag shows; the store has it after the release. */
  moving: Annotation | undefined;
  /** Where the probe reads values without leaving one. */
  reading: Pick<CellPointer, 'cell' | 'image' | 'screen'> | undefined;
  #selection: Selection | undefined;
  #hidden = false;
  #open: boolean;
  readonly #results = new Map<string, Remembered>();
  readonly #ends: (() => void)[];

  constructor(viewer: ViewerContext) {
    this.viewer = viewer;
    this.store = annotationsOf(viewer.element);
    this.#open = viewer.study !== undefined;
    this.#ends = [
      this.store.on('change', (change) => this.#changed(change)),
      viewer.on('rendered', ({ cell }) => this.#rendered(cell)),
      viewer.on('closed', () => this.#closed()),
      viewer.on('study', ({ study }) => {
        this.#open = true;
        const known = viewer.studies.map(({ StudyInstanceUID }) => StudyInstanceUID);
        this.store.keepStudies([...known, study.StudyInstanceUID]);
      }),
      () => viewer.element.removeEventListener('pointerleave', this.#left),
    ];
    viewer.element.addEventListener('pointerleave', this.#left);
    this.store.onPointed = ({ id }) => {
      this.#hidden = false;
      this.select(id);
    };
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.store.onPointed = undefined;
    this.store.keepStudies([]);
  }

  text(key: MeasureText, parameters?: Readonly<Record<string, string | number>>): string {
    return measureText(this.viewer.locale, key, parameters);
  }

  get selection(): Selection | undefined {
    return this.#selection;
  }

  get selected(): Annotation | undefined {
    return this.#selection && this.store.get(this.#selection.id);
  }

  select(id: string | undefined, handle?: number, byKeyboard = false): void {
    this.#selection = id === undefined ? undefined : { id, handle, byKeyboard };
    this.redraw();
    this.viewer.requestUpdate();
  }

  get hidden(): boolean {
    return this.#hidden;
  }

  set hidden(hidden: boolean) {
    this.#hidden = hidden;
    if (hidden) this.select(undefined);
    this.redraw();
    this.viewer.requestUpdate();
  }

  redraw(): void {
    for (const cell of this.viewer.cells) cell.redraw();
  }

  /** Whether a study is open: nothing of an earlier one may be seen or changed between two. */
  get open(): boolean {
    return this.#open;
  }

  /**
   * The annotations of the study that is open. Between two studies there are none, though the store keeps those of the one before: opened
   * once more, with another token, say, it has them again, and another patient's study takes them away.
   */
  get annotations(): readonly Annotation[] {
    return this.#open ? this.store.all() : [];
  }

  get calibrations(): readonly ManualCalibration[] {
    return this.#open ? this.store.calibrations() : [];
  }

  /** The annotations to draw in a cell, the one under the pointer as the drag has it. */
  shownIn(cell: Cell): readonly Annotation[] {
    const { view } = cell;
    if (!view || !this.#open || this.#hidden) return [];
    const { moving } = this;
    return this.store.ofFrame(view.frame).map((own) => (moving?.id === own.id ? moving : own));
  }

  /** The cell that shows an annotation's frame, the active one first. */
  cellOf(annotation: Annotation): Cell | undefined {
    const { active, cells } = this.viewer;
    return [active, ...cells].find(({ view }) => view !== undefined && isOn(annotation, view.frame));
  }

  /** What an annotation measures: on the screen anew, else as it was measured last, else what needs no pixels. */
  measure(annotation: Annotation): Measurement | undefined {
    const cell = this.cellOf(annotation);
    const frame = cell?.view?.frame ?? this.#frameOf(annotation);
    const manual = frame && this.store.calibrationOf(frame);
    const known = this.#results.get(annotation.id);
    const same = known?.annotation === annotation ? known : undefined;
    const pixels = cell && pixelValuesOf(cell);
    // What was measured of the plain image is not what is seen, and is worth remembering for when it is seen again.
    if (frame && pixels === 'subtracted') return measureAnnotation(annotation, frame, pixels, manual);
    const grid = pixels === 'subtracted' ? undefined : pixels;
    if (same && same.manual === manual && (!grid || same.data === grid.data)) return same.measurement;
    if (!frame) return same?.measurement;
    const measurement = withPixelValues(measureAnnotation(annotation, frame, grid, manual), grid ? undefined : same);
    // A version that a drag shows is not worth remembering.
    if (annotation !== this.moving)
      this.#results.set(annotation.id, { annotation, data: grid?.data ?? same?.data, manual, measurement });
    return measurement;
  }

  measureShape(shape: Pick<Annotation, 'kind' | 'points'>, cell: Cell): Measurement | undefined {
    const frame = cell.view?.frame;
    return frame && measureAnnotation(shape, frame, pixelValuesOf(cell), this.store.calibrationOf(frame));
  }

  /** Puts an annotation's image on the screen and selects it. */
  async goTo(annotation: Annotation): Promise<void> {
    this.#hidden = false;
    const { study, series, instance, frame } = annotation;
    await this.viewer.goTo({ study, series, instance, frame });
    if (this.store.get(annotation.id)) this.select(annotation.id);
  }

  #frameOf(annotation: Annotation): Frame | undefined {
    for (const { open } of this.viewer.cells) {
      const frame = open?.frames.find((candidate) => isOn(annotation, candidate));
      if (frame) return frame;
    }
    return undefined;
  }

  #rendered(cell: Cell): void {
    const { draft } = this;
    // What was begun on one image must not end on another.
    if (draft && draft.cell === cell && !isSameFrame(cell.view?.frame, draft.frame)) this.draft = undefined;
    if (this.reading?.cell === cell) cell.redraw();
    // Values of a restored annotation come with its pixels.
    if (cell.view && this.store.ofFrame(cell.view.frame).some(({ id }) => !this.#results.get(id)?.data))
      this.viewer.requestUpdate();
  }

  readonly #left = (): void => {
    const cell = this.reading?.cell;
    this.reading = undefined;
    cell?.redraw();
  };

  #closed(): void {
    this.#open = false;
    this.draft = undefined;
    this.moving = undefined;
    this.reading = undefined;
    this.#selection = undefined;
    this.#results.clear();
  }

  #changed({ cause, added, changed, removed, calibrated }: AnnotationChange): void {
    const selected = this.#selection?.id;
    if (selected !== undefined && !this.store.get(selected)) this.#selection = undefined;
    // What was just drawn has to be seen.
    if (cause === 'edited' && added.length > 0) this.#hidden = false;
    if (cause !== 'restored' && cause !== 'closed') {
      for (const annotation of added) this.#tell('added', annotation);
      for (const { after } of changed) this.#tell('changed', after);
      for (const annotation of removed) this.#tell('removed', annotation);
      if (calibrated) for (const annotation of this.store.all()) this.#tellIfCalibrated(annotation);
    }
    for (const { id } of removed) this.#results.delete(id);
    this.redraw();
    this.viewer.requestUpdate();
  }

  /** Another calibration changes what is measured. */
  #tellIfCalibrated(annotation: Annotation): void {
    const before = this.#results.get(annotation.id)?.measurement;
    if (before && this.measure(annotation) !== before) this.#tell('changed', annotation);
  }

  #tell(action: 'added' | 'changed' | 'removed', annotation: Annotation): void {
    const results = this.measure(annotation);
    this.viewer.element.dispatchEvent(new FilmlessMeasurementEvent({ action, annotation, results }));
  }
}

/** Another calibration changes lengths and areas; the values of the pixels stay as they were seen last. */
function withPixelValues(fresh: Measurement, known: Remembered | undefined): Measurement {
  const missing = known?.measurement.values.filter(({ name }) => !fresh.values.some((value) => value.name === name));
  return missing?.length ? { ...fresh, values: [...fresh.values, ...missing] } : fresh;
}
