import { html, nothing, type TemplateResult } from 'lit';
import { formatDate, formatTime } from '../../dicom/format.ts';
import type { ViewerContext } from '../../extension/contract.ts';
import { referenceLink } from '../parts/reference-link.ts';
import { type InstancePlace, imageReference } from '../parts/references.ts';
import { conceptName, unitName } from './terms.ts';
import { srText, srWord } from './texts.ts';
import { type ContentItem, itemAt } from './tree.ts';

/** What drawing an item needs to know. */
export interface SrScene {
  readonly root: ContentItem;
  readonly viewer: ViewerContext;
  readonly locale: string;
  readonly places: ReadonlyMap<string, InstancePlace>;
  /** Brings an item of the document into sight. */
  jump(path: string): void;
}

/** DT as 2026-01-02 10:11; the time zone stays with the file. @dicom PS3.5 6.2 */
export function formatDateTime(value: string): string {
  const match = /^(\d{8})(\d{2,6})?/.exec(value);
  if (!match) return value;
  const date = formatDate(match[1]);
  return match[2] ? `${date} ${formatTime(match[2], match[2].length >= 6)}` : date;
}

/** The item's name for the screen; empty when it has none. */
export const nameOf = (item: ContentItem, locale: string): string => conceptName(item.concept, locale);

/** The value of an item that is no container, on one line or as a paragraph. */
export function renderValue(item: ContentItem, scene: SrScene): TemplateResult | string | typeof nothing {
  const { locale } = scene;
  if (item.target !== undefined) return renderPointer(item.target, scene);
  const { value } = item;
  switch (value.type) {
    case 'CONTAINER':
      return nothing;
    case 'TEXT':
      return html`<span class="text">${value.text}</span>`;
    case 'CODE':
      return html`<span title=${value.code ? `${value.code.meaning} (${value.code.value}, ${value.code.scheme})` : ''}>${conceptName(value.code, locale)}</span>`;
    case 'NUM':
      return renderNumber(value, locale);
    case 'DATE':
      return formatDate(value.text);
    case 'TIME':
      return formatTime(value.text, true);
    case 'DATETIME':
      return formatDateTime(value.text);
    case 'PNAME':
      return value.text;
    case 'UIDREF':
      return html`<span class="uid">${value.text}</span>`;
    case 'COMPOSITE':
    case 'IMAGE':
    case 'WAVEFORM':
      return renderReference(value, scene);
    case 'SCOORD':
    case 'SCOORD3D':
      return srText(locale, value.points.length > 1 ? 'region' : 'region1', {
        shape: srWord(locale, 'shape', value.graphic),
        count: value.points.length,
      });
    case 'TCOORD':
      return srWord(locale, 'time', value.range);
    default:
      return html`<span class="secondary">${srText(locale, 'unknown', { type: value.name })}</span>`;
  }
}

function renderNumber(
  { values, qualifier }: Extract<ContentItem['value'], { type: 'NUM' }>,
  locale: string,
): TemplateResult {
  if (values.length === 0)
    return html`<span class="secondary">${conceptName(qualifier, locale) || srText(locale, 'noValue')}</span>`;
  return html`${values.map(
    ({ number, unit }) =>
      html`<span class="number"><b>${tidyNumber(number)}</b>${unitName(unit) ? html` <span title=${unit?.meaning ?? ''}>${unitName(unit)}</span>` : nothing}</span>`,
  )}${qualifier ? html` <span class="secondary">(${conceptName(qualifier, locale)})</span>` : nothing}`;
}

/** The digits stay the file's; only an exponent or an endless tail is made readable. */
export function tidyNumber(number: string): string {
  const value = Number(number);
  if (!Number.isFinite(value)) return number;
  if (/^[+-]?\d{1,9}(\.\d{1,6})?$/.test(number)) return number;
  return Math.abs(value) >= 1e-3 || value === 0
    ? String(Number(value.toPrecision(6)))
    : String(Number(value.toPrecision(4)));
}

function renderPointer(path: string, { root, locale, jump }: SrScene): TemplateResult {
  const item = itemAt(root, path);
  const name =
    (item && (nameOf(item, locale) || (item.value.type === 'TEXT' ? item.value.text.slice(0, 24) : ''))) || path;
  return html`<button type="button" class="link" @click=${() => jump(path)}>${srText(locale, 'see', { name })}</button>`;
}

function renderReference(
  value: Extract<ContentItem['value'], { type: 'COMPOSITE' | 'IMAGE' | 'WAVEFORM' }>,
  { viewer, locale, places }: SrScene,
): TemplateResult {
  const reference = imageReference(places, value.instance, value.frames[0]);
  const notes = [
    value.channels.length > 0 ? srText(locale, 'channels', { channels: value.channels.join('/') }) : '',
    value.presentation ? srText(locale, 'presentation') : '',
  ].filter((note) => note !== '');
  return html`${referenceLink({ reference, sopClass: value.sopClass, frames: value.frames }, viewer)}${
    notes.length > 0 ? html` <span class="secondary">(${notes.join(', ')})</span>` : nothing
  }`;
}
