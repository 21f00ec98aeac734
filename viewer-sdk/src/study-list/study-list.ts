import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { repeat } from 'lit/directives/repeat.js';
import { styleMap } from 'lit/directives/style-map.js';
import type { TokenProvider } from '../client/authorized-fetch.ts';
import { DicomWebClient } from '../client/dicomweb-client.ts';
import { requestQueue } from '../client/request-queue.ts';
import { DicomWebUrls } from '../client/urls.ts';
import { baseStyles } from '../elements/base.styles.ts';
import { isAbort, toViewerError, ViewerError } from '../errors.ts';
import { FilmlessErrorEvent } from '../events/error.ts';
import { FilmlessStudyChooseEvent } from '../events/study-choose.ts';
import { loadMessages, translator } from '../i18n/index.ts';
import type { StudySummary } from '../session/summaries.ts';
import { listIcon } from '../timeline/icons.ts';
import { listMessageStyles } from '../timeline/timeline.styles.ts';
import { type Theme, tokenStyles } from '../tokens.css.ts';
import { type ColumnName, column, columnsOf } from './columns.ts';
import { studyListStyles } from './study-list.styles.ts';
import { type StudyFilter, StudyPages } from './study-pages.ts';
import { type StudyListText, studyListText } from './texts.ts';
import { RowHeights } from './virtual-rows.ts';

const ROW_PX = 32;
/** Nearer to the end than this many rows, the next page is asked for. */
const AHEAD = 30;
/** Typing pauses this long before the server is asked. */
const TYPING_MS = 250;

/**
 * Studies in a table, for a page of the hospital's own: filtered by its attributes, searched by one field, as long as the server has more.
 *
 * @tag filmless-study-list
 * @slot bar-end - the page's own buttons beside the search field
 * @csspart bar - the line with the search field
 * @csspart head - the columns' names
 * @csspart message - a message in the place of the rows
 * @fires filmless-study-choose - a study was chosen, `{StudyInstanceUID, PatientID}`
 * @fires filmless-error - something failed, `{code, detail}`
 */
export class FilmlessStudyList extends LitElement {
  static override styles = [tokenStyles, baseStyles, listMessageStyles, studyListStyles];

  /** The server's address; the page's own origin when empty. */
  @property() server = '';
  /** Patient ID: this patient's studies alone. */
  @property() patient = '';
  /** Accession number. */
  @property() accession = '';
  /** Modalities with spaces between them: studies with one of these. */
  @property() modality = '';
  /** The first day, e.g. `2026-01-02`. */
  @property() from = '';
  /** The last day. */
  @property() to = '';
  /** Study Instance UID of the study that is open: its row is marked. */
  @property() study = '';
  /** Names of columns, in their order; ours when empty. */
  @property() columns = '';
  /** Leaves out the search field. */
  @property({ type: Boolean, attribute: 'no-search' }) noSearch = false;
  /** The language: `zh-CN` or `en`. */
  @property() locale = 'zh-CN';
  /** `dark` or `light`. */
  @property({ reflect: true }) theme: Theme = 'dark';
  /** Gives the token for the server; without it the browser's session is used. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;

  @state() private text = '';
  @state() private studies: readonly StudySummary[] | undefined;
  @state() private error: ViewerError | undefined;
  @state() private active = 0;
  @query('.scroller') private readonly scroller!: HTMLElement | null;
  @query('input') private readonly input!: HTMLInputElement | null;

  #pages: StudyPages | undefined;
  #request: AbortController | undefined;
  #loading = false;
  #typing: ReturnType<typeof setTimeout> | undefined;
  readonly #resize = new ResizeObserver(() => this.requestUpdate());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
    if (this.hasUpdated && !this.studies) this.reload();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    clearTimeout(this.#typing);
    this.#clear();
  }

  /** Asks the server once more. */
  reload(): void {
    this.#clear();
    if (!this.isConnected) return;
    this.#request = new AbortController();
    try {
      const urls = new DicomWebUrls(this.server, document.baseURI);
      this.#pages = new StudyPages(new DicomWebClient(urls, requestQueue, this.tokenProvider), this.#filter());
      void this.#next();
    } catch (error) {
      this.#fail(error);
    }
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('locale')) void loadMessages(this.locale)?.then(() => this.requestUpdate());
    const names = ['server', 'patient', 'accession', 'modality', 'from', 'to', 'tokenProvider'] as const;
    if (names.some((name) => changed.has(name))) this.reload();
  }

  protected override updated(): void {
    const { scroller } = this;
    if (!this.studies || !scroller || !this.#pages?.more) return;
    if (scroller.scrollTop + scroller.clientHeight > (this.studies.length - AHEAD) * ROW_PX) void this.#next();
  }

  #clear(): void {
    this.#request?.abort();
    this.#request = undefined;
    this.#pages = undefined;
    this.#loading = false;
    this.studies = undefined;
    this.error = undefined;
    this.active = 0;
  }

  #filter(): StudyFilter {
    const day = (value: string, name: string): string => {
      const digits = value.trim().replaceAll('-', '');
      if (digits !== '' && !/^\d{8}$/.test(digits)) throw new ViewerError('VIEWER_BAD_ATTRIBUTE', name);
      return digits;
    };
    return {
      patient: this.patient.trim(),
      accession: this.accession.trim(),
      modalities: this.modality.split(/[\s,]+/).filter(Boolean),
      from: day(this.from, 'from'),
      to: day(this.to, 'to'),
      text: this.text,
    };
  }

  async #next(): Promise<void> {
    const { signal } = this.#request ?? {};
    if (this.#loading || !this.#pages || !signal) return;
    this.#loading = true;
    try {
      const found = await this.#pages.next(signal);
      if (signal.aborted) return;
      this.studies = [...(this.studies ?? []), ...found];
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      if (!signal.aborted) this.#loading = false;
    }
  }

  #fail(error: unknown): void {
    if (isAbort(error)) return;
    this.#pages = undefined;
    this.error = toViewerError(error, 'VIEWER_BAD_RESPONSE');
    const { code, detail } = this.error;
    this.dispatchEvent(new FilmlessErrorEvent({ code, detail }));
  }

  protected override render(): TemplateResult {
    const columns = columnsOf(this.columns, this.patient !== '');
    const tracks = styleMap({ gridTemplateColumns: columns.map((name) => column(name).width).join(' ') });
    return html`<div class="frame">
      <div part="bar" class="bar">
        ${this.noSearch ? nothing : this.#searchField()}
        <span class="count" role="status">${this.#count()}</span>
        <slot name="bar-end"></slot>
      </div>
      <div class="grid" role="grid" aria-label=${this.#t('label')} aria-rowcount=${this.#pages?.more ? -1 : (this.studies?.length ?? 0) + 1}>
        <div part="head" class="head" role="row" aria-rowindex="1" style=${tracks}>
          ${columns.map((name) => html`<span role="columnheader" class=${column(name).end ? 'end' : ''}>${this.#t(name)}</span>`)}
        </div>
        <div class="scroller" role="rowgroup" @scroll=${() => this.requestUpdate()} @keydown=${this.#keydown}>
          ${this.#body(columns, tracks)}
        </div>
      </div>
    </div>`;
  }

  #body(columns: readonly ColumnName[], tracks: ReturnType<typeof styleMap>): TemplateResult {
    const { studies, error } = this;
    if (error) return inRow(this.#failure(error));
    if (!studies)
      return inRow(html`<div role="status" aria-label=${this.#t('loading')}>
        ${[0, 1, 2, 3].map(() => html`<div class="skeleton"></div>`)}
      </div>`);
    if (studies.length === 0 && !this.#pages?.more) {
      const searched = this.text.trim() !== '';
      return inRow(html`<div part="message" class="message" role="status">
        ${listIcon(searched ? 'search' : 'images')}
        <div class="title">${this.#t(searched ? 'noMatch' : 'none')}</div>
        <div>${this.#t(searched ? 'noMatchHint' : 'noneHint')}</div>
      </div>`);
    }
    const heights = new RowHeights(studies.length, () => ROW_PX);
    const { first, end, total } = heights.visible(this.scroller?.scrollTop ?? 0, this.clientHeight);
    const more = this.#pages?.more ?? false;
    return html`<div class="rows" role="presentation" style=${styleMap({ blockSize: `${total + (more ? ROW_PX : 0)}px` })}>
      ${repeat(
        studies.slice(first, end).map((study, index) => ({ study, index: first + index })),
        ({ study }) => study.StudyInstanceUID,
        ({ study, index }) => this.#row(study, index, columns, tracks),
      )}
      ${more ? html`<div class="more" role="presentation" style=${styleMap({ insetBlockStart: `${total}px` })}>${this.#t('loadingMore')}</div>` : nothing}
    </div>`;
  }

  #row(
    study: StudySummary,
    index: number,
    columns: readonly ColumnName[],
    tracks: ReturnType<typeof styleMap>,
  ): TemplateResult {
    const current = study.StudyInstanceUID === this.study;
    return html`<div role="presentation" style=${styleMap({ position: 'absolute', insetInline: '0', insetBlockStart: `${index * ROW_PX}px`, blockSize: `${ROW_PX}px` })}>
      <div
        class=${classMap({ row: true, current })}
        role="row"
        tabindex=${index === this.active ? '0' : '-1'}
        data-index=${index}
        aria-rowindex=${index + 2}
        aria-selected=${current ? 'true' : 'false'}
        style=${tracks}
        @click=${() => this.#choose(index)}
        @focus=${() => (this.active = index)}
      >
        ${columns.map((name) => {
          const value = column(name).value(study, (key, parameters) => this.#t(key, parameters));
          return html`<span role="gridcell" class=${column(name).end ? 'end' : ''} title=${value}>${value}</span>`;
        })}
      </div>
    </div>`;
  }

  #searchField(): TemplateResult {
    return html`<div class="field">
      ${listIcon('search')}
      <input
        type="text"
        role="searchbox"
        aria-label=${this.#t('search')}
        placeholder=${this.#t('search')}
        autocomplete="off"
        spellcheck="false"
        maxlength="64"
        .value=${this.text}
        @input=${this.#typed}
        @keydown=${this.#searchKey}
      />
      ${
        this.text === ''
          ? nothing
          : html`<button type="button" aria-label=${this.#t('clear')} title=${this.#t('clear')} @click=${() => this.#search('')}>
              ${listIcon('clear')}
            </button>`
      }
    </div>`;
  }

  #count(): string {
    if (!this.studies || this.studies.length === 0) return '';
    return this.#t(this.#pages?.more ? 'countMore' : 'count', { count: this.studies.length });
  }

  #failure(error: ViewerError): TemplateResult {
    const t = translator(this.locale);
    const code = error.detail ? `${error.code} (${error.detail})` : error.code;
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
      <div class="code">${t('error.code', { code })}</div>
    </div>`;
  }

  #t(key: StudyListText, parameters?: Readonly<Record<string, string | number>>): string {
    return studyListText(this.locale, key, parameters);
  }

  #choose(index: number): void {
    const study = this.studies?.[index];
    if (!study) return;
    const { StudyInstanceUID, patientId: PatientID } = study;
    this.dispatchEvent(new FilmlessStudyChooseEvent({ StudyInstanceUID, PatientID }));
  }

  #search(text: string): void {
    clearTimeout(this.#typing);
    this.text = text;
    this.reload();
    this.input?.focus();
  }

  readonly #typed = (event: InputEvent): void => {
    this.text = (event.target as HTMLInputElement).value;
    clearTimeout(this.#typing);
    // A word that is still being composed is none yet.
    if (!event.isComposing) this.#typing = setTimeout(() => this.reload(), TYPING_MS);
  };

  readonly #searchKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Enter') this.#search(this.text);
    else if (event.key === 'Escape' && this.text !== '') this.#search('');
    else if (event.key === 'ArrowDown') void this.#focus(this.active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #keydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((this.scroller?.clientHeight ?? 0) / ROW_PX) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowUp: this.active - 1,
      ArrowDown: this.active + 1,
      PageUp: this.active - page,
      PageDown: this.active + page,
      Home: 0,
      End: (this.studies?.length ?? 1) - 1,
    };
    if (event.key === 'Enter') this.#choose(this.active);
    else if (event.key === '/') this.input?.focus();
    else if (event.key in moves) void this.#focus(moves[event.key] ?? 0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  async #focus(wanted: number): Promise<void> {
    const count = this.studies?.length ?? 0;
    const { scroller } = this;
    if (count === 0 || !scroller) return;
    this.active = Math.min(count - 1, Math.max(0, wanted));
    scroller.scrollTop = new RowHeights(count, () => ROW_PX).reveal(
      this.active,
      scroller.scrollTop,
      scroller.clientHeight,
    );
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`[data-index="${this.active}"]`)?.focus({ preventScroll: true });
  }
}

/** A message as the one cell of a grid's one row. */
const inRow = (content: TemplateResult): TemplateResult =>
  html`<div role="row"><div role="gridcell">${content}</div></div>`;
