import type { ImagePoint } from '../extension/contract.ts';
import type { Annotation } from './annotation.ts';
import { cornersOf, ellipseOf } from './geometry.ts';

type Drawn = Pick<Annotation, 'kind' | 'points'>;

/** A line to be drawn, on the image. */
export interface Stroke {
  readonly points: readonly ImagePoint[];
  readonly closed: boolean;
}

/** Straight pieces that an ellipse is drawn with: at a radius of 400 pixels they are 0.2 pixels off. */
const ELLIPSE_PIECES = 96;

export function strokesOf({ kind, points }: Drawn): Stroke[] {
  const [a, b, c, d] = points;
  switch (kind) {
    case 'length':
    case 'arrow':
      return a && b ? [{ points: [a, b], closed: false }] : [];
    case 'angle':
      return [{ points, closed: false }];
    case 'cobb':
      return [
        ...(a && b ? [{ points: [a, b], closed: false }] : []),
        ...(c && d ? [{ points: [c, d], closed: false }] : []),
      ];
    case 'rectangle':
      return a && b ? [{ points: cornersOf(a, b), closed: true }] : [];
    case 'ellipse':
      return ellipseStroke(points);
    case 'freehand':
      return [{ points, closed: true }];
    default:
      return [];
  }
}

function ellipseStroke(points: readonly ImagePoint[]): Stroke[] {
  const ellipse = ellipseOf(points);
  if (!ellipse) return [];
  const { center, u, v } = ellipse;
  const around = Array.from({ length: ELLIPSE_PIECES }, (_, index): ImagePoint => {
    const angle = (2 * Math.PI * index) / ELLIPSE_PIECES;
    const [s, t] = [Math.cos(angle), Math.sin(angle)];
    return [center[0] + s * u[0] + t * v[0], center[1] + s * u[1] + t * v[1]];
  });
  return [{ points: around, closed: true }];
}

/** Where it can be taken hold of. */
export function handlesOf({ kind, points }: Drawn): readonly ImagePoint[] {
  const [a, b] = points;
  return kind === 'rectangle' && a && b ? cornersOf(a, b) : points;
}

/** The points after a handle was moved to a place. */
export function moveHandle({ kind, points }: Drawn, handle: number, to: ImagePoint): readonly ImagePoint[] {
  if (kind === 'rectangle') return moveCorner(points, handle, to);
  if (kind === 'ellipse') return moveAxisEnd(points, handle, to);
  return points.map((point, index) => (index === handle ? to : point));
}

function moveCorner(points: readonly ImagePoint[], handle: number, [x, y]: ImagePoint): readonly ImagePoint[] {
  const [one, other] = points;
  if (!one || !other) return points;
  // The corners in order share x or y with one of the two points each.
  return [
    [handle === 0 || handle === 3 ? x : one[0], handle === 0 || handle === 1 ? y : one[1]],
    [handle === 1 || handle === 2 ? x : other[0], handle === 2 || handle === 3 ? y : other[1]],
  ];
}

/** The other end of the axis stays; the axis keeps its direction, and the other axis its length. */
function moveAxisEnd(points: readonly ImagePoint[], handle: number, to: ImagePoint): readonly ImagePoint[] {
  const fixed = points[handle ^ 1];
  const moved = points[handle];
  if (!fixed || !moved) return points;
  const along = Math.hypot(moved[0] - fixed[0], moved[1] - fixed[1]);
  const [x, y] = along === 0 ? (handle < 2 ? [1, 0] : [0, 1]) : [moved[0] - fixed[0], moved[1] - fixed[1]];
  const size = along || 1;
  const share = ((to[0] - fixed[0]) * x + (to[1] - fixed[1]) * y) / size ** 2;
  const end: ImagePoint = [fixed[0] + x * share, fixed[1] + y * share];
  const shift: ImagePoint = [(end[0] - moved[0]) / 2, (end[1] - moved[1]) / 2];
  return points.map((point, index): ImagePoint => {
    if (index === handle) return end;
    return index === (handle ^ 1) ? point : [point[0] + shift[0], point[1] + shift[1]];
  });
}

export interface ImageSize {
  readonly columns: number;
  readonly rows: number;
}

export const isInside = ([x, y]: ImagePoint, { columns, rows }: ImageSize): boolean =>
  x >= 0 && y >= 0 && x <= columns && y <= rows;

export const clamp = ([x, y]: ImagePoint, { columns, rows }: ImageSize): ImagePoint => [
  Math.min(columns, Math.max(0, x)),
  Math.min(rows, Math.max(0, y)),
];

/** Moves all of it, as far as the image goes. */
export function moveAll(points: readonly ImagePoint[], by: ImagePoint, size: ImageSize): readonly ImagePoint[] {
  const limit = (axis: 0 | 1, most: number): number => {
    const values = points.map((point) => point[axis]);
    const [low, high] = [-Math.min(...values), most - Math.max(...values)];
    // What a file brought from outside of the image may go back there, and no further.
    return Math.min(Math.max(high, 0), Math.max(Math.min(low, 0), by[axis]));
  };
  const [dx, dy] = [limit(0, size.columns), limit(1, size.rows)];
  return points.map(([x, y]): ImagePoint => [x + dx, y + dy]);
}

/** Leaves out corners that lie less than `tolerance` off the line between their neighbours. Douglas and Peucker. */
export function simplify(points: readonly ImagePoint[], tolerance: number): ImagePoint[] {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 3) return [...points];
  let farthest = 0;
  let most = 0;
  points.forEach((point, index) => {
    const off = distanceToSegment(point, first, last);
    if (off > most) [farthest, most] = [index, off];
  });
  if (most <= tolerance) return [first, last];
  return [
    ...simplify(points.slice(0, farthest + 1), tolerance).slice(0, -1),
    ...simplify(points.slice(farthest), tolerance),
  ];
}

export function distanceToSegment(
  [x, y]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}
