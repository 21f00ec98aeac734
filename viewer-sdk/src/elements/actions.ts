import type { ButtonDefinition } from '../extension/contract.ts';
import { type MessageKey, translator } from '../i18n/index.ts';
import type { IconName } from './icons.ts';
import { type BenchKey, benchText } from './texts.ts';

/** What the left button does on the image without any extension. */
export const BASIC_TOOLS = ['window', 'scroll', 'zoom', 'pan'] as const;
export type BasicTool = (typeof BASIC_TOOLS)[number];

const label = (key: MessageKey) => (locale: string) => translator(locale)(key);
const bench = (key: BenchKey) => (locale: string) => benchText(locale, key);

type Row = [
  id: string,
  label: ButtonDefinition['label'],
  icon: IconName,
  shortcut: string | undefined,
  group: ButtonDefinition['group'],
  place: ButtonDefinition['place'],
];

const ROWS: readonly Row[] = [
  ['thumbnails', label('action.thumbnails'), 'thumbnails', 'L', 'series', 'main'],
  ['scroll', label('tool.scroll'), 'scroll', 'S', 'navigate', 'main'],
  ['zoom', label('tool.zoom'), 'zoom', 'Z', 'navigate', 'main'],
  ['pan', label('tool.pan'), 'pan', 'P', 'navigate', 'main'],
  ['fit', label('action.fit'), 'fit', 'F', 'navigate', 'main'],
  ['actual', label('action.actual'), 'actual', 'A', 'navigate', 'main'],
  ['window', label('tool.window'), 'window', 'W', 'window', 'main'],
  ['presets', label('action.presets'), 'presets', '1–9', 'window', 'main'],
  ['invert', label('action.invert'), 'invert', 'I', 'window', 'main'],
  ['play', label('action.play'), 'play', ' ', 'play', 'main'],
  ['windowAll', bench('windowAll'), 'windowAll', undefined, 'window', 'menu'],
  ['layout', bench('layout'), 'layout', 'G', 'view', 'main'],
  ['overlay', label('action.overlay'), 'overlay', 'O', 'view', 'main'],
  ['reset', label('action.reset'), 'reset', 'X', 'view', 'main'],
  ['fullscreen', bench('fullscreen'), 'fullscreen', 'U', 'view', 'main'],
  ['secondWindow', bench('secondWindow'), 'secondWindow', undefined, 'view', 'menu'],
  ['rotate', label('action.rotate'), 'rotate', 'R', 'view', 'menu'],
  ['flip', label('action.flip'), 'flip', 'H', 'view', 'menu'],
  ['flipVertical', label('action.flipVertical'), 'flipVertical', 'V', 'view', 'menu'],
];

/** The buttons of the viewer itself. */
export const BASIC_BUTTONS: readonly ButtonDefinition[] = ROWS.map(([id, text, icon, shortcut, group, place]) => ({
  id,
  label: text,
  icon,
  ...(shortcut ? { shortcut } : {}),
  group,
  place,
}));

/** Groups in the order of the toolbar. */
export const GROUPS: readonly ButtonDefinition['group'][] = [
  'series',
  'navigate',
  'window',
  'measure',
  'mark',
  'play',
  'compare',
  'keep',
  'view',
];

export function isBasicTool(id: string): id is BasicTool {
  return (BASIC_TOOLS as readonly string[]).includes(id);
}

/** The buttons a `toolset` attribute allows: ids with spaces or commas between them; empty allows all. */
export function allowedActions(toolset: string): (id: string) => boolean {
  const names = new Set(toolset.split(/[\s,]+/).filter((name) => name !== ''));
  return (id) => names.size === 0 || names.has(id);
}
