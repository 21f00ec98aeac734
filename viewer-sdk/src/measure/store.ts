import type { Frame } from '../dicom/frame.ts';
import { type Annotation, isOn, type ManualCalibration } from './annotation.ts';

/** Why the annotations changed: `restored` ones come from a file, `closed` ones go with their study. */
export type ChangeCause = 'edited' | 'undone' | 'redone' | 'restored' | 'closed';

export interface AnnotationChange {
  readonly cause: ChangeCause;
  readonly added: readonly Annotation[];
  readonly changed: readonly { readonly before: Annotation; readonly after: Annotation }[];
  readonly removed: readonly Annotation[];
  /** Whether a manual calibration came, changed or went. */
  readonly calibrated: boolean;
}

interface Snapshot {
  readonly annotations: ReadonlyMap<string, Annotation>;
  readonly calibrations: readonly ManualCalibration[];
}

/** A step of the history: what was before it. Steps with the same `merge` in a row are one. */
interface Step {
  readonly before: Snapshot;
  readonly merge: string | undefined;
}

const MOST_STEPS = 200;

/**
 * The annotations of one viewer, in the order they were made, with undo. The data are immutable, so that a step of the history is a map
 * of references. Listeners are told after the change.
 */
export class AnnotationStore {
  #now: Snapshot = { annotations: new Map(), calibrations: [] };
  #past: Step[] = [];
  #future: Snapshot[] = [];
  readonly #listeners = new Set<(change: AnnotationChange) => void>();
  /** Told when something outside of measuring, a report, speaks of an annotation. */
  onPointed: ((annotation: Annotation) => void) | undefined;

  all(): readonly Annotation[] {
    return [...this.#now.annotations.values()];
  }

  get(id: string): Annotation | undefined {
    return this.#now.annotations.get(id);
  }

  /** Those on one frame. */
  ofFrame(frame: Frame): readonly Annotation[] {
    return this.all().filter((annotation) => isOn(annotation, frame));
  }

  /** A report speaks of an annotation. @returns whether it is here */
  point(trackingUID: string): boolean {
    const annotation = this.all().find((one) => one.trackingUID === trackingUID);
    if (annotation) this.onPointed?.(annotation);
    return annotation !== undefined;
  }

  /** Tells of every change. @returns ends it */
  on(_event: 'change', listener: (change: AnnotationChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds annotations as one step of the history. @throws Error when an id is taken */
  add(...annotations: readonly Annotation[]): void {
    const next = new Map(this.#now.annotations);
    for (const annotation of annotations) {
      if (next.has(annotation.id)) throw new Error(`annotation ${annotation.id} is there already`);
      next.set(annotation.id, annotation);
    }
    this.#edit({ ...this.#now, annotations: next });
  }

  /**
   * Puts a new version in the place of the one with its id; nothing happens when that is gone.
   * @param merge steps in a row with the same name are undone at once
   */
  replace(annotation: Annotation, merge?: string): void {
    const before = this.#now.annotations.get(annotation.id);
    if (!before || before === annotation) return;
    this.#edit({ ...this.#now, annotations: new Map(this.#now.annotations).set(annotation.id, annotation) }, merge);
  }

  /** Removes annotations as one step. */
  remove(...ids: readonly string[]): void {
    const next = new Map(this.#now.annotations);
    for (const id of ids) next.delete(id);
    if (next.size === this.#now.annotations.size) return;
    this.#edit({ ...this.#now, annotations: next });
  }

  /**
   * Takes what a file holds, outside of the history. Those whose tracking UID is here already are left out: the reader's own version wins.
   * So are calibrations of what is calibrated here.
   * @returns how many annotations came
   */
  restore(annotations: readonly Annotation[], calibrations: readonly ManualCalibration[] = []): number {
    const known = new Set(this.all().map(({ trackingUID }) => trackingUID));
    const fresh = annotations.filter(({ id, trackingUID }) => !known.has(trackingUID) && !this.get(id));
    const calibrated = (one: ManualCalibration): boolean =>
      this.#now.calibrations.some(({ series, instance }) => series === one.series && instance === one.instance);
    const freshCalibrations = calibrations.filter((one) => !calibrated(one));
    if (fresh.length === 0 && freshCalibrations.length === 0) return 0;
    const put = (snapshot: Snapshot): Snapshot => {
      const merged = new Map(snapshot.annotations);
      for (const annotation of fresh) merged.set(annotation.id, annotation);
      if (freshCalibrations.length === 0) return { ...snapshot, annotations: merged };
      return { annotations: merged, calibrations: [...snapshot.calibrations, ...freshCalibrations] };
    };
    // The history keeps them, too: undoing an earlier step must not take them away.
    this.#past = this.#past.map((step) => ({ ...step, before: put(step.before) }));
    this.#future = this.#future.map(put);
    this.#become(put(this.#now), 'restored');
    return fresh.length;
  }

  /** Forgets annotations, calibrations and history of all studies but these: another patient's must not stay. */
  keepStudies(studies: readonly string[]): void {
    const { annotations, calibrations } = this.#now;
    const kept = [...annotations].filter(([, { study }]) => studies.includes(study));
    const keptCalibrations = calibrations.filter(({ study }) => studies.includes(study));
    if (kept.length === annotations.size && keptCalibrations.length === calibrations.length) return;
    this.#past = [];
    this.#future = [];
    this.#become({ annotations: new Map(kept), calibrations: keptCalibrations }, 'closed');
  }

  calibrations(): readonly ManualCalibration[] {
    return this.#now.calibrations;
  }

  /** The manual calibration of a frame: its instance's own, else its series' for the same matrix. */
  calibrationOf(frame: Frame): ManualCalibration | undefined {
    const { rows, columns } = frame.pixels;
    const series = this.#now.calibrations.filter(({ series }) => series === frame.SeriesInstanceUID);
    return (
      series.find(({ instance }) => instance === frame.SOPInstanceUID) ??
      series.find((own) => own.instance === undefined && own.rows === rows && own.columns === columns)
    );
  }

  /** Puts a calibration in the place of what it covers. */
  calibrate(calibration: ManualCalibration): void {
    const covered = (other: ManualCalibration): boolean =>
      other.series === calibration.series &&
      (calibration.instance === undefined
        ? other.rows === calibration.rows && other.columns === calibration.columns
        : other.instance === calibration.instance);
    const calibrations = [...this.#now.calibrations.filter((other) => !covered(other)), calibration];
    this.#edit({ ...this.#now, calibrations });
  }

  /** Goes back to what the file says. */
  removeCalibration(calibration: ManualCalibration): void {
    this.#edit({ ...this.#now, calibrations: this.#now.calibrations.filter((other) => other !== calibration) });
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** @returns whether there was something to undo */
  undo(): boolean {
    const step = this.#past.pop();
    if (!step) return false;
    this.#future.push(this.#now);
    this.#become(step.before, 'undone');
    return true;
  }

  redo(): boolean {
    const next = this.#future.pop();
    if (!next) return false;
    this.#past.push({ before: this.#now, merge: undefined });
    this.#become(next, 'redone');
    return true;
  }

  #edit(next: Snapshot, merge?: string): void {
    const last = this.#past.at(-1);
    if (merge === undefined || last?.merge !== merge) {
      this.#past.push({ before: this.#now, merge });
      if (this.#past.length > MOST_STEPS) this.#past.shift();
    }
    this.#future = [];
    this.#become(next, 'edited');
  }

  #become(next: Snapshot, cause: ChangeCause): void {
    const before = this.#now;
    this.#now = next;
    const added: Annotation[] = [];
    const changed: { before: Annotation; after: Annotation }[] = [];
    for (const [id, after] of next.annotations) {
      const old = before.annotations.get(id);
      if (!old) added.push(after);
      else if (old !== after) changed.push({ before: old, after });
    }
    const removed = [...before.annotations.values()].filter(({ id }) => !next.annotations.has(id));
    const calibrated = before.calibrations !== next.calibrations;
    if (added.length + changed.length + removed.length === 0 && !calibrated) return;
    const change: AnnotationChange = { cause, added, changed, removed, calibrated };
    for (const listener of [...this.#listeners]) listener(change);
  }
}

const stores = new WeakMap<object, AnnotationStore>();

/** The annotations of a viewer. @param element the viewer's element */
export function annotationsOf(element: object): AnnotationStore {
  let store = stores.get(element);
  if (!store) {
    store = new AnnotationStore();
    stores.set(element, store);
  }
  return store;
}
