import { Enums, type RenderingEngine, type StackViewport, type Types } from '@cornerstonejs/core';
import { PRIORITY } from '../client/request-queue.ts';
import type { DisplayWindow, Frame } from '../dicom/frame.ts';
import type { ToneCurve } from '../dicom/tone-curve.ts';
import { isAbort, toViewerError } from '../errors.ts';
import type { FrameSource, PixelGrid, ShowResult, StackView, Subtraction, ViewState } from './contract.ts';
import { type FrameStore, gridOf } from './frame-store.ts';
import { factsOf } from './image-facts.ts';
import type { PageMemory } from './memory.ts';
import { screenMap } from './placement.ts';
import { Subtractor } from './subtraction.ts';
import { type Place, ViewPlacement } from './view-placement.ts';
import { ViewPresentation } from './view-presentation.ts';
import { applyPlacement, PresentationAdapter } from './viewport-adapter.ts';

export interface StackViewOptions {
  readonly id: string;
  readonly element: HTMLDivElement;
  readonly store: FrameStore;
  readonly rendering: RenderingEngine;
  readonly cpu: boolean;
  readonly memory: PageMemory;
  /** How many bytes of pixels this view may keep. */
  readonly budgetBytes: () => number;
  readonly onDispose: () => void;
}

/** One Cornerstone stack viewport. Window, zoom and pan are kept here and put onto the viewport whole, after whatever it does itself. */
export class CornerstoneStackView implements StackView {
  onRendered: ((state: ViewState) => void) | undefined;
  onLoaded: (() => void) | undefined;

  readonly #options: StackViewOptions;
  #imageIds: string[] = [];
  #frames: readonly Frame[] = [];
  #stackIsSet = false;
  /** Which `show` was called last; its number tells late ones. */
  #request = 0;
  #showing: AbortController | undefined;
  #subtraction: Subtraction | undefined;
  #subtractor: Subtractor | undefined;
  /** Counts them: no image id may ever stand for two pictures. */
  #subtractions = 0;
  readonly #presentation = new ViewPresentation();
  readonly #placement: ViewPlacement;
  readonly #adapter = new PresentationAdapter();
  readonly #reserved = new Set<() => void>();
  #disposed = false;

  constructor(options: StackViewOptions) {
    this.#options = options;
    const { id, element, rendering } = options;
    this.#placement = new ViewPlacement(element);
    rendering.enableElement({
      viewportId: id,
      element,
      type: Enums.ViewportType.STACK,
      defaultOptions: { background: [0, 0, 0] },
    });
    element.addEventListener(Enums.Events.IMAGE_RENDERED, this.#rendered);
  }

  get #viewport(): StackViewport {
    return this.#options.rendering.getViewport(this.#options.id) as StackViewport;
  }

  clear(): void {
    this.#showing?.abort();
    this.#frames = [];
    this.#replace([], false);
    this.blank();
  }

  setFrames(frames: readonly Frame[], source: FrameSource, keepView: boolean): void {
    const { store } = this.#options;
    source.useReader(store.reader);
    this.#frames = frames;
    // Held first and released afterwards: what is in both keeps its pixels.
    this.#replace(
      frames.map((frame) => store.hold(frame, source)),
      keepView,
    );
  }

  #replace(imageIds: string[], keepView: boolean): void {
    const { store } = this.#options;
    const before = this.#imageIds;
    const visible = this.#options.element.style.visibility !== 'hidden';
    const drawn = visible ? this.#shownImage()?.imageId : undefined;
    const shown = drawn === undefined ? undefined : before[this.#indexOf(drawn)];
    this.#request += 1;
    this.#imageIds = imageIds;
    for (const imageId of before) store.release(imageId);
    this.#stackIsSet = false;
    this.#subtractor?.dispose();
    this.#subtractor = undefined;
    // Its masks are places in the old stack.
    if (this.#subtraction && keepView) this.#presentation.restart();
    this.#subtraction = undefined;
    if (!keepView) {
      this.#presentation.restart();
      this.#placement.reset();
    }
    const index = shown !== undefined && store.isLoaded(shown) ? this.#imageIds.indexOf(shown) : -1;
    if (index >= 0) void this.#display(index, this.#request);
    else this.blank();
    this.onLoaded?.();
  }

  async show(index: number): Promise<ShowResult> {
    const imageId = this.#imageIds[index];
    if (imageId === undefined) throw new RangeError(`no frame ${index}`);
    this.#request += 1;
    const request = this.#request;
    const controller = new AbortController();
    const loading = this.#options.store.load(imageId, PRIORITY.now, controller.signal);
    // Given up only now: when both are the same image, it goes on loading.
    this.#showing?.abort();
    this.#showing = controller;
    try {
      await loading;
    } catch (error) {
      if (isAbort(error) || request !== this.#request) return 'superseded';
      throw toViewerError(error, 'VIEWER_IMAGE_UNREADABLE');
    }
    if (request !== this.#request || this.#disposed) return 'superseded';
    this.onLoaded?.();
    return this.#display(index, request);
  }

  async load(index: number, priority: number, signal: AbortSignal): Promise<void> {
    const imageId = this.#imageIds[index];
    if (imageId === undefined) return;
    await this.#options.store.load(imageId, priority, signal);
    this.onLoaded?.();
  }

  isLoaded(index: number): boolean {
    const imageId = this.#imageIds[index];
    return imageId !== undefined && this.#options.store.isLoaded(imageId);
  }

  pixels(index: number): PixelGrid | undefined {
    const imageId = this.#imageIds[index];
    return imageId === undefined ? undefined : this.#options.store.pixels(imageId);
  }

  drawn(): PixelGrid | undefined {
    const image = this.#shownImage();
    return image && this.#options.element.style.visibility !== 'hidden' ? gridOf(image) : undefined;
  }

  capacity(): number {
    const frame = this.#frames[0];
    if (!frame) return 0;
    const { rows, columns, samplesPerPixel, bitsAllocated } = frame.pixels;
    const bytesPerPixel =
      samplesPerPixel >= 3 || frame.palette ? (this.#options.cpu ? 4 : 3) : bitsAllocated > 8 ? 2 : 1;
    return Math.max(1, Math.floor(this.#options.budgetBytes() / (rows * columns * bytesPerPixel)));
  }

  reserve(bytes: number): (() => void) | undefined {
    const giveBack = this.#disposed ? undefined : this.#options.memory.reserve(bytes);
    if (!giveBack) return undefined;
    const release = (): void => {
      this.#reserved.delete(release);
      giveBack();
    };
    this.#reserved.add(release);
    return release;
  }

  blank(): void {
    // A frame that is on its way would be visible again.
    this.#request += 1;
    this.#showing?.abort();
    this.#options.element.style.visibility = 'hidden';
  }

  setWindow(window: DisplayWindow | undefined): void {
    this.#presentation.window = window && { ...window, width: Math.max(1, window.width) };
    this.#apply();
  }

  setTone(tone: ToneCurve | undefined): void {
    this.#presentation.tone = tone;
    this.#apply();
  }

  setInverted(inverted: boolean): void {
    this.#presentation.inverted = inverted;
    this.#apply();
  }

  setSubtraction(subtraction: Subtraction | undefined): void {
    const index = this.#shown()?.index;
    const before = this.#subtractor;
    // Window and curve belong to plain or to subtracted values; another mask changes neither.
    if (!this.#subtraction !== !subtraction) this.#presentation.restart();
    this.#subtraction = subtraction;
    this.#subtractor = undefined;
    this.#stackIsSet = false;
    if (index !== undefined) {
      this.#request += 1;
      void this.#display(index, this.#request).finally(() => before?.dispose());
    } else before?.dispose();
  }

  zoomBy(factor: number, at?: { readonly x: number; readonly y: number }): void {
    this.#move((place) => this.#placement.zoomBy(place, factor, at));
  }

  panBy(deltaX: number, deltaY: number): void {
    this.#move((place) => this.#placement.panBy(place, deltaX, deltaY));
  }

  fit(): void {
    this.#move((place) => this.#placement.fit(place));
  }

  actualSize(): void {
    this.#move((place) => this.#placement.actualSize(place));
  }

  rotate(): void {
    this.#move((place) => this.#placement.rotate(place));
  }

  flip(direction: 'horizontal' | 'vertical'): void {
    this.#move((place) => this.#placement.flip(place, direction));
  }

  reset(): void {
    this.#presentation.reset();
    this.#placement.reset();
    this.#apply();
  }

  resize(): void {
    this.#apply();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#showing?.abort();
    const { id, element, rendering, store, onDispose } = this.#options;
    element.removeEventListener(Enums.Events.IMAGE_RENDERED, this.#rendered);
    rendering.disableElement(id);
    for (const release of [...this.#reserved]) release();
    this.#subtractor?.dispose();
    for (const imageId of this.#imageIds) store.release(imageId);
    this.#imageIds = [];
    this.#frames = [];
    element.replaceChildren();
    onDispose();
  }

  /** The frame is in the cache: the viewport takes it from there. */
  async #display(index: number, request: number): Promise<ShowResult> {
    const viewport = this.#viewport;
    if (this.#stackIsSet) {
      await viewport.setImageIdIndex(index);
    } else {
      this.#stackIsSet = true;
      await viewport.setStack([...this.#ids()], index);
    }
    if (request !== this.#request || this.#disposed) return 'superseded';
    const imageId = this.#shownImage()?.imageId;
    if (imageId === undefined || this.#indexOf(imageId) !== index) return 'superseded';
    this.#options.element.style.visibility = '';
    const rendered = new Promise<void>((resolve) => {
      this.#options.element.addEventListener(Enums.Events.IMAGE_RENDERED, () => resolve(), { once: true });
    });
    this.#apply();
    await rendered;
    return request === this.#request ? 'shown' : 'superseded';
  }

  #shownImage(): Types.IImage | undefined {
    return this.#disposed ? undefined : (this.#viewport.getCornerstoneImage() as Types.IImage | undefined);
  }

  #shown(): { frame: Frame; image: Types.IImage; index: number } | undefined {
    const image = this.#shownImage();
    const index = image ? this.#indexOf(image.imageId) : -1;
    const frame = this.#frames[index];
    return image && frame ? { frame, image, index } : undefined;
  }

  #indexOf(imageId: string): number {
    const subtracted = this.#subtractor?.ids.indexOf(imageId) ?? -1;
    return subtracted >= 0 ? subtracted : this.#imageIds.indexOf(imageId);
  }

  /** The ids of what the viewport shows: the frames, or what is left of them. */
  #ids(): readonly string[] {
    if (!this.#subtraction || this.#imageIds.length === 0) return this.#imageIds;
    const { id, store, cpu } = this.#options;
    this.#subtractions += 1;
    this.#subtractor ??= new Subtractor(`${id}-${this.#subtractions}`, store, this.#imageIds, this.#subtraction, cpu);
    return this.#subtractor.ids;
  }

  #move(change: (place: Place) => void): void {
    const shown = this.#shown();
    const place = shown && this.#placement.of(shown.frame);
    if (!place) return;
    change(place);
    this.#apply();
  }

  #apply(): void {
    const shown = this.#shown();
    const place = shown && this.#placement.of(shown.frame);
    if (!shown || !place) return;
    const { cpu } = this.#options;
    applyPlacement(this.#viewport, shown.frame, this.#placement.drawn(place), place.scale, cpu);
    this.#adapter.apply(this.#viewport, this.#presentation.of(shown.frame, shown.image), cpu);
    this.#viewport.render();
  }

  readonly #rendered = (): void => {
    const shown = this.#shown();
    const place = shown && this.#placement.of(shown.frame);
    if (!place || this.#options.element.style.visibility === 'hidden') return;
    const { frame, image, index } = shown;
    this.onRendered?.({
      frame,
      index,
      window: this.#presentation.currentWindow(frame, image),
      tone: this.#presentation.currentTone(frame, image),
      voiTables: factsOf(image).voiTables,
      inverted: this.#presentation.inverted,
      // A frame of another run in the stack stays as it is.
      subtraction: factsOf(image).ownWindow && this.#subtraction,
      scale: place.scale * place.pixel.width,
      screen: place.placement.turn,
      toScreen: screenMap(this.#placement.drawn(place), place.pixel, place.scale, this.#options.element),
      range: factsOf(image).range,
    });
  };
}
