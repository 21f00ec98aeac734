/**
 * The viewer SDK as a library: classes, events, types. Importing it registers no element; `define.ts` does.
 */
export { setAssetBase } from './client/asset-base.ts';
export type { TokenProvider } from './client/authorized-fetch.ts';
export { FilmlessViewerOverlay } from './elements/overlay.ts';
export { FilmlessViewerScrollbar } from './elements/scrollbar.ts';
export { FilmlessViewerThumbnails } from './elements/thumbnails.ts';
export { FilmlessViewerToolbar } from './elements/toolbar.ts';
export { FilmlessViewer } from './elements/viewer.ts';
export { VIEWER_ERRORS, ViewerError, type ViewerErrorCode } from './errors.ts';
export * from './events/index.ts';
export { DEFAULT_LOCALE, type MessageKey, type Messages, registerMessages } from './i18n/index.ts';
export { defineElements } from './register.ts';
export { type Theme, TOKENS, type TokenName, tokenDeclarations } from './tokens.css.ts';
