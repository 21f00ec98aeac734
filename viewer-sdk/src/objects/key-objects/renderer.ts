import { css, html, nothing, type TemplateResult } from 'lit';
import download from 'lucide-static/dist/esm/icons/download.mjs';
import star from 'lucide-static/dist/esm/icons/star.mjs';
import { formatDate, formatTime } from '../../dicom/format.ts';
import type { ImageReference, ObjectInstance, ViewerContext } from '../../extension/contract.ts';
import { textOf } from '../parts/dataset.ts';
import { drawIcon } from '../parts/icon.ts';
import { goToReference } from '../parts/reference-link.ts';
import { evidence, imageReference } from '../parts/references.ts';
import { saveInstance } from '../parts/save.ts';
import { sopClassName } from '../parts/sop-classes.ts';
import { openSurface } from '../parts/surface.ts';
import { objectText } from '../parts/texts.ts';
import { conceptName } from '../sr/terms.ts';
import { type ContentItem, readTree } from '../sr/tree.ts';
import { keyText } from './texts.ts';

const PICTURE = { width: 256, height: 256 };
const DESCRIPTION = '113012';

const keyStyles = css`
  .facts {
    padding: 10px 16px;
    border-block-end: 1px solid var(--filmless-line);
    font-size: var(--filmless-font-size-form);
  }
  .text {
    white-space: pre-line;
  }
  .strip {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(180px, 1fr));
    gap: 10px;
    margin: 0;
    padding: 12px;
    list-style: none;
  }
  .strip button {
    display: grid;
    gap: 6px;
    inline-size: 100%;
    block-size: auto;
    padding: 6px;
    border-color: var(--filmless-line);
    background: var(--filmless-surface-1);
    text-align: start;
    font-size: var(--filmless-font-size-small);
  }
  .picture {
    display: grid;
    place-items: center;
    aspect-ratio: 1;
    background: var(--filmless-image-background);
    color: var(--filmless-overlay-secondary);
  }
  .picture img {
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
`;

interface KeyImage {
  readonly sopClass: string;
  readonly instance: string;
  readonly frame: number | undefined;
  readonly reference: ImageReference | undefined;
}

/** What a key object selection says and points at. @dicom PS3.3 A.35.4, PS3.16 TID 2010 */
export function readSelection(instance: ObjectInstance): {
  title: ContentItem['concept'];
  reasons: ContentItem['concept'][];
  description: string;
  observer: string;
  images: KeyImage[];
} {
  const root = readTree(instance.dataset);
  const places = evidence(instance.dataset);
  const of = <T extends ContentItem['value']['type']>(type: T) =>
    root.children.flatMap((item) => (item.value.type === type ? [item] : []));
  const images = root.children.flatMap(({ value }): KeyImage[] => {
    if (value.type !== 'IMAGE' && value.type !== 'COMPOSITE' && value.type !== 'WAVEFORM') return [];
    // Several frames of one instance are several images to look at.
    const frames: readonly (number | undefined)[] = value.frames.length > 0 ? value.frames : [undefined];
    return frames.map((frame) => ({
      sopClass: value.sopClass,
      instance: value.instance,
      frame,
      reference: imageReference(places, value.instance, frame),
    }));
  });
  const description = of('TEXT').find(({ concept }) => concept?.value === DESCRIPTION);
  const observer = of('PNAME')[0];
  return {
    title: root.concept,
    reasons: of('CODE').flatMap(({ value, relationship }) =>
      value.type === 'CODE' && value.code && relationship === 'HAS CONCEPT MOD' ? [value.code] : [],
    ),
    description: description?.value.type === 'TEXT' ? description.value.text : '',
    observer: observer?.value.type === 'PNAME' ? observer.value.text : '',
    images,
  };
}

/** Shows a key object selection: why it was made, and its images to jump to. */
export function mountKeyObjects(
  host: HTMLElement,
  instance: ObjectInstance,
  viewer: ViewerContext,
): { dispose(): void } {
  const { dataset } = instance;
  const { locale } = viewer;
  const surface = openSurface(host, locale, keyStyles);
  const controller = new AbortController();
  const selection = readSelection(instance);
  const pictures = new Map<KeyImage, string>();
  const title = [
    conceptName(selection.title, locale) || keyText(locale, 'title'),
    ...selection.reasons.map((code) => conceptName(code, locale)),
  ].join(' · ');
  const date = formatDate(textOf(dataset, 'ContentDate'));

  const renderImage = (image: KeyImage, index: number): TemplateResult => {
    const url = pictures.get(image);
    const kind = sopClassName(image.sopClass, locale) ?? objectText(locale, 'image');
    const frame = image.frame === undefined ? '' : objectText(locale, 'frame', { frame: image.frame });
    const label = keyText(locale, 'show', { index: index + 1 });
    const go = () => {
      if (image.reference) void goToReference(image.reference, viewer);
    };
    return html`<li><button type="button" title=${label} aria-label="${label} ${kind} ${frame}" data-instance=${image.instance} ?disabled=${!image.reference} @click=${go}>
      <span class="picture">${url ? html`<img src=${url} alt="" />` : drawIcon(star)}</span>
      <span>${index + 1}. ${kind} ${frame}${image.reference ? nothing : html` · ${keyText(locale, 'missing')}`}</span>
    </button></li>`;
  };
  const draw = () => {
    if (controller.signal.aborted) return;
    surface.draw(html`
      <div class="bar">
        <span class="name">${title}</span>
        <span class="secondary">${keyText(locale, 'count', { count: selection.images.length })}</span>
        <span class="grow"></span>
        <button type="button" @click=${() => void saveInstance(instance, viewer)}>${drawIcon(download)}<span>${objectText(locale, 'download')}</span></button>
      </div>
      <div class="scroll" tabindex="0" role="document" aria-label=${title}>
        <div class="facts">
          ${selection.description ? html`<div><span class="secondary">${keyText(locale, 'description')}</span> <span class="text">${selection.description}</span></div>` : nothing}
          <div class="secondary">${selection.observer ? html`${keyText(locale, 'observer')} ${selection.observer} ` : nothing}${date} ${formatTime(textOf(dataset, 'ContentTime'))}</div>
        </div>
        ${selection.images.length === 0 ? html`<p class="facts">${keyText(locale, 'noImages')}</p>` : html`<ul class="strip">${selection.images.map(renderImage)}</ul>`}
      </div>`);
  };
  const loadPicture = async (image: KeyImage) => {
    const { reference } = image;
    if (!reference || !viewer.client) return;
    try {
      const location = { ...reference, frame: reference.frame };
      const { blob } = await viewer.client.rendered(location, PICTURE, {
        signal: controller.signal,
        ticket: { priority: 10 },
      });
      if (controller.signal.aborted) return;
      pictures.set(image, URL.createObjectURL(blob));
      draw();
    } catch {
      // What has no picture keeps its sign; the jump tells when it is not there.
    }
  };
  draw();
  for (const image of selection.images) void loadPicture(image);
  return {
    dispose() {
      controller.abort();
      for (const url of pictures.values()) URL.revokeObjectURL(url);
      surface.dispose();
    },
  };
}
