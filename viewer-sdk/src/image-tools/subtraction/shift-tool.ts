import { svg } from 'lit';
import type { Cell, CellDrag, CellLayer, CellPointer, ViewerContext, ViewerTool } from '../../extension/contract.ts';
import { imageToolsText } from '../texts.ts';
import type { SubtractionSession } from './subtraction-session.ts';

/** Tenths of a pixel are finer than anybody drags. */
const PRECISION = 10;

/** Dragging moves the mask under the run, pixel by pixel of the image. */
export class ShiftTool implements ViewerTool {
  readonly id = 'maskShift';
  readonly cursor = 'move';
  readonly #session: SubtractionSession;

  constructor(session: SubtractionSession) {
    this.#session = session;
  }

  down({ cell, image }: CellPointer): CellDrag | undefined {
    const session = this.#session;
    if (!session.available(cell)) return undefined;
    const start = session.settings(cell)?.operation.shift;
    if (!start) return undefined;
    const set = (x: number, y: number) => session.change(cell, { operation: { shift: [x, y] } });
    const rounded = (value: number): number => Math.round(value * PRECISION) / PRECISION;
    return {
      move: ({ image: [x, y] }) => set(rounded(start[0] + x - image[0]), rounded(start[1] + y - image[1])),
      up() {},
      cancel: () => set(...start),
    };
  }
}

/** Says on the image that it is a subtraction, and of what. */
export class SubtractionLabel implements CellLayer {
  readonly id = 'subtraction';
  readonly order = 35;
  readonly #viewer: ViewerContext;
  readonly #session: SubtractionSession;

  constructor(viewer: ViewerContext, session: SubtractionSession) {
    this.#viewer = viewer;
    this.#session = session;
  }

  render(cell: Cell) {
    const settings = cell.view?.subtraction && this.#session.settings(cell);
    if (!settings) return undefined;
    const { operation } = settings;
    const mask = operation.operation === 'AVG_SUB' ? operation.maskFrames.join(', ') : operation.operation;
    const [x, y] = operation.shift;
    const text = imageToolsText(this.#viewer.locale, 'sub.shown', { mask, x, y });
    return svg`<text class="subtraction" x=${cell.size.width / 2} y="52" text-anchor="middle" font-size="13"
      fill="var(--filmless-overlay-accent)" stroke="var(--filmless-annotation-rim)" stroke-width="3" paint-order="stroke">DSA · ${text}</text>`;
  }
}
