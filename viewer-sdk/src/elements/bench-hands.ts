import type { CellDrag, CellPointer, ViewerTool } from '../extension/contract.ts';
import type { ExtensionHost } from '../extension/host.ts';
import { carriesSeries, type DraggedSeries, readSeriesDrag } from '../layout/series-drag.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import type { ViewerController } from '../session/viewer-controller.ts';
import { type BasicTool, isBasicTool } from './actions.ts';
import { BASIC_CURSORS, basicDrag, windowCell } from './basic-tools.ts';
import { CellPointers } from './cell-pointer.ts';

export interface HandsHost {
  readonly controller: ViewerController;
  readonly extensions: ExtensionHost;
  /** What the right button drags; whatever the left button does not when empty. */
  readonly rightButton: string;
  /** Whether dragging the window changes all images, as it does with Shift. */
  readonly windowAll: boolean;
  /** A series was dropped onto a cell. */
  put(series: DraggedSeries, cell: ViewerCell): void;
  /** A double click that no tool wants. */
  doubleClick(): void;
  redraw(): void;
}

/** Mouse, pen and touch: the active tool, and which of layers, tools and the viewer itself gets a press. */
export class BenchHands {
  readonly #host: HandsHost;
  readonly #pointers = new Map<ViewerCell, CellPointers>();
  #tool = 'window';

  constructor(host: HandsHost) {
    this.#host = host;
  }

  get tool(): string {
    return this.#tool;
  }

  /** CSS cursor over the images. */
  get cursor(): string {
    return isBasicTool(this.#tool) ? BASIC_CURSORS[this.#tool] : (this.#extended?.cursor ?? 'crosshair');
  }

  /** Unknown tools, and those not loaded yet, change nothing. */
  take(id: string): void {
    if (id === this.#tool || !(isBasicTool(id) || this.#host.extensions.tools.has(id))) return;
    this.cancel();
    this.#extended?.leave?.();
    this.#tool = id;
    this.#host.redraw();
  }

  /** Listens on a cell's image area. @returns ends it */
  attach(area: HTMLElement, cell: ViewerCell): () => void {
    const pointers = new CellPointers(area, cell, {
      press: (pointer) => this.#press(pointer, cell),
      hover: (pointer) => {
        if (cell.view) this.#extended?.hover?.(pointer);
      },
      doubleClick: (pointer) => {
        const tool = this.#extended;
        if (!tool?.doubleClick) this.#host.doubleClick();
        else if (cell.view) tool.doubleClick(pointer);
      },
    });
    // Cells that the layout took away.
    for (const gone of this.#pointers.keys())
      if (!this.#host.controller.cells.includes(gone)) this.#pointers.delete(gone);
    this.#pointers.set(cell, pointers);
    const drops = takeDrops(area, (series) => this.#host.put(series, cell));
    return () => {
      drops.abort();
      pointers.dispose();
      if (this.#pointers.get(cell) === pointers) this.#pointers.delete(cell);
    };
  }

  /** Gives up what is being dragged. @param cell there alone */
  cancel(cell?: ViewerCell): void {
    for (const [own, pointers] of this.#pointers) if (!cell || own === cell) pointers.cancel();
  }

  /** @returns whether there was something to give up */
  escape(): boolean {
    const dragging = [...this.#pointers.values()].some((pointers) => pointers.dragging);
    this.cancel();
    return dragging || (this.#extended?.escape?.() ?? false);
  }

  dispose(): void {
    for (const pointers of this.#pointers.values()) pointers.dispose();
    this.#pointers.clear();
  }

  get #extended(): ViewerTool | undefined {
    return this.#host.extensions.tools.get(this.#tool);
  }

  /** Middle moves; right windows or zooms; left is a layer's handle, the active tool, or the window. */
  #press(pointer: CellPointer, cell: ViewerCell): CellDrag | undefined {
    const { button, shiftKey } = pointer.event;
    const everywhere = (_cell: ViewerCell, deltaX: number, deltaY: number) => {
      for (const other of this.#host.controller.cells) windowCell(other, deltaX, deltaY);
    };
    const basic = (tool: BasicTool) =>
      basicDrag(tool, cell, pointer, shiftKey || this.#host.windowAll ? everywhere : windowCell);
    if (button === 1) return basic('pan');
    if (button === 2) return basic(this.#rightTool());
    const usual = isBasicTool(this.#tool) ? this.#tool : 'window';
    // Extensions work on images: where there is none, the viewer's own tools still page and move.
    if (!cell.view) return basic(usual);
    return this.#grab(pointer) ?? this.#extended?.down(pointer) ?? basic(usual);
  }

  #rightTool(): BasicTool {
    const { rightButton } = this.#host;
    if (rightButton === 'window' || rightButton === 'zoom') return rightButton;
    return this.#tool === 'window' ? 'zoom' : 'window';
  }

  /** The topmost layer first. */
  #grab(pointer: CellPointer): CellDrag | undefined {
    for (const layer of this.#host.extensions.layers.toReversed()) {
      const drag = layer.grab?.(pointer);
      if (drag) return drag;
    }
    return undefined;
  }
}

/** A series may be dropped here. @returns ends it */
function takeDrops(area: HTMLElement, put: (series: DraggedSeries) => void): AbortController {
  const controller = new AbortController();
  const { signal } = controller;
  const leave = () => area.removeAttribute('data-drop');
  const over = (event: DragEvent) => {
    if (!carriesSeries(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    area.setAttribute('data-drop', '');
  };
  area.addEventListener('dragenter', over, { signal });
  area.addEventListener('dragover', over, { signal });
  area.addEventListener('dragleave', leave, { signal });
  area.addEventListener(
    'drop',
    (event) => {
      leave();
      const series = readSeriesDrag(event);
      if (!series) return;
      event.preventDefault();
      put(series);
    },
    { signal },
  );
  signal.addEventListener('abort', leave);
  return controller;
}
