import '@vaadin/button';
import '@vaadin/dialog';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Person } from '../../api/patients.ts';
import { mergePersons } from '../../api/patients.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { icon } from '../../components/icon.ts';
import { iconSwap, iconWarning } from '../../components/icons.ts';
import { notifyDone } from '../../components/notify.ts';
import { formatDa } from '../../format/dates.ts';
import { sexLabel } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type CompareRow, compareTable } from './compare.ts';
import './person-search.ts';
import { idsOf, readName, whoIs } from './person-words.ts';
import { compareStyles } from './registration.styles.ts';

/**
 * Two registrations of one person beside each other, and what merging them does.
 * @event done closed without a merge
 * @event merged detail: who stays
 */
@customElement('fl-merge-dialog')
export class MergeDialog extends FilmlessElement {
  @property({ attribute: false }) person: Person | undefined;
  @state() private other: Person | undefined;
  /** The person goes, the other stays. */
  @state() private swapped = false;
  @state() private busy = false;
  @state() private error: unknown;

  static override styles = [
    shared,
    compareStyles,
    css`
      .form {
        display: flex;
        flex-direction: column;
        gap: 10px;
        width: min(640px, 88vw);
      }
      .tools {
        display: flex;
        gap: 8px;
      }
    `,
  ];

  async #merge(from: Person, into: Person): Promise<void> {
    const [lost, kept] = [from.identifiers[0], into.identifiers[0]];
    if (this.busy || !lost || !kept) return;
    this.busy = true;
    this.error = undefined;
    try {
      await mergePersons(lost, kept);
      notifyDone(t.registration.merged);
      this.emit('merged', into);
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  #confirm(from: Person, into: Person) {
    const rows = compareRows(from, into);
    return html`${compareTable([`${t.registration.mergeFrom}: ${whoIs(from)}`, `${t.registration.mergeInto}: ${whoIs(into)}`], rows)}
      ${rows.some(({ differs }) => differs) ? html`<div class="warn" role="alert">${icon(iconWarning, 18)}<div>${t.registration.mergeDiffers}</div></div>` : nothing}
      <p>${t.registration.mergeEffect(whoIs(from), whoIs(into))}</p>
      <div class="tools">
        <vaadin-button theme="small" @click=${() => {
          this.swapped = !this.swapped;
        }}><span class="row">${icon(iconSwap, 16)}${t.registration.mergeSwap}</span></vaadin-button>
        <vaadin-button theme="small" @click=${() => {
          this.other = undefined;
        }}>${t.registration.chooseOther}</vaadin-button>
      </div>`;
  }

  override render() {
    const { person, other } = this;
    if (!person) return nothing;
    const [from, into] = this.swapped ? [other, person] : [person, other];
    return html`<vaadin-dialog opened .headerTitle=${t.registration.mergeTitle} @closed=${() => this.emit('done')}>
      <div class="form">
        ${
          from && into
            ? this.#confirm(from, into)
            : html`<p>${t.registration.mergeIntro(whoIs(person))}</p>
              <fl-person-search .without=${person.key} .label=${t.registration.findPerson} @choose=${(
                event: CustomEvent<Person>,
              ) => {
                this.other = event.detail;
              }}></fl-person-search>`
        }
        ${this.error === undefined ? nothing : html`<fl-error-note .error=${this.error}></fl-error-note>`}
      </div>
      <div slot="footer">
        <vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>
        ${from && into ? html`<vaadin-button theme="primary error" ?disabled=${this.busy} @click=${() => void this.#merge(from, into)}>${t.registration.mergeAction(whoIs(from), whoIs(into))}</vaadin-button>` : nothing}
      </div>
    </vaadin-dialog>`;
  }
}

function compareRows(one: Person, other: Person): CompareRow[] {
  const row = (label: string, first: string, second: string): CompareRow => ({
    label,
    one: first,
    other: second,
    differs: first !== '' && second !== '' && first !== second,
  });
  const name = ({ demographics }: Person) => {
    const { main, other: second } = readName(demographics.name);
    return second === '' ? main : `${main} ${second}`;
  };
  return [
    row(t.registration.name, name(one), name(other)),
    row(t.registration.sex, sexLabel(one.demographics.sex), sexLabel(other.demographics.sex)),
    row(t.registration.birthDate, formatDa(one.demographics.birthDate), formatDa(other.demographics.birthDate)),
    { label: t.registration.identifiers, one: idsOf(one), other: idsOf(other), differs: false },
  ];
}
