import { html, type TemplateResult } from 'lit';
import image from 'lucide-static/dist/esm/icons/image.mjs';
import type { ImageReference, ViewerContext } from '../../extension/contract.ts';
import { drawIcon } from './icon.ts';
import { sopClassName } from './sop-classes.ts';
import { objectText } from './texts.ts';

/** Jumps to an instance; one that cannot be had is told. */
export async function goToReference(reference: ImageReference, viewer: ViewerContext): Promise<void> {
  try {
    if (await viewer.goTo(reference)) return;
  } catch {
    // The viewer tells failures of its own; here only that nothing came of it.
  }
  viewer.notify(objectText(viewer.locale, 'goToFailed'), 'error');
}

/** A reference as a link that shows the image, or as plain words when the object does not say where it lies. */
export function referenceLink(
  {
    reference,
    sopClass,
    frames,
  }: { reference: ImageReference | undefined; sopClass: string; frames: readonly number[] },
  viewer: ViewerContext,
): TemplateResult {
  const { locale } = viewer;
  const series = reference && viewer.seriesList.find(({ SeriesInstanceUID }) => SeriesInstanceUID === reference.series);
  const kind = sopClassName(sopClass, locale) ?? objectText(locale, 'image');
  const place = series
    ? [series.number, series.description].filter((part) => part !== undefined && part !== '').join(' ')
    : '';
  const frame =
    frames.length === 0
      ? ''
      : frames.length === 1
        ? objectText(locale, 'frame', { frame: frames[0] ?? 1 })
        : objectText(locale, 'frames', { frames: frames.join(', ') });
  const label = [kind, place, frame].filter((part) => part !== '').join(' · ');
  if (!reference) return html`<span title=${objectText(locale, 'notListed')}>${label}</span>`;
  return html`<button
    type="button"
    class="link"
    title=${objectText(locale, 'goTo')}
    data-instance=${reference.instance}
    @click=${() => void goToReference(reference, viewer)}
  >${drawIcon(image)}${label}</button>`;
}
