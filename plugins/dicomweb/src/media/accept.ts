import { FilmlessError } from '@filmless/core/plugin';

/**
 * One acceptable form of an answer, multipart unwrapped: `multipart/related; type="application/dicom"; transfer-syntax=*`
 * becomes `{ packaging: 'multipart', mediaType: 'application/dicom', transferSyntaxUID: '*' }`.
 * @dicom PS3.18 8.7
 */
export interface AcceptedMedia {
  packaging: 'multipart' | 'single' | 'any';
  /** Lower case, `*` allowed on either side of the slash. */
  mediaType: string;
  /** `*`, a UID, or undefined when the client did not say. */
  transferSyntaxUID: string | undefined;
  quality: number;
}

interface MediaRange {
  mediaType: string;
  parameters: ReadonlyMap<string, string>;
}

const ANYTHING: AcceptedMedia = { packaging: 'any', mediaType: '*/*', transferSyntaxUID: undefined, quality: 1 };

/** What the client takes, best first. The `accept` query parameter goes before the header. @dicom PS3.18 8.3.3.1, 8.7.5 */
export function acceptedMedia(request: {
  headers: Readonly<Record<string, string | undefined>>;
  query: URLSearchParams;
}): AcceptedMedia[] {
  // In a query string an unescaped + is a blank: `application/dicom+json` arrives as `application/dicom json`.
  const fromQuery = request.query
    .getAll('accept')
    .map((value) => value.replace(/\/dicom (json|xml)/g, '/dicom+$1'))
    .join(',');
  const stated = fromQuery.trim() || request.headers['accept']?.trim();
  if (!stated) return [ANYTHING];
  return splitUnquoted(stated, ',')
    .map((range) => parseRange(range))
    .filter((range): range is AcceptedMedia => range !== undefined && range.quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

/** True when `accepted` covers the concrete `mediaType`. */
export function covers(accepted: AcceptedMedia, mediaType: string): boolean {
  if (accepted.mediaType === '*/*' || accepted.mediaType === mediaType) return true;
  const [type, subtype] = accepted.mediaType.split('/');
  return subtype === '*' && type === mediaType.split('/')[0];
}

interface Offer {
  packaging: 'multipart' | 'single';
  mediaType: string;
}

/**
 * The first of `offers` among those the client likes best; NOT_ACCEPTABLE names what there is. Between what the client likes as much as another
 * the order of `offers` decides: browsers name formats first that take long to make.
 */
export function chooseMedia(accepted: readonly AcceptedMedia[], offers: readonly Offer[]): Offer {
  for (const quality of new Set(accepted.map((range) => range.quality))) {
    const equals = accepted.filter((range) => range.quality === quality);
    const fits = (offer: Offer) =>
      equals.some(
        (range) => covers(range, offer.mediaType) && (range.packaging === 'any' || range.packaging === offer.packaging),
      );
    const offer = offers.find(fits);
    if (offer) return offer;
  }
  throw notAcceptable(
    offers.map((o) => (o.packaging === 'multipart' ? `multipart/related; type="${o.mediaType}"` : o.mediaType)),
  );
}

export function notAcceptable(available: readonly string[]): FilmlessError {
  return new FilmlessError('NOT_ACCEPTABLE', `available: ${available.join(', ')}`);
}

/** `type/subtype; name=value; name="value"`, names in lower case. Undefined when it is no media type. */
export function parseMediaType(text: string): MediaRange | undefined {
  const [head, ...rest] = splitUnquoted(text, ';');
  const mediaType = head?.trim().toLowerCase() ?? '';
  if (mediaType !== '*' && !/^[\w.+*-]+\/[\w.+*-]+$/.test(mediaType)) return undefined;
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim().toLowerCase();
    const value = part.slice(equals + 1).trim();
    if (!parameters.has(name)) parameters.set(name, unquote(value));
  }
  // Java's HttpURLConnection sends a lone `*`.
  return { mediaType: mediaType === '*' ? '*/*' : mediaType, parameters };
}

function parseRange(text: string): AcceptedMedia | undefined {
  const range = parseMediaType(text);
  if (!range) return undefined;
  const quality = parseQuality(range.parameters.get('q'));
  if (range.mediaType === '*/*')
    return { ...ANYTHING, transferSyntaxUID: range.parameters.get('transfer-syntax'), quality };
  if (range.mediaType !== 'multipart/related' && range.mediaType !== 'multipart/*') {
    return {
      packaging: 'single',
      mediaType: range.mediaType,
      transferSyntaxUID: range.parameters.get('transfer-syntax'),
      quality,
    };
  }
  // Some clients put the inner type's parameters inside the quotes: type="application/dicom; transfer-syntax=*".
  const inner = parseMediaType(range.parameters.get('type') ?? '*/*');
  if (!inner) return undefined;
  const transferSyntaxUID = range.parameters.get('transfer-syntax') ?? inner.parameters.get('transfer-syntax');
  return { packaging: 'multipart', mediaType: inner.mediaType, transferSyntaxUID, quality };
}

function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  const quality = Number(text);
  return Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 1;
}

function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1).replace(/\\(.)/g, '$1')
    : value;
}

function splitUnquoted(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\' && quoted) i++;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
