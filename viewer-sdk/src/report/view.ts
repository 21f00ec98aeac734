import { html, nothing, type TemplateResult } from 'lit';
import warning from 'lucide-static/dist/esm/icons/circle-alert.mjs';
import reviewed from 'lucide-static/dist/esm/icons/circle-check.mjs';
import draft from 'lucide-static/dist/esm/icons/circle-dot.mjs';
import cancelled from 'lucide-static/dist/esm/icons/circle-slash.mjs';
import amended from 'lucide-static/dist/esm/icons/file-pen-line.mjs';
import reported from 'lucide-static/dist/esm/icons/file-text.mjs';
import type { JsonDataset } from '../dicom/json.ts';
import { examText, patientText } from '../elements/overlay-text.ts';
import { translator } from '../i18n/index.ts';
import { drawIcon } from '../objects/parts/icon.ts';
import type { ReportImage, ReportStatus, ReportVersion, ServerReport } from './model.ts';
import { reportLines, type Sentence } from './sentences.ts';
import { type ReportText, reportText } from './texts.ts';

const STATUS_ICONS: Readonly<Record<ReportStatus, string>> = { draft, reported, reviewed, amended, cancelled };

/** What the view of a report's version needs. */
export interface ReportScene {
  readonly locale: string;
  /** The study as the search has it, for the patient's line. */
  readonly study: JsonDataset | undefined;
  pictureOf(image: ReportImage): string | undefined;
  isCurrent(image: ReportImage): boolean;
  follow(image: ReportImage): void;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** ISO time on the user's clock. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export const renderBadge = (status: ReportStatus, locale: string): TemplateResult =>
  html`<span class="badge ${status}">${drawIcon(STATUS_ICONS[status])}${reportText(locale, `status.${status}`)}</span>`;

/** One version of a report, as paper has it. All of it is text. */
export function renderVersion(report: ServerReport, version: ReportVersion, scene: ReportScene): TemplateResult {
  const text = (key: ReportText, parameters?: Readonly<Record<string, string | number>>) =>
    reportText(scene.locale, key, parameters);
  const { keyImages } = version;
  const note = (words: string) => html`<div class="warning">${drawIcon(warning)}<span>${words}</span></div>`;
  return html`<article>
    <h2>${version.title || text('report')}</h2>
    ${renderPatient(scene)}
    ${report.status === 'draft' ? note(text('draftNote')) : nothing}
    ${report.status === 'cancelled' ? note(text('cancelledNote')) : nothing}
    ${version === report.versions.at(-1) ? nothing : note(text('older'))}
    ${renderText(version.text, version.conclusion ? text('findings') : '', keyImages, scene)}
    ${version.conclusion ? renderText(version.conclusion, text('conclusion'), keyImages, scene) : nothing}
    ${
      keyImages.length > 0
        ? html`<div class="pictures" aria-label=${text('images')}>
            ${keyImages.map((image, index) => renderImage(image, text('image', { number: index + 1 }), scene))}
          </div>`
        : nothing
    }
    <dl>
      ${(
        [
          ['author', version.author],
          ['reviewer', version.reviewer],
          ['issued', localTime(version.issuedAt)],
        ] as const
      ).map(([key, value]) => (value ? html`<div><dt>${text(key)}</dt><dd>${value}</dd></div>` : nothing))}
    </dl>
  </article>`;
}

function renderText(text: string, title: string, images: readonly ReportImage[], scene: ReportScene): TemplateResult {
  return html`<div class="text">
    ${title ? html`<p class="heading">${title}</p>` : nothing}
    ${reportLines(text, images.length).map(
      ({ heading, sentences }) =>
        html`<p class=${heading ? 'heading' : ''}>${sentences.map((sentence) => renderSentence(sentence, images, scene))}</p>`,
    )}
  </div>`;
}

function renderPatient({ study, locale }: ReportScene): TemplateResult | typeof nothing {
  if (!study) return nothing;
  const patient = patientText(study, translator(locale));
  const exam = examText(study);
  return html`<div class="patient" role="group" aria-label=${reportText(locale, 'patient')}>
    <strong>${patient.name}</strong><span>${patient.sex}</span><span>${patient.age}</span><span>${patient.id}</span>
    <span>${exam.description}</span><span>${exam.when}</span><span>${exam.accession}</span>
  </div>`;
}

function renderSentence({ pieces }: Sentence, images: readonly ReportImage[], scene: ReportScene): TemplateResult {
  const named = pieces.flatMap(({ image }) => (image === undefined ? [] : (images[image - 1] ?? [])));
  const current = named.some((image) => scene.isCurrent(image));
  return html`<span class="sentence ${current ? 'current' : ''}"
    >${pieces.map(({ text, image }) => {
      const target = image === undefined ? undefined : images[image - 1];
      return target
        ? html`<button
            type="button"
            class="reference"
            title=${reportText(scene.locale, target.annotation ? 'gotoMeasurement' : 'goto')}
            @click=${() => scene.follow(target)}
          >${text}</button>`
        : text;
    })}</span
  >`;
}

function renderImage(image: ReportImage, label: string, scene: ReportScene): TemplateResult {
  const picture = scene.pictureOf(image);
  const current = scene.isCurrent(image);
  const goto = reportText(scene.locale, image.annotation ? 'gotoMeasurement' : 'goto');
  return html`<button
    type="button"
    class=${current ? 'current' : ''}
    title=${goto}
    aria-label=${current ? `${label}, ${reportText(scene.locale, 'shown')}` : label}
    @click=${() => scene.follow(image)}
  >
    <span class="frame">${picture ? html`<img src=${picture} alt="" draggable="false" />` : nothing}</span>
    <span>${label}</span>
  </button>`;
}
