import { css, html } from 'lit';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import layers from 'lucide-static/dist/esm/icons/layers.mjs';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { saveInstance } from '../parts/save.ts';
import { sopClassName } from '../parts/sop-classes.ts';
import { openSurface, surfaceMessage, surfaceWaiting } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import type { OverlayStore } from './store.ts';
import { overlayTextOf } from './texts.ts';

const listStyles = css`
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
    text-align: start;
  }
  li {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .swatch {
    inline-size: 12px;
    block-size: 12px;
    border-radius: 2px;
  }
`;

/** Opening a segmentation means looking at its images with it: they take its place as soon as it is loaded. */
export function mountOverlay(store: OverlayStore) {
  return (host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } => {
    const { locale } = viewer;
    const surface = openSurface(host, locale, listStyles);
    let gone = false;
    surface.draw(surfaceWaiting(overlayTextOf(locale, 'loading')));
    const save = html`<button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>${objectText(locale, 'download')}</span></button>`;
    const open = async () => {
      const name =
        textOf(instance.dataset, 'SeriesDescription') ??
        sopClassName(textOf(instance.dataset, 'SOPClassUID') ?? '', locale) ??
        '';
      try {
        const overlay = await store.load(instance);
        const first = overlay.parts[0];
        const reference = (first && overlay.middle(first)) ?? overlay.middle();
        const cell = reference && !gone ? await viewer.goTo(reference).catch(() => undefined) : undefined;
        if (cell) {
          viewer.openPanel('objects.overlays');
          viewer.notify(overlayTextOf(locale, 'onImages', { name: overlay.label || name }), 'done');
          return;
        }
        if (gone) return;
        surface.draw(html`<div class="surface-message" role="status">
          ${drawIcon(layers)}
          <div class="title">${overlay.label || name}</div>
          <div class="hint">${overlayTextOf(locale, 'noImages')}</div>
          <ul>${overlay.parts.map(({ label, kind, colour }) => html`<li><svg class="swatch" aria-hidden="true"><rect width="12" height="12" fill=${colour}></rect></svg>${label}${kind && kind !== label ? html` <span class="secondary">${kind}</span>` : ''}</li>`)}</ul>
          <div class="actions">${save}</div>
        </div>`);
      } catch {
        if (!gone)
          surface.draw(surfaceMessage(overlayTextOf(locale, 'failed'), objectText(locale, 'failedHint'), save));
      }
    };
    void open();
    return {
      dispose() {
        gone = true;
        surface.dispose();
      },
    };
  };
}
