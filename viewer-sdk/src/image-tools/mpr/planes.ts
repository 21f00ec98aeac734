import { add, dot, scale, type Vector } from '../../dicom/vector.ts';
import { toPatient, toVoxel, type VolumeGeometry } from '../../dicom/volume.ts';
import type { PlaneRequest, Projection } from './reslice.ts';

/** The three views through the patient, as radiology hangs them. */
export const PLANES = ['axial', 'coronal', 'sagittal'] as const;
export type PlaneName = (typeof PLANES)[number];

/** Where the screen's right and down point in the patient, and where one looks to. */
export const DIRECTIONS: Readonly<
  Record<PlaneName, { readonly right: Vector; readonly down: Vector; readonly through: Vector }>
> = {
  axial: { right: [1, 0, 0], down: [0, 1, 0], through: [0, 0, 1] },
  coronal: { right: [1, 0, 0], down: [0, 0, -1], through: [0, 1, 0] },
  sagittal: { right: [0, 1, 0], down: [0, 0, -1], through: [1, 0, 0] },
};

/** Letters at the left, upper, right and lower edge. */
export const EDGES: Readonly<Record<PlaneName, readonly [left: string, top: string, right: string, bottom: string]>> = {
  axial: ['R', 'A', 'L', 'P'],
  coronal: ['R', 'H', 'L', 'F'],
  sagittal: ['A', 'H', 'P', 'F'],
};

const MOST_PIXELS = 768;

/** A view's picture: its place in the patient and its size. */
export interface PlaneView {
  readonly width: number;
  readonly height: number;
  /** Millimetres from pixel to pixel, both ways. */
  readonly pixelMm: number;
  /** Least and most place of the volume along the view's three directions, in mm. */
  readonly right: readonly [number, number];
  readonly down: readonly [number, number];
  readonly through: readonly [number, number];
}

/** The box of the volume as a view sees it: middles of the outermost voxels. */
export function planeView(geometry: VolumeGeometry, name: PlaneName): PlaneView {
  const { right, down, through } = DIRECTIONS[name];
  const [columns, rows, slices] = geometry.size;
  const ends = (count: number): readonly number[] => [0, count - 1];
  const corners = ends(columns).flatMap((i) =>
    ends(rows).flatMap((j) => ends(slices).map((k) => toPatient(geometry, [i, j, k]))),
  );
  const span = (direction: Vector): [number, number] => {
    const places = corners.map((corner) => dot(corner, direction));
    return [Math.min(...places), Math.max(...places)];
  };
  const [along, across, deep] = [span(right), span(down), span(through)];
  const finest = Math.min(...geometry.spacingMm);
  const largest = Math.max(along[1] - along[0], across[1] - across[0]);
  const pixelMm = Math.max(finest, largest / (MOST_PIXELS - 1));
  const count = (range: readonly [number, number]): number =>
    Math.max(1, Math.round((range[1] - range[0]) / pixelMm) + 1);
  return { width: count(along), height: count(across), pixelMm, right: along, down: across, through: deep };
}

/** What to compute for a view through a place of the patient. @param slabMm thickness; 0 is the plane alone */
export function planeRequest(
  geometry: VolumeGeometry,
  name: PlaneName,
  view: PlaneView,
  point: Vector,
  slabMm: number,
  projection: Projection,
): PlaneRequest {
  const { right, down, through } = DIRECTIONS[name];
  const corner = add(add(scale(right, view.right[0]), scale(down, view.down[0])), scale(through, dot(point, through)));
  const step = Math.min(...geometry.spacingMm);
  const samples = slabMm <= 0 ? 1 : Math.max(1, Math.round(slabMm / step) + 1);
  const direction = (vector: Vector, byMm: number): Vector => {
    const end = toVoxel(geometry, add(corner, scale(vector, byMm)));
    return add(end, scale(toVoxel(geometry, corner), -1));
  };
  return {
    width: view.width,
    height: view.height,
    origin: toVoxel(geometry, corner),
    right: direction(right, view.pixelMm),
    down: direction(down, view.pixelMm),
    through: direction(through, samples > 1 ? slabMm / (samples - 1) : step),
    samples,
    projection,
  };
}
