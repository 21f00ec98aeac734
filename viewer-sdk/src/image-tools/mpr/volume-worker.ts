/** Holds the voxels of one volume and cuts planes through it, away from the page's thread. */
import type { ValueSpan } from '../../dicom/tone-curve.ts';
import { reslice, type Voxels, valueAt } from './reslice.ts';
import type { VolumeAnswer, VolumeMessage } from './volume-protocol.ts';

interface WorkerScope {
  postMessage(message: VolumeAnswer, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<VolumeMessage>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
let voxels: Voxels | undefined;
let size: readonly [number, number, number] = [0, 0, 0];
let padding: ValueSpan | undefined;

const TYPES = { Int16Array, Uint16Array, Uint8Array, Float32Array } as const;

scope.addEventListener('message', ({ data: message }) => {
  if (message.kind === 'open') {
    ({ size, padding } = message);
    voxels = new TYPES[message.type](size[0] * size[1] * size[2]);
  } else if (message.kind === 'slice') {
    voxels?.set(message.data, message.place * size[0] * size[1]);
  } else if (voxels && message.kind === 'value') {
    scope.postMessage({ id: message.id, value: valueAt(voxels, size, message.at, padding) }, []);
  } else if (voxels && message.kind === 'cut') {
    const data = reslice(voxels, size, message.plane, padding);
    scope.postMessage({ id: message.id, data }, [data.buffer]);
  }
});
