import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import next from 'lucide-static/dist/esm/icons/chevron-down.mjs';
import previous from 'lucide-static/dist/esm/icons/chevron-up.mjs';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import printer from 'lucide-static/dist/esm/icons/printer.mjs';
import search from 'lucide-static/dist/esm/icons/search.mjs';
import fit from 'lucide-static/dist/esm/icons/stretch-horizontal.mjs';
import zoomIn from 'lucide-static/dist/esm/icons/zoom-in.mjs';
import zoomOut from 'lucide-static/dist/esm/icons/zoom-out.mjs';
import { assetBase } from '../../client/asset-base.ts';
import { noteOutput } from '../../client/note-output.ts';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { printElement } from '../parts/print.ts';
import { saveBlob, saveInstance } from '../parts/save.ts';
import { openSurface, surfaceMessage, surfaceWaiting } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { documentBytes } from './document-bytes.ts';
import { pdfStyles } from './pdf-styles.ts';
import { PdfView } from './pdf-view.ts';
import { documentText } from './texts.ts';

const ZOOM_STEP = 1.25;

/** Shows an encapsulated PDF. Its scripts and forms are not run. */
export function mountPdf(host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } {
  const { locale } = viewer;
  const surface = openSurface(host, locale, pdfStyles);
  const controller = new AbortController();
  const title = textOf(instance.dataset, 'DocumentTitle') ?? documentText(locale, 'title');
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  let view: PdfView | undefined;
  let words = '';
  let printing = 0;

  const saveFile = () => {
    if (!bytes) return;
    saveBlob(new Blob([bytes], { type: 'application/pdf' }), `${instance.SOPInstanceUID}.pdf`);
    noteOutput(viewer.client, 'export', 'report', [instance.StudyInstanceUID]);
  };
  const button = (icon: string, label: string, run: () => void, disabled = false) =>
    html`<button type="button" class="only-icon" title=${label} aria-label=${label} ?disabled=${disabled} @click=${run}>${drawIcon(icon)}</button>`;

  const print = async () => {
    const open = view;
    if (!open || printing > 0) return;
    const sheet = document.createDocumentFragment();
    const urls: string[] = [];
    try {
      for await (const picture of open.pictures((page) => {
        printing = page;
        draw();
      })) {
        const page = document.createElement('div');
        page.className = 'page';
        const image = document.createElement('img');
        image.src = URL.createObjectURL(picture);
        urls.push(image.src);
        page.append(image);
        sheet.append(page);
      }
      await printElement(sheet, title, '@page { margin: 0 }');
      noteOutput(viewer.client, 'print', 'report', [instance.StudyInstanceUID]);
    } finally {
      printing = 0;
      draw();
      setTimeout(() => {
        for (const url of urls) URL.revokeObjectURL(url);
      }, 60_000);
    }
  };

  const renderFind = (open: PdfView): TemplateResult => {
    const keys = (event: KeyboardEvent) => {
      event.stopPropagation();
      if (event.key === 'Enter') open.step(event.shiftKey ? -1 : 1);
      if (event.key === 'Escape') (event.target as HTMLInputElement).blur();
    };
    const type = (event: Event) => {
      words = (event.target as HTMLInputElement).value;
      void open.find(words);
    };
    const label = documentText(locale, 'find');
    return html`${drawIcon(search)}<input class="find" type="search" placeholder=${documentText(locale, 'findPlaceholder')} aria-label=${label} title=${label} .value=${live(words)} @input=${type} @keydown=${keys} />
      ${button(previous, documentText(locale, 'findPrevious'), () => open.step(-1), open.matchCount === 0)}
      ${button(next, documentText(locale, 'findNext'), () => open.step(1), open.matchCount === 0)}
      <span class="found" role="status">${
        words.trim() === ''
          ? nothing
          : open.matchCount > 0
            ? documentText(locale, 'matches', { index: open.matchIndex + 1, count: open.matchCount })
            : documentText(locale, 'noMatch')
      }</span>`;
  };

  const renderBar = (open: PdfView): TemplateResult => {
    const count = open.pages.length;
    const goTo = (event: Event) => {
      const wanted = Number((event.target as HTMLInputElement).value);
      if (Number.isInteger(wanted)) open.goTo(wanted);
      draw();
    };
    return html`
      <span class="name" title=${title}>${title}</span>
      <span class="grow"></span>
      ${button(previous, documentText(locale, 'previousPage'), () => open.goTo(open.pageNumber - 1))}
      ${button(next, documentText(locale, 'nextPage'), () => open.goTo(open.pageNumber + 1))}
      <input class="number-of-page" inputmode="numeric" aria-label=${documentText(locale, 'page')} .value=${live(String(open.pageNumber))} @change=${goTo} @keydown=${(event: Event) => event.stopPropagation()} />
      <span>${documentText(locale, 'pages', { count })}</span>
      <span class="divider"></span>
      ${button(zoomOut, documentText(locale, 'zoomOut'), () => open.zoomBy(1 / ZOOM_STEP))}
      <span>${Math.round(open.scale * 75)}%</span>
      ${button(zoomIn, documentText(locale, 'zoomIn'), () => open.zoomBy(ZOOM_STEP))}
      ${button(fit, documentText(locale, 'fitWidth'), () => open.fitWidth())}
      <span class="divider"></span>
      ${renderFind(open)}
      <span class="divider"></span>
      ${printing > 0 ? html`<span role="status">${documentText(locale, 'printing', { page: printing, count })}</span>` : nothing}
      ${button(printer, objectText(locale, 'print'), () => void print(), printing > 0)}
      ${button(download, documentText(locale, 'savePdf'), saveFile)}
    `;
  };

  // The pages are not Lit's: the view fills the scroller and Lit leaves it alone.
  const scroller = document.createElement('div');
  scroller.className = 'scroll pages';
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'document');
  scroller.setAttribute('aria-label', title);
  scroller.addEventListener('keydown', (event) => {
    const run = {
      '+': () => view?.zoomBy(ZOOM_STEP),
      '=': () => view?.zoomBy(ZOOM_STEP),
      '-': () => view?.zoomBy(1 / ZOOM_STEP),
      '0': () => view?.fitWidth(),
    }[event.key];
    if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  });

  let failure: unknown;
  const draw = () => {
    if (controller.signal.aborted) return;
    if (failure !== undefined) surface.draw(renderFailure());
    else if (!bytes) surface.draw(surfaceWaiting(objectText(locale, 'loading')));
    else surface.draw(html`<div class="bar">${view ? renderBar(view) : nothing}</div>${scroller}`);
  };
  const renderFailure = () => {
    const name = failure instanceof Error ? failure.name : '';
    const hint = documentText(locale, name === 'PasswordException' ? 'encrypted' : 'damaged');
    return surfaceMessage(
      objectText(locale, 'failed'),
      `${bytes ? hint : ''} ${objectText(locale, 'failedHint')}`,
      html`${bytes ? html`<button type="button" class="bordered" @click=${saveFile}>${drawIcon(download)}<span>${documentText(locale, 'savePdf')}</span></button>` : nothing}
        <button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>${documentText(locale, 'saveDicom')}</span></button>`,
    );
  };

  const open = async () => {
    try {
      bytes = await documentBytes(instance, viewer, controller.signal);
      draw();
      const files = new URL('pdf/', assetBase(viewer.client?.urls.server ?? '')).href;
      // PDF.js takes the bytes for its own: ours stay for the download.
      const opened = await PdfView.open(bytes.slice(), files, scroller);
      if (controller.signal.aborted) {
        opened.dispose();
        return;
      }
      view = opened;
      opened.onChange = draw;
    } catch (error) {
      failure = error ?? new Error('unknown');
    }
    draw();
  };
  draw();
  void open();
  return {
    dispose() {
      controller.abort();
      view?.dispose();
      surface.dispose();
    },
  };
}
