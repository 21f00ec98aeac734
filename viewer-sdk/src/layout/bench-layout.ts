import type { ViewerCell } from '../session/viewer-cell.ts';
import type { ViewerController } from '../session/viewer-controller.ts';
import { type Layout, readLayout } from './layout.ts';
import type { DraggedSeries } from './series-drag.ts';

/** What the layout needs of its viewer. */
export interface LayoutHost {
  readonly element: HTMLElement & { layout: string; readonly updateComplete: Promise<boolean> };
  readonly controller: ViewerController;
  redraw(): void;
}

/** How the cells stand, and which series goes where. */
export class BenchLayout {
  readonly #host: LayoutHost;
  /** Whether the active cell takes the place of all. */
  maximised = false;

  constructor(host: LayoutHost) {
    this.#host = host;
  }

  get value(): Layout {
    return readLayout(this.#host.element.layout);
  }

  /** What the user chose: new cells take the series that are not on the screen yet, in their order. */
  async choose({ rows, columns }: Layout): Promise<void> {
    const { element, controller } = this.#host;
    this.maximised = false;
    element.layout = `${rows}x${columns}`;
    const { state } = controller;
    await element.updateComplete;
    if (controller.state !== state) return;
    const shown = new Set(controller.cells.map((cell) => cell.state.series));
    const rest = (state.seriesList ?? []).filter(
      ({ image, SeriesInstanceUID }) => image && !shown.has(SeriesInstanceUID),
    );
    for (const cell of controller.cells) {
      if (cell.state.series !== '') continue;
      const next = rest.shift();
      if (next) controller.openSeries(next.SeriesInstanceUID, cell);
    }
  }

  /** The active cell alone, and back. */
  toggleMaximised(): void {
    this.maximised = !this.maximised && this.#host.controller.cells.length > 1;
    this.#host.redraw();
  }

  /** Puts a series of the patient into a cell. What is not known to be the patient's is not asked for. */
  put({ study, series }: DraggedSeries, cell: ViewerCell | undefined): void {
    const { controller } = this.#host;
    if (!cell || !controller.studySummary(study)) return;
    controller.activate(cell);
    if (study === controller.state.study?.StudyInstanceUID) controller.openSeries(series, cell);
    else void cell.openSeries(study, series);
    this.#host.redraw();
  }

  /** The viewer takes the whole screen, and gives it back. */
  async toggleFullScreen(): Promise<void> {
    if (isFullScreen(this.#host.element)) await document.exitFullscreen();
    else await this.#host.element.requestFullscreen();
    this.#host.redraw();
  }
}

/** Whether the element has the screen for itself, seen from its own root: it may stand inside other elements. */
export function isFullScreen(element: Element): boolean {
  const root = element.getRootNode();
  return (root instanceof ShadowRoot || root instanceof Document) && root.fullscreenElement === element;
}
