import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { getOverview, type Overview, type StudyState, startRun } from './api.ts';
import { RetentionPart } from './part.ts';
import { bytesText, timeText } from './texts.ts';

const STATES: readonly StudyState[] = ['marked', 'compressed', 'tiered', 'removed', 'back', 'kept'];
/** A forecast beyond says nothing. */
const FAR_OFF_DAYS = 3650;
const LOOK_EVERY_MS = 5_000;

/** Disks, departments with their quotas and forecasts, and what the last run did. */
@customElement('filmless-retention-overview')
export class RetentionOverview extends RetentionPart<Overview> {
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => void this.load(), LOOK_EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override fetch(): Promise<Overview> {
    return getOverview();
  }

  protected override content(data: Overview): TemplateResult {
    return html`${this.#disks(data)} ${this.#departments(data)} ${this.#run(data)} ${this.#states(data)}`;
  }

  #forecast({ bytesPerDay, daysUntilFull }: { bytesPerDay?: number; daysUntilFull?: number }): TemplateResult | string {
    if (daysUntilFull === 0) return html`<b class="warn">${this.t('isFull')}</b>`;
    if (daysUntilFull !== undefined && daysUntilFull > FAR_OFF_DAYS) return this.t('farOff');
    if (daysUntilFull !== undefined) {
      return html`<b class=${daysUntilFull <= 90 ? 'warn' : ''}>${this.t('fullIn', { n: daysUntilFull })}</b>`;
    }
    return bytesPerDay === undefined ? this.t('notYetKnown') : bytesPerDay <= 0 ? this.t('notGrowing') : '';
  }

  #bar(used: number, total: number): TemplateResult {
    const share = total > 0 ? Math.min(100, (used / total) * 100) : 0;
    return html`<div class="bar ${share > 95 ? 'full' : ''}"><i style=${`width:${share}%`}></i></div>`;
  }

  #disks({ disk, tier }: Overview): TemplateResult {
    const row = (name: string, free: number, total: number, forecast: unknown) =>
      html`<div class="stack" style="gap:6px">
        <div class="row">
          <b>${name}</b><span class="num secondary">${bytesText(free)} ${this.t('free')} ${this.t('ofTotal')} ${bytesText(total)}</span>
          <span class="spacer"></span><span class="num">${forecast}</span>
        </div>
        ${this.#bar(total - free, total)}
      </div>`;
    return html`<section class="panel">
      <div class="head"><h2>${this.t('disk')}</h2>
        ${disk.bytesPerDay === undefined ? nothing : html`<span class="secondary num">${this.t('perDay')} ${bytesText(disk.bytesPerDay)}</span>`}
      </div>
      <div class="body stack">
        ${row(this.t('disk'), Math.max(0, disk.roomBytes), disk.totalBytes, this.#forecast(disk))}
        ${
          tier === null
            ? html`<p class="secondary">${this.t('noTier')}</p>`
            : tier.isThere && tier.totalBytes !== undefined
              ? row(tier.title, tier.freeBytes ?? 0, tier.totalBytes, '')
              : html`<p class="note error"><b>${tier.title}</b> ${this.t('tierMissing')}</p>`
        }
      </div>
    </section>`;
  }

  #departments({ departments }: Overview): TemplateResult {
    return html`<section class="panel">
      <div class="head"><h2>${this.t('departments')}</h2></div>
      ${
        departments.length === 0
          ? html`<p class="empty">${this.t('notCounted')}</p>`
          : html`<div class="scroll"><table>
              <thead><tr>
                <th>${this.t('department')}</th><th>${this.t('used')}</th><th>${this.t('quota')}</th><th style="width:24%"></th>
                <th>${this.t('perDay')}</th><th>${this.t('forecast')}</th>
              </tr></thead>
              <tbody>${departments.map(
                (each) => html`<tr>
                  <td>${each.department || this.t('noDepartment')}</td>
                  <td class="num">${bytesText(each.bytes)}</td>
                  <td class="num">${each.quotaBytes === undefined ? this.t('noQuota') : bytesText(each.quotaBytes)}</td>
                  <td>${each.quotaBytes === undefined ? nothing : this.#bar(each.bytes, each.quotaBytes)}</td>
                  <td class="num">${each.bytesPerDay === undefined ? '' : bytesText(each.bytesPerDay)}</td>
                  <td>${
                    each.quotaBytes !== undefined && each.bytes >= each.quotaBytes
                      ? html`<b class="warn">${this.t('quotaUsedUp')}</b>`
                      : this.#forecast(each)
                  }</td>
                </tr>`,
              )}</tbody>
            </table></div>`
      }
    </section>`;
  }

  #run({ lastRun, running }: Overview): TemplateResult {
    const figure = (label: string, value: string | number) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
    return html`<section class="panel">
      <div class="head">
        <h2>${this.t('lastRun')}</h2>
        <span class="secondary">${lastRun ? timeText(this.locale, lastRun.finishedAt) : this.t('never')}</span>
        <span class="spacer"></span>
        ${running ? html`<span class="num" role="status">${this.t('running')} ${running.done} / ${running.total}</span>` : nothing}
        <button ?disabled=${this.busy || running !== null} @click=${() => void this.act(startRun, 'started')}>${this.t('runNow')}</button>
      </div>
      ${
        lastRun
          ? html`<dl class="figures">
              ${figure(this.t('seen'), lastRun.studies)} ${figure(this.t('compressed'), lastRun.compressed)}
              ${figure(this.t('tiered'), lastRun.tiered)} ${figure(this.t('marked'), lastRun.marked)}
              ${figure(this.t('removed'), lastRun.removed)} ${figure(this.t('waiting'), lastRun.waiting)}
              ${figure(this.t('failed'), lastRun.failed)} ${figure(this.t('damaged'), lastRun.damaged)}
              ${figure(this.t('freed'), bytesText(lastRun.freedBytes))}
            </dl>`
          : nothing
      }
    </section>`;
  }

  #states({ states }: Overview): TemplateResult | typeof nothing {
    const present = STATES.filter((state) => states[state] !== undefined);
    if (present.length === 0) return nothing;
    return html`<section class="panel">
      <div class="head"><h2>${this.t('where')}</h2></div>
      <dl class="figures">${present.map(
        (state) => html`<div>
          <dt>${this.t(`state.${state}`)}</dt>
          <dd>${states[state]?.studies ?? 0} <span class="secondary" style="font-size:13px">${bytesText(states[state]?.bytes ?? 0)}</span></dd>
        </div>`,
      )}</dl>
    </section>`;
  }
}
