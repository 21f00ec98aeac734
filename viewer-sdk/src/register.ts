import { FilmlessViewerOverlay } from './elements/overlay.ts';
import { FilmlessViewerScrollbar } from './elements/scrollbar.ts';
import { FilmlessViewerThumbnails } from './elements/thumbnails.ts';
import { FilmlessViewerToolbar } from './elements/toolbar.ts';
import { FilmlessViewer } from './elements/viewer.ts';

const ELEMENTS = {
  'filmless-viewer-overlay': FilmlessViewerOverlay,
  'filmless-viewer-scrollbar': FilmlessViewerScrollbar,
  'filmless-viewer-thumbnails': FilmlessViewerThumbnails,
  'filmless-viewer-toolbar': FilmlessViewerToolbar,
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
    'filmless-viewer-scrollbar': FilmlessViewerScrollbar;
    'filmless-viewer-thumbnails': FilmlessViewerThumbnails;
    'filmless-viewer-toolbar': FilmlessViewerToolbar;
    'filmless-viewer': FilmlessViewer;
  }
}
