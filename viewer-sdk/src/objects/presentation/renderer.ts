import { html, nothing } from 'lit';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import layers from 'lucide-static/dist/esm/icons/layers.mjs';
import type { ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { shownTime } from '../../work/dates.ts';
import { overlayTextOf } from '../overlay/texts.ts';
import { drawIcon } from '../parts/icon.ts';
import { saveInstance } from '../parts/save.ts';
import { sopClassName } from '../parts/sop-classes.ts';
import { openSurface } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { readPresentationState } from './read.ts';
import type { PresentationStates } from './states.ts';

/** Says what a presentation state is, and shows its images through it. */
export function mountPresentation(states: PresentationStates) {
  return (host: HTMLElement, instance: ObjectInstance, viewer: ViewerContext): { dispose(): void } => {
    const { locale } = viewer;
    const surface = openSurface(host, locale);
    const state = readPresentationState(instance.dataset);
    const apply = async () => {
      const shown = await states.open(state).catch(() => false);
      if (!shown) viewer.notify(overlayTextOf(locale, 'noImages'), 'error');
    };
    const when = shownTime(state.date, state.time, state.offset);
    surface.draw(html`<div class="surface-message" role="group">
      ${drawIcon(layers)}
      <div class="title">${state.label || sopClassName('1.2.840.10008.5.1.4.1.1.11.1', locale)}</div>
      <div class="hint">${overlayTextOf(locale, 'presentationHint')}</div>
      <div class="secondary">
        ${state.creator ? html`${overlayTextOf(locale, 'creator')} ${state.creator}　` : nothing}${when ? html`${overlayTextOf(locale, 'created')} ${when}　` : nothing}${overlayTextOf(locale, 'images')} ${state.images.size}
      </div>
      <div class="actions">
        <button type="button" class="bordered apply" @click=${() => void apply()}>${drawIcon(layers)}<span>${overlayTextOf(locale, 'apply')}</span></button>
        <button type="button" class="bordered" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>${objectText(locale, 'download')}</span></button>
      </div>
    </div>`);
    return surface;
  };
}
