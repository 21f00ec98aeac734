import '@vaadin/button';
import '@vaadin/checkbox';
import '@vaadin/dialog';
import '@vaadin/password-field';
import '@vaadin/text-field';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Role, UserAccount } from '../../api/users.ts';
import { createUser, updateUser } from '../../api/users.ts';
import { PASSWORD_LENGTH } from '../../app/change-password.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { notifyDone } from '../../components/notify.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';

/**
 * Form of one account.
 * @event done closed, saved or not
 */
@customElement('fl-user-dialog')
export class UserDialog extends FilmlessElement {
  /** Undefined for a new account. */
  @property({ attribute: false }) account: UserAccount | undefined;
  /** One does not lock oneself out. */
  @property({ type: Boolean }) own = false;
  @property({ attribute: false }) roles: readonly Role[] = [];
  @state() private name = '';
  @state() private displayName = '';
  @state() private chosen: readonly string[] = [];
  @state() private password = '';
  @state() private disabled = false;
  @state() private tried = false;
  @state() private busy = false;
  @state() private error: unknown;

  static override styles = [
    shared,
    css`
      .form {
        display: flex;
        flex-direction: column;
        gap: 6px;
        width: min(400px, 84vw);
      }
      vaadin-text-field,
      vaadin-password-field {
        width: 100%;
      }
      fieldset {
        margin: 4px 0 0;
        padding: 0;
        border: 0;
        display: grid;
        grid-template-columns: 1fr 1fr;
      }
      legend {
        padding: 0;
        font-size: var(--filmless-font-size-table);
        color: var(--filmless-text-secondary);
      }
      .problem {
        grid-column: 1 / -1;
        color: var(--filmless-state-critical);
        font-size: var(--filmless-font-size-small);
      }
    `,
  ];

  override willUpdate(): void {
    if (this.hasUpdated || !this.account) return;
    this.name = this.account.name;
    this.displayName = this.account.displayName;
    this.chosen = this.account.roles;
    this.disabled = this.account.disabled;
  }

  #problems() {
    const isNew = !this.account;
    return {
      name: isNew && !/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u.test(this.name) ? t.users.invalidName : '',
      password: isNew && this.password.length < PASSWORD_LENGTH ? t.password.tooShort(PASSWORD_LENGTH) : '',
      roles: this.chosen.length === 0 ? t.users.noRole : '',
    };
  }

  async #save(): Promise<void> {
    this.tried = true;
    this.error = undefined;
    if (this.busy || Object.values(this.#problems()).some((problem) => problem !== '')) return;
    this.busy = true;
    const fields = { displayName: this.displayName.trim() || this.name, roles: [...this.chosen] };
    try {
      if (this.account) await updateUser(this.account.name, { ...fields, disabled: this.disabled });
      else await createUser({ name: this.name, password: this.password, ...fields });
      notifyDone(t.users.saved(this.name));
      this.emit('done');
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  override render() {
    type Field = Event & { currentTarget: HTMLElement & { value: string } };
    const problems = this.tried ? this.#problems() : { name: '', password: '', roles: '' };
    return html`<vaadin-dialog opened .headerTitle=${this.account ? t.users.editTitle(this.account.name) : t.users.addTitle} @closed=${() => this.emit('done')}>
      <div class="form">
        ${
          this.account
            ? nothing
            : html`<vaadin-text-field .label=${t.users.name} .helperText=${t.users.nameHelp} autocomplete="off" manual-validation .value=${this.name} .invalid=${problems.name !== ''} .errorMessage=${problems.name} @input=${(
                event: Field,
              ) => {
                this.name = event.currentTarget.value.trim();
              }}></vaadin-text-field>`
        }
        <vaadin-text-field .label=${t.users.displayName} autocomplete="off" .value=${this.displayName} @input=${(
          event: Field,
        ) => {
          this.displayName = event.currentTarget.value;
        }}></vaadin-text-field>
        ${
          this.account
            ? nothing
            : html`<vaadin-password-field .label=${t.users.password} .i18n=${{ reveal: t.signIn.showPassword }} autocomplete="new-password" manual-validation .value=${this.password} .invalid=${problems.password !== ''} .errorMessage=${problems.password} @input=${(
                event: Field,
              ) => {
                this.password = event.currentTarget.value;
              }}></vaadin-password-field>`
        }
        <fieldset>
          <legend>${t.users.roles}</legend>
          ${this.roles.map(
            (role) => html`<vaadin-checkbox
              .label=${role.title[currentLocale()]}
              .checked=${this.chosen.includes(role.id)}
              @change=${(event: Event & { currentTarget: HTMLElement & { checked: boolean } }) => {
                const others = this.chosen.filter((other) => other !== role.id);
                this.chosen = event.currentTarget.checked ? [...others, role.id] : others;
              }}
            ></vaadin-checkbox>`,
          )}
          ${problems.roles === '' ? nothing : html`<span class="problem" role="alert">${problems.roles}</span>`}
        </fieldset>
        ${
          this.account && !this.own
            ? html`<vaadin-checkbox
                .label=${t.users.disabled}
                .helperText=${t.users.disabledHelp}
                .checked=${this.disabled}
                @change=${(event: Event & { currentTarget: HTMLElement & { checked: boolean } }) => {
                  this.disabled = event.currentTarget.checked;
                }}
              ></vaadin-checkbox>`
            : nothing
        }
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer">
        <vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>
        <vaadin-button theme="primary" ?disabled=${this.busy} @click=${() => void this.#save()}>${t.common.save}</vaadin-button>
      </div>
    </vaadin-dialog>`;
  }
}
