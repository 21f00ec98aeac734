import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { prepareDisk } from './api.ts';
import { reason } from './reasons.ts';
import { styles } from './styles.ts';
import { text } from './texts.ts';

/**
 * Asks for label and set of a new disk, and names the folder that becomes one.
 * @event prepared it is a disk now
 * @event close nothing was done
 */
@customElement('filmless-backup-prepare')
export class PrepareDialog extends LitElement {
  @property() locale = 'zh-CN';
  @property() root = '';
  @property() recipient = '';
  @property({ attribute: false }) sets: string[] = [];
  @state() private isEncrypted: boolean | undefined;
  @state() private error = '';
  @state() private busy = false;

  static override styles = [styles];

  override firstUpdated(): void {
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  override render() {
    const t = (key: Parameters<typeof text>[1], values?: Record<string, string>) => text(this.locale, key, values);
    const isEncrypted = this.isEncrypted ?? this.recipient !== '';
    return html`<dialog aria-labelledby="title" @close=${() => this.dispatchEvent(new Event('close'))}>
      <form class="stack" @submit=${this.#submit}>
        <h2 id="title">${t('prepareTitle')}</h2>
        <p>${t('prepareText', { root: this.root })}</p>
        ${this.error ? html`<p class="note error" role="alert">${this.error}</p>` : nothing}
        <label>${t('label')}<input name="label" required maxlength="32" autofocus autocomplete="off" /><span class="secondary">${t('labelHelp')}</span></label>
        <label>${t('set')}<input name="set" required maxlength="32" list="sets" autocomplete="off" value=${this.sets[0] ?? 'A'} /><span class="secondary">${t('setHelp')}</span></label>
        <datalist id="sets">${this.sets.map((each) => html`<option value=${each}></option>`)}</datalist>
        <label class="check"><input type="checkbox" .checked=${isEncrypted} @change=${(event: Event) => {
          this.isEncrypted = (event.target as HTMLInputElement).checked;
        }} />${t('encrypt')}</label>
        ${
          isEncrypted
            ? html`<label>${t('recipient')}<input name="recipient" required pattern="age1[0-9a-z]+" autocomplete="off" value=${this.recipient} /><span class="secondary">${t('recipientHelp')}</span></label>`
            : nothing
        }
        <div class="row"><span class="spacer"></span>
          <button type="button" @click=${() => this.renderRoot.querySelector('dialog')?.close()}>${t('cancel')}</button>
          <button class="primary" ?disabled=${this.busy}>${t('prepareNow')}</button>
        </div>
      </form>
    </dialog>`;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const value = (name: string) => String(form.get(name) ?? '').trim();
    this.busy = true;
    try {
      await prepareDisk({
        root: this.root,
        label: value('label'),
        set: value('set'),
        recipient: value('recipient') || null,
      });
      this.dispatchEvent(new Event('prepared'));
    } catch (error) {
      this.error = reason(this.locale, error);
    } finally {
      this.busy = false;
    }
  }
}
