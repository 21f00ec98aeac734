import { LRUCache } from 'lru-cache';
import { pinyin, polyphonic } from 'pinyin-pro';

/** Scripts written without spaces: one character is worth searching for. */
const DENSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;
const HAN = /\p{Script=Han}/u;
const PLAIN = /^[\x20-\x7e\u3400-\u9fff]*$/;
const MAX_READINGS = 8;

/** What a person's name can be found by. Made once per name. */
export interface NameForms {
  /** Component groups, normalised, components still divided by `^`. */
  readonly groups: readonly string[];
  /** Component groups without anything but letters and digits. */
  readonly stripped: readonly string[];
  /** Pinyin from each syllable on, and initials from each word or syllable on: a search may begin like one of them. */
  readonly starts: readonly string[];
  /** What names are sorted by: pinyin of Chinese ones, letters of the others. */
  readonly sortKey: string;
}

/** Lower case, half width, without accents: what counts as the same letter in names. @dicom PS3.4 C.2.2.2.1 */
export function normalizeText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replace(/\s/g, ' ');
}

/** Letters and digits alone. */
export function stripText(normalized: string): string {
  return normalized.replace(/[^\p{L}\p{N}]/gu, '');
}

/** Component groups of a PN, normalised: spaces collapsed, empty components at the end dropped. @dicom PS3.5 6.2.1 */
export function nameGroups(name: string): string[] {
  return normalizeText(name)
    .split('=')
    .map((group) =>
      group
        .replace(/ {2,}/g, ' ')
        .replace(/ ?\^ ?/g, '^')
        .replace(/[\^ ]+$/, '')
        .trimStart(),
    );
}

/** Runs of one kind of script. */
export function scriptRuns(stripped: string): { text: string; dense: boolean }[] {
  const runs: { text: string; dense: boolean }[] = [];
  for (const character of stripped) {
    const dense = DENSE.test(character);
    const last = runs.at(-1);
    if (last?.dense === dense) last.text += character;
    else runs.push({ text: character, dense });
  }
  return runs;
}

const cache = new LRUCache<string, NameForms>({ max: 4000 });

export function nameForms(name: string): NameForms {
  let forms = cache.get(name);
  if (forms === undefined) {
    forms = makeForms(name);
    cache.set(name, forms);
  }
  return forms;
}

function makeForms(name: string): NameForms {
  const groups = nameGroups(name).filter((group) => group !== '');
  const starts = new Set<string>();
  let sortKey: string | undefined;
  for (const group of groups) {
    const words = group.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && !DENSE.test(word));
    addSuffixes(
      starts,
      words.map((word) => Array.from(word)[0] ?? ''),
    );
    const found = readings(group);
    if (found[0]) sortKey ??= `${found[0].join('')} ${group.replace(/\^+/g, '')}`;
    for (const reading of found) {
      addSuffixes(starts, reading);
      addSuffixes(
        starts,
        reading.map((syllable) => syllable.slice(0, 1)),
      );
    }
  }
  sortKey ??= (groups[0] ?? '').replace(/\^+/g, ' ');
  return { groups, stripped: groups.map(stripText).filter((group) => group !== ''), starts: [...starts], sortKey };
}

function addSuffixes(into: Set<string>, parts: readonly string[]): void {
  for (let index = parts.length - 1, suffix = ''; index >= 0; index--) {
    suffix = parts[index] + suffix;
    into.add(suffix);
  }
}

/**
 * Syllables of a Chinese name, without tones: first as a name is read (surnames such as 单 shan, 仇 qiu, 解 xie, 曾 zeng), then the
 * other readings of its characters. `ü` is found as `v`, as `u` and as `yu`.
 */
function readings(group: string): string[][] {
  const characters = Array.from(group).filter((character) => HAN.test(character));
  if (characters.length === 0) return [];
  const head = surnameReading(characters.slice(0, 2).join(''));
  let found: string[][] = [[]];
  for (const [index, character] of characters.entries()) {
    const first = head[index];
    const choices = new Set([...(first === undefined ? [] : spellings(first)), ...characterReadings(character)]);
    const next: string[][] = [];
    // The likelier reading first for every character, so that the limit cuts off the rarest.
    for (const choice of choices) for (const before of found) next.push([...before, choice]);
    if (next.length > 0) found = next.slice(0, MAX_READINGS);
  }
  return found;
}

const surnameReadings = new LRUCache<string, string[]>({ max: 20_000 });
const readingsOfCharacters = new LRUCache<string, string[]>({ max: 20_000 });

/** How the first two characters are read as the head of a name; both, for surnames of two such as 尉迟. */
function surnameReading(twoCharacters: string): string[] {
  let reading = surnameReadings.get(twoCharacters);
  if (reading === undefined) {
    reading = pinyin(twoCharacters, { surname: 'head', toneType: 'none', type: 'array' });
    surnameReadings.set(twoCharacters, reading);
  }
  return reading;
}

function characterReadings(character: string): string[] {
  let found = readingsOfCharacters.get(character);
  if (found === undefined) {
    found = (polyphonic(character, { toneType: 'none', type: 'array' })[0] ?? []).flatMap(spellings);
    readingsOfCharacters.set(character, found);
  }
  return found;
}

function spellings(syllable: string): string[] {
  const plain = syllable.toLowerCase();
  if (!plain.includes('ü')) return [plain.replace(/[^a-z]/g, '')].filter((one) => one !== '');
  return ['v', 'u', 'yu'].map((vowel) => plain.replace('ü', vowel));
}

/** The parts of one typed word, each of which a name must hold. */
export function wordPieces(word: string): { text: string; dense: boolean }[] {
  return scriptRuns(stripText(normalizeText(word)));
}

/**
 * Whether a name has the word: Chinese characters anywhere, letters anywhere (one letter alone: as an initial), and the beginning of
 * pinyin or initials from any syllable on.
 */
export function nameHasWord(forms: NameForms, word: string): boolean {
  const pieces = wordPieces(word);
  return pieces.length > 0 && pieces.every((piece) => hasPiece(forms, piece.text, piece.dense));
}

function hasPiece(forms: NameForms, text: string, dense: boolean): boolean {
  if (dense) return forms.stripped.some((group) => group.includes(text));
  if (forms.starts.some((start) => start.startsWith(text))) return true;
  return text.length > 1 && forms.stripped.some((group) => group.includes(text));
}

/** What someone typed into a search field, as words. */
export function searchWords(text: string): string[] {
  return text
    .split(/[\s^=,，、;；*?]+/u)
    .filter((word) => word !== '')
    .slice(0, 12);
}
