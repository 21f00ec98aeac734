/**
 * What the full-text index holds of a study, and how it is asked. The tokens are ours alone; FTS5 only stores, merges and
 * intersects them, newest study first. First letter = kind:
 *
 *   b  two neighbouring Chinese characters, in order: longer runs are phrases
 *   q  nine neighbouring letters, in order: longer runs are phrases
 *   n  one Chinese character, two to eight neighbouring letters, a beginning of pinyin or initials (up to 8)
 *   f  a whole of pinyin longer than 8
 *   a  a beginning (up to 16) of a component group
 *   e  a whole component group
 *   i c s  a beginning of patient ID, accession number, study ID
 *   m d    a modality, a department
 */
import type { NameKey } from './name-matching.ts';
import { type NameForms, normalizeText, scriptRuns, stripText, wordPieces } from './names.ts';
import { isWildcard } from './wildcard.ts';

const MAX_GROUP_START = 16;
/** Letters up to here are one token, whatever they are in a name. */
const MAX_LETTERS = 8;
/** The longest an LO can be. @dicom PS3.5 6.2 */
const MAX_ID_START = 64;

export type IdKind = 'i' | 'c' | 's';

export interface SearchableStudy {
  names: readonly NameForms[];
  PatientID: string;
  AccessionNumber: string;
  StudyID: string;
  modalities: readonly string[];
  department: string;
}

/** The study's text for the full-text table: tokens divided by spaces. */
export function searchTokens(study: SearchableStudy): string {
  const bag = new Set<string>();
  const sequences: string[][] = [];
  for (const forms of study.names) {
    for (const group of forms.stripped) {
      addBeginnings(bag, 'a', group, MAX_GROUP_START);
      bag.add(`e${group}`);
      for (const run of scriptRuns(group)) {
        const characters = Array.from(run.text);
        if (run.dense) {
          for (const character of characters) bag.add(`n${character}`);
          sequences.push(grams(characters, 2).map((pair) => `b${pair}`));
        } else {
          for (let size = 2; size <= MAX_LETTERS; size++)
            for (const gram of grams(characters, size)) bag.add(`n${gram}`);
          sequences.push(grams(characters, MAX_LETTERS + 1).map((gram) => `q${gram}`));
        }
      }
    }
    for (const start of forms.starts) {
      addBeginnings(bag, 'n', start, MAX_LETTERS);
      if (start.length > MAX_LETTERS) bag.add(`f${start}`);
    }
  }
  addBeginnings(bag, 'i', idText(study.PatientID), MAX_ID_START);
  addBeginnings(bag, 'c', idText(study.AccessionNumber), MAX_ID_START);
  addBeginnings(bag, 's', idText(study.StudyID), MAX_ID_START);
  for (const modality of study.modalities) bag.add(exactToken('m', modality));
  if (study.department !== '') bag.add(exactToken('d', study.department));
  // `z` keeps one run's last token from being the neighbour of the next run's first.
  return (
    [...sequences.filter((one) => one.length > 0).map((one) => one.join(' ')), ''].join(' z ') + [...bag].join(' ')
  );
}

/** Identifiers are compared by letters and digits: `2026-001` is found as `2026001`. */
export function idText(id: string): string {
  return stripText(normalizeText(id));
}

/** FTS5 expression for one typed word in names. undefined when there is nothing in it to search for. */
export function wordExpression(word: string): string | undefined {
  const pieces = wordPieces(word).map(({ text, dense }) => pieceExpression(text, dense));
  return pieces.length === 0 ? undefined : allOf(pieces);
}

/** FTS5 expression for an identifier that begins like this. undefined when it has no letter or digit. */
export function idExpression(kind: IdKind, beginning: string): string | undefined {
  const text = Array.from(idText(beginning)).slice(0, MAX_ID_START).join('');
  return text === '' ? undefined : quote(kind + text);
}

/** What {@link idExpression} finds: identifiers whose letters and digits begin like those typed. */
export function idBegins(id: string, beginning: string): boolean {
  const text = Array.from(idText(beginning)).slice(0, MAX_ID_START).join('');
  return text !== '' && idText(id).startsWith(text);
}

export function modalityExpression(modalities: readonly string[]): string {
  return anyOf(modalities.map((modality) => quote(exactToken('m', modality))));
}

export function departmentExpression(departments: readonly string[]): string {
  return anyOf(departments.map((department) => quote(exactToken('d', department))));
}

/**
 * Narrows to names that can match a pattern of `*` and `?` (one component group, normalised): never loses one, may find more.
 * undefined when the pattern has nothing an index can use.
 */
export function patternExpression(pattern: string): string | undefined {
  if (!isWildcard(pattern)) {
    const whole = stripText(pattern);
    return whole === '' ? undefined : quote(`e${whole}`);
  }
  const parts = new Set<string>();
  for (const [index, literal] of pattern.split(/[*?]+/).entries()) {
    const stripped = stripText(literal);
    const beginning = index === 0 ? Array.from(stripped).slice(0, MAX_GROUP_START).join('') : '';
    if (beginning !== '') parts.add(quote(`a${beginning}`));
    // The beginning says more than its parts do.
    if (beginning === stripped) continue;
    for (const run of scriptRuns(stripped)) {
      const length = Array.from(run.text).length;
      if (run.dense || length > 1) parts.add(infixExpression(run.text, run.dense));
    }
  }
  return parts.size === 0 ? undefined : allOf([...parts]);
}

/** Narrows to studies whose patient's name can match; undefined when every study must be looked at. */
export function nameExpression(names: readonly NameKey[]): string | undefined {
  const alternatives: string[] = [];
  for (const { groups, words } of names) {
    const parts = groups.map(patternExpression).filter((part) => part !== undefined);
    if (parts.length === 0) return undefined;
    alternatives.push(allOf(parts));
    const expressions = words?.map(wordExpression) ?? [];
    if (expressions.length > 0 && expressions.every((one) => one !== undefined)) alternatives.push(allOf(expressions));
  }
  return alternatives.length === 0 ? undefined : anyOf([...new Set(alternatives)]);
}

export function allOf(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] ?? '') : `(${expressions.join(' AND ')})`;
}

export function anyOf(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] ?? '') : `(${expressions.join(' OR ')})`;
}

/** A piece of a typed word: anywhere in a name, or as a beginning of pinyin or initials. */
function pieceExpression(text: string, dense: boolean): string {
  const length = Array.from(text).length;
  const anywhere = infixExpression(text, dense);
  if (dense || length <= MAX_LETTERS) return anywhere;
  return anyOf([`${quote(`f${text}`)} *`, anywhere]);
}

function infixExpression(text: string, dense: boolean): string {
  const characters = Array.from(text);
  const size = dense ? 1 : MAX_LETTERS;
  if (characters.length <= size) return quote(`n${text}`);
  return phrase(dense ? 'b' : 'q', grams(characters, size + 1));
}

function phrase(kind: string, tokens: readonly string[]): string {
  return quote(tokens.map((token) => kind + token).join(' '));
}

function quote(text: string): string {
  return `"${text}"`;
}

function exactToken(kind: 'm' | 'd', value: string): string {
  return kind + Buffer.from(value).toString('hex');
}

function addBeginnings(into: Set<string>, kind: string, text: string, longest: number): void {
  let beginning = kind;
  let length = 0;
  for (const character of text) {
    if (length++ === longest) return;
    beginning += character;
    into.add(beginning);
  }
}

function grams(characters: readonly string[], size: number): string[] {
  const found: string[] = [];
  for (let index = 0; index + size <= characters.length; index++)
    found.push(characters.slice(index, index + size).join(''));
  return found;
}
