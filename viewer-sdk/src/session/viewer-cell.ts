import type { Size } from '../client/dicomweb-client.ts';
import type { JsonDataset } from '../dicom/json.ts';
import type { PixelGrid, StackView, ViewState } from '../engine/contract.ts';
import { isAbort, toViewerError, ViewerError } from '../errors.ts';
import { FilmlessImageChangeEvent } from '../events/index.ts';
import type { Cell, ImagePoint, ScreenPoint } from '../extension/contract.ts';
import type { CellOwner } from './cell-owner.ts';
import { CellState } from './cell-state.ts';
import type { CellSurface, StartAt } from './cell-surface.ts';
import { sameFrame } from './client-frame-source.ts';
import { deviceSize, onImage, onScreen } from './image-map.ts';
import { SeriesDisplay } from './series-display.ts';
import { type OpenSeries, SeriesReader } from './series-reader.ts';
import type { Preview } from './study-session.ts';
import type { SeriesSummary, StudySummary } from './summaries.ts';

const MARKS_INTERVAL_MS = 200;

/** One image area: reads a series, shows it, and keeps everything of another one off its screen. */
export class ViewerCell implements Cell {
  readonly id: string;
  state = new CellState();
  surface: CellSurface | undefined;
  readonly #owner: CellOwner;
  readonly #reader = new SeriesReader();
  #painting: Promise<void> | undefined;
  #display: SeriesDisplay | undefined;
  #stack: StackView | undefined;
  #marks: ReturnType<typeof setTimeout> | undefined;
  #prefetched: OpenSeries | undefined;
  #previewUrl: string | undefined;
  #disposed = false;
  /** Ends with the series. */
  #opened = new AbortController();

  constructor(id: string, owner: CellOwner) {
    this.id = id;
    this.#owner = owner;
  }

  get study(): StudySummary | undefined {
    return this.#owner.studySummary(this.state.study);
  }

  get series(): SeriesSummary | undefined {
    return this.#owner.seriesSummary(this.state.study, this.state.series);
  }

  get open(): OpenSeries | undefined {
    return this.state.open;
  }

  get view(): ViewState | undefined {
    return this.state.view;
  }

  get stack(): StackView | undefined {
    return this.#stack;
  }

  get display(): SeriesDisplay | undefined {
    return this.#display;
  }

  get size(): Size {
    return this.surface?.size ?? { width: 0, height: 0 };
  }

  toScreen(point: ImagePoint): ScreenPoint | undefined {
    const map = this.state.view?.toScreen;
    return map && onScreen(map, point);
  }

  toImage(point: ScreenPoint): ImagePoint | undefined {
    const map = this.state.view?.toScreen;
    return map && onImage(map, point);
  }

  pixels(): PixelGrid | undefined {
    const { view } = this.state;
    return view && !view.subtraction ? this.#stack?.pixels(view.index) : undefined;
  }

  async show(index: number): Promise<boolean> {
    this.showImage();
    return (await this.#display?.show(index)) ?? false;
  }

  redraw(): void {
    this.surface?.requestUpdate();
  }

  /** What the screen shows changed: this cell and what stands around it are drawn anew. */
  #changed(): void {
    this.surface?.requestUpdate();
    this.#owner.cellChanged(this);
  }

  async openSeries(study: string, series: string, at?: StartAt): Promise<void> {
    const owner = this.#owner;
    // Whoever still holds a cell that the layout took away gets nothing into it.
    if (this.#disposed) return;
    const shown = this.#whereOpen(study, series, at);
    if (shown !== undefined) {
      if (shown >= 0) await this.show(shown);
      return;
    }
    // Nothing is waited for before this: whoever closes the viewer meanwhile would be undone.
    const state = this.#begin(study, series);
    const current = () => this.state === state;
    try {
      const expected = await owner.expect(study, series);
      const { client } = owner;
      if (!current() || !client) return;
      const location = at && { study, series, instance: at.instance, frame: at.frame };
      let showing: Promise<void> = Promise.resolve();
      await this.#reader.read(client, expected, location, {
        series: (open) => {
          if (current()) showing = this.#showSeries(open);
        },
        failed: (error) => {
          if (current()) this.#failed(error);
        },
      });
      await showing;
    } catch (error) {
      if (current() && !isAbort(error)) this.#failed(toViewerError(error, 'VIEWER_BAD_RESPONSE'));
    }
  }

  /**
   * A series that is open already, or on its way, is not read again.
   * @returns the wanted frame's index, -1 for none in particular; `undefined` when the series has to be read
   */
  #whereOpen(study: string, series: string, at: StartAt | undefined): number | undefined {
    const { state } = this;
    if (state.error || state.study !== study || state.series !== series) return undefined;
    if (!at) return -1;
    const index = state.open?.frames.findIndex(
      ({ SOPInstanceUID, frameNumber }) => SOPInstanceUID === at.instance && frameNumber === (at.frame ?? 1),
    );
    if (index !== undefined && index >= 0) return index;
    return state.open?.complete ? -1 : undefined;
  }

  /** Puts the server's picture of an image of the series on the screen, until the stored pixels are there. */
  showPreview(preview: Preview): void {
    const { state } = this;
    const { study, series } = preview.location;
    if (state.view || state.error || (state.series !== '' && state.series !== series)) return;
    if (state.study !== '' && state.study !== study) return;
    state.preview = preview;
    state.previewPainted = false;
    this.#painting = (this.surface?.painted() ?? Promise.resolve()).then(
      () => {
        if (this.state.preview !== preview) return;
        this.state.previewPainted = true;
        this.#owner.firstImage('preview');
        this.#changed();
      },
      () => {
        // A picture that the browser cannot decode: the stored pixels come anyway.
        if (this.state.preview === preview) this.state.preview = undefined;
        this.#changed();
      },
    );
    this.#changed();
  }

  /** Tries what failed again. */
  retry(): void {
    const { state } = this;
    state.imageError = undefined;
    if (!this.#stack || state.error) void this.openSeries(state.study, state.series);
    else void this.#display?.show(state.wanted);
    this.#changed();
  }

  /** Shows an instance that is no picture in the place of the image. */
  showObject(dataset: JsonDataset): void {
    this.#display?.stop();
    this.#stack?.blank();
    Object.assign(this.state, { object: dataset, view: undefined, preview: undefined });
    this.#changed();
  }

  /** Puts the image back in the place of an object. */
  showImage(): void {
    const { state } = this;
    if (!state.object || state.count === 0) return;
    state.object = undefined;
    void this.#display?.show(Math.max(0, state.wanted));
    this.#changed();
  }

  /** Takes everything off the screen and frees it; the engine's view stays for the next series. */
  clear(): void {
    this.#reader.abort();
    this.#opened.abort();
    this.#painting = undefined;
    this.#display?.restart(0);
    this.#stack?.clear();
    this.state = new CellState();
    this.#freePreview();
    this.surface?.requestUpdate();
  }

  /** Takes the pixels off the screen. */
  hide(): void {
    Object.assign(this.state, { preview: undefined, view: undefined, object: undefined });
    this.#display?.stop();
    this.#stack?.blank();
    this.surface?.requestUpdate();
  }

  dispose(): void {
    this.#disposed = true;
    this.clear();
    clearTimeout(this.#marks);
    this.#marks = undefined;
    this.#display?.dispose();
    this.#display = undefined;
    this.#stack?.dispose();
    this.#stack = undefined;
  }

  /** The cell is for another series from now on; a preview of that series stays. */
  #begin(study: string, series: string): CellState {
    const before = this.state;
    const state = new CellState(study, series);
    if (before.preview && (before.preview.location.series === series || before.series === '')) {
      state.preview = before.preview;
      state.previewPainted = before.previewPainted;
    } else {
      this.#painting = undefined;
      this.#freePreview();
    }
    this.state = state;
    this.#reader.abort();
    this.#opened.abort();
    this.#opened = new AbortController();
    this.#display?.stop();
    this.#stack?.blank();
    this.#owner.signals.emit('series', { cell: this });
    this.#changed();
    return state;
  }

  #failed(error: ViewerError): void {
    this.state.error = error;
    this.hide();
    this.#owner.cellFailed(error);
  }

  async #showSeries(open: OpenSeries): Promise<void> {
    const { state } = this;
    const owner = this.#owner;
    const before = state.open;
    state.open = open;
    owner.signals.emit('series', { cell: this });
    this.#changed();
    if (open.complete) owner.seriesKnown(this);
    if (open.frames.length === 0) {
      state.preview = undefined;
      this.#display?.stop();
      return;
    }
    const wanted = before?.frames[state.wanted];
    const { source } = owner;
    const first = open.frames[open.start];
    if (!source || !first) return;
    if (!wanted) source.prime(first);
    if (open.complete && !state.preview && !state.view && (!this.#stack || source.slow)) void this.#renderPreview(open);
    // Evaluating the engine keeps the page busy: the picture on the screen comes first.
    await this.#painting;
    const current = () => this.state === state && state.open === open;
    if (!current()) return;
    let stack: StackView;
    try {
      stack = await this.#makeStack(current);
    } catch (error) {
      if (!current()) return;
      state.imageError = toViewerError(error, 'VIEWER_ENGINE_FAILED');
      owner.tell(state.imageError);
      this.#changed();
      return;
    }
    // Meanwhile another target, another series or more of this one may have come.
    if (!current()) return;
    const kept = wanted ? open.frames.findIndex((frame) => sameFrame(frame, wanted)) : -1;
    stack.setFrames(open.frames, source, before !== undefined);
    this.#display?.restart(open.frames.length);
    // An object that was chosen meanwhile stays in the image's place.
    if (!state.object) await this.#display?.show(kept >= 0 ? kept : open.start);
  }

  /**
   * The server's picture of the image to begin with: for the first series where the server did not say which image represents the study, and
   * for every series on slow lines.
   */
  async #renderPreview(open: OpenSeries): Promise<void> {
    const { state } = this;
    const frame = open.frames[open.start];
    const { client } = this.#owner;
    if (!frame || !client) return;
    const { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: instance } = frame;
    const location = { study, series, instance, frame: frame.numberOfFrames > 1 ? frame.frameNumber : undefined };
    try {
      const { blob } = await client.rendered(location, deviceSize(this.size), { signal: this.#opened.signal });
      if (this.state !== state || state.preview) return;
      this.#previewUrl = URL.createObjectURL(blob);
      this.showPreview({ url: this.#previewUrl, location });
    } catch (error) {
      // The stored pixels are on their way: they tell when something is wrong.
      if (!isAbort(error) && !(error instanceof ViewerError)) throw error;
    }
  }

  #freePreview(): void {
    if (this.#previewUrl) URL.revokeObjectURL(this.#previewUrl);
    this.#previewUrl = undefined;
  }

  /** The engine's view on our stage; made once. */
  async #makeStack(current: () => boolean): Promise<StackView> {
    const engine = await this.#owner.engine();
    const stage = this.surface?.stage();
    if (!current() || !stage) throw new ViewerError('VIEWER_ENGINE_FAILED', 'viewer closed');
    if (this.#stack) return this.#stack;
    const stack = engine.createView(stage);
    stack.onRendered = (shown) => this.#rendered(shown);
    this.#stack = stack;
    this.#display = new SeriesDisplay(stack, {
      wanted: (index) => {
        Object.assign(this.state, { wanted: index, imageError: undefined });
        this.#changed();
      },
      failed: (error) => {
        // The image wanted is not there: the one before it must not stand for it. The preview of the very same image may.
        Object.assign(this.state, { imageError: error, view: undefined });
        stack.blank();
        this.#owner.tell(error);
        this.#changed();
      },
      loaded: () => this.#mark(),
    });
    return stack;
  }

  #rendered(shown: ViewState): void {
    const { state } = this;
    const known = state.open?.frames[shown.index];
    // What took the image's place while it was on its way stays there.
    if (state.error || state.object) this.#stack?.blank();
    // Only what belongs to the series that is open now is taken for shown.
    if (state.error || state.imageError || state.object || !known || !sameFrame(known, shown.frame)) return;
    const changed = !state.view || !sameFrame(state.view.frame, shown.frame);
    state.view = shown;
    state.preview = undefined;
    if (changed) {
      const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, frameNumber } = shown.frame;
      const place = { index: shown.index, count: state.count };
      this.#owner.dispatch(
        new FilmlessImageChangeEvent({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, frameNumber, ...place }),
      );
      this.#owner.firstImage('original');
    }
    // Whoever scrolled away from what was loaded wants its neighbours next.
    if (state.open?.complete && (changed || this.#prefetched !== state.open)) {
      this.#prefetched = state.open;
      this.#display?.prefetch();
    }
    this.#owner.signals.emit('rendered', { cell: this });
    this.#changed();
  }

  /** Marks for the slices that are loaded, a few times a second: drawing them competes with loading. */
  #mark(): void {
    if (this.#marks !== undefined) return;
    this.#marks = setTimeout(() => {
      this.#marks = undefined;
      const { state } = this;
      const stack = this.#stack;
      if (!stack) return;
      state.loaded = Array.from({ length: state.count }, (_, index) => stack.isLoaded(index));
      this.#changed();
    }, MARKS_INTERVAL_MS);
  }
}
