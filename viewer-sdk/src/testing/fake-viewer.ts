import { render, svg } from 'lit';
import { describeFrame, type Frame } from '../dicom/frame.ts';
import type { Keyword } from '../dicom/json.ts';
import type { PixelGrid, ViewState } from '../engine/contract.ts';
import { quarterTurn, screenMap, type Turn, UPRIGHT } from '../engine/placement.ts';
import type {
  Cell,
  CellDrag,
  CellPointer,
  ImagePoint,
  ScreenPoint,
  ViewerContext,
  ViewerContribution,
  ViewerSignals,
} from '../extension/contract.ts';
import { translator } from '../i18n/index.ts';
import { ctInstance, STUDY } from './datasets.ts';

/** A cell that shows frames without an engine: placement and pixels are given. */
export class FakeCell {
  readonly id = 'cell-1';
  readonly study = undefined;
  readonly series = undefined;
  readonly stack = undefined;
  readonly size = { width: 800, height: 600 };
  open: Cell['open'];
  view: ViewState | undefined;
  grid: PixelGrid | undefined;
  turn: Turn = UPRIGHT;
  /** CSS pixels for each image pixel. */
  scale = 2;
  redraws = 0;
  readonly #draw: () => void;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  toScreen = ([x, y]: ImagePoint): ScreenPoint | undefined => {
    if (!this.view) return undefined;
    const { a, b, c, d, e, f } = this.view.toScreen;
    return [a * x + c * y + e, b * x + d * y + f];
  };

  toImage = ([x, y]: ScreenPoint): ImagePoint | undefined => {
    if (!this.view) return undefined;
    const { a, b, c, d, e, f } = this.view.toScreen;
    const determinant = a * d - b * c;
    return [(d * (x - e) - c * (y - f)) / determinant, (a * (y - f) - b * (x - e)) / determinant];
  };

  pixels = (): PixelGrid | undefined => (this.view ? this.grid : undefined);

  redraw(): void {
    this.redraws += 1;
    this.#draw();
  }

  async show(): Promise<boolean> {
    return false;
  }

  async openSeries(): Promise<void> {}

  /** Puts a frame on the screen, its middle in the middle of the cell. */
  put(frame: Frame): void {
    const { rows, columns } = frame.pixels;
    const place = { zoom: 1, center: [columns / 2, rows / 2] as const, turn: this.turn };
    const { width: clientWidth, height: clientHeight } = this.size;
    this.view = {
      frame,
      index: 0,
      window: { center: 40, width: 400 },
      inverted: false,
      scale: this.scale,
      screen: this.turn,
      toScreen: screenMap(place, { width: 1, height: 1 }, this.scale, { clientWidth, clientHeight }),
      range: { minimum: 0, maximum: 1 },
    } as ViewState;
  }
}

/** A viewer of one cell for an extension under test: hands it presses and keys as the real one does. */
export class FakeViewer {
  readonly element = document.createElement('div');
  readonly cell: FakeCell;
  readonly context: ViewerContext;
  readonly notices: string[] = [];
  readonly asked: string[] = [];
  /** What the next questions are answered with. */
  answers: (string | undefined)[] = [];
  tool = 'window';
  locale = 'en';
  updates = 0;
  studies = [STUDY];
  #contribution: ViewerContribution = {};
  readonly #listeners = new Map<string, Set<(detail: never) => void>>();
  readonly #area = document.createElement('div');
  readonly #svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');

  constructor() {
    const root = this.element.attachShadow({ mode: 'open' });
    this.#area.setAttribute('part', 'image');
    this.#area.tabIndex = 0;
    this.#area.append(this.#svg);
    root.append(this.#area);
    document.body.append(this.element);
    this.cell = new FakeCell(() => this.draw());
    this.context = this.#createContext();
  }

  load(load: (viewer: ViewerContext) => ViewerContribution): void {
    this.#contribution = load(this.context);
  }

  remove(): void {
    this.#contribution.dispose?.();
    this.element.remove();
  }

  /** Shows a CT slice made up, with other attributes where they are given. */
  show(change: Partial<Record<Keyword, unknown>> = {}, index = 0): Frame {
    const frame = describeFrame(ctInstance(index, { Rows: 256, Columns: 256, PixelSpacing: [1, 1], ...change }), 1);
    if (!frame) throw new Error('not an image');
    this.cell.put(frame);
    const { rows, columns } = frame.pixels;
    const data = Int16Array.from({ length: rows * columns }, (_, at) => (at % columns) + index * 1000);
    this.cell.grid = { rows, columns, samplesPerPixel: 1, data };
    this.cell.open = {
      SeriesInstanceUID: frame.SeriesInstanceUID,
      frames: [frame],
      complete: true,
      start: 0,
      objects: [],
    } as unknown as Cell['open'];
    this.tell('rendered', { cell: this.cell as unknown as Cell });
    this.draw();
    return frame;
  }

  turn(): void {
    this.cell.turn = quarterTurn(this.cell.turn);
    const { view } = this.cell;
    if (view) this.cell.put(view.frame);
    this.draw();
  }

  tell<K extends keyof ViewerSignals>(signal: K, detail: ViewerSignals[K]): void {
    for (const listener of this.#listeners.get(signal) ?? []) listener(detail as never);
  }

  draw(): void {
    const cell = this.cell as unknown as Cell;
    const layers = this.#contribution.layers ?? [];
    render(svg`${layers.map((layer) => layer.render(cell))}`, this.#svg);
  }

  find(selector: string): Element | null {
    return this.#svg.querySelector(selector);
  }

  get drawnText(): string {
    return [...this.#svg.querySelectorAll('text')].map((line) => line.textContent).join('|');
  }

  command(id: string): void {
    void this.#contribution.commands?.find((command) => command.id === id)?.run();
  }

  key(key: string, modifiers: KeyboardEventInit = {}): KeyboardEvent {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...modifiers });
    this.#area.dispatchEvent(event);
    return event;
  }

  /** Moves with no button pressed, to a place of the image. */
  hover(image: ImagePoint): void {
    this.#active?.hover?.(this.#pointer(image));
  }

  /** @returns whether the extension took the press */
  press(image: ImagePoint, event: PointerEventInit = {}): CellDrag | undefined {
    const pointer = this.#pointer(image, event);
    for (const layer of this.#contribution.layers ?? []) {
      const drag = layer.grab?.(pointer);
      if (drag) return drag;
    }
    return this.#active?.down(pointer);
  }

  drag(from: ImagePoint, ...to: ImagePoint[]): boolean {
    const drag = this.press(from);
    for (const place of to) drag?.move(this.#pointer(place));
    drag?.up(this.#pointer(to.at(-1) ?? from));
    return drag !== undefined;
  }

  click(image: ImagePoint): boolean {
    return this.drag(image);
  }

  get #active() {
    return this.#contribution.tools?.find(({ id }) => id === this.tool);
  }

  escape(): boolean {
    return this.#active?.escape?.() ?? false;
  }

  doubleClick(image: ImagePoint): void {
    this.#active?.doubleClick?.(this.#pointer(image));
  }

  #pointer(image: ImagePoint, event: PointerEventInit = {}): CellPointer {
    const cell = this.cell as unknown as Cell;
    return {
      cell,
      image,
      screen: cell.toScreen(image) ?? [0, 0],
      event: new PointerEvent('pointerdown', { pointerType: 'mouse', button: 0, ...event }),
    };
  }

  #createContext(): ViewerContext {
    const viewer = this;
    const cell = this.cell as unknown as Cell;
    return {
      element: this.element,
      t: translator('en'),
      get locale() {
        return viewer.locale;
      },
      client: undefined,
      get study() {
        return { StudyInstanceUID: viewer.studies[0] } as unknown as ViewerContext['study'];
      },
      get studies() {
        return viewer.studies.map((StudyInstanceUID) => ({ StudyInstanceUID })) as unknown as ViewerContext['studies'];
      },
      seriesList: [],
      cells: [cell],
      active: cell,
      activate() {},
      async searchStudies() {},
      async relist() {},
      listSeries: async () => [],
      get tool() {
        return viewer.tool;
      },
      setTool: (id) => {
        this.#active?.leave?.();
        this.tool = id;
      },
      run: (id) => this.command(id),
      openPanel() {},
      on: (signal, listener) => {
        const listeners = this.#listeners.get(signal) ?? new Set();
        this.#listeners.set(signal, listeners.add(listener as (detail: never) => void));
        return () => void listeners.delete(listener as (detail: never) => void);
      },
      requestUpdate: () => {
        this.updates += 1;
      },
      goTo: async () => cell,
      confirm: async ({ title }) => {
        this.asked.push(title);
        return this.answers.shift() !== undefined;
      },
      ask: async ({ title }) => {
        this.asked.push(title);
        return this.answers.shift();
      },
      showInstead: () => () => undefined,
      notify: (text) => void this.notices.push(text),
    } satisfies ViewerContext;
  }
}
