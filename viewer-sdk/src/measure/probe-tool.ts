import type { CellPointer } from '../extension/contract.ts';
import { DrawTool } from './draw-tool.ts';
import type { MeasureSession } from './session.ts';

/** Shows the value under the pointer while it moves; a press leaves it on the image. */
export class ProbeTool extends DrawTool {
  readonly #read: MeasureSession;

  constructor(session: MeasureSession) {
    super(session, 'probe', 'probe');
    this.#read = session;
  }

  override hover({ cell, image, screen }: CellPointer): void {
    const before = this.#read.reading?.cell;
    this.#read.reading = Number.isFinite(image[0]) ? { cell, image, screen } : undefined;
    if (before && before !== cell) before.redraw();
    cell.redraw();
  }
}
