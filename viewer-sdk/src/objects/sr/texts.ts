import { moduleTranslator } from '../../i18n/module.ts';

const en = {
  report: 'Structured report',
  complete: 'Complete',
  partial: 'Incomplete',
  verified: 'Verified',
  unverified: 'Not verified',
  completion: 'Completion',
  verification: 'Verification',
  verifiedBy: 'Verified by',
  contentTime: 'Content date',
  context: 'Context',
  see: 'see {name}',
  selectedFrom: 'on',
  inferredFrom: 'Inferred from',
  noValue: 'no value',
  region: '{shape}, {count} points',
  region1: '{shape}',
  'shape.POINT': 'Point',
  'shape.MULTIPOINT': 'Points',
  'shape.POLYLINE': 'Line',
  'shape.POLYGON': 'Polygon',
  'shape.CIRCLE': 'Circle',
  'shape.ELLIPSE': 'Ellipse',
  'shape.ELLIPSOID': 'Ellipsoid',
  'time.POINT': 'Point in time',
  'time.MULTIPOINT': 'Points in time',
  'time.SEGMENT': 'Period',
  'time.MULTISEGMENT': 'Periods',
  'time.BEGIN': 'Beginning',
  'time.END': 'End',
  unknown: 'content of type {type}, which this viewer does not know',
  presentation: 'with presentation state',
  channels: 'channels {channels}',
  number: 'No.',
  document: 'Document',
  waveform: 'Waveform',
  emptyTitle: 'This report has no content',
};
type Key = keyof typeof en;

const zhCN: Record<Key, string> = {
  report: '结构化报告',
  complete: '已完成',
  partial: '未完成',
  verified: '已审核',
  unverified: '未审核',
  completion: '完成状态',
  verification: '审核状态',
  verifiedBy: '审核者',
  contentTime: '报告时间',
  context: '报告信息',
  see: '见 {name}',
  selectedFrom: '位于',
  inferredFrom: '依据',
  noValue: '无数值',
  region: '{shape}，{count} 个点',
  region1: '{shape}',
  'shape.POINT': '点',
  'shape.MULTIPOINT': '多点',
  'shape.POLYLINE': '折线',
  'shape.POLYGON': '多边形',
  'shape.CIRCLE': '圆',
  'shape.ELLIPSE': '椭圆',
  'shape.ELLIPSOID': '椭球',
  'time.POINT': '时间点',
  'time.MULTIPOINT': '多个时间点',
  'time.SEGMENT': '时间段',
  'time.MULTISEGMENT': '多个时间段',
  'time.BEGIN': '起始',
  'time.END': '结束',
  unknown: '未知类型（{type}）的内容，无法显示',
  presentation: '含显示状态',
  channels: '通道 {channels}',
  number: '序号',
  document: '文档',
  waveform: '波形',
  emptyTitle: '该报告没有内容',
};

export const srText = moduleTranslator<Key>('objects.sr', { en, 'zh-CN': zhCN });
export type SrKey = Key;

/** The text of a shape or of a range in time; the file's own word where it is not a known one. */
export function srWord(locale: string, kind: 'shape' | 'time', word: string): string {
  const key = `${kind}.${word}`;
  return Object.hasOwn(en, key) ? srText(locale, key as Key) : word;
}
