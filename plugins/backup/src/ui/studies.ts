import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type FoundStudy, findStudies, restore } from './api.ts';
import { BackupPart } from './part.ts';
import { stateMark } from './state-mark.ts';
import { dateText, nameText } from './texts.ts';

interface Found {
  text: string;
  total: number;
  items: FoundStudy[];
}

/** Which disks hold a study. */
@customElement('filmless-backup-studies')
export class BackupStudies extends BackupPart<Found> {
  @state() private text = '';

  protected override async fetch(): Promise<Found> {
    const { text } = this;
    return text === '' ? { text, total: 0, items: [] } : { text, ...(await findStudies(text)) };
  }

  protected override content({ text, total, items }: Found): TemplateResult {
    return html`<section class="panel">
      <form class="head" role="search" @submit=${this.#submit}>
        <input name="text" type="search" style="flex:1;max-width:420px" placeholder=${this.t('findPlaceholder')} aria-label=${this.t('findPlaceholder')} />
        <button class="primary">${this.t('find')}</button>
        <span class="secondary num">${total > items.length ? this.t('shown', { n: items.length, total }) : nothing}</span>
      </form>
      ${
        items.length === 0
          ? html`<p class="empty">${this.t(text === '' ? 'findHelp' : 'noStudies')}</p>`
          : html`<div class="scroll"><table>
              <thead><tr><th>${this.t('patient')}</th><th>${this.t('study')}</th><th>${this.t('date')}</th><th>${this.t('onDisks')}</th><th></th></tr></thead>
              <tbody>${items.map((item) => this.#row(item))}</tbody>
            </table></div>`
      }
    </section>`;
  }

  #row(item: FoundStudy): TemplateResult {
    return html`<tr>
      <td>${nameText(item.PatientName)} <span class="secondary num">${item.PatientID}</span></td>
      <td>${item.modalities.join(', ')} ${item.StudyDescription}</td>
      <td class="num">${dateText(item.StudyDate)}</td>
      <td><span class="row" style="gap:16px;justify-content:flex-start">${
        item.disks.length === 0
          ? html`<span class="warn">${this.t('onNone')}</span>`
          : item.disks.map((disk) => {
              const count =
                disk.instances < item.instances ? this.t('partly', { n: disk.instances, total: item.instances }) : '';
              return html`<span class="row" style="flex-wrap:nowrap"><b>${disk.label}</b> ${stateMark(disk.state, this.t(`state.${disk.state}`))}
                <span class="warn num">${count}</span></span>`;
            })
      }</span></td>
      <td><div class="row">${
        item.disks.some(({ state }) => state === 'attached')
          ? html`<button ?disabled=${this.busy} @click=${() =>
              void this.act(() => restore({ kind: 'study', StudyInstanceUID: item.StudyInstanceUID }), 'restoreBegun')}
            >${this.t('restoreStudy')}</button>`
          : nothing
      }</div></td>
    </tr>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    this.text = String(new FormData(event.target as HTMLFormElement).get('text') ?? '').trim();
    void this.load();
  }
}
