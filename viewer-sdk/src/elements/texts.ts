import { type ModuleTexts, moduleTranslator } from '../i18n/module.ts';

const en = {
  layout: 'Layout',
  layoutCells: '{rows} × {columns}',
  more: 'More',
  'group.series': 'Series',
  'group.navigate': 'Navigate',
  'group.window': 'Window',
  'group.measure': 'Measure',
  'group.mark': 'Annotate',
  'group.play': 'Cine',
  'group.compare': 'Compare',
  'group.keep': 'Save and share',
  'group.view': 'Display',
  panels: 'Panels',
  panelClose: 'Fold the panel',
  panelWidth: 'Width of the panel',
  cancel: 'Cancel',
  close: 'Close',
  objects: 'Objects in this series',
  objectImages: 'Images',
  objectShow: 'Show',
  renderFailed: 'This object cannot be shown',
  emptyCell: 'Empty: drag a series here, or choose one in the list',
  toolsFailed: 'A part of the viewer could not be loaded: {name}',
} as const;

export type BenchKey = keyof typeof en;

const texts: ModuleTexts<BenchKey> = {
  en,
  'zh-CN': {
    layout: '布局',
    layoutCells: '{rows} 行 × {columns} 列',
    more: '更多',
    'group.series': '序列',
    'group.navigate': '浏览',
    'group.window': '窗宽窗位',
    'group.measure': '测量',
    'group.mark': '标注',
    'group.play': '播放',
    'group.compare': '对比',
    'group.keep': '保存与导出',
    'group.view': '显示',
    panels: '面板',
    panelClose: '收起面板',
    panelWidth: '面板宽度',
    cancel: '取消',
    close: '关闭',
    objects: '该序列中的对象',
    objectImages: '影像',
    objectShow: '显示',
    renderFailed: '该对象无法显示',
    emptyCell: '空：将序列拖到此处，或在列表中选择',
    toolsFailed: '浏览器的部分功能未能载入：{name}',
  },
};

/** The texts of what stands around the images. */
export const benchText = moduleTranslator('workbench', texts);
