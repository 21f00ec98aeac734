import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Destination, type Filter, getDestinations, getStudies, retry, type Study, sendStudy } from './api.ts';
import { ForwardingPart } from './part.ts';
import { reason } from './reasons.ts';
import { dateText, nameText, timeText } from './texts.ts';

const FILTERS: readonly Filter[] = ['all', 'open', 'refused', 'complete'];
const PAGE = 50;

interface Loaded {
  total: number;
  items: Study[];
  destinations: Destination[];
}

/** Each study at each destination: how much of it is there, why not all, and the ways to mend it. */
@customElement('filmless-forwarding-studies')
export class ForwardingStudies extends ForwardingPart<Loaded> {
  @state() private filter: Filter = 'all';
  @state() private destination = '';
  @state() private offset = 0;

  protected override readonly refreshMs = 5000;

  protected override async fetch(): Promise<Loaded> {
    const [studies, destinations] = await Promise.all([
      getStudies(this.filter, this.destination, this.offset),
      getDestinations(),
    ]);
    return { ...studies, destinations };
  }

  protected override content({ total, items, destinations }: Loaded): TemplateResult {
    return html`<section class="panel">
      <div class="head">
        <select aria-label=${this.t('state')} @change=${(event: Event) => this.#show({ filter: (event.target as HTMLSelectElement).value as Filter })}>
          ${FILTERS.map((each) => html`<option value=${each} ?selected=${each === this.filter}>${this.t(`filter.${each}`)}</option>`)}
        </select>
        <select aria-label=${this.t('destination')} @change=${(event: Event) => this.#show({ destination: (event.target as HTMLSelectElement).value })}>
          <option value="">${this.t('allDestinations')}</option>
          ${destinations.map(({ key }) => html`<option value=${key} ?selected=${key === this.destination}>${key}</option>`)}
        </select>
        <span class="secondary num">${this.t('studiesCount', { n: total })}</span>
        <span class="spacer"></span>
        ${
          total > PAGE
            ? html`<button ?disabled=${this.offset === 0} @click=${() => this.#show({ offset: this.offset - PAGE })}>${this.t('newer')}</button>
                <button ?disabled=${this.offset + PAGE >= total} @click=${() => this.#show({ offset: this.offset + PAGE })}>${this.t('older')}</button>`
            : nothing
        }
      </div>
      ${
        items.length === 0
          ? html`<p class="empty">${this.t(this.filter === 'all' ? 'emptyStudies' : 'emptyFilter')}</p>`
          : html`<div class="scroll"><table>
              <thead><tr>
                <th>${this.t('state')}</th><th>${this.t('patient')}</th><th>${this.t('study')}</th><th>${this.t('date')}</th>
                <th>${this.t('destination')}</th><th>${this.t('delivered')}</th><th>${this.t('lastChange')}</th><th>${this.t('why')}</th><th></th>
              </tr></thead>
              <tbody>${items.map((item) =>
                this.#row(
                  item,
                  destinations.find(({ key }) => key === item.destination),
                ),
              )}</tbody>
            </table></div>`
      }
    </section>`;
  }

  #row(item: Study, to: Destination | undefined): TemplateResult {
    const { destination, StudyInstanceUID, expected, delivered, refused } = item;
    const isComplete = delivered === expected;
    const isPaused = item.reasons.length > 0 && item.reasons.every((reason) => reason.state === 'held');
    const again = () => sendStudy(StudyInstanceUID, destination);
    return html`<tr>
      <td class="state">${
        isComplete
          ? html`<span class="done">✓ ${this.t('complete')}</span>`
          : refused > 0
            ? html`<span class="bad">! ${this.t('refused', { n: refused })}</span>`
            : html`<span class="warn">… ${this.t(isPaused ? 'paused' : 'underWay')}</span>`
      }</td>
      <td>${nameText(item.PatientName ?? '')} <span class="secondary num">${item.PatientID ?? ''}</span></td>
      <td>${item.modalities?.join(', ')} ${item.StudyDescription ?? ''}</td>
      <td class="num">${dateText(item.StudyDate ?? '')}</td>
      <td>${destination}</td>
      <td class="num"><span class="bar"><i style=${`width:${(delivered / expected) * 100}%`}></i></span> ${delivered} / ${expected}</td>
      <td class="num">${timeText(this.locale, item.changedAt || item.newestAt)}</td>
      <td class="reason">${item.reasons.map((reason) => html`<div>${this.#reason(reason, to?.state?.problem)}</div>`)}</td>
      <td class="right">
        ${
          isComplete
            ? html`<button ?disabled=${this.busy} title=${this.t('sendAgainHelp')} @click=${() => void this.act(again, 'sendingAgain')}>${this.t('sendAgain')}</button>`
            : html`<button ?disabled=${this.busy || isPaused} @click=${() => void this.act(() => retry(destination, StudyInstanceUID), 'retrying')}>${this.t('tryNow')}</button>`
        }
      </td>
    </tr>`;
  }

  #reason(
    { state, code, detail, instances, notBefore }: Study['reasons'][number],
    problem: NonNullable<Destination['state']>['problem'],
  ): string {
    if (state === 'waiting' || state === 'sending') {
      const waits = this.t('reason.waiting', { n: instances });
      return problem
        ? `${waits}; ${this.t('unreachable', { why: reason(this.locale, problem.detail || problem.code) })}`
        : waits;
    }
    if (state === 'held') return this.t('reason.held', { n: instances });
    const why = reason(this.locale, detail || code);
    return state === 'refused'
      ? this.t('reason.refused', { n: instances, why })
      : this.t('reason.later', { n: instances, why, time: timeText(this.locale, new Date(notBefore).toISOString()) });
  }

  #show(change: { filter?: Filter; destination?: string; offset?: number }): void {
    this.filter = change.filter ?? this.filter;
    this.destination = change.destination ?? this.destination;
    this.offset = Math.max(0, change.offset ?? 0);
    void this.load();
  }
}
