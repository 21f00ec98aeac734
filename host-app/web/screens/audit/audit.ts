import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { AuditEntry, AuditFilter, AuditVerdict } from '../../api/audit.ts';
import { auditExportUrl, listAudit, verifyAudit } from '../../api/audit.ts';
import type { DataColumn } from '../../components/data-grid.ts';
import '../../components/data-grid.ts';
import { icon } from '../../components/icon.ts';
import { iconCheck, iconCritical, iconDone, iconDownload } from '../../components/icons.ts';
import { notifyError } from '../../components/notify.ts';
import type { BadgeState } from '../../components/state-badge.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { panelStyles, SystemPanel } from '../system/panel.ts';
import { targetWords } from './target-words.ts';

interface Page {
  total: number;
  items: AuditEntry[];
}

const PAGE = 100;
const BADGES: Record<string, BadgeState> = { success: 'done', refused: 'critical', failed: 'warning' };

/** The audit log: filters, pages, export, verification. */
@customElement('fl-audit')
export class AuditPanel extends SystemPanel<Page> {
  @state() private filter: AuditFilter = {};
  @state() private earlier: AuditEntry[] = [];
  @state() private verifying = false;
  @state() private verdict: AuditVerdict | undefined;

  static override styles = [
    ...panelStyles,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: end;
      }
      label {
        display: flex;
        flex-direction: column;
        gap: 2px;
        font-size: var(--filmless-font-size-small);
        color: var(--filmless-text-secondary);
      }
      input,
      select {
        font: inherit;
        font-size: var(--filmless-font-size-table);
        height: 30px;
        padding: 0 8px;
        color: var(--filmless-text);
        background: var(--filmless-surface-2);
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
        color-scheme: inherit;
      }
      input.text {
        width: 130px;
      }
      .verdict {
        display: flex;
        gap: 8px;
        align-items: flex-start;
        padding: 8px 12px;
        border: 1px solid currentColor;
        border-radius: var(--filmless-radius);
      }
      .verdict > div {
        color: var(--filmless-text);
      }
      .good {
        color: var(--filmless-state-done);
      }
      .bad {
        color: var(--filmless-state-critical);
      }
      .more {
        display: flex;
        justify-content: center;
        padding: 8px;
      }
    `,
  ];

  readonly #columns: DataColumn<AuditEntry>[] = [
    { key: 'seq', header: () => '#', width: 70, align: 'end', render: (entry) => entry.seq },
    {
      key: 'at',
      header: () => t.security.auditAt,
      width: 150,
      fixed: true,
      render: (entry) => html`<span title=${entry.at}>${formatInstant(entry.at)}</span>`,
    },
    {
      key: 'actor',
      header: () => t.security.auditActor,
      width: 150,
      fixed: true,
      render: (entry) =>
        html`<span title=${t.security.actorKinds[entry.actorKind] ?? entry.actorKind}><b>${entry.actor === '' ? (t.security.actorKinds[entry.actorKind] ?? entry.actorKind) : entry.actor}</b></span>`,
    },
    {
      key: 'action',
      header: () => t.security.auditAction,
      width: 130,
      fixed: true,
      render: (entry) => t.security.actions[entry.action] ?? entry.action,
    },
    {
      key: 'outcome',
      header: () => t.security.auditOutcome,
      width: 110,
      render: (entry) =>
        html`<fl-state-badge .state=${BADGES[entry.outcome] ?? 'info'} .label=${t.security.outcomes[entry.outcome] ?? entry.outcome}></fl-state-badge>`,
    },
    {
      key: 'what',
      header: () => t.security.auditWhat,
      width: 280,
      grow: true,
      render: (entry) => html`<span title=${entry.target || whatOf(entry)}>${whatOf(entry)}</span>`,
    },
    {
      key: 'detail',
      header: () => t.security.auditDetail,
      width: 220,
      grow: true,
      render: (entry) => html`<span title=${entry.detail}>${entry.detail}</span>`,
    },
    { key: 'address', header: () => t.security.address, width: 120, render: (entry) => entry.address },
  ];

  protected override fetch(signal: AbortSignal): Promise<Page> {
    return listAudit(this.filter, { limit: PAGE }, signal);
  }

  #change(change: Partial<AuditFilter>): void {
    this.filter = { ...this.filter, ...change };
    this.earlier = [];
    void this.load();
  }

  async #more(last: AuditEntry | undefined): Promise<void> {
    if (!last) return;
    try {
      const page = await listAudit(this.filter, { before: last.seq, limit: PAGE });
      this.earlier = [...this.earlier, ...page.items];
    } catch (error) {
      notifyError(error);
    }
  }

  async #verify(): Promise<void> {
    this.verifying = true;
    this.verdict = undefined;
    try {
      this.verdict = await verifyAudit();
    } catch (error) {
      notifyError(error);
    } finally {
      this.verifying = false;
    }
  }

  #filters() {
    type Typed = Event & { currentTarget: HTMLInputElement | HTMLSelectElement };
    const time = (value: string) => (value === '' ? '' : new Date(value).toISOString());
    const input = (key: keyof AuditFilter, label: string) =>
      html`<label>${label}<input class="text" name=${key} autocomplete="off" .value=${this.filter[key] ?? ''} @change=${(event: Typed) => this.#change({ [key]: event.currentTarget.value.trim() })} /></label>`;
    const when = (key: 'from' | 'to', label: string) =>
      html`<label>${label}<input type="datetime-local" name=${key} @change=${(event: Typed) => this.#change({ [key]: time(event.currentTarget.value) })} /></label>`;
    const choice = (key: 'action' | 'outcome', label: string, names: Record<string, string>) =>
      html`<label>${label}<select name=${key} @change=${(event: Typed) => this.#change({ [key]: event.currentTarget.value })}>
        <option value="">${t.security.auditAny}</option>
        ${Object.entries(names).map(([value, name]) => html`<option value=${value} ?selected=${this.filter[key] === value}>${name}</option>`)}
      </select></label>`;
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      ${when('from', t.security.auditFrom)} ${when('to', t.security.auditTo)}
      ${choice('action', t.security.auditAction, t.security.actions)} ${choice('outcome', t.security.auditOutcome, t.security.outcomes)}
      ${input('actor', t.security.auditActor)} ${input('patientId', t.security.patientId)} ${input('text', t.security.auditText)}
    </form>`;
  }

  #verdictView({ entries, findings, restored }: AuditVerdict) {
    const known = restored.map(({ seq, at }) => html`<div>${t.security.auditRestored(seq, formatInstant(at))}</div>`);
    if (findings.length === 0)
      return html`<div class="verdict good" role="status">${icon(iconDone, 18)}<div>${t.security.auditWhole(entries)}${known}</div></div>`;
    return html`<div class="verdict bad" role="alert">${icon(iconCritical, 18)}<div><b>${t.security.auditBroken(findings.length)}</b>
      ${findings.slice(0, 20).map(({ seq, kind }) => html`<div>${t.security.auditFinding(seq, t.security.findings[kind] ?? kind)}</div>`)}${known}</div></div>`;
  }

  protected override content({ total, items }: Page) {
    // The newest page is looked at again and again; what was fetched below it stays.
    const oldest = items.at(-1)?.seq ?? 0;
    const all = [...items, ...this.earlier.filter(({ seq }) => seq < oldest)];
    const download = (format: 'csv' | 'json', label: string) =>
      html`<a href=${auditExportUrl(this.filter, format)} download><vaadin-button><span class="row">${icon(iconDownload, 16)}${label}</span></vaadin-button></a>`;
    return html`<div class="intro">
        <span class="text">${t.security.auditIntro}</span><span class="spacer"></span>
        ${download('csv', t.security.auditExport)} ${download('json', t.security.auditExportJson)}
        <vaadin-button ?disabled=${this.verifying} @click=${() => void this.#verify()}><span class="row">${icon(iconCheck, 16)}${this.verifying ? t.security.auditVerifying : t.security.auditVerify}</span></vaadin-button>
      </div>
      ${this.verdict ? this.#verdictView(this.verdict) : nothing} ${this.#filters()}
      <section class="panel">
        ${
          all.length === 0
            ? html`<fl-empty-state .heading=${t.security.auditEmpty} .text=${t.security.auditEmptyText}></fl-empty-state>`
            : html`<fl-data-grid .columns=${this.#columns} .items=${all} layoutKey="audit" itemIdPath="seq" .label=${t.security.tabs.audit} .allRowsVisible=${all.length <= 200}></fl-data-grid>`
        }
        <div class="more">
          <span class="secondary num">${t.security.auditTotal(total)}</span>
          ${all.length < total ? html`<vaadin-button theme="small tertiary" @click=${() => void this.#more(all.at(-1))}>${t.security.auditMore}</vaadin-button>` : nothing}
        </div>
      </section>`;
  }
}

function whatOf({ patientId, studyInstanceUid, target }: AuditEntry): string {
  const parts = [
    patientId === '' ? '' : t.security.patient(patientId),
    studyInstanceUid === '' ? '' : t.security.study(studyInstanceUid),
    targetWords(target),
  ];
  return t.common.joined(parts.filter((part) => part !== ''));
}
