import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ApiError } from '../../api/client.ts';
import type { Person, PersonPage } from '../../api/patients.ts';
import { getPerson, unmergePerson } from '../../api/patients.ts';
import { confirmAction } from '../../components/confirm.ts';
import { icon } from '../../components/icon.ts';
import { iconBack, iconEdit, iconMerge, iconUndo, iconWarning } from '../../components/icons.ts';
import { modalityBadges, modalityStyles } from '../../components/modality-badges.ts';
import '../../components/state-badge.ts';
import { formatDa, formatDaTm, formatInstant } from '../../format/dates.ts';
import { sexLabel } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { router } from '../../router.ts';
import { session } from '../../state/session.ts';
import { page, shared } from '../../styles/shared.ts';
import { orderState } from '../orders/order-state.ts';
import { SystemPanel } from '../system/panel.ts';
import './merge-dialog.ts';
import './person-dialog.ts';
import { idOf, nameOf, readName, whoIs } from './person-words.ts';
import { compareStyles } from './registration.styles.ts';

/** One person: who he is, what is his, what was done. */
@customElement('fl-person')
export class PersonScreen extends SystemPanel<PersonPage> {
  @property() key = '';
  @state() private dialog: 'correct' | 'merge' | undefined;

  static override styles = [
    shared,
    page,
    modalityStyles,
    compareStyles,
    css`
      .columns {
        display: grid;
        grid-template-columns: minmax(300px, 380px) minmax(0, 1fr);
        gap: var(--filmless-space-4);
        align-items: start;
      }
      .column {
        display: flex;
        flex-direction: column;
        gap: var(--filmless-space-4);
        min-width: 0;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 6px 16px;
        margin: 0;
        padding: var(--filmless-space-3) var(--filmless-space-4);
      }
      dt {
        color: var(--filmless-text-secondary);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .line {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: var(--filmless-row-height);
        padding: 4px var(--filmless-space-4);
        font-size: var(--filmless-font-size-table);
        color: var(--filmless-text);
      }
      .line + .line {
        border-top: 1px solid var(--filmless-line);
      }
      a.line:hover {
        background: var(--filmless-surface-hover);
        text-decoration: none;
      }
      .grow {
        flex: 1;
        min-width: 0;
      }
      .empty {
        padding: 10px var(--filmless-space-4);
      }
      h1 {
        overflow-wrap: anywhere;
      }
    `,
  ];

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('key')) return;
    this.data = undefined;
    this.dialog = undefined;
    void this.load();
  }

  protected override async fetch(signal: AbortSignal): Promise<PersonPage> {
    const { key } = this;
    // The element is there before its key when its module is loaded after it was put into the page.
    if (key === '') throw new DOMException('', 'AbortError');
    const found = await getPerson(key, signal);
    // An answer for the person before is never shown under the one now.
    if (key !== this.key) throw new DOMException('', 'AbortError');
    document.title = `${nameOf(found.person.demographics)} — ${t.registration.title}`;
    return found;
  }

  async #unmerge(person: Person): Promise<void> {
    const [first] = person.identifiers;
    const question = {
      title: t.registration.unmergeTitle(whoIs(person)),
      text: t.registration.unmergeText,
      action: t.registration.unmerge,
    };
    if (first && (await confirmAction(question))) await this.act(() => unmergePerson(first), t.registration.unmerged);
  }

  #unmergeButton(person: Person) {
    return session.can('patient.manage')
      ? html`<vaadin-button theme="small" @click=${() => void this.#unmerge(person)}><span class="row">${icon(iconUndo, 16)}${t.registration.unmerge}</span></vaadin-button>`
      : nothing;
  }

  #head({ person, now }: PersonPage) {
    const { main, other } = readName(person.demographics.name);
    const manages = session.can('patient.manage') && !person.merged;
    const button = (dialog: 'correct' | 'merge', source: string, label: string) =>
      html`<vaadin-button @click=${() => {
        this.dialog = dialog;
      }}><span class="row">${icon(source, 16)}${label}</span></vaadin-button>`;
    return html`<div class="page-head">
        <button class="icon-button" title=${t.registration.back} aria-label=${t.registration.back} @click=${() => router.back('/registration')}>${icon(iconBack)}</button>
        <div><h1>${main || t.registration.noName}</h1><p class="num">${t.common.joined([other, sexLabel(person.demographics.sex), formatDa(person.demographics.birthDate)])}</p></div>
        <span class="spacer"></span>
        ${manages ? html`${button('correct', iconEdit, t.registration.correct)}${button('merge', iconMerge, t.registration.merge)}` : nothing}
      </div>
      ${
        now
          ? html`<div class="warn" role="status">${icon(iconWarning, 18)}<div class="grow"><a href=${`/patients/${encodeURIComponent(now.key)}`} data-route>${t.registration.mergedInto(whoIs(now))}</a></div>${this.#unmergeButton(person)}</div>`
          : nothing
      }`;
  }

  #facts({ person }: PersonPage) {
    const { demographics, location } = person;
    const place = [location.ward, location.room, location.bed].filter((part) => part !== '').join(' / ');
    const rows: [string, string][] = [
      [
        t.registration.name,
        demographics.name
          .split('=')
          .map((group) => group.split('^').join(' ').trim())
          .filter((group) => group !== '')
          .join(' / '),
      ],
      [t.registration.sex, sexLabel(demographics.sex)],
      [t.registration.birthDate, formatDa(demographics.birthDate)],
      [t.registration.location, place],
    ];
    return html`<section class="panel"><dl>
      ${rows.filter(([, value]) => value !== '').map(([label, value]) => html`<dt>${label}</dt><dd class="num">${value}</dd>`)}
      <dt>${t.registration.identifiers}</dt><dd class="num">${person.identifiers.map((one) => html`<div>${idOf(one)}</div>`)}</dd>
    </dl></section>`;
  }

  #merged({ merged }: PersonPage) {
    if (merged.length === 0) return nothing;
    return html`<section class="panel"><div class="panel-head"><h2>${t.registration.mergedPersons}</h2></div>
      ${merged.map((person) => html`<div class="line"><a class="grow" href=${`/patients/${encodeURIComponent(person.key)}`} data-route>${whoIs(person)}</a>${this.#unmergeButton(person)}</div>`)}
    </section>`;
  }

  #history({ history }: PersonPage) {
    const facts = (detail: string) => detail.split(' ').flatMap((fact) => t.registration.facts[fact] ?? []);
    return html`<section class="panel"><div class="panel-head"><h2>${t.registration.history}</h2></div>
      ${[...history].reverse().map(
        ({ at, by, what, detail }) => html`<div class="line"><span class="num secondary">${formatInstant(at)}</span>
          <span class="grow">${t.common.joined([t.registration.history_[what] ?? what, ...(what === 'updated' ? facts(detail) : [])])}</span><span class="secondary ellipsis" title=${by}>${by}</span></div>`,
      )}
    </section>`;
  }

  #studies({ studies }: PersonPage) {
    return html`<section class="panel"><div class="panel-head"><h2>${t.registration.studies}</h2><span class="secondary num">${studies.length}</span></div>
      ${studies.length === 0 ? html`<p class="empty secondary">${t.registration.noStudies}</p>` : nothing}
      ${studies.map(
        (
          row,
        ) => html`<a class="line" href=${`/studies/${encodeURIComponent(row.StudyInstanceUID)}`} data-route title=${t.registration.openStudy}>
          <span class="num">${formatDaTm(row.StudyDate, row.StudyTime)}</span>${modalityBadges(row.modalities)}<span class="grow ellipsis">${row.StudyDescription}</span>
          <span class="num secondary">${row.AccessionNumber}</span><span class="num secondary">${t.common.images(row.instanceCount)}</span></a>`,
      )}
    </section>`;
  }

  #orders({ orders }: PersonPage) {
    return html`<section class="panel"><div class="panel-head"><h2>${t.registration.orders}</h2><span class="secondary num">${orders.length}</span></div>
      ${orders.length === 0 ? html`<p class="empty secondary">${t.registration.noOrders}</p>` : nothing}
      ${orders.map(
        (
          order,
        ) => html`<div class="line"><span class="num">${formatInstant(order.orderedAt)}</span>${orderState(order.status)}
          <span class="grow ellipsis">${order.procedure}</span><span class="secondary">${order.requestingDepartment}</span><span class="num secondary">${order.accessionNumber}</span></div>`,
      )}
    </section>`;
  }

  protected override content(found: PersonPage) {
    return html`${this.#head(found)}
      <div class="columns">
        <div class="column">${this.#facts(found)}${this.#merged(found)}${this.#history(found)}</div>
        <div class="column">${this.#studies(found)}${this.#orders(found)}</div>
      </div>
      ${this.#dialogView(found.person)}`;
  }

  #dialogView(person: Person) {
    const close = () => {
      this.dialog = undefined;
    };
    if (this.dialog === 'correct')
      return html`<fl-person-dialog .person=${person} @done=${close} @saved=${() => void this.load()}></fl-person-dialog>`;
    if (this.dialog === 'merge')
      return html`<fl-merge-dialog .person=${person} @done=${close} @merged=${(event: CustomEvent<Person>) => {
        close();
        if (event.detail.key === this.key) void this.load();
        else router.go(`/patients/${encodeURIComponent(event.detail.key)}`, { replace: true });
      }}></fl-merge-dialog>`;
    return nothing;
  }

  override render() {
    if (this.error !== undefined && ApiError.from(this.error).status === 404)
      return html`<fl-empty-state .heading=${t.registration.personNotFound} .text=${t.registration.personNotFoundText}>
        <vaadin-button slot="actions" @click=${() => router.back('/registration')}>${t.registration.back}</vaadin-button>
      </fl-empty-state>`;
    return html`<div class="page">
      ${this.error === undefined ? nothing : html`<fl-error-note .heading=${t.registration.loadFailed} .error=${this.error} retryable @retry=${() => void this.load()}></fl-error-note>`}
      ${this.data === undefined ? (this.error === undefined ? html`<p class="secondary">${t.common.loading}</p>` : nothing) : this.content(this.data)}
    </div>`;
  }
}
