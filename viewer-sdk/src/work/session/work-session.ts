import type { DicomWebClient } from '../../client/dicomweb-client.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import { isAbort, toViewerError } from '../../errors.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';
import { type Annotation, type AnnotationChange, type AnnotationStore, annotationsOf } from '../../measure/model.ts';
import { samePatient } from '../../session/identity.ts';
import type { OpenSeries } from '../../session/study-session.ts';
import type { StudySummary } from '../../session/summaries.ts';
import type { WrittenInstance } from '../dicom-write/part10.ts';
import { byTime, type KeptObject, type ReadGroup, readKept } from '../read/index.ts';
import { type Draft, type DraftStore, IndexedDrafts } from '../store/drafts.ts';
import { workText } from '../texts.ts';
import type { Origin } from '../write/index.ts';
import type { BuildTools } from './build-objects.ts';
import { DraftKeeper } from './draft-keeper.ts';
import { FrameFinder } from './frame-finder.ts';
import { loadKept } from './load-kept.ts';
import { Measurements } from './measurements.ts';
import { saveWork } from './save-work.ts';
import { type MarkedImage, type Measured, StudyWork, type WorkNotice } from './study-work.ts';
import { askUser } from './user.ts';

/** The work on the studies that one viewer shows: restored when they open, kept as drafts while it changes, stored when asked. */
export class WorkSession {
  readonly viewer: ViewerContext;
  readonly store: AnnotationStore;
  readonly frames = new FrameFinder();
  readonly measurements: Measurements;
  readonly #drafts: DraftKeeper;
  readonly #studies = new Map<string, StudyWork>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #datasets = new Map<string, JsonDataset>();
  readonly #listeners = new Set<() => void>();
  readonly #ends: (() => void)[];
  #seen = new WeakSet<OpenSeries>();
  #controller = new AbortController();
  /** Whether measurements of other systems are drawn. */
  othersShown = true;
  #user: { client: DicomWebClient; name: Promise<string> } | undefined;

  constructor(viewer: ViewerContext, drafts: DraftStore = new IndexedDrafts()) {
    this.viewer = viewer;
    this.store = annotationsOf(viewer.element);
    this.measurements = new Measurements(this.store);
    this.#drafts = new DraftKeeper(drafts, () => this.#changed());
    this.#ends = [
      viewer.on('study', ({ study }) => this.#openStudy(study)),
      viewer.on('series', ({ cell }) => this.#series(cell)),
      viewer.on('rendered', ({ cell }) => this.#rendered(cell)),
      viewer.on('closed', () => this.#close()),
      this.store.on('change', (change) => this.#annotationsChanged(change)),
    ];
    window.addEventListener('beforeunload', this.#beforeUnload);
    if (viewer.study) this.#openStudy(viewer.study);
    for (const cell of viewer.cells) {
      this.#series(cell);
      this.#rendered(cell);
    }
  }

  dispose(): void {
    this.#close();
    for (const end of this.#ends) end();
    window.removeEventListener('beforeunload', this.#beforeUnload);
    this.#listeners.clear();
  }

  /** Told after every change. @returns ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get studies(): readonly StudyWork[] {
    return [...this.#studies.values()];
  }

  of(study: string | undefined): StudyWork | undefined {
    return study === undefined ? undefined : this.#studies.get(study);
  }

  measuredOf(study: string): Measured {
    return {
      annotations: this.store.all().filter((annotation) => annotation.study === study),
      calibrations: this.store.calibrations().filter((calibration) => calibration.study === study),
    };
  }

  isDirty(work: StudyWork): boolean {
    return work.measuredChanged(this.measuredOf(work.study)) || work.marksChanged;
  }

  get dirty(): boolean {
    return this.studies.some((work) => this.isDirty(work));
  }

  /** The image of a cell as a key image would name it. */
  markOf(cell: Cell): MarkedImage | undefined {
    const frame = cell.view?.frame;
    return (
      frame && {
        study: frame.StudyInstanceUID,
        series: frame.SeriesInstanceUID,
        instance: frame.SOPInstanceUID,
        frame: frame.numberOfFrames > 1 ? frame.frameNumber : undefined,
      }
    );
  }

  /** Marks an image, or takes its mark away. */
  toggleMark(mark: MarkedImage): void {
    const work = this.#studies.get(mark.study);
    if (!work) return;
    work.toggle(mark);
    this.touched(work);
  }

  showOthers(shown: boolean): void {
    this.othersShown = shown;
    this.#changed();
  }

  /** Work changed: the draft follows. */
  touched(work: StudyWork): void {
    if (this.isDirty(work)) this.#drafts.keep(work, this.measuredOf(work.study), this.measurements, this.#owner(work));
    else this.#drafts.forget(work);
    this.#changed();
  }

  /** Stores what changed of a study. Failures are in its results; what failed stays a draft. */
  async save(work: StudyWork): Promise<void> {
    const { client } = this.viewer;
    if (!client || work.saving) return;
    work.saving = true;
    this.#changed();
    try {
      // Predecessors have to be known, or a report would stand beside the one it replaces.
      await this.#loading.get(work.study);
      const saved = await saveWork(work, this.measuredOf(work.study), await this.buildTools(client));
      for (const { dataset, SOPInstanceUID } of saved) this.#datasets.set(SOPInstanceUID, dataset);
      if (saved.length > 0) void this.viewer.relist();
    } finally {
      work.saving = false;
      // What was changed meanwhile is not stored.
      if (this.#studies.get(work.study) === work) this.touched(work);
      else if (work.results.every(({ error }) => !error)) this.#drafts.forget(work);
    }
  }

  async buildTools(client: DicomWebClient): Promise<BuildTools> {
    const { frames, measurements } = this;
    return { client, frames, measurements, origin: await this.origin(client), datasets: this.#datasets };
  }

  async origin(client: DicomWebClient): Promise<Origin> {
    return { author: await this.#userName(client), at: new Date(), locale: this.viewer.locale };
  }

  /** Puts a draft over what is here. */
  restoreDraft(work: StudyWork, draft: Draft): void {
    const here = new Map(this.store.all().map((annotation) => [annotation.trackingUID, annotation]));
    for (const annotation of draft.annotations) {
      // A draft is kept by study; what it holds of another one is no draft of this study.
      if (annotation.study !== work.study) continue;
      const own = here.get(annotation.trackingUID);
      if (own) this.store.replace({ ...annotation, id: own.id });
      else this.store.add(annotation);
      const measurement = draft.measurements[annotation.trackingUID];
      const put = this.store.get(own?.id ?? annotation.id);
      if (measurement && put) this.measurements.remember(put, measurement);
    }
    for (const calibration of draft.calibrations)
      if (calibration.study === work.study) this.store.calibrate(calibration);
    this.store.remove(...draft.deleted.flatMap((uid) => here.get(uid)?.id ?? []));
    if (draft.keyImages) {
      work.marks = draft.keyImages.filter(({ study }) => study === work.study);
      work.keyTitle = draft.keyTitle;
      work.keyDescription = draft.keyDescription;
    }
    work.drafts = work.drafts.filter((other) => other !== draft);
    this.touched(work);
    void this.#drafts.settled().then(() => this.#drafts.discard(draft));
  }

  discardDraft(work: StudyWork, draft: Draft): void {
    work.drafts = work.drafts.filter((other) => other !== draft);
    void this.#drafts.discard(draft);
    this.#changed();
  }

  /** The browser keeps nothing: said once, since closing the page loses what is not stored. */
  get draftsFail(): boolean {
    return this.#drafts.failing;
  }

  /** An object that was just stored is listed at once. */
  added(work: StudyWork, { dataset, SOPInstanceUID }: WrittenInstance): void {
    const object = readKept(dataset);
    if (object) work.kept = [...work.kept, object];
    this.#datasets.set(SOPInstanceUID, dataset);
    void this.viewer.relist();
    this.#changed();
  }

  /** The data set of a kept object. */
  datasetOf({ SOPInstanceUID }: KeptObject): JsonDataset | undefined {
    return this.#datasets.get(SOPInstanceUID);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
    this.viewer.requestUpdate();
  }

  #series(cell: Cell): void {
    if (cell.study) this.#openStudy(cell.study);
    this.#see(cell);
  }

  /** What a cell has open, looked at once: it is painted many times. */
  #see(cell: Cell): void {
    if (!cell.open || this.#seen.has(cell.open)) return;
    this.#seen.add(cell.open);
    this.frames.note(cell.open.frames);
    this.#checkPlaces(cell);
  }

  /** A series is open: measurements that name images or frames it does not have are said, since nothing shows them. */
  #checkPlaces({ open }: Cell): void {
    const work = open?.complete && !open.partial ? this.#studies.get(open.StudyInstanceUID) : undefined;
    if (!open || !work) return;
    const there = new Set(open.frames.map(({ SOPInstanceUID, frameNumber }) => `${SOPInstanceUID}/${frameNumber}`));
    const missing = this.measuredOf(work.study).annotations.filter(
      ({ series, instance, frame }) => series === open.SeriesInstanceUID && !there.has(`${instance}/${frame}`),
    );
    if ((work.unplaced.get(open.SeriesInstanceUID) ?? 0) === missing.length) return;
    work.unplaced.set(open.SeriesInstanceUID, missing.length);
    this.#changed();
  }

  #rendered(cell: Cell): void {
    this.#see(cell);
    this.measurements.take(cell);
  }

  #openStudy(study: StudySummary): void {
    const { client } = this.viewer;
    if (!client || this.#studies.has(study.StudyInstanceUID)) return;
    const work = new StudyWork(study.StudyInstanceUID, study.patientId);
    this.#studies.set(work.study, work);
    const loading = this.#load(client, work, this.#controller.signal);
    this.#loading.set(work.study, loading);
  }

  /** Reads a study's work again after a failure. */
  reload(work: StudyWork): void {
    const { client } = this.viewer;
    if (!client || work.state === 'loading') return;
    work.state = 'loading';
    work.loadError = undefined;
    this.#loading.set(work.study, this.#load(client, work, this.#controller.signal));
    this.#changed();
  }

  async #load(client: DicomWebClient, work: StudyWork, signal: AbortSignal): Promise<void> {
    try {
      const { objects, datasets, series } = await loadKept(client, work.study, signal);
      if (signal.aborted) return;
      const own = objects.filter(({ patientId }) => samePatient(patientId, work.patientId));
      work.kept = own.sort(byTime);
      for (const [uid, dataset] of datasets) this.#datasets.set(uid, dataset);
      this.#restore(work, series, objects.length - own.length);
      work.state = 'ready';
      const drafts = await this.#drafts.of(this.#owner(work, await this.#userName(client)));
      if (signal.aborted) return;
      work.drafts = drafts.filter(({ patientId }) => samePatient(patientId, work.patientId));
      if (work.drafts.length > 0) this.viewer.notify(workText(this.viewer.locale, 'draft.found'), 'information');
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      work.state = 'failed';
      work.loadError = toViewerError(error, 'VIEWER_BAD_RESPONSE');
    }
    this.#changed();
  }

  /** Puts our own newest work into the viewer; what refers to images that are not there is left out, and said. */
  #restore(work: StudyWork, series: ReadonlySet<string>, otherPatient: number): void {
    const groups = new Map<string, ReadGroup & { readonly annotation: Annotation }>();
    let mismatch = 0;
    for (const head of [...work.heads].sort(byTime)) {
      mismatch += head.unreadable;
      for (const group of head.groups) {
        const { annotation } = group;
        if (!annotation) continue;
        if (annotation.study === work.study && series.has(annotation.series))
          groups.set(group.trackingUID, { ...group, annotation });
        else mismatch += 1;
      }
    }
    const annotations = [...groups.values()].map(({ annotation, measurement }) => {
      if (measurement) this.measurements.remember(annotation, measurement);
      return annotation;
    });
    // Of two readers' scales for the same images, the newer one counts.
    const scales = work.heads
      .toSorted(byTime)
      .flatMap((head) => head.calibrations)
      .filter((one) => one.study === work.study && series.has(one.series));
    const calibrations = [...new Map(scales.map((one) => [`${one.series}/${one.instance ?? ''}`, one])).values()];
    const keys = work.keyObjects;
    if (keys && work.marks.length === 0) {
      work.marks = keys.images.map(({ study, series: uid, instance, frame }) => ({
        study,
        series: uid,
        instance,
        frame,
      }));
      work.keyTitle = keys.titleCode ?? 'ofInterest';
      work.keyDescription = keys.description;
    }
    const stored = keys?.images.map(({ study, series: uid, instance, frame }) => ({
      study,
      series: uid,
      instance,
      frame,
    }));
    work.settleMeasured({ annotations, calibrations });
    work.settleMarks(stored ?? [], keys?.titleCode ?? 'ofInterest', keys?.description ?? '');
    this.store.restore(annotations, calibrations);
    for (const cell of this.viewer.cells) this.#checkPlaces(cell);
    work.notices = (
      [
        { kind: 'mismatch', count: mismatch },
        { kind: 'otherPatient', count: otherPatient },
      ] satisfies WorkNotice[]
    ).filter(({ count }) => count > 0);
  }

  #annotationsChanged(change: AnnotationChange): void {
    if (change.cause === 'closed') return;
    if (change.calibrated && change.cause !== 'restored') {
      const series = this.viewer.cells.flatMap(({ series }) => series?.SeriesInstanceUID ?? []);
      this.measurements.forgetSeries(new Set(series));
    }
    for (const cell of this.viewer.cells) this.measurements.take(cell);
    if (change.cause === 'restored') {
      this.#changed();
      return;
    }
    // A calibration names no annotation: whatever study it is of.
    if (change.calibrated) for (const work of this.#studies.values()) this.touched(work);
    const changed = [...change.added, ...change.removed, ...change.changed.map(({ after }) => after)];
    for (const study of new Set(changed.map((annotation) => annotation.study))) {
      const work = this.#studies.get(study);
      if (work) this.touched(work);
    }
  }

  #owner(work: StudyWork, user = this.#knownUser): { server: string; user: string; study: string } {
    return { server: this.viewer.client?.urls.server ?? '', user, study: work.study };
  }

  #knownUser = '';

  #userName(client: DicomWebClient): Promise<string> {
    if (this.#user?.client !== client) {
      const name = askUser(client).then((known) => {
        this.#knownUser = known;
        return known;
      });
      this.#user = { client, name };
    }
    return this.#user.name;
  }

  #close(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#drafts.flush();
    this.#studies.clear();
    this.#loading.clear();
    this.#datasets.clear();
    this.frames.clear();
    this.#seen = new WeakSet();
    this.#changed();
  }

  readonly #beforeUnload = (event: BeforeUnloadEvent): void => {
    this.#drafts.flush();
    if (this.viewer.element.isConnected && this.dirty) event.preventDefault();
  };
}
