import { type ModuleTexts, moduleTranslator } from '../i18n/module.ts';

const texts = {
  'zh-CN': {
    label: '历次检查',
    undated: '日期未填',
    count: '{count} 次',
    images: '{count} 幅',
    undescribed: '无描述',
    current: '当前',
    open: '打开',
    compare: '并排对照',
    compareHint: '并排对照 (C)',
    comparing: '对照中',
    loading: '正在查询历次检查',
    none: '没有历次检查',
    noneHint: '该患者在本院的检查会按时间列在这里。',
    unnamed: '尚未指定患者',
    unnamedHint: '由嵌入本列表的页面指定患者或检查。',
    retry: '重试',
  },
  en: {
    label: 'Earlier exams',
    undated: 'Without a date',
    count: '{count}',
    images: '{count} images',
    undescribed: 'No description',
    current: 'Open',
    open: 'Open',
    compare: 'Open beside',
    compareHint: 'Open beside (C)',
    comparing: 'Beside',
    loading: 'Looking for earlier exams',
    none: 'No earlier exams',
    noneHint: "The patient's exams in this hospital are listed here by date.",
    unnamed: 'No patient yet',
    unnamedHint: 'The page that embeds this list names the patient or the exam.',
    retry: 'Try again',
  },
} as const satisfies ModuleTexts<string>;

export type TimelineText = keyof (typeof texts)['en'];
export const timelineText = moduleTranslator<TimelineText>('timeline', texts);
