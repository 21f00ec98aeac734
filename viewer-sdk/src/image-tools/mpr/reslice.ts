import type { ValueSpan } from '../../dicom/tone-curve.ts';
import type { Vector } from '../../dicom/vector.ts';

export type Voxels = Int16Array | Uint16Array | Uint8Array | Float32Array;

/** How the values of a slab become one. */
export type Projection = 'mean' | 'maximum' | 'minimum';

/** A picture through a volume, everything in voxel numbers. */
export interface PlaneRequest {
  readonly width: number;
  readonly height: number;
  /** The middle of the upper left pixel. */
  readonly origin: Vector;
  readonly right: Vector;
  readonly down: Vector;
  /** From one sample of the slab to the next; the plane lies in the middle of them. */
  readonly through: Vector;
  readonly samples: number;
  readonly projection: Projection;
}

/** Places this little outside of the middle of the outermost voxels still belong to the volume: half a voxel. */
const EDGE = 0.5;

/** The value at a place, between the middles of voxels; `undefined` outside the volume. Exact at the middle of a voxel. */
export function sampleAt(
  voxels: ArrayLike<number>,
  [columns, rows, slices]: readonly [number, number, number],
  i: number,
  j: number,
  k: number,
): number | undefined {
  if (i < -EDGE || j < -EDGE || k < -EDGE || i > columns - EDGE || j > rows - EDGE || k > slices - EDGE)
    return undefined;
  const x = Math.min(columns - 1, Math.max(0, i));
  const y = Math.min(rows - 1, Math.max(0, j));
  const z = Math.min(slices - 1, Math.max(0, k));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const z0 = Math.floor(z);
  const fx = x - x0;
  const fy = y - y0;
  const fz = z - z0;
  const right = fx > 0 ? 1 : 0;
  const down = fy > 0 ? columns : 0;
  const behind = fz > 0 ? columns * rows : 0;
  const at = (z0 * rows + y0) * columns + x0;
  const line = (place: number): number =>
    right === 0 ? (voxels[place] ?? 0) : (voxels[place] ?? 0) * (1 - fx) + (voxels[place + 1] ?? 0) * fx;
  const face = (place: number): number => (down === 0 ? line(place) : line(place) * (1 - fy) + line(place + down) * fy);
  return behind === 0 ? face(at) : face(at) * (1 - fz) + face(at + behind) * fz;
}

/** A value, or why there is none: nothing was imaged at the place; `undefined` outside the volume. */
export type VoxelValue = number | 'padding' | undefined;

/** What lies this near to the middle of a voxel is meant for it: millimetres go through fractions. */
const WHOLE = 1e-6;

/** The value at a place, in voxel numbers. Between voxels of which one is padding there is none. */
export function valueAt(
  voxels: ArrayLike<number>,
  size: readonly [number, number, number],
  at: Vector,
  padding: ValueSpan | undefined,
): VoxelValue {
  const [i = 0, j = 0, k = 0] = at.map((place) =>
    Math.abs(place - Math.round(place)) < WHOLE ? Math.round(place) : place,
  );
  const value = sampleAt(voxels, size, i, j, k);
  if (value === undefined || !padding) return value;
  const [columns, rows, slices] = size;
  const ends = (place: number, count: number): number[] =>
    [Math.floor(place), Math.ceil(place)].map((end) => Math.min(count - 1, Math.max(0, end)));
  for (const z of ends(k, slices))
    for (const y of ends(j, rows))
      for (const x of ends(i, columns)) if (isIn(padding, voxels[(z * rows + y) * columns + x] ?? 0)) return 'padding';
  return value;
}

const isIn = ({ lowest, highest }: ValueSpan, value: number): boolean => value >= lowest && value <= highest;

/** A plane, or a slab seen along its thickness. Outside the volume, and where there is but padding, the values are NaN. */
export function reslice(
  voxels: ArrayLike<number>,
  size: readonly [number, number, number],
  plane: PlaneRequest,
  padding?: ValueSpan,
): Float32Array<ArrayBuffer> {
  const { width, height, origin, right, down, through, samples, projection } = plane;
  const out = new Float32Array(width * height);
  const first = (samples - 1) / 2;
  for (let v = 0, place = 0; v < height; v += 1) {
    for (let u = 0; u < width; u += 1, place += 1) {
      const i = origin[0] + right[0] * u + down[0] * v;
      const j = origin[1] + right[1] * u + down[1] * v;
      const k = origin[2] + right[2] * u + down[2] * v;
      let result = Number.NaN;
      let count = 0;
      for (let sample = 0; sample < samples; sample += 1) {
        const by = sample - first;
        const value = sampleAt(voxels, size, i + through[0] * by, j + through[1] * by, k + through[2] * by);
        if (value === undefined || (padding && isIn(padding, value))) continue;
        count += 1;
        if (count === 1) result = value;
        else if (projection === 'mean') result += value;
        else if (projection === 'maximum' ? value > result : value < result) result = value;
      }
      out[place] = projection === 'mean' ? result / Math.max(1, count) : result;
    }
  }
  return out;
}
