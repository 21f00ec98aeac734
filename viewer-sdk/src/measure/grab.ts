import type { Cell, CellDrag, CellPointer, ImagePoint, ScreenPoint } from '../extension/contract.ts';
import type { Annotation } from './annotation.ts';
import { distance } from './geometry.ts';
import { isMeasureTool } from './kinds.ts';
import type { MeasureLayer } from './layer.ts';
import type { MeasureSession } from './session.ts';
import { clamp, distanceToSegment, handlesOf, moveAll, moveHandle, strokesOf } from './shapes.ts';
import { boxContains } from './text-box.ts';

/** How far from a handle a press still takes it, in CSS pixels: mouse and pen, finger. */
const HANDLE_REACH_PX = { mouse: 8, touch: 14 } as const;
const LINE_REACH_PX = { mouse: 6, touch: 12 } as const;
/** A press that moves less only selects: nothing is shifted by a trembling hand. */
const STEADY_PX = 3;
const DOUBLE_PRESS_MS = 400;

type Part = { readonly kind: 'handle'; readonly index: number } | { readonly kind: 'line' } | { readonly kind: 'text' };

interface Grip {
  readonly annotation: Annotation;
  readonly part: Part;
}

/** What a press takes hold of: selected annotations first, then the latest; handles before texts before lines. */
export function gripAt(session: MeasureSession, layer: MeasureLayer, pointer: CellPointer): Grip | undefined {
  const { cell, screen, event } = pointer;
  const reach = event.pointerType === 'touch' ? 'touch' : 'mouse';
  const selected = session.selection?.id;
  const order = [...session.shownIn(cell)]
    .reverse()
    .sort((a, b) => Number(b.id === selected) - Number(a.id === selected));
  for (const annotation of order) {
    const index = handleAt(cell, annotation, screen, HANDLE_REACH_PX[reach]);
    if (index >= 0) return { annotation, part: { kind: 'handle', index } };
  }
  const boxes = layer.boxes(cell);
  const text = order.find(({ id }) => {
    const box = boxes.get(id);
    return box !== undefined && boxContains(box, screen);
  });
  if (text) return { annotation: text, part: { kind: 'text' } };
  // Two diameters cross: whoever draws begins a line on another one.
  if (isMeasureTool(session.viewer.tool)) return undefined;
  const line = order.find((annotation) => isOnLine(cell, annotation, screen, LINE_REACH_PX[reach]));
  return line && { annotation: line, part: { kind: 'line' } };
}

function handleAt(cell: Cell, annotation: Annotation, screen: ScreenPoint, reach: number): number {
  let best = -1;
  let least = reach;
  handlesOf(annotation).forEach((handle, index) => {
    const at = cell.toScreen(handle);
    const away = at ? distance(at, screen) : Number.POSITIVE_INFINITY;
    if (away <= least) [best, least] = [index, away];
  });
  return best;
}

function isOnLine(cell: Cell, annotation: Annotation, screen: ScreenPoint, reach: number): boolean {
  return strokesOf(annotation).some(({ points, closed }) => {
    const line = points.map((point) => cell.toScreen(point)).filter((point) => point !== undefined);
    const ends = closed && line[0] ? [...line, line[0]] : line;
    return ends.some((to, index) => index > 0 && distanceToSegment(screen, ends[index - 1] ?? to, to) <= reach);
  });
}

/** Presses on annotations: they select, move a handle, all of it, or its text; twice on one asks for its words. */
export class Grabber {
  readonly #session: MeasureSession;
  #last: { readonly id: string; readonly atMs: number } | undefined;

  constructor(session: MeasureSession) {
    this.#session = session;
  }

  grab(layer: MeasureLayer, pointer: CellPointer): CellDrag | undefined {
    const session = this.#session;
    // While something is being drawn, a press is its next place.
    if (session.draft || pointer.event.button > 0 || !Number.isFinite(pointer.image[0])) return undefined;
    const grip = gripAt(session, layer, pointer);
    if (!grip) {
      if (session.selection) session.select(undefined);
      return undefined;
    }
    const { annotation, part } = grip;
    session.select(annotation.id, part.kind === 'handle' ? part.index : undefined);
    if (this.#isSecond(annotation.id)) {
      void this.rename(annotation);
      return { move() {}, up() {}, cancel() {} };
    }
    return this.#drag(layer, pointer, grip);
  }

  /** Asks for the words of an annotation. */
  async rename(annotation: Annotation): Promise<void> {
    const session = this.#session;
    const text = await session.viewer.ask({
      title: session.text(`kind.${annotation.kind}`),
      label: session.text(
        annotation.kind === 'text' || annotation.kind === 'arrow' ? 'text.placeholder' : 'panel.rename',
      ),
      value: annotation.text ?? '',
      yes: session.text('text.yes'),
    });
    if (text !== undefined) relabel(session, annotation.id, text);
  }

  #isSecond(id: string): boolean {
    const atMs = performance.now();
    const second = this.#last?.id === id && atMs - this.#last.atMs < DOUBLE_PRESS_MS;
    this.#last = second ? undefined : { id, atMs };
    return second;
  }

  #drag(layer: MeasureLayer, start: CellPointer, { annotation, part }: Grip): CellDrag {
    const session = this.#session;
    const { cell } = start;
    const size = cell.view?.frame.pixels;
    const box = layer.boxes(cell).get(annotation.id);
    let moved = false;
    const versionAt = ({ image, screen }: CellPointer): Annotation => {
      if (!size) return annotation;
      const by: ImagePoint = [image[0] - start.image[0], image[1] - start.image[1]];
      if (part.kind === 'handle') {
        const handle = handlesOf(annotation)[part.index] ?? start.image;
        const to = clamp([handle[0] + by[0], handle[1] + by[1]], size);
        return { ...annotation, points: moveHandle(annotation, part.index, to) };
      }
      if (part.kind === 'line') {
        const points = moveAll(annotation.points, by, size);
        const [first, before] = [points[0], annotation.points[0]];
        if (!annotation.textAt || !first || !before) return { ...annotation, points };
        // A text that was moved away goes along.
        const [x, y] = annotation.textAt;
        return { ...annotation, points, textAt: [x + first[0] - before[0], y + first[1] - before[1]] };
      }
      const at = box && cell.toImage([box.x + screen[0] - start.screen[0], box.y + screen[1] - start.screen[1]]);
      return at ? { ...annotation, textAt: at } : annotation;
    };
    return {
      move: (pointer) => {
        moved ||= distance(pointer.screen, start.screen) > STEADY_PX;
        if (!moved) return;
        session.moving = versionAt(pointer);
        cell.redraw();
      },
      up: (pointer) => {
        session.moving = undefined;
        if (moved) {
          this.#last = undefined;
          session.store.replace(versionAt(pointer));
        }
        session.redraw();
      },
      cancel: () => {
        session.moving = undefined;
        session.redraw();
      },
    };
  }
}

/** Gives an annotation other words; a text of no words is none. */
export function relabel(session: MeasureSession, id: string, typed: string): void {
  const annotation = session.store.get(id);
  const text = typed.trim();
  if (!annotation || text === (annotation.text ?? '')) return;
  if (text === '' && annotation.kind === 'text') session.store.remove(id);
  else if (text === '') {
    const { text: _dropped, ...rest } = annotation;
    session.store.replace(rest);
  } else session.store.replace({ ...annotation, text });
}
