import { setTimeout as delay } from 'node:timers/promises';

/** Holds back who goes through more than so many bytes a second, on the average of a moment. */
export class Throttle {
  readonly #bytesPerSecond: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Resolves when these bytes may follow those before. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const waitMs = this.#freeAtMs - now;
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + (bytes / this.#bytesPerSecond) * 1000;
    if (waitMs > 0) await delay(waitMs, undefined, signal && { signal });
  }
}
