/** Address of the viewer element's module, served by the node beside the application. */
const MODULE = '/sdk/filmless-viewer.js';

let loading: Promise<void> | undefined;

/** Fetches the module ahead of its use, so that the first image does not wait for it. */
export function prefetchViewer(): void {
  if (document.head.querySelector('link[data-viewer]')) return;
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.href = MODULE;
  link.dataset['viewer'] = '';
  document.head.append(link);
}

/** Defines `<filmless-viewer>`; once a page. Rejects when the module cannot be loaded, and may then be called again. */
export function loadViewer(): Promise<void> {
  loading ??= defineViewer().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function defineViewer(): Promise<void> {
  const address = new URL(MODULE, window.location.href).href;
  await import(/* @vite-ignore */ address);
  await customElements.whenDefined('filmless-viewer');
}
