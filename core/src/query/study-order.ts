/**
 * The row id of a study says when it was made, so that the newest studies are the last rows of every index:
 * 16 bits day (0 = no date), 17 bits second of the day (0 = no time), 20 bits told from the UIDs.
 */
import { parseDate, parseTime } from './date-time.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(1900, 0, 1) / DAY_MS;
const LAST_DAY = 2 ** 16 - 1;
const PER_SECOND = 2 ** 20;
const PER_DAY = 2 ** 37;

/** The ids of one moment; a study takes the first free one from `preferred` on, round the block. */
export interface StudyOrder {
  readonly first: number;
  readonly size: number;
  readonly preferred: number;
}

export function studyOrder(StudyDate: string, StudyTime: string, identity: string): StudyOrder {
  const date = parseDate(StudyDate);
  const hash = hash53(identity);
  if (date === undefined) return { first: 0, size: PER_DAY, preferred: hash % PER_DAY };
  const first = dayNumber(date) * PER_DAY + secondNumber(parseTime(StudyTime)?.from) * PER_SECOND;
  return { first, size: PER_SECOND, preferred: first + (hash % PER_SECOND) };
}

/** Ids of all studies from one date to another, both `YYYYMMDD` and inclusive, '' = open. Studies without a date are outside. */
export function studyOrderRange(from: string, to: string): { lowest: number; highest: number } {
  return {
    lowest: (from === '' ? 1 : dayNumber(from)) * PER_DAY,
    highest: ((to === '' ? LAST_DAY : dayNumber(to)) + 1) * PER_DAY - 1,
  };
}

/** Days outside 1900 to 2079 count as the nearest inside. */
function dayNumber(date: string): number {
  if (date < '19000101') return 1;
  const day = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8))) / DAY_MS;
  return Math.min(LAST_DAY, day - FIRST_DAY + 1);
}

function secondNumber(time: string | undefined): number {
  if (time === undefined) return 0;
  return 1 + Number(time.slice(0, 2)) * 3600 + Number(time.slice(2, 4)) * 60 + Number(time.slice(4, 6));
}

/** cyrb53 (public domain): spreads evenly, the same on every machine. */
function hash53(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}
