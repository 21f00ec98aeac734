/**
 * The script for a plain `<script src="…/filmless-viewer.iife.js">`: brings the module that lies beside it and puts its exports under
 * `window.FilmlessViewerSdk`. They are there once `FilmlessViewerSdk.ready` is resolved; the elements need nobody to wait.
 */
const script = document.currentScript;
const base = script instanceof HTMLScriptElement ? script.src : document.baseURI;
// The address without a version or a query: pieces of the viewer import the module by this one, and it must be there only once.
const ready: Promise<Readonly<Record<string, unknown>>> = import(new URL('filmless-viewer.js', base).href);
const sdk: Record<string, unknown> = { ready };
ready.then(
  // The module gives its pieces what they share under names of a letter or two: those are no part of the SDK.
  (exports) => Object.assign(sdk, Object.fromEntries(Object.entries(exports).filter(([name]) => name.length > 2))),
  // Whoever waits for `ready` hears of it; whoever does not sees it in the console.
  (error: unknown) => console.error('Filmless viewer: the SDK was not loaded', error),
);
Object.assign(globalThis, { FilmlessViewerSdk: sdk });

export {};
