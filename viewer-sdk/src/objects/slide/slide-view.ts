import { levelFor, type SlideLevel, type SlidePyramid } from './pyramid.ts';
import type { TileStore } from './tiles.ts';

/** Screen pixels for each pixel of the scanner: beyond this there is nothing more to see. */
const LARGEST_SCALE = 4;
const MAP_PX = 160;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A slide on a canvas: moved and zoomed, drawn from the level that fits, with coarser tiles until the finer ones are there. */
export class SlideView {
  onChange: (() => void) | undefined;
  readonly #canvas: HTMLCanvasElement;
  readonly #map: HTMLCanvasElement;
  readonly #pyramid: SlidePyramid;
  readonly #tiles: TileStore;
  readonly #finest: SlideLevel;
  readonly #resized: ResizeObserver;
  /** The middle of the screen, in pixels of the finest level. */
  #x: number;
  #y: number;
  #scale = 0;
  #asked = 0;

  constructor(canvas: HTMLCanvasElement, map: HTMLCanvasElement, pyramid: SlidePyramid, tiles: TileStore) {
    const [finest] = pyramid.levels;
    if (!finest) throw new Error('no levels');
    this.#canvas = canvas;
    this.#map = map;
    this.#pyramid = pyramid;
    this.#tiles = tiles;
    this.#finest = finest;
    [this.#x, this.#y] = [finest.columns / 2, finest.rows / 2];
    tiles.onLoaded = () => this.draw();
    this.#resized = new ResizeObserver(() => (this.#scale === 0 ? this.fit() : this.draw()));
    this.#resized.observe(canvas);
  }

  /** CSS pixels for each pixel of the finest level. */
  get scale(): number {
    return this.#scale;
  }

  get spacingMm(): number | undefined {
    return this.#finest.spacingMm;
  }

  fit(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    [this.#x, this.#y] = [this.#finest.columns / 2, this.#finest.rows / 2];
    this.#scale = this.#smallest;
    this.draw();
  }

  zoomTo(scale: number): void {
    this.zoomBy(scale / this.#scale);
  }

  /** @param at a place on the canvas that stays where it is, in CSS pixels */
  zoomBy(factor: number, at = { x: this.#canvas.clientWidth / 2, y: this.#canvas.clientHeight / 2 }): void {
    const scale = Math.min(LARGEST_SCALE, Math.max(this.#smallest, this.#scale * factor));
    const dx = at.x - this.#canvas.clientWidth / 2;
    const dy = at.y - this.#canvas.clientHeight / 2;
    this.#x += dx / this.#scale - dx / scale;
    this.#y += dy / this.#scale - dy / scale;
    this.#scale = scale;
    this.draw();
  }

  panBy(dx: number, dy: number): void {
    this.#x = Math.min(this.#finest.columns, Math.max(0, this.#x - dx / this.#scale));
    this.#y = Math.min(this.#finest.rows, Math.max(0, this.#y - dy / this.#scale));
    this.draw();
  }

  /** Brings a place of the small map to the middle; both from 0 to 1. */
  centre(x: number, y: number): void {
    this.#x = x * this.#finest.columns;
    this.#y = y * this.#finest.rows;
    this.draw();
  }

  draw(): void {
    if (this.#asked !== 0) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      this.#paint();
      this.onChange?.();
    });
  }

  dispose(): void {
    cancelAnimationFrame(this.#asked);
    this.#resized.disconnect();
    this.#tiles.dispose();
  }

  get #smallest(): number {
    const { clientWidth, clientHeight } = this.#canvas;
    return Math.min(1, clientWidth / this.#finest.columns, clientHeight / this.#finest.rows);
  }

  #paint(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    if (!context || this.#scale === 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    this.#canvas.width = Math.round(clientWidth * ratio);
    this.#canvas.height = Math.round(clientHeight * ratio);
    const box: Box = {
      left: this.#x - clientWidth / 2 / this.#scale,
      top: this.#y - clientHeight / 2 / this.#scale,
      width: clientWidth / this.#scale,
      height: clientHeight / this.#scale,
    };
    const chosen = levelFor(this.#pyramid, this.#scale * ratio);
    // The coarsest level lies below: something is there at once.
    const coarsest = this.#pyramid.levels.at(-1) ?? chosen;
    const below = this.#pyramid.levels.slice(this.#pyramid.levels.indexOf(chosen) + 1).reverse();
    const whole: Box = { left: 0, top: 0, width: this.#finest.columns, height: this.#finest.rows };
    this.#tiles.want([...this.#inSight(chosen, box), ...this.#inSight(coarsest, whole)]);
    for (const level of [...below, chosen]) this.#paintLevel(context, level, box, this.#scale * ratio);
    this.#paintMap(coarsest, box);
  }

  *#inSight(
    level: SlideLevel,
    { left, top, width, height }: Box,
  ): Generator<{ level: SlideLevel; frame: number; column: number; row: number }> {
    const share = level.columns / this.#finest.columns;
    const first = (edge: number, size: number) => Math.max(0, Math.floor((edge * share) / size));
    const lastColumn = Math.min(
      Math.ceil(level.columns / level.tileColumns) - 1,
      Math.floor(((left + width) * share) / level.tileColumns),
    );
    const lastRow = Math.min(
      Math.ceil(level.rows / level.tileRows) - 1,
      Math.floor(((top + height) * share) / level.tileRows),
    );
    for (let row = first(top, level.tileRows); row <= lastRow; row += 1)
      for (let column = first(left, level.tileColumns); column <= lastColumn; column += 1) {
        const frame = level.frameAt(column, row);
        if (frame !== undefined) yield { level, frame, column, row };
      }
  }

  #paintLevel(context: CanvasRenderingContext2D, level: SlideLevel, box: Box, scale: number): void {
    const size = (this.#finest.columns / level.columns) * scale;
    for (const { frame, column, row } of this.#inSight(level, box)) {
      const tile = this.#tiles.get(level, frame);
      if (!tile) continue;
      // The last tiles of a row are padded: only what belongs to the slide is drawn.
      const columns = Math.min(level.tileColumns, level.columns - column * level.tileColumns);
      const rows = Math.min(level.tileRows, level.rows - row * level.tileRows);
      const x0 = Math.round(column * level.tileColumns * size - box.left * scale);
      const y0 = Math.round(row * level.tileRows * size - box.top * scale);
      const x1 = Math.round((column * level.tileColumns + columns) * size - box.left * scale);
      const y1 = Math.round((row * level.tileRows + rows) * size - box.top * scale);
      context.drawImage(tile, 0, 0, columns, rows, x0, y0, x1 - x0, y1 - y0);
    }
  }

  #paintMap(coarsest: SlideLevel, box: Box): void {
    const context = this.#map.getContext('2d');
    if (!context) return;
    const scale = MAP_PX / Math.max(this.#finest.columns, this.#finest.rows);
    this.#map.width = Math.max(1, Math.round(this.#finest.columns * scale));
    this.#map.height = Math.max(1, Math.round(this.#finest.rows * scale));
    this.#paintLevel(
      context,
      coarsest,
      { left: 0, top: 0, width: this.#finest.columns, height: this.#finest.rows },
      scale,
    );
    context.strokeStyle = getComputedStyle(this.#map).color;
    context.lineWidth = 2;
    context.strokeRect(box.left * scale, box.top * scale, box.width * scale, box.height * scale);
  }
}
