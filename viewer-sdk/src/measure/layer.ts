import { nothing, type SVGTemplateResult, svg } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { Cell, CellLayer, CellPointer, ImagePoint, ScreenPoint } from '../extension/contract.ts';
import type { Annotation } from './annotation.ts';
import { measurementLines, probeLines } from './format.ts';
import { distance, middle } from './geometry.ts';
import { adoptLayerStyles } from './layer.styles.ts';
import { pixelValuesOf, probe } from './measure-annotation.ts';
import type { MeasureSession } from './session.ts';
import { distanceToSegment, handlesOf, strokesOf } from './shapes.ts';
import { type Box, boxSize, insideCell, linePlace, nearestOnBox, placeBox } from './text-box.ts';

type Shape = Pick<Annotation, 'kind' | 'points' | 'text' | 'textAt'>;

const HANDLE_RADIUS_PX = 5;
const CROSS_PX = 9;
const TICK_PX = 5;
const HEAD_PX = 11;
/** A text this near to its lines needs no leader. */
const LEADER_FROM_PX = 16;

/** Draws the annotations of the frame on the screen, in screen pixels, so that lines stay thin at any zoom. */
export class MeasureLayer implements CellLayer {
  readonly id = 'measurements';
  readonly order = 40;
  readonly grab: NonNullable<CellLayer['grab']>;
  readonly #session: MeasureSession;
  /** The CSS font family of the texts, as it is while drawing. */
  #family = '';
  readonly #boxes = new WeakMap<Cell, ReadonlyMap<string, Box>>();

  constructor(
    session: MeasureSession,
    grab: (layer: MeasureLayer, pointer: CellPointer) => ReturnType<typeof this.grab>,
  ) {
    this.#session = session;
    this.grab = (pointer) => grab(this, pointer);
  }

  /** Where the texts of a cell's annotations stand. */
  boxes(cell: Cell): ReadonlyMap<string, Box> {
    return this.#boxes.get(cell) ?? new Map();
  }

  render(cell: Cell): SVGTemplateResult | undefined {
    const session = this.#session;
    const { draft, reading } = session;
    this.#family = getComputedStyle(session.viewer.element).getPropertyValue('--filmless-font').trim();
    const boxes = new Map<string, Box>();
    // Selected ones last, so that they lie on top.
    const selected = session.selection?.id;
    const shown = [...session.shownIn(cell)].sort((a, b) => Number(a.id === selected) - Number(b.id === selected));
    const drawings = shown.map((annotation) => this.#annotation(cell, annotation, boxes));
    const drafted = draft?.cell === cell ? this.#draft(cell, draft.shape, draft.calibrating, boxes) : nothing;
    const read = reading?.cell === cell && !draft ? this.#reading(cell, reading) : nothing;
    this.#boxes.set(cell, boxes);
    return svg`<g ${ref(adoptLayerStyles)}>${drawings}${drafted}${read}</g>`;
  }

  #annotation(cell: Cell, annotation: Annotation, boxes: Map<string, Box>): SVGTemplateResult | typeof nothing {
    const session = this.#session;
    const { selection, viewer } = session;
    const selected = selection?.id === annotation.id;
    const measurement = session.measure(annotation);
    const lines = measurement ? measurementLines(viewer.locale, annotation, measurement) : [];
    if (annotation.text) lines.unshift(...annotation.text.split('\n'));
    const box = this.#box(cell, annotation, lines, boxes);
    if (box) boxes.set(annotation.id, box);
    return svg`<g class="measure ${selected ? 'selected' : ''}" data-id=${annotation.id} data-kind=${annotation.kind}>
      ${this.#strokes(cell, annotation)}
      ${selected ? this.#handles(cell, annotation, selection?.handle) : nothing}
      ${box ? this.#text(cell, annotation, lines, box) : nothing}
    </g>`;
  }

  #draft(cell: Cell, shape: Shape, calibrating: boolean, boxes: Map<string, Box>): SVGTemplateResult {
    const session = this.#session;
    const measurement = calibrating ? undefined : session.measureShape(shape, cell);
    const complete = shape.kind !== 'cobb' || shape.points.length === 4;
    const lines = measurement && complete ? measurementLines(session.viewer.locale, shape, measurement) : [];
    const box = this.#box(cell, shape, lines, boxes);
    return svg`<g class="measure selected" data-draft data-kind=${shape.kind}>
      ${this.#strokes(cell, shape)}${box ? this.#text(cell, shape, lines, box) : nothing}
    </g>`;
  }

  /** The value under the pointer. */
  #reading(cell: Cell, { image, screen }: Pick<CellPointer, 'image' | 'screen'>): SVGTemplateResult | typeof nothing {
    const frame = cell.view?.frame;
    if (!frame) return nothing;
    const lines = probeLines(this.#session.viewer.locale, probe(image, frame, pixelValuesOf(cell)));
    if (lines.length === 0) return nothing;
    const size = boxSize(lines, this.#family);
    const [x, y] = screen;
    const fits = x + 18 + size.width < cell.size.width;
    const box = insideCell({ ...size, x: fits ? x + 18 : x - 18 - size.width, y: y + 14 }, cell);
    return svg`<g class="measure" data-reading>
      <rect class="ground" x=${box.x} y=${box.y} width=${box.width} height=${box.height} rx="3" />
      ${this.#lines(lines, box)}
    </g>`;
  }

  #strokes(cell: Cell, shape: Shape): SVGTemplateResult {
    const paths = strokesOf(shape).flatMap(({ points, closed }) => {
      const path = pathOf(toScreen(cell, points), closed);
      return path ? [path] : [];
    });
    const marks = this.#marks(cell, shape);
    return svg`
      ${[...paths, ...marks.paths].map((path) => svg`<path class="rim" d=${path} />`)}
      ${[...paths, ...marks.paths].map((path) => svg`<path class="line" d=${path} />`)}
      ${marks.aid ? svg`<path class="line aid" d=${marks.aid} />` : nothing}
      ${marks.tip ? svg`<path class="tip" d=${marks.tip} />` : nothing}
      ${[...paths, ...marks.paths].map((path) => svg`<path class="hit" d=${path} />`)}
    `;
  }

  /** What is drawn beside the lines: ends of a length, the head of an arrow, a probe's cross, what joins the lines of a Cobb angle. */
  #marks(cell: Cell, { kind, points }: Shape): { paths: string[]; aid?: string; tip?: string } {
    const [a, b, c, d] = toScreen(cell, points);
    if (kind === 'length' && a && b) return { paths: [tick(a, b), tick(b, a)].filter((path) => path !== '') };
    if (kind === 'arrow' && a && b) return { paths: [], tip: arrowHead(a, b) };
    if ((kind === 'probe' || kind === 'text') && a) return { paths: [cross(a)] };
    if (kind === 'cobb' && a && b && c && d)
      return { paths: [], aid: pathOf([middle(a, b), middle(c, d)] as ScreenPoint[], false) };
    return { paths: [] };
  }

  #handles(cell: Cell, annotation: Annotation, chosen: number | undefined): SVGTemplateResult[] {
    // Corners of a line drawn by hand lie close together.
    const small = annotation.kind === 'freehand';
    return toScreen(cell, handlesOf(annotation)).map(
      ([x, y], index) => svg`
        <circle
          class="handle ${small ? 'small' : ''} ${index === chosen ? 'chosen' : ''}"
          cx=${x}
          cy=${y}
          r=${small ? 3 : HANDLE_RADIUS_PX}
        />
        <circle class="hit grip" cx=${x} cy=${y} r="8" />`,
    );
  }

  #box(cell: Cell, shape: Shape, lines: readonly string[], taken: ReadonlyMap<string, Box>): Box | undefined {
    const around = toScreen(cell, handlesOf(shape));
    if (lines.length === 0 || around.length === 0) return undefined;
    const size = boxSize(lines, this.#family);
    const at = shape.textAt && cell.toScreen(shape.textAt);
    return at ? { x: at[0], y: at[1], ...size } : placeBox(size, around, cell, [...taken.values()]);
  }

  #text(cell: Cell, shape: Shape, lines: readonly string[], box: Box): SVGTemplateResult {
    const leader = leaderOf(cell, shape, box);
    return svg`
      ${leader ? svg`<path class="rim" d=${leader} /><path class="leader" d=${leader} />` : nothing}
      <rect class="box" x=${box.x} y=${box.y} width=${box.width} height=${box.height} />
      ${this.#lines(lines, box)}
    `;
  }

  #lines(lines: readonly string[], box: Box): SVGTemplateResult[] {
    return lines.map((line, index) => {
      const [x, y] = linePlace(box, index);
      return svg`<text x=${x} y=${y}>${line}</text>`;
    });
  }
}

/** All of the points on the screen, or none. */
function toScreen(cell: Cell, points: readonly ImagePoint[]): ScreenPoint[] {
  const places = points.map((point) => cell.toScreen(point)).filter((place) => place !== undefined);
  return places.length === points.length ? places : [];
}

const round = (value: number): number => Math.round(value * 100) / 100;

function pathOf(points: readonly ScreenPoint[], closed: boolean): string {
  if (points.length < 2) return '';
  return `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}${closed ? 'Z' : ''}`;
}

/** A short line across the end of a length: its place is seen better than that of a bare end. */
function tick([x, y]: ScreenPoint, other: ScreenPoint): string {
  const length = distance([x, y], other);
  if (length === 0) return '';
  const [dx, dy] = [((other[1] - y) / length) * TICK_PX, ((x - other[0]) / length) * TICK_PX];
  return pathOf(
    [
      [x - dx, y - dy],
      [x + dx, y + dy],
    ],
    false,
  );
}

/** A cross whose middle stays free: what is probed remains visible. */
function cross([x, y]: ScreenPoint): string {
  const gap = 3;
  return [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ]
    .map(
      ([dx = 0, dy = 0]) =>
        `M${round(x + dx * gap)} ${round(y + dy * gap)}L${round(x + dx * CROSS_PX)} ${round(y + dy * CROSS_PX)}`,
    )
    .join('');
}

function arrowHead([x, y]: ScreenPoint, tail: ScreenPoint): string {
  const length = distance([x, y], tail);
  if (length === 0) return '';
  const [dx, dy] = [((tail[0] - x) / length) * HEAD_PX, ((tail[1] - y) / length) * HEAD_PX];
  return pathOf(
    [
      [x, y],
      [x + dx - dy * 0.4, y + dy + dx * 0.4],
      [x + dx + dy * 0.4, y + dy - dx * 0.4],
    ],
    true,
  );
}

/** From the text to the nearest place of its lines, where these are not close by. */
function leaderOf(cell: Cell, shape: Shape, box: Box): string | undefined {
  const strokes = strokesOf(shape).map(({ points, closed }) => {
    const line = toScreen(cell, points);
    return closed && line[0] ? [...line, line[0]] : line;
  });
  const segments = strokes.flatMap((line) => line.slice(1).map((to, index) => [line[index] ?? to, to] as const));
  const only = toScreen(cell, shape.points)[0];
  if (segments.length === 0 && only) segments.push([only, only]);
  const middleOfBox: ScreenPoint = [box.x + box.width / 2, box.y + box.height / 2];
  let best: { point: ScreenPoint; away: number } | undefined;
  for (const [from, to] of segments) {
    const point = nearestOnSegment(middleOfBox, from, to);
    const away = distance(point, nearestOnBox(box, point));
    if (!best || away < best.away) best = { point, away };
  }
  if (!best || best.away < LEADER_FROM_PX) return undefined;
  return pathOf([nearestOnBox(box, best.point), best.point], false);
}

function nearestOnSegment(at: ScreenPoint, from: ScreenPoint, to: ScreenPoint): ScreenPoint {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  if (length === 0 || distanceToSegment(at, from, to) === 0) return from;
  const share = Math.min(1, Math.max(0, ((at[0] - from[0]) * dx + (at[1] - from[1]) * dy) / length));
  return [from[0] + share * dx, from[1] + share * dy];
}
