import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { listStudies, type StudyItem, type StudyState, undoMark } from './api.ts';
import { RetentionPart } from './part.ts';
import { bytesText, dateText, dayText, nameText } from './texts.ts';

const STATES: readonly StudyState[] = ['marked', 'kept', 'removed', 'compressed', 'tiered', 'back'];

/** What is marked for removal, with the way back, and what was done with studies before. */
@customElement('filmless-retention-studies')
export class RetentionStudies extends RetentionPart<{ total: number; items: StudyItem[] }> {
  @state() private shown: StudyState = 'marked';

  protected override fetch(): Promise<{ total: number; items: StudyItem[] }> {
    return listStudies(this.shown);
  }

  protected override content({ total, items }: { total: number; items: StudyItem[] }): TemplateResult {
    const hasUntil = this.shown === 'marked' || this.shown === 'kept';
    return html`<section class="panel">
      <div class="head">
        <select
          aria-label=${this.t('studies')}
          @change=${(event: Event) => {
            this.shown = (event.target as HTMLSelectElement).value as StudyState;
            void this.load();
          }}
        >
          ${STATES.map((each) => html`<option value=${each} ?selected=${each === this.shown}>${this.t(`state.${each}`)}</option>`)}
        </select>
        <span class="secondary num">${total > items.length && items.length > 0 ? this.t('shown', { n: items.length, total }) : this.t('studiesCount', { n: total })}</span>
      </div>
      ${
        items.length === 0
          ? html`<p class="empty">${this.t('emptyStudies')}</p>`
          : html`<div class="scroll"><table>
              <thead><tr>
                <th>${this.t('patient')}</th><th>${this.t('study')}</th><th>${this.t('date')}</th><th>${this.t('department')}</th>
                <th>${this.t('size')}</th><th>${this.t('since')}</th>
                ${hasUntil ? html`<th>${this.t(this.shown === 'marked' ? 'removedAfter' : 'untilKept')}</th>` : nothing}
                <th>${this.t('why')}</th><th></th>
              </tr></thead>
              <tbody>${items.map((item) => this.#row(item, hasUntil))}</tbody>
            </table></div>`
      }
    </section>`;
  }

  #row(item: StudyItem, hasUntil: boolean): TemplateResult {
    return html`<tr>
      <td>${nameText(item.PatientName)} <span class="secondary num">${item.PatientID}</span></td>
      <td>${item.modalities.join(', ')} ${item.StudyDescription}</td>
      <td class="num">${dateText(item.StudyDate)}</td>
      <td>${item.department || this.t('noDepartment')}</td>
      <td class="num">${bytesText(item.bytes)}</td>
      <td class="num">${dayText(this.locale, item.at)}</td>
      ${hasUntil ? html`<td class="num">${dayText(this.locale, item.until)}</td>` : nothing}
      <td>${item.waiting === 'too-few-copies' ? html`<span class="warn">${this.t('waiting.too-few-copies')}</span>` : item.by === 'rules' ? '' : item.by}</td>
      <td>${
        item.state === 'marked'
          ? html`<button ?disabled=${this.busy} @click=${() => void this.act(() => undoMark(item.StudyInstanceUID), 'undone')}>${this.t('undo')}</button>`
          : nothing
      }</td>
    </tr>`;
  }
}
