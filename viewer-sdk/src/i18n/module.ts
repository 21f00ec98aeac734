/** The texts of one part of the viewer, by language; `en` lists all keys. `{name}` is filled in. */
export type ModuleTexts<K extends string> = Readonly<Record<'en' | 'zh-CN', Readonly<Record<K, string>>>>;

const added = new Map<string, Readonly<Record<string, string>>>();

/** Adds another language's texts for a part of the viewer. @param part the part's id, e.g. `measure` */
export function registerModuleMessages(locale: string, part: string, texts: Readonly<Record<string, string>>): void {
  added.set(`${part}/${locale}`, texts);
}

/** The texts of a part in a locale: exact match, then the language without its region, then Chinese. */
export function moduleTranslator<K extends string>(
  part: string,
  texts: ModuleTexts<K>,
): (locale: string, key: K, parameters?: Readonly<Record<string, string | number>>) => string {
  return (locale, key, parameters) => {
    const language = locale.split('-')[0] ?? '';
    const own = added.get(`${part}/${locale}`) ?? added.get(`${part}/${language}`);
    const text = own?.[key] ?? (language === 'en' ? texts.en : texts['zh-CN'])[key];
    return parameters
      ? text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
      : text;
  };
}
