import { FilmlessViewerCell } from './elements/cell.ts';
import { FilmlessViewerOverlay } from './elements/overlay.ts';
import { FilmlessViewer } from './elements/viewer.ts';

/** What the first image needs; the rest registers itself when it comes. */
const ELEMENTS = {
  'filmless-viewer-overlay': FilmlessViewerOverlay,
  'filmless-viewer-cell': FilmlessViewerCell,
  'filmless-viewer': FilmlessViewer,
} as const;

/** Registers the elements, parts before wholes. A second copy of the SDK on a page leaves the first one's alone. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'filmless-viewer-overlay': FilmlessViewerOverlay;
    'filmless-viewer-cell': FilmlessViewerCell;
    'filmless-viewer': FilmlessViewer;
  }
}
