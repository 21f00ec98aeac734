import { html, nothing, type TemplateResult } from 'lit';
import type { JsonDataset } from '../dicom/json.ts';
import type { Translate } from '../i18n/index.ts';
import { examText, patientText } from './overlay-text.ts';

/** Who and what is on the screen, in one line that never leaves it. Without a data set it keeps its place. */
export function renderBanner(dataset: JsonDataset | undefined, t: Translate): TemplateResult {
  if (!dataset) return html`<div part="banner" class="banner"></div>`;
  const patient = patientText(dataset, t);
  const exam = examText(dataset);
  return html`<div part="banner" class="banner" role="group" aria-label=${t('banner.patient')}>
    <span class="patient-name">${patient.name}</span>
    <span>${patient.sex}</span>
    <span>${patient.age}</span>
    <span><span class="secondary">${t('banner.id')}</span> ${patient.id}</span>
    <span class="divider"></span>
    <span class="exam">${exam.description}</span>
    <span>${exam.when}</span>
    ${exam.accession ? html`<span><span class="secondary">${t('banner.accession')}</span> ${exam.accession}</span>` : nothing}
  </div>`;
}
