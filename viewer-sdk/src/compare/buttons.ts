import cursor from 'lucide-static/dist/esm/icons/axis-3d.mjs';
import compare from 'lucide-static/dist/esm/icons/columns-2.mjs';
import hanging from 'lucide-static/dist/esm/icons/layout-dashboard.mjs';
import link from 'lucide-static/dist/esm/icons/link.mjs';
import syncZoom from 'lucide-static/dist/esm/icons/scaling.mjs';
import localiser from 'lucide-static/dist/esm/icons/scan-line.mjs';
import syncWindow from 'lucide-static/dist/esm/icons/sun-dim.mjs';
import type { ButtonDefinition } from '../extension/contract.ts';
import { type ModuleTexts, moduleTranslator } from '../i18n/module.ts';

type ButtonText = 'link' | 'localiser' | 'cursor3d' | 'compare-prior' | 'sync-window' | 'sync-zoom' | 'hanging';

/** The buttons' names alone: the other texts come with the code. */
const texts: ModuleTexts<ButtonText> = {
  'zh-CN': {
    link: '同步翻页',
    localiser: '定位线',
    cursor3d: '三维定位',
    'compare-prior': '与前次检查对照',
    'sync-window': '同步窗宽窗位',
    'sync-zoom': '同步缩放',
    hanging: '挂片协议',
  },
  en: {
    link: 'Scroll together',
    localiser: 'Localiser lines',
    cursor3d: '3D cursor',
    'compare-prior': 'Compare with the prior exam',
    'sync-window': 'Window together',
    'sync-zoom': 'Zoom together',
    hanging: 'Hanging protocols',
  },
};
const translate = moduleTranslator('compare-buttons', texts);

const button = (
  id: ButtonText,
  icon: string,
  place: ButtonDefinition['place'],
  shortcut?: string,
): ButtonDefinition => ({
  id,
  label: (locale) => translate(locale, id),
  icon,
  group: 'compare',
  place,
  ...(shortcut ? { shortcut } : {}),
});

/** Where comparing and hanging are reached from. */
export const COMPARE_BUTTONS: readonly ButtonDefinition[] = [
  button('link', link, 'main', 'y'),
  button('localiser', localiser, 'main'),
  button('cursor3d', cursor, 'main'),
  button('compare-prior', compare, 'main'),
  button('hanging', hanging, 'menu'),
  button('sync-window', syncWindow, 'menu'),
  button('sync-zoom', syncZoom, 'menu'),
];
