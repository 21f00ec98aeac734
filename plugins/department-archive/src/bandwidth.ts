import { setTimeout as sleep } from 'node:timers/promises';
import type { ArchiveConfig } from './config.ts';

/** Holds back what is fetched in the background, by hour of day. All transfers share one limit. */
export class Bandwidth {
  readonly #limits: ArchiveConfig['bandwidth'];
  readonly #now: () => number;
  /** When the bytes that were let through are paid for. */
  #paidUntil = 0;

  constructor(limits: ArchiveConfig['bandwidth'], now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Bytes a second now; undefined when nothing limits. `from` after `to` goes over midnight. */
  limitNow(): number | undefined {
    const hour = new Date(this.#now()).getHours();
    return this.#limits.find(({ from, to }) => (from <= to ? hour >= from && hour < to : hour >= from || hour < to))
      ?.bytesPerSecond;
  }

  async *limit(bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      const perSecond = this.limitNow();
      if (perSecond !== undefined) {
        const now = performance.now();
        this.#paidUntil = Math.max(this.#paidUntil, now) + (chunk.length / perSecond) * 1000;
        const waitMs = this.#paidUntil - now;
        if (waitMs > 1) await sleep(waitMs, undefined, signal ? { signal } : {});
      }
      yield chunk;
    }
  }
}
