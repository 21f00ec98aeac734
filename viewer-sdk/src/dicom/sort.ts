import type { Frame } from './frame.ts';
import { cross, dot, type Vector } from './vector.ts';

/** Normals closer than this (cosine) are the same direction. */
const SAME_DIRECTION = 0.99;

/**
 * The frames of a series in reading order. Where all frames share one direction, along that direction:
 * axial slices head first, coronal ones from the front, sagittal ones from the right; frames at one place (phases, echoes) by instance and frame number. Otherwise by instance number.
 * A multi-frame instance without positions keeps its own order. @dicom PS3.3 C.7.6.2.1.1
 */
export function sortFrames(frames: readonly Frame[]): Frame[] {
  const byNumber = [...frames].sort(compareNumbers);
  const normal = commonNormal(byNumber);
  if (!normal) return byNumber;
  const places = new Map(byNumber.map((frame) => [frame, dot(frame.plane?.position ?? [0, 0, 0], normal)]));
  const distinct = new Set([...places.values()].map((place) => Math.round(place * 1000)));
  // One place alone (a cine at one slice, a localiser): time decides.
  if (distinct.size < 2) return byNumber;
  return byNumber.sort((a, b) => {
    const difference = (places.get(a) ?? 0) - (places.get(b) ?? 0);
    return Math.abs(difference) > 1e-3 ? difference : compareNumbers(a, b);
  });
}

function compareNumbers(a: Frame, b: Frame): number {
  return (
    (a.instanceNumber ?? Number.MAX_SAFE_INTEGER) - (b.instanceNumber ?? Number.MAX_SAFE_INTEGER) ||
    compareUids(a.SOPInstanceUID, b.SOPInstanceUID) ||
    a.frameNumber - b.frameNumber
  );
}

/** Component by component as numbers, so that …10 comes after …9. */
function compareUids(a: string, b: string): number {
  return a === b ? 0 : a.localeCompare(b, 'en', { numeric: true });
}

/**
 * The direction all frames share, turned so that axial slices go from head to feet as they are read,
 * coronal ones from front to back, sagittal ones from the patient's right to his left.
 */
function commonNormal(frames: readonly Frame[]): Vector | undefined {
  const first = frames[0]?.plane;
  if (!first) return undefined;
  const normal = cross(first.row, first.column);
  for (const { plane } of frames) {
    if (!plane || plane.frameOfReferenceUID !== first.frameOfReferenceUID) return undefined;
    if (dot(cross(plane.row, plane.column), normal) < SAME_DIRECTION) return undefined;
  }
  const axis = [0, 1, 2].reduce(
    (best, index) => (Math.abs(normal[index] ?? 0) > Math.abs(normal[best] ?? 0) ? index : best),
    0,
  );
  const readingSign = axis === 2 ? -1 : 1;
  return (normal[axis] ?? 0) * readingSign < 0 ? [-normal[0], -normal[1], -normal[2]] : normal;
}
