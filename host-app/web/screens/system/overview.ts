import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { HealthReport, HealthState } from '../../api/node.ts';
import { getHealth } from '../../api/node.ts';
import type { StorageOverview } from '../../api/storage.ts';
import { getStorage } from '../../api/storage.ts';
import { icon } from '../../components/icon.ts';
import { iconCritical, iconWarning } from '../../components/icons.ts';
import type { BadgeState } from '../../components/state-badge.ts';
import '../../components/state-badge.ts';
import { formatBytes, formatCount } from '../../format/figures.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { panelStyles, SystemPanel } from './panel.ts';
import './scrub.ts';

interface Overview {
  storage: StorageOverview;
  health: HealthReport;
}

const BADGES: Record<HealthState, BadgeState> = { ok: 'done', warning: 'warning', failed: 'critical' };

/** Disk, archive and health at a glance. */
@customElement('fl-system-overview')
export class SystemOverview extends SystemPanel<Overview> {
  static override styles = [
    ...panelStyles,
    css`
      .bar {
        position: relative;
        display: flex;
        height: 20px;
        border-radius: var(--filmless-radius);
        overflow: hidden;
        background: var(--filmless-surface-2);
      }
      .bar span {
        height: 100%;
      }
      .bar .used {
        background: var(--filmless-accent);
      }
      .bar .other {
        background: var(--filmless-line-strong);
      }
      .bar .floor {
        position: absolute;
        right: 0;
        background: repeating-linear-gradient(135deg, var(--filmless-state-waiting) 0 2px, transparent 2px 7px);
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 24px;
        margin: 10px 0 0;
        font-size: var(--filmless-font-size-table);
      }
      .legend i {
        display: inline-block;
        width: 10px;
        height: 10px;
        border-radius: 2px;
        margin-right: 6px;
      }
      .legend b {
        margin-left: 6px;
      }
      .note {
        display: flex;
        gap: 8px;
        align-items: center;
        margin-top: 10px;
      }
      .note.critical {
        color: var(--filmless-state-critical);
      }
      .note.waiting {
        color: var(--filmless-state-waiting);
      }
      dl.figures {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
        margin: 0;
      }
      dl.figures div {
        padding: var(--filmless-space-3) var(--filmless-space-4);
      }
      dl.figures dt {
        color: var(--filmless-text-secondary);
        font-size: var(--filmless-font-size-table);
      }
      dl.figures dd {
        margin: 2px 0 0;
        font-size: 18px;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
      dl.figures a {
        color: var(--filmless-state-waiting);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--filmless-font-size-table);
      }
      td {
        padding: 7px var(--filmless-space-4);
        vertical-align: middle;
      }
      tr + tr td {
        border-top: 1px solid var(--filmless-line);
      }
      td:first-child {
        width: 130px;
      }
      td:nth-child(2) {
        width: 220px;
        font-weight: 600;
      }
      td:last-child {
        color: var(--filmless-text-secondary);
        overflow-wrap: anywhere;
      }
    `,
  ];

  protected override async fetch(signal: AbortSignal): Promise<Overview> {
    const [storage, health] = await Promise.all([getStorage(signal), getHealth(signal)]);
    return { storage, health };
  }

  #disk(storage: StorageOverview) {
    const { totalBytes, freeBytes, floorBytes, usedByBlobsBytes } = storage;
    const share = (bytes: number) => `${totalBytes > 0 ? Math.min(100, (bytes / totalBytes) * 100) : 0}%`;
    const otherBytes = Math.max(0, totalBytes - freeBytes - usedByBlobsBytes);
    const level = freeBytes <= floorBytes ? 'critical' : freeBytes <= floorBytes * 2 ? 'waiting' : '';
    return html`<section class="panel">
      <div class="panel-head"><h2>${t.storage.title}</h2><span class="secondary num">${t.storage.ofTotal(formatBytes(totalBytes))}</span></div>
      <div class="panel-body">
        <div class="bar" role="img" aria-label=${t.storage.barLabel(formatBytes(totalBytes - freeBytes), formatBytes(totalBytes))}>
          <span class="used" style=${`width:${share(usedByBlobsBytes)}`}></span><span class="other" style=${`width:${share(otherBytes)}`}></span
          ><span class="floor" style=${`width:${share(floorBytes)}`}></span>
        </div>
        <div class="legend num">
          <span><i style="background:var(--filmless-accent)"></i>${t.storage.used}<b>${formatBytes(usedByBlobsBytes)}</b></span>
          <span><i style="background:var(--filmless-line-strong)"></i>${t.storage.otherUsed}<b>${formatBytes(otherBytes)}</b></span>
          <span><i style="background:var(--filmless-surface-2);outline:1px solid var(--filmless-line-strong)"></i>${t.storage.free}<b>${formatBytes(freeBytes)}</b></span>
          <span title=${t.storage.floorHelp(formatBytes(floorBytes))}><i style="background:var(--filmless-state-waiting)"></i>${t.storage.floor}<b>${formatBytes(floorBytes)}</b></span>
        </div>
        ${
          level === ''
            ? html`<p class="note secondary">${t.storage.floorHelp(formatBytes(floorBytes))}</p>`
            : html`<p class="note ${level}" role="alert">${icon(level === 'critical' ? iconCritical : iconWarning, 18)}${level === 'critical' ? t.storage.full : t.storage.nearlyFull}</p>`
        }
      </div>
    </section>`;
  }

  #archive({ totals, quarantineCount, conflictCount }: StorageOverview) {
    const figure = (label: string, value: unknown) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
    const linked = (count: number, href: string) =>
      count > 0 ? html`<a href=${href} data-route>${formatCount(count)}</a>` : '0';
    return html`<section class="panel">
      <div class="panel-head"><h2>${t.storage.totals}</h2></div>
      <dl class="figures">
        ${figure(t.storage.patients, formatCount(totals.patients))} ${figure(t.storage.studies, formatCount(totals.studies))} ${figure(t.storage.series, formatCount(totals.series))}
        ${figure(t.storage.instances, formatCount(totals.instances))} ${figure(t.storage.bytes, formatBytes(totals.bytes))}
        ${figure(t.storage.quarantined, linked(quarantineCount, '/system/quarantine'))} ${figure(t.storage.conflicts, linked(conflictCount, '/system/conflicts'))}
      </dl>
    </section>`;
  }

  #health(health: HealthReport) {
    const overall = { ok: t.storage.healthOk, warning: t.storage.healthWarning, failed: t.storage.healthFailed }[
      health.state
    ];
    const label = { ok: t.storage.stateOk, warning: t.storage.stateWarning, failed: t.storage.stateFailed };
    const rank: Record<HealthState, number> = { failed: 0, warning: 1, ok: 2 };
    const checks = [...health.checks].sort((a, b) => rank[a.state] - rank[b.state]);
    return html`<section class="panel">
      <div class="panel-head"><h2>${t.storage.health}</h2><fl-state-badge .state=${BADGES[health.state]} .label=${overall}></fl-state-badge></div>
      <table>
        <tbody>
          ${checks.map(
            (check) => html`<tr>
              <td><fl-state-badge .state=${BADGES[check.state]} .label=${label[check.state]}></fl-state-badge></td>
              <td>${check.title[currentLocale()] || check.key}</td>
              <td>${check.detail[currentLocale()] || nothing}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </section>`;
  }

  protected override content({ storage, health }: Overview) {
    return html`${this.#disk(storage)}${this.#archive(storage)}<fl-scrub></fl-scrub>${this.#health(health)}`;
  }
}
