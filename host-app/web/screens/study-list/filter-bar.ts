import '@vaadin/date-picker';
import '@vaadin/multi-select-combo-box';
import { multiSelectComboBoxRenderer } from '@vaadin/multi-select-combo-box/lit.js';
import '@vaadin/text-field';
import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Facets } from '../../api/studies.ts';
import { FilmlessElement } from '../../components/element.ts';
import { icon } from '../../components/icon.ts';
import { iconFilter, iconX } from '../../components/icons.ts';
import { datePickerI18n } from '../../components/vaadin-i18n.ts';
import { formatCount } from '../../format/figures.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import type { DatePreset, StudyFilters } from './filters.ts';
import { advancedCount, DATE_PRESETS, isFiltered, NO_FILTERS, rangeIsReversed } from './filters.ts';

interface Choice {
  value: string;
  /** How many studies have it; undefined when not known. */
  count: number | undefined;
}

/**
 * The filters above the list.
 * @event filters-change detail: the new StudyFilters
 * @slot end buttons at the right end
 */
@customElement('fl-filter-bar')
export class FilterBar extends FilmlessElement {
  @property({ attribute: false }) filters: StudyFilters = NO_FILTERS;
  @property({ attribute: false }) facets: Facets | undefined;
  @state() private advanced = false;
  #typing: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        background: var(--filmless-surface-1);
        border-bottom: 1px solid var(--filmless-line);
      }
      .bar {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: start;
      }
      ::slotted([slot='end']) {
        align-self: center;
        padding-right: var(--filmless-space-3);
      }
      .second {
        grid-column: 1 / -1;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 8px;
        padding: 6px var(--filmless-space-3);
      }
      .line + .line {
        padding-top: 0;
      }
      .dates {
        display: inline-flex;
        border: 1px solid var(--filmless-line-strong);
        border-radius: var(--filmless-radius);
        overflow: hidden;
      }
      .dates button {
        font: inherit;
        font-size: var(--filmless-font-size-table);
        height: 30px;
        padding: 0 10px;
        color: var(--filmless-text-secondary);
        background: none;
        border: 0;
        border-left: 1px solid var(--filmless-line);
        cursor: pointer;
        white-space: nowrap;
      }
      .dates button:first-child {
        border-left: 0;
      }
      .dates button:hover {
        color: var(--filmless-text);
        background: var(--filmless-surface-2);
      }
      .dates button[aria-pressed='true'] {
        color: var(--filmless-link);
        background: var(--filmless-accent-surface);
        font-weight: 600;
      }
      .dates button:focus-visible {
        outline-offset: -2px;
      }
      vaadin-date-picker {
        width: 138px;
      }
      vaadin-multi-select-combo-box {
        width: 190px;
      }
      vaadin-text-field {
        width: 180px;
      }
      .problem {
        color: var(--filmless-state-critical);
        font-size: var(--filmless-font-size-small);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#typing);
  }

  #change(part: Partial<StudyFilters>): void {
    clearTimeout(this.#typing);
    this.emit('filters-change', { ...this.filters, ...part });
  }

  #changeSoon(part: Partial<StudyFilters>): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#change(part), 250);
  }

  #choices(counts: Record<string, number> | undefined, chosen: readonly string[]): Choice[] {
    const values = new Set([...Object.keys(counts ?? {}), ...chosen]);
    return [...values]
      .filter((value) => value !== '')
      .sort((a, b) => (counts?.[b] ?? 0) - (counts?.[a] ?? 0) || a.localeCompare(b))
      .map((value) => ({ value, count: counts?.[value] }));
  }

  #multi(key: 'modalities' | 'departments', label: string, placeholder: string) {
    const chosen = this.filters[key];
    const choices = this.#choices(this.facets?.[key], chosen);
    const selected = choices.filter((choice) => chosen.includes(choice.value));
    return html`<vaadin-multi-select-combo-box
      theme="small"
      accessible-name=${label}
      placeholder=${placeholder}
      item-label-path="value"
      item-value-path="value"
      item-id-path="value"
      clear-button-visible
      ${multiSelectComboBoxRenderer<Choice>(({ value, count }) => html`${value} ${count === undefined ? nothing : html`<span style="color:var(--filmless-text-secondary)">${formatCount(count)}</span>`}`)}
      .items=${choices}
      .selectedItems=${selected}
      @change=${(event: Event & { currentTarget: HTMLElement & { selectedItems: Choice[] } }) => this.#change({ [key]: event.currentTarget.selectedItems.map((choice) => choice.value) })}
    ></vaadin-multi-select-combo-box>`;
  }

  #day(key: 'from' | 'to', label: string) {
    return html`<vaadin-date-picker
      theme="small"
      accessible-name=${label}
      placeholder=${label}
      clear-button-visible
      .i18n=${datePickerI18n()}
      .value=${this.filters[key]}
      @change=${(event: Event & { currentTarget: HTMLElement & { value: string } }) => this.#change({ [key]: event.currentTarget.value })}
    ></vaadin-date-picker>`;
  }

  #field(key: 'patientName' | 'patientId' | 'accession', label: string) {
    return html`<vaadin-text-field
      theme="small"
      accessible-name=${label}
      placeholder=${label}
      clear-button-visible
      autocomplete="off"
      .value=${this.filters[key]}
      @input=${(event: Event & { currentTarget: HTMLElement & { value: string } }) => this.#changeSoon({ [key]: event.currentTarget.value })}
      @change=${(event: Event & { currentTarget: HTMLElement & { value: string } }) => this.#change({ [key]: event.currentTarget.value })}
    ></vaadin-text-field>`;
  }

  override render() {
    const { filters } = this;
    const labels: Record<DatePreset, string> = {
      all: t.filters.dateAll,
      today: t.filters.dateToday,
      yesterday: t.filters.dateYesterday,
      week: t.filters.dateWeek,
      month: t.filters.dateMonth,
      range: t.filters.dateRange,
    };
    const advanced = this.advanced || advancedCount(filters) > 0;
    return html`<div class="bar" role="group" aria-label=${t.filters.region}>
      <div class="line">
        <div class="dates" role="group" aria-label=${t.filters.date}>
          ${DATE_PRESETS.map((preset) => html`<button aria-pressed=${filters.date === preset} @click=${() => this.#change({ date: preset })}>${labels[preset]}</button>`)}
        </div>
        ${this.#multi('modalities', t.filters.modality, t.filters.modalityAll)} ${this.#multi('departments', t.filters.department, t.filters.departmentAll)}
        <button class="icon-button" aria-pressed=${advanced} aria-expanded=${advanced} @click=${() => this.#toggleAdvanced(advanced)}>${icon(iconFilter, 16)}<span>${t.filters.more}</span></button>
        ${
          isFiltered(filters)
            ? html`<button class="icon-button clear" @click=${() => this.#change({ ...NO_FILTERS, order: filters.order })}>${icon(iconX, 16)}<span>${t.filters.clear}</span></button>`
            : nothing
        }
        <span class="spacer"></span>
      </div>
      <slot name="end"></slot>
      ${
        advanced || filters.date === 'range'
          ? html`<div class="line second">
              ${
                filters.date === 'range'
                  ? html`${this.#day('from', t.filters.dateFrom)}<span class="secondary">–</span>${this.#day('to', t.filters.dateTo)}${
                      rangeIsReversed(filters)
                        ? html`<span class="problem" role="alert">${t.filters.dateOrder}</span>`
                        : nothing
                    }`
                  : nothing
              }
              ${advanced ? html`${this.#field('patientName', t.filters.patientName)} ${this.#field('patientId', t.filters.patientId)} ${this.#field('accession', t.filters.accession)}` : nothing}
            </div>`
          : nothing
      }
    </div>`;
  }

  #toggleAdvanced(open: boolean): void {
    this.advanced = !open;
    if (open && advancedCount(this.filters) > 0) this.#change({ patientName: '', patientId: '', accession: '' });
  }
}
