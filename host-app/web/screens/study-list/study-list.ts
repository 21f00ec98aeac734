import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import type { NodeInfo } from '../../api/node.ts';
import { getNode } from '../../api/node.ts';
import type { Facets, StudyRow } from '../../api/studies.ts';
import { getFacets, notePrintedList } from '../../api/studies.ts';
import { columnMenu } from '../../components/column-menu.ts';
import type { DataGrid } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/empty-state.ts';
import '../../components/error-note.ts';
import { icon } from '../../components/icon.ts';
import { iconPanel, iconPrint, iconRefresh } from '../../components/icons.ts';
import { notifyError } from '../../components/notify.ts';
import { t } from '../../i18n/index.ts';
import { router } from '../../router.ts';
import { recall, remember } from '../../state/preferences.ts';
import { session } from '../../state/session.ts';
import { rememberStudy } from '../../state/study-memory.ts';
import { studyColumns } from './columns.ts';
import './filter-bar.ts';
import type { StudyFilters } from './filters.ts';
import { isFiltered, listPath, NO_FILTERS, ORDERS, parseFilters, rangeIsReversed, toQuery } from './filters.ts';
import { StudyListModel } from './list-model.ts';
import './preview-panel.ts';
import { PRINT_LIMIT, printSheet } from './print-sheet.ts';
import { studyListStyles } from './study-list.styles.ts';

/**
 * The study list. The shell gives it the page's query and keeps it alive behind a study page.
 * @event study-open detail: StudyRow
 */
@customElement('fl-study-list')
export class StudyList extends FilmlessElement {
  /** The page's query, as in the address. */
  @property({ attribute: false }) query: URLSearchParams = new URLSearchParams();
  @state() private filters: StudyFilters = NO_FILTERS;
  @state() private selected: StudyRow | undefined;
  @state() private facets: Facets | undefined;
  @state() private node: NodeInfo | undefined;
  @state() private previewOpen = recall('preview') !== false;
  @state() private sheet: { items: StudyRow[]; total: number } | undefined;
  @query('fl-data-grid') private grid!: DataGrid<StudyRow>;

  readonly model = new StudyListModel();
  readonly #columns = studyColumns((uid) => this.model.isNew(uid));

  static override styles = studyListStyles;

  constructor() {
    super();
    this.model.addEventListener('change', () => this.requestUpdate());
    this.model.addEventListener('reset', () => this.requestUpdate());
    this.model.addEventListener('rows', () => this.grid?.redraw());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.model.start();
    window.addEventListener('beforeprint', this.#beforePrint);
    window.addEventListener('afterprint', this.#afterPrint);
    void this.#loadAround();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.model.stop();
    window.removeEventListener('beforeprint', this.#beforePrint);
    window.removeEventListener('afterprint', this.#afterPrint);
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('query')) return;
    const filters = parseFilters(this.query);
    if (this.hasUpdated && listPath(filters) === listPath(this.filters)) return;
    this.filters = filters;
    this.selected = undefined;
    if (!rangeIsReversed(filters)) this.model.setQuery(toQuery(filters, new Date()));
  }

  /** For the search field of the top bar: the keyboard goes into the rows. */
  focusRows(): void {
    this.grid?.focusRows();
  }

  async #loadAround(): Promise<void> {
    try {
      [this.facets, this.node] = await Promise.all([getFacets(), getNode()]);
    } catch (error) {
      // The list works without counts beside its filters; what is wrong with the node shows in the list itself.
      if (!isAbort(error)) this.facets = undefined;
    }
  }

  #setFilters(filters: StudyFilters): void {
    router.go(listPath(filters), { replace: true });
  }

  #refresh(): void {
    this.selected = undefined;
    this.model.refresh();
    void this.#loadAround();
  }

  #select(row: StudyRow): void {
    this.selected = row;
    this.model.seen(row.StudyInstanceUID);
  }

  #open(row: StudyRow): void {
    rememberStudy(row);
    this.model.seen(row.StudyInstanceUID);
    this.emit('study-open', row);
  }

  #togglePreview(): void {
    this.previewOpen = !this.previewOpen;
    remember('preview', this.previewOpen);
  }

  /** The browser's own print command prints what has been loaded. */
  readonly #beforePrint = () => {
    if (this.sheet) return;
    this.sheet = { items: this.model.loaded.slice(0, PRINT_LIMIT), total: this.model.total ?? 0 };
    this.performUpdate();
  };

  readonly #afterPrint = () => {
    const printed = this.sheet?.items ?? [];
    this.sheet = undefined;
    notePrintedList(printed.map(({ StudyInstanceUID }) => StudyInstanceUID)).catch(notifyError);
  };

  async #print(): Promise<void> {
    try {
      this.sheet = await this.model.sheet(PRINT_LIMIT);
      await this.updateComplete;
      window.print();
    } catch (error) {
      notifyError(error);
    }
  }

  #empty() {
    if (this.model.total !== 0) return nothing;
    if (isFiltered(this.filters)) {
      return html`<fl-empty-state class="cover" .heading=${t.list.noMatchTitle} .text=${t.list.noMatchText}>
        <vaadin-button slot="actions" @click=${() => this.#setFilters({ ...NO_FILTERS, order: this.filters.order })}>${t.filters.clear}</vaadin-button>
      </fl-empty-state>`;
    }
    const port =
      this.node?.dicomPort === null || this.node?.dicomPort === undefined
        ? t.list.emptyNoPort
        : String(this.node.dicomPort);
    const steps = this.node ? t.list.emptySteps(this.node.aeTitle, port, window.location.hostname) : [];
    return html`<fl-empty-state class="cover" .heading=${t.list.emptyTitle} .text=${t.list.emptyText} .steps=${steps}>
      ${session.can('device.read') ? html`<a slot="actions" href="/devices" data-route><vaadin-button tabindex="-1">${t.list.emptyDevices}</vaadin-button></a>` : nothing}
      ${session.can('study.import') ? html`<a slot="actions" href="/import" data-route><vaadin-button tabindex="-1">${t.list.emptyImport}</vaadin-button></a>` : nothing}
    </fl-empty-state>`;
  }

  /** Under the list, always there: nothing moves when studies arrive. */
  #status() {
    const { model } = this;
    return html`<div class="status" role="status">
      <span class="num">${model.total === undefined ? t.common.loading : t.list.total(model.total)}</span>
      ${
        model.newCount > 0
          ? html`<button class="live" @click=${() => this.#refresh()}><span class="dot"></span><b>${t.list.newStudies(model.newCount)}</b><span>${t.list.newStudiesShow}</span></button>`
          : nothing
      }
    </div>`;
  }

  #tools() {
    return html`<div slot="end" class="tools">
      <button class="icon-button" title=${t.common.refresh} aria-label=${t.common.refresh} @click=${() => this.#refresh()}>${icon(iconRefresh, 18)}</button>
      ${columnMenu(this.#columns, this.grid, () => this.requestUpdate())}
      <button class="icon-button" title=${t.list.print} aria-label=${t.list.print} @click=${() => void this.#print()}>${icon(iconPrint, 18)}</button>
      <button
        class="icon-button"
        title=${this.previewOpen ? t.list.previewHide : t.list.previewShow}
        aria-label=${this.previewOpen ? t.list.previewHide : t.list.previewShow}
        aria-pressed=${this.previewOpen}
        @click=${() => this.#togglePreview()}
      >
        ${icon(iconPanel, 18)}
      </button>
    </div>`;
  }

  override render() {
    const { model } = this;
    return html`
      <h1 class="visually-hidden">${t.list.title}</h1>
      <fl-filter-bar .filters=${this.filters} .facets=${this.facets} @filters-change=${(event: CustomEvent<StudyFilters>) => this.#setFilters(event.detail)}>${this.#tools()}</fl-filter-bar>
      <div class="work">
        <div class="rows">
          <div class="grid-box">
            <fl-data-grid
              .columns=${this.#columns}
              layoutKey="studies"
              itemIdPath="StudyInstanceUID"
              .label=${t.list.title}
              .dataProvider=${model.dataProvider}
              .selected=${this.selected}
              .order=${this.filters.order}
              opens
              @row-select=${(event: CustomEvent<StudyRow>) => this.#select(event.detail)}
              @row-open=${(event: CustomEvent<StudyRow>) => this.#open(event.detail)}
              @sort-change=${(event: CustomEvent<string>) => this.#setFilters({ ...this.filters, order: ORDERS.find((order) => order === event.detail) ?? NO_FILTERS.order })}
            ></fl-data-grid>
            ${this.#empty()}
          </div>
          ${model.error === undefined ? nothing : html`<fl-error-note .heading=${t.list.loadFailed} .error=${model.error} retryable @retry=${() => model.retry()}></fl-error-note>`}
          ${this.#status()}
        </div>
        ${
          this.previewOpen
            ? html`<fl-preview-panel .row=${this.selected} @study-open=${(event: CustomEvent<StudyRow>) => {
                event.stopPropagation();
                this.#open(event.detail);
              }}></fl-preview-panel>`
            : nothing
        }
      </div>
      ${this.sheet ? printSheet(this.sheet.items, this.sheet.total, new Date()) : nothing}
    `;
  }
}
