import '@vaadin/button';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { isAbort } from '../../api/client.ts';
import type { Person, ReconciliationDetail, StudyToReconcile } from '../../api/patients.ts';
import { assignStudy, getReconciliation } from '../../api/patients.ts';
import { confirmAction } from '../../components/confirm.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { icon } from '../../components/icon.ts';
import { iconImage, iconPlus, iconUndo, iconWarning } from '../../components/icons.ts';
import { notifyDone, notifyError } from '../../components/notify.ts';
import { formatDa, formatDaTm } from '../../format/dates.ts';
import { sexLabel } from '../../format/patient.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type CompareRow, compareTable } from './compare.ts';
import './person-dialog.ts';
import { personRow, personRowStyles } from './person-search.ts';
import { identityLine, idOf, idsOf, readName, whoIs } from './person-words.ts';
import { compareStyles } from './registration.styles.ts';

/**
 * One study beside who it may be.
 * @event decided it was assigned, or that was taken back
 */
@customElement('fl-reconcile-study')
export class ReconcileStudy extends FilmlessElement {
  @property({ attribute: false }) item: StudyToReconcile | undefined;
  @state() private detail: ReconciliationDetail | undefined;
  @state() private compared: Person | undefined;
  @state() private registering = false;
  @state() private error: unknown;
  #abort = new AbortController();

  static override styles = [
    shared,
    compareStyles,
    personRowStyles(),
    css`
      .part {
        padding: var(--filmless-space-3) var(--filmless-space-4);
        display: flex;
        flex-direction: column;
        gap: 8px;
      }
      .part + .part {
        border-top: 1px solid var(--filmless-line);
      }
      .person[aria-pressed='true'] {
        border-color: var(--filmless-accent);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort.abort();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('item')) return;
    this.detail = undefined;
    this.compared = undefined;
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const uid = this.item?.study.StudyInstanceUID;
    if (uid === undefined) return;
    try {
      const detail = await getReconciliation(uid, abort.signal);
      if (abort.signal.aborted) return;
      this.detail = detail;
      this.compared = detail.suggestions[0];
      this.error = undefined;
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) this.error = error;
    }
  }

  async #assign({ study, received }: ReconciliationDetail, person: Person): Promise<void> {
    const [to] = person.identifiers;
    const sure = await confirmAction({
      title: t.registration.assignTitle(whoIs(person)),
      text: t.registration.assignText(identityLine(received), whoIs(person)),
      action: t.registration.assign,
    });
    if (sure && to) await this.#decide(() => assignStudy(study.StudyInstanceUID, to), t.registration.assigned);
  }

  async #undo({ study }: ReconciliationDetail): Promise<void> {
    const question = {
      title: t.registration.undoTitle,
      text: t.registration.undoText,
      action: t.registration.undo,
    };
    if (await confirmAction(question))
      await this.#decide(() => assignStudy(study.StudyInstanceUID, null), t.registration.undone);
  }

  async #decide(act: () => Promise<void>, done: string): Promise<void> {
    try {
      await act();
      notifyDone(done);
      this.emit('decided');
    } catch (error) {
      notifyError(error);
    }
  }

  #rows({ received }: ReconciliationDetail): CompareRow[] {
    const person = this.compared;
    const row = (label: string, one: string, other: string, differs = one !== '' && other !== '' && one !== other) => ({
      label,
      one,
      other,
      differs: person !== undefined && differs,
    });
    const facts = person?.demographics;
    const words = (name: string) => {
      const { main, other } = readName(name);
      return other === '' ? main : `${main} ${other}`;
    };
    const id = received.PatientID;
    return [
      // The node knows which writings of a name agree; here a person compares them.
      row(t.registration.name, words(received.PatientName), words(facts?.name ?? ''), false),
      row(t.registration.sex, sexLabel(received.PatientSex), sexLabel(facts?.sex ?? '')),
      row(t.registration.birthDate, formatDa(received.PatientBirthDate), formatDa(facts?.birthDate ?? '')),
      row(
        t.registration.identifier,
        id === '' ? t.registration.noId : idOf({ id, issuer: received.IssuerOfPatientID }),
        person ? idsOf(person) : '',
        id !== '' && !person?.identifiers.some((one) => one.id === id),
      ),
    ];
  }

  #choose(detail: ReconciliationDetail) {
    const { compared } = this;
    const shared = detail.discrepancies.includes('several-patients');
    return html`<div class="part">
        <h2>${t.registration.suggestions}</h2>
        ${detail.suggestions.length === 0 ? html`<p class="secondary">${t.registration.noSuggestions}</p>` : nothing}
        ${detail.suggestions.map((person) =>
          personRow(person, () => {
            this.compared = person;
          }),
        )}
        <fl-person-search .label=${t.registration.findPerson} @choose=${(event: CustomEvent<Person>) => {
          this.compared = event.detail;
        }}></fl-person-search>
      </div>
      <div class="part">
        ${shared ? html`<div class="warn" role="alert">${icon(iconWarning, 18)}<div>${t.registration.sharedUidText}</div></div>` : nothing}
        ${compared && !shared ? html`<vaadin-button theme="primary" @click=${() => void this.#assign(detail, compared)}>${t.registration.assign}: ${whoIs(compared)}</vaadin-button>` : nothing}
        ${
          detail.received.PatientID !== '' && detail.discrepancies.includes('patient-unknown')
            ? html`<vaadin-button @click=${() => {
                this.registering = true;
              }}><span class="row">${icon(iconPlus, 16)}${t.registration.registerFromImages}</span></vaadin-button>`
            : nothing
        }
      </div>`;
  }

  override render() {
    const { detail } = this;
    if (this.error !== undefined)
      return html`<fl-error-note .error=${this.error} retryable @retry=${() => void this.#load()}></fl-error-note>`;
    if (!detail) return html`<div class="part secondary">${t.common.loading}</div>`;
    const { study, received } = detail;
    return html`<div class="part">
        <div class="row"><b class="ellipsis">${t.common.joined([study.StudyDescription, ...study.modalities])}</b><span class="spacer"></span>
          <a class="row" href=${`/studies/${encodeURIComponent(study.StudyInstanceUID)}`} data-route>${icon(iconImage, 16)}${t.registration.openStudy}</a></div>
        <span class="secondary num">${t.common.joined([formatDaTm(study.StudyDate, study.StudyTime), study.AccessionNumber])}</span>
      </div>
      ${compareTable([t.registration.fromImages, t.registration.inRegister], this.#rows(detail))}
      ${
        detail.assigned
          ? html`<div class="part"><span>${t.registration.assignedTo(idOf(detail.assigned))}</span><vaadin-button @click=${() => void this.#undo(detail)}><span class="row">${icon(iconUndo, 16)}${t.registration.undo}</span></vaadin-button></div>`
          : this.#choose(detail)
      }
      ${
        this.registering
          ? html`<fl-person-dialog .start=${{ identifier: { id: received.PatientID, issuer: received.IssuerOfPatientID }, demographics: { name: received.PatientName, sex: received.PatientSex, birthDate: received.PatientBirthDate } }}
              @done=${() => {
                this.registering = false;
              }} @saved=${() => this.emit('decided')}></fl-person-dialog>`
          : nothing
      }`;
  }
}
