import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { getScrub, type ScrubReport, startScrub } from '../../api/scrub.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { formatBytes, formatCount } from '../../format/figures.ts';
import { t } from '../../i18n/index.ts';
import { panelStyles, SystemPanel } from './panel.ts';

/** Findings on the screen; the audit log has all. */
const SHOWN = 50;

/** The check of all stored bytes against their hashes: how far it is, how the last one ended, what it found. */
@customElement('fl-scrub')
export class ScrubPanel extends SystemPanel<ScrubReport> {
  static override styles = [
    ...panelStyles,
    css`
      .panel-head {
        display: flex;
        gap: 12px;
      }
      .spacer {
        flex: 1;
      }
      progress {
        width: 100%;
        height: 10px;
        accent-color: var(--filmless-accent);
      }
      p {
        margin: 0;
      }
      .panel-body {
        display: flex;
        flex-direction: column;
        gap: 8px;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--filmless-font-size-table);
      }
      td,
      th {
        padding: 6px var(--filmless-space-4);
        text-align: left;
        border-top: 1px solid var(--filmless-line);
      }
      th {
        color: var(--filmless-text-secondary);
        font-weight: 600;
      }
      td.uid {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.everyMs = 5_000;
  }

  protected override fetch(signal: AbortSignal): Promise<ScrubReport> {
    return getScrub(signal);
  }

  protected override content(report: ScrubReport) {
    const { running, checked, total, last, findings, everyDays } = report;
    const open = findings.filter(({ repairedAt }) => repairedAt === '').length;
    return html`<section class="panel">
      <div class="panel-head">
        <h2>${t.scrub.title}</h2>
        ${open > 0 ? html`<fl-state-badge .state=${'critical'} .label=${t.scrub.open(open)}></fl-state-badge>` : nothing}
        <span class="spacer"></span>
        <vaadin-button theme="small" @click=${() => void this.act(startScrub, t.scrub.started)}>${running ? t.scrub.again : t.scrub.start}</vaadin-button>
      </div>
      <div class="panel-body">
        <p class="secondary">${t.scrub.help(everyDays)}</p>
        ${
          running
            ? html`<p class="num">${t.scrub.running(formatCount(checked), formatCount(total), formatInstant(report.startedAt))}</p>
                <progress max=${Math.max(total, checked, 1)} value=${checked} aria-label=${t.scrub.title}></progress>`
            : nothing
        }
        <p class="num">${
          last
            ? t.scrub.last({
                at: formatInstant(last.finishedAt),
                checked: formatCount(last.checked),
                size: formatBytes(last.bytes),
                repaired: last.repaired,
                damaged: last.damaged,
              })
            : t.scrub.never
        }</p>
      </div>
      ${findings.length === 0 ? nothing : this.#findings(findings)}
    </section>`;
  }

  #findings(findings: ScrubReport['findings']) {
    return html`<table>
      <thead><tr><th>${t.scrub.state}</th><th>${t.scrub.instance}</th><th>${t.scrub.found}</th><th>${t.scrub.source}</th></tr></thead>
      <tbody>${findings.slice(0, SHOWN).map(
        (each) => html`<tr>
          <td><fl-state-badge
            .state=${each.repairedAt === '' ? 'critical' : 'done'}
            .label=${`${each.damage === 'missing' ? t.scrub.missing : t.scrub.corrupt} · ${each.repairedAt === '' ? t.scrub.notRepaired : t.scrub.repaired}`}
          ></fl-state-badge></td>
          <td class="uid num">${each.SOPInstanceUID}</td>
          <td class="num">${formatInstant(each.foundAt)}</td>
          <td>${each.repairedFrom}</td>
        </tr>`,
      )}</tbody>
    </table>`;
  }
}
