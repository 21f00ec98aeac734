import type { ButtonDefinition } from '../extension/contract.ts';
import { GROUPS } from './actions.ts';

/** A button as the toolbar draws it. */
export interface ToolbarButton {
  readonly id: string;
  readonly label: string;
  readonly icon: string;
  /** The key as it is shown; empty for none. */
  readonly shortcut: string;
  readonly group: ButtonDefinition['group'];
  readonly place: ButtonDefinition['place'];
  /** `undefined` for those that switch nothing. */
  readonly pressed: boolean | undefined;
  readonly disabled: boolean;
}

/** Widths of the toolbar's parts in CSS pixels, as `toolbar.styles.ts` has them. */
const BUTTON_PX = 36;
const PRESETS_PX = 122;
const GAP_PX = 13;
const PADDING_PX = 14;

/** Where there is no room for all, the buttons of these groups go into the menu first, each group's last one first. */
const LESS_USED: readonly ButtonDefinition['group'][] = [
  'keep',
  'mark',
  'compare',
  'measure',
  'view',
  'play',
  'window',
  'navigate',
  'series',
];

/** The same buttons in the order of the groups. */
export function grouped(buttons: readonly ToolbarButton[]): ToolbarButton[] {
  return GROUPS.flatMap((group) => buttons.filter((button) => button.group === group));
}

/** These open menus of their own below themselves. */
const STAYS: ReadonlySet<string> = new Set(['presets', 'layout']);

/**
 * Which buttons stand in the bar, and which are in the menu at its end.
 * @param widthPx room for the buttons, without what the page put into the bar
 */
export function fitButtons(
  buttons: readonly ToolbarButton[],
  widthPx: number,
): { readonly bar: readonly ToolbarButton[]; readonly menu: readonly ToolbarButton[] } {
  const bar = grouped(buttons.filter(({ place }) => place === 'main'));
  const moved = new Set<ToolbarButton>();
  const hasMenu = () => moved.size > 0 || bar.length < buttons.length;
  const stays = (button: ToolbarButton) => !moved.has(button);
  const movable = (button: ToolbarButton) => stays(button) && !STAYS.has(button.id);
  const next = (): ToolbarButton | undefined => {
    for (const group of LESS_USED) {
      const last = bar.findLast((button) => button.group === group && movable(button));
      if (last) return last;
    }
    return undefined;
  };
  for (let button = next(); button && barWidth(bar.filter(stays), hasMenu()) > widthPx; button = next())
    moved.add(button);
  return {
    bar: bar.filter(stays),
    menu: grouped(buttons.filter((button) => button.place === 'menu' || moved.has(button))),
  };
}

function barWidth(buttons: readonly ToolbarButton[], menu: boolean): number {
  const groups = new Set(buttons.map(({ group }) => group)).size + (menu ? 1 : 0);
  const widths = buttons.reduce((sum, { id }) => sum + (id === 'presets' ? PRESETS_PX : BUTTON_PX), 0);
  return PADDING_PX + widths + Math.max(0, groups - 1) * GAP_PX + (menu ? BUTTON_PX : 0);
}
