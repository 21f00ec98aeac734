import type { TemplateResult } from 'lit';
import { html } from 'lit';
import { unsafeSVG } from 'lit/directives/unsafe-svg.js';

const shapes = new Map<string, string>();

/** What is between `<svg …>` and `</svg>`, without the licence comment. */
function shapeOf(source: string): string {
  let shape = shapes.get(source);
  if (shape === undefined) {
    shape = source.slice(source.indexOf('>', source.indexOf('<svg')) + 1, source.lastIndexOf('</svg>'));
    shapes.set(source, shape);
  }
  return shape;
}

/**
 * A lucide icon, drawn in the text's colour. `source` is the SVG text exported by lucide-static; icons are decoration, the text or the
 * tooltip beside them carries the meaning.
 */
export function icon(source: string, sizePx = 20): TemplateResult {
  return html`<svg
    width=${sizePx}
    height=${sizePx}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.75"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    style="flex:none;display:block"
  >
    ${unsafeSVG(shapeOf(source))}
  </svg>`;
}
