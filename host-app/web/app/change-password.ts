import '@vaadin/button';
import '@vaadin/dialog';
import '@vaadin/password-field';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ApiError } from '../api/client.ts';
import { setPassword } from '../api/users.ts';
import { FilmlessElement } from '../components/element.ts';
import '../components/error-note.ts';
import { notifyDone } from '../components/notify.ts';
import { t } from '../i18n/index.ts';
import { session } from '../state/session.ts';
import { shared } from '../styles/shared.ts';

export const PASSWORD_LENGTH = 8;

/**
 * Dialog for one's own password, or an administrator's for somebody else's.
 * @event done closed, changed or not
 */
@customElement('fl-change-password')
export class ChangePassword extends FilmlessElement {
  @property() user = '';
  @property({ type: Boolean }) ownPassword = false;
  /** There is no way around it: somebody else chose the password there is. */
  @property({ type: Boolean }) forced = false;
  @state() private current = '';
  @state() private next = '';
  @state() private again = '';
  @state() private tried = false;
  @state() private busy = false;
  @state() private wrongCurrent = false;
  @state() private error: unknown;

  static override styles = [
    shared,
    css`
      .form {
        display: flex;
        flex-direction: column;
        gap: 8px;
        width: min(360px, 80vw);
      }
      vaadin-password-field {
        width: 100%;
      }
    `,
  ];

  #problems(): { current: string; next: string; again: string } {
    if (!this.tried) return { current: '', next: '', again: '' };
    return {
      current:
        this.ownPassword && this.current === ''
          ? t.signIn.passwordMissing
          : this.wrongCurrent
            ? t.password.wrongCurrent
            : '',
      next: this.next.length < PASSWORD_LENGTH ? t.password.tooShort(PASSWORD_LENGTH) : '',
      again: this.again !== this.next ? t.password.mismatch : '',
    };
  }

  async #save(): Promise<void> {
    this.tried = true;
    this.wrongCurrent = false;
    this.error = undefined;
    if (this.busy || Object.values(this.#problems()).some((problem) => problem !== '')) return;
    this.busy = true;
    try {
      await setPassword(this.user, this.next, this.ownPassword ? this.current : undefined);
      notifyDone(this.ownPassword ? t.password.changed : t.users.resetDone(this.user));
      this.emit('done');
      // The node has ended every session of the account, this one too.
      if (this.ownPassword) session.end();
    } catch (error) {
      if (this.ownPassword && ApiError.from(error).code === 'FORBIDDEN') this.wrongCurrent = true;
      else this.error = error;
    } finally {
      this.busy = false;
    }
  }

  override firstUpdated(): void {
    // The dialog takes the focus when it opens.
    requestAnimationFrame(() => this.renderRoot.querySelector<HTMLElement>('vaadin-password-field')?.focus());
  }

  #field(key: 'current' | 'next' | 'again', label: string, autocomplete: string, problem: string) {
    return html`<vaadin-password-field
      .label=${label}
      .i18n=${{ reveal: t.signIn.showPassword }}
      autocomplete=${autocomplete}
      manual-validation
      .value=${this[key]}
      .invalid=${problem !== ''}
      .errorMessage=${problem}
      @input=${(event: Event & { currentTarget: HTMLElement & { value: string } }) => {
        this[key] = event.currentTarget.value;
      }}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Enter') void this.#save();
      }}
    ></vaadin-password-field>`;
  }

  override render() {
    const problems = this.#problems();
    return html`<vaadin-dialog opened ?no-close-on-esc=${this.forced} ?no-close-on-outside-click=${this.forced} .headerTitle=${this.ownPassword ? t.password.title : t.users.resetTitle(this.user)} @closed=${() => this.emit('done')}>
      <div class="form">
        ${this.forced ? html`<p>${t.security.changeFirst}</p>` : nothing}
        ${this.ownPassword ? this.#field('current', t.password.current, 'current-password', problems.current) : nothing}
        ${this.#field('next', t.password.next, 'new-password', problems.next)} ${this.#field('again', t.password.again, 'new-password', problems.again)}
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer">
        ${this.forced ? html`<vaadin-button @click=${() => void session.signOut()}>${t.shell.signOut}</vaadin-button>` : html`<vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>`}
        <vaadin-button theme="primary" ?disabled=${this.busy} @click=${() => void this.#save()}>${t.common.save}</vaadin-button>
      </div>
    </vaadin-dialog>`;
  }
}
