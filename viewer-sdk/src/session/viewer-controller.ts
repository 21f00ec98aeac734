import { assetBase } from '../client/asset-base.ts';
import type { DicomWebClient } from '../client/dicomweb-client.ts';
import type { JsonDataset } from '../dicom/json.ts';
import type { Drawing, Engine } from '../engine/contract.ts';
import type { EngineLoader } from '../engine/load-engine.ts';
import { isAbort, toViewerError, ViewerError } from '../errors.ts';
import { FilmlessErrorEvent, FilmlessFirstImageEvent, FilmlessStudyOpenEvent } from '../events/index.ts';
import { Signals } from '../extension/signals.ts';
import type { CellOwner } from './cell-owner.ts';
import { ClientFrameSource } from './client-frame-source.ts';
import { deviceSize } from './image-map.ts';
import type { ExpectedSeries } from './series-reader.ts';
import { StudySession } from './study-session.ts';
import { StudyShelf } from './study-shelf.ts';
import type { SeriesSummary, StudySummary } from './summaries.ts';
import type { Target } from './target.ts';
import { ViewerCell } from './viewer-cell.ts';

/** What the controller needs of its element. */
export interface ControllerHost {
  requestUpdate(): void;
  dispatchEvent(event: Event): boolean;
  engineLoader(): EngineLoader;
  drawing(): Drawing;
  cacheMegabytes(): number | undefined;
  /** An image is on the screen, or it is clear that there will be none: whatever waited for that may go on. */
  settled(): void;
  /** The server's picture of the first image is on the screen; its pixels are on their way. */
  pictured(): void;
}

/** What is known of one opened target. A new target starts with a new state. */
export class ViewerState {
  /** The studies the target names, newest first. */
  studies: readonly StudySummary[] = [];
  study: StudySummary | undefined;
  seriesList: readonly SeriesSummary[] | undefined;
  pictures = new Map<string, string>();
  /** The patient's other studies. */
  shelf: StudyShelf | undefined;
  /** Something that leaves nothing to show. */
  error: ViewerError | undefined;
}

/** Joins session, engine and cells: one target at a time, and nothing of an earlier one reaches the screen. */
export class ViewerController implements CellOwner {
  state = new ViewerState();
  readonly signals = new Signals();
  client: DicomWebClient | undefined;
  source: ClientFrameSource | undefined;
  readonly #host: ControllerHost;
  #cells: readonly ViewerCell[];
  #active: ViewerCell;
  #created = 0;
  #session: StudySession | undefined;
  #engine: Promise<Engine> | undefined;
  #assets = '';
  #startedAt = 0;
  #firstImageTold = false;
  /** Stored pixels are, or were, on the screen. */
  #pixelsShown = false;
  /** The pictures of the series were asked for. */
  #pictured = false;

  constructor(host: ControllerHost) {
    this.#host = host;
    this.#active = this.#makeCell();
    this.#cells = [this.#active];
  }

  get cells(): readonly ViewerCell[] {
    return this.#cells;
  }

  get active(): ViewerCell {
    return this.#active;
  }

  /** @param cell one of the viewer's */
  activate(cell: ViewerCell): void {
    if (cell === this.#active || !this.#cells.includes(cell)) return;
    this.#active = cell;
    this.signals.emit('active', { cell });
    this.#host.requestUpdate();
  }

  /** Makes as many cells as the layout has; those that go free what they held, the active one last. */
  arrange(count: number): void {
    const cells = [...this.#cells];
    while (cells.length < count) cells.push(this.#makeCell());
    while (cells.length > Math.max(1, count)) {
      const last = cells.findLastIndex((cell) => cell !== this.#active);
      for (const cell of cells.splice(last, 1)) cell.dispose();
    }
    this.#cells = cells;
    this.#host.requestUpdate();
  }

  /** Opens a target in place of whatever is open. */
  open(client: DicomWebClient, target: Target): void {
    this.close();
    this.#startedAt = performance.now();
    this.client = client;
    this.source = new ClientFrameSource(client);
    this.#assets = assetBase(client.urls.server);
    const { state, active } = this;
    // The layout may have changed meanwhile.
    const cell = () => (this.#cells.includes(active) ? active : this.#active);
    // Listeners are bound to this state: when it is replaced, they write where nobody looks.
    const current =
      <A extends unknown[]>(action: (...parameters: A) => void) =>
      (...parameters: A): void => {
        if (this.state !== state) return;
        action(...parameters);
        this.#host.requestUpdate();
      };
    const session = new StudySession(client, target, deviceSize(active.size), {
      studies: current((studies, opened) => Object.assign(state, { studies, study: opened })),
      seriesList: current((series) => this.#listed(session, series)),
      preview: current((preview) => {
        if (!state.error) cell().showPreview(preview);
      }),
      thumbnail: current((series, url) => (state.pictures = new Map(state.pictures).set(series, url))),
      first: current((series, location) => {
        if (!state.study || state.error || cell().state.series !== '') return;
        void cell().openSeries(state.study.StudyInstanceUID, series, location);
      }),
      failed: current((error) => this.fail(error)),
    });
    this.#session = session;
    void session.open();
    this.#host.requestUpdate();
  }

  /** Takes everything off the screen and frees it; the engine's views stay for the next target. */
  close(): void {
    this.#session?.dispose();
    this.#session = undefined;
    this.source?.dispose();
    this.source = undefined;
    this.client = undefined;
    this.state = new ViewerState();
    for (const cell of this.#cells) cell.clear();
    this.#firstImageTold = false;
    this.#pixelsShown = false;
    this.#pictured = false;
    this.signals.emit('closed', {});
    this.#host.requestUpdate();
  }

  /** Closes for good. */
  dispose(): void {
    this.close();
    for (const cell of this.#cells) cell.dispose();
    this.signals.clear();
  }

  /** Opens a series of the study in a cell. */
  openSeries(series: string, cell = this.#active): void {
    const { study, seriesList } = this.state;
    if (!study || !seriesList?.some(({ SeriesInstanceUID }) => SeriesInstanceUID === series)) return;
    this.state.error = undefined;
    void cell.openSeries(study.StudyInstanceUID, series);
  }

  /** Shows a failure that leaves nothing to show. */
  fail(error: ViewerError): void {
    const { state } = this;
    state.error = error;
    // Whose images they are is not sure: none of them stays, thumbnails included, in no cell and in no part.
    const unsure = error.code === 'VIEWER_PATIENT_MISMATCH' || error.code === 'VIEWER_IDENTITY_MISMATCH';
    for (const cell of this.#cells) cell.clear();
    if (unsure) {
      this.#session?.dispose();
      this.source?.dispose();
      const nothing = { seriesList: [], studies: [], pictures: new Map<string, string>() };
      Object.assign(state, { ...nothing, study: undefined, shelf: undefined });
      this.signals.emit('closed', {});
    }
    this.tell(error);
    this.#settled();
  }

  /** Whose data they are, as the search says it: for the banner while no image is on the screen. With one, the image alone tells. */
  get shownDataset(): JsonDataset | undefined {
    const { state, active } = this;
    if (state.error) return undefined;
    const shown = active.state.shownDataset;
    if (shown || active.state.view || (active.state.preview && active.state.previewPainted)) return shown;
    return active.study?.dataset ?? state.study?.dataset;
  }

  engine(): Promise<Engine> {
    const host = this.#host;
    const opening =
      this.#engine ??
      host.engineLoader()({
        assetBase: this.#assets,
        drawing: host.drawing(),
        cacheMegabytes: host.cacheMegabytes(),
      });
    this.#engine = opening;
    opening.catch(() => {
      if (this.#engine === opening) this.#engine = undefined;
    });
    return opening;
  }

  async expect(study: string, series: string): Promise<ExpectedSeries> {
    const { state } = this;
    const patient = this.#session?.patient;
    if (study === state.study?.StudyInstanceUID) return { study, series, patient };
    if (!state.shelf) throw new ViewerError('VIEWER_STUDY_NOT_FOUND');
    const found = await state.shelf.admit(study);
    void state.shelf.list(study).then(
      () => this.#host.requestUpdate(),
      () => undefined,
    );
    // Beside the study of a patient stands nobody else's, whether or not the page names the patient.
    return { study, series, patient: patient ?? found.patientId };
  }

  studySummary(study: string): StudySummary | undefined {
    return (
      this.state.shelf?.study(study) ?? (this.state.study?.StudyInstanceUID === study ? this.state.study : undefined)
    );
  }

  seriesSummary(study: string, series: string): SeriesSummary | undefined {
    return this.state.shelf?.series(study, series);
  }

  cellChanged(_cell: ViewerCell): void {
    this.#host.requestUpdate();
  }

  seriesKnown(cell: ViewerCell): void {
    if (cell.state.count === 0) this.#settled();
  }

  cellFailed(error: ViewerError): void {
    if (error.code === 'VIEWER_PATIENT_MISMATCH' || error.code === 'VIEWER_IDENTITY_MISMATCH') {
      this.fail(error);
      return;
    }
    this.tell(error);
    this.#settled();
  }

  tell({ code, detail }: ViewerError): void {
    this.dispatch(new FilmlessErrorEvent({ code, detail }));
    this.#host.requestUpdate();
  }

  dispatch(event: Event): void {
    this.#host.dispatchEvent(event);
  }

  firstImage(source: 'preview' | 'original'): void {
    if (source === 'original' && !this.#pixelsShown) {
      this.#pixelsShown = true;
      this.#settled();
    }
    if (this.#firstImageTold) return;
    this.#firstImageTold = true;
    const ms = Math.round(performance.now() - this.#startedAt);
    this.dispatch(new FilmlessFirstImageEvent({ ms, source }));
    // Its bytes must not compete with those of the first image.
    this.#host.engineLoader().preload?.(this.#assets);
    if (source === 'preview') this.#host.pictured();
  }

  /** Looks for the patient's other studies; only when something needs them: a search of its own. */
  async searchStudies(): Promise<void> {
    const { state } = this;
    try {
      await state.shelf?.search();
      if (this.state === state) this.#host.requestUpdate();
    } catch (error) {
      // Without them the study itself is still there to be read.
      if (!isAbort(error) && this.state === state) this.tell(toViewerError(error, 'VIEWER_BAD_RESPONSE'));
    }
  }

  /** Lists the study's series once more. */
  async relist(): Promise<void> {
    const { state } = this;
    const session = this.#session;
    if (!session || !state.study || !state.shelf) return;
    try {
      const series = await session.list(state.study.StudyInstanceUID);
      if (this.state !== state || state.error) return;
      session.picture(series.filter(({ SeriesInstanceUID }) => !state.pictures.has(SeriesInstanceUID)));
      state.seriesList = series;
      state.shelf.relist(series);
      this.signals.emit('listed', { series });
      this.#host.requestUpdate();
    } catch (error) {
      // What was listed before is right still.
      if (!isAbort(error) && this.state === state) this.tell(toViewerError(error, 'VIEWER_BAD_RESPONSE'));
    }
  }

  /** Nothing more is asked for than what the first image needs, until it is there: the pictures of the list wait as the list does. */
  #settled(): void {
    this.#host.settled();
    const { seriesList, pictures } = this.state;
    if (this.#pictured || !seriesList) return;
    this.#pictured = true;
    this.#session?.picture(seriesList.filter(({ SeriesInstanceUID }) => !pictures.has(SeriesInstanceUID)));
  }

  #listed(session: StudySession, series: readonly SeriesSummary[]): void {
    const { state } = this;
    state.seriesList = series;
    const { study } = state;
    if (!study || !this.client) return;
    state.shelf = new StudyShelf(this.client, study, series, session.signal);
    const { StudyInstanceUID, patientId: PatientID, accessionNumber: AccessionNumber } = study;
    const detail = { StudyInstanceUID, PatientID, AccessionNumber, seriesCount: series.length };
    this.dispatch(new FilmlessStudyOpenEvent(detail));
    this.signals.emit('study', { study, series });
    if (this.#pixelsShown || !series.some(({ image }) => image)) this.#settled();
  }

  #makeCell(): ViewerCell {
    this.#created += 1;
    return new ViewerCell(`cell-${this.#created}`, this);
  }
}
