import type { ValueSpan } from '../../dicom/tone-curve.ts';
import type { Vector } from '../../dicom/vector.ts';
import { startWorker } from '../../objects/parts/start-worker.ts';
import type { PlaneName } from './planes.ts';
import type { PlaneRequest, Voxels, VoxelValue } from './reslice.ts';
import type { VolumeAnswer, VolumeMessage, VolumeQuestion, VoxelType } from './volume-protocol.ts';

interface Wanted {
  readonly question: VolumeQuestion;
  readonly done: (answer: VolumeAnswer) => void;
}

/** A volume in a worker. Of the questions of one kind that are asked while one is answered, only the newest is. */
export class Volume {
  readonly #worker: Worker;
  readonly #wanted = new Map<PlaneName | 'value', Wanted>();
  #running: { readonly id: number; readonly done: Wanted['done'] } | undefined;
  #id = 0;

  constructor(
    scriptUrl: string,
    {
      size,
      type,
      padding,
    }: {
      readonly size: readonly [number, number, number];
      readonly type: VoxelType;
      readonly padding: ValueSpan | undefined;
    },
    failed: () => void,
  ) {
    this.#worker = startWorker(scriptUrl);
    this.#worker.addEventListener('message', ({ data }: MessageEvent<VolumeAnswer>) => this.#answer(data));
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      failed();
    });
    this.#send({ kind: 'open', size, type, padding });
  }

  /** Copies a slice into the volume. */
  put(place: number, data: Voxels): void {
    this.#send({ kind: 'slice', place, data });
  }

  cut(view: PlaneName, plane: PlaneRequest, done: (data: Float32Array<ArrayBuffer>) => void): void {
    this.#ask(view, { kind: 'cut', plane }, (answer) => {
      if ('data' in answer) done(answer.data);
    });
  }

  /** The value at a place. @param at voxel numbers */
  value(at: Vector, done: (value: VoxelValue) => void): void {
    this.#ask('value', { kind: 'value', at }, (answer) => {
      if (!('data' in answer)) done(answer.value);
    });
  }

  dispose(): void {
    this.#worker.terminate();
    this.#wanted.clear();
    this.#running = undefined;
  }

  #ask(key: PlaneName | 'value', question: VolumeQuestion, done: Wanted['done']): void {
    this.#wanted.delete(key);
    this.#wanted.set(key, { question, done });
    this.#next();
  }

  #next(): void {
    const [first] = this.#wanted;
    if (this.#running || !first) return;
    const [key, { question, done }] = first;
    this.#wanted.delete(key);
    this.#id += 1;
    this.#running = { id: this.#id, done };
    this.#send({ ...question, id: this.#id });
  }

  #answer(answer: VolumeAnswer): void {
    const running = this.#running;
    if (running?.id !== answer.id) return;
    this.#running = undefined;
    running.done(answer);
    this.#next();
  }

  #send(message: VolumeMessage): void {
    this.#worker.postMessage(message);
  }
}
