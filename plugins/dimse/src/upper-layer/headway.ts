import { performance } from 'node:perf_hooks';

export interface HeadwayLimits {
  idleTimeoutMs: number;
  silenceTimeoutMs: number;
  minBytesPerSpan: number;
}

export interface HeadwayView {
  /** A PDU or message has begun and not ended. */
  underWay(): boolean;
  /** This side works or waits for something: the peer owes nothing. */
  busy(): boolean;
  /** No headway: the association shall be aborted. */
  halted(detail: string): void;
}

/**
 * Watches that a peer makes headway, without touching a timer for every chunk: time passes in spans, and within one, a message under way
 * must bring some bytes. So neither silence nor a trickle holds an association for ever.
 */
export class Headway {
  readonly #limits: HeadwayLimits;
  readonly #view: HeadwayView;
  #timer: NodeJS.Timeout | undefined;
  #spanStartedAt = 0;
  #spanBytes = 0;
  #underWayAtStart = false;
  #idleSince = 0;

  constructor(limits: HeadwayLimits, view: HeadwayView) {
    this.#limits = limits;
    this.#view = view;
  }

  bytes(count: number): void {
    this.#spanBytes += count;
  }

  /** Until {@link restart} or {@link stop} there is this much time. */
  deadline(timeoutMs: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#view.halted(`${what} took longer than ${timeoutMs} ms`), timeoutMs);
  }

  /** Begins a span. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#spanStartedAt = performance.now();
    this.#spanBytes = 0;
    this.#underWayAtStart = this.#view.underWay();
    const spanMs = Math.min(this.#limits.silenceTimeoutMs, this.#limits.idleTimeoutMs);
    this.#timer = setTimeout(() => this.#endSpan(), spanMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #endSpan(): void {
    const problem = this.#view.busy() ? undefined : this.#problem();
    if (problem !== undefined) {
      this.#view.halted(problem);
      return;
    }
    this.restart();
  }

  #problem(): string | undefined {
    const { silenceTimeoutMs, idleTimeoutMs, minBytesPerSpan } = this.#limits;
    if (this.#view.underWay()) {
      this.#idleSince = 0;
      // A message that began late in the span has the next whole span.
      const halted = this.#underWayAtStart && this.#spanBytes < minBytesPerSpan;
      return halted ? `a message made no headway for ${silenceTimeoutMs} ms` : undefined;
    }
    if (this.#spanBytes > 0 || this.#idleSince === 0) {
      this.#idleSince = this.#spanBytes > 0 ? 0 : this.#spanStartedAt;
    }
    const idle = this.#idleSince > 0 && performance.now() - this.#idleSince >= idleTimeoutMs - 1;
    return idle ? `idle for ${idleTimeoutMs} ms` : undefined;
  }
}
