import { html, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import scroll from 'lucide-static/dist/esm/icons/arrow-down-up.mjs';
import expand from 'lucide-static/dist/esm/icons/chevron-down.mjs';
import invert from 'lucide-static/dist/esm/icons/contrast.mjs';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import more from 'lucide-static/dist/esm/icons/ellipsis.mjs';
import document from 'lucide-static/dist/esm/icons/file-text.mjs';
import images from 'lucide-static/dist/esm/icons/images.mjs';
import information from 'lucide-static/dist/esm/icons/info.mjs';
import fit from 'lucide-static/dist/esm/icons/maximize.mjs';
import pan from 'lucide-static/dist/esm/icons/move.mjs';
import thumbnails from 'lucide-static/dist/esm/icons/panel-left.mjs';
import pause from 'lucide-static/dist/esm/icons/pause.mjs';
import play from 'lucide-static/dist/esm/icons/play.mjs';
import retry from 'lucide-static/dist/esm/icons/refresh-cw.mjs';
import reset from 'lucide-static/dist/esm/icons/rotate-ccw.mjs';
import rotate from 'lucide-static/dist/esm/icons/rotate-cw.mjs';
import presets from 'lucide-static/dist/esm/icons/sliders-horizontal.mjs';
import flip from 'lucide-static/dist/esm/icons/square-centerline-dashed-horizontal.mjs';
import flipVertical from 'lucide-static/dist/esm/icons/square-centerline-dashed-vertical.mjs';
import window from 'lucide-static/dist/esm/icons/sun-medium.mjs';
import critical from 'lucide-static/dist/esm/icons/triangle-alert.mjs';
import overlay from 'lucide-static/dist/esm/icons/type.mjs';
import zoom from 'lucide-static/dist/esm/icons/zoom-in.mjs';

/** "1:1" says more than any picture, and reads the same in every language; drawn, as its button has a name already. */
const actual =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="m4 9 2.5-2v10"/><path d="M12 10.5v.01"/><path d="M12 15v.01"/><path d="m16.500 9 2.500-2v10"/></svg>';

const ICONS = {
  actual,
  critical,
  document,
  download,
  expand,
  fit,
  flip,
  flipVertical,
  images,
  information,
  invert,
  more,
  overlay,
  pan,
  pause,
  play,
  presets,
  reset,
  retry,
  rotate,
  scroll,
  thumbnails,
  window,
  zoom,
} as const;

export type IconName = keyof typeof ICONS;

/** An icon for the eye alone: its control carries the name. */
export function icon(name: IconName): TemplateResult {
  return html`<span class="icon" aria-hidden="true">${unsafeHTML(ICONS[name])}</span>`;
}
