/**
 * Matching of PN: letter case, accents and width don't count, and a key of one component group matches any of the three.
 * @dicom PS3.4 C.2.2.2.1, C.2.2.2.4; the leniency about delimiters is our choice
 */
import { nameForms, nameGroups, nameHasWord, scriptRuns, searchWords, stripText } from './names.ts';
import { isWildcard, matchesWildcard } from './wildcard.ts';

export interface NameKey {
  /** Patterns of the component groups, '' = not asked. With one alone, any group of the stored name may match. */
  readonly groups: readonly string[];
  /** Words for fuzzy semantic matching, in any order; undefined without it. @dicom PS3.18 8.3.4.2 */
  readonly words: readonly string[] | undefined;
}

export function parseNameKey(text: string, fuzzy: boolean): NameKey {
  return { groups: nameGroups(text), words: fuzzy ? searchWords(text) : undefined };
}

/** @param stored `Alphabetic=Ideographic=Phonetic` */
export function matchesName(key: NameKey, stored: string): boolean {
  if (stored === '') return false;
  if (matchesGroups(key.groups, nameGroups(stored))) return true;
  if (key.words === undefined || key.words.length === 0) return false;
  const forms = nameForms(stored);
  return key.words.every((word) => nameHasWord(forms, word));
}

function matchesGroups(groups: readonly string[], have: readonly string[]): boolean {
  const asked = groups.filter((group) => group !== '');
  if (asked.length === 0) return true;
  if (asked.length === 1) return have.some((group) => group !== '' && matchesGroup(asked[0] ?? '', group));
  return groups.every((group, index) => group === '' || matchesGroup(group, have[index] ?? ''));
}

function matchesGroup(pattern: string, group: string): boolean {
  const wild = isWildcard(pattern);
  const matches = (text: string) => (wild ? matchesWildcard(pattern, text) : pattern === text);
  if (matches(group)) return true;
  // `Wang^*` asks for the family name Wang, with or without a given name.
  if (wild && pattern.includes('^')) return matches(`${group}^^^^`);
  // A key without component delimiters: `Wang Xiaoming`, `王小明`.
  if (pattern.includes('^') || !/[\^ ]/.test(group)) return false;
  if (matches(group.replace(/\^+/g, ' '))) return true;
  return scriptRuns(stripText(group)).some((run) => run.dense) && matches(stripText(group));
}
