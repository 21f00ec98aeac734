import type { EncodedFrame } from '../client/dicomweb-client.ts';
import type { PartReader } from '../client/part-stream.ts';
import type { Ticket } from '../client/request-queue.ts';
import type { DisplayWindow, Frame, LutSource } from '../dicom/frame.ts';
import type { ToneCurve, ValueSpan } from '../dicom/tone-curve.ts';

/** Raised with every change of this contract: shell and engine are two files and must be of one build. */
export const ENGINE_CONTRACT = 6;

/** Where the engine gets pixels from: the shell's client, with its identity, queue and cancellation. */
export interface FrameSource {
  /** Names the server, so that equal UIDs of two servers are two images. */
  readonly key: string;
  frame(frame: Frame, ticket: Ticket, signal: AbortSignal): Promise<EncodedFrame>;
  /** Answers of many frames are read there from now on. */
  useReader(reader: PartReader): void;
  /** A frame that was asked for in advance is waited for now. */
  hasten(frame: Frame): void;
  /** The entries of a lookup table. */
  lut(source: LutSource): Promise<Uint16Array<ArrayBuffer>>;
}

/** `auto`: by WebGL where the device has graphics hardware for it, else on the processor. */
export type Drawing = 'auto' | 'webgl' | 'processor';

export interface EngineOptions {
  /** The folder of the SDK's files, absolute, with a slash at the end. */
  readonly assetBase: string;
  readonly drawing: Drawing;
  /** Most decoded pixels kept for all viewers of the page, in MB; by the device's memory when absent. */
  readonly cacheMegabytes?: number | undefined;
}

/** What the engine keeps for all viewers of the page. */
export interface EngineMemory {
  readonly bytes: number;
  readonly mostBytes: number;
}

/** The face of `filmless-engine.js`. One engine serves all viewers of a page. */
export interface EngineModule {
  readonly contract: number;
  openEngine(options: EngineOptions): Promise<Engine>;
  memory(): EngineMemory;
}

export interface Engine {
  readonly rendering: 'gpu' | 'cpu';
  /** A view that draws into `element`, which has a size already. */
  createView(element: HTMLDivElement): StackView;
}

/** A direction on the stored image: share along a row, share down a column. */
export type ImageDirection = readonly [alongRow: number, downColumn: number];

/** The values of a frame after the modality transformation; colour frames have 3 or 4 samples a pixel, interleaved, 0–255. */
export interface PixelGrid {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly data: ArrayLike<number>;
  /** Values that are no image: the scanner filled the corners with them. */
  readonly padding?: ValueSpan | undefined;
  /** Overlays that lay in unused bits of the pixels, by the bit: a byte for each pixel, 0 or 1. */
  readonly embedded?: ReadonlyMap<number, Uint8Array> | undefined;
}

/** A mask that is taken off every frame of the stack. @dicom PS3.3 C.7.6.10 */
export interface Subtraction {
  /**
   * Indices of the mask frames of a frame; their mean is its mask. None leaves the frame as it is: a stack may hold other runs, whose masks
   * are others.
   */
  masksOf(index: number): readonly number[];
  /** How far the mask is moved before, in pixels: to the right and down where positive. Fractions count. */
  readonly shift: readonly [x: number, y: number];
  /** Whether logarithms are subtracted, as pixels linear to X-ray intensity need it. */
  readonly logarithmic: boolean;
}

/** One of the file's own curves, and the window over which it lies. @dicom PS3.3 C.11.2.1.1 */
export interface VoiTable {
  readonly window: DisplayWindow;
  readonly tone: ToneCurve;
  readonly explanation: string | undefined;
}

/** What the screen shows of the displayed frame. */
export interface ViewState {
  readonly frame: Frame;
  readonly index: number;
  readonly window: DisplayWindow;
  /** How values between the ends of the window become grey. */
  readonly tone: ToneCurve;
  /** The file's own curves for this frame. */
  readonly voiTables: readonly VoiTable[];
  readonly inverted: boolean;
  /** What was taken off the frame. */
  readonly subtraction: Subtraction | undefined;
  /** CSS pixels per image pixel along a row. */
  readonly scale: number;
  /** Which way on the stored image (along a row, down a column) the screen's right and down point: turned and mirrored images differ. */
  readonly screen: { readonly right: ImageDirection; readonly down: ImageDirection };
  /**
   * The place of the image in the element as an affine map from image pixels (corner of the first one is 0, 0) to CSS pixels:
   * screenX = a·x + c·y + e, screenY = b·x + d·y + f.
   */
  readonly toScreen: {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly d: number;
    readonly e: number;
    readonly f: number;
  };
  /** Range of the pixel values after the modality transformation, without padding. */
  readonly range: { readonly minimum: number; readonly maximum: number };
}

export type ShowResult = 'shown' | 'superseded';

/** A stack of frames of which one is on the screen. */
export interface StackView {
  /** Called after the pixels of a frame, or a change of the view, are on the canvas. */
  onRendered: ((state: ViewState) => void) | undefined;
  /** Called when a frame was loaded or dropped. */
  onLoaded: (() => void) | undefined;

  /** Replaces the stack. With `keepView`, window, zoom and pan stay: the same series, more of it known. */
  setFrames(frames: readonly Frame[], source: FrameSource, keepView: boolean): void;
  /** Takes the stack off the screen and frees its pixels. */
  clear(): void;
  /**
   * Puts a frame on the screen when its pixels are there. The frame asked for last wins: an earlier one that comes late is not shown.
   * @throws ViewerError when the pixels cannot be had
   */
  show(index: number): Promise<ShowResult>;
  /** Loads a frame into the cache without showing it. */
  load(index: number, priority: number, signal: AbortSignal): Promise<void>;
  isLoaded(index: number): boolean;
  /** The values of a frame that is loaded. */
  pixels(index: number): PixelGrid | undefined;
  /** The values on the screen, subtracted where the view subtracts: for pictures of them, not for measuring. */
  drawn(): PixelGrid | undefined;
  /** How many of the stack's frames the cache can keep at once. */
  capacity(): number;
  /**
   * Counts memory that is held beside the frames, a volume say: the page's cache keeps so much less.
   * @returns what gives it back, the view's end does so too; `undefined` where there is not so much
   */
  reserve(bytes: number): (() => void) | undefined;
  /** Takes the pixels off the screen at once. */
  blank(): void;

  setWindow(window: DisplayWindow | undefined): void;
  /** The curve over the window; `undefined` takes the file's. */
  setTone(tone: ToneCurve | undefined): void;
  setInverted(inverted: boolean): void;
  /** Takes a mask off every frame; `undefined` shows the frames as they are. Window and curve are the new picture's own. */
  setSubtraction(subtraction: Subtraction | undefined): void;
  /** Zooms about a point of the element, in CSS pixels. */
  zoomBy(factor: number, at?: { readonly x: number; readonly y: number }): void;
  panBy(deltaX: number, deltaY: number): void;
  fit(): void;
  /** One image pixel to one device pixel. */
  actualSize(): void;
  rotate(): void;
  flip(direction: 'horizontal' | 'vertical'): void;
  /** Window, inversion, zoom, pan, rotation and mirroring as the file has them. */
  reset(): void;
  resize(): void;
  dispose(): void;
}
