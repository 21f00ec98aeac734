import { type FrameTimes, frameAt, frameTimes } from '../../dicom/frame-times.ts';
import type { Cell, ViewerContext } from '../../extension/contract.ts';

/** Speeds, in shares of the recorded one. */
const LEAST_RATE = 0.5;
const MOST_RATE = 60;

const seriesOf = ({ open }: Cell): string => open?.SeriesInstanceUID ?? '';

/** The frames of one instance within a stack: a run is played, and not the runs after it. */
interface Run {
  readonly first: number;
  readonly times: FrameTimes;
}

/** What was chosen for a series; without it, it is played as recorded. */
interface Chosen {
  readonly sequencing?: FrameTimes['sequencing'] | undefined;
  /** Frames per second. */
  readonly rate?: number | undefined;
}

/** Plays the run in the active cell at its own times. A frame that would come late is left out: the run keeps its pace. */
export class CinePlayer {
  /** Frames left out since the start. */
  dropped = 0;
  readonly #viewer: ViewerContext;
  readonly #chosen = new Map<string, Chosen>();
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

  /** Frames per second as chosen for the shown series; `undefined` plays as recorded. */
  get rate(): number | undefined {
    return this.#choice.rate;
  }

  get sequencing(): FrameTimes['sequencing'] | undefined {
    return this.#choice.sequencing;
  }

  currentRate(times: FrameTimes): number {
    return this.rate ?? times.rate;
  }

  setRate(rate: number | undefined): void {
    this.#choose({ rate: rate === undefined ? undefined : Math.min(MOST_RATE, Math.max(LEAST_RATE, rate)) });
  }

  setSequencing(sequencing: FrameTimes['sequencing']): void {
    this.#choose({ sequencing });
  }

  toggle(): void {
    if (this.playing) this.stop();
    else this.play();
  }

  play(): void {
    const cell = this.#viewer.active;
    if (!this.run(cell)) return;
    this.#cell = cell;
    this.#series = seriesOf(cell);
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

  /** Nothing is open any more. */
  forget(): void {
    this.stop();
    this.#chosen.clear();
    this.dropped = 0;
  }

  /** Of the series that plays, else of the one that would. */
  get #choice(): Chosen {
    return this.#chosen.get(this.#cell ? this.#series : seriesOf(this.#viewer.active)) ?? {};
  }

  #choose(chosen: Chosen): void {
    this.#chosen.set(this.#cell ? this.#series : seriesOf(this.#viewer.active), { ...this.#choice, ...chosen });
    this.#restart();
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
    if (!cell?.view || !run || seriesOf(cell) !== this.#series || !this.#viewer.element.isConnected) {
      this.stop();
      return;
    }
    // Somebody scrolled: it goes on from there.
    if (!this.#busy && cell.view.index !== this.#last) {
      this.#restart();
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
