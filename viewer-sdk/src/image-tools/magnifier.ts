import { svg } from 'lit';
import type { Cell, CellDrag, CellLayer, CellPointer, ViewerContext, ViewerTool } from '../extension/contract.ts';
import { paintRegion, regionAround } from './paint.ts';
import { presentationOf } from './presentation.ts';
import { imageToolsText } from './texts.ts';

const DIAMETER_PX = 220;
const ZOOMS = [2, 3, 4, 6] as const;
/** A press that moves less than this is a click. */
const CLICK_PX = 4;
/** A finger covers what it points at: the lens stands above it. */
const ABOVE_FINGER_PX = 130;

/** A round lens that follows the pointer and shows the original pixels in the current window; a click takes the next zoom. */
export class Magnifier implements ViewerTool, CellLayer {
  readonly id = 'magnifier';
  readonly order = 90;
  readonly cursor = 'none';
  readonly #viewer: ViewerContext;
  readonly #canvas = document.createElement('canvas');
  #zoom: (typeof ZOOMS)[number] = 3;
  #at: { readonly cell: Cell; readonly x: number; readonly y: number; readonly finger: boolean } | undefined;

  constructor(viewer: ViewerContext) {
    this.#viewer = viewer;
  }

  down(pointer: CellPointer): CellDrag {
    const [startX, startY] = pointer.screen;
    this.hover(pointer);
    return {
      move: (next) => this.hover(next),
      up: (end) => {
        const moved = Math.hypot(end.screen[0] - startX, end.screen[1] - startY);
        if (moved < CLICK_PX) this.#zoom = ZOOMS[(ZOOMS.indexOf(this.#zoom) + 1) % ZOOMS.length] ?? 3;
        if (end.event.pointerType === 'mouse') this.hover(end);
        else this.leave();
      },
      cancel: () => this.leave(),
    };
  }

  hover({ cell, screen: [x, y], event }: CellPointer): void {
    const before = this.#at?.cell;
    this.#at = { cell, x, y, finger: event.pointerType === 'touch' };
    if (before && before !== cell) before.redraw();
    cell.redraw();
  }

  leave(): void {
    const cell = this.#at?.cell;
    this.#at = undefined;
    cell?.redraw();
  }

  render(cell: Cell) {
    const at = this.#at;
    if (at?.cell !== cell || this.#viewer.tool !== this.id) return undefined;
    const { view } = cell;
    const grid = cell.stack?.drawn();
    const outside = at.x < 0 || at.y < 0 || at.x > cell.size.width || at.y > cell.size.height;
    if (!view || !grid || outside) return undefined;
    const perCssPixel = window.devicePixelRatio || 1;
    const size = Math.round(DIAMETER_PX * perCssPixel);
    const region = regionAround(view.toScreen, [at.x, at.y], this.#zoom, { width: size, height: size, perCssPixel });
    const canvas = this.#canvas;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    canvas.style.cssText = `display:block;inline-size:${DIAMETER_PX}px;block-size:${DIAMETER_PX}px;border-radius:50%`;
    canvas.getContext('2d')?.putImageData(paintRegion(grid, region, presentationOf(view, grid.padding)), 0, 0);
    const radius = DIAMETER_PX / 2;
    const y = at.finger ? at.y - ABOVE_FINGER_PX : at.y;
    const label = imageToolsText(this.#viewer.locale, 'lens.zoom', { zoom: this.#zoom });
    return svg`<foreignObject x=${at.x - radius} y=${y - radius} width=${DIAMETER_PX} height=${DIAMETER_PX}>${canvas}</foreignObject>
      <circle cx=${at.x} cy=${y} r=${radius} fill="none" stroke="var(--filmless-annotation-rim)" stroke-width="4" />
      <circle cx=${at.x} cy=${y} r=${radius} fill="none" stroke="var(--filmless-overlay-text)" stroke-width="1.5" />
      <text x=${at.x} y=${y + radius - 10} text-anchor="middle" font-size="12" fill="var(--filmless-overlay-text)"
        stroke="var(--filmless-annotation-rim)" stroke-width="3" paint-order="stroke">${label}</text>`;
  }
}
