import type { Tool } from './actions.ts';

/** What dragging and the wheel do to the image. */
export interface PointerTarget {
  /** The tool of the left button. */
  readonly tool: Tool;
  /** How many frames there are to scroll through. */
  readonly count: number;
  /** Moves the window: to the right is wider, down is brighter, in CSS pixels. */
  adjustWindow(deltaX: number, deltaY: number): void;
  zoomBy(factor: number, at: { x: number; y: number }): void;
  panBy(deltaX: number, deltaY: number): void;
  step(by: number): void;
}

/** One notch of a mouse wheel. */
const WHEEL_NOTCH = 100;
/** A mouse wheel that reports lines or pages instead of pixels. */
const LINE_HEIGHT = 33;
/** Dragging this far scrolls by one frame in short stacks; long stacks fit the whole drag into the element's height. */
const LEAST_PIXELS_PER_FRAME = 2;
const MOST_PIXELS_PER_FRAME = 14;
/** Dragging this far doubles or halves the zoom. */
const ZOOM_PIXELS = 150;

/**
 * Mouse, pen and touch on the image area. The pointer is captured: the drag goes on outside the element whatever the page does with its
 * own listeners.
 */
export class PointerTools {
  readonly #element: HTMLElement;
  readonly #target: PointerTarget;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  readonly #controller = new AbortController();
  #drag: { tool: Tool; rest: number; startX: number; startY: number } | undefined;
  #wheelRest = 0;

  constructor(element: HTMLElement, target: PointerTarget) {
    this.#element = element;
    this.#target = target;
    const { signal } = this.#controller;
    element.addEventListener('pointerdown', this.#down, { signal });
    element.addEventListener('pointermove', this.#move, { signal });
    element.addEventListener('pointerup', this.#up, { signal });
    element.addEventListener('pointercancel', this.#up, { signal });
    element.addEventListener('wheel', this.#wheel, { signal, passive: false });
    element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
  }

  dispose(): void {
    this.#controller.abort();
  }

  readonly #down = (event: PointerEvent): void => {
    const tool = this.#toolFor(event.button);
    if (!tool) return;
    // Middle-button autoscroll, text selection and image dragging would get in the way.
    event.preventDefault();
    this.#element.focus({ preventScroll: true });
    this.#element.setPointerCapture(event.pointerId);
    const at = this.#place(event);
    this.#pointers.set(event.pointerId, at);
    this.#drag = { tool, rest: 0, startX: at.x, startY: at.y };
  };

  readonly #move = (event: PointerEvent): void => {
    const before = this.#pointers.get(event.pointerId);
    if (!before || !this.#drag) return;
    const at = this.#place(event);
    if (this.#pointers.size === 2) this.#pinch(event.pointerId, before, at);
    else this.#apply(this.#drag, at.x - before.x, at.y - before.y);
    this.#pointers.set(event.pointerId, at);
  };

  readonly #up = (event: PointerEvent): void => {
    this.#pointers.delete(event.pointerId);
    if (this.#pointers.size === 0) this.#drag = undefined;
  };

  readonly #wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_HEIGHT;
    const delta = event.deltaY * unit;
    if (event.ctrlKey) {
      this.#target.zoomBy(2 ** (-delta / (WHEEL_NOTCH * 3)), this.#place(event));
      return;
    }
    // Touchpads report small pieces of a notch.
    if (Math.sign(delta) !== Math.sign(this.#wheelRest)) this.#wheelRest = 0;
    this.#wheelRest += delta;
    const steps = Math.abs(delta) >= WHEEL_NOTCH / 2 ? Math.sign(delta) : Math.trunc(this.#wheelRest / WHEEL_NOTCH);
    if (steps === 0) return;
    this.#wheelRest = 0;
    this.#target.step(steps);
  };

  /** Left is the active tool, middle moves, right windows, or zooms where windowing is on the left already. */
  #toolFor(button: number): Tool | undefined {
    if (button === 0) return this.#target.tool;
    if (button === 1) return 'pan';
    if (button === 2) return this.#target.tool === 'window' ? 'zoom' : 'window';
    return undefined;
  }

  #apply(drag: { tool: Tool; rest: number; startX: number; startY: number }, deltaX: number, deltaY: number): void {
    switch (drag.tool) {
      case 'window':
        this.#target.adjustWindow(deltaX, deltaY);
        break;
      case 'zoom':
        this.#target.zoomBy(2 ** (-deltaY / ZOOM_PIXELS), { x: drag.startX, y: drag.startY });
        break;
      case 'pan':
        this.#target.panBy(deltaX, deltaY);
        break;
      case 'scroll': {
        const ideal = this.#element.clientHeight / Math.max(1, this.#target.count);
        const pixels = Math.min(MOST_PIXELS_PER_FRAME, Math.max(LEAST_PIXELS_PER_FRAME, ideal));
        drag.rest += deltaY / pixels;
        const steps = Math.trunc(drag.rest);
        drag.rest -= steps;
        if (steps !== 0) this.#target.step(steps);
        break;
      }
    }
  }

  /** Two fingers: their distance zooms, their middle moves. */
  #pinch(pointerId: number, before: { x: number; y: number }, at: { x: number; y: number }): void {
    const other = [...this.#pointers].find(([id]) => id !== pointerId)?.[1];
    if (!other) return;
    const distance = Math.hypot(at.x - other.x, at.y - other.y);
    const distanceBefore = Math.hypot(before.x - other.x, before.y - other.y);
    if (distanceBefore > 0 && distance > 0) {
      this.#target.zoomBy(distance / distanceBefore, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    }
    this.#target.panBy((at.x - before.x) / 2, (at.y - before.y) / 2);
  }

  #place(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.#element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}
