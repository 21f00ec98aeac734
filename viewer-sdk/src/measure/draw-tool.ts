import type { Cell, CellDrag, CellPointer, ImagePoint, ScreenPoint, ViewerTool } from '../extension/contract.ts';
import { type AnnotationKind, createAnnotation, isSameFrame } from './annotation.ts';
import { calibrate } from './calibrate.ts';
import { distance, ellipseIn, withoutTails } from './geometry.ts';
import type { MeasureSession } from './session.ts';
import { clamp, isInside, simplify } from './shapes.ts';

/** A press that moves less is a click: the line follows the pointer until the next one. */
const CLICK_PX = 4;
/** A click this near to the first corner closes a line. */
const CLOSE_PX = 10;
const FREEHAND_STEP_PX = 2;
const FREEHAND_TOLERANCE_PX = 0.7;

/** How many places the user points at; a closed line takes as many as he likes. */
const PLACES: Readonly<Record<AnnotationKind, number>> = {
  length: 2,
  angle: 3,
  cobb: 4,
  ellipse: 2,
  rectangle: 2,
  freehand: Number.POSITIVE_INFINITY,
  probe: 1,
  arrow: 2,
  text: 1,
};

/**
 * Draws one kind of annotation, by dragging or by clicking from place to place. What is begun belongs to the image it was begun on; a press
 * outside of the image is left to windowing.
 */
export class DrawTool implements ViewerTool {
  readonly id: string;
  readonly cursor = 'crosshair';
  readonly #session: MeasureSession;
  readonly #kind: AnnotationKind;
  readonly #calibrating: boolean;
  /** Places that are fixed, and the one that follows the pointer. */
  #fixed: ImagePoint[] = [];
  #floating: ImagePoint | undefined;

  constructor(session: MeasureSession, id: string, kind: AnnotationKind, calibrating = false) {
    this.#session = session;
    this.id = id;
    this.#kind = kind;
    this.#calibrating = calibrating;
  }

  down(pointer: CellPointer): CellDrag | undefined {
    const { cell, image } = pointer;
    const frame = cell.view?.frame;
    if (!frame || !Number.isFinite(image[0]) || !Number.isFinite(image[1])) return undefined;
    if (!this.#begunOn(cell)) this.#forget();
    const size = frame.pixels;
    this.#session.reading = undefined;
    if (this.#fixed.length === 0 && !isInside(image, size)) return undefined;
    // A line begins where it is pressed; every other place is where the button is released.
    const begins = this.#kind === 'cobb' ? this.#fixed.length % 2 === 0 : this.#fixed.length === 0;
    const single = PLACES[this.#kind] === 1;
    const start = pointer.screen;
    let drawn = 0;
    let last = start;
    if (begins && !single) this.#fixed.push(clamp(image, size));
    this.#floating = clamp(image, size);
    this.#show(cell);
    return {
      move: ({ image: place, screen }) => {
        if (!this.#begunOn(cell)) return;
        this.#floating = clamp(place, size);
        if (this.#kind === 'freehand' && begins && distance(screen, last) >= FREEHAND_STEP_PX) {
          drawn += distance(screen, last);
          last = screen;
          this.#fixed.push(this.#floating);
        }
        this.#show(cell);
      },
      up: ({ image: place, screen }) => {
        if (!this.#begunOn(cell)) return;
        this.#floating = clamp(place, size);
        if (this.#kind === 'freehand' && drawn > CLICK_PX) this.#finishDrawn(cell);
        else if (begins && !single && distance(screen, start) <= CLICK_PX) this.#show(cell);
        else this.#place(cell, screen);
      },
      cancel: () => this.#forget(),
    };
  }

  hover(pointer: CellPointer): void {
    const { cell, image } = pointer;
    const frame = cell.view?.frame;
    if (!frame || this.#fixed.length === 0 || !this.#begunOn(cell) || !Number.isFinite(image[0])) return;
    // Between the two lines of a Cobb angle there is nothing to draw.
    if (this.#kind === 'cobb' && this.#fixed.length % 2 === 0) return;
    this.#floating = clamp(image, frame.pixels);
    this.#show(cell);
  }

  doubleClick({ cell }: CellPointer): void {
    if (this.#kind === 'freehand' && this.#begunOn(cell)) this.#finish(cell);
  }

  escape(): boolean {
    const begun = this.#fixed.length > 0;
    this.#forget();
    return begun;
  }

  leave(): void {
    this.#forget();
    this.#session.reading = undefined;
    this.#session.redraw();
  }

  /** Fixes the place under the pointer. */
  #place(cell: Cell, screen: ScreenPoint): void {
    const floating = this.#floating;
    if (!floating) return;
    const near = (point: ImagePoint | undefined, most: number): boolean => {
      const at = point && cell.toScreen(point);
      return at !== undefined && distance(at, screen) <= most;
    };
    if (this.#kind === 'freehand' && this.#fixed.length >= 3 && near(this.#fixed[0], CLOSE_PX)) {
      this.#finish(cell);
      return;
    }
    // The second click of a double click, or a trembling hand: a line of no length is none.
    if (near(this.#fixed.at(-1), this.#kind === 'freehand' ? 1 : CLICK_PX)) return;
    this.#fixed.push(floating);
    if (this.#fixed.length >= PLACES[this.#kind]) this.#finish(cell);
    else {
      if (this.#kind === 'cobb' && this.#fixed.length % 2 === 0) this.#floating = undefined;
      this.#show(cell);
    }
  }

  #finishDrawn(cell: Cell): void {
    const state = cell.view?.toScreen;
    const scale = state ? Math.hypot(state.a, state.b) : 1;
    // The way back to the first corner is drawn by closing.
    this.#fixed = withoutTails(simplify(this.#fixed, FREEHAND_TOLERANCE_PX / scale));
    this.#finish(cell);
  }

  #finish(cell: Cell): void {
    const frame = cell.view?.frame;
    const points = this.#points(this.#fixed);
    if (!frame || !isWorth(this.#kind, this.#fixed)) {
      this.#forget();
      return;
    }
    this.#fixed = [];
    this.#floating = undefined;
    const session = this.#session;
    const add = (text?: string): void => {
      const annotation = createAnnotation(this.#kind, frame, points, text ? { text } : {});
      session.draft = undefined;
      session.store.add(annotation);
      session.select(annotation.id);
    };
    const [from, to] = points;
    if (this.#calibrating && from && to)
      void this.#keepDrawn(cell, points, () => calibrate(session, frame, [from, to]));
    else if (this.#kind === 'text' || this.#kind === 'arrow') {
      void this.#keepDrawn(cell, points, async (draft) => {
        const text = (await this.#ask())?.trim();
        // Meanwhile the image, the study even, may be another one.
        if (session.draft !== draft || text === undefined) return;
        if (text !== '' || this.#kind === 'arrow') add(text);
      });
    } else add();
  }

  /** The line stays on the screen while its question is open. */
  async #keepDrawn(
    cell: Cell,
    points: readonly ImagePoint[],
    action: (draft: MeasureSession['draft']) => Promise<void>,
  ): Promise<void> {
    const session = this.#session;
    this.#draw(cell, points);
    const { draft } = session;
    try {
      await action(draft);
    } finally {
      if (session.draft === draft) session.draft = undefined;
      session.redraw();
    }
  }

  #ask(): Promise<string | undefined> {
    const session = this.#session;
    return session.viewer.ask({
      title: session.text(`kind.${this.#kind}`),
      label: session.text('text.placeholder'),
      yes: session.text('text.yes'),
    });
  }

  #show(cell: Cell): void {
    const floating = this.#floating;
    const places = floating ? [...this.#fixed, floating] : this.#fixed;
    this.#draw(cell, this.#points(places));
  }

  #draw(cell: Cell, points: readonly ImagePoint[]): void {
    const frame = cell.view?.frame;
    if (!frame) return;
    const shape = { kind: this.#kind, points };
    this.#session.draft = { cell, frame, shape, calibrating: this.#calibrating };
    cell.redraw();
  }

  #points(places: readonly ImagePoint[]): readonly ImagePoint[] {
    const [one, other] = places;
    return this.#kind === 'ellipse' && one && other ? ellipseIn(one, other) : places;
  }

  #begunOn(cell: Cell): boolean {
    const { draft } = this.#session;
    return draft !== undefined && draft.cell === cell && isSameFrame(draft.frame, cell.view?.frame);
  }

  #forget(): void {
    const begun = this.#fixed.length > 0 || this.#floating !== undefined;
    this.#fixed = [];
    this.#floating = undefined;
    if (!begun) return;
    this.#session.draft = undefined;
    this.#session.redraw();
  }
}

/** A line of no length and an area of nothing are slips of the hand. */
function isWorth(kind: AnnotationKind, places: readonly ImagePoint[]): boolean {
  const [one, other] = places;
  if (kind === 'freehand') return places.length >= 3;
  if (PLACES[kind] === 1) return places.length === 1;
  if (!one || !other || places.length < PLACES[kind]) return false;
  if (kind === 'ellipse' || kind === 'rectangle') return one[0] !== other[0] && one[1] !== other[1];
  return distance(one, other) > 0;
}
