import { type FrameTimes, frameAt, frameTimes } from '../../dicom/frame-times.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';

/** Speeds, in shares of the recorded one. */
const LEAST_RATE = 0.5;
const MOST_RATE = 60;

/** The frames of one instance within a stack: a run is played, and not the runs after it. */
interface Run {
  readonly first: number;
  readonly times: FrameTimes;
}

/** Plays the run in the active cell at its own times. A frame that would come late is left out: the run keeps its pace. */
export class CinePlayer {
  sequencing: FrameTimes['sequencing'] | undefined;
  /** Frames per second as chosen; `undefined` plays as recorded. */
  rate: number | undefined;
  /** Frames left out since the start. */
  dropped = 0;
  readonly #viewer: ViewerContext;
  #cell: Cell | undefined;
  #series = '';
  #request = 0;
  #startedAt = 0;
  #from = 0;
  #last = -1;
  #busy = false;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  get playing(): boolean {
    return this.#cell !== undefined;
  }

  /** The run that the shown frame belongs to: several frames of one instance, else the whole stack at the default rate. */
  run({ open, view }: Cell): Run | undefined {
    if (!open || !view || open.frames.length < 2) return undefined;
    const { frame } = view;
    if (frame.numberOfFrames < 2) return { first: 0, times: frameTimes(frame.dataset, open.frames.length) };
    const own = open.frames.filter(({ SOPInstanceUID }) => SOPInstanceUID === frame.SOPInstanceUID);
    const first = open.frames.findIndex(({ SOPInstanceUID }) => SOPInstanceUID === frame.SOPInstanceUID);
    return own.length < 2 ? undefined : { first, times: frameTimes(frame.dataset, own.length) };
  }

  currentRate(times: FrameTimes): number {
    return this.rate ?? times.rate;
  }

  setRate(rate: number | undefined): void {
    this.rate = rate === undefined ? undefined : Math.min(MOST_RATE, Math.max(LEAST_RATE, rate));
    this.#restart();
  }

  setSequencing(sequencing: FrameTimes['sequencing']): void {
    this.sequencing = sequencing;
    this.#restart();
  }

  toggle(): void {
    if (this.playing) this.stop();
    else this.play();
  }

  play(): void {
    const cell = this.#viewer.active;
    if (!this.run(cell)) return;
    this.#cell = cell;
    this.#series = cell.series?.SeriesInstanceUID ?? '';
    this.dropped = 0;
    this.#restart();
    this.#viewer.requestUpdate();
  }

  stop(): void {
    cancelAnimationFrame(this.#request);
    if (!this.#cell) return;
    this.#cell = undefined;
    this.#viewer.requestUpdate();
  }

  /** From the shown frame on. */
  #restart(): void {
    const cell = this.#cell;
    const run = cell && this.run(cell);
    if (!cell?.view || !run) return;
    const place = Math.max(0, cell.view.index - run.first);
    this.#from = run.times.durationsMs.slice(0, place).reduce((sum, duration) => sum + duration, 0);
    this.#startedAt = performance.now();
    this.#last = cell.view.index;
    cancelAnimationFrame(this.#request);
    this.#request = requestAnimationFrame(this.#tick);
  }

  readonly #tick = (now: number): void => {
    const cell = this.#cell;
    const run = cell && this.run(cell);
    if (!cell || !run || cell.series?.SeriesInstanceUID !== this.#series) {
      this.stop();
      return;
    }
    const { times, first } = run;
    const speed = this.currentRate(times) / times.rate;
    const elapsed = this.#from + Math.max(0, now - this.#startedAt) * speed;
    const due = first + frameAt(times.durationsMs, elapsed, this.sequencing ?? times.sequencing);
    if (due !== this.#last && !this.#busy) {
      const skipped = Math.abs(due - this.#last) - 1;
      // Going round is no frame left out.
      if (skipped > 0 && Math.abs(due - this.#last) < times.durationsMs.length / 2) this.dropped += skipped;
      this.#last = due;
      this.#busy = true;
      void cell.show(due).finally(() => (this.#busy = false));
    }
    this.#request = requestAnimationFrame(this.#tick);
  };
}
