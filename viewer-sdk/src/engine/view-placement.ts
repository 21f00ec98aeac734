import type { Frame } from '../dicom/frame.ts';
import {
  centered,
  type Extent,
  fitScale,
  mirror,
  type PixelSize,
  type Placement,
  quarterTurn,
  snapped,
  toImage,
  UPRIGHT,
} from './placement.ts';
import { pixelSize } from './viewport-adapter.ts';

/** Zoom limits, relative to the fitted image. */
const LEAST_ZOOM = 0.1;
const MOST_ZOOM = 40;

/** A placement on an element of a size. */
export interface Place {
  readonly placement: Placement;
  /** CSS pixels per world unit. */
  readonly scale: number;
  readonly pixel: PixelSize;
  readonly extent: Extent;
}

/** Zoom, pan, rotation and mirroring of one view. */
export class ViewPlacement {
  readonly #element: HTMLElement;
  #placement: Placement | undefined;
  #placed: { columns: number; rows: number } | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  reset(): void {
    this.#placement = undefined;
  }

  /** Where a frame lies now; `undefined` while the element has no size. */
  of(frame: Frame): Place | undefined {
    const { clientWidth, clientHeight } = this.#element;
    if (clientWidth === 0 || clientHeight === 0) return undefined;
    const { rows, columns } = frame.pixels;
    const pixel = pixelSize(frame);
    const extent: Extent = { rows, columns, pixel };
    // Another matrix size in the same series: the same part of the picture, not the same pixel numbers.
    if (this.#placement && this.#placed && (this.#placed.columns !== columns || this.#placed.rows !== rows)) {
      const [x, y] = this.#placement.center;
      this.#placement = {
        ...this.#placement,
        center: [(x / this.#placed.columns) * columns, (y / this.#placed.rows) * rows],
      };
    }
    this.#placed = { columns, rows };
    this.#placement ??= centered(extent, UPRIGHT);
    const scale = fitScale(extent, this.#placement.turn, clientWidth, clientHeight) * this.#placement.zoom;
    return { placement: this.#placement, scale, pixel, extent };
  }

  /** The placement as it is drawn: pixels of the image on pixels of the screen. */
  drawn({ placement, pixel, scale }: Place): Placement {
    const { clientWidth: width, clientHeight: height } = this.#element;
    return snapped(placement, pixel, scale, { width, height, ratio: window.devicePixelRatio || 1 });
  }

  zoomBy({ placement, scale, pixel }: Place, factor: number, at?: { readonly x: number; readonly y: number }): void {
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, placement.zoom * factor));
    const { clientWidth, clientHeight } = this.#element;
    const offset: [number, number] = at ? [at.x - clientWidth / 2, at.y - clientHeight / 2] : [0, 0];
    // The place under the pointer stays under it.
    const before = toImage(...offset, placement.turn, pixel, scale);
    const after = toImage(...offset, placement.turn, pixel, (scale * zoom) / placement.zoom);
    this.#placement = {
      ...placement,
      zoom,
      center: [placement.center[0] + before[0] - after[0], placement.center[1] + before[1] - after[1]],
    };
  }

  panBy({ placement, scale, pixel, extent }: Place, deltaX: number, deltaY: number): void {
    const [x, y] = toImage(deltaX, deltaY, placement.turn, pixel, scale);
    const { clientWidth, clientHeight } = this.#element;
    const across = toImage(clientWidth, 0, placement.turn, pixel, scale);
    const down = toImage(0, clientHeight, placement.turn, pixel, scale);
    // A quarter of the image, or of the view where that is smaller, stays in sight: an image pushed out of it would look like a missing one.
    const keep = (value: number, size: number, view: number): number => {
      const rest = Math.min(size, view) / 4;
      return Math.min(size + view / 2 - rest, Math.max(rest - view / 2, value));
    };
    const [viewX, viewY] = [Math.abs(across[0]) + Math.abs(down[0]), Math.abs(across[1]) + Math.abs(down[1])];
    this.#placement = {
      ...placement,
      center: [keep(placement.center[0] - x, extent.columns, viewX), keep(placement.center[1] - y, extent.rows, viewY)],
    };
  }

  fit({ placement, extent }: Place): void {
    this.#placement = centered(extent, placement.turn);
  }

  /** One image pixel to one device pixel. */
  actualSize({ placement, scale, pixel }: Place): void {
    const cssPixels = 1 / (window.devicePixelRatio || 1);
    this.#placement = {
      ...placement,
      zoom: (placement.zoom * cssPixels) / (Math.min(pixel.width, pixel.height) * scale),
    };
  }

  rotate({ placement }: Place): void {
    this.#placement = { ...placement, turn: quarterTurn(placement.turn) };
  }

  flip({ placement }: Place, direction: 'horizontal' | 'vertical'): void {
    this.#placement = { ...placement, turn: mirror(placement.turn, direction) };
  }
}
