import keyIcon from 'lucide-static/dist/esm/icons/bookmark.mjs';
import copyIcon from 'lucide-static/dist/esm/icons/copy.mjs';
import printIcon from 'lucide-static/dist/esm/icons/printer.mjs';
import saveIcon from 'lucide-static/dist/esm/icons/save.mjs';
import exportIcon from 'lucide-static/dist/esm/icons/share.mjs';
import type { ButtonDefinition, ViewerExtension } from '../extension/contract.ts';

/** The buttons' names; the rest of the texts comes with the code. */
const label =
  (zhCN: string, en: string): ((locale: string) => string) =>
  (locale) =>
    locale.startsWith('en') ? en : zhCN;

const BUTTONS: readonly ButtonDefinition[] = [
  { id: 'work-key', label: label('关键图像', 'Key image'), icon: keyIcon, shortcut: 'k', group: 'keep', place: 'main' },
  {
    id: 'work-save',
    label: label('保存测量与关键图像', 'Save measurements and key images'),
    icon: saveIcon,
    group: 'keep',
    place: 'main',
  },
  {
    id: 'work-export',
    label: label('导出图像或动态', 'Export image or cine'),
    icon: exportIcon,
    shortcut: 'e',
    group: 'keep',
    place: 'menu',
  },
  { id: 'work-copy', label: label('复制图像', 'Copy image'), icon: copyIcon, group: 'keep', place: 'menu' },
  { id: 'work-print', label: label('打印图像', 'Print images'), icon: printIcon, group: 'keep', place: 'menu' },
];

/** Kept work as a part of the viewer. */
export const workExtension: ViewerExtension = {
  id: 'work',
  buttons: BUTTONS,
  load: async (viewer) => (await import('./index.ts')).openWork(viewer),
};
