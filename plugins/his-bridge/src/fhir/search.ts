import type { HttpRequest } from '@filmless/core/plugin';
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { type DateCriterion, parseDate } from './dates.ts';
import { FhirError, outcome } from './outcome.ts';

const MAX_FORM_BYTES = 64 * 1024;
const MAX_COUNT = 100;
const DEFAULT_COUNT = 20;
const MAX_OFFSET = 1_000_000;
/** More candidates than this are not gone through for one search: the client has to say more. */
export const MOST_CANDIDATES = 5_000;
const CONTROL = ['_count', '_offset', '_format', '_pretty', '_summary', '_total'] as const;

/** What a client searches for. */
export class Search {
  readonly parameters: URLSearchParams;
  readonly count: number;
  readonly offset: number;
  /** Given, but not among those that are known: left out, and told. */
  readonly ignored: readonly string[];
  /** Numbers alone. */
  readonly countOnly: boolean;

  private constructor(parameters: URLSearchParams, known: readonly string[], strict: boolean) {
    const allowed = new Set<string>([...known, ...CONTROL]);
    this.ignored = [...new Set(parameters.keys())].filter((name) => !allowed.has(name));
    if (strict && this.ignored.length > 0)
      throw new FhirError(400, 'not-supported', 'one or more search parameters are not supported; see /fhir/metadata');
    this.parameters = new URLSearchParams([...parameters].filter(([name]) => allowed.has(name)));
    const count = whole('_count', this.parameters.get('_count'), DEFAULT_COUNT);
    const summary = this.parameters.get('_summary') ?? 'false';
    if (summary !== 'false' && summary !== 'count')
      throw new FhirError(400, 'not-supported', '_summary: count and false are supported');
    this.countOnly = count === 0 || summary === 'count';
    this.count = Math.min(count, MAX_COUNT);
    this.offset = Math.min(whole('_offset', this.parameters.get('_offset'), 0), MAX_OFFSET);
  }

  /** From the query, and of a `_search` from the form too. @throws FhirError */
  static async of(request: HttpRequest, known: readonly string[]): Promise<Search> {
    const parameters = new URLSearchParams(request.query);
    if (request.method === 'POST') for (const [name, value] of await readForm(request)) parameters.append(name, value);
    const strict = /(?:^|[,;\s])handling=strict(?:$|[,;\s])/.test(request.headers['prefer'] ?? '');
    return new Search(parameters, known, strict);
  }

  /** The values of a parameter: given several times all must fit, each a list of which one must. */
  all(name: string): string[][] {
    return this.parameters
      .getAll(name)
      .filter((value) => value !== '')
      .map((value) => value.split(/(?<!\\),/).map((one) => one.replaceAll(/\\([\\,$|])/g, '$1')));
  }

  dates(name: string): DateCriterion[][] {
    return this.all(name).map((values) => values.map((value) => parseDate(name, value)));
  }

  has(...names: readonly string[]): boolean {
    return names.some((name) => this.parameters.getAll(name).some((value) => value !== ''));
  }
}

/** `system|code`; without `|` any system. */
export interface Token {
  system: string | undefined;
  value: string;
}

export function token(text: string): Token {
  const bar = text.indexOf('|');
  return bar < 0 ? { system: undefined, value: text } : { system: text.slice(0, bar), value: text.slice(bar + 1) };
}

export const matchesToken = ({ system, value }: Token, of: { system?: string; value?: string }): boolean =>
  (system === undefined || system === (of.system ?? '')) && (value === '' || value === of.value);

/** The id a reference leads to here: `Type/id`, `id`, or the whole address; undefined for one of another server or type. */
export function referencedId(text: string, type: string, base: string): string | undefined {
  const local = text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text;
  const parts = local.split('/');
  if (parts.length === 1) return parts[0] || undefined;
  return parts.length === 2 && parts[0] === type ? parts[1] : undefined;
}

/** One page as a Bundle. Links name the parameters that were used. */
export function searchset(
  base: string,
  type: string,
  search: Search,
  found: { total: number; resources: readonly Resource[] },
): Bundle {
  const { total } = found;
  const link = (relation: string, offset: number) => {
    const parameters = new URLSearchParams(search.parameters);
    parameters.delete('_offset');
    if (offset > 0) parameters.set('_offset', String(offset));
    const query = parameters.toString();
    return { relation, url: `${base}/${type}${query === '' ? '' : `?${query}`}` };
  };
  const { count, offset, countOnly } = search;
  const links = [link('self', offset)];
  if (!countOnly) {
    links.push(link('first', 0));
    if (offset > 0) links.push(link('previous', Math.max(0, offset - count)));
    if (offset + count < total) links.push(link('next', offset + count));
    if (total > 0) links.push(link('last', Math.floor((total - 1) / count) * count));
  }
  const entry: BundleEntry[] = countOnly
    ? []
    : found.resources.map((resource) => ({
        fullUrl: `${base}/${type}/${resource.id}`,
        resource,
        search: { mode: 'match' },
      }));
  if (search.ignored.length > 0) {
    const resource = outcome(
      'warning',
      'not-supported',
      'search parameters that are not supported were left out; see /fhir/metadata',
    );
    entry.push({ resource, search: { mode: 'outcome' } });
  }
  return { resourceType: 'Bundle', type: 'searchset', total, link: links, ...(entry.length > 0 ? { entry } : {}) };
}

/** The page of a list that is held whole. */
export const pageOf = <T>(all: readonly T[], { countOnly, offset, count }: Search): readonly T[] =>
  countOnly ? [] : all.slice(offset, offset + count);

export const tooCostly = (diagnostics: string): FhirError => new FhirError(403, 'too-costly', diagnostics);

function whole(name: string, text: string | null, otherwise: number): number {
  if (text === null || text === '') return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new FhirError(400, 'value', `${name}: a whole number`);
  return Number(text);
}

async function readForm(request: HttpRequest): Promise<URLSearchParams> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/x-www-form-urlencoded' && type !== '')
    throw new FhirError(415, 'not-supported', 'send application/x-www-form-urlencoded');
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.stream() as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_FORM_BYTES) throw new FhirError(413, 'too-long', `${MAX_FORM_BYTES} bytes at most`);
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
