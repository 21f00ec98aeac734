import type { Cell, ViewerContext } from '../extension/contract.ts';
import { type Anchor, linkedIndex } from './link.ts';

/** What a cell showed when the user joined the cells. */
interface Joined {
  readonly series: string;
  readonly index: number;
}

/** Keeps the cells together: slices, and if wished window and magnification, follow the active cell. */
export class Linking {
  scroll = false;
  window = false;
  zoom = false;
  readonly #viewer: ViewerContext;
  readonly #joined = new Map<string, Joined>();
  /** What was last passed on: only what changes is. */
  #passed: { cell: Cell; index: number; center: number; width: number; inverted: boolean; scale: number } | undefined;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  /** Joins the cells at what they show now. */
  join(): void {
    this.scroll = true;
    this.#joined.clear();
    for (const cell of this.#viewer.cells) {
      const { view, series } = cell;
      if (view && series) this.#joined.set(cell.id, { series: series.SeriesInstanceUID, index: view.index });
    }
    this.#passed = undefined;
    this.follow(this.#viewer.active);
  }

  /** Scrolls together by position or share of the stack: nobody chose a pair. */
  joinLoosely(): void {
    this.scroll = true;
    this.#joined.clear();
    this.#passed = undefined;
    this.follow(this.#viewer.active);
  }

  part(): void {
    this.scroll = false;
    this.#joined.clear();
  }

  /** Something is painted: when it is the active cell, the others follow. */
  follow(cell: Cell): void {
    const { view } = cell;
    if (cell !== this.#viewer.active || !view) return;
    const before = this.#passed?.cell === cell ? this.#passed : undefined;
    const { index, window, inverted, scale } = view;
    this.#passed = { cell, index, center: window.center, width: window.width, inverted, scale };
    for (const other of this.#viewer.cells) {
      if (other === cell) continue;
      if (this.scroll && index !== before?.index) this.#scroll(cell, other);
      if (!before) continue;
      const windowed = window.center !== before.center || window.width !== before.width || inverted !== before.inverted;
      if (this.window && windowed) this.#window(cell, other);
      if (this.zoom && Math.abs(scale / before.scale - 1) > 1e-3) this.#zoom(cell, other, scale / before.scale);
    }
  }

  #scroll(cell: Cell, other: Cell): void {
    const { view, open } = cell;
    if (!view || !open || !other.open) return;
    const target = { frames: other.open.frames, index: other.view?.index ?? 0 };
    const wanted = linkedIndex({ frames: open.frames, index: view.index }, target, this.#anchor(cell, other));
    if (wanted !== undefined && wanted !== other.view?.index) void other.show(wanted);
  }

  /** As long as both show the series they were joined with. */
  #anchor(cell: Cell, other: Cell): Anchor | undefined {
    const source = this.#joined.get(cell.id);
    const target = this.#joined.get(other.id);
    if (source?.series !== cell.series?.SeriesInstanceUID || target?.series !== other.series?.SeriesInstanceUID)
      return undefined;
    return source && target ? { source: source.index, target: target.index } : undefined;
  }

  /** Values of one modality mean the same; a CT window says nothing to an MR. */
  #window(cell: Cell, other: Cell): void {
    const { view } = cell;
    if (!view || view.frame.modality !== other.view?.frame.modality) return;
    other.stack?.setWindow(view.window);
    if (other.view.inverted !== view.inverted) other.stack?.setInverted(view.inverted);
  }

  /** As many CSS pixels a millimetre where both know theirs, else the same factor. */
  #zoom(cell: Cell, other: Cell, factor: number): void {
    const own = pixelsPerMm(cell);
    const theirs = pixelsPerMm(other);
    const change = own !== undefined && theirs !== undefined ? own / theirs : factor;
    if (Math.abs(change - 1) > 1e-3) other.stack?.zoomBy(change);
  }
}

/** CSS pixels a millimetre of the patient takes, or one of the detector in projections, the same in all of them. */
export function pixelsPerMm({ view }: Cell): number | undefined {
  const { spacing } = view?.frame ?? {};
  return view && spacing ? view.scale / spacing.columnMm : undefined;
}
