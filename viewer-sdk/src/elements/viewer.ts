import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { TokenProvider } from '../client/authorized-fetch.ts';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { requestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import { cineRate } from '../dicom/cine-rate.ts';
import { type EngineLoader, loadEngine } from '../engine/load-engine.ts';
import { toViewerError } from '../errors.ts';
import { type Translate, translator } from '../i18n/index.ts';
import { downloadSeries } from '../session/download-series.ts';
import { readTarget } from '../session/target.ts';
import { ViewerController } from '../session/viewer-controller.ts';
import { type Theme, tokenStyles } from '../tokens.css.ts';
import { type Action, allowedActions, isTool, type Tool } from './actions.ts';
import { baseStyles } from './base.styles.ts';
import { keptByTarget, keyCommand } from './keyboard.ts';
import { PointerTools } from './pointer-tools.ts';
import { stageMessage } from './stage-message.ts';
import type { Progress } from './thumbnails.ts';
import type { PresetChoice, ToolbarState } from './toolbar.ts';
import { toolbarState } from './toolbar-state.ts';
import { viewerStyles } from './viewer.styles.ts';
import { renderBanner } from './viewer-parts.ts';
import { draggedWindow, windowChoices } from './window-choices.ts';

/** A detached element keeps what it holds this long: moving an element in the document detaches it for a moment. */
const DETACH_DELAY_MS = 500;
/** Narrower than this, the series list starts folded. */
const NARROW_PX = 720;

/**
 * Shows a study's images: the server's picture at once, then the stored pixels.
 *
 * @tag filmless-viewer
 * @slot toolbar-end - the page's own buttons at the right end of the toolbar
 * @csspart banner - the line with patient and exam
 * @csspart toolbar - the toolbar
 * @csspart thumbnails - the series list
 * @csspart image - the image area
 * @csspart message - messages in the image area
 * @fires filmless-first-image - the first image is on the screen, `{ms, source}`
 * @fires filmless-study-open - a study was found, `{StudyInstanceUID, seriesCount}`
 * @fires filmless-image-change - another image is on the screen
 * @fires filmless-error - something failed, `{code, detail}`
 */
export class FilmlessViewer extends LitElement {
  static override styles = [tokenStyles, baseStyles, viewerStyles];

  /** The server's address, e.g. `https://pacs.hospital`; the page's own origin when empty. */
  @property() server = '';
  /** Study Instance UID. */
  @property() study = '';
  /** Series Instance UID of the series to begin with. */
  @property() series = '';
  /** Accession number, where the page does not know the study's UID. */
  @property() accession = '';
  /** Patient ID: whose images they have to be; alone, whose newest study to open. */
  @property() patient = '';
  /** Reserved for comparing studies; this version does nothing with it. */
  @property() compare = '';
  /** Reserved for several images side by side; this version does nothing with it. */
  @property() layout = '';
  /** Names of the tools to offer, e.g. `window zoom pan presets`; all when empty. */
  @property() toolset = '';
  /** The language: `zh-CN` or `en`, or one the page registered. */
  @property() locale = 'zh-CN';
  /** `dark` or `light`; the image area is black in both. */
  @property({ reflect: true }) theme: Theme = 'dark';
  /** Draws on the processor even where there is WebGL. */
  @property({ type: Boolean, attribute: 'no-webgl' }) noWebgl = false;
  /** Gives the token for the server, for pages of another origin; without it the browser's session is used. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;
  /** How the engine is had; for tests and unusual bundles. */
  @property({ attribute: false }) engineLoader: EngineLoader = loadEngine;

  @state() private tool: Tool = 'window';
  @state() private overlay = true;
  @state() private thumbnails = true;
  @query('.area') private readonly area!: HTMLElement;
  @query('.stage') private readonly stage!: HTMLDivElement | null;
  @query('.preview') private readonly previewImage!: HTMLImageElement | null;

  #controller: ViewerController | undefined;
  #client: DicomWebClient | undefined;
  #pointer: PointerTools | undefined;
  #detached: ReturnType<typeof setTimeout> | undefined;
  #t: Translate = translator('');

  constructor() {
    super();
    this.addEventListener('keydown', this.#keydown);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#detached);
    this.#detached = undefined;
    // After a long absence everything was freed: open again.
    if (this.hasUpdated && !this.#controller) this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#controller?.display?.stop();
    this.#detached = setTimeout(() => this.#free(), DETACH_DELAY_MS);
  }

  /** Opens what the attributes name once more. */
  reload(): void {
    this.#open();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('locale')) this.#t = translator(this.locale);
    const target: (keyof FilmlessViewer)[] = ['server', 'study', 'series', 'accession', 'patient', 'noWebgl'];
    // What is on the screen may not be what is asked for now: it goes before the next paint.
    if (this.hasUpdated && target.some((name) => changed.has(name))) this.#controller?.close();
  }

  protected override firstUpdated(): void {
    this.thumbnails = this.clientWidth >= NARROW_PX;
    this.#attachPointer();
  }

  protected override updated(changed: PropertyValues<this>): void {
    const target: (keyof FilmlessViewer)[] = [
      'server',
      'study',
      'series',
      'accession',
      'patient',
      'noWebgl',
      'engineLoader',
    ];
    const identity =
      changed.has('tokenProvider') && (this.#controller?.state.error !== undefined || !this.#controller?.state.view);
    if (target.some((name) => changed.has(name)) || identity) this.#open();
    else if (changed.has('tokenProvider')) this.#client = undefined;
    this.#attachPointer();
  }

  /** `updateComplete` of Lit is not enough: the preview has to be decoded and two frames to be painted. */
  async #painted(): Promise<void> {
    this.requestUpdate();
    await this.updateComplete;
    await this.previewImage?.decode();
    await new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  }

  #open(): void {
    if (!this.isConnected) return;
    this.#controller ??= new ViewerController(
      {
        requestUpdate: () => this.requestUpdate(),
        dispatchEvent: (event) => this.dispatchEvent(event),
        stage: () => this.stage,
        stageSize: () => {
          const ratio = window.devicePixelRatio || 1;
          return { width: (this.area.clientWidth || 512) * ratio, height: (this.area.clientHeight || 512) * ratio };
        },
        painted: () => this.#painted(),
      },
      { engineLoader: () => this.engineLoader, forceCpu: () => this.noWebgl },
    );
    try {
      const target = readTarget(this);
      this.#client = new DicomWebClient(
        new DicomWebUrls(this.server, document.baseURI),
        requestQueue,
        this.tokenProvider,
      );
      if (target) this.#controller.open(this.#client, target);
      else this.#controller.close();
    } catch (error) {
      this.#controller.close();
      this.#controller.fail(toViewerError(error, 'VIEWER_BAD_ATTRIBUTE'));
    }
  }

  #free(): void {
    this.#controller?.dispose();
    this.#controller = undefined;
    this.#pointer?.dispose();
    this.#pointer = undefined;
  }

  #attachPointer(): void {
    if (this.#pointer || !this.area) return;
    const viewer = this;
    this.#pointer = new PointerTools(this.area, {
      get tool() {
        return viewer.tool;
      },
      get count() {
        return viewer.#controller?.state.count ?? 0;
      },
      adjustWindow: (deltaX, deltaY) => {
        const view = this.#controller?.state.view;
        if (view) this.#controller?.view?.setWindow(draggedWindow(view, deltaX, deltaY));
      },
      zoomBy: (factor, at) => this.#controller?.view?.zoomBy(factor, at),
      panBy: (deltaX, deltaY) => this.#controller?.view?.panBy(deltaX, deltaY),
      step: (by) => this.#step(by),
    });
  }

  protected override render(): TemplateResult {
    const controller = this.#controller;
    const current = controller?.state;
    const frame = current?.shownFrame;
    const view = current?.view;
    const count = current?.count ?? 0;
    const place = {
      index: view?.index ?? Math.max(0, current?.open?.start ?? 0),
      count: current?.open?.complete ? count : 0,
    };
    const t = this.#t;
    const named = Boolean(this.study || this.accession || this.patient);
    return html`
      ${renderBanner(frame?.dataset ?? current?.unshownDataset, t)}
      <filmless-viewer-toolbar
        part="toolbar"
        .t=${t}
        .toolset=${this.toolset}
        .view=${this.#toolbarState()}
        @viewer-action=${(event: CustomEvent<Action>) => this.#act(event.detail)}
        @preset-choose=${(event: CustomEvent<number>) => this.#preset(event.detail)}
      >
        <slot name="toolbar-end" slot="end"></slot>
      </filmless-viewer-toolbar>
      <div class="body">
        <filmless-viewer-thumbnails
          part="thumbnails"
          ?hidden=${!this.thumbnails}
          .t=${t}
          .series=${current?.error || !named ? (current?.seriesList ?? []) : current?.seriesList}
          .studies=${current?.studies ?? []}
          .study=${current?.study?.StudyInstanceUID ?? ''}
          .active=${current?.series ?? ''}
          .pictures=${current?.pictures ?? new Map<string, string>()}
          .progress=${this.#progress()}
          @series-open=${(event: CustomEvent<string>) => controller?.openSeries(event.detail)}
          @series-download=${(event: CustomEvent<string>) => this.#download(event.detail)}
          @study-choose=${(event: CustomEvent<string>) => this.#chooseStudy(event.detail)}
        ></filmless-viewer-thumbnails>
        <div part="image" class="area tool-${this.tool}" tabindex="0" role="group" aria-label=${t('images')} aria-busy=${this.#busy()}>
          <div class="stage"></div>
          ${current?.preview ? html`<img class="preview" src=${current.preview.url} alt=${t('images')} draggable="false" />` : nothing}
          <filmless-viewer-overlay
            ?hidden=${!this.overlay}
            .t=${t}
            .frame=${frame}
            .view=${view}
            .place=${place}
            .stageHeight=${this.area?.clientHeight ?? 0}
          ></filmless-viewer-overlay>
          ${stageMessage(
            {
              state: current,
              named,
              reload: () => this.#open(),
              retryImage: () => controller?.retryImage(),
              download: (series) => this.#download(series),
            },
            t,
          )}
        </div>
        ${
          count > 1
            ? html`<filmless-viewer-scrollbar
                .t=${t}
                .index=${Math.max(0, current?.wanted ?? 0)}
                .count=${count}
                .loaded=${current?.loaded ?? []}
                @slice-request=${(event: CustomEvent<number>) => void controller?.display?.show(event.detail)}
              ></filmless-viewer-scrollbar>`
            : nothing
        }
      </div>
    `;
  }

  #busy(): boolean {
    const current = this.#controller?.state;
    return (
      current !== undefined &&
      !current.error &&
      !current.imageError &&
      !current.view &&
      !(current.open?.complete && current.count === 0)
    );
  }

  #progress(): ReadonlyMap<string, Progress> {
    const current = this.#controller?.state;
    if (!current?.open?.complete || current.count === 0) return new Map();
    return new Map([[current.series, { loaded: current.loaded.filter(Boolean).length, count: current.count }]]);
  }

  #choices(): PresetChoice[] {
    const view = this.#controller?.state.view;
    return view ? windowChoices(view.frame, view.range, this.#t) : [];
  }

  #toolbarState(): ToolbarState {
    const { tool, overlay, thumbnails } = this;
    const { state: current, display } = this.#controller ?? {};
    return toolbarState(
      {
        tool,
        overlay,
        thumbnails,
        playing: display?.playing ?? false,
        count: current?.count ?? 0,
        view: current?.view,
      },
      this.#t,
    );
  }

  #act(action: Action): void {
    const controller = this.#controller;
    const view = controller?.view;
    if (isTool(action)) this.tool = action;
    else if (action === 'overlay') this.overlay = !this.overlay;
    else if (action === 'thumbnails') this.thumbnails = !this.thumbnails;
    else if (action === 'play') this.#play();
    else if (action === 'invert') view?.setInverted(!controller?.state.view?.inverted);
    else if (action === 'fit') view?.fit();
    else if (action === 'actual') view?.actualSize();
    else if (action === 'rotate') view?.rotate();
    else if (action === 'flip') view?.flip('horizontal');
    else if (action === 'flipVertical') view?.flip('vertical');
    else if (action === 'reset') view?.reset();
  }

  #play(): void {
    const display = this.#controller?.display;
    const frame = this.#controller?.state.view?.frame;
    if (!display || !frame) return;
    if (display.playing) display.stop();
    else display.play(cineRate(frame));
    this.requestUpdate();
  }

  #step(by: number): void {
    this.#controller?.display?.step(by);
  }

  #preset(index: number): void {
    const preset = this.#choices()[index];
    if (preset) this.#controller?.view?.setWindow({ center: preset.center, width: preset.width });
  }

  #neighbourSeries(by: 1 | -1): void {
    const current = this.#controller?.state;
    const images = (current?.seriesList ?? []).filter(({ image }) => image);
    const at = images.findIndex(({ SeriesInstanceUID }) => SeriesInstanceUID === current?.series);
    const next = images[at + by];
    if (next) this.#controller?.openSeries(next.SeriesInstanceUID);
  }

  #chooseStudy(study: string): void {
    this.study = study;
    this.series = '';
  }

  #download(series: string): void {
    const study = this.#controller?.state.study?.StudyInstanceUID;
    if (!study || !this.#client) return;
    downloadSeries(this.#client, study, series, document).catch((error: unknown) => {
      this.#controller?.notice(toViewerError(error, 'VIEWER_BAD_RESPONSE'));
    });
  }

  readonly #keydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || keptByTarget(event)) return;
    const command = keyCommand(event);
    if (!command || !this.#controller) return;
    if (command.kind === 'action' && !allowedActions(this.toolset)(command.action)) return;
    event.preventDefault();
    const { display, state: current } = this.#controller;
    if (command.kind === 'action') this.#act(command.action);
    else if (command.kind === 'step') this.#step(command.by);
    else if (command.kind === 'jump') void display?.show(command.to === 'first' ? 0 : current.count - 1);
    else if (command.kind === 'series') this.#neighbourSeries(command.by);
    else this.#preset(command.index);
  };
}
