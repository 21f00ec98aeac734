import type { Frame, ImagePlane } from '../dicom/frame.ts';
import { add, cross, dot, length, scale, type Vector } from '../dicom/vector.ts';
import type { ImagePoint } from '../extension/contract.ts';

/** Planes under this angle to each other get no line: it would jump across the image with every slice (our choice). */
const LEAST_ANGLE_SINE = Math.sin((5 * Math.PI) / 180);
/** Planes up to this angle to each other (25°) count as one direction and can be scrolled together (our choice). */
const PARALLEL_COSINE = Math.cos((25 * Math.PI) / 180);
/** Places this near, in mm, are one place. */
const SAME_PLACE_MM = 1e-3;

/** A line on an image, in its pixels. */
export type ImageLine = readonly [from: ImagePoint, to: ImagePoint];

/** A frame whose every pixel has a place in the patient. */
export interface PlacedFrame {
  readonly frame: Frame;
  readonly plane: ImagePlane;
  /** Unit vector. */
  readonly normal: Vector;
  readonly rowMm: number;
  readonly columnMm: number;
}

const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** `undefined` for a frame without a plane or whose millimetres are not the patient's. */
export function placeFrame(frame: Frame | undefined): PlacedFrame | undefined {
  const { plane, spacing } = frame ?? {};
  if (!frame || !plane || !spacing?.inPatient) return undefined;
  const normal = cross(plane.row, plane.column);
  return {
    frame,
    plane,
    normal: scale(normal, 1 / length(normal)),
    rowMm: spacing.rowMm,
    columnMm: spacing.columnMm,
  };
}

/**
 * Whether positions of both mean the same place: both name one Frame of Reference.
 * @dicom PS3.3 C.7.4.1.1.1
 */
export function sameFrameOfReference(a: Frame | undefined, b: Frame | undefined): boolean {
  const uid = a?.plane?.frameOfReferenceUID;
  return uid !== undefined && uid === b?.plane?.frameOfReferenceUID;
}

/** Whether two images are cut in one direction, from whichever side. */
export function areParallel(a: PlacedFrame, b: PlacedFrame): boolean {
  return Math.abs(dot(a.normal, b.normal)) >= PARALLEL_COSINE;
}

/**
 * The place in the patient, in mm, of a point of an image. Image Position (Patient) is the middle of the first pixel, which is (0.5, 0.5).
 * @dicom PS3.3 C.7.6.2.1.1
 */
export function toPatient({ plane, rowMm, columnMm }: PlacedFrame, [x, y]: ImagePoint): Vector {
  return add(plane.position, add(scale(plane.row, (x - 0.5) * columnMm), scale(plane.column, (y - 0.5) * rowMm)));
}

/** The foot of a place in the patient on an image. */
export function toImagePoint({ plane, rowMm, columnMm }: PlacedFrame, position: Vector): ImagePoint {
  const offset = subtract(position, plane.position);
  return [dot(offset, plane.row) / columnMm + 0.5, dot(offset, plane.column) / rowMm + 0.5];
}

/** How far a place lies from the image's plane, in mm; positive on the side its normal points to. */
export function distanceMm({ plane, normal }: PlacedFrame, position: Vector): number {
  return dot(subtract(position, plane.position), normal);
}

/** The middle of an image, in the patient. */
export function middleOf(placed: PlacedFrame): Vector {
  const { rows, columns } = placed.frame.pixels;
  return toPatient(placed, [columns / 2, rows / 2]);
}

/** Whether a point lies on the image. */
export function isOnImage({ frame }: PlacedFrame, [x, y]: ImagePoint): boolean {
  return x >= 0 && y >= 0 && x <= frame.pixels.columns && y <= frame.pixels.rows;
}

/**
 * Where the area of `source` cuts `target`: the localiser line, in pixels of `target`, clipped to its image.
 * @returns `undefined` when they do not meet, or all but lie in one direction
 */
export function localiserLine(target: PlacedFrame, source: PlacedFrame): ImageLine | undefined {
  if (length(cross(target.normal, source.normal)) < LEAST_ANGLE_SINE) return undefined;
  const cut = cutByPlane(corners(source), target);
  if (!cut) return undefined;
  const { rows, columns } = target.frame.pixels;
  return clipLine(toImagePoint(target, cut[0]), toImagePoint(target, cut[1]), columns, rows);
}

function corners(placed: PlacedFrame): Vector[] {
  const { rows, columns } = placed.frame.pixels;
  const points: ImagePoint[] = [
    [0, 0],
    [columns, 0],
    [columns, rows],
    [0, rows],
  ];
  return points.map((point) => toPatient(placed, point));
}

/** The two places where the outline of a convex area crosses a plane. */
function cutByPlane(outline: readonly Vector[], plane: PlacedFrame): [Vector, Vector] | undefined {
  const crossings: Vector[] = [];
  outline.forEach((from, index) => {
    const to = outline[(index + 1) % outline.length] ?? from;
    const before = distanceMm(plane, from);
    const after = distanceMm(plane, to);
    // A corner in the plane belongs to the edge that begins with it, lest it counts twice.
    if (before === 0) crossings.push(from);
    else if (before * after < 0) crossings.push(add(from, scale(subtract(to, from), before / (before - after))));
  });
  const [first, second] = crossings;
  return first && second && length(subtract(second, first)) > SAME_PLACE_MM ? [first, second] : undefined;
}

/** The part of a line within 0…width, 0…height. (Liang and Barsky's way.) */
function clipLine([x0, y0]: ImagePoint, [x1, y1]: ImagePoint, width: number, height: number): ImageLine | undefined {
  const dx = x1 - x0;
  const dy = y1 - y0;
  let from = 0;
  let to = 1;
  for (const [step, room] of [
    [-dx, x0],
    [dx, width - x0],
    [-dy, y0],
    [dy, height - y0],
  ] as const) {
    if (step === 0) {
      if (room < 0) return undefined;
    } else if (step < 0) from = Math.max(from, room / step);
    else to = Math.min(to, room / step);
  }
  if (from >= to) return undefined;
  return [
    [x0 + from * dx, y0 + from * dy],
    [x0 + to * dx, y0 + to * dy],
  ];
}

/**
 * The slice nearest to a place: index into `frames`, and how far away, in mm.
 * Of slices at one place (phases, echoes) the one nearest to `near` in the stack, so that a phase once chosen stays.
 */
export function nearestSlice(
  frames: readonly Frame[],
  position: Vector,
  near = 0,
): { readonly index: number; readonly distanceMm: number } | undefined {
  let best: { index: number; distanceMm: number } | undefined;
  frames.forEach((frame, index) => {
    const placed = placeFrame(frame);
    if (!placed) return;
    const away = Math.abs(distanceMm(placed, position));
    const nearer = !best || away < best.distanceMm - SAME_PLACE_MM;
    const same = best && Math.abs(away - best.distanceMm) <= SAME_PLACE_MM;
    if (nearer || (same && best && Math.abs(index - near) < Math.abs(best.index - near)))
      best = { index, distanceMm: away };
  });
  return best;
}

/** How far apart, in mm, the slices of a stack lie around one of them; `undefined` for a single slice. */
export function sliceDistanceMm(frames: readonly Frame[], index: number): number | undefined {
  const own = placeFrame(frames[index]);
  if (!own) return undefined;
  const distances = [frames[index - 1], frames[index + 1]]
    .map(placeFrame)
    .filter((placed) => placed !== undefined)
    .map((placed) => Math.abs(distanceMm(own, placed.plane.position)))
    .filter((distance) => distance > SAME_PLACE_MM);
  return distances.length > 0 ? Math.max(...distances) : undefined;
}

/** Whether a place counts as being in a slice of a stack: within half the slice, or half the way to its neighbours. */
export function liesInSlice(frames: readonly Frame[], index: number, position: Vector): boolean {
  const placed = placeFrame(frames[index]);
  if (!placed) return false;
  const depthMm = Math.max(placed.frame.sliceThicknessMm ?? 0, sliceDistanceMm(frames, index) ?? 0, 1);
  return Math.abs(distanceMm(placed, position)) <= depthMm / 2 + SAME_PLACE_MM;
}
