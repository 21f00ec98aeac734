import { startWorker } from '../../objects/parts/start-worker.ts';
import type { PlaneName } from './planes.ts';
import type { PlaneRequest, Voxels } from './reslice.ts';
import type { VolumeAnswer, VolumeMessage, VoxelType } from './volume-protocol.ts';

interface Wanted {
  readonly plane: PlaneRequest;
  readonly done: (data: Float32Array<ArrayBuffer>) => void;
}

/** A volume in a worker. Of the cuts that are asked for while one is computed, only the newest of each view is made. */
export class Volume {
  readonly #worker: Worker;
  readonly #wanted = new Map<PlaneName, Wanted>();
  #running: { readonly id: number; readonly done: Wanted['done'] } | undefined;
  #id = 0;

  constructor(scriptUrl: string, size: readonly [number, number, number], type: VoxelType, failed: () => void) {
    this.#worker = startWorker(scriptUrl);
    this.#worker.addEventListener('message', ({ data }: MessageEvent<VolumeAnswer>) => this.#answer(data));
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      failed();
    });
    this.#send({ kind: 'open', size, type });
  }

  /** Copies a slice into the volume. */
  put(place: number, data: Voxels): void {
    this.#send({ kind: 'slice', place, data });
  }

  cut(view: PlaneName, plane: PlaneRequest, done: Wanted['done']): void {
    this.#wanted.delete(view);
    this.#wanted.set(view, { plane, done });
    this.#next();
  }

  dispose(): void {
    this.#worker.terminate();
    this.#wanted.clear();
    this.#running = undefined;
  }

  #next(): void {
    const [first] = this.#wanted;
    if (this.#running || !first) return;
    const [view, { plane, done }] = first;
    this.#wanted.delete(view);
    this.#id += 1;
    this.#running = { id: this.#id, done };
    this.#send({ kind: 'cut', id: this.#id, plane });
  }

  #answer({ id, data }: VolumeAnswer): void {
    const running = this.#running;
    if (running?.id !== id) return;
    this.#running = undefined;
    running.done(data);
    this.#next();
  }

  #send(message: VolumeMessage): void {
    this.#worker.postMessage(message);
  }
}
