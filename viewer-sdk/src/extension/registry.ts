import type { ButtonDefinition, ViewerExtension } from './contract.ts';
import { keyName, RESERVED_KEYS } from './keys.ts';

const extensions = new Map<string, ViewerExtension>();
const listeners = new Set<() => void>();

/**
 * Adds a tool, a panel, a layer or a renderer to every viewer of the page, those already open included.
 * @returns takes it away again
 * @throws Error when the id, the id of a button or a key is taken
 */
export function registerViewerExtension(extension: ViewerExtension): () => void {
  if (extensions.has(extension.id)) throw new Error(`viewer extension ${extension.id} is registered already`);
  const buttons = [...(extension.buttons ?? [])];
  for (const [index, button] of buttons.entries()) {
    const others = [...takenButtons(), ...buttons.slice(0, index)];
    if (others.some(({ id }) => id === button.id))
      throw new Error(`viewer extension ${extension.id}: the button ${button.id} exists already`);
    const holder = button.shortcut && keyHolder(button.shortcut, others);
    if (holder) throw new Error(`viewer extension ${extension.id}: the key ${button.shortcut} belongs to ${holder}`);
  }
  extensions.set(extension.id, extension);
  for (const listener of listeners) listener();
  return () => {
    if (extensions.get(extension.id) === extension) extensions.delete(extension.id);
    for (const listener of listeners) listener();
  };
}

/** A part of the SDK's own, which gives way: where the page's extensions have an id or a key already, they keep it. */
export function registerOwnExtension(extension: ViewerExtension): void {
  if (extensions.has(extension.id)) return;
  const taken = takenButtons();
  const buttons = (extension.buttons ?? [])
    .filter(({ id }) => !taken.some((other) => other.id === id))
    .map((button) => {
      const { shortcut, ...rest } = button;
      return shortcut && taken.some((other) => other.shortcut && keyName(other.shortcut) === keyName(shortcut))
        ? rest
        : button;
    });
  registerViewerExtension({ ...extension, buttons, load: (viewer) => extension.load(viewer) });
}

const takenButtons = (): ButtonDefinition[] => [...extensions.values()].flatMap(({ buttons }) => buttons ?? []);

/** What a key does already; `undefined` for a free one. */
function keyHolder(shortcut: string, buttons: readonly ButtonDefinition[]): string | undefined {
  const key = keyName(shortcut);
  if (RESERVED_KEYS.has(key)) return 'the viewer';
  return buttons.find((button) => button.shortcut && keyName(button.shortcut) === key)?.id;
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
