import { html, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import history from 'lucide-static/dist/esm/icons/calendar-clock.mjs';
import compare from 'lucide-static/dist/esm/icons/columns-2.mjs';
import document from 'lucide-static/dist/esm/icons/file-text.mjs';
import images from 'lucide-static/dist/esm/icons/images.mjs';
import retry from 'lucide-static/dist/esm/icons/refresh-cw.mjs';
import search from 'lucide-static/dist/esm/icons/search.mjs';
import critical from 'lucide-static/dist/esm/icons/triangle-alert.mjs';
import clear from 'lucide-static/dist/esm/icons/x.mjs';

/** The icons of the lists of studies. */
export const LIST_ICONS = { clear, compare, critical, document, history, images, retry, search } as const;

/** An icon for the eye alone: its control carries the name. */
export function listIcon(name: keyof typeof LIST_ICONS): TemplateResult {
  return html`<span class="icon" aria-hidden="true">${unsafeHTML(LIST_ICONS[name])}</span>`;
}
