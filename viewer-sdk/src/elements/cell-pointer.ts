import type { CellDrag, CellPointer } from '../extension/contract.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';

/** What presses, the wheel and two fingers do. */
export interface PointerTarget {
  /** A button was pressed: what happens until its release. */
  press(pointer: CellPointer): CellDrag | undefined;
  hover(pointer: CellPointer): void;
  doubleClick(pointer: CellPointer): void;
}

/** One notch of a mouse wheel. */
const WHEEL_NOTCH = 100;
/** A mouse wheel that reports lines or pages instead of pixels. */
const LINE_HEIGHT = 33;
/** The image has no place for a press while none is on the screen; only tools that do without are asked then. */
const NOWHERE = [Number.NaN, Number.NaN] as const;

/**
 * Mouse, pen and touch on a cell's image area. The pointer is captured: the drag goes on outside the element whatever the page does with its
 * own listeners. Two fingers and the wheel are the viewer's own whatever the tool.
 */
export class CellPointers {
  readonly #area: HTMLElement;
  readonly #cell: ViewerCell;
  readonly #target: PointerTarget;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  readonly #controller = new AbortController();
  #drag: CellDrag | undefined;
  #wheelRest = 0;

  constructor(area: HTMLElement, cell: ViewerCell, target: PointerTarget) {
    this.#area = area;
    this.#cell = cell;
    this.#target = target;
    const { signal } = this.#controller;
    area.addEventListener('pointerdown', this.#down, { signal });
    area.addEventListener('pointermove', this.#move, { signal });
    area.addEventListener('pointerup', this.#up, { signal });
    area.addEventListener('pointercancel', this.#lost, { signal });
    area.addEventListener('lostpointercapture', this.#lost, { signal });
    area.addEventListener('dblclick', this.#doubleClick, { signal });
    area.addEventListener('wheel', this.#wheel, { signal, passive: false });
    area.addEventListener('contextmenu', this.#contextMenu, { signal });
  }

  dispose(): void {
    this.cancel();
    this.#controller.abort();
  }

  get dragging(): boolean {
    return this.#drag !== undefined;
  }

  /** Gives up the drag: Escape, another study. */
  cancel(): void {
    const drag = this.#drag;
    this.#drag = undefined;
    drag?.cancel();
  }

  readonly #down = (event: PointerEvent): void => {
    if (event.button > 2 || isOwn(event)) return;
    // Middle-button autoscroll, text selection and image dragging would get in the way.
    event.preventDefault();
    this.#area.focus({ preventScroll: true });
    this.#area.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#place(event));
    // A second finger means pinching: the first one's drag was none.
    this.cancel();
    if (this.#pointers.size === 1) this.#drag = this.#target.press(this.#pointer(event));
  };

  readonly #move = (event: PointerEvent): void => {
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      if (event.buttons === 0 && !isOwn(event)) this.#target.hover(this.#pointer(event));
      return;
    }
    const at = this.#place(event);
    if (this.#pointers.size === 2) this.#pinch(event.pointerId, before, at);
    else this.#drag?.move(this.#pointer(event));
    this.#pointers.set(event.pointerId, at);
  };

  readonly #up = (event: PointerEvent): void => {
    const known = this.#pointers.delete(event.pointerId);
    const drag = this.#drag;
    this.#drag = undefined;
    if (known) drag?.up(this.#pointer(event));
  };

  readonly #lost = (event: PointerEvent): void => {
    if (this.#pointers.delete(event.pointerId)) this.cancel();
  };

  readonly #doubleClick = (event: MouseEvent): void => {
    if (!isOwn(event)) this.#target.doubleClick(this.#pointer(event));
  };

  readonly #contextMenu = (event: MouseEvent): void => {
    if (!isOwn(event)) event.preventDefault();
  };

  readonly #wheel = (event: WheelEvent): void => {
    if (isOwn(event)) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_HEIGHT;
    const delta = event.deltaY * unit;
    if (event.ctrlKey) {
      this.#cell.stack?.zoomBy(2 ** (-delta / (WHEEL_NOTCH * 3)), this.#place(event));
      return;
    }
    // Touchpads report small pieces of a notch.
    if (Math.sign(delta) !== Math.sign(this.#wheelRest)) this.#wheelRest = 0;
    this.#wheelRest += delta;
    const steps = Math.abs(delta) >= WHEEL_NOTCH / 2 ? Math.sign(delta) : Math.trunc(this.#wheelRest / WHEEL_NOTCH);
    if (steps === 0) return;
    this.#wheelRest = 0;
    this.#cell.display?.step(steps);
  };

  /** Two fingers: their distance zooms, their middle moves. */
  #pinch(pointerId: number, before: { x: number; y: number }, at: { x: number; y: number }): void {
    const other = [...this.#pointers].find(([id]) => id !== pointerId)?.[1];
    const { stack } = this.#cell;
    if (!other || !stack) return;
    const distance = Math.hypot(at.x - other.x, at.y - other.y);
    const distanceBefore = Math.hypot(before.x - other.x, before.y - other.y);
    if (distanceBefore > 0 && distance > 0)
      stack.zoomBy(distance / distanceBefore, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    stack.panBy((at.x - before.x) / 2, (at.y - before.y) / 2);
  }

  #place(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.#area.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #pointer(event: MouseEvent): CellPointer {
    const { x, y } = this.#place(event);
    return {
      cell: this.#cell,
      screen: [x, y],
      image: this.#cell.toImage([x, y]) ?? NOWHERE,
      event: event as PointerEvent,
    };
  }
}

/** Messages and objects over the image take their own presses: buttons, links, scrolling, selecting text. */
function isOwn(event: Event): boolean {
  const [target] = event.composedPath();
  return (
    target instanceof Element &&
    event
      .composedPath()
      .some((node) => node instanceof Element && node.matches('.message, .object, .badge button, .objects'))
  );
}
