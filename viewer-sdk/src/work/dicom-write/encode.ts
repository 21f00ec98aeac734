import type { JsonDataset, JsonElement } from '../../dicom/json.ts';
import { decimalString } from './numbers.ts';

/** What is written is always this. @dicom PS3.5 A.2 */
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** Value representations with a length of 32 bits. @dicom PS3.5 7.1.2 */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const SINGLE_VALUE = new Set(['LT', 'ST', 'UT', 'UR']);
const MOST_SHORT_BYTES = 0xffff;
const ITEM_TAG = 'FFFEE000';

const NUMERIC: Readonly<Record<string, readonly [bytes: number, write: (view: DataView, value: number) => void]>> = {
  FD: [8, (view, value) => view.setFloat64(0, value, true)],
  FL: [4, (view, value) => view.setFloat32(0, value, true)],
  SL: [4, (view, value) => view.setInt32(0, value, true)],
  SS: [2, (view, value) => view.setInt16(0, value, true)],
  SV: [8, (view, value) => view.setBigInt64(0, BigInt(value), true)],
  UL: [4, (view, value) => view.setUint32(0, value, true)],
  US: [2, (view, value) => view.setUint16(0, value, true)],
  UV: [8, (view, value) => view.setBigUint64(0, BigInt(value), true)],
};

/**
 * A data set as bytes: explicit VR little endian, sequences and items of defined length, elements in the order of their tags. Text is UTF-8:
 * the data set has to say so by Specific Character Set ISO_IR 192.
 * @throws RangeError for a value longer than its representation allows; TypeError for one that is not of its representation
 * @dicom PS3.5 7.1.2, A.2
 */
export function encodeDataset(dataset: JsonDataset): Uint8Array<ArrayBuffer> {
  return joined(
    Object.keys(dataset)
      .sort()
      .flatMap((tag) => {
        const element = dataset[tag];
        // Group lengths are retired, and would be wrong.
        return element && !tag.endsWith('0000') ? encodeElement(tag, element) : [];
      }),
  );
}

/** The chunks laid one after another. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** One element, header and value. */
export function encodeElement(tag: string, element: JsonElement): Uint8Array[] {
  const value = valueBytes(tag, element);
  return [elementHeader(tag, element.vr, value.length), value];
}

function elementHeader(tag: string, vr: string, length: number): Uint8Array {
  if (!/^[A-Z]{2}$/.test(vr)) throw new TypeError(`${tag} has no value representation`);
  const long = LONG.has(vr);
  const view = tagged(tag, long ? 12 : 8);
  view.setUint8(4, vr.charCodeAt(0));
  view.setUint8(5, vr.charCodeAt(1));
  if (long) view.setUint32(8, length, true);
  else {
    if (length > MOST_SHORT_BYTES) throw new RangeError(`${tag} is longer than ${vr} allows`);
    view.setUint16(6, length, true);
  }
  return new Uint8Array(view.buffer);
}

function tagged(tag: string, length: number): DataView {
  const view = new DataView(new ArrayBuffer(length));
  view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
  return view;
}

function valueBytes(tag: string, { vr, Value, InlineBinary, BulkDataURI }: JsonElement): Uint8Array {
  if (BulkDataURI !== undefined) throw new TypeError(`${tag} has its value elsewhere`);
  if (InlineBinary !== undefined) return padded(fromBase64(InlineBinary), 0);
  const list = Value ?? [];
  if (list.length === 0) return new Uint8Array(0);
  if (vr === 'SQ') return joined(list.flatMap((item) => encodeItem(tag, item)));
  if (vr === 'AT') return joined(list.map((value) => new Uint8Array(tagged(String(value), 4).buffer)));
  const numeric = NUMERIC[vr];
  if (numeric) return joined(list.map((value) => encodeNumber(tag, value, numeric)));
  const strings = list.map((value) => asText(tag, vr, value));
  if (SINGLE_VALUE.has(vr) && strings.length > 1) throw new TypeError(`${tag} has one value at most`);
  return padded(new TextEncoder().encode(strings.join('\\')), vr === 'UI' ? 0 : 0x20);
}

function encodeItem(tag: string, item: unknown): Uint8Array[] {
  if (typeof item !== 'object' || item === null) throw new TypeError(`${tag} has an item that is no data set`);
  const body = encodeDataset(item as JsonDataset);
  const header = tagged(ITEM_TAG, 8);
  header.setUint32(4, body.length, true);
  return [new Uint8Array(header.buffer), body];
}

function encodeNumber(tag: string, value: unknown, [bytes, write]: (typeof NUMERIC)[string] & object): Uint8Array {
  const number = Number(value);
  if (value === null || !Number.isFinite(number)) throw new TypeError(`${tag} is not a number`);
  const view = new DataView(new ArrayBuffer(bytes));
  write(view, number);
  return new Uint8Array(view.buffer);
}

function asText(tag: string, vr: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return vr === 'DS' ? decimalString(value) : String(value);
  if (typeof value === 'string') return SINGLE_VALUE.has(vr) ? value : value.replaceAll('\\', '');
  if (vr === 'PN' && typeof value === 'object') {
    const groups = value as Readonly<Record<string, unknown>>;
    return ['Alphabetic', 'Ideographic', 'Phonetic']
      .map((name) => (typeof groups[name] === 'string' ? groups[name].replaceAll(/[\\=]/g, '') : ''))
      .join('=')
      .replace(/=+$/, '');
  }
  throw new TypeError(`${tag} is not text`);
}

function padded(bytes: Uint8Array, padding: number): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const even = new Uint8Array(bytes.length + 1);
  even.set(bytes);
  even[bytes.length] = padding;
  return even;
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
