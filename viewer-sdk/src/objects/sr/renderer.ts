import { html, nothing, type TemplateResult } from 'lit';
import circleCheck from 'lucide-static/dist/esm/icons/circle-check.mjs';
import clock from 'lucide-static/dist/esm/icons/clock.mjs';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import printer from 'lucide-static/dist/esm/icons/printer.mjs';
import { noteOutput } from '../../client/note-output.ts';
import { formatDate, formatTime } from '../../dicom/format.ts';
import type { JsonDataset } from '../../dicom/json.ts';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { itemsOf, personOf, textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { printElement } from '../parts/print.ts';
import { evidence } from '../parts/references.ts';
import { saveInstance } from '../parts/save.ts';
import { openSurface } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { renderDocument } from './document.ts';
import { srStyles } from './styles.ts';
import { srText } from './texts.ts';
import { readTree } from './tree.ts';
import { formatDateTime, nameOf, type SrScene } from './values.ts';

/** Shows a structured report as a document. Everything in it is text; nothing of the file is taken for markup. */
export function mountStructuredReport(
  host: HTMLElement,
  instance: ObjectInstance,
  viewer: ViewerContext,
): { dispose(): void } {
  const { dataset } = instance;
  const { locale } = viewer;
  const surface = openSurface(host, locale, srStyles);
  const root = readTree(dataset);
  const scene: SrScene = {
    root,
    viewer,
    locale,
    places: evidence(dataset),
    jump(path) {
      const found = surface.root.querySelector(`[data-path="${CSS.escape(path)}"]`);
      for (const other of surface.root.querySelectorAll('.found')) other.classList.remove('found');
      found?.classList.add('found');
      found?.scrollIntoView({ block: 'center' });
    },
  };
  const title = nameOf(root, locale) || srText(locale, 'report');
  const print = () => {
    const article = surface.root.querySelector('article');
    if (!article) return;
    void printElement(article, title);
    noteOutput(viewer.client, 'print', 'report', [instance.StudyInstanceUID]);
  };
  surface.draw(html`
    <div class="bar">
      <span class="name">${title}</span>
      <span class="grow"></span>
      <button type="button" @click=${print}>${drawIcon(printer)}<span>${objectText(locale, 'print')}</span></button>
      <button type="button" @click=${() => void saveInstance(instance, viewer)}>
        ${drawIcon(download)}<span>${objectText(locale, 'download')}</span>
      </button>
    </div>
    <div class="scroll" tabindex="0" role="document" aria-label=${title}>
      <article>
        <h1>${title}</h1>
        ${renderFlags(dataset, locale)}
        ${root.children.length === 0 ? html`<p class="secondary">${srText(locale, 'emptyTitle')}</p>` : renderDocument(scene)}
      </article>
    </div>
  `);
  return surface;
}

/** Whether the report is finished and signed: a reader must know before reading. @dicom PS3.3 C.17.2 */
function renderFlags(dataset: JsonDataset, locale: string): TemplateResult {
  const complete = textOf(dataset, 'CompletionFlag');
  const verified = textOf(dataset, 'VerificationFlag');
  const date = formatDate(textOf(dataset, 'ContentDate'));
  const time = formatTime(textOf(dataset, 'ContentTime'));
  const flag = (good: boolean, text: string) =>
    html`<span class=${good ? 'done' : 'waiting'}>${drawIcon(good ? circleCheck : clock)}${text}</span>`;
  return html`<div class="flags">
    ${complete ? flag(complete === 'COMPLETE', srText(locale, complete === 'COMPLETE' ? 'complete' : 'partial')) : nothing}
    ${verified ? flag(verified === 'VERIFIED', srText(locale, verified === 'VERIFIED' ? 'verified' : 'unverified')) : nothing}
    ${date ? html`<span><span class="secondary">${srText(locale, 'contentTime')}</span>${date} ${time}</span>` : nothing}
    ${itemsOf(dataset, 'VerifyingObserverSequence').map((observer) => {
      const when = formatDateTime(textOf(observer, 'VerificationDateTime') ?? '');
      const who = [personOf(observer, 'VerifyingObserverName'), textOf(observer, 'VerifyingOrganization')].filter(
        Boolean,
      );
      return html`<span><span class="secondary">${srText(locale, 'verifiedBy')}</span>${who.join('，')} ${when}</span>`;
    })}
  </div>`;
}
