import type { Ticket } from '../client/request-queue.ts';
import { ViewerError } from '../errors.ts';
import type { DecodeAnswer, DecodedPixels, DecodeRequest } from './decode-protocol.ts';
import { startWorker } from './start-worker.ts';

/** With one alone, a frame that hangs would hold up all others. */
const LEAST_WORKERS = 2;
/** Decoders beyond this many only take memory. */
const MOST_WORKERS = 4;
/** A frame that takes longer has hung its decoder. */
const FRAME_TIMEOUT_MS = 60_000;

interface Job {
  readonly request: Omit<DecodeRequest, 'id'>;
  readonly ticket: Ticket;
  readonly signal: AbortSignal;
  readonly resolve: (pixels: DecodedPixels) => void;
  readonly reject: (error: unknown) => void;
}

interface Slot {
  worker: Worker | undefined;
  job: Job | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Decodes frames in workers, most urgent first. A damaged frame can leave a decoder broken for the frames after it:
 * a worker that failed is replaced.
 */
export class DecodePool {
  readonly #scriptUrl: string;
  readonly #slots: Slot[];
  readonly #waiting: Job[] = [];
  #id = 0;

  constructor(scriptUrl: string) {
    this.#scriptUrl = scriptUrl;
    const count = Math.min(MOST_WORKERS, Math.max(LEAST_WORKERS, (navigator.hardwareConcurrency || 2) - 1));
    this.#slots = Array.from({ length: count }, () => ({ worker: undefined, job: undefined, timer: undefined }));
    // The first worker starts while the first frame is on its way.
    const [first] = this.#slots;
    if (first) first.worker = this.#start(first);
  }

  /** @throws ViewerError VIEWER_IMAGE_UNSUPPORTED, VIEWER_IMAGE_UNREADABLE */
  decode(request: Omit<DecodeRequest, 'id'>, ticket: Ticket, signal: AbortSignal): Promise<DecodedPixels> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.#waiting.push({ request, ticket, signal, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    for (const slot of this.#slots) {
      if (slot.job) continue;
      const job = this.#take();
      if (!job) return;
      slot.worker ??= this.#start(slot);
      slot.job = job;
      slot.timer = setTimeout(() => this.#fail(slot, 'decoder hung'), FRAME_TIMEOUT_MS);
      this.#id += 1;
      slot.worker.postMessage({ ...job.request, id: this.#id } satisfies DecodeRequest, [job.request.bytes.buffer]);
    }
  }

  #take(): Job | undefined {
    for (;;) {
      let best: Job | undefined;
      for (const job of this.#waiting)
        if (job.ticket.priority < (best?.ticket.priority ?? Number.POSITIVE_INFINITY)) best = job;
      if (!best) return undefined;
      this.#waiting.splice(this.#waiting.indexOf(best), 1);
      if (!best.signal.aborted) return best;
      best.reject(best.signal.reason);
    }
  }

  #start(slot: Slot): Worker {
    const worker = startWorker(this.#scriptUrl);
    worker.addEventListener('message', ({ data }: MessageEvent<DecodeAnswer>) => {
      if (slot.worker !== worker) return;
      if ('failure' in data) {
        const code = data.failure === 'unsupported' ? 'VIEWER_IMAGE_UNSUPPORTED' : 'VIEWER_IMAGE_UNREADABLE';
        this.#fail(slot, data.detail, code);
        return;
      }
      const job = this.#release(slot);
      job?.resolve(data.pixels);
      this.#next();
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (slot.worker === worker) this.#fail(slot, event.message || 'decode worker failed to start');
    });
    return worker;
  }

  #fail(
    slot: Slot,
    detail: string,
    code: 'VIEWER_IMAGE_UNREADABLE' | 'VIEWER_IMAGE_UNSUPPORTED' = 'VIEWER_IMAGE_UNREADABLE',
  ): void {
    if (code === 'VIEWER_IMAGE_UNREADABLE') {
      slot.worker?.terminate();
      slot.worker = undefined;
    }
    const job = this.#release(slot);
    job?.reject(new ViewerError(code, detail));
    this.#next();
  }

  #release(slot: Slot): Job | undefined {
    clearTimeout(slot.timer);
    const { job } = slot;
    slot.job = undefined;
    return job;
  }
}
