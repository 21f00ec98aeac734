import type { ViewerError } from '../../errors.ts';
import type { Annotation, ManualCalibration } from '../../measure/annotation.ts';
import type { KeyObjectTitle } from '../codes.ts';
import { byTime, type KeptObject, newestVersions, type ReadKeyObjects, type ReadReport } from '../read/index.ts';
import type { Draft } from '../store/drafts.ts';
import type { KeyImage } from '../write/index.ts';

/** A key image as the viewer holds it; the SOP class may not be known before its metadata are. */
export interface MarkedImage {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  /** From 1; `undefined` for the whole of an instance. */
  readonly frame: number | undefined;
}

/** Something about kept work that the reader has to know. */
export type WorkNotice =
  /** Measurements that refer to images which are not there, or not as they should be: they are not drawn. */
  | { readonly kind: 'mismatch'; readonly count: number }
  /** An object that names another patient than the study: nothing of it is used. */
  | { readonly kind: 'otherPatient'; readonly count: number };

/** Last result of storing one kind of object. */
export interface SaveResult {
  readonly object: 'report' | 'keys' | 'presentation';
  readonly error: ViewerError | undefined;
}

/** What a report keeps. */
export interface Measured {
  readonly annotations: readonly Annotation[];
  readonly calibrations: readonly ManualCalibration[];
}

/** All work on one study: what the archive has, what is here, and whether they differ. */
export class StudyWork {
  readonly study: string;
  readonly patientId: string;
  state: 'loading' | 'ready' | 'failed' = 'loading';
  /** Why the archive's work could not be read. */
  loadError: ViewerError | undefined;
  kept: readonly KeptObject[] = [];
  drafts: readonly Draft[] = [];
  notices: readonly WorkNotice[] = [];
  /** By series that are open: measurements whose image or frame is not among theirs. */
  readonly unplaced = new Map<string, number>();
  results: readonly SaveResult[] = [];
  saving = false;
  marks: readonly MarkedImage[] = [];
  keyTitle: KeyObjectTitle = 'ofInterest';
  keyDescription = '';
  /** What the archive has of annotations, by tracking UID. */
  #stored: ReadonlyMap<string, string> = new Map();
  #storedCalibrations = '';
  #storedMarks = '';

  constructor(study: string, patientId: string) {
    this.study = study;
    this.patientId = patientId;
  }

  /** Reports of ours of which there is no newer version; several when two people stored at once. */
  get heads(): readonly ReadReport[] {
    return newestVersions(this.kept.filter((object): object is ReadReport => object.type === 'report' && object.ours));
  }

  /** The key object selection of ours that counts: the newest. */
  get keyObjects(): ReadKeyObjects | undefined {
    return this.kept
      .filter((object): object is ReadKeyObjects => object.type === 'keys' && object.ours)
      .sort(byTime)
      .at(-1);
  }

  /** What the archive has of measurements now. */
  settleMeasured({ annotations, calibrations }: Measured): void {
    this.#storedCalibrations = calibrationsSignature(calibrations);
    this.#stored = new Map(annotations.map((annotation) => [annotation.trackingUID, signature(annotation)]));
  }

  settleMarks(marks: readonly MarkedImage[], title: KeyObjectTitle, description: string): void {
    this.#storedMarks = marksSignature(marks, title, description);
  }

  measuredChanged({ annotations, calibrations }: Measured): boolean {
    return (
      calibrationsSignature(calibrations) !== this.#storedCalibrations ||
      annotations.length !== this.#stored.size ||
      annotations.some((annotation) => this.#stored.get(annotation.trackingUID) !== signature(annotation))
    );
  }

  get marksChanged(): boolean {
    return marksSignature(this.marks, this.keyTitle, this.keyDescription) !== this.#storedMarks;
  }

  /** Tracking UIDs that the archive has and that are here no more. */
  deleted(annotations: readonly Annotation[]): string[] {
    const here = new Set(annotations.map(({ trackingUID }) => trackingUID));
    return [...this.#stored.keys()].filter((uid) => !here.has(uid));
  }

  /** How many images of each series somebody marked: in the newest selection of ours, as it stands here, and in those of other systems. */
  keyImages(): ReadonlyMap<string, number> {
    const others = this.kept.flatMap((object) =>
      object.type === 'keys' && !object.ours && !object.rejects ? object.images : [],
    );
    const marked = new Map(
      [...this.marks, ...others]
        .filter(({ study }) => study === this.study)
        .map(({ series, instance, frame }) => [`${instance}/${frame ?? ''}`, series]),
    );
    const counts = new Map<string, number>();
    for (const series of marked.values()) counts.set(series, (counts.get(series) ?? 0) + 1);
    return counts;
  }

  isMarked(mark: MarkedImage): boolean {
    return this.marks.some((other) => sameMark(other, mark));
  }

  toggle(mark: MarkedImage): void {
    const others = this.marks.filter((other) => !sameMark(other, mark));
    this.marks = others.length === this.marks.length ? [...others, mark] : others;
  }
}

const sameMark = (a: MarkedImage, b: MarkedImage): boolean => a.instance === b.instance && a.frame === b.frame;

/** What of an annotation is stored. Coordinates are as fine as SR keeps them. */
const signature = ({ kind, instance, frame, points, text, textAt }: Annotation): string =>
  JSON.stringify([kind, instance, frame, points.flat().map(Math.fround), text ?? '', textAt?.map(Math.fround)]);

const calibrationsSignature = (calibrations: readonly ManualCalibration[]): string =>
  calibrations
    .map(({ series, instance, rows, columns, rowMm, columnMm }) =>
      JSON.stringify([series, instance ?? '', rows, columns, rowMm, columnMm]),
    )
    .sort()
    .join();

const marksSignature = (marks: readonly MarkedImage[], title: KeyObjectTitle, description: string): string => {
  const images = marks.map(({ instance, frame }) => `${instance}/${frame ?? ''}`).sort();
  // Without images, title and description are those of nothing.
  return images.length === 0 ? '' : JSON.stringify([images, title, description.trim()]);
};

export const toMark = ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, frame }: KeyImage): MarkedImage => ({
  study: StudyInstanceUID,
  series: SeriesInstanceUID,
  instance: SOPInstanceUID,
  frame,
});
