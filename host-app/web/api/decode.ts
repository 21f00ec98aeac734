/** Defensive readers: what comes over the wire is never trusted to have its type. */
export type Wire = Record<string, unknown>;

export function record(value: unknown): Wire {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Wire) : {};
}

export function str(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function num(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function optionalNum(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function bool(value: unknown): boolean {
  return value === true;
}

export function list<T>(value: unknown, read: (item: unknown) => T): T[] {
  return Array.isArray(value) ? value.map(read) : [];
}

export function strings(value: unknown): string[] {
  return list(value, str).filter((item) => item !== '');
}

export function counts(value: unknown): Record<string, number> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, count]) => [key, num(count)]));
}

/** One of `allowed`, or the first of them. */
export function oneOf<const T extends string>(value: unknown, allowed: readonly [T, ...T[]]): T {
  return allowed.find((candidate) => candidate === value) ?? allowed[0];
}

/** A title in both languages; a plain string serves for both. */
export interface LocalizedText {
  'zh-CN': string;
  en: string;
}

export function localized(value: unknown): LocalizedText {
  if (typeof value === 'string') return { 'zh-CN': value, en: value };
  const item = record(value);
  const en = str(item['en']);
  return { 'zh-CN': str(item['zh-CN']) || en, en: en || str(item['zh-CN']) };
}
