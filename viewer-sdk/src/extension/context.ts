import type { DicomWebClient } from '../client/dicomweb-client.ts';
import type { Translate } from '../i18n/index.ts';
import type { SeriesSummary, StudySummary } from '../session/summaries.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import type { ViewerController } from '../session/viewer-controller.ts';
import type { Cell, ImageReference, ViewerContext, ViewerSignals } from './contract.ts';

/** What the context needs of the parts around the images. */
export interface ContextHost {
  readonly element: HTMLElement;
  readonly t: Translate;
  readonly locale: string;
  readonly tool: string;
  setTool(id: string): void;
  run(id: string): void;
  openPanel(id: string | undefined): void;
  requestUpdate(): void;
  ask: ViewerContext['ask'];
  confirm: ViewerContext['confirm'];
  notify: ViewerContext['notify'];
  readonly instead: { readonly show: ViewerContext['showInstead'] };
}

/** One viewer as its extensions see it. */
export class BoundContext implements ViewerContext {
  readonly #controller: ViewerController;
  readonly #host: ContextHost;

  constructor(controller: ViewerController, host: ContextHost) {
    this.#controller = controller;
    this.#host = host;
  }

  get element(): HTMLElement {
    return this.#host.element;
  }

  get t(): Translate {
    return this.#host.t;
  }

  get locale(): string {
    return this.#host.locale;
  }

  get client(): DicomWebClient | undefined {
    return this.#controller.client;
  }

  get study(): StudySummary | undefined {
    return this.#controller.state.study;
  }

  get studies(): readonly StudySummary[] {
    return this.#controller.state.shelf?.studies ?? this.#controller.state.studies;
  }

  get seriesList(): readonly SeriesSummary[] {
    return this.#controller.state.seriesList ?? [];
  }

  get cells(): readonly Cell[] {
    return this.#controller.cells;
  }

  get active(): Cell {
    return this.#controller.active;
  }

  get tool(): string {
    return this.#host.tool;
  }

  setTool(id: string): void {
    this.#host.setTool(id);
  }

  run(command: string): void {
    this.#host.run(command);
  }

  openPanel(id: string | undefined): void {
    this.#host.openPanel(id);
  }

  on<K extends keyof ViewerSignals>(signal: K, listener: (detail: ViewerSignals[K]) => void): () => void {
    return this.#controller.signals.on(signal, listener);
  }

  requestUpdate(): void {
    this.#host.requestUpdate();
  }

  activate(cell: Cell): void {
    const own = this.#controller.cells.find((candidate) => candidate === cell);
    if (own) this.#controller.activate(own);
  }

  searchStudies(): Promise<void> {
    return this.#controller.searchStudies();
  }

  relist(): Promise<void> {
    return this.#controller.relist();
  }

  async listSeries(study: string): Promise<readonly SeriesSummary[]> {
    const { shelf } = this.#controller.state;
    if (!shelf) return [];
    await shelf.admit(study);
    return shelf.list(study);
  }

  async goTo(reference: ImageReference): Promise<Cell | undefined> {
    const controller = this.#controller;
    const { study, series, instance, frame = 1, window } = reference;
    const showing = (cell: ViewerCell) => cell.state.series === series && cell.state.study === study;
    const cells = [controller.active, ...controller.cells].filter(showing);
    // A cell that is limited to other images of the series is left as it is, if another one can be had.
    const cell =
      cells.find(({ state }) => state.indexOf({ instance, frame }) >= 0) ??
      cells.find(({ state }) => !state.only) ??
      controller.active;
    controller.activate(cell);
    const { only } = cell.state;
    const within = only?.includes(instance) && showing(cell);
    await cell.openSeries(study, series, { instance, frame, only: within ? only : undefined });
    const shown = cell.view?.frame;
    if (shown?.SOPInstanceUID !== instance || shown.frameNumber !== frame) return undefined;
    if (window) cell.stack?.setWindow(window);
    return cell;
  }

  confirm(question: Parameters<ViewerContext['confirm']>[0]): Promise<boolean> {
    return this.#host.confirm(question);
  }

  ask(question: Parameters<ViewerContext['ask']>[0]): Promise<string | undefined> {
    return this.#host.ask(question);
  }

  showInstead(element: HTMLElement, removed?: () => void): () => void {
    return this.#host.instead.show(element, removed);
  }

  notify(text: string, kind?: 'information' | 'done' | 'error'): void {
    this.#host.notify(text, kind);
  }
}
