/**
 * Attribute matching, in one place: what a key means and whether a stored value matches it. SQL only narrows; this decides.
 * @dicom PS3.4 C.2.2.2
 */
import { isPersonName } from '../dicom/dataset.ts';
import { keywordOf, vrOf } from '../dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue } from '../dicom/types.ts';
import { isAcceptableUid } from '../dicom/uids.ts';
import { FilmlessError } from '../errors.ts';
import { type Interval, overlaps, parseDate, parseDateTime, parseRange, parseTime } from './date-time.ts';
import { matchesName, type NameKey, parseNameKey } from './name-matching.ts';
import { isWildcard, matchesWildcard } from './wildcard.ts';

export type MatchingKey =
  /** Matches everything, a missing value too. @dicom PS3.4 C.2.2.2.3 */
  | { readonly kind: 'universal' }
  /** One of these, in the canonical form of the VR. Lists are the standard's for UI; for other VRs our choice. @dicom PS3.4 C.2.2.2.1, C.2.2.2.2 */
  | { readonly kind: 'values'; readonly values: readonly string[] }
  /** @dicom PS3.4 C.2.2.2.4 */
  | { readonly kind: 'wildcard'; readonly patterns: readonly string[] }
  /** DA, TM and DT, single values too. @dicom PS3.4 C.2.2.2.5 */
  | { readonly kind: 'ranges'; readonly ranges: readonly Interval[] }
  | { readonly kind: 'name'; readonly names: readonly NameKey[] }
  /** @dicom PS3.4 C.2.2.2.6 */
  | { readonly kind: 'sequence'; readonly item: ReadonlyMap<string, { vr: string; key: MatchingKey }> };

const UNIVERSAL: MatchingKey = { kind: 'universal' };
const WILDCARD_VRS: ReadonlySet<string> = new Set(['AE', 'CS', 'LO', 'LT', 'SH', 'ST', 'UC', 'UR', 'UT']);
const ONE_VALUE_VRS: ReadonlySet<string> = new Set(['LT', 'ST', 'UT', 'UR']);
const NUMBER_VRS: ReadonlySet<string> = new Set(['IS', 'DS', 'US', 'SS', 'UL', 'SL', 'UV', 'SV', 'FL', 'FD']);
const MAX_SEQUENCE_DEPTH = 4;

/** Reads a key. `vr` is the attribute's own, whatever the peer says. Throws QUERY_INVALID_KEY. */
export function parseKey(tag: string, vr: string, key: DicomJsonElement, fuzzyMatching = false): MatchingKey {
  return parse(tag, vr, key, fuzzyMatching, 0);
}

function parse(tag: string, vr: string, key: DicomJsonElement, fuzzy: boolean, depth: number): MatchingKey {
  const values = key.Value ?? [];
  if (vr === 'SQ') return parseSequence(tag, values, fuzzy, depth);
  if (vr === 'PN') {
    const names = values.map(textOf).filter((text) => !isUniversal(text));
    return names.length < values.length || names.length === 0
      ? UNIVERSAL
      : { kind: 'name', names: names.map((name) => parseNameKey(name, fuzzy)) };
  }
  const texts = ONE_VALUE_VRS.has(vr) ? values.map(textOf) : values.flatMap((value) => textOf(value).split('\\'));
  const trimmed = texts.map((text) => text.trim());
  if (trimmed.length === 0 || trimmed.some(isUniversal)) {
    // An empty value among others is padding of a list, not universal matching.
    const given = trimmed.filter((text) => text !== '');
    if (given.length === 0 || given.some(isUniversal)) return UNIVERSAL;
    return parseTexts(tag, vr, given);
  }
  return parseTexts(tag, vr, trimmed);
}

function parseTexts(tag: string, vr: string, texts: readonly string[]): MatchingKey {
  if (vr === 'DA' || vr === 'TM' || vr === 'DT') {
    return {
      kind: 'ranges',
      ranges: texts.map((text) => parseRange(vr, text) ?? invalid(tag, `no ${vr} value or range`)),
    };
  }
  if (vr === 'UI') {
    if (!texts.every(isAcceptableUid)) invalid(tag, 'no UID');
    return { kind: 'values', values: texts };
  }
  if (NUMBER_VRS.has(vr)) {
    return {
      kind: 'values',
      values: texts.map((text) => (Number.isFinite(Number(text)) ? canonical(vr, text) : invalid(tag, 'no number'))),
    };
  }
  if (vr !== 'AS' && !WILDCARD_VRS.has(vr)) return UNIVERSAL;
  const values = texts.map((text) => canonical(vr, text));
  if (vr !== 'AS' && values.some(isWildcard)) return { kind: 'wildcard', patterns: values };
  return { kind: 'values', values };
}

function parseSequence(tag: string, values: readonly DicomJsonValue[], fuzzy: boolean, depth: number): MatchingKey {
  const items = values.filter(
    (value): value is DicomJson => typeof value === 'object' && value !== null && !isPersonName(value),
  );
  if (items.length === 0) return UNIVERSAL;
  if (items.length > 1) invalid(tag, 'a sequence key has one item');
  if (depth >= MAX_SEQUENCE_DEPTH) invalid(tag, 'nested too deep');
  const item = new Map<string, { vr: string; key: MatchingKey }>();
  for (const [innerTag, element] of Object.entries(items[0] ?? {})) {
    const vr = vrOf(innerTag) === 'UN' ? element.vr : vrOf(innerTag);
    const key = parse(innerTag, vr, element, fuzzy, depth + 1);
    if (key.kind !== 'universal') item.set(innerTag, { vr, key });
  }
  return item.size === 0 ? UNIVERSAL : { kind: 'sequence', item };
}

/**
 * Whether a stored value matches. Stored values are text: several divided by `\`, names as `Alphabetic=Ideographic=Phonetic`,
 * sequences as their items in DICOM JSON, nothing as ''.
 */
export function matchesKey(vr: string, key: MatchingKey, stored: string): boolean {
  switch (key.kind) {
    case 'universal':
      return true;
    case 'name':
      return (
        stored !== '' && storedValues(vr, stored).some((value) => key.names.some((name) => matchesName(name, value)))
      );
    case 'sequence':
      return stored !== '' && (JSON.parse(stored) as DicomJson[]).some((item) => matchesItem(key.item, item));
    case 'ranges':
      return storedValues(vr, stored).some((value) => {
        const moment = momentOf(vr, value);
        return moment !== undefined && key.ranges.some((range) => overlaps(range, moment));
      });
    case 'values':
      return stored !== '' && storedValues(vr, stored).some((value) => key.values.includes(canonical(vr, value)));
    case 'wildcard':
      return (
        stored !== '' &&
        storedValues(vr, stored).some((value) => {
          const text = canonical(vr, value);
          return key.patterns.some((pattern) => matchesWildcard(pattern, text));
        })
      );
  }
}

function matchesItem(keys: ReadonlyMap<string, { vr: string; key: MatchingKey }>, item: DicomJson): boolean {
  for (const [tag, { vr, key }] of keys) if (!matchesKey(vr, key, storedText(vr, item[tag]))) return false;
  return true;
}

/**
 * A date and a time key as one: every moment from the first date's first time to the last date's last time.
 * A stored date without a time is the whole day.
 * @dicom PS3.4 C.2.2.2.5.4
 */
export function matchesDateTime(date: MatchingKey, time: MatchingKey, storedDate: string, storedTime: string): boolean {
  if (date.kind !== 'ranges' || time.kind !== 'ranges') {
    return matchesKey('DA', date, storedDate) && matchesKey('TM', time, storedTime);
  }
  const day = parseDate(storedDate);
  if (day === undefined) return false;
  const moment = parseTime(storedTime) ?? { from: '', to: '' };
  const stored = { from: day + (moment.from || '000000000000'), to: day + (moment.to || '235959999999') };
  return date.ranges.some((dates) => time.ranges.some((times) => overlaps(combine(dates, times), stored)));
}

function combine(dates: Interval, times: Interval): Interval {
  return {
    from: dates.from === '' ? '' : dates.from + (times.from || '000000000000'),
    to: dates.to === '' ? '' : dates.to + (times.to || '235959999999'),
  };
}

/** A DICOM JSON element as the text that {@link matchesKey} reads. */
export function storedText(vr: string, element: DicomJsonElement | undefined): string {
  const values = element?.Value;
  if (values === undefined || values.length === 0) return '';
  if (vr === 'SQ') return JSON.stringify(values.filter((value) => typeof value === 'object' && value !== null));
  if (values.length === 1) return textOf(values[0] ?? null).trim();
  return values.map((value) => textOf(value).trim()).join('\\');
}

/** A value as text; names by groups. */
function textOf(value: DicomJsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value === null || !isPersonName(value)) return '';
  const groups = [value.Alphabetic, value.Ideographic, value.Phonetic].map((group) => (group ?? '').trim());
  return groups.join('=').replace(/=+$/, '');
}

function storedValues(vr: string, stored: string): string[] {
  return stored.includes('\\') && !ONE_VALUE_VRS.has(vr) ? stored.split('\\') : [stored];
}

function momentOf(vr: string, value: string): Interval | undefined {
  if (vr === 'DT') return parseDateTime(value);
  if (vr === 'DA') {
    const date = parseDate(value);
    return date === undefined ? undefined : { from: date, to: date };
  }
  const time = parseTime(value);
  // A stored time is a moment, not the interval its precision leaves open.
  return time === undefined ? undefined : { from: time.from, to: time.from };
}

/** Equal values become equal text: numbers by value, CS in upper case. */
function canonical(vr: string, text: string): string {
  if (vr === 'CS') return text.trim().toUpperCase();
  if (!NUMBER_VRS.has(vr)) return text.trim();
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? String(number) : text.trim();
}

function isUniversal(text: string): boolean {
  return /^\**$/.test(text.trim());
}

function invalid(tag: string, why: string): never {
  throw new FilmlessError('QUERY_INVALID_KEY', `${keywordOf(tag) ?? tag}: ${why}`);
}
