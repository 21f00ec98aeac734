import type { ButtonDefinition } from '../extension/contract.ts';
import { keyName } from '../extension/keys.ts';

/** What a key asks of the viewer. */
export type KeyCommand =
  | { readonly kind: 'button'; readonly id: string }
  | { readonly kind: 'step'; readonly by: number }
  | { readonly kind: 'jump'; readonly to: 'first' | 'last' }
  | { readonly kind: 'series'; readonly by: 1 | -1 }
  | { readonly kind: 'preset'; readonly index: number };

/** Slices a page key moves by. */
const PAGE = 10;

const FIXED: Readonly<Record<string, KeyCommand>> = {
  ArrowUp: { kind: 'step', by: -1 },
  ArrowDown: { kind: 'step', by: 1 },
  PageUp: { kind: 'step', by: -PAGE },
  PageDown: { kind: 'step', by: PAGE },
  Home: { kind: 'jump', to: 'first' },
  End: { kind: 'jump', to: 'last' },
  ArrowLeft: { kind: 'series', by: -1 },
  ArrowRight: { kind: 'series', by: 1 },
};

/**
 * The viewer's own keys. Everything else, and everything with Ctrl, Alt or Meta, belongs to the page:
 * `undefined` means hands off.
 */
export function keyCommand(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'shiftKey' | 'isComposing'>,
  buttons: readonly ButtonDefinition[],
): KeyCommand | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.isComposing) return undefined;
  const fixed = Object.hasOwn(FIXED, event.key) ? FIXED[event.key] : undefined;
  if (fixed) return fixed;
  if (/^[1-9]$/.test(event.key)) return { kind: 'preset', index: Number(event.key) - 1 };
  const button = buttons.find(({ shortcut }) => shortcut !== undefined && keyName(shortcut) === keyName(event.key));
  return button ? { kind: 'button', id: button.id } : undefined;
}

/** Whether the element the key was pressed in needs it itself: fields and objects all keys, buttons those that press them. */
export function keptByTarget(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return true;
  const inside = event.composedPath().some((node) => node instanceof Element && node.matches('.object, .panel'));
  if (inside && /^(Arrow|Page|Home|End| |Enter|Delete|Backspace)/.test(event.key)) return true;
  return (event.key === ' ' || event.key === 'Enter') && target.closest('button, [role="menuitem"], a[href]') !== null;
}
