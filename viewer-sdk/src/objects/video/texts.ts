import { moduleTranslator } from '../../i18n/module.ts';

const en = {
  play: 'Play (Space)',
  pause: 'Pause (Space)',
  previousFrame: 'Previous frame (Left arrow)',
  nextFrame: 'Next frame (Right arrow)',
  speed: 'Speed',
  loop: 'Repeat',
  position: 'Position',
  frame: 'Frame {frame} / {count}',
  snapshot: 'Save this frame as a picture',
  saveVideo: 'Download the video',
  unsupported: 'This browser cannot play the video',
  unsupportedHint: 'It is coded as {codec}. Download it and open it with a media player.',
  snapshotDone: 'The frame was saved.',
  video: 'Video',
};
type Key = keyof typeof en;

const zhCN: Record<Key, string> = {
  play: '播放 (空格)',
  pause: '暂停 (空格)',
  previousFrame: '上一帧 (←)',
  nextFrame: '下一帧 (→)',
  speed: '速度',
  loop: '循环播放',
  position: '位置',
  frame: '第 {frame} / {count} 帧',
  snapshot: '将当前帧存为图片',
  saveVideo: '下载视频',
  unsupported: '此浏览器无法播放该视频',
  unsupportedHint: '视频编码为 {codec}，请下载后用播放器打开。',
  snapshotDone: '已保存当前帧。',
  video: '视频',
};

export const videoText = moduleTranslator<Key>('objects.video', { en, 'zh-CN': zhCN });
