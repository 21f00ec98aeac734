import '@vaadin/grid';
import '@vaadin/grid/vaadin-grid-column.js';
import type { Grid, GridDataProvider } from '@vaadin/grid';
import { columnBodyRenderer, columnHeaderRenderer } from '@vaadin/grid/lit.js';
import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { currentLocale, t } from '../i18n/index.ts';
import { FilmlessElement } from './element.ts';
import type { GridLayout } from './grid-layout.ts';
import { recallLayout, rememberLayout } from './grid-layout.ts';
import { icon } from './icon.ts';
import { iconArrowDown, iconArrowUp } from './icons.ts';

export interface DataColumn<T> {
  key: string;
  header: () => string;
  /** In px. */
  width: number;
  grow?: boolean;
  align?: 'end';
  /** Not shown until chosen. */
  hidden?: boolean;
  /** Always shown, not in the column menu. */
  fixed?: boolean;
  /** Field the server sorts by. */
  sort?: string;
  render: (item: T) => unknown;
}

/**
 * A list: one line of 32 px a row, columns that are chosen, moved and sized by the user and remembered, arrows, Enter, double click.
 * Rendered without a shadow root of its own, so that the cells take the styles of the screen (see grid-styles.ts).
 * @event row-select detail: the item
 * @event row-open detail: the item
 * @event sort-change detail: the new order, `-` for descending
 */
@customElement('fl-data-grid')
export class DataGrid<T extends object> extends FilmlessElement {
  @property({ attribute: false }) columns: readonly DataColumn<T>[] = [];
  @property({ attribute: false }) items: readonly T[] | undefined;
  @property({ attribute: false }) dataProvider: GridDataProvider<T> | undefined;
  /** Name under which the columns are remembered. */
  @property() layoutKey = '';
  @property() itemIdPath = '';
  @property() label = '';
  @property({ attribute: false }) selected: T | undefined;
  /** Field, with `-` before it for descending. */
  @property() order = '';
  /** Rows open on Enter and double click. */
  @property({ type: Boolean }) opens = false;
  @property({ type: Boolean }) allRowsVisible = false;
  @state() private layout: GridLayout = { order: [], hidden: [], widths: {} };
  @state() private generation = 0;
  @query('vaadin-grid') grid!: Grid<T>;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('columns') || changed.has('layoutKey')) this.layout = recallLayout(this.layoutKey, this.columns);
  }

  /** Draws the cells again from the items as they are now. */
  redraw(): void {
    this.grid?.requestContentUpdate();
  }

  /** Moves the keyboard into the rows. */
  focusRows(): void {
    this.grid?.shadowRoot?.querySelector<HTMLElement>('#items [tabindex="0"]')?.focus();
  }

  isShown(key: string): boolean {
    return !this.layout.hidden.includes(key);
  }

  show(key: string, shown: boolean): void {
    const hidden = this.layout.hidden.filter((other) => other !== key);
    this.#remember({ ...this.layout, hidden: shown ? hidden : [...hidden, key] });
  }

  resetColumns(): void {
    rememberLayout(this.layoutKey, {
      order: this.columns.map((column) => column.key),
      hidden: this.columns.filter((column) => column.hidden).map((column) => column.key),
      widths: {},
    });
    this.layout = recallLayout(this.layoutKey, this.columns);
    this.generation += 1;
  }

  #remember(layout: GridLayout): void {
    this.layout = layout;
    rememberLayout(this.layoutKey, layout);
  }

  /** Told once the user let go; the columns keep their places in the document, the grid itself has moved them. */
  #keepArrangement(): void {
    const columns = [...this.grid.querySelectorAll('vaadin-grid-column')];
    const widths: Record<string, number> = { ...this.layout.widths };
    for (const column of columns) {
      const key = column.dataset['key'] ?? '';
      const width = Number.parseInt(String(column.width), 10);
      if (column.flexGrow === 0 && width > 0) widths[key] = width;
    }
    const position = (column: Element) => ('_order' in column && typeof column._order === 'number' ? column._order : 0);
    const order = columns.sort((a, b) => position(a) - position(b)).map((column) => column.dataset['key'] ?? '');
    rememberLayout(this.layoutKey, { ...this.layout, order, widths });
  }

  #context(event: Event): T | undefined {
    const context = this.grid.getEventContext(event);
    return context.section === 'body' ? context.item : undefined;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !this.opens) return;
    const inControl = event
      .composedPath()
      .some(
        (target) => target instanceof HTMLElement && ['BUTTON', 'A', 'INPUT', 'VAADIN-BUTTON'].includes(target.tagName),
      );
    const item = inControl ? undefined : this.#context(event);
    if (!item) return;
    event.preventDefault();
    event.stopPropagation();
    this.emit('row-open', item);
  }

  #select(item: T | undefined): void {
    if (item && item !== this.selected) this.emit('row-select', item);
  }

  #header(column: DataColumn<T>) {
    const text = column.header();
    if (column.sort === undefined) return html`<span title=${text}>${text}</span>`;
    const ascending = this.order === column.sort;
    const descending = this.order === `-${column.sort}`;
    const stateText = ascending ? t.list.sortedAscending : descending ? t.list.sortedDescending : '';
    return html`<button class="sorter" title=${t.list.sortBy(text)} aria-label=${`${text} ${stateText}`.trim()} @click=${() => this.emit('sort-change', descending ? column.sort : `-${column.sort}`)}>
      <span>${text}</span>${ascending ? icon(iconArrowUp, 14) : descending ? icon(iconArrowDown, 14) : nothing}
    </button>`;
  }

  #column(column: DataColumn<T>) {
    const width = this.layout.widths[column.key];
    return html`<vaadin-grid-column
      data-key=${column.key}
      .width=${`${width ?? column.width}px`}
      .flexGrow=${column.grow && width === undefined ? 1 : 0}
      .hidden=${this.layout.hidden.includes(column.key)}
      .textAlign=${column.align ?? 'start'}
      resizable
      ${columnHeaderRenderer(() => this.#header(column), [this.order, currentLocale()])}
      ${columnBodyRenderer<T>((item) => html`${column.render(item)}`, [currentLocale()])}
    ></vaadin-grid-column>`;
  }

  override render() {
    const byKey = new Map(this.columns.map((column) => [column.key, column]));
    const ordered = this.layout.order.flatMap((key) => byKey.get(key) ?? []);
    return keyed(
      this.generation,
      html`<vaadin-grid
        theme="no-border compact"
        aria-label=${this.label}
        column-reordering-allowed
        .pageSize=${100}
        .itemIdPath=${this.itemIdPath}
        .allRowsVisible=${this.allRowsVisible}
        .items=${this.items}
        .dataProvider=${this.dataProvider}
        .selectedItems=${this.selected ? [this.selected] : []}
        @cell-activate=${(event: CustomEvent<{ model: { item: T } }>) => this.#select(event.detail.model.item)}
        @cell-focus=${(event: CustomEvent<{ context: { section: string; item?: T } }>) => this.#select(event.detail.context.section === 'body' ? event.detail.context.item : undefined)}
        @dblclick=${(event: MouseEvent) => {
          const item = this.opens ? this.#context(event) : undefined;
          if (item) this.emit('row-open', item);
        }}
        @keydown=${{ handleEvent: (event: KeyboardEvent) => this.#onKey(event), capture: true }}
        @column-resize=${() => this.#keepArrangement()}
        @column-reorder=${() => setTimeout(() => this.#keepArrangement())}
      >${ordered.map((column) => this.#column(column))}</vaadin-grid>`,
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fl-data-grid': DataGrid<object>;
  }
}
