import { toViewerError } from '../errors.ts';
import type { ButtonDefinition } from '../extension/contract.ts';
import type { ExtensionHost } from '../extension/host.ts';
import type { Translate } from '../i18n/index.ts';
import { isFullScreen } from '../layout/bench-layout.ts';
import type { Layout } from '../layout/layout.ts';
import type { SecondWindow } from '../layout/second-window.ts';
import { downloadSeries } from '../session/download-series.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import type { ViewerController } from '../session/viewer-controller.ts';
import { allowedActions, BASIC_BUTTONS, isBasicTool } from './actions.ts';
import type { KeyCommand } from './keyboard.ts';
import { windowNumbers } from './overlay-text.ts';
import { benchText } from './texts.ts';
import type { PresetChoice, ToolbarState } from './toolbar.ts';
import type { ToolbarButton } from './toolbar-items.ts';
import { windowChoices } from './window-choices.ts';

export interface ActionsHost {
  readonly controller: ViewerController;
  readonly extensions: ExtensionHost;
  readonly t: Translate;
  readonly locale: string;
  readonly toolset: string;
  readonly tool: string;
  readonly layout: Layout;
  readonly element: Element;
  texts: boolean;
  windowAll: boolean;
  thumbnailsShown: boolean;
  take(tool: string): void;
  readonly second: SecondWindow;
  fullScreen(): Promise<void>;
  openMenu(menu: 'layout'): void;
  notify(text: string, kind: 'error'): void;
  redraw(): void;
}

/** Buttons that act upon the image on the screen. */
const NEED_IMAGE = new Set(['presets', 'fit', 'actual', 'invert', 'rotate', 'flip', 'flipVertical', 'reset']);

/** What buttons, menus and keys do, on the active cell; and what the buttons look like. */
export class BenchActions {
  readonly #host: ActionsHost;

  constructor(host: ActionsHost) {
    this.#host = host;
  }

  /** The viewer's own buttons and those of the extensions that the page allows. */
  buttons(): ButtonDefinition[] {
    const allowed = allowedActions(this.#host.toolset);
    return [...BASIC_BUTTONS, ...this.#host.extensions.buttons].filter(({ id }) => allowed(id));
  }

  toolbarButtons(): ToolbarButton[] {
    const { locale, t } = this.#host;
    const playing = this.#host.extensions.commands.get('play')?.pressed?.() ?? false;
    return this.buttons().map(({ id, label, icon, shortcut = '', group, place }) => ({
      id,
      label: id === 'play' && playing ? t('action.pause') : typeof label === 'string' ? label : label(locale),
      icon: id === 'play' && playing ? 'pause' : icon,
      shortcut: shortcut === ' ' ? t('shortcut.space') : shortcut,
      group,
      place,
      pressed: this.#pressed(id),
      disabled: !this.#enabled(id),
    }));
  }

  toolbarState(): ToolbarState {
    const { view } = this.#cell.state;
    const presets = this.#presets();
    const numbers = view && windowNumbers(view);
    return {
      window: numbers && presets.length > 0 ? `${numbers.width} / ${numbers.center}` : '',
      presets,
      preset: presets.findIndex(({ center, width }) => center === view?.window.center && width === view?.window.width),
      layout: this.#host.layout,
    };
  }

  /** Does what a button says. Unknown ids, and those of parts not loaded yet, do nothing. */
  run(id: string): void {
    const host = this.#host;
    const cell = this.#cell;
    const { stack } = cell;
    const command = host.extensions.commands.get(id);
    if (command) {
      if (command.enabled?.() === false) return;
      void Promise.resolve(command.run()).catch((error: unknown) => this.#failed(error));
    } else if (this.#isTool(id)) {
      if (this.#touchable) host.take(id);
    } else if (id === 'overlay') host.texts = !host.texts;
    else if (id === 'thumbnails') host.thumbnailsShown = !host.thumbnailsShown;
    else if (id === 'windowAll') host.windowAll = !host.windowAll;
    else if (id === 'secondWindow') this.#secondWindow();
    else if (id === 'fullscreen') host.fullScreen().catch((error: unknown) => this.#failed(error));
    else if (id === 'layout') host.openMenu('layout');
    else if (id === 'invert') stack?.setInverted(!cell.view?.inverted);
    else if (id === 'fit') stack?.fit();
    else if (id === 'actual') stack?.actualSize();
    else if (id === 'rotate') stack?.rotate();
    else if (id === 'flip') stack?.flip('horizontal');
    else if (id === 'flipVertical') stack?.flip('vertical');
    else if (id === 'reset') stack?.reset();
    host.redraw();
  }

  key(command: KeyCommand): void {
    const cell = this.#cell;
    if (command.kind === 'button') this.run(command.id);
    else if (command.kind === 'step') cell.display?.step(command.by);
    else if (command.kind === 'jump') void cell.show(command.to === 'first' ? 0 : cell.state.count - 1);
    else if (command.kind === 'series') this.#neighbourSeries(command.by);
    else this.preset(command.index);
  }

  preset(index: number): void {
    const preset = this.#presets()[index];
    if (!preset) return;
    const { center, width } = preset;
    for (const cell of this.#host.windowAll ? this.#host.controller.cells : [this.#cell])
      cell.stack?.setWindow({ center, width });
  }

  /** Saves a series as files. */
  download(series: string, study = this.#host.controller.state.study?.StudyInstanceUID): void {
    const { client } = this.#host.controller;
    if (!study || !client) return;
    downloadSeries(client, study, series, document).catch((error: unknown) => this.#failed(error));
  }

  /** Whether there is, or comes, an image that a tool could touch: not after a failure, not on documents. */
  get #touchable(): boolean {
    const { state, cells } = this.#host.controller;
    return !state.error && !cells.every((cell) => cell.state.object);
  }

  #isTool(id: string): boolean {
    return isBasicTool(id) || this.#host.extensions.tools.has(id);
  }

  get #cell(): ViewerCell {
    return this.#host.controller.active;
  }

  #pressed(id: string): boolean | undefined {
    const { element, extensions, tool, texts, thumbnailsShown, windowAll } = this.#host;
    if (id === 'invert') return this.#cell.view?.inverted ?? false;
    if (id === 'overlay') return texts;
    if (id === 'thumbnails') return thumbnailsShown;
    if (id === 'windowAll') return windowAll;
    if (id === 'fullscreen') return isFullScreen(element);
    // Its label says it.
    if (id === 'play') return undefined;
    if (this.#isTool(id)) return this.#touchable && tool === id;
    return extensions.commands.get(id)?.pressed?.();
  }

  #enabled(id: string): boolean {
    const { view } = this.#cell.state;
    if (NEED_IMAGE.has(id)) return view !== undefined;
    if (this.#isTool(id) && !this.#touchable) return false;
    if (id === 'secondWindow') return this.#host.second.possible;
    if (id === 'fullscreen') return document.fullscreenEnabled;
    if (id !== 'play' && BASIC_BUTTONS.some((button) => button.id === id)) return true;
    const { commands, tools } = this.#host.extensions;
    return tools.has(id) || (commands.has(id) && commands.get(id)?.enabled?.() !== false);
  }

  #presets(): PresetChoice[] {
    const { view } = this.#cell.state;
    return view ? windowChoices(view.frame, view.range, this.#host.t) : [];
  }

  #neighbourSeries(by: 1 | -1): void {
    const { controller } = this.#host;
    const images = (controller.state.seriesList ?? []).filter(({ image }) => image);
    const at = images.findIndex(({ SeriesInstanceUID }) => SeriesInstanceUID === this.#cell.state.series);
    const next = images[at + by];
    if (next) controller.openSeries(next.SeriesInstanceUID);
  }

  #secondWindow(): void {
    const { locale, second } = this.#host;
    if (!second.open()) this.#host.notify(benchText(locale, 'secondWindowBlocked'), 'error');
  }

  /** What failed beside the image: the image stays. */
  #failed(error: unknown): void {
    const failure = toViewerError(error, 'VIEWER_BAD_RESPONSE');
    this.#host.notify(`${this.#host.t(`error.${failure.code}.title`)} · ${failure.code}`, 'error');
    this.#host.controller.tell(failure);
  }
}
