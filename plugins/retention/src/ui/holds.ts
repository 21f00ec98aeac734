import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Hold, listHolds, placeHold, releaseHold } from './api.ts';
import { RetentionPart } from './part.ts';
import { timeText } from './texts.ts';

/** Legal holds: who placed them and why, a new one, and their release. */
@customElement('filmless-retention-holds')
export class RetentionHolds extends RetentionPart<Hold[]> {
  @state() private of: 'patientId' | 'StudyInstanceUID' = 'patientId';
  /** The hold that is about to be released. */
  @state() private releasing = '';

  protected override fetch(): Promise<Hold[]> {
    return listHolds();
  }

  protected override content(holds: Hold[]): TemplateResult {
    return html`<p class="secondary">${this.t('holdHelp')}</p>
      <form class="panel" @submit=${this.#place}>
        <div class="head"><h2>${this.t('placeHold')}</h2></div>
        <div class="body row">
          <select
            aria-label=${this.t('placeHold')}
            @change=${(event: Event) => {
              this.of = (event.target as HTMLSelectElement).value as typeof this.of;
            }}
          >
            <option value="patientId">${this.t('byPatient')}</option>
            <option value="StudyInstanceUID">${this.t('byStudy')}</option>
          </select>
          <input
            name="subject" required maxlength="64" style="flex:1 1 220px"
            pattern=${this.of === 'patientId' ? '.*\\S.*' : '[0-9.]+'}
            aria-label=${this.t(this.of === 'patientId' ? 'patientId' : 'studyUid')}
            placeholder=${this.t(this.of === 'patientId' ? 'patientId' : 'studyUid')}
          />
          <input name="reason" required maxlength="500" style="flex:2 1 300px" aria-label=${this.t('reason')} placeholder=${this.t('reason')} />
          <button class="primary" ?disabled=${this.busy}>${this.t('place')}</button>
        </div>
      </form>
      <section class="panel">
        ${
          holds.length === 0
            ? html`<p class="empty">${this.t('emptyHolds')}</p>`
            : html`<div class="scroll"><table>
                <thead><tr>
                  <th></th><th>${this.t('patientId')} / ${this.t('studyUid')}</th><th>${this.t('reason')}</th><th>${this.t('by')}</th>
                  <th>${this.t('at')}</th><th></th>
                </tr></thead>
                <tbody>${holds.map((hold) => this.#row(hold))}</tbody>
              </table></div>`
        }
      </section>`;
  }

  #row(hold: Hold): TemplateResult {
    const isOver = hold.releasedAt !== undefined;
    return html`<tr>
      <td class=${isOver ? 'secondary' : ''}>${isOver ? this.t('over') : html`<b>${this.t('standing')}</b>`}</td>
      <td style="overflow-wrap:anywhere">${hold.patientId ?? hold.StudyInstanceUID}</td>
      <td>${hold.reason}${
        isOver
          ? html`<div class="secondary">${this.t('releasedBy')} ${hold.releasedBy}, ${timeText(this.locale, hold.releasedAt ?? '')}: ${hold.releaseReason}</div>`
          : nothing
      }</td>
      <td>${hold.by}</td>
      <td class="num">${timeText(this.locale, hold.at)}</td>
      <td>${isOver ? nothing : this.#releaseForm(hold)}</td>
    </tr>`;
  }

  #releaseForm(hold: Hold): TemplateResult {
    if (this.releasing !== hold.id) {
      return html`<button
        @click=${() => {
          this.releasing = hold.id;
        }}
      >${this.t('release')}</button>`;
    }
    return html`<form class="row" style="flex-wrap:nowrap" @submit=${(event: SubmitEvent) => this.#release(event, hold.id)}>
      <input name="reason" required maxlength="500" autofocus aria-label=${this.t('releaseReason')} placeholder=${this.t('releaseReason')} />
      <button class="critical" ?disabled=${this.busy}>${this.t('release')}</button>
      <button
        type="button"
        @click=${() => {
          this.releasing = '';
        }}
      >${this.t('cancel')}</button>
    </form>`;
  }

  async #place(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const hold = { [this.of]: String(fields.get('subject')).trim(), reason: String(fields.get('reason')).trim() };
    if (await this.act(() => placeHold(hold), 'placed')) form.reset();
  }

  async #release(event: SubmitEvent, id: string): Promise<void> {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason')).trim();
    if (await this.act(() => releaseHold(id, reason), 'released')) this.releasing = '';
  }
}
