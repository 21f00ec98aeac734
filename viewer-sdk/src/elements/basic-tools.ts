import type { CellDrag, CellPointer } from '../extension/contract.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import type { BasicTool } from './actions.ts';
import { draggedWindow } from './window-choices.ts';

/** Dragging this far scrolls by one frame in short stacks; long stacks fit the whole drag into the cell's height. */
const LEAST_PIXELS_PER_FRAME = 2;
const MOST_PIXELS_PER_FRAME = 14;
/** Dragging this far doubles or halves the zoom. */
const ZOOM_PIXELS = 150;

/** What windowing changes: the cell under the pointer, or all of them. */
export type WindowChange = (cell: ViewerCell, deltaX: number, deltaY: number) => void;

/** CSS cursors of the tools that need no extension. */
export const BASIC_CURSORS: Readonly<Record<BasicTool, string>> = {
  window: 'default',
  scroll: 'ns-resize',
  zoom: 'zoom-in',
  pan: 'move',
};

/** The drag of one of the viewer's own tools. They need no place on the image. */
export function basicDrag(
  tool: BasicTool,
  cell: ViewerCell,
  start: CellPointer,
  changeWindow: WindowChange = windowCell,
): CellDrag {
  let [x, y] = start.screen;
  const [startX, startY] = start.screen;
  let rest = 0;
  return {
    move({ screen }) {
      const [deltaX, deltaY] = [screen[0] - x, screen[1] - y];
      [x, y] = screen;
      if (tool === 'window') changeWindow(cell, deltaX, deltaY);
      else if (tool === 'zoom') cell.stack?.zoomBy(2 ** (-deltaY / ZOOM_PIXELS), { x: startX, y: startY });
      else if (tool === 'pan') cell.stack?.panBy(deltaX, deltaY);
      else {
        const ideal = cell.size.height / Math.max(1, cell.state.count);
        rest += deltaY / Math.min(MOST_PIXELS_PER_FRAME, Math.max(LEAST_PIXELS_PER_FRAME, ideal));
        const steps = Math.trunc(rest);
        rest -= steps;
        if (steps !== 0) cell.display?.step(steps);
      }
    },
    up() {},
    cancel() {},
  };
}

/** To the right is wider, down is brighter. */
export function windowCell(cell: ViewerCell, deltaX: number, deltaY: number): void {
  const { view } = cell;
  if (view) cell.stack?.setWindow(draggedWindow(view, deltaX, deltaY));
}
