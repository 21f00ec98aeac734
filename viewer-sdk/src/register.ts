import { defineLater } from './define-later.ts';
import { FilmlessViewerCell } from './elements/cell.ts';
import { FilmlessViewerOverlay } from './elements/overlay.ts';
import { FilmlessViewer } from './elements/viewer.ts';

/** What the first image needs; the rest registers itself when it comes. */
const ELEMENTS = {
  'filmless-viewer-overlay': FilmlessViewerOverlay,
  'filmless-viewer-cell': FilmlessViewerCell,
  'filmless-viewer': FilmlessViewer,
} as const;

/** Elements whose code comes when the page has one of them. */
const LATER: Readonly<Record<string, () => Promise<void>>> = {
  'filmless-report': async () => (await import('./report/define.ts')).defineReport(),
  'filmless-timeline': async () => (await import('./study-list/define.ts')).defineLists(),
  'filmless-study-list': async () => (await import('./study-list/define.ts')).defineLists(),
};

/** Registers the elements, parts before wholes. A second copy of the SDK on a page leaves the first one's alone. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
  defineLater(LATER);
}

declare global {
  interface HTMLElementTagNameMap {
    'filmless-viewer-overlay': FilmlessViewerOverlay;
    'filmless-viewer-cell': FilmlessViewerCell;
    'filmless-viewer': FilmlessViewer;
  }
}
