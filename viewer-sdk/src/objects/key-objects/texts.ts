import { moduleTranslator } from '../../i18n/module.ts';

const en = {
  title: 'Key images',
  description: 'Description',
  observer: 'Chosen by',
  count: '{count} objects',
  show: 'Show image {index}',
  missing: 'Not in this archive',
  noImages: 'No image is referred to.',
};
type Key = keyof typeof en;
const zhCN: Record<Key, string> = {
  title: '关键图像',
  description: '说明',
  observer: '选择者',
  count: '{count} 个对象',
  show: '查看图像 {index}',
  missing: '本系统中没有',
  noImages: '未引用任何图像。',
};

export const keyText = moduleTranslator<Key>('objects.key-objects', { en, 'zh-CN': zhCN });
