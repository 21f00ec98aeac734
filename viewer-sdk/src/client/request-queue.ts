/** How urgent a request is: lower runs first. */
export const PRIORITY = {
  /** What the user waits for. */
  now: 0,
  /** What makes the screen complete: thumbnails, the rest of the metadata. */
  soon: 10,
  /** What will probably be wanted: slices around the one shown. */
  prefetch: 20,
} as const;

/** A request's place in the queue; its owner may make it more urgent while it waits. */
export interface Ticket {
  priority: number;
}

interface Waiting {
  readonly ticket: Ticket;
  readonly start: () => void;
}

/** Browsers open six connections to one origin over HTTP/1.1. */
const CONNECTIONS = 6;
/** Two connections stay free for what the user asks for while prefetching. */
const PREFETCH_CONNECTIONS = 4;

/**
 * Runs requests a few at a time, most urgent first, so that prefetching never stands in the way of the image asked for.
 * One queue serves all viewers of a page: the browser's connections are shared too.
 */
export class RequestQueue {
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #runningPrefetch = 0;

  /** Runs `task` when its turn comes. A request aborted while waiting never starts. */
  run<T>(ticket: Ticket, signal: AbortSignal | undefined, task: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = {
        ticket,
        start: () => {
          const prefetch = ticket.priority >= PRIORITY.prefetch;
          signal?.removeEventListener('abort', onAbort);
          this.#running += 1;
          if (prefetch) this.#runningPrefetch += 1;
          task()
            .then(resolve, reject)
            .finally(() => {
              this.#running -= 1;
              if (prefetch) this.#runningPrefetch -= 1;
              this.#next();
            });
        },
      };
      const onAbort = () => {
        const index = this.#waiting.indexOf(waiting);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(abortReason(signal));
      };
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < CONNECTIONS) {
      const limit = this.#runningPrefetch < PREFETCH_CONNECTIONS ? Number.POSITIVE_INFINITY : PRIORITY.prefetch;
      let chosen: Waiting | undefined;
      for (const waiting of this.#waiting) {
        const { priority } = waiting.ticket;
        if (priority < limit && priority < (chosen?.ticket.priority ?? Number.POSITIVE_INFINITY)) chosen = waiting;
      }
      if (!chosen) return;
      this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
      chosen.start();
    }
  }
}

function abortReason(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? new DOMException('The request was given up.', 'AbortError');
}

/** The page's queue. */
export const requestQueue = new RequestQueue();
