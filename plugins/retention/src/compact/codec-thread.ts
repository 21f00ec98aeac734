import { Worker } from 'node:worker_threads';
import { FilmlessError } from '@filmless/core/plugin';
import type { EncodedFrame, FrameLayout } from './codec.ts';
import type { CodecAnswer, CodecRequest } from './codec-worker.ts';

interface Pending {
  resolve(answer: CodecAnswer): void;
  reject(error: unknown): void;
}
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** A thread that codes frames, started when it is first needed: receiving and viewing do not wait for it. */
export class CodecThread {
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;

  async encode(raw: Uint8Array, layout: FrameLayout): Promise<EncodedFrame> {
    const answer = await this.#ask({ raw, layout });
    if ('encoded' in answer) return answer.encoded;
    throw failed(answer);
  }

  async decode(encoded: EncodedFrame, layout: FrameLayout): Promise<Uint8Array> {
    const answer = await this.#ask({ encoded, layout });
    if ('raw' in answer) return answer.raw;
    throw failed(answer);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ask(request: WithoutId<CodecRequest>): Promise<CodecAnswer> {
    const worker = this.#worker ?? this.#start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./codec-worker.ts', import.meta.url), { name: 'filmless-retention' });
    worker.unref();
    worker.on('message', (answer: CodecAnswer) => {
      this.#pending.get(answer.id)?.resolve(answer);
      this.#pending.delete(answer.id);
    });
    const end = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const { reject } of this.#pending.values()) {
        reject(new FilmlessError('UNAVAILABLE', 'The thread that codes frames ended', { cause }));
      }
      this.#pending.clear();
    };
    worker.on('error', end);
    worker.on('exit', end);
    this.#worker = worker;
    return worker;
  }
}

function failed(answer: CodecAnswer): FilmlessError {
  return new FilmlessError('DECODE_FAILED', 'failure' in answer ? answer.failure : 'an answer of another kind');
}
