import { FilmlessViewer } from '../elements/viewer.ts';
import type { ErrorDetail, FirstImageDetail, ImageChangeDetail, StudyOpenDetail } from '../events/index.ts';
import { defineElements } from '../register.ts';
import { StubEngine } from './stub-engine.ts';

/** A viewer on the page, with what it told the page. */
export interface Mounted {
  readonly viewer: FilmlessViewer;
  readonly engine: StubEngine;
  readonly errors: ErrorDetail[];
  readonly firstImages: FirstImageDetail[];
  readonly changes: ImageChangeDetail[];
  readonly opened: StudyOpenDetail[];
  text(selector: string): string;
  find<T extends Element = HTMLElement>(selector: string): T | null;
  /** An element inside one of the viewer's parts. */
  inside<T extends Element = HTMLElement>(part: string, selector: string): T | null;
}

/** Puts a viewer with a stub engine on the page. */
export function mountViewer(properties: Partial<FilmlessViewer>, engine = new StubEngine()): Mounted {
  defineElements();
  document.documentElement.lang = 'en';
  document.body.style.margin = '0';
  const viewer = new FilmlessViewer();
  Object.assign(viewer, { engineLoader: async () => engine, locale: 'en' }, properties);
  viewer.style.height = '600px';
  const mounted: Mounted = {
    viewer,
    engine,
    errors: [],
    firstImages: [],
    changes: [],
    opened: [],
    find: (selector) => viewer.renderRoot.querySelector(selector),
    inside: (part, selector) => viewer.renderRoot.querySelector(part)?.shadowRoot?.querySelector(selector) ?? null,
    text: (selector) => (viewer.renderRoot.querySelector(selector)?.textContent ?? '').replaceAll(/\s+/g, ' ').trim(),
  };
  viewer.addEventListener('filmless-error', ({ detail }) => mounted.errors.push(detail));
  viewer.addEventListener('filmless-first-image', ({ detail }) => mounted.firstImages.push(detail));
  viewer.addEventListener('filmless-image-change', ({ detail }) => mounted.changes.push(detail));
  viewer.addEventListener('filmless-study-open', ({ detail }) => mounted.opened.push(detail));
  document.body.append(viewer);
  return mounted;
}

/** The text on the image, as it is on the screen. */
export const overlayText = ({ inside, viewer }: Mounted): string => {
  const overlay = viewer.renderRoot.querySelector('filmless-viewer-overlay');
  return inside('filmless-viewer-overlay', '.top') === null
    ? ''
    : (overlay?.shadowRoot?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
};
