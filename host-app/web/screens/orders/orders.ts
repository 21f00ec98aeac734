import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Order } from '../../api/patients.ts';
import { searchOrders } from '../../api/patients.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconImage } from '../../components/icons.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { router } from '../../router.ts';
import { idOf, nameOf } from '../patients/person-words.ts';
import { searchStyles } from '../patients/registration.styles.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';
import { orderState } from './order-state.ts';

interface Found {
  total: number;
  items: Order[];
}

const LIMIT = 200;
const TYPING_PAUSE_MS = 200;

/** Orders as the ordering systems sent them, and what became of them. */
@customElement('fl-orders')
export class OrdersPanel extends SystemPanel<Found> {
  @property() text = '';
  @state() private status = '';
  #typing: ReturnType<typeof setTimeout> | undefined;

  static override styles = [...panelStyles, searchStyles];

  readonly #columns: DataColumn<Order>[] = [
    {
      key: 'status',
      header: () => t.registration.orderStatus,
      width: 110,
      fixed: true,
      render: ({ status }) => orderState(status),
    },
    {
      key: 'accession',
      header: () => t.registration.accession,
      width: 130,
      fixed: true,
      render: (order) => order.accessionNumber,
    },
    {
      key: 'patient',
      header: () => t.registration.patient,
      width: 200,
      grow: true,
      fixed: true,
      render: ({ person, patient }) =>
        person
          ? html`<a href=${`/patients/${encodeURIComponent(person.key)}`} data-route><b>${nameOf(person)}</b></a> <span class="secondary">${idOf(patient)}</span>`
          : html`<span class="secondary">${idOf(patient)}</span>`,
    },
    {
      key: 'procedure',
      header: () => t.registration.procedure,
      width: 220,
      grow: true,
      render: ({ modality, procedure }) =>
        html`<span title=${procedure}>${t.common.joined([modality, procedure])}</span>`,
    },
    {
      key: 'priority',
      header: () => t.registration.priority,
      width: 80,
      render: ({ priority }) =>
        priority === 'routine'
          ? html`<span class="secondary">${t.registration.priorities[priority]}</span>`
          : html`<fl-state-badge state=${priority === 'stat' ? 'critical' : 'warning'} .label=${t.registration.priorities[priority] ?? priority}></fl-state-badge>`,
    },
    {
      key: 'department',
      header: () => t.registration.requestingDepartment,
      width: 120,
      render: (order) => order.requestingDepartment,
    },
    { key: 'requester', header: () => t.registration.requester, width: 100, render: (order) => order.requestedBy },
    {
      key: 'ordered',
      header: () => t.registration.orderedAt,
      width: 140,
      render: (order) => formatInstant(order.orderedAt),
    },
    {
      key: 'scheduled',
      header: () => t.registration.scheduledAt,
      width: 140,
      hidden: true,
      render: (order) => formatInstant(order.scheduledAt),
    },
    {
      key: 'placer',
      header: () => t.registration.placer,
      width: 130,
      hidden: true,
      render: (order) => t.common.joined([order.system, order.placerNumber]),
    },
    {
      key: 'images',
      header: () => t.registration.images,
      width: 70,
      fixed: true,
      render: ({ studyInstanceUids }) =>
        studyInstanceUids.map(
          (uid) =>
            html`<a class="icon-button" href=${`/studies/${encodeURIComponent(uid)}`} data-route title=${t.registration.openStudy} aria-label=${t.registration.openStudy}>${icon(iconImage, 16)}</a>`,
        ),
    },
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#typing);
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('text') && this.hasUpdated) void this.load();
  }

  protected override fetch(signal: AbortSignal): Promise<Found> {
    return searchOrders({ text: this.text, status: this.status }, LIMIT, signal);
  }

  #typed(text: string): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      const query = text.trim() === '' ? '' : `?${new URLSearchParams({ text: text.trim() })}`;
      router.go(`/registration/orders${query}`, { replace: true });
    }, TYPING_PAUSE_MS);
  }

  #open({ studyInstanceUids, person }: Order): void {
    const [uid] = studyInstanceUids;
    if (uid !== undefined) router.go(`/studies/${encodeURIComponent(uid)}`);
    else if (person) router.go(`/patients/${encodeURIComponent(person.key)}`);
  }

  protected override content({ total, items }: Found) {
    return html`<form class="search" role="search" @submit=${(event: Event) => event.preventDefault()}>
        <input type="search" aria-label=${t.registration.searchOrders} placeholder=${t.registration.searchOrders} .value=${this.text} @input=${(event: Event & { currentTarget: HTMLInputElement }) => this.#typed(event.currentTarget.value)} />
        <select aria-label=${t.registration.orderStatus} @change=${(
          event: Event & { currentTarget: HTMLSelectElement },
        ) => {
          this.status = event.currentTarget.value;
          void this.load();
        }}>
          <option value="">${t.registration.anyStatus}</option>
          ${Object.entries(t.registration.statuses).map(([value, label]) => html`<option value=${value} ?selected=${value === this.status}>${label}</option>`)}
        </select>
      </form>
      ${
        items.length === 0
          ? html`<section class="panel"><fl-empty-state .heading=${t.registration.emptyOrders} .text=${this.text === '' && this.status === '' ? t.registration.emptyOrdersText : ''}></fl-empty-state></section>`
          : html`<section class="panel"><fl-data-grid .columns=${this.#columns} .items=${items} layoutKey="orders" opens .label=${t.registration.tabs.orders} .allRowsVisible=${true} @row-open=${(event: CustomEvent<Order>) => this.#open(event.detail)}></fl-data-grid></section>`
      }
      ${items.length === 0 ? nothing : html`<p class="secondary num">${total > items.length ? t.registration.shownOf(items.length, total) : t.registration.total(total)}</p>`}`;
  }
}
