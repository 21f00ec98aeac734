import type { Disposable } from '../src/disposable.ts';
import { disposable } from '../src/disposable.ts';

/** A clock that stands until it is moved. */
export class ManualClock {
  #nowMs: number;
  readonly #timers = new Set<{ atMs: number; run: () => void }>();

  constructor(start = '2026-03-01T08:00:00.000Z') {
    this.#nowMs = Date.parse(start);
  }

  /** Milliseconds since 1970; bound, so that it can be handed on as it is. */
  readonly now = (): number => this.#nowMs;

  /** Runs once when the clock has been moved so far. */
  readonly after = (delayMs: number, run: () => void): Disposable => {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return disposable(() => {
      this.#timers.delete(timer);
    });
  };

  /** Moves on, running what is due, in order. */
  advance(byMs: number): void {
    const end = this.#nowMs + byMs;
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = end;
  }
}
