import {
  type DicomJson,
  type DicomJsonElement,
  type DicomJsonValue,
  FilmlessError,
  findTag,
  parsePersonName,
  vrOf,
} from '@filmless/core/plugin';

/** What a QIDO-RS client asks for. @dicom PS3.18 8.3.4 */
export interface SearchParameters {
  keys: Record<string, DicomJsonElement>;
  include: 'all' | string[];
  fuzzyMatching: boolean;
  /** Undefined when the client set none. */
  limit: number | undefined;
  offset: number;
}

/** Not matching keys. `_` is what some libraries add to get past caches. */
const OTHER_PARAMETERS = new Set(['limit', 'offset', 'includefield', 'fuzzymatching', 'accept', 'charset', '_']);

const NUMERIC_VRS = new Set(['US', 'UL', 'SS', 'SL', 'FL', 'FD', 'IS', 'DS', 'SV', 'UV']);
const MAX_SEQUENCE_DEPTH = 8;

/** QUERY_INVALID_KEY names the attribute, never its value. @dicom PS3.18 8.3.4 */
export function parseSearchParameters(query: URLSearchParams): SearchParameters {
  const keys: Record<string, DicomJsonElement> = {};
  const include = new Set<string>();
  let all = false;
  for (const [name, value] of query) {
    if (name === 'includefield') {
      for (const field of value.split(',').map((part) => part.trim())) {
        if (field === 'all') all = true;
        else if (field !== '') include.add(pathOf(field)[0]!);
      }
    } else if (!OTHER_PARAMETERS.has(name)) {
      addKey(keys, pathOf(name), value);
    }
  }
  return {
    keys,
    include: all ? 'all' : [...include],
    fuzzyMatching: parseBoolean(query.get('fuzzymatching')),
    limit: parseCount('limit', query.get('limit')),
    offset: parseCount('offset', query.get('offset')) ?? 0,
  };
}

/** `RequestAttributesSequence.RequestedProcedureID` or `00400275.00401001` as tags. @dicom PS3.18 8.3.4.1 */
function pathOf(attribute: string): string[] {
  const parts = attribute.split('.');
  if (parts.length > MAX_SEQUENCE_DEPTH) throw new FilmlessError('QUERY_INVALID_KEY', 'too many sequences in one key');
  return parts.map((part) => {
    const tag = findTag(part);
    // A name of the dictionary is no patient data; anything else is not repeated.
    if (tag === undefined)
      throw new FilmlessError(
        'QUERY_INVALID_KEY',
        /^[A-Za-z0-9]{1,64}$/.test(part) ? `no attribute ${part}` : 'an attribute is neither a keyword nor a tag',
      );
    return tag;
  });
}

function addKey(dataset: DicomJson, path: readonly string[], value: string): void {
  const [tag, ...rest] = path;
  if (tag === undefined) return;
  if (rest.length === 0) {
    dataset[tag] = matchingElement(tag, value);
    return;
  }
  const sequence = dataset[tag] ?? { vr: 'SQ', Value: [{}] };
  dataset[tag] = sequence;
  if (sequence.vr !== 'SQ') throw new FilmlessError('QUERY_INVALID_KEY', `${tag} is no sequence`);
  sequence.Value ??= [{}];
  const item = sequence.Value[0];
  if (!isDataset(item)) throw new FilmlessError('QUERY_INVALID_KEY', `${tag} is no sequence`);
  addKey(item, rest, value);
}

function matchingElement(tag: string, text: string): DicomJsonElement {
  const vr = vrOf(tag);
  if (vr === 'SQ') {
    if (text !== '') throw new FilmlessError('QUERY_INVALID_KEY', `${tag} is a sequence and takes no value`);
    return { vr };
  }
  if (text === '') return { vr };
  // Lists of UIDs come separated by commas or by the backslash of DICOM.
  const parts = vr === 'UI' ? text.split(/[,\\]/).filter((part) => part !== '') : [text];
  return { vr, Value: parts.map((part) => matchingValue(vr, part)) };
}

function matchingValue(vr: string, text: string): DicomJsonValue {
  if (vr === 'PN') return { ...parsePersonName(text) };
  if (NUMERIC_VRS.has(vr)) {
    const number = Number(text);
    if (text.trim() !== '' && Number.isFinite(number)) return number;
  }
  return text;
}

function parseBoolean(text: string | null): boolean {
  if (text === null) return false;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new FilmlessError('INVALID_REQUEST', 'fuzzymatching is true or false');
}

function parseCount(name: string, text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new FilmlessError('INVALID_REQUEST', `${name} is a whole number from 0`);
  return Number(text);
}

function isDataset(value: DicomJsonValue | undefined): value is DicomJson {
  return typeof value === 'object' && value !== null && !('Alphabetic' in value);
}
