import arrow from 'lucide-static/dist/esm/icons/arrow-up-left.mjs';
import ellipse from 'lucide-static/dist/esm/icons/circle-dashed.mjs';
import copy from 'lucide-static/dist/esm/icons/copy.mjs';
import hide from 'lucide-static/dist/esm/icons/eye-off.mjs';
import freehand from 'lucide-static/dist/esm/icons/lasso.mjs';
import removeAll from 'lucide-static/dist/esm/icons/list-x.mjs';
import probe from 'lucide-static/dist/esm/icons/pipette.mjs';
import redo from 'lucide-static/dist/esm/icons/redo-2.mjs';
import length from 'lucide-static/dist/esm/icons/ruler.mjs';
import calibrate from 'lucide-static/dist/esm/icons/ruler-dimension-line.mjs';
import rectangle from 'lucide-static/dist/esm/icons/square-dashed.mjs';
import remove from 'lucide-static/dist/esm/icons/trash.mjs';
import text from 'lucide-static/dist/esm/icons/type.mjs';
import undo from 'lucide-static/dist/esm/icons/undo-2.mjs';
import type { ButtonDefinition } from '../extension/contract.ts';
import { moduleTranslator } from '../i18n/module.ts';

const drawn = (paths: string): string =>
  `<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`;

/** The icon set has no angles. */
const angle = drawn('<path d="M18 4 4 19h17"/><path d="M12.500 19a8 8 0 0 0-2.600-6"/>');
const cobb = drawn(
  '<path d="m4 4 15 3.500"/><path d="m4 20 15-3.500"/><path d="M12 6v12" stroke-dasharray="1.500 3.500"/>',
);

const en = {
  length: 'Distance',
  angle: 'Angle',
  cobb: 'Cobb angle',
  probe: 'Point value (CT value, SUV)',
  ellipse: 'Ellipse ROI',
  rectangle: 'Rectangle ROI',
  freehand: 'Freehand ROI',
  arrow: 'Arrow with text',
  text: 'Text',
  calibrate: 'Calibrate by a known length',
  undo: 'Undo (Ctrl+Z)',
  redo: 'Redo (Ctrl+Y)',
  annotationDelete: 'Delete selected measurement',
  annotationDeleteAll: 'Delete all measurements',
  annotationsHide: 'Hide measurements',
  annotationCopy: 'Copy values (Ctrl+C)',
} as const;

type ButtonId = keyof typeof en;

const label = moduleTranslator<ButtonId>('measure.buttons', {
  en,
  'zh-CN': {
    length: '距离',
    angle: '角度',
    cobb: 'Cobb 角',
    probe: '点测量（CT 值、SUV）',
    ellipse: '椭圆 ROI',
    rectangle: '矩形 ROI',
    freehand: '手绘 ROI',
    arrow: '箭头标注',
    text: '文字标注',
    calibrate: '按已知长度手动校准',
    undo: '撤销 (Ctrl+Z)',
    redo: '重做 (Ctrl+Y)',
    annotationDelete: '删除所选测量',
    annotationDeleteAll: '删除全部测量',
    annotationsHide: '隐藏测量',
    annotationCopy: '复制测量值 (Ctrl+C)',
  },
});

type Row = [
  id: ButtonId,
  icon: string,
  shortcut: string | undefined,
  group: ButtonDefinition['group'],
  place: ButtonDefinition['place'],
];

const ROWS: readonly Row[] = [
  ['length', length, 'D', 'measure', 'main'],
  ['angle', angle, 'N', 'measure', 'main'],
  ['probe', probe, 'C', 'measure', 'main'],
  ['ellipse', ellipse, 'E', 'measure', 'main'],
  ['cobb', cobb, 'B', 'measure', 'menu'],
  ['rectangle', rectangle, 'Q', 'measure', 'menu'],
  ['freehand', freehand, 'J', 'measure', 'menu'],
  ['calibrate', calibrate, '=', 'measure', 'menu'],
  ['arrow', arrow, 'M', 'mark', 'main'],
  ['text', text, 'T', 'mark', 'menu'],
  ['undo', undo, undefined, 'mark', 'menu'],
  ['redo', redo, undefined, 'mark', 'menu'],
  ['annotationCopy', copy, undefined, 'mark', 'menu'],
  ['annotationsHide', hide, undefined, 'mark', 'menu'],
  ['annotationDelete', remove, 'Delete', 'mark', 'menu'],
  ['annotationDeleteAll', removeAll, undefined, 'mark', 'menu'],
];

/** The buttons of measuring. They stand in the shell: the code behind them comes later. */
export const MEASURE_BUTTONS: readonly ButtonDefinition[] = ROWS.map(([id, icon, shortcut, group, place]) => ({
  id,
  label: (locale: string) => label(locale, id),
  icon,
  ...(shortcut ? { shortcut } : {}),
  group,
  place,
}));
