import mpr from 'lucide-static/dist/esm/icons/box.mjs';
import cine from 'lucide-static/dist/esm/icons/film.mjs';
import planes from 'lucide-static/dist/esm/icons/layers.mjs';
import shift from 'lucide-static/dist/esm/icons/move-diagonal.mjs';
import magnifier from 'lucide-static/dist/esm/icons/search.mjs';
import tone from 'lucide-static/dist/esm/icons/spline.mjs';
import subtraction from 'lucide-static/dist/esm/icons/square-minus.mjs';
import type { ButtonDefinition } from '../extension/contract.ts';
import { moduleTranslator } from '../i18n/module.ts';

const en = {
  magnifier: 'Magnifier (click: next zoom)',
  toneCurve: 'Grey scale curve',
  overlayPlanes: 'Overlays of the file',
  subtraction: 'Subtraction (DSA)',
  maskShift: 'Shift the mask (DSA)',
  cinePanel: 'Cine settings',
  mpr: 'MPR, MIP: three planes',
} as const;

type ButtonId = keyof typeof en;

const label = moduleTranslator<ButtonId>('image-tools.buttons', {
  en,
  'zh-CN': {
    magnifier: '放大镜（单击换倍数）',
    toneCurve: '灰阶曲线',
    overlayPlanes: '图像叠加层',
    subtraction: '数字减影 (DSA)',
    maskShift: '蒙片移位 (DSA)',
    cinePanel: '电影播放设置',
    mpr: '多平面重建 (MPR、MIP)',
  },
});

type Row = [
  id: ButtonId,
  icon: string,
  shortcut: string | undefined,
  group: ButtonDefinition['group'],
  place: ButtonDefinition['place'],
];

/** Letters are taken by what is used more. */
const ROWS: readonly Row[] = [
  ['magnifier', magnifier, '.', 'navigate', 'main'],
  ['toneCurve', tone, '\\', 'window', 'menu'],
  ['overlayPlanes', planes, "'", 'view', 'menu'],
  ['subtraction', subtraction, '-', 'play', 'menu'],
  ['maskShift', shift, undefined, 'play', 'menu'],
  ['mpr', mpr, '/', 'view', 'main'],
  ['cinePanel', cine, ';', 'play', 'menu'],
];

/** The buttons of the image tools. They stand in the shell: the code behind them comes later. */
export const IMAGE_TOOLS_BUTTONS: readonly ButtonDefinition[] = ROWS.map(([id, icon, shortcut, group, place]) => ({
  id,
  label: (locale: string) => label(locale, id),
  icon,
  ...(shortcut ? { shortcut } : {}),
  group,
  place,
}));
