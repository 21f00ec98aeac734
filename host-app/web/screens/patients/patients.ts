import '@vaadin/button';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Person } from '../../api/patients.ts';
import { searchPersons } from '../../api/patients.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconPlus } from '../../components/icons.ts';
import '../../components/state-badge.ts';
import { formatDa, formatInstant } from '../../format/dates.ts';
import { sexLabel } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { router } from '../../router.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';
import './person-dialog.ts';
import { idsOf, readName } from './person-words.ts';
import { searchStyles } from './registration.styles.ts';

interface Found {
  total: number;
  items: Person[];
}

const LIMIT = 200;
const TYPING_PAUSE_MS = 200;

/** The register of persons: found by name, pinyin, number. */
@customElement('fl-patients')
export class PatientsPanel extends SystemPanel<Found> {
  /** From the address, so that a search can be shared and reloaded. */
  @property() text = '';
  @state() private adding = false;
  #typing: ReturnType<typeof setTimeout> | undefined;

  static override styles = [...panelStyles, searchStyles];

  readonly #columns: DataColumn<Person>[] = [
    {
      key: 'name',
      header: () => t.registration.name,
      width: 220,
      grow: true,
      fixed: true,
      render: ({ key, demographics, merged }) => {
        const { main, other } = readName(demographics.name);
        return html`<a href=${`/patients/${encodeURIComponent(key)}`} data-route><b>${main || t.registration.noName}</b></a>${other ? html` <span class="secondary">${other}</span>` : nothing}${merged ? html` <fl-state-badge state="off" .label=${t.registration.mergedBadge}></fl-state-badge>` : nothing}`;
      },
    },
    {
      key: 'ids',
      header: () => t.registration.identifiers,
      width: 240,
      grow: true,
      fixed: true,
      render: (person) => html`<span class="ids" title=${idsOf(person)}>${idsOf(person)}</span>`,
    },
    {
      key: 'sex',
      header: () => t.registration.sex,
      width: 70,
      render: ({ demographics }) => sexLabel(demographics.sex),
    },
    {
      key: 'born',
      header: () => t.registration.birthDate,
      width: 120,
      render: ({ demographics }) => formatDa(demographics.birthDate),
    },
    {
      key: 'location',
      header: () => t.registration.location,
      width: 170,
      render: ({ location }) => [location.ward, location.room, location.bed].filter((part) => part !== '').join(' / '),
    },
    {
      key: 'changed',
      header: () => t.registration.changed,
      width: 150,
      render: ({ changedAt }) => formatInstant(changedAt),
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
    return searchPersons(this.text, LIMIT, signal);
  }

  #typed(text: string): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      const path = text.trim() === '' ? '/registration' : `/registration?${new URLSearchParams({ text: text.trim() })}`;
      router.go(path, { replace: true });
    }, TYPING_PAUSE_MS);
  }

  #list({ total, items }: Found) {
    if (items.length === 0) {
      const searched = this.text !== '';
      return html`<section class="panel"><fl-empty-state .heading=${searched ? t.registration.nothingFound : t.registration.emptyPatients} .text=${searched ? t.registration.nothingFoundText : t.registration.emptyPatientsText}></fl-empty-state></section>`;
    }
    return html`<section class="panel">
      <fl-data-grid .columns=${this.#columns} .items=${items} layoutKey="patients" itemIdPath="key" opens .label=${t.registration.tabs.patients} .allRowsVisible=${true}
        @row-open=${(event: CustomEvent<Person>) => router.go(`/patients/${encodeURIComponent(event.detail.key)}`)}></fl-data-grid>
    </section>
    <p class="secondary num">${total > items.length ? t.registration.shownOf(items.length, total) : t.registration.total(total)}</p>`;
  }

  protected override content(found: Found) {
    return html`<form class="search" role="search" @submit=${(event: Event) => event.preventDefault()}>
        <input type="search" autofocus aria-label=${t.registration.search} placeholder=${t.registration.search} .value=${this.text}
          @input=${(event: Event & { currentTarget: HTMLInputElement }) => this.#typed(event.currentTarget.value)} />
        <span class="spacer"></span>
        ${
          session.can('patient.manage')
            ? html`<vaadin-button theme="primary" @click=${() => {
                this.adding = true;
              }}><span class="row">${icon(iconPlus, 18)}${t.registration.register}</span></vaadin-button>`
            : nothing
        }
      </form>
      ${this.#list(found)}
      ${
        this.adding
          ? html`<fl-person-dialog @done=${() => {
              this.adding = false;
            }} @saved=${(event: CustomEvent<Person>) => router.go(`/patients/${encodeURIComponent(event.detail.key)}`)}></fl-person-dialog>`
          : nothing
      }`;
  }
}
