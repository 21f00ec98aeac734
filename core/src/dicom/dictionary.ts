import { dictionary as dcmjsDictionary } from 'dcmjs/dictionary';

interface DictionaryEntry {
  readonly keyword: string;
  /** `xs` where the standard says "US or SS" and Pixel Representation decides. */
  readonly vr: string;
}

// dcmjs writes choices of VR in lower case; what an implicit data set is read with follows PS3.5 Annex A.1.
const chosenVr: Record<string, string> = { ox: 'OW', lt: 'OW', up: 'UL' };

const byTag = new Map<number, DictionaryEntry>();
const byKeyword = new Map<string, string>();
const repeatingGroup = /^\((50|60)00-\1FF,([0-9A-F]{4})\)$/;
const singleTag = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/;

for (const [key, { vr, name, version }] of Object.entries(dcmjsDictionary)) {
  if (!vr || !name || vr === 'na' || version === 'PrivateTag' || version === 'PRIVATE') continue;
  const single = singleTag.exec(key);
  const repeating = single ? null : repeatingGroup.exec(key);
  const hex = single ? single[1]! + single[2]! : repeating ? `${repeating[1]}00${repeating[2]}` : undefined;
  if (hex === undefined) continue;
  const keyword = name.replace(/^RETIRED_/, '');
  byTag.set(Number.parseInt(hex, 16), { keyword, vr: chosenVr[vr] ?? vr });
  // A retired element must not take the keyword of the one in force.
  if (!byKeyword.has(keyword) || keyword === name) byKeyword.set(keyword, hex);
}

/** Entry of a tag as a number; curves and overlays (50xx, 60xx) by their first group. */
export function dictionaryEntry(tag: number): DictionaryEntry | undefined {
  const entry = byTag.get(tag);
  if (entry !== undefined) return entry;
  const group = tag >>> 24;
  return group === 0x50 || group === 0x60 ? byTag.get((tag & 0xff00ffff) >>> 0) : undefined;
}

/** `PatientName` → `00100010`. A tag in hex is given back as it is. Throws on a keyword that PS3.6 does not have. */
export function tagOf(keyword: string): string {
  const tag = byKeyword.get(keyword);
  if (tag !== undefined) return tag;
  if (/^[0-9A-F]{8}$/.test(keyword)) return keyword;
  throw new TypeError(`No element has the keyword ${keyword}`);
}

/** As {@link tagOf}, for keywords that come from outside: undefined when there is none. */
export function findTag(keywordOrTag: string): string | undefined {
  const tag = byKeyword.get(keywordOrTag);
  if (tag !== undefined) return tag;
  return /^[0-9A-Fa-f]{8}$/.test(keywordOrTag) ? keywordOrTag.toUpperCase() : undefined;
}

/** `00100010` → `PatientName`; undefined for private and unknown elements. */
export function keywordOf(tag: string): string | undefined {
  return dictionaryEntry(Number.parseInt(tag, 16))?.keyword;
}

/** VR of a tag; `US` where the standard leaves US or SS open, `OW` for OB or OW; `UN` when unknown, `LO` for private creators. @dicom PS3.6 6 */
export function vrOf(tag: string): string {
  const number = Number.parseInt(tag, 16);
  const vr = dictionaryEntry(number)?.vr;
  if (vr !== undefined) return vr === 'xs' ? 'US' : vr;
  return isPrivateCreator(number) ? 'LO' : 'UN';
}

/** @dicom PS3.5 7.8.1 */
export function isPrivateCreator(tag: number): boolean {
  const element = tag & 0xffff;
  return ((tag >>> 16) & 1) === 1 && element >= 0x10 && element <= 0xff;
}

const hexOfTag = new Map<number, string>();

/** A tag as 8 upper-case hex digits. */
export function tagToHex(tag: number): string {
  let hex = hexOfTag.get(tag);
  if (hex === undefined) {
    hex = tag.toString(16).toUpperCase().padStart(8, '0');
    // Files can hold any number of private tags: the cache must not grow with them.
    if (hexOfTag.size < 20_000) hexOfTag.set(tag, hex);
  }
  return hex;
}
