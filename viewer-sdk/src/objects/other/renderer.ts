import { css, html, type TemplateResult } from 'lit';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import fileX from 'lucide-static/dist/esm/icons/file-x.mjs';
import { formatDate, formatTime } from '../../dicom/format.ts';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { saveInstance } from '../parts/save.ts';
import { sopClassName } from '../parts/sop-classes.ts';
import { openSurface } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { radiotherapyFacts } from './radiotherapy.ts';
import { otherText } from './texts.ts';

const factStyles = css`
  .facts {
    display: grid;
    grid-template-columns: max-content minmax(0, max-content);
    gap: 2px 16px;
    margin: 8px 0 0;
    text-align: start;
    overflow-wrap: anywhere;
  }
  .facts dt {
    color: var(--filmless-text-secondary);
  }
  .facts dd {
    margin: 0;
  }
  .surface-message > .icon svg {
    inline-size: 28px;
    block-size: 28px;
    color: var(--filmless-text-secondary);
  }
`;

/** What an object is called: by its SOP class, or as one nobody here knows. */
export function objectName(sopClass: string, locale: string): string {
  const name = sopClassName(sopClass, locale);
  if (name) return name;
  return otherText(locale, sopClass.startsWith('1.2.840.10008.') || sopClass === '' ? 'unknown' : 'private');
}

/** Says what an object is that cannot be shown, with what is known of it, and hands it out. */
export function mountOther(host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } {
  const { dataset } = instance;
  const { locale } = viewer;
  const surface = openSurface(host, locale, factStyles);
  const sopClass = textOf(dataset, 'SOPClassUID') ?? '';
  const name = objectName(sopClass, locale);
  surface.draw(html`<div class="surface-message" role="status">
    ${drawIcon(fileX)}
    <div class="title">${otherText(locale, 'title', { name })}</div>
    <div class="hint">${otherText(locale, 'hint')}</div>
    ${renderFacts([...knownFacts(instance, locale), ...radiotherapyFacts(dataset, locale)])}
    <div class="actions">
      <button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>
        ${drawIcon(download)}<span>${objectText(locale, 'download')}</span>
      </button>
    </div>
  </div>`);
  return surface;
}

export type Fact = readonly [name: string, value: string | undefined];

const renderFacts = (facts: readonly Fact[]): TemplateResult =>
  html`<dl class="facts">
    ${facts.map(([label, value]) => (value ? html`<dt>${label}</dt><dd>${value}</dd>` : ''))}
  </dl>`;

function knownFacts({ dataset }: ObjectInstance, locale: string): Fact[] {
  const rows = textOf(dataset, 'Rows');
  const columns = textOf(dataset, 'Columns');
  const date = formatDate(textOf(dataset, 'ContentDate'));
  return [
    [otherText(locale, 'class'), textOf(dataset, 'SOPClassUID')],
    [otherText(locale, 'kind'), textOf(dataset, 'Modality')],
    [otherText(locale, 'description'), textOf(dataset, 'SeriesDescription') ?? textOf(dataset, 'ContentDescription')],
    [otherText(locale, 'date'), date ? `${date} ${formatTime(textOf(dataset, 'ContentTime'))}` : undefined],
    [otherText(locale, 'device'), textOf(dataset, 'Manufacturer')],
    [otherText(locale, 'numberOfFrames'), textOf(dataset, 'NumberOfFrames')],
    [otherText(locale, 'matrix'), rows && columns ? `${rows} × ${columns}` : undefined],
  ];
}
