import { Worker } from 'node:worker_threads';
import { FilmlessError, type Logger } from '@filmless/core/plugin';
import type { DecodeAnswer, DecodedFrame, DecodeRequest, DecodeTask } from './decode-protocol.ts';

interface Job {
  task: DecodeTask;
  resolve(frame: DecodedFrame): void;
  reject(error: unknown): void;
}

interface Thread {
  worker: Worker;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
  ready: boolean;
  jobsDone: number;
}

export interface DecodePoolOptions {
  threads: number;
  timeoutMs: number;
  queueLimit: number;
  heapMiB: number;
  log: Logger;
}

/** WebAssembly memory never shrinks: a thread is replaced now and then. */
const JOBS_PER_THREAD = 2000;

/**
 * Decodes and renders frames in worker threads. A thread that dies, traps or takes too long is replaced, and its request alone fails with
 * DECODE_FAILED. UNAVAILABLE when too much is waiting. What nobody waits for any more is not decoded.
 */
export class DecodePool {
  readonly #options: DecodePoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #closed = false;
  #nextId = 1;

  constructor(options: DecodePoolOptions) {
    this.#options = options;
  }

  /** Starts one thread ahead of the first request. */
  warmUp(): void {
    if (this.#threads.size === 0) this.#start();
  }

  /** The bytes of `task.encoded` are moved to the thread: the caller must not use them afterwards. */
  run(task: DecodeTask, signal: AbortSignal): Promise<DecodedFrame> {
    if (this.#closed) return Promise.reject(new FilmlessError('UNAVAILABLE', 'the decoders are being stopped'));
    if (signal.aborted) return Promise.reject(abandoned());
    if (this.#waiting.length >= this.#options.queueLimit)
      return Promise.reject(new FilmlessError('UNAVAILABLE', 'too many images are waiting for a decoder'));
    const { promise, resolve, reject } = Promise.withResolvers<DecodedFrame>();
    const job: Job = { task, resolve, reject };
    const onAbort = () => {
      const index = this.#waiting.indexOf(job);
      if (index >= 0) this.#waiting.splice(index, 1);
      reject(abandoned());
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(job);
    this.#dispatch();
    return promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0))
      job.reject(new FilmlessError('UNAVAILABLE', 'the decoders are being stopped'));
    await Promise.all(
      [...this.#threads].map((thread) =>
        this.#end(thread, new FilmlessError('UNAVAILABLE', 'the decoders are being stopped')),
      ),
    );
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const idle =
        [...this.#threads].find((thread) => thread.job === undefined) ??
        (this.#threads.size < this.#options.threads ? this.#start() : undefined);
      if (!idle) return;
      const job = this.#waiting.shift();
      if (job) this.#give(idle, job);
    }
  }

  #give(thread: Thread, job: Job): void {
    thread.job = job;
    thread.timer = setTimeout(() => {
      this.#options.log.warn({ timeoutMs: this.#options.timeoutMs }, 'A decoder took too long and was ended');
      void this.#end(thread, new FilmlessError('DECODE_FAILED', 'decoding took too long'));
    }, this.#options.timeoutMs);
    const request: DecodeRequest = { ...job.task, id: this.#nextId++ };
    const { encoded } = request;
    const whole =
      encoded.buffer instanceof ArrayBuffer &&
      encoded.byteOffset === 0 &&
      encoded.byteLength === encoded.buffer.byteLength;
    if (!whole) request.encoded = new Uint8Array(encoded);
    thread.worker.postMessage(request, [request.encoded.buffer as ArrayBuffer]);
  }

  #start(): Thread {
    const worker = new Worker(new URL('./decode-worker.ts', import.meta.url), {
      name: 'filmless-decoder',
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMiB },
    });
    const thread: Thread = { worker, job: undefined, timer: undefined, ready: false, jobsDone: 0 };
    worker.unref();
    worker.on('message', (message: DecodeAnswer | 'ready') => {
      if (message === 'ready') thread.ready = true;
      else this.#answered(thread, message);
    });
    worker.on('error', (error) => {
      this.#options.log.warn({ err: error }, 'A decoder thread died');
      void this.#end(thread, new FilmlessError('DECODE_FAILED', 'the decoder stopped', { cause: error }));
    });
    worker.on('exit', () => void this.#end(thread, new FilmlessError('DECODE_FAILED', 'the decoder stopped')));
    this.#threads.add(thread);
    return thread;
  }

  #answered(thread: Thread, answer: DecodeAnswer): void {
    const { job } = thread;
    clearTimeout(thread.timer);
    if (!job) return;
    if ('failure' in answer) {
      // After a trap the decoder's memory cannot be trusted.
      void this.#end(thread, new FilmlessError('DECODE_FAILED', answer.failure));
      return;
    }
    thread.job = undefined;
    thread.jobsDone++;
    job.resolve(answer);
    if (thread.jobsDone >= JOBS_PER_THREAD) void this.#end(thread, undefined);
    else this.#dispatch();
  }

  async #end(thread: Thread, failure: FilmlessError | undefined): Promise<void> {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.timer);
    thread.job?.reject(failure);
    thread.job = undefined;
    if (!this.#closed) {
      if (this.#waiting.length > 0) this.#dispatch();
      // One that could not even start would be started for ever.
      else if (thread.ready) this.warmUp();
    }
    await thread.worker.terminate();
  }
}

function abandoned(): FilmlessError {
  return new FilmlessError('UNAVAILABLE', 'the client went away');
}
