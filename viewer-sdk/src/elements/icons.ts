import { html, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import secondWindow from 'lucide-static/dist/esm/icons/app-window.mjs';
import scroll from 'lucide-static/dist/esm/icons/arrow-down-up.mjs';
import keys from 'lucide-static/dist/esm/icons/bookmark.mjs';
import expand from 'lucide-static/dist/esm/icons/chevron-down.mjs';
import fold from 'lucide-static/dist/esm/icons/chevrons-right.mjs';
import done from 'lucide-static/dist/esm/icons/circle-check.mjs';
import invert from 'lucide-static/dist/esm/icons/contrast.mjs';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import more from 'lucide-static/dist/esm/icons/ellipsis.mjs';
import fullscreen from 'lucide-static/dist/esm/icons/expand.mjs';
import document from 'lucide-static/dist/esm/icons/file-text.mjs';
import images from 'lucide-static/dist/esm/icons/images.mjs';
import information from 'lucide-static/dist/esm/icons/info.mjs';
import layout from 'lucide-static/dist/esm/icons/layout-grid.mjs';
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
import windowAll from 'lucide-static/dist/esm/icons/sun-moon.mjs';
import critical from 'lucide-static/dist/esm/icons/triangle-alert.mjs';
import overlay from 'lucide-static/dist/esm/icons/type.mjs';
import zoom from 'lucide-static/dist/esm/icons/zoom-in.mjs';

/** "1:1" says more than any picture, and reads the same in every language; drawn, as its button has a name already. */
const actual =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="m4 9 2.5-2v10"/><path d="M12 10.5v.01"/><path d="M12 15v.01"/><path d="m16.500 9 2.500-2v10"/></svg>';

const ICONS = {
  actual,
  critical,
  done,
  document,
  download,
  expand,
  fit,
  flip,
  flipVertical,
  fold,
  fullscreen,
  images,
  information,
  invert,
  keys,
  layout,
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
  secondWindow,
  thumbnails,
  window,
  windowAll,
  zoom,
} as const;

export type IconName = keyof typeof ICONS;

const isName = (name: string): name is IconName => Object.hasOwn(ICONS, name);

/** An icon for the eye alone: its control carries the name. @param name of the set, or the SVG markup of an extension's own icon */
export function icon(name: IconName | (string & Record<never, never>)): TemplateResult {
  return html`<span class="icon" aria-hidden="true">${unsafeHTML(isName(name) ? ICONS[name] : name)}</span>`;
}
