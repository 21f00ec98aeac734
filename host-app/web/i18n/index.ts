/**
 * The texts of the application: one typed table per language, the Chinese one gives the type. A text with figures or names in it is a
 * function, so that each language orders its words itself.
 */
import { recall, remember } from '../state/preferences.ts';
import { zhCN } from './zh-CN/index.ts';

export type Messages = typeof zhCN;
export type Locale = 'zh-CN' | 'en';
export const LOCALES: readonly Locale[] = ['zh-CN', 'en'];

/** The table in use; read it while rendering, never keep a text. */
export let t: Messages = zhCN;

let locale: Locale = 'zh-CN';
const changes = new EventTarget();

export function currentLocale(): Locale {
  return locale;
}

/** `otherwise`: the language of a browser that remembers none; the hospital's where nothing is said. */
export function rememberedLocale(otherwise = 'zh-CN'): Locale {
  const remembered = recall('locale') ?? (otherwise.startsWith('zh') ? 'zh-CN' : 'en');
  return remembered === 'en' ? 'en' : 'zh-CN';
}

export async function setLocale(next: Locale): Promise<void> {
  t = next === 'en' ? (await import('./en/index.ts')).en : zhCN;
  locale = next;
  document.documentElement.lang = next;
  remember('locale', next);
  changes.dispatchEvent(new Event('change'));
}

/** Returns the function that ends it. */
export function onLocaleChange(listener: () => void): () => void {
  changes.addEventListener('change', listener);
  return () => changes.removeEventListener('change', listener);
}
