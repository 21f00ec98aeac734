import type { ImagePoint } from '../extension/contract.ts';

/** A vector in units that are the same both ways. */
export type Plane = readonly [x: number, y: number];

export const minus = (a: Plane, b: Plane): Plane => [a[0] - b[0], a[1] - b[1]];
export const plus = (a: Plane, b: Plane): Plane => [a[0] + b[0], a[1] + b[1]];
export const middle = (a: ImagePoint, b: ImagePoint): ImagePoint => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
export const distance = (a: Plane, b: Plane): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
const cross = (a: Plane, b: Plane): number => a[0] * b[1] - a[1] * b[0];
const dot = (a: Plane, b: Plane): number => a[0] * b[0] + a[1] * b[1];

/** Between two directions, 0 to 180 degrees; `undefined` when one has no length. */
export function angleBetween(a: Plane, b: Plane): number | undefined {
  if (Math.hypot(...a) === 0 || Math.hypot(...b) === 0) return undefined;
  return (Math.atan2(Math.abs(cross(a, b)), dot(a, b)) * 180) / Math.PI;
}

/**
 * The Cobb angle between two lines, in degrees: of the wedge that holds both lines, whichever way they were drawn. It may be above 90. Where
 * one line crosses the other there is no such wedge: the acute angle counts.
 */
export function cobbAngle([a, b, c, d]: readonly [Plane, Plane, Plane, Plane]): number | undefined {
  const first = minus(b, a);
  const second = minus(d, c);
  const between = angleBetween(first, second);
  if (between === undefined) return undefined;
  const acute = Math.min(between, 180 - between);
  const denominator = cross(first, second);
  if (Math.abs(denominator) < 1e-9 * Math.hypot(...first) * Math.hypot(...second)) return acute;
  const share = cross(minus(c, a), second) / denominator;
  const apex = plus(a, [first[0] * share, first[1] * share]);
  const along = dot(minus(apex, c), second) / dot(second, second);
  if ((share > 0 && share < 1) || (along > 0 && along < 1)) return acute;
  return angleBetween(minus(middle(a, b), apex), minus(middle(c, d), apex));
}

/** Half axes of an ellipse from the ends of its axes. */
export interface EllipseShape {
  readonly center: ImagePoint;
  readonly u: Plane;
  readonly v: Plane;
}

/** @param points the ends of one axis, then of the other */
export function ellipseOf([a, b, c, d]: readonly ImagePoint[]): EllipseShape | undefined {
  if (!a || !b || !c || !d) return undefined;
  return {
    center: middle(middle(a, b), middle(c, d)),
    u: [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2],
    v: [(d[0] - c[0]) / 2, (d[1] - c[1]) / 2],
  };
}

/** The ellipse inside a box, as ends of its axes: left, right, top, bottom. */
export function ellipseIn(one: ImagePoint, other: ImagePoint): ImagePoint[] {
  const [x, y] = middle(one, other);
  const left = Math.min(one[0], other[0]);
  const right = Math.max(one[0], other[0]);
  const top = Math.min(one[1], other[1]);
  const bottom = Math.max(one[1], other[1]);
  return [
    [left, y],
    [right, y],
    [x, top],
    [x, bottom],
  ];
}

/** The corners of a rectangle in order, from two opposite ones. */
export function cornersOf(one: ImagePoint, other: ImagePoint): ImagePoint[] {
  return [one, [other[0], one[1]], other, [one[0], other[1]]];
}

/** Area in square pixels of a closed line that does not cross itself. */
export function polygonArea(points: readonly ImagePoint[]): number {
  let twice = 0;
  points.forEach((point, index) => {
    twice += cross(point, points[(index + 1) % points.length] ?? point);
  });
  return Math.abs(twice) / 2;
}

/** Whether a closed line crosses or touches itself: it has no area then. */
export function crossesItself(points: readonly ImagePoint[]): boolean {
  const count = points.length;
  const at = (index: number): ImagePoint => points[index % count] ?? [0, 0];
  for (let first = 0; first < count; first += 1) {
    for (let second = first + 2; second < count; second += 1) {
      if (first === 0 && second === count - 1) continue;
      if (segmentsCross(at(first), at(first + 1), at(second), at(second + 1))) return true;
    }
  }
  return false;
}

/**
 * A line drawn around something by hand, without what was drawn beyond the place where it met itself: nobody comes back to the very point
 * he began at. The corner where the loop closes is put in. Loops of less than half of the corners are no ends but folds, and stay.
 */
export function withoutTails(points: readonly ImagePoint[]): ImagePoint[] {
  let best: { from: number; to: number; corner: ImagePoint } | undefined;
  for (let first = 0; first + 1 < points.length; first += 1) {
    for (let second = points.length - 2; second > first + 1; second -= 1) {
      if (second - first <= (best ? best.to - best.from : points.length / 2)) break;
      const [a, b, c, d] = [points[first], points[first + 1], points[second], points[second + 1]];
      if (!a || !b || !c || !d || !segmentsCross(a, b, c, d)) continue;
      const share = cross(minus(c, a), minus(d, c)) / cross(minus(b, a), minus(d, c));
      best = { from: first, to: second, corner: [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])] };
    }
  }
  return best ? [best.corner, ...points.slice(best.from + 1, best.to + 1)] : [...points];
}

function segmentsCross(a: ImagePoint, b: ImagePoint, c: ImagePoint, d: ImagePoint): boolean {
  const side = (p: ImagePoint, q: ImagePoint, r: ImagePoint): number => Math.sign(cross(minus(q, p), minus(r, p)));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}
