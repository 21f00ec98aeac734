import { Enums, type RenderingEngine, type StackViewport, type Types } from '@cornerstonejs/core';
import { PRIORITY } from '../client/request-queue.ts';
import type { DisplayWindow, Frame } from '../dicom/frame.ts';
import { LINEAR, type Presentation, type ToneCurve, voiTone } from '../dicom/tone-curve.ts';
import { fullRangeWindow } from '../dicom/window-presets.ts';
import { isAbort, toViewerError } from '../errors.ts';
import type { FrameSource, PixelGrid, ShowResult, StackView, ViewState } from './contract.ts';
import type { FrameStore } from './frame-store.ts';
import { factsOf } from './image-facts.ts';
import {
  centered,
  type Extent,
  fitScale,
  mirror,
  type Placement,
  quarterTurn,
  screenMap,
  snapped,
  toImage,
  UPRIGHT,
} from './placement.ts';
import { applyPlacement, PresentationAdapter, pixelSize } from './viewport-adapter.ts';

/** Zoom limits, relative to the fitted image. */
const LEAST_ZOOM = 0.1;
const MOST_ZOOM = 40;

export interface StackViewOptions {
  readonly id: string;
  readonly element: HTMLDivElement;
  readonly store: FrameStore;
  readonly rendering: RenderingEngine;
  readonly cpu: boolean;
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
  #window: DisplayWindow | undefined;
  #tone: ToneCurve | undefined;
  #fullRange: DisplayWindow | undefined;
  readonly #adapter = new PresentationAdapter();
  #inverted = false;
  #placement: Placement | undefined;
  #placed: { columns: number; rows: number } | undefined;
  #disposed = false;

  constructor(options: StackViewOptions) {
    this.#options = options;
    const { id, element, rendering } = options;
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
    const shown = visible ? this.#shownImage()?.imageId : undefined;
    this.#request += 1;
    this.#imageIds = imageIds;
    for (const imageId of before) store.release(imageId);
    this.#stackIsSet = false;
    if (!keepView) {
      this.#window = undefined;
      this.#tone = undefined;
      this.#fullRange = undefined;
      this.#inverted = false;
      this.#placement = undefined;
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

  capacity(): number {
    const frame = this.#frames[0];
    if (!frame) return 0;
    const { rows, columns, samplesPerPixel, bitsAllocated } = frame.pixels;
    const bytesPerPixel =
      samplesPerPixel >= 3 || frame.palette ? (this.#options.cpu ? 4 : 3) : bitsAllocated > 8 ? 2 : 1;
    return Math.max(1, Math.floor(this.#options.budgetBytes() / (rows * columns * bytesPerPixel)));
  }

  blank(): void {
    this.#options.element.style.visibility = 'hidden';
  }

  setWindow(window: DisplayWindow | undefined): void {
    this.#window = window && { ...window, width: Math.max(1, window.width) };
    this.#apply();
  }

  setTone(tone: ToneCurve | undefined): void {
    this.#tone = tone;
    this.#apply();
  }

  setInverted(inverted: boolean): void {
    this.#inverted = inverted;
    this.#apply();
  }

  zoomBy(factor: number, at?: { readonly x: number; readonly y: number }): void {
    const place = this.#currentPlacement();
    if (!place) return;
    const { placement, scale, pixel } = place;
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, placement.zoom * factor));
    const { clientWidth, clientHeight } = this.#options.element;
    const offset: [number, number] = at ? [at.x - clientWidth / 2, at.y - clientHeight / 2] : [0, 0];
    // The place under the pointer stays under it.
    const before = toImage(...offset, placement.turn, pixel, scale);
    const after = toImage(...offset, placement.turn, pixel, (scale * zoom) / placement.zoom);
    this.#placement = {
      ...placement,
      zoom,
      center: [placement.center[0] + before[0] - after[0], placement.center[1] + before[1] - after[1]],
    };
    this.#apply();
  }

  panBy(deltaX: number, deltaY: number): void {
    const place = this.#currentPlacement();
    if (!place) return;
    const { placement, scale, pixel, extent } = place;
    const [x, y] = toImage(deltaX, deltaY, placement.turn, pixel, scale);
    // The image's middle stays within reach: an image pushed out of sight would look like a missing one.
    const keep = (value: number, size: number): number => Math.min(size, Math.max(0, value));
    this.#placement = {
      ...placement,
      center: [keep(placement.center[0] - x, extent.columns), keep(placement.center[1] - y, extent.rows)],
    };
    this.#apply();
  }

  fit(): void {
    const place = this.#currentPlacement();
    if (!place) return;
    this.#placement = centered(place.extent, place.placement.turn);
    this.#apply();
  }

  actualSize(): void {
    const place = this.#currentPlacement();
    if (!place) return;
    const { placement, scale, pixel } = place;
    const cssPixels = 1 / (window.devicePixelRatio || 1);
    this.#placement = {
      ...placement,
      zoom: (placement.zoom * cssPixels) / (Math.min(pixel.width, pixel.height) * scale),
    };
    this.#apply();
  }

  rotate(): void {
    this.#turn(quarterTurn);
  }

  flip(direction: 'horizontal' | 'vertical'): void {
    this.#turn((turn) => mirror(turn, direction));
  }

  reset(): void {
    this.#window = undefined;
    this.#tone = undefined;
    this.#inverted = false;
    this.#placement = undefined;
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
      await viewport.setStack([...this.#imageIds], index);
    }
    if (request !== this.#request || this.#disposed) return 'superseded';
    const imageId = this.#shownImage()?.imageId;
    if (imageId !== this.#imageIds[index]) return 'superseded';
    this.#options.element.style.visibility = '';
    const rendered = new Promise<void>((resolve) => {
      this.#options.element.addEventListener(Enums.Events.IMAGE_RENDERED, () => resolve(), { once: true });
    });
    this.#apply();
    await rendered;
    return request === this.#request ? 'shown' : 'superseded';
  }

  #turn(change: (turn: Placement['turn']) => Placement['turn']): void {
    const place = this.#currentPlacement();
    if (!place) return;
    this.#placement = { ...place.placement, turn: change(place.placement.turn) };
    this.#apply();
  }

  #shownImage(): Types.IImage | undefined {
    return this.#disposed ? undefined : (this.#viewport.getCornerstoneImage() as Types.IImage | undefined);
  }

  #shown(): { frame: Frame; image: Types.IImage; index: number } | undefined {
    const image = this.#shownImage();
    const frame = image && this.#options.store.frame(image.imageId);
    return image && frame ? { frame, image, index: this.#imageIds.indexOf(image.imageId) } : undefined;
  }

  #currentPlacement():
    | { placement: Placement; scale: number; pixel: { width: number; height: number }; extent: Extent }
    | undefined {
    const shown = this.#shown();
    const { clientWidth, clientHeight } = this.#options.element;
    if (!shown || clientWidth === 0 || clientHeight === 0) return undefined;
    const { rows, columns } = shown.frame.pixels;
    const pixel = pixelSize(shown.frame);
    const extent: Extent = { rows, columns, pixel };
    // Another matrix size in the same series: the same part of the picture, not the same pixel numbers.
    if (this.#placement && this.#placed && (this.#placed.columns !== columns || this.#placed.rows !== rows)) {
      const [x, y] = this.#placement.center;
      this.#placement = {
        ...this.#placement,
        center: [(x / this.#placed.columns) * columns, (y / this.#placed.rows) * rows],
      };
    }
    this.#placed = { columns, rows };
    this.#placement ??= centered(extent, UPRIGHT);
    const scale = fitScale(extent, this.#placement.turn, clientWidth, clientHeight) * this.#placement.zoom;
    return { placement: this.#placement, scale, pixel, extent };
  }

  #currentWindow(frame: Frame, image: Types.IImage): DisplayWindow {
    if (this.#window) return this.#window;
    if (image.color) return { center: 128, width: 256 };
    const own = frame.windows[0] ?? factsOf(image).voiTables[0]?.window;
    if (own) return own;
    // Without a window in the file, the first image's range serves the whole series: neighbours stay comparable.
    const { minimum, maximum } = factsOf(image).range;
    this.#fullRange ??= fullRangeWindow(minimum, maximum);
    return this.#fullRange;
  }

  #currentTone(frame: Frame, image: Types.IImage): ToneCurve {
    if (image.color) return LINEAR;
    if (this.#tone) return this.#tone;
    // Our choice where a file brings both: its first window. @dicom PS3.3 C.11.2.1.1
    if (frame.windows.length === 0) return factsOf(image).voiTables[0]?.tone ?? LINEAR;
    return voiTone(frame.voiFunction);
  }

  #presentation(frame: Frame, image: Types.IImage): Presentation {
    return {
      window: this.#currentWindow(frame, image),
      tone: this.#currentTone(frame, image),
      inverted: this.#inverted !== (frame.pixels.photometricInterpretation === 'MONOCHROME1'),
      padding: factsOf(image).padding,
    };
  }

  /** The placement as it is drawn: pixels of the image on pixels of the screen. */
  #onPixels({ placement, pixel, scale }: { placement: Placement; pixel: Extent['pixel']; scale: number }): Placement {
    const { clientWidth: width, clientHeight: height } = this.#options.element;
    return snapped(placement, pixel, scale, { width, height, ratio: window.devicePixelRatio || 1 });
  }

  #apply(): void {
    const shown = this.#shown();
    const place = this.#currentPlacement();
    if (!shown || !place) return;
    const { cpu } = this.#options;
    applyPlacement(this.#viewport, shown.frame, this.#onPixels(place), place.scale, cpu);
    this.#adapter.apply(this.#viewport, this.#presentation(shown.frame, shown.image), cpu);
    this.#viewport.render();
  }

  readonly #rendered = (): void => {
    const shown = this.#shown();
    const place = this.#currentPlacement();
    if (!shown || !place || this.#options.element.style.visibility === 'hidden') return;
    const { frame, image, index } = shown;
    this.onRendered?.({
      frame,
      index,
      window: this.#currentWindow(frame, image),
      tone: this.#currentTone(frame, image),
      voiTables: factsOf(image).voiTables,
      inverted: this.#inverted,
      scale: place.scale * place.pixel.width,
      screen: place.placement.turn,
      toScreen: screenMap(this.#onPixels(place), place.pixel, place.scale, this.#options.element),
      range: factsOf(image).range,
    });
  };
}
