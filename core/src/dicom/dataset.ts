import { tagOf } from './dictionary.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue, PersonNameValue } from './types.ts';

/** An element with these values; none makes a zero-length element. */
export function element(vr: string, ...values: DicomJsonValue[]): DicomJsonElement {
  return values.length > 0 ? { vr, Value: values } : { vr };
}

/** All values as strings, empty ones as ''; names by {@link formatPersonName}. `[]` when absent or empty. */
export function strings(dataset: DicomJson, keyword: string): string[] {
  const values = dataset[tagOf(keyword)]?.Value;
  return values === undefined ? [] : values.map(toText);
}

/** First value as a string; undefined when absent or empty. */
export function firstString(dataset: DicomJson, keyword: string): string | undefined {
  const value = dataset[tagOf(keyword)]?.Value?.[0];
  if (value === undefined || value === null) return undefined;
  const text = toText(value);
  return text === '' ? undefined : text;
}

/** All values that are numbers. */
export function numbers(dataset: DicomJson, keyword: string): number[] {
  const values = dataset[tagOf(keyword)]?.Value ?? [];
  return values.filter((value) => typeof value === 'number');
}

/** First value when it is a number. */
export function firstNumber(dataset: DicomJson, keyword: string): number | undefined {
  const value = dataset[tagOf(keyword)]?.Value?.[0];
  return typeof value === 'number' ? value : undefined;
}

/** First value of a PN element; undefined when absent or empty. */
export function personName(dataset: DicomJson, keyword: string): PersonNameValue | undefined {
  const value = dataset[tagOf(keyword)]?.Value?.[0];
  if (value === undefined || value === null || typeof value !== 'object') return undefined;
  return isPersonName(value) ? value : undefined;
}

/** Items of a sequence; `[]` when absent. */
export function items(dataset: DicomJson, keyword: string): DicomJson[] {
  const found = dataset[tagOf(keyword)];
  if (found?.vr !== 'SQ') return [];
  return (found.Value ?? []).filter((value): value is DicomJson => typeof value === 'object' && value !== null);
}

/** `Alphabetic=Ideographic=Phonetic` without trailing empty groups. @dicom PS3.5 6.2.1 */
export function formatPersonName(name: PersonNameValue): string {
  return [name.Alphabetic ?? '', name.Ideographic ?? '', name.Phonetic ?? ''].join('=').replace(/=+$/, '');
}

/** The reverse of {@link formatPersonName}. More groups than three stay in the last. */
export function parsePersonName(text: string): PersonNameValue {
  const [alphabetic = '', ideographic = '', ...phonetic] = text.split('=');
  const name: PersonNameValue = {};
  if (alphabetic !== '') name.Alphabetic = alphabetic;
  if (ideographic !== '') name.Ideographic = ideographic;
  const rest = phonetic.join('=');
  if (rest !== '') name.Phonetic = rest;
  return name;
}

export function isPersonName(value: DicomJsonValue): value is PersonNameValue {
  if (typeof value !== 'object' || value === null) return false;
  return (
    typeof Reflect.get(value, 'Alphabetic') === 'string' ||
    typeof Reflect.get(value, 'Ideographic') === 'string' ||
    typeof Reflect.get(value, 'Phonetic') === 'string'
  );
}

function toText(value: DicomJsonValue): string {
  if (value === null) return '';
  if (typeof value === 'object') return isPersonName(value) ? formatPersonName(value) : '';
  return String(value);
}
