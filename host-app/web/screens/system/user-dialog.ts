import '@vaadin/button';
import '@vaadin/checkbox';
import '@vaadin/dialog';
import '@vaadin/password-field';
import '@vaadin/text-field';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Role, UserAccount } from '../../api/users.ts';
import { createUser, updateUser } from '../../api/users.ts';
import { PASSWORD_LENGTH } from '../../app/change-password.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { notifyDone } from '../../components/notify.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type CheckEvent, type FieldEvent, formStyles, listOf } from '../security/form-styles.ts';

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
  @state() private kind: UserAccount['kind'] = 'user';
  @state() private mustChange = true;
  @state() private limited = false;
  @state() private limits = { departments: '', wards: '', patientIds: '', studyInstanceUids: '' };
  @state() private tried = false;
  @state() private busy = false;
  @state() private error: unknown;

  static override styles = [shared, formStyles];

  override willUpdate(): void {
    if (this.hasUpdated || !this.account) return;
    this.name = this.account.name;
    this.displayName = this.account.displayName;
    this.chosen = this.account.roles;
    this.disabled = this.account.disabled;
    this.kind = this.account.kind;
    const { limits } = this.account;
    this.limited = limits !== undefined;
    if (limits) {
      const { departments, wards, patientIds, studyInstanceUids } = limits;
      this.limits = {
        departments: departments.join(', '),
        wards: wards.join(', '),
        patientIds: patientIds.join(', '),
        studyInstanceUids: studyInstanceUids.join(', '),
      };
    }
  }

  #problems() {
    const isNew = !this.account;
    return {
      name: isNew && !/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u.test(this.name) ? t.users.invalidName : '',
      password:
        isNew && this.kind === 'user' && this.password.length < PASSWORD_LENGTH
          ? t.password.tooShort(PASSWORD_LENGTH)
          : '',
      roles: this.chosen.length === 0 ? t.users.noRole : '',
      limits:
        this.limited && Object.values(this.limits).every((text) => listOf(text).length === 0)
          ? t.security.limitsNone
          : '',
    };
  }

  async #save(): Promise<void> {
    this.tried = true;
    this.error = undefined;
    if (this.busy || Object.values(this.#problems()).some((problem) => problem !== '')) return;
    this.busy = true;
    const fields = {
      displayName: this.displayName.trim() || this.name,
      roles: [...this.chosen],
      limits: this.limited
        ? {
            departments: listOf(this.limits.departments),
            wards: listOf(this.limits.wards),
            patientIds: listOf(this.limits.patientIds),
            studyInstanceUids: listOf(this.limits.studyInstanceUids),
          }
        : null,
    };
    try {
      if (this.account) await updateUser(this.account.name, { ...fields, disabled: this.disabled });
      else
        await createUser({
          name: this.name,
          kind: this.kind,
          ...fields,
          ...(this.kind === 'user' ? { password: this.password, mustChangePassword: this.mustChange } : {}),
        });
      notifyDone(t.users.saved(this.name));
      this.emit('done');
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  /** Those of earlier versions stay with who has them, and are not given to others. */
  #offeredRoles(): readonly Role[] {
    const others = this.kind === 'user' ? ['service', 'device'] : ['device'];
    return this.roles.filter(
      ({ id, retired }) => this.account?.roles.includes(id) || (!retired && !others.includes(id)),
    );
  }

  #kindChoice() {
    const choice = (kind: UserAccount['kind'], label: string) =>
      html`<label><input type="radio" name="kind" .checked=${this.kind === kind} @change=${() => {
        this.kind = kind;
        this.chosen = kind === 'service' ? ['service'] : this.chosen.filter((role) => role !== 'service');
      }} />${label}</label>`;
    return html`<fieldset class="column">
      <legend>${t.security.kind}</legend>
      <div class="choices">${choice('user', t.security.kindUser)}${choice('service', t.security.kindService)}</div>
      ${this.kind === 'service' ? html`<span class="secondary">${t.security.kindServiceHelp}</span>` : nothing}
    </fieldset>`;
  }

  #limitFields(problem: string) {
    const field = (key: keyof UserDialog['limits'], label: string) =>
      html`<vaadin-text-field .label=${label} autocomplete="off" .value=${this.limits[key]} @input=${(
        event: FieldEvent,
      ) => {
        this.limits = { ...this.limits, [key]: event.currentTarget.value };
      }}></vaadin-text-field>`;
    const choice = (limited: boolean, label: string) =>
      html`<label><input type="radio" name="limited" .checked=${this.limited === limited} @change=${() => {
        this.limited = limited;
      }} />${label}</label>`;
    return html`<fieldset class="column">
      <legend>${t.security.limits}</legend>
      <div class="choices">${choice(false, t.security.limitsAll)}${choice(true, t.security.limitsOn)}</div>
      ${
        this.limited
          ? html`<span class="secondary">${t.security.limitsHelp}</span>
              ${field('departments', t.security.departments)}${field('wards', t.security.wards)}${field('patientIds', t.security.patientIds)}${field('studyInstanceUids', t.security.studyInstanceUids)}
              ${problem === '' ? nothing : html`<span class="problem" role="alert">${problem}</span>`}`
          : nothing
      }
    </fieldset>`;
  }

  override render() {
    const problems = this.tried ? this.#problems() : { name: '', password: '', roles: '', limits: '' };
    return html`<vaadin-dialog opened .headerTitle=${this.account ? t.users.editTitle(this.account.name) : t.users.addTitle} @closed=${() => this.emit('done')}>
      <div class="form">
        ${this.account ? nothing : this.#kindChoice()}
        ${
          this.account
            ? nothing
            : html`<vaadin-text-field .label=${t.users.name} .helperText=${t.users.nameHelp} autocomplete="off" manual-validation .value=${this.name} .invalid=${problems.name !== ''} .errorMessage=${problems.name} @input=${(
                event: FieldEvent,
              ) => {
                this.name = event.currentTarget.value.trim();
              }}></vaadin-text-field>`
        }
        <vaadin-text-field .label=${t.users.displayName} autocomplete="off" .value=${this.displayName} @input=${(
          event: FieldEvent,
        ) => {
          this.displayName = event.currentTarget.value;
        }}></vaadin-text-field>
        ${
          this.account || this.kind === 'service'
            ? nothing
            : html`<vaadin-password-field .label=${t.users.password} .i18n=${{ reveal: t.signIn.showPassword }} autocomplete="new-password" manual-validation .value=${this.password} .invalid=${problems.password !== ''} .errorMessage=${problems.password} @input=${(
                event: FieldEvent,
              ) => {
                this.password = event.currentTarget.value;
              }}></vaadin-password-field>
              <vaadin-checkbox .label=${t.security.mustChange} .checked=${this.mustChange} @change=${(
                event: CheckEvent,
              ) => {
                this.mustChange = event.currentTarget.checked;
              }}></vaadin-checkbox>`
        }
        <fieldset>
          <legend>${t.users.roles}</legend>
          ${this.#offeredRoles().map(
            (role) => html`<vaadin-checkbox
              .label=${role.title[currentLocale()]}
              .checked=${this.chosen.includes(role.id)}
              @change=${(event: CheckEvent) => {
                const others = this.chosen.filter((other) => other !== role.id);
                this.chosen = event.currentTarget.checked ? [...others, role.id] : others;
              }}
            ></vaadin-checkbox>`,
          )}
          ${problems.roles === '' ? nothing : html`<span class="problem" role="alert">${problems.roles}</span>`}
        </fieldset>
        ${this.#limitFields(problems.limits)}
        ${
          this.account && !this.own
            ? html`<vaadin-checkbox
                .label=${t.users.disabled}
                .helperText=${t.users.disabledHelp}
                .checked=${this.disabled}
                @change=${(event: CheckEvent) => {
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
