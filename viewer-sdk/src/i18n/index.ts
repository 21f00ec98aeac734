import { en } from './en.ts';
import type { MessageKey, Messages } from './messages.ts';
import { zhCN } from './zh-CN.ts';

export type { MessageKey, Messages };

/** The language where the element names none, or one that is not registered. */
export const DEFAULT_LOCALE = 'zh-CN';

const languages = new Map<string, Messages>([
  [DEFAULT_LOCALE, zhCN],
  ['en', en],
]);

/** Adds a language, or replaces one; elements made afterwards with that `locale` use it. */
export function registerMessages(locale: string, messages: Messages): void {
  languages.set(locale, messages);
}

/** A translator: the text of a message with its `{names}` filled in. */
export type Translate = (key: MessageKey, parameters?: Readonly<Record<string, string | number>>) => string;

/** The translator for a locale: exact match, then the language without its region, then the default. */
export function translator(locale: string): Translate {
  const messages = languages.get(locale) ?? languages.get(locale.split('-')[0] ?? '') ?? zhCN;
  return (key, parameters) =>
    parameters
      ? messages[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
      : messages[key];
}

/** Whether a text names a message: for keys that are put together. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}
