import { expect } from 'chai';
import { RESERVED_KEYS } from '../extension/keys.ts';
import { describe, it } from '../testing/globals.ts';
import { BASIC_BUTTONS } from './actions.ts';
import { fitButtons, type ToolbarButton } from './toolbar-items.ts';

const button = (id: string, group: ToolbarButton['group'], place: ToolbarButton['place'] = 'main'): ToolbarButton => ({
  id,
  label: id,
  icon: 'window',
  shortcut: '',
  group,
  place,
  pressed: undefined,
  disabled: false,
});
const ids = (buttons: readonly ToolbarButton[]): string => buttons.map(({ id }) => id).join(' ');

describe('buttons of the toolbar', () => {
  const buttons = [
    button('save', 'keep'),
    button('pan', 'navigate'),
    button('length', 'measure'),
    button('angle', 'measure'),
    button('layout', 'view'),
    button('flip', 'view', 'menu'),
    button('window', 'window'),
  ];

  it('stand in the order of their groups, the rarely used ones in the menu', () => {
    const { bar, menu } = fitButtons(buttons, 1000);
    expect(ids(bar)).to.equal('pan window length angle save layout');
    expect(ids(menu)).to.equal('flip');
  });

  it('move into the menu where there is no room, those used least first, and none is lost', () => {
    for (let width = 1000; width > 0; width -= 10) {
      const { bar, menu } = fitButtons(buttons, width);
      expect(bar.length + menu.length, `${width} px`).to.equal(buttons.length);
    }
    expect(ids(fitButtons(buttons, 280).bar)).to.equal('pan window length layout');
    expect(ids(fitButtons(buttons, 1).bar), 'what has a menu of its own stays').to.equal('layout');
  });

  it('of the viewer itself have keys that no extension can take', () => {
    for (const { id, shortcut } of BASIC_BUTTONS)
      if (shortcut?.length === 1) expect(RESERVED_KEYS.has(shortcut.toLowerCase()), id).to.equal(true);
  });
});
