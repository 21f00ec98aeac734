import type { MessageKey, Messages } from './messages.ts';
import { zhCN } from './zh-CN.ts';

export type { MessageKey, Messages };

/** The language where the element names none, or one that is not registered. */
export const DEFAULT_LOCALE = 'zh-CN';

const languages = new Map<string, Messages>([[DEFAULT_LOCALE, zhCN]]);

/** Languages of the SDK's own that come when they are wanted. */
const own = new Map<string, () => Promise<Messages>>([['en', async () => (await import('./en.ts')).en]]);

const language = (locale: string): string => locale.split('-')[0] ?? '';

/** Adds a language, or replaces one; elements made afterwards with that `locale` use it. */
export function registerMessages(locale: string, messages: Messages): void {
  languages.set(locale, messages);
}

/** A translator: the text of a message with its `{names}` filled in. */
export type Translate = (key: MessageKey, parameters?: Readonly<Record<string, string | number>>) => string;

/** The translator for a locale: exact match, then the language without its region, then the default. Silent while the language is on its way. */
export function translator(locale: string): Translate {
  const known = languages.get(locale) ?? languages.get(language(locale));
  if (!known && own.has(language(locale))) return () => '';
  const messages = known ?? zhCN;
  return (key, parameters) =>
    parameters
      ? messages[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
      : messages[key];
}

/** Fetches the texts of a language of the SDK's own. @returns `undefined` when there is nothing to wait for */
export function loadMessages(locale: string): Promise<void> | undefined {
  const key = language(locale);
  if (languages.has(locale) || languages.has(key)) return undefined;
  return own
    .get(key)?.()
    .then(
      (messages) => {
        if (!languages.has(key)) languages.set(key, messages);
      },
      () => {
        // Better in another language than without words.
        languages.set(key, zhCN);
      },
    );
}

/** Whether a text names a message: for keys that are put together. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(zhCN, key);
}
