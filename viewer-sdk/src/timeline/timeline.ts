import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { repeat } from 'lit/directives/repeat.js';
import { styleMap } from 'lit/directives/style-map.js';
import type { TokenProvider } from '../client/authorized-fetch.ts';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { requestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import { formatDate, formatTime } from '../dicom/format.ts';
import { number, text } from '../dicom/json.ts';
import { isUid } from '../dicom/uid.ts';
import { baseStyles } from '../elements/base.styles.ts';
import { isAbort, toViewerError, ViewerError } from '../errors.ts';
import { FilmlessErrorEvent } from '../events/error.ts';
import { FilmlessStudyChooseEvent, FilmlessStudyCompareEvent } from '../events/study-choose.ts';
import { loadMessages, translator } from '../i18n/index.ts';
import type { StudySummary } from '../session/summaries.ts';
import { RowHeights } from '../study-list/virtual-rows.ts';
import { type Theme, tokenStyles } from '../tokens.css.ts';
import { listIcon } from './icons.ts';
import { findPatientStudies } from './patient-studies.ts';
import { StudyPictures } from './study-pictures.ts';
import { type TimelineText, timelineText } from './texts.ts';
import { listMessageStyles, timelineStyles } from './timeline.styles.ts';
import { type TimelineRow, timelineRows } from './timeline-rows.ts';

const YEAR_PX = 28;
const STUDY_PX = 64;

/**
 * The exams of one patient across all departments, newest first, by year.
 *
 * @tag filmless-timeline
 * @csspart list - the list
 * @csspart message - a message in the place of the list
 * @fires filmless-study-choose - a study was chosen, `{StudyInstanceUID, PatientID}`
 * @fires filmless-study-compare - a study was chosen to be opened beside the current one, `{StudyInstanceUID, PatientID}`
 * @fires filmless-error - something failed, `{code, detail}`
 */
export class FilmlessTimeline extends LitElement {
  static override styles = [tokenStyles, baseStyles, listMessageStyles, timelineStyles];

  /** The server's address; the page's own origin when empty. */
  @property() server = '';
  /** Patient ID. */
  @property() patient = '';
  /** Study Instance UID of the study that is open: it is marked, and without `patient` it says whose exams to list. */
  @property() study = '';
  /** The language: `zh-CN` or `en`. */
  @property() locale = 'zh-CN';
  /** `dark` or `light`. */
  @property({ reflect: true }) theme: Theme = 'dark';
  /** Leaves out the button that opens a study beside the current one. */
  @property({ type: Boolean, attribute: 'no-compare' }) noCompare = false;
  /** Gives the token for the server; without it the browser's session is used. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;
  /** A client to use in place of one of its own: inside the viewer. */
  @property({ attribute: false }) client: DicomWebClient | undefined;
  /** Study Instance UIDs of those that are open beside the current one. */
  @property({ attribute: false }) compared: readonly string[] = [];

  @state() private error: ViewerError | undefined;
  @state() private rows: readonly TimelineRow[] | undefined;
  @state() private active = -1;
  @query('.scroller') private readonly scroller!: HTMLElement | null;

  #heights = new RowHeights(0, () => 0);
  #request: AbortController | undefined;
  #used: DicomWebClient | undefined;
  readonly #pictures = new StudyPictures(() => this.requestUpdate());
  readonly #resize = new ResizeObserver(() => this.requestUpdate());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
    if (this.hasUpdated && !this.rows) this.reload();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    this.#clear();
  }

  /** Asks the server once more. */
  reload(): void {
    void this.#load();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('locale')) void loadMessages(this.locale)?.then(() => this.requestUpdate());
    const studyAlone = changed.has('study') && !this.patient && !this.#lists(this.study);
    const names = ['server', 'patient', 'client', 'tokenProvider'] as const;
    if (studyAlone || names.some((name) => changed.has(name))) this.reload();
  }

  #lists(study: string): boolean {
    return this.rows?.some((row) => row.kind === 'study' && row.study.StudyInstanceUID === study) ?? false;
  }

  #clear(): void {
    this.#request?.abort();
    this.#request = undefined;
    this.#pictures.clear();
    this.rows = undefined;
    this.error = undefined;
    this.active = -1;
  }

  async #load(): Promise<void> {
    // One patient's exams never stay on the screen under another's name.
    this.#clear();
    const patient = this.patient.trim() || undefined;
    const study = this.study.trim() || undefined;
    if (!this.isConnected || (patient === undefined && study === undefined)) return;
    const request = new AbortController();
    this.#request = request;
    try {
      if (study !== undefined && !isUid(study)) throw new ViewerError('VIEWER_BAD_ATTRIBUTE', 'study');
      this.#used =
        this.client ??
        new DicomWebClient(new DicomWebUrls(this.server, document.baseURI), requestQueue, this.tokenProvider);
      const studies = await findPatientStudies(this.#used, { patient, study }, request.signal);
      if (request.signal.aborted) return;
      this.rows = timelineRows(studies);
      const { rows } = this;
      this.#heights = new RowHeights(rows.length, (index) => (rows[index]?.kind === 'year' ? YEAR_PX : STUDY_PX));
      this.active = rows.findIndex((row) => row.kind === 'study' && row.study.StudyInstanceUID === study);
      if (this.active < 0) this.active = rows.findIndex(({ kind }) => kind === 'study');
      await this.updateComplete;
      this.#reveal(this.active);
    } catch (error) {
      if (request.signal.aborted || isAbort(error)) return;
      this.error = toViewerError(error, 'VIEWER_BAD_RESPONSE');
      // No exam at all is an empty list, not a failure.
      if (this.error.code === 'VIEWER_STUDY_NOT_FOUND') {
        this.error = undefined;
        this.rows = [];
        return;
      }
      const { code, detail } = this.error;
      this.dispatchEvent(new FilmlessErrorEvent({ code, detail }));
    }
  }

  protected override render(): TemplateResult {
    const { rows, error } = this;
    if (error) return this.#failure(error);
    if (!this.patient && !this.study) return this.#message('history', this.#t('unnamed'), this.#t('unnamedHint'));
    if (!rows) {
      return html`<div role="status" aria-label=${this.#t('loading')}>
        ${[0, 1, 2].map(() => html`<div class="skeleton"></div>`)}
      </div>`;
    }
    if (rows.length === 0) return this.#message('history', this.#t('none'), this.#t('noneHint'));
    const { first, end, total } = this.#heights.visible(this.scroller?.scrollTop ?? 0, this.clientHeight);
    return html`<div class="scroller" @scroll=${() => this.requestUpdate()} @keydown=${this.#keydown}>
      <div part="list" class="rows" role="list" aria-label=${this.#t('label')} style=${styleMap({ blockSize: `${total}px` })}>
        ${repeat(
          rows.slice(first, end).map((row, index) => ({ row, index: first + index })),
          ({ row }) => (row.kind === 'year' ? `year ${row.year}` : row.study.StudyInstanceUID),
          ({ row, index }) =>
            row.kind === 'year' ? this.#year(row, index) : this.#study(row.study, row.position, index),
        )}
      </div>
    </div>`;
  }

  #year({ year, count }: Extract<TimelineRow, { kind: 'year' }>, index: number): TemplateResult {
    return html`<div class="year" role="presentation" style=${this.#place(index)}>
      <span>${year || this.#t('undated')}</span>
      <span class="secondary">${this.#t('count', { count })}</span>
    </div>`;
  }

  #study(study: StudySummary, position: number, index: number): TemplateResult {
    const { StudyInstanceUID: uid, dataset } = study;
    const current = uid === this.study;
    const compared = this.compared.includes(uid);
    const url = this.#used ? this.#pictures.get(this.#used, uid) : undefined;
    const count = number(dataset, 'NumberOfStudyRelatedInstances');
    const images = count === undefined ? '' : this.#t('images', { count });
    const details = [images, text(dataset, 'InstitutionalDepartmentName'), study.accessionNumber].filter(Boolean);
    const description = study.description || this.#t('undescribed');
    const tab = index === this.active ? '0' : '-1';
    return html`<div
      class=${classMap({ study: true, current })}
      role="listitem"
      aria-posinset=${position}
      aria-setsize=${this.rows?.filter(({ kind }) => kind === 'study').length ?? 0}
      style=${this.#place(index)}
    >
      <button
        type="button"
        class="open"
        tabindex=${tab}
        data-index=${index}
        aria-current=${current ? 'true' : 'false'}
        title=${[description, ...details].join('\n')}
        @click=${() => this.#choose(index)}
        @focus=${() => (this.active = index)}
      >
        <span class="picture">${url ? html`<img src=${url} alt="" draggable="false" />` : listIcon('images')}</span>
        <span class="text">
          <div>
            <span class="date">${formatDate(study.date) || this.#t('undated')}</span>
            ${study.modalities.map((modality) => html`<span class="badge">${modality}</span> `)}
            ${current || compared ? html`<span class="state">${this.#t(current ? 'current' : 'comparing')}</span>` : nothing}
            <span class="secondary time">${formatTime(study.time)}</span>
          </div>
          <div>${description}</div>
          <div class="secondary">${details.join(' · ')}</div>
        </span>
      </button>
      ${
        current || compared || this.noCompare
          ? nothing
          : html`<button
              type="button"
              class="compare"
              tabindex=${tab}
              aria-label="${this.#t('compare')} ${formatDate(study.date)} ${description}"
              title=${this.#t('compareHint')}
              @click=${() => this.#compare(index)}
            >
              ${listIcon('compare')}
            </button>`
      }
    </div>`;
  }

  #failure(error: ViewerError): TemplateResult {
    const t = translator(this.locale);
    const code = t('error.code', { code: error.detail ? `${error.code} (${error.detail})` : error.code });
    return html`<div part="message" class="message critical" role="alert">
      ${listIcon('critical')}
      <div class="title">${t(`error.${error.code}.title`)}</div>
      <div>${t(`error.${error.code}.remedy`)}</div>
      ${
        error.retryable
          ? html`<button type="button" class="bordered" @click=${() => this.reload()}>
              ${listIcon('retry')}<span>${this.#t('retry')}</span>
            </button>`
          : nothing
      }
      <div class="code">${code}</div>
    </div>`;
  }

  #message(name: Parameters<typeof listIcon>[0], title: string, hint: string): TemplateResult {
    return html`<div part="message" class="message" role="status">
      ${listIcon(name)}
      <div class="title">${title}</div>
      <div>${hint}</div>
    </div>`;
  }

  #place(index: number): ReturnType<typeof styleMap> {
    return styleMap({ insetBlockStart: `${this.#heights.start(index)}px` });
  }

  #t(key: TimelineText, parameters?: Readonly<Record<string, string | number>>): string {
    return timelineText(this.locale, key, parameters);
  }

  #choose(index: number): void {
    const row = this.rows?.[index];
    if (row?.kind !== 'study') return;
    const { StudyInstanceUID, patientId: PatientID } = row.study;
    this.dispatchEvent(new FilmlessStudyChooseEvent({ StudyInstanceUID, PatientID }));
  }

  #compare(index: number): void {
    const row = this.rows?.[index];
    if (row?.kind !== 'study' || row.study.StudyInstanceUID === this.study || this.noCompare) return;
    const { StudyInstanceUID, patientId: PatientID } = row.study;
    this.dispatchEvent(new FilmlessStudyCompareEvent({ StudyInstanceUID, PatientID }));
  }

  readonly #keydown = (event: KeyboardEvent): void => {
    const rows = this.rows ?? [];
    const studies = rows.flatMap(({ kind }, index) => (kind === 'study' ? [index] : []));
    const at = studies.indexOf(this.active);
    const page = Math.max(1, Math.floor(this.clientHeight / STUDY_PX) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - page,
      PageDown: at + page,
      Home: 0,
      End: studies.length - 1,
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === 'c') this.#compare(this.active);
    else if (event.key in moves) {
      const next = studies[Math.min(studies.length - 1, Math.max(0, moves[event.key] ?? 0))];
      if (next !== undefined) void this.#focus(next);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  async #focus(index: number): Promise<void> {
    this.active = index;
    this.#reveal(index);
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true });
  }

  #reveal(index: number): void {
    const { scroller } = this;
    if (!scroller || index < 0) return;
    // The head of the year stays in sight above its first study.
    const from = this.rows?.[index - 1]?.kind === 'year' ? index - 1 : index;
    scroller.scrollTop = this.#heights.reveal(index, scroller.scrollTop, scroller.clientHeight);
    if (this.#heights.start(from) < scroller.scrollTop) scroller.scrollTop = this.#heights.start(from);
  }
}
