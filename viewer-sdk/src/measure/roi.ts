import type { ValueSpan } from '../dicom/tone-curve.ts';
import type { PixelGrid } from '../engine/contract.ts';
import type { ImagePoint } from '../extension/contract.ts';
import type { Annotation } from './annotation.ts';
import { cornersOf, crossesItself, ellipseOf, polygonArea } from './geometry.ts';

/** What lies inside an outline on a frame. */
export interface RoiShape {
  /** Of the outline itself, in square pixels. */
  readonly area: number;
  /** The part of a row that lies inside, as pairs of x from left to right. @param y of the row's middle line */
  spans(y: number): number[];
  readonly top: number;
  readonly bottom: number;
}

export interface RoiStatistics {
  readonly count: number;
  readonly mean: number;
  /** Of the pixels inside, which are all there are: the sum of squares is divided by their number. */
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Pixels inside that are padding. */
  readonly padded: number;
}

/** No value lies in it. */
const NO_PADDING: ValueSpan = { lowest: Number.POSITIVE_INFINITY, highest: Number.NEGATIVE_INFINITY };

/** @returns `undefined` for what has no inside, an outline that crosses itself included */
export function roiShape({ kind, points }: Pick<Annotation, 'kind' | 'points'>): RoiShape | undefined {
  if (kind === 'ellipse') return ellipseShape(points);
  if (kind === 'freehand') return points.length < 3 || crossesItself(points) ? undefined : polygonShape(points);
  const [one, other] = points;
  return kind === 'rectangle' && one && other ? polygonShape(cornersOf(one, other)) : undefined;
}

function ellipseShape(points: readonly ImagePoint[]): RoiShape | undefined {
  const ellipse = ellipseOf(points);
  if (!ellipse) return undefined;
  const { center, u, v } = ellipse;
  const determinant = u[0] * v[1] - u[1] * v[0];
  const halfHeight = Math.hypot(u[1], v[1]);
  return {
    area: Math.PI * Math.abs(determinant),
    top: center[1] - halfHeight,
    bottom: center[1] + halfHeight,
    spans(y) {
      // With (x, y) = center + s·u + t·v, s² + t² = 1 is a quadratic equation in x.
      if (determinant === 0) return [];
      const dy = y - center[1];
      const a = v[1] ** 2 + u[1] ** 2;
      const b = -2 * dy * (v[0] * v[1] + u[0] * u[1]);
      const c = dy ** 2 * (v[0] ** 2 + u[0] ** 2) - determinant ** 2;
      const root = b * b - 4 * a * c;
      if (root < 0 || a === 0) return [];
      const half = Math.sqrt(root);
      return [center[0] + (-b - half) / (2 * a), center[0] + (-b + half) / (2 * a)];
    },
  };
}

function polygonShape(points: readonly ImagePoint[]): RoiShape {
  return {
    area: polygonArea(points),
    top: Math.min(...points.map(([, y]) => y)),
    bottom: Math.max(...points.map(([, y]) => y)),
    spans(y) {
      const crossings: number[] = [];
      points.forEach(([x1, y1], index) => {
        const [x2, y2] = points[(index + 1) % points.length] ?? [x1, y1];
        // Half open, so that a corner on the line counts once.
        if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
      });
      return crossings.sort((one, other) => one - other);
    },
  };
}

/**
 * The values inside an outline. The rule: a pixel counts when its middle lies inside; one exactly on the outline counts on the left and
 * upper side and not on the right and lower, so that two areas with a common edge share no pixel. What lies outside of the image does not
 * count, and neither does padding.
 * @returns `undefined` for colour; a count of 0 when no pixel's middle lies inside
 * @dicom PS3.3 C.7.5.1.1.2
 */
export function roiStatistics(shape: RoiShape, grid: PixelGrid): RoiStatistics | undefined {
  if (grid.samplesPerPixel !== 1) return undefined;
  const { rows, columns, data } = grid;
  const { lowest, highest } = grid.padding ?? NO_PADDING;
  let padded = 0;
  let count = 0;
  let mean = 0;
  let squares = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  const first = Math.max(0, Math.floor(shape.top - 0.5));
  const last = Math.min(rows - 1, Math.ceil(shape.bottom));
  for (let row = first; row <= last; row += 1) {
    const spans = shape.spans(row + 0.5);
    for (let pair = 0; pair + 1 < spans.length; pair += 2) {
      const from = Math.max(0, Math.ceil((spans[pair] ?? 0) - 0.5));
      const to = Math.min(columns, Math.ceil((spans[pair + 1] ?? 0) - 0.5));
      for (let column = from; column < to; column += 1) {
        const value = data[row * columns + column] ?? 0;
        if (value >= lowest && value <= highest) {
          padded += 1;
          continue;
        }
        // Welford: no difference of large sums.
        count += 1;
        const delta = value - mean;
        mean += delta / count;
        squares += delta * (value - mean);
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
    }
  }
  const standardDeviation = Math.sqrt(squares / Math.max(1, count));
  return { count, mean, standardDeviation, minimum, maximum, padded };
}
