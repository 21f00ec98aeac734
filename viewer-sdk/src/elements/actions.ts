import type { MessageKey } from '../i18n/index.ts';
import type { IconName } from './icons.ts';

/** What the left button does on the image. */
export const TOOLS = ['window', 'scroll', 'zoom', 'pan'] as const;
export type Tool = (typeof TOOLS)[number];

/** What a button or a key does at once. */
export type Action =
  | Tool
  | 'presets'
  | 'fit'
  | 'actual'
  | 'invert'
  | 'rotate'
  | 'flip'
  | 'flipVertical'
  | 'play'
  | 'overlay'
  | 'thumbnails'
  | 'reset';

export interface ActionDefinition {
  readonly action: Action;
  readonly label: MessageKey;
  readonly icon: IconName;
  /** The key as it is shown, or a message for its name. */
  readonly shortcut?: string | { readonly key: MessageKey };
}

/** Every action of the toolbar, in its order; a gap stands between two groups. */
export const TOOLBAR: readonly (readonly ActionDefinition[])[] = [
  [{ action: 'thumbnails', label: 'action.thumbnails', icon: 'thumbnails', shortcut: 'L' }],
  [
    { action: 'window', label: 'tool.window', icon: 'window', shortcut: 'W' },
    { action: 'scroll', label: 'tool.scroll', icon: 'scroll', shortcut: 'S' },
    { action: 'zoom', label: 'tool.zoom', icon: 'zoom', shortcut: 'Z' },
    { action: 'pan', label: 'tool.pan', icon: 'pan', shortcut: 'P' },
  ],
  [{ action: 'presets', label: 'action.presets', icon: 'presets', shortcut: '1–9' }],
  [
    { action: 'fit', label: 'action.fit', icon: 'fit', shortcut: 'F' },
    { action: 'actual', label: 'action.actual', icon: 'actual', shortcut: 'A' },
    { action: 'invert', label: 'action.invert', icon: 'invert', shortcut: 'I' },
  ],
  [
    { action: 'play', label: 'action.play', icon: 'play', shortcut: { key: 'shortcut.space' } },
    { action: 'overlay', label: 'action.overlay', icon: 'overlay', shortcut: 'O' },
    { action: 'reset', label: 'action.reset', icon: 'reset', shortcut: 'X' },
  ],
];

/** The rest, in the menu at the end. */
export const MORE: readonly ActionDefinition[] = [
  { action: 'rotate', label: 'action.rotate', icon: 'rotate', shortcut: 'R' },
  { action: 'flip', label: 'action.flip', icon: 'flip', shortcut: 'H' },
  { action: 'flipVertical', label: 'action.flipVertical', icon: 'flipVertical', shortcut: 'V' },
];

export function isTool(action: Action): action is Tool {
  return (TOOLS as readonly string[]).includes(action);
}

/** The actions a `toolset` attribute allows: names with spaces or commas between them; empty allows all. */
export function allowedActions(toolset: string): (action: Action) => boolean {
  const names = new Set(toolset.split(/[\s,]+/).filter((name) => name !== ''));
  return (action) => names.size === 0 || names.has(action);
}
