import type { Frame } from './frame.ts';
import { add, cross, dot, length, scale, type Vector } from './vector.ts';

/** A stack of parallel, evenly spaced slices: a box of voxels in the patient. */
export interface VolumeGeometry {
  /** Indices of the frames, in the order of the third direction. */
  readonly order: readonly number[];
  /** Numbers of voxels along a row, down a column, and from slice to slice. */
  readonly size: readonly [columns: number, rows: number, slices: number];
  readonly spacingMm: readonly [number, number, number];
  /** The middle of the first voxel, in the patient. */
  readonly origin: Vector;
  /** Unit vectors along the three directions. */
  readonly axes: readonly [Vector, Vector, Vector];
}

/** Why a series is no volume. */
export type NoVolume = 'few' | 'noPosition' | 'noMillimetres' | 'colour' | 'mixed' | 'uneven' | 'tilted';

const LEAST_SLICES = 3;
/** Gaps may differ by this share of themselves: scanners round positions to hundredths of a millimetre. */
const GAP_TOLERANCE = 0.02;
const ROUNDING_MM = 0.02;
/** Slices may lie this far beside the line of the others. */
const SIDE_TOLERANCE_MM = 0.1;
const PARALLEL = 1e-4;

/** The volume that the frames of a series make, or why they make none. */
export function volumeGeometry(frames: readonly Frame[]): VolumeGeometry | NoVolume {
  const [first] = frames;
  if (!first || frames.length < LEAST_SLICES) return 'few';
  const { plane, spacing, pixels } = first;
  if (!plane) return 'noPosition';
  if (!spacing?.inPatient) return 'noMillimetres';
  if (pixels.samplesPerPixel !== 1 || first.palette) return 'colour';
  const normal = unit(cross(plane.row, plane.column));
  for (const frame of frames) {
    if (!frame.plane) return 'noPosition';
    const same =
      frame.pixels.rows === pixels.rows &&
      frame.pixels.columns === pixels.columns &&
      frame.pixels.samplesPerPixel === 1 &&
      Math.abs((frame.spacing?.rowMm ?? 0) - spacing.rowMm) < 1e-3 &&
      Math.abs((frame.spacing?.columnMm ?? 0) - spacing.columnMm) < 1e-3 &&
      frame.plane.frameOfReferenceUID === plane.frameOfReferenceUID &&
      frame.rescale?.type === first.rescale?.type &&
      length(add(frame.plane.row, scale(plane.row, -1))) < PARALLEL &&
      length(add(frame.plane.column, scale(plane.column, -1))) < PARALLEL;
    if (!same) return 'mixed';
  }
  const positions = frames.map((frame, index) => ({
    index,
    position: frame.plane?.position ?? plane.position,
    along: dot(frame.plane?.position ?? plane.position, normal),
  }));
  positions.sort((a, b) => a.along - b.along);
  const [lowest] = positions;
  const highest = positions.at(-1);
  if (!lowest || !highest) return 'few';
  const gap = (highest.along - lowest.along) / (positions.length - 1);
  if (gap < 1e-3) return 'uneven';
  for (const [place, { position, along }] of positions.entries()) {
    if (Math.abs(along - lowest.along - place * gap) > Math.max(ROUNDING_MM, gap * GAP_TOLERANCE)) return 'uneven';
    const beside = add(add(position, scale(lowest.position, -1)), scale(normal, lowest.along - along));
    if (length(beside) > SIDE_TOLERANCE_MM) return 'tilted';
  }
  return {
    order: positions.map(({ index }) => index),
    size: [pixels.columns, pixels.rows, frames.length],
    spacingMm: [spacing.columnMm, spacing.rowMm, gap],
    origin: lowest.position,
    axes: [unit(plane.row), unit(plane.column), normal],
  };
}

const unit = (vector: Vector): Vector => scale(vector, 1 / length(vector));

/** A place in the patient as voxel numbers; the middle of the first voxel is (0, 0, 0). */
export function toVoxel({ origin, axes, spacingMm }: VolumeGeometry, point: Vector): Vector {
  const from = add(point, scale(origin, -1));
  return [dot(from, axes[0]) / spacingMm[0], dot(from, axes[1]) / spacingMm[1], dot(from, axes[2]) / spacingMm[2]];
}

/** The middle of a voxel in the patient. */
export function toPatient({ origin, axes, spacingMm }: VolumeGeometry, [i, j, k]: Vector): Vector {
  return add(
    add(origin, scale(axes[0], i * spacingMm[0])),
    add(scale(axes[1], j * spacingMm[1]), scale(axes[2], k * spacingMm[2])),
  );
}
