import { add, dot, scale, type Vector } from '../../dicom/vector.ts';
import type { ScreenPoint } from '../../extension/contract.ts';
import { inPatient, type PaneSize, type PaneZoom, type PicturePlace, pannedBy } from './plane-map.ts';
import { measured, type PlaneMeasure } from './plane-measure.ts';
import { DIRECTIONS, type PlaneName, type PlaneView } from './planes.ts';

export type MprTool = 'cross' | 'length' | 'angle' | 'pan';

/** One pane as it is at the moment. */
export interface PaneState {
  readonly name: PlaneName;
  readonly view: PlaneView;
  readonly size: PaneSize;
  readonly zoom: PaneZoom;
  readonly place: PicturePlace;
  /** Of the plane, in mm along its normal. */
  readonly depth: number;
}

/** What a hand in a pane changes. */
export interface PaneHost {
  readonly tool: MprTool;
  readonly slabMm: number;
  draft: PlaneMeasure | undefined;
  pane(name: PlaneName): PaneState | undefined;
  moveCross(point: Vector): void;
  dragWindow(deltaX: number, deltaY: number): void;
  setZoom(name: PlaneName, zoom: PaneZoom): void;
  keep(measure: PlaneMeasure): void;
}

const MIDDLE_BUTTON = 1;
const RIGHT_BUTTON = 2;
const POINTS = { length: 2, angle: 3 } as const;
/** A press that moves less is a click: the next one sets the next point. */
const CLICK_PX = 4;

/** What the pointer does in the panes. */
export class PaneHand {
  readonly #host: PaneHost;

  constructor(host: PaneHost) {
    this.#host = host;
  }

  press(event: PointerEvent, name: PlaneName): void {
    const element = event.currentTarget;
    const pane = this.#host.pane(name);
    if (!(element instanceof HTMLElement) || !pane) return;
    event.preventDefault();
    const move = this.#begin(event, pane, pointIn(event, element));
    if (!move) return;
    element.setPointerCapture(event.pointerId);
    let { clientX, clientY } = event;
    const start = { clientX, clientY };
    const moved = (next: PointerEvent) => {
      move.to(pointIn(next, element), next.clientX - clientX, next.clientY - clientY);
      ({ clientX, clientY } = next);
    };
    element.addEventListener('pointermove', moved);
    element.addEventListener(
      'lostpointercapture',
      () => {
        element.removeEventListener('pointermove', moved);
        move.end?.(Math.hypot(clientX - start.clientX, clientY - start.clientY) >= CLICK_PX);
      },
      { once: true },
    );
  }

  /** The pointer moves with no button pressed: the point to come follows it. */
  hover(event: PointerEvent, name: PlaneName): void {
    const element = event.currentTarget;
    const pane = this.#host.pane(name);
    if (event.buttons !== 0 || !pane || !(element instanceof HTMLElement)) return;
    this.#follow(pane, pointIn(event, element));
  }

  #begin(
    event: PointerEvent,
    pane: PaneState,
    at: ScreenPoint,
  ): { to(at: ScreenPoint, dx: number, dy: number): void; end?(dragged: boolean): void } | undefined {
    const host = this.#host;
    const { name } = pane;
    if (event.button === RIGHT_BUTTON) return { to: (_, dx, dy) => host.dragWindow(dx, dy) };
    if (event.button === MIDDLE_BUTTON || host.tool === 'pan')
      return {
        to: (_, dx, dy) => {
          const now = host.pane(name);
          if (now) host.setZoom(name, pannedBy(now.view, now.size, now.zoom, dx, dy));
        },
      };
    if (event.button !== 0) return undefined;
    if (host.tool === 'cross') {
      host.moveCross(middleOfPixel(pane, at));
      return { to: (next) => host.moveCross(middleOfPixel(host.pane(name) ?? pane, next)) };
    }
    return this.#measure(host.tool, pane, at);
  }

  #measure(kind: PlaneMeasure['kind'], pane: PaneState, at: ScreenPoint) {
    const host = this.#host;
    const begun = host.draft;
    const second = begun?.plane === pane.name && begun.kind === kind;
    const point = pointOf(pane, at);
    if (second) {
      this.#follow(pane, at);
      this.#set(point);
    } else host.draft = { kind, plane: pane.name, points: [point, point], slabMm: host.slabMm };
    return {
      to: (next: ScreenPoint) => this.#follow(pane, next),
      end: (dragged: boolean) => {
        const last = host.draft?.points.at(-1);
        if (dragged && !second && last) this.#set(last);
      },
    };
  }

  /** The last point of what is drawn is where the pointer is. */
  #follow(pane: PaneState, at: ScreenPoint): void {
    const { draft } = this.#host;
    if (draft?.plane !== pane.name) return;
    this.#host.draft = { ...draft, points: [...draft.points.slice(0, -1), pointOf(pane, at)] };
  }

  /** The last point is set: the next one follows the pointer, or all are there. */
  #set(point: Vector): void {
    const { draft } = this.#host;
    if (!draft) return;
    if (draft.points.length < POINTS[draft.kind]) {
      this.#host.draft = { ...draft, points: [...draft.points, point] };
      return;
    }
    this.#host.draft = undefined;
    if ((measured(draft)?.value ?? 0) > 0) this.#host.keep(draft);
  }
}

const pointIn = ({ clientX, clientY }: PointerEvent, element: HTMLElement): ScreenPoint => {
  const { left, top } = element.getBoundingClientRect();
  return [clientX - left, clientY - top];
};

/** A place on the picture; beside it, the nearest on its edge. */
const pointOf = ({ name, view, place, depth }: PaneState, [x, y]: ScreenPoint): Vector =>
  inPatient(
    name,
    view,
    place,
    [
      Math.min(place.left + view.width * place.scale, Math.max(place.left, x)),
      Math.min(place.top + view.height * place.scale, Math.max(place.top, y)),
    ],
    depth,
  );

/** The cross goes to the middle of the picture's pixel under the pointer: to that of a voxel where the plane lies along them. */
function middleOfPixel({ name, view, place, depth }: PaneState, [x, y]: ScreenPoint): Vector {
  const pixel = (at: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(at / place.scale)));
  const { right, down, through } = DIRECTIONS[name];
  const column = pixel(x - place.left, view.width);
  const row = pixel(y - place.top, view.height);
  return add(
    add(scale(right, view.right[0] + column * view.pixelMm), scale(down, view.down[0] + row * view.pixelMm)),
    scale(through, depth),
  );
}

/** How deep a place lies, along a plane's normal. */
export const depthOf = (name: PlaneName, point: Vector): number => dot(point, DIRECTIONS[name].through);
