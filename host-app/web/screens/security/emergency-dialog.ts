import '@vaadin/button';
import '@vaadin/dialog';
import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ApiError } from '../../api/client.ts';
import { openEmergency } from '../../api/security.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { formStyles } from './form-styles.ts';

const REASON_LENGTH = 4;

/**
 * Asks for the reason and opens the patient of a study for a while.
 * @event done closed without opening
 * @event opened the patient may be seen now
 */
@customElement('fl-emergency-dialog')
export class EmergencyDialog extends FilmlessElement {
  @property() study = '';
  @state() private reason = '';
  @state() private tried = false;
  @state() private busy = false;
  @state() private missing = false;
  @state() private error: unknown;

  static override styles = [
    shared,
    formStyles,
    css`
      .area {
        display: flex;
        flex-direction: column;
        gap: 4px;
        margin-top: 8px;
        font-size: var(--filmless-font-size-table);
        color: var(--filmless-text-secondary);
      }
      textarea {
        font: inherit;
        font-size: var(--filmless-font-size-form);
        padding: 8px 10px;
        resize: vertical;
        color: var(--filmless-text);
        background: var(--filmless-surface-2);
        border: 1px solid var(--filmless-line);
        border-radius: var(--filmless-radius);
      }
      textarea[aria-invalid='true'] {
        border-color: var(--filmless-state-critical);
      }
    `,
  ];

  async #open(): Promise<void> {
    this.tried = true;
    if (this.busy || this.reason.trim().length < REASON_LENGTH) return;
    this.busy = true;
    this.missing = false;
    this.error = undefined;
    try {
      await openEmergency(this.study, this.reason.trim());
      this.emit('opened');
    } catch (error) {
      if (ApiError.from(error).status === 404) this.missing = true;
      else this.error = error;
    } finally {
      this.busy = false;
    }
  }

  override firstUpdated(): void {
    // The dialog takes the focus when it opens.
    requestAnimationFrame(() => this.renderRoot.querySelector<HTMLElement>('textarea')?.focus());
  }

  override render() {
    const short = this.tried && this.reason.trim().length < REASON_LENGTH;
    return html`<vaadin-dialog opened .headerTitle=${t.security.emergencyTitle} @closed=${() => this.emit('done')}>
      <div class="form">
        <p>${t.security.emergencyText}</p>
        <label class="area">${t.security.emergencyReason}
          <textarea rows="3" maxlength="500" autofocus placeholder=${t.security.emergencyPlaceholder} aria-invalid=${short ? 'true' : 'false'} .value=${this.reason} @input=${(
            event: Event & { currentTarget: HTMLTextAreaElement },
          ) => {
            this.reason = event.currentTarget.value;
          }}></textarea>
        </label>
        ${short ? html`<p class="problem" role="alert">${t.security.emergencyTooShort}</p>` : ''}
        ${this.missing ? html`<p class="problem" role="alert">${t.security.emergencyNone}</p>` : ''}
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer">
        <vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>
        <vaadin-button theme="primary error" ?disabled=${this.busy} @click=${() => void this.#open()}>${t.security.emergencyOpen}</vaadin-button>
      </div>
    </vaadin-dialog>`;
  }
}
