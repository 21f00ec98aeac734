import type { Size } from '../client/dicomweb-client.ts';
import type { Frame } from '../dicom/frame.ts';
import type { JsonDataset } from '../dicom/json.ts';
import type { PixelGrid, StackView, ViewState } from '../engine/contract.ts';
import { isAbort, toViewerError, ViewerError } from '../errors.ts';
import { FilmlessImageChangeEvent } from '../events/index.ts';
import type { Cell, ImagePoint, ScreenPoint } from '../extension/contract.ts';
import type { CellOwner } from './cell-owner.ts';
import { CellPreview } from './cell-preview.ts';
import { CellState, limited } from './cell-state.ts';
import type { CellSurface, StartAt } from './cell-surface.ts';
import { sameFrame } from './frame-gathering.ts';
import { onImage, onScreen } from './image-map.ts';
import { SeriesDisplay } from './series-display.ts';
import { type OpenSeries, SeriesReader } from './series-reader.ts';
import type { Preview } from './study-session.ts';
import type { SeriesSummary, StudySummary } from './summaries.ts';

const MARKS_INTERVAL_MS = 1000;

/** One image area: reads a series, shows it, and keeps everything of another one off its screen. */
export class ViewerCell implements Cell {
  readonly id: string;
  state = new CellState();
  surface: CellSurface | undefined;
  readonly #owner: CellOwner;
  readonly #reader = new SeriesReader();
  readonly #preview: CellPreview;
  #display: SeriesDisplay | undefined;
  #stack: StackView | undefined;
  #marks: ReturnType<typeof setTimeout> | undefined;
  #prefetched: OpenSeries | undefined;
  /** The series, as far as it is known, whose frames the engine's view has. */
  #staged: OpenSeries | undefined;
  /** Resolves when the series that was opened last is on the screen, or cannot be. */
  #opening: Promise<void> = Promise.resolve();
  #disposed = false;
  /** Ends with the series. */
  #opened = new AbortController();

  constructor(id: string, owner: CellOwner) {
    this.id = id;
    this.#owner = owner;
    this.#preview = new CellPreview(this, {
      changed: () => this.#changed(),
      painted: () => owner.firstImage('preview'),
    });
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
    const { state } = this;
    const frame = state.open && this.#staged !== state.open ? nearest(state.open.frames, index) : undefined;
    if (!frame) return (await this.#display?.show(index)) ?? false;
    // The engine has not got these frames yet: the one asked for last comes with them.
    state.wish = { instance: frame.SOPInstanceUID, frame: frame.frameNumber };
    await this.#opening;
    return this.state === state && state.view !== undefined && sameFrame(state.view.frame, frame);
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
    // Whoever still holds a cell that the layout took away gets nothing into it.
    if (this.#disposed) return;
    if (this.state.opens(study, series, at?.only)) {
      await this.#goTo(at);
      return;
    }
    // Nothing is waited for before this: whoever closes the viewer meanwhile would be undone.
    const state = this.#begin(study, series, at);
    this.#opening = this.#read(state, at);
    await this.#opening;
  }

  /** A series that is open already, or on its way, is not read again: it shows, or begins with, the frame asked for last. */
  async #goTo(at: StartAt | undefined): Promise<void> {
    const { state } = this;
    const index = at ? state.indexOf(at) : -1;
    if (index >= 0) await this.show(index);
    else {
      if (at && !state.open?.complete) state.wish = at;
      await this.#opening;
    }
  }

  async #read(state: CellState, at: StartAt | undefined): Promise<void> {
    const owner = this.#owner;
    const { study, series } = state;
    const current = () => this.state === state;
    try {
      const expected = await owner.expect(study, series);
      // The metadata of a series are many: the picture on the screen comes first.
      await this.#preview.painting;
      const { client } = owner;
      if (!current() || !client) return;
      const location = at && { study, series, instance: at.instance, frame: at.frame };
      let showing: Promise<void> = Promise.resolve();
      await this.#reader.read(client, expected, location, {
        series: (open) => {
          if (current()) showing = this.#showSeries(limited(open, state.only));
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

  /** Puts the server's picture of an image of the series on the screen, until the stored pixels are there. */
  showPreview(preview: Preview): void {
    this.#preview.show(preview);
  }

  /** Tries what failed again. */
  retry(): void {
    const { state } = this;
    const { imageError } = state;
    state.imageError = undefined;
    if (state.error) void this.openSeries(state.study, state.series, state.start);
    // Without the engine nothing could be shown.
    else if (imageError && state.open && this.#staged !== state.open) this.#opening = this.#showSeries(state.open);
    else void this.#display?.show(state.wanted);
    this.#changed();
  }

  /** Shows an instance that is no picture in the place of the image. */
  showObject(dataset: JsonDataset): void {
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

  /** Takes everything off the screen and frees it; the engine's view stays for the next series. @param why said in its place */
  clear(why?: CellState['why']): void {
    this.#reader.abort();
    this.#opened.abort();
    this.#staged = undefined;
    this.#display?.restart(0);
    this.#stack?.clear();
    this.state = new CellState();
    this.state.why = why;
    this.#preview.drop();
    this.surface?.requestUpdate();
  }

  /** Takes the pixels off the screen. */
  hide(): void {
    Object.assign(this.state, { preview: undefined, view: undefined, object: undefined });
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

  /** The cell is for another series from now on; a preview of what it begins with stays. */
  #begin(study: string, series: string, at: StartAt | undefined): CellState {
    const state = new CellState(study, series, at);
    this.#preview.pass(this.state, state);
    this.state = state;
    this.#reader.abort();
    this.#opened.abort();
    this.#opened = new AbortController();
    // The frames of the series before are still in the engine's view: nothing may bring them back.
    this.#staged = undefined;
    this.#display?.restart(0);
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
      return;
    }
    const { source } = owner;
    const first = open.frames[open.start];
    if (!source || !first) return;
    if (!before) source.prime(first);
    if (open.complete && !state.preview && !state.view && (!this.#stack || source.slow))
      void this.#preview.request(
        owner.client,
        state.wish ? (open.frames[state.indexOf(state.wish)] ?? first) : first,
        this.#opened.signal,
      );
    // Evaluating the engine keeps the page busy: the picture on the screen comes first.
    await this.#preview.painting;
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
    const index = this.#firstIndex(open, before);
    stack.setFrames(open.frames, source, before !== undefined);
    this.#staged = open;
    this.#display?.restart(open.frames.length);
    // An object that was chosen meanwhile stays in the image's place.
    if (!state.object) await this.#display?.show(index);
  }

  /** Where to begin: with what was asked for while the series was on its way, with what was shown of it already, or where it says. */
  #firstIndex({ frames, start, complete }: OpenSeries, before: OpenSeries | undefined): number {
    const { state } = this;
    const wished = state.wish ? state.indexOf(state.wish) : -1;
    if (complete || wished >= 0) state.wish = undefined;
    if (wished >= 0) return wished;
    const shown = before?.frames[state.wanted];
    const kept = shown ? frames.findIndex((frame) => sameFrame(frame, shown)) : -1;
    return kept >= 0 ? kept : start;
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
        this.#preview.keepOnly(this.#staged?.frames[this.state.wanted]);
        stack.blank();
        this.#owner.tell(error);
        this.#changed();
      },
      loaded: (filled) => {
        this.#mark(filled);
        // Drawing the first image for the first time takes a while: the others come meanwhile.
        if (!filled && stack.isLoaded(this.state.wanted)) this.#fill(false);
      },
    });
    return stack;
  }

  #rendered(shown: ViewState): void {
    const { state } = this;
    const known = state.open?.frames[shown.index];
    // What took the image's place while it was on its way stays there; frames of a series that is no longer open show nothing.
    if (state.error || state.object || !this.#staged) this.#stack?.blank();
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
    this.#fill(changed);
    this.#owner.signals.emit('rendered', { cell: this });
    this.#changed();
  }

  /** Loads the rest of a stack that is known whole. @param again also one that was filled, or as far as it went, before */
  #fill(again: boolean): void {
    const { open } = this.state;
    if (!open?.complete || this.#staged !== open || (!again && this.#prefetched === open)) return;
    this.#prefetched = open;
    this.#display?.prefetch();
  }

  /** Marks for the slices that are loaded, once a second and at the end: where the processor draws, drawing the page takes as long as loading a dozen. */
  #mark(filled: boolean): void {
    if (filled) {
      clearTimeout(this.#marks);
      this.#drawMarks();
    } else this.#marks ??= setTimeout(() => this.#drawMarks(), MARKS_INTERVAL_MS);
  }

  #drawMarks(): void {
    this.#marks = undefined;
    const { state } = this;
    const stack = this.#stack;
    if (!stack) return;
    state.loaded = Array.from({ length: state.count }, (_, index) => stack.isLoaded(index));
    this.#changed();
  }
}

const nearest = (frames: readonly Frame[], index: number): Frame | undefined =>
  frames[Math.min(frames.length - 1, Math.max(0, Math.round(index)))];
