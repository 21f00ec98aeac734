import { html, type TemplateResult } from 'lit';
import box from 'lucide-static/dist/esm/icons/box.mjs';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import printer from 'lucide-static/dist/esm/icons/printer.mjs';
import { noteOutput } from '../../client/note-output.ts';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { printElement } from '../parts/print.ts';
import { saveBlob, saveInstance } from '../parts/save.ts';
import { sopClassName } from '../parts/sop-classes.ts';
import { openSurface, surfaceMessage, surfaceWaiting } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { srStyles } from '../sr/styles.ts';
import { type CdaPart, readCda } from './cda.ts';
import { documentBytes } from './document-bytes.ts';
import { documentText } from './texts.ts';

/** Shows a clinical document as text: nothing of its markup, links or pictures is taken over. */
export function mountCda(host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } {
  const { locale } = viewer;
  const surface = openSurface(host, locale, srStyles);
  const controller = new AbortController();
  surface.draw(surfaceWaiting(objectText(locale, 'loading')));
  const open = async () => {
    try {
      const bytes = await documentBytes(instance, viewer, controller.signal);
      const { title, parts } = readCda(bytes);
      if (controller.signal.aborted) return;
      const name = title || textOf(instance.dataset, 'DocumentTitle') || documentText(locale, 'cda');
      const print = () => {
        const article = surface.root.querySelector('article');
        if (!article) return;
        void printElement(article, name);
        noteOutput(viewer.client, 'print', 'report', [instance.StudyInstanceUID]);
      };
      const save = () => {
        saveBlob(new Blob([bytes]), `${instance.SOPInstanceUID}.xml`);
        noteOutput(viewer.client, 'export', 'report', [instance.StudyInstanceUID]);
      };
      surface.draw(html`<div class="bar">
          <span class="name">${name}</span>
          <span class="secondary">${documentText(locale, 'cdaHint')}</span>
          <span class="grow"></span>
          <button type="button" @click=${print}>${drawIcon(printer)}<span>${objectText(locale, 'print')}</span></button>
          <button type="button" @click=${save}>${drawIcon(download)}<span>${objectText(locale, 'download')}</span></button>
        </div>
        <div class="scroll" tabindex="0" role="document" aria-label=${name}>
          <article><h1>${name}</h1>${parts.map(renderPart)}</article>
        </div>`);
    } catch {
      if (controller.signal.aborted) return;
      surface.draw(
        surfaceMessage(
          objectText(locale, 'failed'),
          objectText(locale, 'failedHint'),
          html`<button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>${objectText(locale, 'download')}</span></button>`,
        ),
      );
    }
  };
  void open();
  return {
    dispose() {
      controller.abort();
      surface.dispose();
    },
  };
}

function renderPart(part: CdaPart): TemplateResult {
  if (part.kind !== 'table')
    return part.kind === 'heading' ? html`<h2>${part.text}</h2>` : html`<p class="text">${part.text}</p>`;
  return html`<div class="table"><table><tbody>
    ${part.rows.map((row) => html`<tr>${row.map((cell) => html`<td class="text">${cell}</td>`)}</tr>`)}
  </tbody></table></div>`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  'model/stl': 'stl',
  'application/sla': 'stl',
  'model/obj': 'obj',
  'model/mtl': 'mtl',
};

/** Says what a 3D model is for and hands it out. */
export function mountModel(host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } {
  const { locale } = viewer;
  const surface = openSurface(host, locale);
  const controller = new AbortController();
  const kind = sopClassName(textOf(instance.dataset, 'SOPClassUID') ?? '', locale) ?? documentText(locale, 'model');
  const type = textOf(instance.dataset, 'MIMETypeOfEncapsulatedDocument')?.toLowerCase() ?? '';
  const save = async () => {
    try {
      const bytes = await documentBytes(instance, viewer, controller.signal);
      saveBlob(new Blob([bytes]), `${instance.SOPInstanceUID}.${ENDINGS[type] ?? 'bin'}`);
      noteOutput(viewer.client, 'export', 'report', [instance.StudyInstanceUID]);
    } catch {
      if (!controller.signal.aborted) viewer.notify(objectText(locale, 'downloadFailed'), 'error');
    }
  };
  surface.draw(html`<div class="surface-message" role="status">
    ${drawIcon(box)}
    <div class="title">${documentText(locale, 'modelTitle', { name: kind })}</div>
    <div>${textOf(instance.dataset, 'DocumentTitle') ?? ''}</div>
    <div class="hint">${documentText(locale, 'modelHint')}</div>
    <div class="actions">
      <button type="button" class="bordered" @click=${() => void save()}>${drawIcon(download)}<span>${documentText(locale, 'saveModel')}</span></button>
      <button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>${documentText(locale, 'saveDicom')}</span></button>
    </div>
  </div>`);
  return {
    dispose() {
      controller.abort();
      surface.dispose();
    },
  };
}
