import type { ValueSpan } from '../../dicom/tone-curve.ts';
import type { Vector } from '../../dicom/vector.ts';
import type { PlaneRequest, Voxels, VoxelValue } from './reslice.ts';

export type VoxelType = 'Int16Array' | 'Uint16Array' | 'Uint8Array' | 'Float32Array';

/** What the page asks of the volume. */
export type VolumeQuestion =
  | { readonly kind: 'cut'; readonly plane: PlaneRequest }
  /** The value at a place, in voxel numbers. */
  | { readonly kind: 'value'; readonly at: Vector };

/** What the page tells the worker. Slices come in any order, before the first question. */
export type VolumeMessage =
  | {
      readonly kind: 'open';
      readonly size: readonly [number, number, number];
      readonly type: VoxelType;
      readonly padding: ValueSpan | undefined;
    }
  | { readonly kind: 'slice'; readonly place: number; readonly data: Voxels }
  | (VolumeQuestion & { readonly id: number });

export type VolumeAnswer =
  | { readonly id: number; readonly data: Float32Array<ArrayBuffer> }
  | { readonly id: number; readonly value: VoxelValue };
