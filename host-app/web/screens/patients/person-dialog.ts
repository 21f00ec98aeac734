import '@vaadin/button';
import '@vaadin/dialog';
import '@vaadin/select';
import '@vaadin/text-field';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Demographics, Identifier, Person } from '../../api/patients.ts';
import { registerPerson } from '../../api/patients.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { notifyDone } from '../../components/notify.ts';
import { formatDa } from '../../format/dates.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type FieldEvent, formStyles } from '../security/form-styles.ts';
import { idsOf, nameOf, storedName, typedDate, typedName } from './person-words.ts';

/**
 * Registers a person, or corrects the facts of one.
 * @event done closed, saved or not
 * @event saved detail: the person
 */
@customElement('fl-person-dialog')
export class PersonDialog extends FilmlessElement {
  /** Who is corrected. */
  @property({ attribute: false }) person: Person | undefined;
  /** What a new one begins with, from images. */
  @property({ attribute: false }) start: { identifier: Identifier; demographics: Demographics } | undefined;
  @state() private identifier: Identifier = { id: '', issuer: '' };
  @state() private facts: Demographics = { name: '', sex: '', birthDate: '' };
  /** As it is typed. */
  @state() private born = '';
  @state() private tried = false;
  @state() private busy = false;
  @state() private error: unknown;

  static override styles = [shared, formStyles];

  /** Taken once: what is being typed survives a refresh of the page behind. */
  override willUpdate(): void {
    if (this.hasUpdated) return;
    this.identifier = this.start?.identifier ?? this.identifier;
    this.facts = { ...(this.person?.demographics ?? this.start?.demographics ?? this.facts) };
    this.facts.name = typedName(this.facts.name);
    this.born = formatDa(this.facts.birthDate);
  }

  get #identifierWrong(): boolean {
    const id = this.identifier.id.trim();
    return this.person === undefined && (id === '' || id.length > 64 || id.includes('\\'));
  }

  /** A name is corrected, never taken away: images without one would be nobody's. */
  get #nameWrong(): boolean {
    return (this.person?.demographics.name ?? '') !== '' && this.facts.name.trim() === '';
  }

  async #save(): Promise<void> {
    this.tried = true;
    const birthDate = typedDate(this.born);
    if (this.busy || this.#identifierWrong || this.#nameWrong || birthDate === undefined) return;
    this.busy = true;
    this.error = undefined;
    const before = this.person?.demographics;
    const known = before?.name ?? '';
    const typed = this.facts.name.trim();
    const facts = { ...this.facts, name: typed === typedName(known) ? known : storedName(typed), birthDate };
    // Only what was changed or filled in: what nobody said is left as the images have it.
    const given = Object.fromEntries(
      Object.entries(facts).filter(([key, value]) => value !== (before?.[key as keyof Demographics] ?? '')),
    );
    try {
      const saved = await registerPerson(this.person ? this.person.identifiers : [this.identifier], given);
      notifyDone(t.registration.saved);
      this.emit('saved', saved);
      this.emit('done');
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  #identifierFields() {
    const field = (key: keyof Identifier, label: string, help: string, wrong: boolean) =>
      html`<vaadin-text-field .label=${label} .helperText=${help} maxlength="64" autocomplete="off" .value=${this.identifier[key]} ?invalid=${wrong} .errorMessage=${wrong ? t.registration.invalidIdentifier : ''}
        @input=${(event: FieldEvent) => {
          this.identifier = { ...this.identifier, [key]: event.currentTarget.value };
        }}></vaadin-text-field>`;
    return html`${field('id', t.registration.identifier, '', this.tried && this.#identifierWrong)}${field('issuer', t.registration.issuer, t.registration.issuerHelp, false)}`;
  }

  override render() {
    const { person } = this;
    const wrongDate = this.tried && typedDate(this.born) === undefined;
    const sexes = [
      { value: '', label: t.registration.sexUnknown },
      { value: 'M', label: t.common.male },
      { value: 'F', label: t.common.female },
      { value: 'O', label: t.common.otherSex },
    ];
    return html`<vaadin-dialog opened .headerTitle=${person ? t.registration.correctTitle(nameOf(person.demographics)) : t.registration.registerTitle} @closed=${() => this.emit('done')}>
      <div class="form">
        ${person ? html`<p>${t.registration.correctText}</p><p class="secondary num">${t.registration.identifiers}: ${idsOf(person)}</p>` : this.#identifierFields()}
        <vaadin-text-field autofocus maxlength="194" autocomplete="off" .label=${t.registration.name} .helperText=${t.registration.nameHelp} ?invalid=${this.tried && this.#nameWrong} .errorMessage=${t.common.required} .value=${this.facts.name} @input=${(
          event: FieldEvent,
        ) => {
          this.facts = { ...this.facts, name: event.currentTarget.value };
        }}></vaadin-text-field>
        <vaadin-select .label=${t.registration.sex} .items=${sexes} .value=${this.facts.sex} @value-changed=${(
          event: CustomEvent<{ value: string }>,
        ) => {
          this.facts = { ...this.facts, sex: event.detail.value };
        }}></vaadin-select>
        <vaadin-text-field autocomplete="off" .label=${t.registration.birthDate} .helperText=${t.registration.birthDateHelp} .value=${this.born} ?invalid=${wrongDate} .errorMessage=${wrongDate ? t.registration.invalidBirthDate : ''} @input=${(
          event: FieldEvent,
        ) => {
          this.born = event.currentTarget.value;
        }}></vaadin-text-field>
        ${this.error === undefined ? nothing : html`<fl-error-note .error=${this.error}></fl-error-note>`}
      </div>
      <div slot="footer">
        <vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>
        <vaadin-button theme="primary" ?disabled=${this.busy} @click=${() => void this.#save()}>${t.common.save}</vaadin-button>
      </div>
    </vaadin-dialog>`;
  }
}
