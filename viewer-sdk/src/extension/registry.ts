import type { ViewerExtension } from './contract.ts';

const extensions = new Map<string, ViewerExtension>();
const listeners = new Set<() => void>();

/**
 * Adds a tool, a panel, a layer or a renderer to every viewer of the page, those already open included.
 * @returns takes it away again, for viewers opened from then on
 * @throws Error when the id is taken
 */
export function registerViewerExtension(extension: ViewerExtension): () => void {
  if (extensions.has(extension.id)) throw new Error(`viewer extension ${extension.id} is registered already`);
  extensions.set(extension.id, extension);
  for (const listener of listeners) listener();
  return () => {
    if (extensions.get(extension.id) === extension) extensions.delete(extension.id);
    for (const listener of listeners) listener();
  };
}

/** The extensions registered so far, in the order of their registration. */
export function viewerExtensions(): readonly ViewerExtension[] {
  return [...extensions.values()];
}

/** Tells of extensions that come and go. @returns ends it */
export function onViewerExtensions(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
