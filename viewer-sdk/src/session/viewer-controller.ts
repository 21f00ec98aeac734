import { assetBase } from '../client/asset-base.ts';
import type { DicomWebClient, Size } from '../client/dicomweb-client.ts';
import type { Frame } from '../dicom/frame.ts';
import type { JsonDataset } from '../dicom/json.ts';
import type { Engine, StackView, ViewState } from '../engine/contract.ts';
import type { EngineLoader } from '../engine/load-engine.ts';
import { toViewerError, ViewerError } from '../errors.ts';
import {
  FilmlessErrorEvent,
  FilmlessFirstImageEvent,
  FilmlessImageChangeEvent,
  FilmlessStudyOpenEvent,
} from '../events/index.ts';
import { ClientFrameSource, sameFrame } from './client-frame-source.ts';
import { SeriesDisplay } from './series-display.ts';
import { type OpenSeries, type Preview, StudySession } from './study-session.ts';
import type { SeriesSummary, StudySummary } from './summaries.ts';
import type { Target } from './target.ts';

const MARKS_INTERVAL_MS = 200;

/** What the controller needs of its element. */
export interface ControllerHost {
  requestUpdate(): void;
  dispatchEvent(event: Event): boolean;
  /** Where the engine draws; it exists once the element was rendered. */
  stage(): HTMLDivElement | null;
  /** The image area in device pixels. */
  stageSize(): Size;
  /** Resolves when the preview is painted. */
  painted(preview: Preview): Promise<void>;
}

export interface ControllerOptions {
  readonly engineLoader: () => EngineLoader;
  readonly forceCpu: () => boolean;
}

/** Everything the screen shows of one opened target. A new target starts with a new state. */
export class ViewerState {
  studies: readonly StudySummary[] = [];
  study: StudySummary | undefined;
  seriesList: readonly SeriesSummary[] | undefined;
  pictures = new Map<string, string>();
  /** The series on the screen, or on its way there. */
  series = '';
  open: OpenSeries | undefined;
  preview: Preview | undefined;
  /** Whether the preview is painted. */
  previewPainted = false;
  /** What the engine shows: the one source of overlay and banner. */
  view: ViewState | undefined;
  /** The frame asked for last, -1 before the first. */
  wanted = -1;
  loaded: readonly boolean[] = [];
  /** Something that leaves nothing to show. */
  error: ViewerError | undefined;
  /** Something that failed beside the image; the next image takes it away. */
  notice: ViewerError | undefined;
  /** The wanted image alone cannot be shown. */
  imageError: ViewerError | undefined;

  /** The frame on the screen: the engine's, or the preview's once its metadata is there. */
  get shownFrame(): Frame | undefined {
    if (this.error) return undefined;
    if (this.view) return this.view.frame;
    if (!this.previewPainted || !this.preview) return undefined;
    const { instance, frame } = this.preview.location;
    return this.open?.frames.find(
      ({ SOPInstanceUID, frameNumber }) => SOPInstanceUID === instance && frameNumber === (frame ?? 1),
    );
  }

  /** Whose study it is as the search says it: for the banner while no image is on the screen. With one, the image alone tells. */
  get unshownDataset(): JsonDataset | undefined {
    if (this.error || this.view || (this.preview && this.previewPainted)) return undefined;
    return this.study?.dataset;
  }

  get count(): number {
    return this.open?.frames.length ?? 0;
  }
}

/** Joins session, engine and element: one target at a time, and nothing of an earlier one reaches the screen. */
export class ViewerController {
  state = new ViewerState();
  readonly #host: ControllerHost;
  readonly #options: ControllerOptions;
  #session: StudySession | undefined;
  #source: ClientFrameSource | undefined;
  #painting: Promise<void> | undefined;
  #display: SeriesDisplay | undefined;
  #view: StackView | undefined;
  #engine: Promise<Engine> | undefined;
  #assets = '';
  #startedAt = 0;
  #firstImageTold = false;
  #marks: ReturnType<typeof setTimeout> | undefined;
  #prefetched: OpenSeries | undefined;

  constructor(host: ControllerHost, options: ControllerOptions) {
    this.#host = host;
    this.#options = options;
  }

  get view(): StackView | undefined {
    return this.#view;
  }

  get display(): SeriesDisplay | undefined {
    return this.#display;
  }

  /** Opens a target in place of whatever is open. */
  open(client: DicomWebClient, target: Target): void {
    this.close();
    this.#startedAt = performance.now();
    this.#source = new ClientFrameSource(client);
    this.#assets = assetBase(client.urls.server);
    const { state } = this;
    // Listeners are bound to this state: when it is replaced, they write where nobody looks.
    const current =
      <A extends unknown[]>(action: (...parameters: A) => void) =>
      (...parameters: A): void => {
        if (this.state !== state) return;
        action(...parameters);
        this.#host.requestUpdate();
      };
    const session = new StudySession(client, target, this.#host.stageSize(), {
      studies: current((studies, opened) => Object.assign(state, { studies, study: opened })),
      seriesList: current((series) => {
        state.seriesList = series;
        const StudyInstanceUID = state.study?.StudyInstanceUID ?? '';
        this.#host.dispatchEvent(new FilmlessStudyOpenEvent({ StudyInstanceUID, seriesCount: series.length }));
      }),
      preview: current((preview) => this.#showPreview(preview)),
      thumbnail: current((series, url) => (state.pictures = new Map(state.pictures).set(series, url))),
      opening: current((series) => this.#opening(series)),
      series: current((open) => void this.#showSeries(open)),
      failed: current((error) => this.fail(error)),
    });
    this.#session = session;
    this.#options.engineLoader().preload?.(this.#assets);
    void session.open();
    this.#host.requestUpdate();
  }

  /** Takes everything off the screen and frees it; the engine's view stays for the next target. */
  close(): void {
    this.#session?.dispose();
    this.#session = undefined;
    this.#source?.dispose();
    this.#source = undefined;
    this.#painting = undefined;
    this.#display?.restart(0);
    this.#view?.clear();
    this.state = new ViewerState();
    this.#firstImageTold = false;
    this.#host.requestUpdate();
  }

  /** Closes for good. */
  dispose(): void {
    this.close();
    this.#display?.dispose();
    this.#display = undefined;
    this.#view?.dispose();
    this.#view = undefined;
  }

  openSeries(series: string): void {
    this.#session?.openSeries(series);
  }

  /** Tries the image that failed again. */
  retryImage(): void {
    const { state } = this;
    const uid = state.series;
    state.imageError = undefined;
    if (!this.#view) this.openSeries(uid);
    else void this.#display?.show(state.wanted);
    this.#host.requestUpdate();
  }

  /** Tells of a failure beside the image, such as a download that failed. */
  notice(error: ViewerError): void {
    this.state.notice = error;
    this.#tell(error);
  }

  /** Shows a failure that leaves nothing to show. */
  fail(error: ViewerError): void {
    const { state } = this;
    state.error = error;
    state.preview = undefined;
    state.view = undefined;
    this.#display?.stop();
    this.#view?.blank();
    // Whose images they are is not sure: none of them stays, thumbnails included.
    if (error.code === 'VIEWER_PATIENT_MISMATCH' || error.code === 'VIEWER_IDENTITY_MISMATCH') {
      this.#display?.restart(0);
      this.#view?.clear();
      this.#session?.dispose();
      this.#source?.dispose();
      Object.assign(state, { open: undefined, seriesList: [], studies: [], pictures: new Map<string, string>() });
    }
    this.#tell(error);
  }

  #tell({ code, detail }: ViewerError): void {
    this.#host.dispatchEvent(new FilmlessErrorEvent({ code, detail }));
    this.#host.requestUpdate();
  }

  #opening(series: string): void {
    const { state } = this;
    if (state.series === series && !state.error) return;
    const first = state.series === '';
    Object.assign(state, {
      series,
      open: undefined,
      view: undefined,
      wanted: -1,
      loaded: [],
      error: undefined,
      imageError: undefined,
    });
    if (!first) state.preview = undefined;
    this.#display?.stop();
    this.#view?.blank();
  }

  #showPreview(preview: Preview): void {
    const { state } = this;
    if (state.view || state.error) return;
    state.preview = preview;
    state.previewPainted = false;
    this.#painting = this.#host.painted(preview).then(
      () => {
        if (this.state !== state || state.preview !== preview) return;
        state.previewPainted = true;
        this.#firstImage('preview');
        this.#host.requestUpdate();
      },
      () => {
        // A picture that the browser cannot decode: the stored pixels come anyway.
        if (state.preview === preview) state.preview = undefined;
        this.#host.requestUpdate();
      },
    );
  }

  async #showSeries(open: OpenSeries): Promise<void> {
    const { state } = this;
    const before = state.open;
    state.open = open;
    if (open.frames.length === 0) {
      state.preview = undefined;
      this.#display?.stop();
      return;
    }
    const sameSeries = before?.SeriesInstanceUID === open.SeriesInstanceUID;
    const wanted = sameSeries ? before.frames[state.wanted] : undefined;
    const source = this.#source;
    const first = open.frames[open.start];
    if (!source || !first) return;
    if (!wanted) source.prime(first);
    // Evaluating the engine keeps the page busy: the picture on the screen comes first.
    await this.#painting;
    if (this.state !== state || state.open !== open) return;
    let view: StackView;
    try {
      view = await this.#stack();
    } catch (error) {
      if (this.state !== state || state.open !== open) return;
      state.imageError = toViewerError(error, 'VIEWER_ENGINE_FAILED');
      this.#engine = undefined;
      this.#tell(state.imageError);
      return;
    }
    // Meanwhile another target, another series or more of this one may have come.
    if (this.state !== state || state.open !== open) return;
    const kept = wanted ? open.frames.findIndex((frame) => sameFrame(frame, wanted)) : -1;
    view.setFrames(open.frames, source, sameSeries);
    this.#display?.restart(open.frames.length);
    await this.#display?.show(kept >= 0 ? kept : open.start);
  }

  /** The engine's view on our stage; made once. */
  async #stack(): Promise<StackView> {
    const { state } = this;
    this.#engine ??= this.#options.engineLoader()({ assetBase: this.#assets, forceCpu: this.#options.forceCpu() });
    const engine = await this.#engine;
    const stage = this.#host.stage();
    if (this.state !== state || !stage) throw new ViewerError('VIEWER_ENGINE_FAILED', 'viewer closed');
    if (this.#view) return this.#view;
    const view = engine.createView(stage);
    view.onRendered = (shown) => this.#rendered(shown);
    this.#view = view;
    this.#display = new SeriesDisplay(view, {
      wanted: (index) => {
        Object.assign(this.state, { wanted: index, imageError: undefined, notice: undefined });
        this.#host.requestUpdate();
      },
      failed: (error) => {
        // The image wanted is not there: the one before it must not stand for it. The preview of the very same image may.
        Object.assign(this.state, { imageError: error, view: undefined });
        view.blank();
        this.#tell(error);
      },
      loaded: () => this.#mark(),
    });
    return view;
  }

  #rendered(shown: ViewState): void {
    const { state } = this;
    const known = state.open?.frames[shown.index];
    // Only what belongs to the series that is open now is taken for shown.
    if (state.error || state.imageError || !known || !sameFrame(known, shown.frame)) return;
    const changed = !state.view || !sameFrame(state.view.frame, shown.frame);
    state.view = shown;
    state.preview = undefined;
    if (changed) {
      const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, frameNumber } = shown.frame;
      const place = { index: shown.index, count: state.count };
      this.#host.dispatchEvent(
        new FilmlessImageChangeEvent({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, frameNumber, ...place }),
      );
      this.#firstImage('original');
    }
    // Whoever scrolled away from what was loaded wants its neighbours next.
    if (state.open?.complete && (changed || this.#prefetched !== state.open)) {
      this.#prefetched = state.open;
      this.#display?.prefetch();
    }
    this.#host.requestUpdate();
  }

  /** Marks for the slices that are loaded, a few times a second: drawing them competes with loading. */
  #mark(): void {
    if (this.#marks !== undefined) return;
    this.#marks = setTimeout(() => {
      this.#marks = undefined;
      const { state } = this;
      const view = this.#view;
      if (!view) return;
      state.loaded = Array.from({ length: state.count }, (_, index) => view.isLoaded(index));
      this.#host.requestUpdate();
    }, MARKS_INTERVAL_MS);
  }

  #firstImage(source: 'preview' | 'original'): void {
    if (this.#firstImageTold) return;
    this.#firstImageTold = true;
    const ms = Math.round(performance.now() - this.#startedAt);
    this.#host.dispatchEvent(new FilmlessFirstImageEvent({ ms, source }));
  }
}
