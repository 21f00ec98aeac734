import { html, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';

/** An icon of the set, for the eye alone: its control carries the name. `svg` is a constant of the icon set, never data. */
export const drawIcon = (svg: string): TemplateResult =>
  html`<span class="icon" aria-hidden="true">${unsafeHTML(svg)}</span>`;
