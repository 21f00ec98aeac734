import { moduleTranslator } from '../../i18n/module.ts';

const en = {
  panel: 'Overlays',
  presentations: 'Presentation states',
  none: 'As stored',
  presentationHint: 'How somebody arranged these images: window, orientation, area, marks.',
  notForImage: 'does not belong to this image',
  segments: 'Segmentations and structures',
  empty: 'This study has no presentation states, segmentations or structure sets.',
  available: 'In this study',
  show: 'Show',
  remove: 'Remove from the images',
  opacity: 'Opacity',
  visible: 'Show {name}',
  middle: 'Go to the middle of {name}',
  loading: 'Loading…',
  failed: 'The object could not be loaded.',
  onImages: '{name} is laid over its images',
  noImages: 'The images it was made from are not in this archive.',
  openPanel: 'Open the panel of overlays',
  apply: 'Apply to the images',
  creator: 'Made by',
  created: 'Made on',
  images: 'Images',
  partly: 'Not shown here: {what}',
};
type Key = keyof typeof en;

const zhCN: Record<Key, string> = {
  panel: '叠加与显示状态',
  presentations: '显示状态',
  none: '原始显示',
  presentationHint: '他人保存的显示方式：窗宽窗位、方向、显示区域和标注。',
  notForImage: '不适用于当前图像',
  segments: '分割与结构',
  empty: '该检查没有显示状态、分割或结构集。',
  available: '本检查中',
  show: '显示',
  remove: '从图像上移除',
  opacity: '不透明度',
  visible: '显示 {name}',
  middle: '跳到 {name} 的中间层面',
  loading: '正在加载…',
  failed: '该对象无法加载。',
  onImages: '{name} 已叠加到图像上',
  noImages: '本系统中没有其对应的图像。',
  openPanel: '打开叠加面板',
  apply: '应用到图像',
  creator: '创建者',
  created: '创建时间',
  images: '图像',
  partly: '此处不显示：{what}',
};

export const overlayTextOf = moduleTranslator<Key>('objects.overlay', { en, 'zh-CN': zhCN });
export type OverlayTextKey = Key;
