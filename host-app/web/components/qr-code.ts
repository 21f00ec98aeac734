import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import { html } from 'lit';

/** An SVG of class `qr`, dark on light with four modules of margin in every theme: phones read nothing else. */
export function qrCode(text: string, label: string) {
  const code = generate(text);
  const size = code.size + 8;
  return html`<svg class="qr" role="img" aria-label=${label} viewBox="-4 -4 ${size} ${size}" shape-rendering="crispEdges"><rect x="-4" y="-4" width=${size} height=${size} fill="#fff"/><path d=${toSvgPath(code)} fill="#000"/></svg>`;
}
