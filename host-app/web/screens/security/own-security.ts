import '@vaadin/button';
import '@vaadin/dialog';
import '@vaadin/password-field';
import '@vaadin/text-field';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ApiError } from '../../api/client.ts';
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from '../../api/security.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { notifyDone } from '../../components/notify.ts';
import { qrCode } from '../../components/qr-code.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type FieldEvent, formStyles } from './form-styles.ts';
import './sessions.ts';

type Step = 'start' | 'scan' | 'codes' | 'remove';

/**
 * One's own account: the authenticator and open sessions.
 * @event done closed
 */
@customElement('fl-own-security')
export class OwnSecurity extends FilmlessElement {
  @property() user = '';
  @state() private step: Step = 'start';
  @state() private password = '';
  @state() private code = '';
  @state() private secret = '';
  @state() private uri = '';
  @state() private recovery: readonly string[] = [];
  @state() private busy = false;
  @state() private problem = '';
  @state() private error: unknown;

  static override styles = [
    shared,
    formStyles,
    css`
      .form {
        width: min(760px, 88vw);
        gap: 10px;
      }
      .line {
        display: flex;
        align-items: end;
        gap: 8px;
        flex-wrap: wrap;
      }
      .line > vaadin-text-field,
      .line > vaadin-password-field {
        width: 240px;
      }
      .scan {
        display: flex;
        align-items: center;
        gap: 16px;
      }
      .scan > div {
        flex: 1;
        min-width: 0;
      }
      .qr {
        flex: none;
        width: 196px;
        height: 196px;
        border-radius: var(--filmless-radius);
      }
      fl-sessions {
        max-height: 40vh;
        overflow: auto;
      }
    `,
  ];

  async #try(work: () => Promise<void>, refused: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = '';
    this.error = undefined;
    try {
      await work();
    } catch (error) {
      const { code } = ApiError.from(error);
      if (code === 'FORBIDDEN' || code === 'INVALID_REQUEST') this.problem = refused;
      // There is one already: what is wanted is to take it away.
      else if (code === 'CONFLICT') this.step = 'remove';
      else this.error = error;
    } finally {
      this.busy = false;
    }
  }

  #begin = () =>
    this.#try(async () => {
      const begun = await beginSecondFactor(this.user, this.password);
      this.secret = begun.secret;
      this.uri = begun.uri;
      this.step = 'scan';
    }, t.password.wrongCurrent);

  #confirm = () =>
    this.#try(async () => {
      this.recovery = await confirmSecondFactor(this.user, this.code);
      this.step = 'codes';
    }, t.security.factorWrong);

  #remove = () =>
    this.#try(async () => {
      await removeSecondFactor(this.user, this.code);
      notifyDone(t.security.factorDisabled);
      this.step = 'start';
      this.code = '';
    }, t.security.factorWrong);

  #codeField() {
    return html`<vaadin-text-field .label=${t.security.factorCode} inputmode="numeric" autocomplete="one-time-code" manual-validation .value=${this.code} .invalid=${this.problem !== ''} .errorMessage=${this.problem} @input=${(
      event: FieldEvent,
    ) => {
      this.code = event.currentTarget.value;
    }}></vaadin-text-field>`;
  }

  #factor() {
    switch (this.step) {
      case 'start':
        return html`<p class="secondary">${t.security.factorOff}</p>
          <div class="line">
            <vaadin-password-field .label=${t.security.factorPassword} .i18n=${{ reveal: t.signIn.showPassword }} autocomplete="current-password" manual-validation .value=${this.password} .invalid=${this.problem !== ''} .errorMessage=${this.problem} @input=${(
              event: FieldEvent,
            ) => {
              this.password = event.currentTarget.value;
            }}></vaadin-password-field>
            <vaadin-button ?disabled=${this.busy || this.password === ''} @click=${this.#begin}>${t.security.factorEnable}</vaadin-button>
          </div>`;
      case 'scan':
        return html`<p>${t.security.factorScan}</p>
          <div class="scan">${qrCode(this.uri, t.security.factorQr)}
            <div><p class="secondary">${t.security.factorByHand}</p><div class="secret mono">${this.secret.match(/.{1,4}/g)?.join(' ') ?? ''}</div></div>
          </div>
          <div class="line">${this.#codeField()}<vaadin-button theme="primary" ?disabled=${this.busy} @click=${this.#confirm}>${t.security.factorConfirm}</vaadin-button></div>`;
      case 'codes':
        return html`<p role="status">${t.security.factorRecovery}</p>
          <ul class="codes mono">${this.recovery.map((code) => html`<li>${code}</li>`)}</ul>
          <div class="line"><vaadin-button theme="primary" @click=${() => this.emit('done')}>${t.security.factorDone}</vaadin-button></div>`;
      case 'remove':
        return html`<p>${t.security.secondFactorOn}</p>
          <div class="line">${this.#codeField()}<vaadin-button theme="error" ?disabled=${this.busy} @click=${this.#remove}>${t.security.factorDisable}</vaadin-button></div>`;
    }
  }

  override render() {
    return html`<vaadin-dialog opened .headerTitle=${t.security.own} @closed=${() => this.emit('done')}>
      <div class="form">
        <h2>${t.security.factorTitle}</h2>
        ${this.#factor()}
        <fl-error-note .error=${this.error}></fl-error-note>
        ${this.step === 'codes' ? nothing : html`<h2>${t.security.ownSessions}</h2><fl-sessions .of=${'own' as const}></fl-sessions>`}
      </div>
      <div slot="footer"><vaadin-button @click=${() => this.emit('done')}>${t.common.close}</vaadin-button></div>
    </vaadin-dialog>`;
  }
}
