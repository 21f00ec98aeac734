import { FilmlessViewerDialog } from './dialog.ts';
import { FilmlessViewerPanels } from './panels.ts';
import { FilmlessViewerScrollbar } from './scrollbar.ts';
import { FilmlessViewerThumbnails } from './thumbnails.ts';
import { FilmlessViewerToolbar } from './toolbar.ts';

const ELEMENTS = {
  'filmless-viewer-dialog': FilmlessViewerDialog,
  'filmless-viewer-panels': FilmlessViewerPanels,
  'filmless-viewer-scrollbar': FilmlessViewerScrollbar,
  'filmless-viewer-thumbnails': FilmlessViewerThumbnails,
  'filmless-viewer-toolbar': FilmlessViewerToolbar,
} as const;

/** Registers the elements around the images. A second copy of the SDK on a page leaves the first one's alone. */
export function defineBenchElements(): void {
  for (const [name, element] of Object.entries(ELEMENTS))
    if (!customElements.get(name)) customElements.define(name, element);
}

declare global {
  interface HTMLElementTagNameMap {
    'filmless-viewer-dialog': FilmlessViewerDialog;
    'filmless-viewer-panels': FilmlessViewerPanels;
    'filmless-viewer-scrollbar': FilmlessViewerScrollbar;
    'filmless-viewer-thumbnails': FilmlessViewerThumbnails;
    'filmless-viewer-toolbar': FilmlessViewerToolbar;
  }
}
