import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type AlarmSummary, getAlarmSummary } from '../api/alarms.ts';
import { alarmEvents } from '../api/events.ts';
import { FilmlessElement } from '../components/element.ts';
import { icon } from '../components/icon.ts';
import { iconBell } from '../components/icons.ts';
import { t } from '../i18n/index.ts';
import { session } from '../state/session.ts';
import { shared } from '../styles/shared.ts';

const EVERY_MS = 20_000;

/** How many alarms nobody has acknowledged. Live while the study list listens to the node, else looked at again and again. */
@customElement('fl-alarm-bell')
export class AlarmBell extends FilmlessElement {
  @state() private summary: AlarmSummary | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | undefined;

  static override styles = [
    shared,
    css`
      a {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        gap: 4px;
        height: 32px;
        min-width: 32px;
        padding: 0 6px;
        color: var(--filmless-text-secondary);
        border-radius: var(--filmless-radius);
        font-size: var(--filmless-font-size-table);
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
      a:hover {
        background: var(--filmless-surface-2);
        text-decoration: none;
      }
      .warning {
        color: var(--filmless-state-waiting);
      }
      .critical {
        color: var(--filmless-state-critical);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    alarmEvents.addEventListener('alarms', this.#onAlarms);
    void this.#look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    alarmEvents.removeEventListener('alarms', this.#onAlarms);
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  readonly #onAlarms = (event: Event): void => {
    if (event instanceof CustomEvent) this.summary = event.detail as AlarmSummary;
  };

  async #look(): Promise<void> {
    if (!session.can('alarm.read')) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    // The health dot beside it says when the node does not answer.
    const summary = await getAlarmSummary(signal).catch(() => undefined);
    if (signal.aborted) return;
    if (summary) this.summary = summary;
    this.#timer = setTimeout(() => void this.#look(), EVERY_MS);
  }

  override render() {
    const { summary } = this;
    if (!summary) return nothing;
    const count = summary.unacknowledged;
    const text = t.alarms.bell(count, summary.active);
    return html`<a class=${count > 0 ? summary.worst : ''} href="/system/alarms" data-route title=${text} aria-label=${text}
      >${icon(iconBell, 18)}${count > 0 ? html`<span aria-hidden="true">${count}</span>` : nothing}</a
    >`;
  }
}
