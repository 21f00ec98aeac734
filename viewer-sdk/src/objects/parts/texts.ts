import { moduleTranslator } from '../../i18n/module.ts';

const en = {
  download: 'Download',
  print: 'Print',
  loading: 'Loading…',
  failed: 'Could not be opened',
  failedHint: 'It can be downloaded and opened in another program.',
  retry: 'Try again',
  image: 'Image',
  frame: 'frame {frame}',
  frames: 'frames {frames}',
  goTo: 'Show this image',
  notListed: 'The document does not say where this object lies.',
  goToFailed: 'The image cannot be shown: it is not in this archive, or you may not see it.',
  downloadFailed: 'The file could not be downloaded.',
};
type Key = keyof typeof en;

const zhCN: Record<Key, string> = {
  download: '下载',
  print: '打印',
  loading: '正在加载…',
  failed: '无法打开',
  failedHint: '可下载后用其他程序打开。',
  retry: '重试',
  image: '图像',
  frame: '第 {frame} 帧',
  frames: '第 {frames} 帧',
  goTo: '查看该图像',
  notListed: '文档未注明该对象所在的序列。',
  goToFailed: '无法显示该图像：本系统中没有，或无权查看。',
  downloadFailed: '下载失败。',
};

/** The texts that all kinds of objects share. */
export const objectText = moduleTranslator<Key>('objects', { en, 'zh-CN': zhCN });
export type ObjectTextKey = Key;
