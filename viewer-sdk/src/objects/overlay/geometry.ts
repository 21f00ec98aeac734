import type { Frame, ImagePlane } from '../../dicom/frame.ts';
import { add, cross, dot, scale, type Vector } from '../../dicom/vector.ts';

/** A grid of pixels in the patient. */
export interface PlaneGrid {
  readonly plane: ImagePlane;
  /** Between centres: down a column, along a row. */
  readonly rowMm: number;
  readonly columnMm: number;
}

/** Maps (u, v) to (a·u + c·v + e, b·u + d·v + f), as SVG's `matrix(a b c d e f)`. */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const normalOf = ({ row, column }: ImagePlane): Vector => cross(row, column);

/** The frame's grid; `undefined` where the file does not say where it lies in the patient. */
export function gridOf(frame: Frame): PlaneGrid | undefined {
  const { plane, spacing } = frame;
  return plane && spacing?.inPatient ? { plane, rowMm: spacing.rowMm, columnMm: spacing.columnMm } : undefined;
}

/** Where a point of the patient lies on a grid: its pixel coordinates, and how far above the plane in mm. */
export function project(
  point: Vector,
  { plane, rowMm, columnMm }: PlaneGrid,
): { x: number; y: number; distance: number } {
  const from = subtract(point, plane.position);
  return {
    x: dot(from, plane.row) / columnMm + 0.5,
    y: dot(from, plane.column) / rowMm + 0.5,
    distance: dot(from, normalOf(plane)),
  };
}

/** How far apart two parallel grids are, in mm; `undefined` when they are not parallel. */
export function distanceBetween(a: PlaneGrid, b: PlaneGrid): number | undefined {
  const normal = normalOf(a.plane);
  if (Math.abs(dot(normal, normalOf(b.plane))) < 0.999) return undefined;
  return Math.abs(dot(subtract(b.plane.position, a.plane.position), normal));
}

/** Pixel coordinates of one grid in those of another in the same plane. */
export function gridToGrid(from: PlaneGrid, to: PlaneGrid): Affine {
  const place = (u: number, v: number) => {
    const along = scale(from.plane.row, (u - 0.5) * from.columnMm);
    const down = scale(from.plane.column, (v - 0.5) * from.rowMm);
    return project(add(add(from.plane.position, along), down), to);
  };
  const [origin, right, below] = [place(0, 0), place(1, 0), place(0, 1)];
  return {
    a: right.x - origin.x,
    b: right.y - origin.y,
    c: below.x - origin.x,
    d: below.y - origin.y,
    e: origin.x,
    f: origin.y,
  };
}

/** First `inner`, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  return {
    a: outer.a * inner.a + outer.c * inner.b,
    b: outer.b * inner.a + outer.d * inner.b,
    c: outer.a * inner.c + outer.c * inner.d,
    d: outer.b * inner.c + outer.d * inner.d,
    e: outer.a * inner.e + outer.c * inner.f + outer.e,
    f: outer.b * inner.e + outer.d * inner.f + outer.f,
  };
}

export const toMatrix = ({ a, b, c, d, e, f }: Affine): string => `matrix(${[a, b, c, d, e, f].join(' ')})`;

/** Half of what a slice covers: what is farther from its plane belongs to a neighbour. */
export const reachMm = (frame: Frame): number => Math.max(0.05, (frame.sliceThicknessMm ?? 1) / 2);
