import { vrOf } from '../dicom/dictionary.ts';
import type { DicomJsonElement } from '../dicom/types.ts';
import { FilmlessError } from '../errors.ts';
import { DATE_TIME_PAIRS } from './attributes.ts';
import type { QueryLevel, QueryRequest } from './contract.ts';
import { type MatchingKey, matchesDateTime, matchesKey, parseKey } from './matching.ts';
import {
  IF_KNOWN,
  isWithin,
  QUERY_FIELDS,
  type QueryField,
  requiredTags,
  SERIES_KEYS_OF_STUDIES,
  UNIQUE_KEYS,
} from './query-fields.ts';
import { scopeCondition } from './scope.ts';
import type { RowTest } from './statements.ts';

export interface ParsedQuery {
  readonly level: QueryLevel;
  /** Keys that narrow, by tag. */
  readonly keys: ReadonlyMap<string, MatchingKey>;
  readonly conditions: readonly { readonly sql: readonly [first: string, second: string]; readonly test: RowTest }[];
  /** Attributes to answer: `asked` ones with no value if there is none. */
  readonly answers: ReadonlyMap<string, 'asked' | 'if-known'>;
  /** The index doesn't know everything asked for: the record does. */
  readonly needsRecord: boolean;
  /** What to call an attribute that only the request knows. */
  readonly vrs: ReadonlyMap<string, string>;
  readonly all: boolean;
  readonly limit: number;
  readonly offset: number;
}

const LEVELS: readonly string[] = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'];
const QUERY_RETRIEVE_LEVEL = '00080052';
const TIMEZONE_OFFSET_FROM_UTC = '00080201';
/** Say how to read the request; never matched, and answered by whoever encodes the response. @dicom PS3.4 C.2.2.2 */
const NOT_KEYS: ReadonlySet<string> = new Set([QUERY_RETRIEVE_LEVEL, '00080005', '00080054', '00080056', '00081190']);

/** Checks a request and reads its keys. Throws QUERY_LEVEL_INVALID, QUERY_INVALID_KEY, INVALID_REQUEST. */
export function parseQuery(request: QueryRequest): ParsedQuery {
  const { level } = request;
  if (!LEVELS.includes(level))
    throw new FilmlessError('QUERY_LEVEL_INVALID', 'the levels are PATIENT, STUDY, SERIES and IMAGE');
  const keys = new Map<string, MatchingKey>();
  const vrs = new Map<string, string>();
  const answers = new Map<string, 'asked' | 'if-known'>();
  for (const [tag, element] of Object.entries(request.keys)) {
    if (!isTag(tag)) throw new FilmlessError('QUERY_INVALID_KEY', 'tags are 8 upper-case hexadecimal digits');
    if (tag === QUERY_RETRIEVE_LEVEL) checkStatedLevel(level, element);
    if (NOT_KEYS.has(tag) || tag.endsWith('0000')) continue;
    answers.set(tag, 'asked');
    vrs.set(tag, element.vr);
    const key = readKey(level, tag, element, request.fuzzyMatching === true);
    if (key !== undefined && key.kind !== 'universal') keys.set(tag, key);
  }
  for (const tag of requiredTags(level, isOne(keys.get('0020000D')), isOne(keys.get('0020000E'))))
    answers.set(tag, 'asked');
  const all = request.include === 'all';
  for (const tag of request.include === 'all' ? [] : request.include) {
    if (!isTag(tag)) throw new FilmlessError('QUERY_INVALID_KEY', 'tags are 8 upper-case hexadecimal digits');
    if (!NOT_KEYS.has(tag)) answers.set(tag, 'asked');
  }
  const known = all
    ? [...QUERY_FIELDS.values()].filter((field) => isWithin(field.level, level)).map((field) => field.tag)
    : IF_KNOWN[level];
  for (const tag of known) if (!answers.has(tag)) answers.set(tag, 'if-known');
  return {
    level,
    keys,
    conditions: conditionsOf(level, keys, request.combinedDateTime !== false, scopeCondition(request.scope, 'p')),
    answers,
    needsRecord: level === 'IMAGE' && (all || [...answers.keys()].some((tag) => !QUERY_FIELDS.has(tag))),
    vrs,
    all,
    limit: count(request.limit, 'limit'),
    offset: count(request.offset, 'offset'),
  };
}

export function vrOfAnswer(tag: string, vrs: ReadonlyMap<string, string>): string {
  const vr = QUERY_FIELDS.get(tag)?.vr ?? vrOf(tag);
  return vr === 'UN' ? (vrs.get(tag) ?? vr) : vr;
}

function readKey(level: QueryLevel, tag: string, element: DicomJsonElement, fuzzy: boolean): MatchingKey | undefined {
  const uniqueOf = UNIQUE_KEYS.get(tag);
  if (uniqueOf !== undefined && !isWithin(uniqueOf, level)) {
    if (parseKey(tag, 'UI', element).kind !== 'universal') {
      throw new FilmlessError(
        'QUERY_LEVEL_INVALID',
        `a unique key of level ${uniqueOf} has a value in a query of level ${level}`,
      );
    }
    return undefined;
  }
  // Says how times in the request are meant.
  if (tag === TIMEZONE_OFFSET_FROM_UTC) return undefined;
  const field = QUERY_FIELDS.get(tag);
  // An optional key that is not supported, or belongs below: answered with no value, and everything matches it. PS3.4 C.2.2.1.3
  if (field === undefined || !isMatchable(level, field)) return undefined;
  return parseKey(tag, field.vr, element, fuzzy);
}

function isMatchable(level: QueryLevel, field: QueryField): boolean {
  return isWithin(field.level, level) || (level === 'STUDY' && SERIES_KEYS_OF_STUDIES.has(field.tag));
}

function conditionsOf(
  level: QueryLevel,
  keys: ReadonlyMap<string, MatchingKey>,
  combined: boolean,
  scope: string,
): ParsedQuery['conditions'] {
  const sqlOf = (tag: string) => sqlOfKey(level, tag, scope);
  const conditions: { sql: readonly [string, string]; test: RowTest }[] = [];
  const done = new Set<string>();
  for (const [dateTag, timeTag] of combined ? DATE_TIME_PAIRS : []) {
    const date = keys.get(dateTag);
    const time = keys.get(timeTag);
    if (!date || !time) continue;
    done.add(dateTag).add(timeTag);
    conditions.push({
      sql: [sqlOf(dateTag), sqlOf(timeTag)],
      test: (day, moment) => matchesDateTime(date, time, day, moment),
    });
  }
  for (const [tag, key] of keys) {
    const vr = QUERY_FIELDS.get(tag)?.vr ?? 'UN';
    if (!done.has(tag)) conditions.push({ sql: [sqlOf(tag), `''`], test: (stored) => matchesKey(vr, key, stored) });
  }
  return conditions;
}

function sqlOfKey(level: QueryLevel, tag: string, scope: string): string {
  const field = QUERY_FIELDS.get(tag);
  if (field === undefined) throw new Error(`The index has no field ${tag}`);
  return isWithin(field.level, level) ? field.sql(scope) : (SERIES_KEYS_OF_STUDIES.get(tag) ?? `''`);
}

function checkStatedLevel(level: QueryLevel, element: DicomJsonElement): void {
  const stated = element.Value?.[0];
  if (stated !== undefined && stated !== null && stated !== level) {
    throw new FilmlessError('QUERY_LEVEL_INVALID', 'QueryRetrieveLevel is not the level asked for');
  }
}

function isTag(text: string): boolean {
  return /^[0-9A-F]{8}$/.test(text);
}

function isOne(key: MatchingKey | undefined): boolean {
  return key?.kind === 'values' && key.values.length === 1;
}

/** Rows to give or to skip; Infinity = all. */
export function count(value: number, name: string): number {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_SAFE_INTEGER;
  if (!Number.isSafeInteger(value) || value < 0)
    throw new FilmlessError('INVALID_REQUEST', `${name} is a whole number from 0 on`);
  return value;
}
