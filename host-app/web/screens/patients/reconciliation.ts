import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { ReconciliationPage, StudyToReconcile } from '../../api/patients.ts';
import { listReconciliation } from '../../api/patients.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { modalityBadges, modalityStyles } from '../../components/modality-badges.ts';
import { notifyError } from '../../components/notify.ts';
import '../../components/state-badge.ts';
import { formatDa, formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';
import { OpenTotal } from './open-total.ts';
import { identityLine, idOf, readName } from './person-words.ts';
import './reconcile-study.ts';

const LOOKS_AGAIN_MS = 60_000;

/** Images that match no patient or order: the list, and beside it what does not agree and who it may be. */
@customElement('fl-reconciliation')
export class ReconciliationPanel extends SystemPanel<ReconciliationPage> {
  @state() private which: 'open' | 'assigned' = 'open';
  @state() private selected: StudyToReconcile | undefined;
  @state() private earlier: StudyToReconcile[] = [];
  /** Where the pages fetched so far end. */
  @state() private next: number | undefined;
  readonly #total = new OpenTotal(() => this.requestUpdate());
  // Every look compares hundreds of studies.
  protected override everyMs = LOOKS_AGAIN_MS;

  static override styles = [
    ...panelStyles,
    modalityStyles,
    css`
      .split {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(360px, 34%);
        gap: var(--filmless-space-4);
        align-items: start;
      }
      .side {
        position: sticky;
        top: 0;
      }
      .pick {
        padding: var(--filmless-space-6) var(--filmless-space-4);
        text-align: center;
      }
      .more {
        display: flex;
        align-items: center;
        gap: 12px;
        padding-top: 8px;
      }
    `,
  ];

  readonly #columns: DataColumn<StudyToReconcile>[] = [
    {
      key: 'reason',
      header: () => t.registration.reason,
      width: 180,
      grow: true,
      fixed: true,
      render: ({ discrepancies, assigned }) => {
        const words = discrepancies.map((reason) => t.registration.reasons[reason] ?? reason);
        if (words.length === 0 && assigned)
          return html`<fl-state-badge state="done" .label=${t.registration.assignedTo(idOf(assigned))}></fl-state-badge>`;
        return html`<span title=${t.common.joined(words)}><fl-state-badge state=${discrepancies.some((one) => SERIOUS.has(one)) ? 'critical' : 'warning'} .label=${t.common.joined(words)}></fl-state-badge></span>`;
      },
    },
    {
      key: 'name',
      header: () => t.registration.name,
      width: 130,
      grow: true,
      fixed: true,
      render: ({ received }) =>
        html`<b title=${identityLine(received)}>${readName(received.PatientName).main || t.registration.noName}</b>`,
    },
    {
      key: 'id',
      header: () => t.registration.identifier,
      width: 110,
      render: ({ received }) => received.PatientID || t.registration.noId,
    },
    {
      key: 'accession',
      header: () => t.registration.accession,
      width: 110,
      render: ({ study }) => study.AccessionNumber,
    },
    { key: 'date', header: () => t.patient.studyDate, width: 104, render: ({ study }) => formatDa(study.StudyDate) },
    {
      key: 'modality',
      header: () => t.list.columnModality,
      width: 80,
      render: ({ study }) => modalityBadges(study.modalities),
    },
    {
      key: 'description',
      header: () => t.patient.description,
      width: 150,
      hidden: true,
      render: ({ study }) => study.StudyDescription,
    },
    {
      key: 'received',
      header: () => t.registration.received,
      width: 140,
      hidden: true,
      render: ({ study }) => formatInstant(study.receivedAt),
    },
  ];

  protected override async fetch(signal: AbortSignal): Promise<ReconciliationPage> {
    const { which } = this;
    const page = await listReconciliation(which, 0, signal);
    if (which !== this.which) throw new DOMException('', 'AbortError');
    if (this.earlier.length === 0) this.next = page.nextOffset;
    // A total that cannot be had is left out; the list itself is there.
    if (which === 'open') void this.#total.count(page, signal).catch(() => undefined);
    return page;
  }

  #choose(which: 'open' | 'assigned'): void {
    this.which = which;
    this.#startAgain();
  }

  #startAgain(): void {
    this.selected = undefined;
    this.earlier = [];
    this.data = undefined;
    void this.load();
  }

  async #more(offset: number): Promise<void> {
    try {
      const page = await listReconciliation(this.which, offset);
      this.earlier = [...this.earlier, ...page.items];
      this.next = page.nextOffset;
    } catch (error) {
      notifyError(error);
    }
  }

  /** What there is in all, or how far the counting has come. */
  #sum(shown: number, studies: number): string {
    if (this.which !== 'open') return t.registration.total(studies);
    const total = this.#total.now;
    if (!total) return t.registration.reconcileLooked(this.next ?? studies, shown);
    return total.isWhole
      ? t.registration.reconcileTotal(shown, Math.max(shown, total.found))
      : t.registration.reconcileCounting(total.looked, total.studies, total.found);
  }

  #tabs() {
    const button = (which: 'open' | 'assigned', label: string) =>
      html`<button class="icon-button" aria-pressed=${this.which === which ? 'true' : 'false'} @click=${() => this.#choose(which)}>${label}</button>`;
    return html`<div class="row">${button('open', t.registration.reconcileOpen)}${button('assigned', t.registration.reconcileAssigned)}</div>`;
  }

  #list(items: readonly StudyToReconcile[]) {
    if (items.length === 0) {
      const open = this.which === 'open';
      return html`<section class="panel"><fl-empty-state .heading=${open ? t.registration.reconcileEmpty : t.registration.assignedEmpty} .text=${open ? t.registration.reconcileEmptyText : t.registration.assignedEmptyText}></fl-empty-state></section>`;
    }
    return html`<section class="panel"><fl-data-grid .columns=${this.#columns} .items=${items} .selected=${this.selected} layoutKey="reconciliation" .label=${t.registration.tabs.reconciliation} .allRowsVisible=${true}
      @row-select=${(event: CustomEvent<StudyToReconcile>) => {
        this.selected = event.detail;
      }}></fl-data-grid></section>`;
  }

  protected override content({ items, studies }: ReconciliationPage) {
    const known = new Set(items.map(({ study }) => study.StudyInstanceUID + study.PatientID));
    const all = [...items, ...this.earlier.filter(({ study }) => !known.has(study.StudyInstanceUID + study.PatientID))];
    const { next } = this;
    return html`<div class="intro"><span class="text">${t.registration.reconcileIntro}</span><span class="spacer"></span>${this.#tabs()}</div>
      <div class="split">
        <div>
          ${this.#list(all)}
          <div class="more"><span class="secondary num">${this.#sum(all.length, studies)}</span>
          ${next === undefined ? nothing : html`<vaadin-button theme="small" @click=${() => void this.#more(next)}>${t.registration.reconcileMore}</vaadin-button>`}</div>
        </div>
        <section class="panel side">
          ${
            this.selected
              ? html`<fl-reconcile-study .item=${this.selected} @decided=${() => {
                  this.#total.add(this.which === 'open' ? -1 : 1);
                  this.#startAgain();
                }}></fl-reconcile-study>`
              : html`<p class="pick secondary">${t.registration.pickRow}</p>`
          }
        </section>
      </div>`;
  }
}

/** Another person's images may be looked at under a name. */
const SERIOUS: ReadonlySet<string> = new Set([
  'accession-of-another-patient',
  'several-patients',
  'birth-date-differs',
  'sex-differs',
]);
