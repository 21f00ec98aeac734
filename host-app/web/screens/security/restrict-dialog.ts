import '@vaadin/button';
import '@vaadin/checkbox';
import '@vaadin/dialog';
import '@vaadin/text-field';
import { html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { restrictPatient } from '../../api/security.ts';
import type { Role } from '../../api/users.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { notifyDone } from '../../components/notify.ts';
import { currentLocale, t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type CheckEvent, type FieldEvent, formStyles, listOf } from './form-styles.ts';

/**
 * Restricts one patient to users and roles.
 * @event done closed, saved or not
 */
@customElement('fl-restrict-dialog')
export class RestrictDialog extends FilmlessElement {
  @property({ attribute: false }) roles: readonly Role[] = [];
  @state() private patientId = '';
  @state() private users = '';
  @state() private chosen: readonly string[] = [];
  @state() private busy = false;
  @state() private error: unknown;

  static override styles = [shared, formStyles];

  async #save(): Promise<void> {
    const patientId = this.patientId.trim();
    if (this.busy || patientId === '') return;
    this.busy = true;
    this.error = undefined;
    try {
      await restrictPatient(patientId, { users: listOf(this.users), roles: this.chosen });
      notifyDone(t.security.restrictedSaved(patientId));
      this.emit('done');
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  override render() {
    return html`<vaadin-dialog opened .headerTitle=${t.security.restrict} @closed=${() => this.emit('done')}>
      <div class="form">
        <vaadin-text-field .label=${t.security.patientId} autocomplete="off" required .value=${this.patientId} @input=${(
          event: FieldEvent,
        ) => {
          this.patientId = event.currentTarget.value;
        }}></vaadin-text-field>
        <vaadin-text-field .label=${t.security.allowedUsers} .helperText=${t.security.allowedUsersHelp} autocomplete="off" .value=${this.users} @input=${(
          event: FieldEvent,
        ) => {
          this.users = event.currentTarget.value;
        }}></vaadin-text-field>
        <fieldset>
          <legend>${t.security.allowedRoles}</legend>
          ${this.roles
            .filter(({ retired }) => !retired)
            .map(
              (role) =>
                html`<vaadin-checkbox .label=${role.title[currentLocale()]} .checked=${this.chosen.includes(role.id)} @change=${(
                  event: CheckEvent,
                ) => {
                  const others = this.chosen.filter((other) => other !== role.id);
                  this.chosen = event.currentTarget.checked ? [...others, role.id] : others;
                }}></vaadin-checkbox>`,
            )}
        </fieldset>
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer">
        <vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>
        <vaadin-button theme="primary" ?disabled=${this.busy || this.patientId.trim() === ''} @click=${() => void this.#save()}>${t.common.save}</vaadin-button>
      </div>
    </vaadin-dialog>`;
  }
}
