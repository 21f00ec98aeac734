import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { StudyRow } from '../api/studies.ts';
import { formatDa, formatDaTm } from '../format/dates.ts';
import { patientName, sexAge } from '../format/patient.ts';
import { t } from '../i18n/index.ts';
import { shared } from '../styles/shared.ts';
import { FilmlessElement } from './element.ts';
import { modalityBadges, modalityStyles } from './modality-badges.ts';

/**
 * Who and which exam: the same everywhere, never scrolls away while images are on the screen. Without a study it keeps its place with
 * grey bars, so that no earlier patient's name stays beside other images.
 */
@customElement('fl-patient-banner')
export class PatientBanner extends FilmlessElement {
  @property({ attribute: false }) study: StudyRow | undefined;
  /** `bar`: one line over the viewer; `card`: stacked, in the preview. */
  @property({ reflect: true }) layout: 'bar' | 'card' = 'bar';

  static override styles = [
    shared,
    modalityStyles,
    css`
      :host {
        display: block;
        background: var(--filmless-surface-1);
      }
      section {
        display: flex;
        align-items: baseline;
        gap: 4px 20px;
        flex-wrap: wrap;
        min-height: var(--filmless-bar-height);
        padding: 8px var(--filmless-space-4);
        align-content: center;
      }
      .name {
        font-size: 17px;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .other {
        font-size: var(--filmless-font-size-table);
        color: var(--filmless-text-secondary);
        margin-left: 8px;
        font-weight: 400;
      }
      dl {
        display: contents;
      }
      dl div {
        display: flex;
        align-items: baseline;
        gap: 6px;
        font-size: var(--filmless-font-size-table);
        min-width: 0;
      }
      dt {
        color: var(--filmless-text-secondary);
        white-space: nowrap;
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .exam dd {
        display: flex;
        gap: 6px;
        align-items: center;
      }
      :host([layout='card']) section {
        display: block;
        padding: var(--filmless-space-3) var(--filmless-space-4);
      }
      :host([layout='card']) dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 3px 12px;
        margin: 8px 0 0;
      }
      :host([layout='card']) dl div {
        display: contents;
      }
      .sexage {
        font-size: var(--filmless-font-size-form);
        white-space: nowrap;
      }
      :host([layout='card']) .sexage {
        margin-left: 8px;
      }
      .bone {
        display: inline-block;
        height: 14px;
        border-radius: 3px;
        background: var(--filmless-surface-2);
      }
    `,
  ];

  override render() {
    const study = this.study;
    if (!study) {
      return html`<section aria-label=${t.patient.banner} aria-busy="true">
        <span class="visually-hidden">${t.common.loading}</span>
        <span class="bone" style="width:96px"></span><span class="bone" style="width:64px"></span><span class="bone" style="width:180px"></span>
      </section>`;
    }
    const name = patientName(study);
    const items: [string, unknown][] = [
      [t.patient.id, study.PatientID],
      [t.patient.born, formatDa(study.PatientBirthDate)],
      [t.patient.accession, study.AccessionNumber],
      [t.patient.studyDate, formatDaTm(study.StudyDate, study.StudyTime)],
    ];
    if (this.layout === 'card')
      items.push(
        [t.patient.department, study.department],
        [t.patient.physician, study.ReferringPhysicianName.split('^').join(' ').trim()],
      );
    return html`<section aria-label=${t.patient.banner}>
      <span>
        <span class="name">${name.main || t.common.unnamedPatient}</span>${name.other ? html`<span class="other">${name.other}</span>` : nothing}
      </span>
      <span class="sexage">${sexAge(study)}</span>
      <dl>
        <div class="exam">
          <dt>${t.patient.description}</dt>
          <dd>${modalityBadges(study.modalities)}<span>${study.StudyDescription || study.bodyParts.join(', ')}</span></dd>
        </div>
        ${items.filter(([, value]) => value !== '').map(([label, value]) => html`<div><dt>${label}</dt><dd class="num">${value}</dd></div>`)}
      </dl>
    </section>`;
  }
}
