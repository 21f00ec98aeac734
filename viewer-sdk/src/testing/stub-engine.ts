import { PRIORITY } from '../client/request-queue.ts';
import type { DisplayWindow, Frame } from '../dicom/frame.ts';
import { LINEAR, type ToneCurve } from '../dicom/tone-curve.ts';
import type {
  Engine,
  FrameSource,
  PixelGrid,
  ShowResult,
  StackView,
  Subtraction,
  ViewState,
} from '../engine/contract.ts';
import { ViewerError } from '../errors.ts';

/** An engine that fetches as the real one does and draws nothing: it tells what would be on the screen. */
export class StubView implements StackView {
  onRendered: ((state: ViewState) => void) | undefined;
  onLoaded: (() => void) | undefined;
  frames: readonly Frame[] = [];
  shown: Frame | undefined;
  blanked = false;
  disposed = false;
  readonly calls: string[] = [];
  /** SOP Instance UIDs that cannot be shown. */
  readonly broken = new Set<string>();
  #source: FrameSource | undefined;
  #request = 0;
  #window: DisplayWindow = { center: 40, width: 400 };
  #inverted = false;
  #tone: ToneCurve = LINEAR;
  #subtraction: Subtraction | undefined;
  readonly #loaded = new Set<Frame>();

  setFrames(frames: readonly Frame[], source: FrameSource, keepView: boolean): void {
    this.#source = source;
    this.frames = frames;
    this.#request += 1;
    this.calls.push(`setFrames ${frames.length} ${keepView}`);
  }

  async show(index: number): Promise<ShowResult> {
    this.#request += 1;
    const request = this.#request;
    const frame = this.frames[index]!;
    await this.#source?.frame(frame, { priority: PRIORITY.now }, new AbortController().signal);
    if (request !== this.#request || this.disposed) return 'superseded';
    if (this.broken.has(frame.SOPInstanceUID)) throw new ViewerError('VIEWER_IMAGE_UNREADABLE');
    this.#loaded.add(frame);
    this.shown = frame;
    this.blanked = false;
    this.render();
    return 'shown';
  }

  async load(index: number, priority: number, signal: AbortSignal): Promise<void> {
    const frame = this.frames[index]!;
    await this.#source?.frame(frame, { priority }, signal);
    this.#loaded.add(frame);
    this.onLoaded?.();
  }

  isLoaded(index: number): boolean {
    const frame = this.frames[index];
    return frame !== undefined && this.#loaded.has(frame);
  }

  pixels(): PixelGrid | undefined {
    return undefined;
  }

  drawn(): PixelGrid | undefined {
    return this.pixels();
  }

  reserve(): () => void {
    return () => undefined;
  }

  capacity(): number {
    return 1000;
  }

  clear(): void {
    this.#request += 1;
    this.frames = [];
    this.shown = undefined;
    this.blanked = true;
  }

  blank(): void {
    this.#request += 1;
    this.blanked = true;
  }

  setWindow(window: DisplayWindow | undefined): void {
    this.#window = window ?? { center: 40, width: 400 };
    this.render();
  }

  setTone(tone: ToneCurve | undefined): void {
    this.#tone = tone ?? LINEAR;
    this.render();
  }

  setSubtraction(subtraction: Subtraction | undefined): void {
    this.#subtraction = subtraction;
    this.render();
  }

  setInverted(inverted: boolean): void {
    this.#inverted = inverted;
    this.render();
  }

  zoomBy(factor: number): void {
    this.calls.push(`zoomBy ${factor > 1 ? 'in' : 'out'}`);
  }

  panBy(deltaX: number, deltaY: number): void {
    this.calls.push(`panBy ${deltaX} ${deltaY}`);
  }

  fit(): void {
    this.calls.push('fit');
  }

  actualSize(): void {
    this.calls.push('actualSize');
  }

  rotate(): void {
    this.calls.push('rotate');
  }

  flip(direction: string): void {
    this.calls.push(`flip ${direction}`);
  }

  reset(): void {
    this.calls.push('reset');
  }

  resize(): void {}

  dispose(): void {
    this.disposed = true;
  }

  render(): void {
    const frame = this.shown;
    if (!frame) return;
    this.onRendered?.({
      frame,
      index: this.frames.indexOf(frame),
      window: this.#window,
      tone: this.#tone,
      voiTables: [],
      subtraction: this.#subtraction,
      inverted: this.#inverted,
      scale: 1,
      screen: { right: [1, 0], down: [0, 1] },
      toScreen: { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 },
      range: { minimum: -1024, maximum: 3071 },
    });
  }
}

export class StubEngine implements Engine {
  readonly rendering = 'cpu';
  readonly views: StubView[] = [];

  createView(_element: HTMLDivElement): StubView {
    const view = new StubView();
    this.views.push(view);
    return view;
  }

  get view(): StubView | undefined {
    return this.views.at(-1);
  }
}
