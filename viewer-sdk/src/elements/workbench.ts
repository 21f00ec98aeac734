import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { registerBuiltIns } from '../extension/built-in.ts';
import { BoundContext } from '../extension/context.ts';
import type { CellLayer } from '../extension/contract.ts';
import { ExtensionHost } from '../extension/host.ts';
import type { Translate } from '../i18n/index.ts';
import { BenchLayout } from '../layout/bench-layout.ts';
import type { Layout } from '../layout/layout.ts';
import { SecondWindow } from '../layout/second-window.ts';
import type { DraggedSeries } from '../layout/series-drag.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import type { ViewerController } from '../session/viewer-controller.ts';
import { BenchActions } from './bench-actions.ts';
import { BenchHands } from './bench-hands.ts';
import { BenchInstead } from './bench-instead.ts';
import { BenchObjects } from './bench-objects.ts';
import { BenchTalk } from './bench-talk.ts';
import type { FilmlessViewerCell } from './cell.ts';
import type { CellUi } from './cell-ui.ts';
import { defineBenchElements } from './define-bench.ts';
import { keptByTarget, keyCommand } from './keyboard.ts';
import { messageStyles } from './message.styles.ts';
import { cellMessage, type MessageContext, viewerMessage } from './stage-message.ts';
import { benchText } from './texts.ts';
import type { Progress } from './thumbnails.ts';
import type { ToolbarButton } from './toolbar-items.ts';
import type { FilmlessViewer } from './viewer.ts';

/** What the workbench needs of its viewer. */
export interface WorkbenchHost {
  readonly element: FilmlessViewer;
  readonly t: Translate;
  /** Whether the page names something to open. */
  readonly named: boolean;
  /** Whether the series list is unfolded. */
  thumbnails: boolean;
  cells(): Iterable<FilmlessViewerCell>;
}

/** Everything around the images: toolbar, series list, panels, dialogue, keys, extensions. Comes after the first image is on the screen. */
export class Workbench implements CellUi {
  /** Whether the corners of the images carry text. */
  texts = true;
  /** Whether dragging the window changes all images. */
  windowAll = false;
  readonly controller: ViewerController;
  readonly extensions: ExtensionHost;
  readonly #host: WorkbenchHost;
  readonly #actions: BenchActions;
  readonly #hands: BenchHands;
  readonly #talk: BenchTalk;
  readonly #objects: BenchObjects;
  readonly #layout: BenchLayout;
  readonly second: SecondWindow;
  readonly instead = new BenchInstead(() => this.redraw());
  readonly #ends: readonly (() => void)[];
  #panel: string | undefined;
  #buttons: { signature: string; buttons: readonly ToolbarButton[] } = { signature: '', buttons: [] };

  constructor(controller: ViewerController, host: WorkbenchHost) {
    defineBenchElements();
    registerBuiltIns();
    this.controller = controller;
    this.#host = host;
    adopt(host.element.renderRoot);
    this.#talk = new BenchTalk(
      () => this.locale,
      () => host.element.requestUpdate(),
    );
    this.#actions = new BenchActions(this);
    this.#hands = new BenchHands(this);
    this.#layout = new BenchLayout(this);
    this.second = new SecondWindow(host.element, controller);
    const context = new BoundContext(controller, this);
    this.extensions = new ExtensionHost(context, {
      changed: () => {
        // Extensions may load at once, before the rest of this constructor.
        queueMicrotask(() => this.#objects.reconsider(controller.cells));
        this.redraw();
      },
      failed: (name, error) => {
        console.error(`Filmless viewer: the extension ${name} was not loaded`, error);
        this.notify(benchText(this.locale, 'toolsFailed', { name }), 'error');
      },
    });
    this.#objects = new BenchObjects(this.extensions, context);
    const { signals } = controller;
    this.#ends = [
      signals.on('closed', () => {
        this.#hands.cancel();
        this.#talk.clear();
        this.instead.clear();
        this.second.end();
        this.redraw();
      }),
      signals.on('series', ({ cell }) => this.#series(cell as ViewerCell)),
    ];
    for (const cell of controller.cells) this.#series(cell);
    host.element.addEventListener('fullscreenchange', this.#fullScreenChanged);
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.element.removeEventListener('fullscreenchange', this.#fullScreenChanged);
    this.#talk.clear();
    this.#hands.dispose();
    this.second.dispose();
    this.#objects.dispose();
    this.extensions.dispose();
  }

  get element(): FilmlessViewer {
    return this.#host.element;
  }

  get t(): Translate {
    return this.#host.t;
  }

  get locale(): string {
    return this.element.locale;
  }

  get toolset(): string {
    return this.element.toolset;
  }

  get rightButton(): string {
    return this.element.rightButton;
  }

  get layout(): Layout {
    return this.#layout.value;
  }

  /** Whether the active cell takes the place of all. */
  get maximised(): boolean {
    return this.#layout.maximised;
  }

  get tool(): string {
    return this.#hands.tool;
  }

  get cursor(): string {
    return this.#hands.cursor;
  }

  get layers(): readonly CellLayer[] {
    return this.extensions.layers;
  }

  get thumbnailsShown(): boolean {
    return this.#host.thumbnails;
  }

  set thumbnailsShown(shown: boolean) {
    this.#host.thumbnails = shown;
  }

  /** The viewer and all its cells are drawn anew. */
  redraw(): void {
    this.element.requestUpdate();
    for (const cell of this.#host.cells()) cell.requestUpdate();
  }

  requestUpdate(): void {
    this.redraw();
  }

  take(tool: string): void {
    this.#hands.take(tool);
  }

  setTool(id: string): void {
    this.#hands.take(id);
  }

  run(id: string): void {
    this.#actions.run(id);
  }

  setLayout(layout: Layout): void {
    void this.#layout.choose(layout);
  }

  fullScreen(): Promise<void> {
    return this.#layout.toggleFullScreen();
  }

  put(series: DraggedSeries, cell: ViewerCell | undefined): void {
    this.#layout.put(series, cell);
  }

  openMenu(menu: 'layout'): void {
    this.element.renderRoot.querySelector('filmless-viewer-toolbar')?.openMenu(menu);
  }

  openPanel(id: string | undefined): void {
    this.#panel = id;
    this.element.requestUpdate();
  }

  ask(question: Parameters<BenchTalk['ask']>[0]): Promise<string | undefined> {
    return this.#talk.ask(question);
  }

  async confirm({ title, text, yes }: { title: string; text: string; yes: string }): Promise<boolean> {
    return (await this.#talk.ask({ title, text, yes })) !== undefined;
  }

  notify(text: string, kind: 'information' | 'done' | 'error' = 'information'): void {
    this.#talk.notify(text, kind);
  }

  /** A double click on an image: it alone, and back. */
  doubleClick(): void {
    this.#layout.toggleMaximised();
  }

  toolbar(): TemplateResult {
    return html`<filmless-viewer-toolbar
      part="toolbar"
      ?inert=${this.#talk.asking}
      .t=${this.t}
      .locale=${this.locale}
      .buttons=${this.#toolbarButtons()}
      .view=${this.#actions.toolbarState()}
      @viewer-action=${(event: CustomEvent<string>) => this.run(event.detail)}
      @preset-choose=${(event: CustomEvent<number>) => this.#actions.preset(event.detail)}
      @layout-choose=${(event: CustomEvent<Layout>) => this.setLayout(event.detail)}
    >
      <slot name="toolbar-end" slot="end"></slot>
    </filmless-viewer-toolbar>`;
  }

  thumbnails(): TemplateResult {
    const { state, active } = this.controller;
    return html`<filmless-viewer-thumbnails
      part="thumbnails"
      ?inert=${this.#talk.asking}
      .t=${this.t}
      .series=${state.error || !this.#host.named ? (state.seriesList ?? []) : state.seriesList}
      .studies=${state.studies}
      .study=${state.study?.StudyInstanceUID ?? ''}
      .active=${active.state.series}
      .pictures=${state.pictures}
      .progress=${this.#progress()}
      .keyImages=${state.error ? new Map() : this.extensions.keyImages()}
      .locale=${this.locale}
      .cells=${this.controller.cells.map((cell) => cell.state.series)}
      @series-put=${({ detail }: CustomEvent<{ series: string; cell: number }>) =>
        this.put(
          { study: state.study?.StudyInstanceUID ?? '', series: detail.series },
          this.controller.cells[detail.cell],
        )}
      @series-open=${(event: CustomEvent<string>) => this.controller.openSeries(event.detail)}
      @series-download=${(event: CustomEvent<string>) => this.#actions.download(event.detail)}
      @study-choose=${(event: CustomEvent<string>) => Object.assign(this.element, { study: event.detail, series: '' })}
    ></filmless-viewer-thumbnails>`;
  }

  panels(): TemplateResult | typeof nothing {
    const { panels } = this.extensions;
    if (panels.length === 0) return nothing;
    const entries = panels.map(({ id, label, icon }) => ({
      id,
      label: typeof label === 'string' ? label : label(this.locale),
      icon,
      disabled: this.controller.state.error !== undefined,
    }));
    // Nothing of a study that had to go may stand in a panel.
    const open = this.controller.state.error ? [] : panels.filter(({ id }) => id === this.#panel);
    return html`<filmless-viewer-panels
      exportparts="panel"
      ?inert=${this.#talk.asking}
      .panels=${entries}
      .open=${open[0]?.id}
      .locale=${this.locale}
      @panel-choose=${(event: CustomEvent<string | undefined>) => this.openPanel(event.detail)}
    >
      ${repeat(
        open,
        ({ id }) => id,
        (panel) => panel.render(),
      )}
    </filmless-viewer-panels>`;
  }

  /** What lies over everything: the dialogue, short lines at the foot. */
  above(): TemplateResult {
    return this.#talk.render();
  }

  /** What covers all images. */
  cover(): TemplateResult | typeof nothing {
    const { state, cells } = this.controller;
    const anything = cells.some((cell) => cell.state.series !== '');
    return viewerMessage(state, anything, this.#messages());
  }

  message(cell: ViewerCell): TemplateResult | typeof nothing {
    const { state, cells, active } = this.controller;
    const first = cell === active && cells.every((other) => other.state.series === '');
    const coming = this.#host.named && (state.seriesList?.some(({ image }) => image) ?? true);
    return cellMessage(cell, first && coming, this.#messages());
  }

  scrollbar(cell: ViewerCell): TemplateResult | typeof nothing {
    const { state } = cell;
    if (state.count < 2 || state.object) return nothing;
    return html`<filmless-viewer-scrollbar
      .t=${this.t}
      .index=${Math.max(0, state.wanted)}
      .count=${state.count}
      .loaded=${state.loaded}
      @slice-request=${(event: CustomEvent<number>) => void cell.show(event.detail)}
    ></filmless-viewer-scrollbar>`;
  }

  object(cell: ViewerCell): TemplateResult | typeof nothing {
    return this.#objects.render(cell);
  }

  drawn(cell: ViewerCell, root: ParentNode): void {
    this.#objects.mount(cell, root);
  }

  attach(area: HTMLElement, cell: ViewerCell): () => void {
    adopt(area.getRootNode());
    return this.#hands.attach(area, cell);
  }

  keydown(event: KeyboardEvent): void {
    if (event.defaultPrevented || this.#talk.asking || keptByTarget(event)) return;
    if (event.key === 'Escape' && this.#hands.escape()) {
      event.preventDefault();
      return;
    }
    const command = keyCommand(event, this.#actions.buttons());
    if (!command) return;
    event.preventDefault();
    this.#actions.key(command);
  }

  #series(cell: ViewerCell): void {
    this.#hands.cancel(cell);
    this.#objects.choose(cell);
  }

  readonly #fullScreenChanged = (): void => this.redraw();

  #messages(): MessageContext {
    const several = this.#host.named && this.controller.cells.length > 1;
    return {
      t: this.t,
      named: this.#host.named,
      locale: this.locale,
      emptyCell: several ? benchText(this.locale, 'emptyCell') : '',
      settled: this.extensions.settled,
      reload: () => this.element.reload(),
      download: (cell) => this.#actions.download(cell.state.series, cell.state.study),
    };
  }

  #progress(): ReadonlyMap<string, Progress> {
    const entries = this.controller.cells
      .filter(({ state }) => state.open?.complete && state.count > 0 && !state.only)
      .map(({ state }) => [state.series, { loaded: state.loaded.filter(Boolean).length, count: state.count }] as const);
    return new Map(entries);
  }

  /** The same list as long as nothing about it changed: the toolbar is not drawn with every image. */
  #toolbarButtons(): readonly ToolbarButton[] {
    const buttons = this.#actions.toolbarButtons();
    const signature = JSON.stringify(buttons.map(({ id, label, pressed, disabled }) => [id, label, pressed, disabled]));
    if (signature !== this.#buttons.signature) this.#buttons = { signature, buttons };
    return this.#buttons.buttons;
  }
}

/** Puts the styles of the workbench's messages into another root. */
function adopt(root: Node): void {
  const { styleSheet } = messageStyles;
  if (!(root instanceof ShadowRoot) || !styleSheet || root.adoptedStyleSheets.includes(styleSheet)) return;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
}
