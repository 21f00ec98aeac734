import { type ModuleTexts, moduleTranslator } from '../i18n/module.ts';
import { en } from './texts.en.ts';
import { zhCN } from './texts.zh-CN.ts';

export type WorkText = keyof typeof en;

const texts: ModuleTexts<WorkText> = { en, 'zh-CN': zhCN };

/** The texts of kept work, export and printing. */
export const workText = moduleTranslator('work', texts);
