import { MultipartError } from '../client/multipart.ts';
import type { ArrivedPart, PartReader } from '../client/part-stream.ts';
import type { ReaderAnswer, ReaderRequest } from './reader-protocol.ts';
import { startWorker } from './start-worker.ts';

/** One reads while the other waits for the server. */
const READERS = 2;

interface Answer {
  readonly worker: Worker;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
  /** Arrived and not yet asked for. */
  readonly arrived: ArrivedPart[];
  ended: boolean;
  error: unknown;
  /** Whoever waits for the next part. */
  wake: (() => void) | undefined;
}

/**
 * Fetches answers of many frames in workers: reading 150 MB keeps the page's own thread busy for seconds. Where workers do not start, the page
 * reads itself.
 */
export class WorkerPartReader implements PartReader {
  readonly #scriptUrl: string;
  readonly #workers: Worker[] = [];
  readonly #answers = new Map<number, Answer>();
  readonly #parts = new WeakMap<Response, AsyncGenerator<ArrivedPart>>();
  #id = 0;
  #broken = false;

  constructor(scriptUrl: string) {
    this.#scriptUrl = scriptUrl;
  }

  fetch(url: string, { headers, signal }: { headers: Headers; signal?: AbortSignal }): Promise<Response> {
    if (this.#broken) return fetch(url, { headers, credentials: 'same-origin', ...(signal ? { signal } : {}) });
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#id += 1;
      const id = this.#id;
      const worker = this.#worker();
      const giveUp = (): void => {
        worker.postMessage({ id, giveUp: true } satisfies ReaderRequest);
        this.#end(id, signal?.reason);
      };
      const answer: Answer = {
        worker,
        arrived: [],
        ended: false,
        error: undefined,
        wake: undefined,
        reject,
        resolve: (response) => {
          if (response.ok) this.#parts.set(response, partsOf(answer, giveUp));
          resolve(response);
        },
      };
      this.#answers.set(id, answer);
      signal?.addEventListener('abort', giveUp, { once: true });
      worker.postMessage({ id, url, headers: [...headers] } satisfies ReaderRequest);
    });
  }

  parts(response: Response): AsyncIterable<ArrivedPart> | undefined {
    return this.#parts.get(response);
  }

  /** The one with the least to do. */
  #worker(): Worker {
    const busy = (worker: Worker): number => [...this.#answers.values()].filter((one) => one.worker === worker).length;
    const [idlest] = [...this.#workers].sort((one, other) => busy(one) - busy(other));
    return idlest && (busy(idlest) === 0 || this.#workers.length >= READERS) ? idlest : this.#start();
  }

  #start(): Worker {
    let worker: Worker;
    try {
      worker = startWorker(this.#scriptUrl);
    } catch (error) {
      this.#broken = true;
      throw new TypeError('reader worker refused', { cause: error });
    }
    worker.addEventListener('message', ({ data }: MessageEvent<ReaderAnswer>) => this.#heard(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#broken = true;
      // As when the line breaks: it is asked again, by the page itself.
      for (const id of [...this.#answers.keys()]) this.#end(id, new TypeError('reader worker failed'));
    });
    this.#workers.push(worker);
    return worker;
  }

  #heard(told: ReaderAnswer): void {
    const answer = this.#answers.get(told.id);
    if (!answer) return;
    if ('status' in told) {
      const { status, headers, failure } = told;
      answer.resolve(new Response(failure || null, { status, headers }));
      if (failure !== undefined) this.#end(told.id);
    } else if ('body' in told) {
      answer.arrived.push({ headers: told.headers, body: told.body });
      answer.wake?.();
    } else if ('ended' in told) this.#end(told.id);
    else this.#end(told.id, told.malformed ? new MultipartError(told.error) : new TypeError(told.error));
  }

  #end(id: number, error?: unknown): void {
    const answer = this.#answers.get(id);
    if (!answer) return;
    this.#answers.delete(id);
    answer.ended = true;
    answer.error = error;
    if (error !== undefined) answer.reject(error);
    answer.wake?.();
  }
}

/** @param giveUp for whoever leaves early */
async function* partsOf(answer: Answer, giveUp: () => void): AsyncGenerator<ArrivedPart> {
  try {
    for (;;) {
      const part = answer.arrived.shift();
      if (part) yield part;
      else if (answer.error !== undefined) throw answer.error;
      else if (answer.ended) return;
      else
        await new Promise<void>((resolve) => {
          answer.wake = resolve;
        });
    }
  } finally {
    if (!answer.ended) giveUp();
  }
}
