import { html, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import copy from 'lucide-static/dist/esm/icons/copy.mjs';
import edit from 'lucide-static/dist/esm/icons/pencil.mjs';
import remove from 'lucide-static/dist/esm/icons/trash.mjs';

const ICONS = { copy, edit, remove } as const;

/** An icon for the eye alone: its control carries the name. */
export function hangingIcon(name: keyof typeof ICONS): TemplateResult {
  return html`<span class="icon" aria-hidden="true">${unsafeHTML(ICONS[name])}</span>`;
}
