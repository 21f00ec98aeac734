import type { PlaneRequest, Voxels } from './reslice.ts';

export type VoxelType = 'Int16Array' | 'Uint16Array' | 'Uint8Array' | 'Float32Array';

/** What the page tells the worker. Slices come in any order, before the first cut. */
export type VolumeMessage =
  | { readonly kind: 'open'; readonly size: readonly [number, number, number]; readonly type: VoxelType }
  | { readonly kind: 'slice'; readonly place: number; readonly data: Voxels }
  | { readonly kind: 'cut'; readonly id: number; readonly plane: PlaneRequest };

export interface VolumeAnswer {
  readonly id: number;
  readonly data: Float32Array<ArrayBuffer>;
}
