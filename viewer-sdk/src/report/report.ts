import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import file from 'lucide-static/dist/esm/icons/file-text.mjs';
import printer from 'lucide-static/dist/esm/icons/printer.mjs';
import critical from 'lucide-static/dist/esm/icons/triangle-alert.mjs';
import type { TokenProvider } from '../client/authorized-fetch.ts';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { noteOutput } from '../client/note-output.ts';
import { requestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import { formatDate, formatTime } from '../dicom/format.ts';
import { baseStyles } from '../elements/base.styles.ts';
import { isAbort, toViewerError, type ViewerError } from '../errors.ts';
import { FilmlessErrorEvent } from '../events/error.ts';
import type { ImageReference, ViewerContext } from '../extension/contract.ts';
import { loadMessages, translator } from '../i18n/index.ts';
import { annotationsOf } from '../measure/store.ts';
import { drawIcon } from '../objects/parts/icon.ts';
import { printElement } from '../objects/parts/print.ts';
import { findStudies } from '../session/find-study.ts';
import type { StudySummary } from '../session/summaries.ts';
import { readTarget } from '../session/target.ts';
import { type Theme, tokenStyles } from '../tokens.css.ts';
import { KeyPictures } from '../work/panel/key-pictures.ts';
import { linkedViewer, reportContext } from './context.ts';
import { loadReports } from './load-reports.ts';
import type { ObjectReport, ReportImage, ReportVersion, StudyReport } from './model.ts';
import { mountObject, pdfReport } from './mount-object.ts';
import { FilmlessReferenceEvent } from './reference-event.ts';
import { reportStyles } from './styles.ts';
import { type ReportText, reportText } from './texts.ts';
import { localTime, renderBadge, renderVersion } from './view.ts';

/**
 * Shows the report of a study beside its images.
 *
 * @tag filmless-report
 * @csspart bar - the line above the report
 * @csspart page - the report
 * @csspart message - a message in the place of the report
 * @fires filmless-reference - a reference to an image was followed, `{reference, annotation?}`; a page that prevents the default goes there itself
 * @fires filmless-error - something failed, `{code, detail}`
 */
export class FilmlessReport extends LitElement {
  static override styles = [tokenStyles, baseStyles, reportStyles];

  /** The server's address; the page's own origin when empty. */
  @property() server = '';
  /** Study Instance UID. */
  @property() study = '';
  /** Accession number, where the page does not know the study's UID. */
  @property() accession = '';
  /** Patient ID: whose report it has to be. */
  @property() patient = '';
  /** The `id` of a viewer on the page that references jump to. */
  @property() for = '';
  /** The language: `zh-CN` or `en`. */
  @property() locale = 'zh-CN';
  /** `light` as paper, or `dark`. */
  @property({ reflect: true }) theme: Theme = 'light';
  /** Gives the token for the server; without it the browser's session is used. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;
  /** The viewer it stands in, for the panel. */
  @property({ attribute: false }) viewer: ViewerContext | undefined;

  @state() private reports: readonly StudyReport[] | undefined;
  @state() private error: ViewerError | undefined;
  @state() private chosen = '';
  @state() private version: number | undefined;
  @state() private current: { instance: string; frame: number } | undefined;
  @state() private spoken = '';
  /** The report's PDF is shown in the place of its text. */
  @state() private asPdf = false;
  @query('.object') private readonly objectHost!: HTMLElement | null;
  @query('article') private readonly article!: HTMLElement | null;

  #client: DicomWebClient | undefined;
  #summary: StudySummary | undefined;
  #loading: AbortController | undefined;
  #mounted: { id: string; dispose(): void } | undefined;
  #ends: (() => void)[] = [];
  readonly #pictures = new KeyPictures(() => this.requestUpdate());

  override connectedCallback(): void {
    super.connectedCallback();
    const target = this.ownerDocument;
    // The viewer may come later than the report, and its events bubble.
    const image = (event: HTMLElementEventMap['filmless-image-change']): void => {
      if (event.target === this.#element) this.#shown(event.detail.SOPInstanceUID, event.detail.frameNumber);
    };
    const measured = (event: HTMLElementEventMap['filmless-measurement']): void => {
      if (event.target === this.#element) this.spoken = event.detail.annotation.trackingUID;
    };
    target.addEventListener('filmless-image-change', image as EventListener);
    target.addEventListener('filmless-measurement', measured as EventListener);
    this.#ends = [
      () => target.removeEventListener('filmless-image-change', image as EventListener),
      () => target.removeEventListener('filmless-measurement', measured as EventListener),
    ];
    if (this.hasUpdated) this.reload();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#ends.splice(0)) end();
    this.#clear();
  }

  /** Asks the server once more. */
  reload(): void {
    void this.#load();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const target: (keyof FilmlessReport)[] = ['server', 'study', 'accession', 'patient', 'viewer'];
    // A report must not stay on the screen beside another patient's name.
    if (this.hasUpdated && target.some((name) => changed.has(name))) this.#clear();
    if (changed.has('locale')) void loadMessages(this.locale)?.then(() => this.requestUpdate());
  }

  protected override updated(changed: PropertyValues<this>): void {
    const target: (keyof FilmlessReport)[] = ['server', 'study', 'accession', 'patient', 'viewer', 'tokenProvider'];
    if (target.some((name) => changed.has(name))) this.reload();
    this.#mount();
  }

  /** The viewer that is linked: the one it stands in, else the one named by `for`. */
  get #element(): HTMLElement | null {
    if (this.viewer) return this.viewer.element;
    const root = this.getRootNode();
    return this.for !== '' && (root instanceof Document || root instanceof ShadowRoot)
      ? root.getElementById(this.for)
      : null;
  }

  get #linked(): ViewerContext | undefined {
    return this.viewer ?? linkedViewer(this.#element);
  }

  #clear(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#mounted?.dispose();
    this.#mounted = undefined;
    this.#pictures.clear();
    this.#summary = undefined;
    Object.assign(this, {
      reports: undefined,
      error: undefined,
      chosen: '',
      version: undefined,
      current: undefined,
      asPdf: false,
    });
  }

  async #load(): Promise<void> {
    this.#clear();
    const loading = new AbortController();
    this.#loading = loading;
    const { signal } = loading;
    try {
      const target = readTarget({ ...this.#names, series: '' });
      if (!target) return;
      const client =
        this.viewer?.client ??
        new DicomWebClient(new DicomWebUrls(this.server, document.baseURI), requestQueue, this.tokenProvider);
      this.#client = client;
      const [opened] = await findStudies(client, target, signal);
      const reports = await loadReports(client, opened, target.patient, signal);
      if (signal.aborted) return;
      this.#summary = opened;
      this.reports = reports;
      this.chosen = reports[0]?.id ?? '';
      const shown = this.#linked?.cells.length ? this.#linked.active.view?.frame : undefined;
      if (shown) this.#shown(shown.SOPInstanceUID, shown.frameNumber);
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      this.error = toViewerError(error, 'VIEWER_BAD_RESPONSE');
      const { code, detail } = this.error;
      this.dispatchEvent(new FilmlessErrorEvent({ code, detail }));
    }
  }

  get #names(): { study: string; accession: string; patient: string } {
    const { study, accession, patient } = this;
    return { study, accession, patient };
  }

  get #report(): StudyReport | undefined {
    return this.reports?.find(({ id }) => id === this.chosen);
  }

  get #version(): ReportVersion | undefined {
    const report = this.#report;
    return report?.type === 'server' ? report.versions[this.version ?? report.versions.length - 1] : undefined;
  }

  /** What a renderer of documents shows of the chosen report; `undefined` for text. */
  get #document(): ObjectReport | undefined {
    const report = this.#report;
    if (report?.type === 'object') return report;
    const version = this.#version;
    if (!report || !version?.pdfUrl || !this.asPdf) return undefined;
    const server = this.#client?.urls.server ?? '';
    return pdfReport(`${report.id}-${version.pdfUrl}`, version.title, `${server}${version.pdfUrl}`);
  }

  #shown(instance: string, frame: number): void {
    this.current = { instance, frame };
    this.spoken = '';
  }

  #isCurrent({ instance, frame = 1, annotation }: ReportImage): boolean {
    if (this.spoken !== '' && annotation !== undefined) return annotation === this.spoken;
    return this.current?.instance === instance && this.current.frame === frame;
  }

  async #follow(image: ReportImage): Promise<void> {
    const { annotation, ...reference } = image;
    const detail = annotation === undefined ? { reference } : { reference, annotation };
    if (!this.dispatchEvent(new FilmlessReferenceEvent(detail))) return;
    const cell = await this.#goTo(reference);
    if (!cell || annotation === undefined) return;
    this.spoken = annotation;
    if (this.#linked) annotationsOf(this.#linked.element).point(annotation);
  }

  async #goTo(reference: ImageReference): ReturnType<ViewerContext['goTo']> {
    const viewer = this.#linked;
    if (!viewer) return undefined;
    const cell = await viewer.goTo(reference).catch(() => undefined);
    if (!cell) viewer.notify(this.#text('gone'), 'error');
    return cell;
  }

  #text(key: ReportText, parameters?: Readonly<Record<string, string | number>>): string {
    return reportText(this.locale, key, parameters);
  }

  protected override render(): TemplateResult {
    return html`<div class="column">${this.#content()}</div>`;
  }

  #content(): TemplateResult {
    const { error, reports } = this;
    if (error) return this.#failure(error);
    const { study, accession, patient } = this.#names;
    if (!study && !accession && !patient) return this.#message(this.#text('unnamed'));
    if (!reports) return this.#message(this.#text('loading'));
    const report = this.#report;
    if (!report) return this.#message(this.#text('none'), this.#text('noneHint'));
    if (this.#document) return html`${this.#bar(report)}<div part="page" class="object"></div>`;
    const version = this.#version;
    if (report.type === 'object') return this.#message(this.#text('none'));
    return html`${this.#bar(report)}
      <div part="page" class="scroll" tabindex="0" role="document" aria-label=${this.#text('report')}>
        ${
          version
            ? renderVersion(report, version, {
                locale: this.locale,
                study: this.#summary?.dataset,
                pictureOf: ({ study: uid, series, instance, frame }) =>
                  this.#pictures.of(this.#client, { study: uid, series, instance, frame }),
                isCurrent: (image) => this.#isCurrent(image),
                follow: (image) => void this.#follow(image),
              })
            : nothing
        }
      </div>`;
  }

  #bar(report: StudyReport): TemplateResult | typeof nothing {
    const reports = this.reports ?? [];
    const versions = report.type === 'server' ? report.versions : [];
    // A document brings a bar of its own.
    if (report.type === 'object' && reports.length < 2) return nothing;
    return html`<div part="bar" class="bar">
      ${report.type === 'server' ? renderBadge(report.status, this.locale) : nothing}
      ${
        reports.length > 1
          ? html`<label
              >${this.#text('which')}<select
                @change=${(event: Event) => {
                  this.chosen = reports[(event.target as HTMLSelectElement).selectedIndex]?.id ?? '';
                  this.version = undefined;
                }}
              >
                ${reports.map((one) => html`<option ?selected=${one === report}>${this.#nameOf(one)}</option>`)}
              </select></label
            >`
          : nothing
      }
      ${
        versions.length > 1
          ? html`<label
              >${this.#text('version')}<select
                @change=${(event: Event) => {
                  this.version = (event.target as HTMLSelectElement).selectedIndex;
                }}
              >
                ${versions.map(
                  ({ issuedAt }, index) =>
                    html`<option ?selected=${index === (this.version ?? versions.length - 1)}>
                      ${`${index + 1} · ${localTime(issuedAt)}`}
                    </option>`,
                )}
              </select></label
            >`
          : nothing
      }
      <span class="grow"></span>
      ${
        this.#version?.pdfUrl
          ? html`<button type="button" data-action="pdf" @click=${() => {
              this.asPdf = !this.asPdf;
            }}>
              ${drawIcon(file)}<span>${this.#text(this.asPdf ? 'asText' : 'pdf')}</span>
            </button>`
          : nothing
      }
      ${
        report.type === 'server' && !this.asPdf
          ? html`<button type="button" title=${this.#text('print')} @click=${() => this.#print()}>
              ${drawIcon(printer)}<span>${this.#text('print')}</span>
            </button>`
          : nothing
      }
    </div>`;
  }

  #nameOf(report: StudyReport): string {
    if (report.type === 'server') return report.versions.at(-1)?.title || this.#text('report');
    const when = [formatDate(report.date), formatTime(report.time)].filter(Boolean).join(' ');
    return [report.title || this.#text(`kind.${report.kind}`), when].filter(Boolean).join(' · ');
  }

  #print(): void {
    if (!this.article) return;
    void printElement(this.article, this.#text('report'));
    noteOutput(this.#client, 'print', 'report', [this.#summary?.StudyInstanceUID ?? '']);
  }

  /** Documents and structured reports are shown by the viewer's own renderers. */
  #mount(): void {
    const report = this.#document;
    const host = this.objectHost;
    const id = report && host ? report.id : undefined;
    if (this.#mounted?.id === id) return;
    this.#mounted?.dispose();
    this.#mounted = undefined;
    if (!report || !host || id === undefined) return;
    host.replaceChildren();
    const context = reportContext({
      element: this,
      locale: this.locale,
      client: this.#client,
      follow: async (reference) => {
        if (!this.dispatchEvent(new FilmlessReferenceEvent({ reference }))) return undefined;
        return this.#goTo(reference);
      },
      notify: (text) => this.#linked?.notify(text),
    });
    this.#mounted = { id, dispose: mountObject(host, report, context) };
  }

  #failure(error: ViewerError): TemplateResult {
    const t = translator(this.locale);
    return html`<div part="message" class="message" role="alert">
      <span class="critical">${drawIcon(critical)}</span>
      <div class="title">${t(`error.${error.code}.title`)}</div>
      <div>${t(`error.${error.code}.remedy`)}</div>
      <div>${error.code}</div>
      ${error.retryable ? html`<button type="button" @click=${() => this.reload()}>${this.#text('retry')}</button>` : nothing}
    </div>`;
  }

  #message(title: string, hint = ''): TemplateResult {
    return html`<div part="message" class="message" role="status">
      <div class="title">${title}</div>
      ${hint ? html`<div>${hint}</div>` : nothing}
    </div>`;
  }
}
