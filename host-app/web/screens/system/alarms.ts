import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import {
  type Alarm,
  type AlarmChannelState,
  acknowledgeAlarm,
  listAlarmChannels,
  listAlarms,
  testAlarmChannel,
} from '../../api/alarms.ts';
import '../../components/state-badge.ts';
import { formatInstant } from '../../format/dates.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { session } from '../../state/session.ts';
import { panelStyles, SystemPanel } from './panel.ts';

interface Alarms {
  active: Alarm[];
  past: Alarm[];
  channels: AlarmChannelState[];
}

/** What is wrong now, what was, and how alarms reach people elsewhere. */
@customElement('fl-system-alarms')
export class SystemAlarms extends SystemPanel<Alarms> {
  protected override everyMs = 5_000;

  static override styles = [
    ...panelStyles,
    css`
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--filmless-font-size-table);
      }
      th,
      td {
        padding: 7px var(--filmless-space-4);
        text-align: left;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
      th {
        color: var(--filmless-text-secondary);
        font-weight: normal;
      }
      tr + tr td,
      thead + tbody tr:first-child td {
        border-top: 1px solid var(--filmless-line);
      }
      .kind {
        width: 110px;
      }
      .time {
        width: 140px;
        white-space: nowrap;
      }
      .who {
        width: 190px;
      }
      p.none {
        margin: 0;
        padding: var(--filmless-space-4);
      }
    `,
  ];

  protected override async fetch(signal: AbortSignal): Promise<Alarms> {
    const [{ active, past }, channels] = await Promise.all([listAlarms(signal), listAlarmChannels(signal)]);
    return { active, past, channels };
  }

  #row(alarm: Alarm, isPast: boolean) {
    const locale = currentLocale();
    const badge = isPast ? 'done' : alarm.severity;
    const text = isPast ? t.alarms.over : t.alarms[alarm.severity];
    return html`<tr>
      <td class="kind"><fl-state-badge state=${badge} .label=${text}></fl-state-badge></td>
      <td><b>${alarm.title[locale]}</b><br /><span class="secondary">${alarm.detail[locale]}</span></td>
      <td class="time">${formatInstant(alarm.raisedAt)}${isPast ? html`<br />${formatInstant(alarm.clearedAt)}` : nothing}</td>
      <td class="who">${this.#acknowledgement(alarm, isPast)}</td>
    </tr>`;
  }

  #acknowledgement(alarm: Alarm, isPast: boolean): unknown {
    const { acknowledged } = alarm;
    if (acknowledged) return t.alarms.acknowledgedBy(acknowledged.by, formatInstant(acknowledged.at));
    if (isPast || !session.can('alarm.manage')) return t.alarms.notAcknowledged;
    return html`<vaadin-button theme="small" @click=${() => void this.act(() => acknowledgeAlarm(alarm.id), t.alarms.acknowledged)}>${t.alarms.acknowledge}</vaadin-button>`;
  }

  #table(heading: string, alarms: Alarm[], none: string, isPast: boolean) {
    return html`<section class="panel">
      <div class="panel-head"><h2>${heading}</h2></div>
      ${
        alarms.length === 0
          ? html`<p class="none secondary">${none}</p>`
          : html`<table>
            <thead><tr><th>${t.alarms.severity}</th><th>${t.alarms.what}</th><th>${isPast ? t.alarms.fromTo : t.alarms.since}</th><th>${t.alarms.who}</th></tr></thead>
            <tbody>${alarms.map((alarm) => this.#row(alarm, isPast))}</tbody>
          </table>`
      }
    </section>`;
  }

  #channels(channels: AlarmChannelState[]) {
    const locale = currentLocale();
    return html`<section class="panel">
      <div class="panel-head"><h2>${t.alarms.channels}</h2></div>
      ${
        channels.length === 0
          ? html`<p class="none secondary">${t.alarms.noChannels}</p>`
          : html`<table><tbody>${channels.map(
              (channel) => html`<tr>
                <td class="kind"><fl-state-badge state=${channel.failure ? 'warning' : 'done'} .label=${channel.failure ? t.alarms.failing : t.alarms.working}></fl-state-badge></td>
                <td><b>${channel.title[locale]}</b>${channel.failure ? html`<br /><span class="secondary">${t.common.detail(channel.failure)}</span>` : nothing}</td>
                <td class="time">${channel.sentAt ? t.alarms.lastSent(formatInstant(channel.sentAt)) : t.alarms.neverSent}</td>
                <td class="who">${session.can('alarm.manage') ? html`<vaadin-button theme="small" @click=${() => void this.act(() => testAlarmChannel(channel.key), t.alarms.tested)}>${t.alarms.test}</vaadin-button>` : nothing}</td>
              </tr>`,
            )}</tbody></table>`
      }
    </section>`;
  }

  protected override content({ active, past, channels }: Alarms) {
    return html`<p class="intro"><span class="text">${t.alarms.intro}</span></p>
      ${this.#table(t.alarms.now, active, t.alarms.noneNow, false)} ${this.#channels(channels)}
      ${this.#table(t.alarms.past, past, t.alarms.nonePast, true)}`;
  }
}
