import { PRIORITY } from '../client/request-queue.ts';
import type { StackView } from '../engine/contract.ts';
import { isAbort, toViewerError, type ViewerError } from '../errors.ts';

/** So many requests are under way while prefetching: one is read while the other is on its way. The request queue has the last word. */
const PREFETCH_RUNNERS = 2;
/**
 * A request for several frames may take about this long: each request costs as much as a frame or two, so fewer are better, but on a slow line
 * what is asked for too far ahead is in the way when the user turns round. So the number follows the pace. Its frames are shown as they come, and
 * one that is waited for is asked for alone.
 */
const AIM_MS = 1000;
const MOST_AT_ONCE = 32;

/** A server that refuses this many frames of a series is not asked for the rest of it in advance. */
const MOST_FAILURES = 4;

export interface DisplayListener {
  /** Another frame is wanted; it may not be on the screen yet. */
  wanted(index: number): void;
  failed(error: ViewerError): void;
  /** More or other frames are in the cache. @param filled nothing more is on its way */
  loaded(filled: boolean): void;
}

/** Steps through a stack: shows what is wanted and loads its neighbours. */
export class SeriesDisplay {
  readonly #view: StackView;
  readonly #listener: DisplayListener;
  #count = 0;
  /** Counts the stacks: what fails late belongs to an earlier one. */
  #stack = 0;
  #wanted = 0;
  #direction = 1;
  #prefetch: AbortController | undefined;
  #failed = new Set<number>();
  /** How many frames a request asks for: one, until the pace is known. */
  #atOnce = 1;

  constructor(view: StackView, listener: DisplayListener) {
    this.#view = view;
    this.#listener = listener;
    view.onLoaded = () => listener.loaded(false);
  }

  get wanted(): number {
    return this.#wanted;
  }

  /** The stack was replaced. @param count how many frames it has */
  restart(count: number): void {
    this.#prefetch?.abort();
    this.#prefetch = undefined;
    this.#failed = new Set();
    this.#stack += 1;
    this.#wanted = 0;
    this.#count = count;
  }

  /** Shows a frame; out of range means the first or the last. @returns whether it is on the screen */
  async show(index: number): Promise<boolean> {
    if (this.#count === 0) return false;
    const target = Math.min(this.#count - 1, Math.max(0, Math.round(index)));
    if (target !== this.#wanted) this.#direction = target > this.#wanted ? 1 : -1;
    this.#wanted = target;
    this.#listener.wanted(target);
    const stack = this.#stack;
    try {
      return (await this.#view.show(target)) === 'shown';
    } catch (error) {
      const current = target === this.#wanted && stack === this.#stack;
      if (current && !isAbort(error)) this.#listener.failed(toViewerError(error, 'VIEWER_IMAGE_UNREADABLE'));
      return false;
    }
  }

  step(by: number): void {
    const target = Math.min(this.#count - 1, Math.max(0, this.#wanted + by));
    if (target !== this.#wanted) void this.show(target);
  }

  /** Fills the cache around the wanted frame, nearest first, until all is there or the cache is full. */
  prefetch(): void {
    if (this.#prefetch || this.#count < 2) return;
    const controller = new AbortController();
    this.#prefetch = controller;
    const busy = new Set<number>();
    let givenUp = false;
    const over = () => givenUp || controller.signal.aborted || this.#failed.size >= MOST_FAILURES;
    const load = async (index: number): Promise<void> => {
      try {
        await this.#view.load(index, PRIORITY.prefetch, controller.signal);
      } catch (error) {
        // It is tried again, and told, when the user gets there.
        if (isAbort(error)) givenUp = true;
        else this.#failed.add(index);
      } finally {
        busy.delete(index);
      }
    };
    const run = async (): Promise<void> => {
      for (let next = this.#nextToLoad(busy); next.length > 0 && !over(); next = this.#nextToLoad(busy)) {
        for (const index of next) busy.add(index);
        const startedAt = performance.now();
        await Promise.all(next.map(load));
        const pace = AIM_MS / Math.max(1, performance.now() - startedAt);
        this.#atOnce = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(next.length * pace)));
      }
    };
    const runAll = async (): Promise<void> => {
      const runs: Promise<void>[] = [];
      for (let runner = 0; runner < PREFETCH_RUNNERS; runner += 1) {
        runs.push(run());
        // A turn for each: what is asked for in one turn comes in one request.
        await undefined;
      }
      await Promise.all(runs);
    };
    void runAll().then(() => {
      if (this.#prefetch !== controller) return;
      this.#prefetch = undefined;
      this.#listener.loaded(true);
    });
  }

  /** Nearest to the wanted frame, the way the user is going first; as many as come in one request. */
  #nextToLoad(busy: ReadonlySet<number>): number[] {
    const chosen: number[] = [];
    const reach = Math.min(this.#count, this.#view.capacity());
    for (let distance = 0, seen = 0; distance < this.#count && seen < reach; distance += 1) {
      const near =
        distance === 0
          ? [this.#wanted]
          : [this.#wanted + distance * this.#direction, this.#wanted - distance * this.#direction];
      for (const index of near) {
        if (index < 0 || index >= this.#count || seen >= reach) continue;
        seen += 1;
        if (busy.has(index) || this.#failed.has(index) || this.#view.isLoaded(index)) continue;
        if (chosen.push(index) === this.#atOnce) return chosen;
      }
    }
    return chosen;
  }

  dispose(): void {
    this.#prefetch?.abort();
    this.#view.onLoaded = undefined;
  }
}
