import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { assetBase } from '../client/asset-base.ts';
import type { TokenProvider } from '../client/authorized-fetch.ts';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { requestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import type { DoctorOptions } from '../doctor/doctor.ts';
import type { DoctorReport } from '../doctor/report.ts';
import { type EngineLoader, loadEngine } from '../engine/load-engine.ts';
import { toViewerError } from '../errors.ts';
import { loadMessages, type Translate, translator } from '../i18n/index.ts';
import { readLayout } from '../layout/layout.ts';
import { readTarget } from '../session/target.ts';
import type { ViewerCell } from '../session/viewer-cell.ts';
import { ViewerController } from '../session/viewer-controller.ts';
import { type Theme, tokenStyles } from '../tokens.css.ts';
import { renderBanner } from './banner.ts';
import { baseStyles } from './base.styles.ts';
import type { FilmlessViewerCell } from './cell.ts';
import { viewerStyles } from './viewer.styles.ts';
import type { Workbench } from './workbench.ts';

/** A detached element keeps what it holds this long: moving an element in the document detaches it for a moment. */
const DETACH_DELAY_MS = 500;
/** Narrower than this, the series list starts folded. */
const NARROW_PX = 720;
/** Tools and lists come after the first image, but not later than this: a slow image is no reason to have none. */
const WORKBENCH_PATIENCE_MS = 4000;
/** With the server's picture on the screen they wait no longer than this for its stored pixels, which come sooner without them. */
const PIXELS_PATIENCE_MS = 1500;

/** What names the images to open. */
const TARGET = ['server', 'study', 'series', 'accession', 'patient', 'noWebgl', 'forceWebgl'] as const;

/**
 * Shows a study's images: the server's picture at once, then the stored pixels. Tools, lists and panels come by extensions after that.
 *
 * @tag filmless-viewer
 * @slot toolbar-end - the page's own buttons at the right end of the toolbar
 * @csspart banner - the line with patient and exam
 * @csspart toolbar - the toolbar
 * @csspart thumbnails - the series list
 * @csspart image - each image area
 * @csspart message - messages in the image area
 * @csspart panel - the open panel at the right
 * @fires filmless-first-image - the first image is on the screen, `{ms, source}`
 * @fires filmless-study-open - a study was found, `{StudyInstanceUID, PatientID, AccessionNumber, seriesCount}`
 * @fires filmless-image-change - another image is on the screen
 * @fires filmless-measurement - a measurement or mark was drawn, changed or removed, `{action, annotation, results}`
 * @fires filmless-error - something failed, `{code, detail}`
 */
export class FilmlessViewer extends LitElement {
  static override styles = [tokenStyles, baseStyles, viewerStyles];

  /**
   * Most memory for decoded images, in MB, shared by all viewers of a page; set before the first one opens a study. Left alone it is 1024, and
   * 512 where the browser reports 4 GB of memory or less. What was used longest ago goes first, what is on the screen never.
   */
  static cacheMegabytes: number | undefined;

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
  /** Study Instance UIDs of the patient's studies to stand beside the first, with spaces between them. */
  @property() compare = '';
  /** Rows and columns of images, `1x1` to `4x4`. */
  @property({ reflect: true }) layout = '';
  /** Names of the tools to offer, e.g. `window zoom pan presets`; all when empty. */
  @property() toolset = '';
  /** The language: `zh-CN` or `en`, or one the page registered. */
  @property() locale = 'zh-CN';
  /** `dark` or `light`; the image area is black in both. */
  @property({ reflect: true }) theme: Theme = 'dark';
  /** What the right button drags: `window` or `zoom`; when empty, whichever of them the left button does not. */
  @property({ attribute: 'right-button' }) rightButton = '';
  /** Draws on the processor even where there is WebGL. */
  @property({ type: Boolean, attribute: 'no-webgl' }) noWebgl = false;
  /** Draws by WebGL even where the browser imitates it on the processor, which is slower than drawing there. */
  @property({ type: Boolean, attribute: 'force-webgl' }) forceWebgl = false;
  /** Gives the token for the server, for pages of another origin; without it the browser's session is used. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;
  /** How the engine is had; for tests and unusual bundles. */
  @property({ attribute: false }) engineLoader: EngineLoader = loadEngine;

  @state() private thumbnails = true;
  @state() private workbench: Workbench | undefined;
  @state() private workbenchFailed = false;

  #controller: ViewerController | undefined;
  #reopen = false;
  #workbenchComing: Promise<void> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #detached: ReturnType<typeof setTimeout> | undefined;
  #t: Translate = translator('');

  constructor() {
    super();
    this.addEventListener('keydown', (event) => this.workbench?.keydown(event));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#detached);
    this.#detached = undefined;
    // After a long absence everything was freed: open again.
    if (this.hasUpdated && !this.#controller) this.#reopen = true;
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#detached = setTimeout(() => this.#free(), DETACH_DELAY_MS);
  }

  /** Opens what the attributes name once more. */
  reload(): void {
    this.#open();
  }

  /** Tells IT what this page, browser, server and line lack: as data, and as a text to print. */
  async doctor(): Promise<DoctorReport> {
    const { server } = new DicomWebUrls(this.server, document.baseURI);
    return FilmlessViewer.doctor({ server, assetBase: assetBase(server), tokenProvider: this.tokenProvider });
  }

  /** The same for a page without a viewer. */
  static async doctor(options: DoctorOptions = {}): Promise<DoctorReport> {
    const { runDoctor } = await import('../doctor/doctor.ts');
    return runDoctor(options);
  }

  /** The cells are drawn with the viewer. */
  protected override async getUpdateComplete(): Promise<boolean> {
    const complete = await super.getUpdateComplete();
    await Promise.all([...this.renderRoot.querySelectorAll('filmless-viewer-cell')].map((cell) => cell.updateComplete));
    return complete;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('locale')) this.#speak();
    // The cells have to be there when the first study is opened.
    if (!this.#controller && this.isConnected) this.#controller = this.#makeController();
    if (changed.has('layout')) {
      const { rows, columns } = readLayout(this.layout);
      this.#controller?.arrange(rows * columns);
    }
    // What is on the screen may not be what is asked for now: it goes before the next paint.
    if (this.hasUpdated && TARGET.some((name) => changed.has(name))) this.#controller?.close();
  }

  protected override firstUpdated(): void {
    this.thumbnails = this.clientWidth >= NARROW_PX;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const controller = this.#controller;
    const unshown = controller?.state.error !== undefined || !controller?.active.view;
    const named = TARGET.some((name) => changed.has(name)) || changed.has('engineLoader');
    if (named || this.#reopen || (changed.has('tokenProvider') && unshown)) this.#open();
    else if (changed.has('compare')) controller?.signals.emit('compare', {});
  }

  #speak(): void {
    const { locale } = this;
    this.#t = translator(locale);
    void loadMessages(locale)?.then(() => {
      if (this.locale === locale) this.#t = translator(locale);
      this.requestUpdate();
    });
  }

  #makeController(): ViewerController {
    const controller = new ViewerController({
      requestUpdate: () => this.requestUpdate(),
      dispatchEvent: (event) => this.dispatchEvent(event),
      engineLoader: () => this.engineLoader,
      drawing: () => (this.noWebgl ? 'processor' : this.forceWebgl ? 'webgl' : 'auto'),
      cacheMegabytes: () => FilmlessViewer.cacheMegabytes,
      settled: () => void this.#settle(),
      pictured: () => this.#settleWithin(PIXELS_PATIENCE_MS),
    });
    const { rows, columns } = readLayout(this.layout);
    controller.arrange(rows * columns);
    return controller;
  }

  #open(): void {
    if (!this.isConnected) return;
    this.#reopen = false;
    this.#controller ??= this.#makeController();
    const controller = this.#controller;
    this.#settleWithin(WORKBENCH_PATIENCE_MS);
    try {
      const target = readTarget(this);
      const urls = new DicomWebUrls(this.server, document.baseURI);
      if (target) controller.open(new DicomWebClient(urls, requestQueue, this.tokenProvider), target);
      else {
        controller.close();
        void this.#settle();
      }
    } catch (error) {
      controller.close();
      controller.fail(toViewerError(error, 'VIEWER_BAD_ATTRIBUTE'));
    }
  }

  #settleWithin(ms: number): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => void this.#settle(), ms);
  }

  /** The first image is on the screen, or there will be none: the rest of the viewer may come. */
  #settle(): Promise<void> {
    clearTimeout(this.#patience);
    this.#workbenchComing ??= this.#bringWorkbench().catch((error: unknown) => {
      this.#workbenchComing = undefined;
      this.workbenchFailed = true;
      this.#controller?.tell(toViewerError(error, 'VIEWER_ENGINE_FAILED'));
    });
    return this.#workbenchComing;
  }

  async #bringWorkbench(): Promise<void> {
    const { Workbench } = await import('./workbench.ts');
    const controller = this.#controller;
    if (!controller) {
      this.#workbenchComing = undefined;
      return;
    }
    const viewer = this;
    this.workbench = new Workbench(controller, {
      element: this,
      get t() {
        return viewer.#t;
      },
      get named() {
        return viewer.#named;
      },
      get thumbnails() {
        return viewer.thumbnails;
      },
      set thumbnails(shown) {
        viewer.thumbnails = shown;
      },
      cells: () => this.renderRoot.querySelectorAll('filmless-viewer-cell'),
    });
  }

  #free(): void {
    clearTimeout(this.#patience);
    this.workbench?.dispose();
    this.workbench = undefined;
    this.#workbenchComing = undefined;
    this.#controller?.dispose();
    this.#controller = undefined;
  }

  get #named(): boolean {
    return Boolean(this.study || this.accession || this.patient);
  }

  protected override render(): TemplateResult {
    const { workbench } = this;
    const controller = this.#controller;
    return html`<div class="frame">
      ${renderBanner(controller?.shownDataset, this.#t)}
      <div class="tools">${workbench?.toolbar() ?? this.#noTools()}</div>
      <div class="body">
        <div class="side" ?hidden=${!this.thumbnails}>${workbench?.thumbnails() ?? nothing}</div>
        ${this.#cells(controller)} ${workbench?.panels() ?? nothing}
      </div>
      ${workbench?.above() ?? nothing}
    </div>`;
  }

  /** The images are there without their tools: the page was loaded before the server got another version, or the line broke. */
  #noTools(): TemplateResult | typeof nothing {
    if (!this.workbenchFailed) return nothing;
    const t = this.#t;
    return html`<div class="no-tools" role="alert">
      ${t('error.VIEWER_ENGINE_FAILED.title')} ${t('error.VIEWER_ENGINE_FAILED.remedy')}
    </div>`;
  }

  #cells(controller: ViewerController | undefined): TemplateResult {
    const { workbench } = this;
    const { rows, columns } = readLayout(this.layout);
    const several = rows * columns > 1;
    const tracks = (count: number) => `repeat(${count}, minmax(0, 1fr))`;
    // As a property: an attribute would need the page's policy to allow inline styles.
    const grid = `grid-template: ${tracks(rows)} / ${tracks(columns)}`;
    const element = (cell: ViewerCell, index: number) => html`<filmless-viewer-cell
      exportparts="image, message"
      class=${several && cell === controller?.active ? 'active' : ''}
      ?inert=${workbench?.instead.element !== undefined}
      .cell=${cell}
      .ui=${workbench}
      .t=${this.#t}
      .texts=${workbench?.texts ?? true}
      .waiting=${this.#named && !controller?.state.error && (index === 0 || cell.state.series !== '')}
      .label=${several ? `${this.#t('images')} ${index + 1}` : ''}
      @pointerdown=${{ handleEvent: () => controller?.activate(cell), capture: true }}
      @focusin=${() => controller?.activate(cell)}
    ></filmless-viewer-cell>`;
    return html`<div class="cells ${several && workbench?.maximised ? 'maximised' : ''}" .style=${grid}>
      ${repeat(controller?.cells ?? [], ({ id }) => id, element)} ${workbench?.instead.element ?? nothing} ${workbench?.cover() ?? nothing}
    </div>`;
  }
}

export type { FilmlessViewerCell };
