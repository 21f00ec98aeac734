import { setLayout } from '../compare/beside.ts';
import { pixelsPerMm } from '../compare/linking.ts';
import type { Cell, ViewerContext } from '../extension/contract.ts';
import { shiftToWall, turningFor } from './back-to-back.ts';
import type { Candidate } from './candidate.ts';
import type { Hanging } from './choose.ts';
import type { HangingCell } from './protocol.ts';
import { hangingText } from './texts.ts';

/** An image that is painted at all is painted by then; one that is not must not hold up the others. */
const PAINT_PATIENCE_MS = 1500;

/** A cell that was hung, with what was wished for it. */
interface Hung {
  readonly cell: Cell;
  readonly wish: HangingCell;
  readonly candidate: Candidate;
}

/** Where an image was put, and whether it has been seen there: sizes and pixels of a cell do not change at one moment. */
interface Wall {
  readonly side: 'L' | 'R';
  readonly instance: string;
  readonly width: number;
  readonly height: number;
  readonly settled: boolean;
}

/** Nearer than this, in CSS pixels, an image stands at the wall. */
const AT_WALL_PX = 0.75;

/** Puts a hanging on the screen and keeps what it has aligned in its place when the cells change their size. */
export class HangingScreen {
  readonly #viewer: ViewerContext;
  readonly #ends: (() => void)[] = [];
  /** Which images stand at the wall of which cells, and at what size of the cell. */
  readonly #walls = new Map<Cell, Wall>();

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
    this.#ends.push(viewer.on('rendered', ({ cell }) => this.#keepAtWall(cell)));
    this.#ends.push(viewer.on('closed', () => this.#walls.clear()));
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.#walls.clear();
  }

  /** @returns whether all of it is on the screen; false when another study came in between */
  async show(hanging: Hanging): Promise<boolean> {
    const viewer = this.#viewer;
    const { study } = viewer;
    const current = () => viewer.study === study;
    this.#walls.clear();
    await setLayout(viewer, hanging);
    const hung = await Promise.all(
      hanging.cells.map(async ({ cell: wish, candidate }, index) => {
        const cell = viewer.cells[index];
        if (!cell || !current()) return undefined;
        // An image that stays in a place meant for another one is worse than none.
        if (!candidate) {
          cell.clear((locale) => missing(locale, wish));
          return undefined;
        }
        await this.#open(cell, candidate);
        if (!cell.view || !current()) return undefined;
        const one = { cell, wish, candidate };
        // At once: nobody should see it unturned while the others are on their way.
        await this.#adjust(one);
        return one;
      }),
    );
    // The places that the protocol says nothing about.
    for (const cell of viewer.cells.slice(hanging.cells.length)) cell.clear();
    if (!current()) return false;
    const shown = hung.filter((each) => each !== undefined);
    if (hanging.protocol.sameScale) await this.#sameScale(shown);
    for (const { cell, wish, candidate } of shown)
      if (wish.backToBack && candidate.laterality) this.#toWall(cell, candidate.laterality);
    const first = shown[0]?.cell;
    if (first) viewer.activate(first);
    return true;
  }

  /** A place that is meant for one view holds that view alone: nobody scrolls to another one in it. */
  async #open(cell: Cell, { study, series, instance }: Candidate): Promise<void> {
    const at = instance === undefined ? undefined : { instance, only: [instance] };
    await cell.openSeries(study, series, at);
  }

  async #adjust({ cell, wish, candidate }: Hung): Promise<void> {
    const { stack, open: series } = cell;
    if (!stack || !series) return;
    if (wish.slice) {
      const last = series.frames.length - 1;
      await cell.show(wish.slice === 'first' ? 0 : wish.slice === 'last' ? last : Math.floor(last / 2));
    }
    await this.#change(cell, () => {
      stack.reset();
      stack.fit();
    });
    const turning = wish.backToBack && cell.view ? turningFor(candidate, cell.view) : undefined;
    const { window, inverted, flip } = wish;
    if (!window && !inverted && !flip && !turning?.mirror && !turning?.quarterTurns) return;
    await this.#change(cell, () => {
      if (window) stack.setWindow(window);
      if (inverted) stack.setInverted(true);
      if (flip) stack.flip(flip);
      if (turning?.mirror) stack.flip('horizontal');
      for (let turn = 0; turn < (turning?.quarterTurns ?? 0); turn += 1) stack.rotate();
    });
  }

  /** The image that is largest on the screen for its millimetres gives way: all of them fit, and compare. */
  async #sameScale(hung: readonly Hung[]): Promise<void> {
    const scales = hung.map(({ cell }) => pixelsPerMm(cell)).filter((scale) => scale !== undefined);
    const least = Math.min(...scales);
    if (scales.length < hung.length || !Number.isFinite(least)) return;
    await Promise.all(
      hung.map(async ({ cell }) => {
        const scale = pixelsPerMm(cell) ?? least;
        if (Math.abs(least / scale - 1) < 1e-3) return;
        await this.#change(cell, () => cell.stack?.zoomBy(least / scale));
      }),
    );
  }

  #toWall(cell: Cell, side: 'L' | 'R'): void {
    const instance = cell.view?.frame.SOPInstanceUID;
    if (!instance) return;
    const shift = shiftToWall(cell, side);
    const settled = Math.abs(shift) < AT_WALL_PX;
    this.#walls.set(cell, { side, instance, ...cell.size, settled });
    if (!settled) cell.stack?.panBy(shift, 0);
  }

  /** Follows changes of the cell's size; once it stands there, whoever moves the image has it where they want it. */
  #keepAtWall(cell: Cell): void {
    const wall = this.#walls.get(cell);
    if (!wall) return;
    const { width, height } = cell.size;
    if (cell.view?.frame.SOPInstanceUID !== wall.instance) this.#walls.delete(cell);
    else if (!wall.settled || width !== wall.width || height !== wall.height) this.#toWall(cell, wall.side);
  }

  /** Changes what a cell shows; resolves when that is painted. */
  #change(cell: Cell, change: () => void): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        end();
        resolve();
      };
      const timer = setTimeout(done, PAINT_PATIENCE_MS);
      const end = this.#viewer.on('rendered', (painted) => {
        if (painted.cell === cell) done();
      });
      change();
    });
  }
}

/** What the study has not got. */
function missing(locale: string, { prior = 0, series }: HangingCell): string {
  const [{ laterality, view, keywords } = {}] = series;
  const name = [laterality, view].filter(Boolean).join(' ') || (keywords?.[0] ?? '');
  const key = name === '' ? 'placeEmpty' : prior > 0 ? 'placeMissingPrior' : 'placeMissing';
  return hangingText(locale, key, { name });
}
