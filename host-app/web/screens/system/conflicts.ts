import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Conflict } from '../../api/storage.ts';
import { listConflicts, resolveConflict } from '../../api/storage.ts';
import { confirmAction } from '../../components/confirm.ts';
import { formatDa, formatInstant, formatTm } from '../../format/dates.ts';
import { readableName, sexLabel } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from './panel.ts';

/** Attributes that tell two images apart, in this order; others follow. */
const FIRST = [
  'PatientName',
  'PatientID',
  'PatientSex',
  'PatientBirthDate',
  'AccessionNumber',
  'StudyDate',
  'StudyDescription',
  'Modality',
  'SeriesDescription',
  'InstanceNumber',
];

/** Images that share a UID and differ: both sides, and a person's decision. */
@customElement('fl-system-conflicts')
export class SystemConflicts extends SystemPanel<Conflict[]> {
  static override styles = [
    ...panelStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
        font-size: var(--filmless-font-size-table);
      }
      th,
      td {
        padding: 6px var(--filmless-space-4);
        text-align: left;
        overflow-wrap: anywhere;
        vertical-align: top;
      }
      th:first-child {
        width: 190px;
      }
      thead th {
        background: var(--filmless-surface-2);
        font-weight: 600;
      }
      thead small {
        display: block;
        font-size: var(--filmless-font-size-small);
        font-weight: 400;
        color: var(--filmless-text-secondary);
      }
      tbody th {
        font-weight: 400;
        color: var(--filmless-text-secondary);
      }
      tbody tr + tr > * {
        border-top: 1px solid var(--filmless-line);
      }
      tr.differs td {
        background: var(--filmless-state-waiting-surface);
        font-weight: 600;
      }
      mark {
        background: none;
        color: var(--filmless-state-waiting);
        font-size: var(--filmless-font-size-small);
        margin-left: 6px;
      }
      .decide {
        display: grid;
        grid-template-columns: 190px 1fr 1fr;
        padding: var(--filmless-space-3) 0;
        border-top: 1px solid var(--filmless-line);
      }
      .decide div {
        padding: 0 var(--filmless-space-4);
      }
      .decided {
        padding: 8px var(--filmless-space-4);
        font-size: var(--filmless-font-size-table);
      }
      .decided + .decided {
        border-top: 1px solid var(--filmless-line);
      }
    `,
  ];

  protected override fetch(signal: AbortSignal): Promise<Conflict[]> {
    return listConflicts(signal);
  }

  async #decide(conflict: Conflict, keep: 'existing' | 'received'): Promise<void> {
    const question =
      keep === 'existing'
        ? { title: t.conflicts.keepTitle, text: t.conflicts.keepText, action: t.conflicts.keepExisting }
        : {
            title: t.conflicts.takeTitle,
            text: t.conflicts.takeText,
            action: t.conflicts.takeReceived,
            destructive: true,
          };
    if (await confirmAction(question)) await this.act(() => resolveConflict(conflict.id, keep), t.conflicts.done);
  }

  #value(keyword: string, value: string): string {
    if (keyword.endsWith('Date')) return formatDa(value);
    if (keyword.endsWith('Time')) return formatTm(value) || value;
    if (keyword === 'PatientName')
      return value
        .split('=')
        .map(readableName)
        .filter((part) => part !== '')
        .join(' ');
    return keyword === 'PatientSex' ? sexLabel(value) : value;
  }

  #label(keyword: string): string {
    const labels: Record<string, string> = {
      ...t.conflicts.labels,
      PatientName: t.filters.patientName,
      PatientID: t.patient.id,
      PatientSex: t.patient.sex,
      PatientBirthDate: t.patient.born,
      AccessionNumber: t.patient.accession,
      StudyDate: t.patient.studyDate,
      StudyDescription: t.patient.description,
      Modality: t.list.columnModality,
    };
    return labels[keyword] ?? keyword;
  }

  #open(conflict: Conflict) {
    const keywords = [
      ...new Set([...FIRST, ...Object.keys(conflict.existing), ...Object.keys(conflict.received)]),
    ].filter((keyword) => (conflict.existing[keyword] ?? '') !== '' || (conflict.received[keyword] ?? '') !== '');
    return html`<section class="panel">
      <table>
        <thead>
          <tr>
            <th>${t.conflicts.attribute}</th>
            <th>${t.conflicts.existing}<small class="num">${t.conflicts.from(conflict.existingSource, formatInstant(conflict.existingAt))}</small></th>
            <th>${t.conflicts.received}<small class="num">${t.conflicts.from(conflict.receivedSource, formatInstant(conflict.receivedAt))}</small></th>
          </tr>
        </thead>
        <tbody>
          ${keywords.length === 0 ? html`<tr><td colspan="3" class="secondary">${t.conflicts.noSummary}</td></tr>` : nothing}
          ${keywords.map((keyword) => {
            const [existing, received] = [conflict.existing[keyword] ?? '', conflict.received[keyword] ?? ''];
            const differs = existing !== received;
            return html`<tr class=${differs ? 'differs' : ''}>
              <th scope="row">${this.#label(keyword)}${differs ? html`<mark>${t.conflicts.different}</mark>` : nothing}</th>
              <td class="num">${this.#value(keyword, existing)}</td>
              <td class="num">${this.#value(keyword, received)}</td>
            </tr>`;
          })}
          ${keywords.length > 0 && keywords.every((keyword) => (conflict.existing[keyword] ?? '') === (conflict.received[keyword] ?? '')) ? html`<tr><td colspan="3" class="secondary">${t.conflicts.same}</td></tr>` : nothing}
          <tr><th scope="row">SOP Instance UID</th><td colspan="2" class="mono">${conflict.SOPInstanceUID}</td></tr>
        </tbody>
      </table>
      ${
        session.can('study.decide')
          ? html`<div class="decide">
              <div></div>
              <div><vaadin-button @click=${() => void this.#decide(conflict, 'existing')}>${t.conflicts.keepExisting}</vaadin-button></div>
              <div><vaadin-button @click=${() => void this.#decide(conflict, 'received')}>${t.conflicts.takeReceived}</vaadin-button></div>
            </div>`
          : nothing
      }
    </section>`;
  }

  protected override content(conflicts: Conflict[]) {
    const open = conflicts.filter((conflict) => conflict.status === 'open');
    const decided = conflicts.filter((conflict) => conflict.status !== 'open').slice(0, 20);
    return html`
      ${open.length === 0 ? html`<section class="panel"><fl-empty-state .heading=${t.conflicts.emptyTitle} .text=${t.conflicts.emptyText}></fl-empty-state></section>` : html`<p class="intro">${t.conflicts.intro}</p>`}
      ${open.map((conflict) => this.#open(conflict))}
      ${
        decided.length > 0
          ? html`<section class="panel">
              <div class="panel-head"><h2>${t.conflicts.decidedTitle}</h2></div>
              ${decided.map(
                (conflict) => html`<div class="decided row">
                  <b>${conflict.status === 'kept-existing' ? t.conflicts.kept : t.conflicts.taken}</b>
                  <span class="mono ellipsis">${conflict.SOPInstanceUID}</span><span class="spacer"></span>
                  <span class="secondary num">${t.conflicts.decided(conflict.decidedBy, formatInstant(conflict.decidedAt))}</span>
                </div>`,
              )}
            </section>`
          : nothing
      }
    `;
  }
}
