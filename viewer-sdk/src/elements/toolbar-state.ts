import type { ViewState } from '../engine/contract.ts';
import type { Translate } from '../i18n/index.ts';
import type { Tool } from './actions.ts';
import { windowNumbers } from './overlay-text.ts';
import type { ToolbarState } from './toolbar.ts';
import { windowChoices } from './window-choices.ts';

/** What the buttons show, from what the screen shows. */
export function toolbarState(
  input: {
    readonly tool: Tool;
    readonly overlay: boolean;
    readonly thumbnails: boolean;
    readonly playing: boolean;
    readonly count: number;
    readonly view: ViewState | undefined;
  },
  t: Translate,
): ToolbarState {
  const { view, count, ...buttons } = input;
  const presets = view ? windowChoices(view.frame, view.range, t) : [];
  const numbers = view && windowNumbers(view);
  return {
    ...buttons,
    inverted: view?.inverted ?? false,
    image: view !== undefined,
    stack: view !== undefined && count > 1,
    window: numbers && presets.length > 0 ? `${numbers.width} / ${numbers.center}` : '',
    presets,
    preset: presets.findIndex(({ center, width }) => center === view?.window.center && width === view?.window.width),
  };
}
