import keyIcon from 'lucide-static/dist/esm/icons/bookmark.mjs';
import copyIcon from 'lucide-static/dist/esm/icons/copy.mjs';
import printIcon from 'lucide-static/dist/esm/icons/printer.mjs';
import saveIcon from 'lucide-static/dist/esm/icons/save.mjs';
import exportIcon from 'lucide-static/dist/esm/icons/share.mjs';
import type { ButtonDefinition } from '../extension/contract.ts';
import { type ModuleTexts, moduleTranslator } from '../i18n/module.ts';

type ButtonText = 'key' | 'save' | 'export' | 'copy' | 'print';

/** The buttons' names alone: the other texts come with the code. */
const texts: ModuleTexts<ButtonText> = {
  'zh-CN': {
    key: '关键图像',
    save: '保存测量与关键图像',
    export: '导出图像或动态',
    copy: '复制图像',
    print: '打印图像',
  },
  en: {
    key: 'Key image',
    save: 'Save measurements and key images',
    export: 'Export image or cine',
    copy: 'Copy image',
    print: 'Print images',
  },
};
const translate = moduleTranslator('work-buttons', texts);

const button = (
  text: ButtonText,
  icon: string,
  place: ButtonDefinition['place'],
  shortcut?: string,
): ButtonDefinition => ({
  id: `work-${text}`,
  label: (locale) => translate(locale, text),
  icon,
  group: 'keep',
  place,
  ...(shortcut === undefined ? {} : { shortcut }),
});

/** Where kept work is reached from. */
export const WORK_BUTTONS: readonly ButtonDefinition[] = [
  button('key', keyIcon, 'main', 'k'),
  button('save', saveIcon, 'main'),
  button('export', exportIcon, 'menu'),
  button('copy', copyIcon, 'menu'),
  button('print', printIcon, 'menu'),
];
