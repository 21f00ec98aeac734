import { FilmlessError } from '../errors.ts';
import { dictionaryEntry } from './dictionary.ts';
import { UN, type VrInfo, vrInfoOfCode } from './vr.ts';

export interface Encoding {
  readonly implicitVr: boolean;
  readonly bigEndian: boolean;
}

export interface ElementHead {
  readonly tag: number;
  /** As written; undefined in implicit VR. */
  readonly vr: VrInfo | undefined;
  readonly headBytes: number;
  /** 0xFFFFFFFF when undefined. */
  readonly lengthBytes: number;
}

export function readTag(bytes: Buffer, at: number, bigEndian: boolean): number {
  return bigEndian
    ? bytes.readUInt16BE(at) * 0x10000 + bytes.readUInt16BE(at + 2)
    : bytes.readUInt16LE(at) * 0x10000 + bytes.readUInt16LE(at + 2);
}

function readLength32(bytes: Buffer, at: number, bigEndian: boolean): number {
  return bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
}

/**
 * Tag, VR and length of the element at `at`, where at least 8 bytes are. Returns the bytes that are needed when there are too few.
 * @dicom PS3.5 7.1
 */
export function readElementHead(
  bytes: Buffer,
  at: number,
  encoding: Encoding,
  remainingBytes: number,
  isEnd: boolean,
): ElementHead | number {
  const { bigEndian } = encoding;
  const tag = readTag(bytes, at, bigEndian);
  if (encoding.implicitVr || tag >= 0xfffe0000) {
    return { tag, vr: undefined, headBytes: 8, lengthBytes: readLength32(bytes, at + 4, bigEndian) };
  }
  const vr = vrInfoOfCode((bytes[at + 4]! << 8) | bytes[at + 5]!);
  if (vr === undefined) return guessElementHead(bytes, at, tag, encoding, remainingBytes, isEnd);
  if (!vr.longLength) {
    const lengthBytes = bigEndian ? bytes.readUInt16BE(at + 6) : bytes.readUInt16LE(at + 6);
    return { tag, vr, headBytes: 8, lengthBytes };
  }
  if (at + 12 > bytes.byteLength) return 12;
  return { tag, vr, headBytes: 12, lengthBytes: readLength32(bytes, at + 8, bigEndian) };
}

/**
 * An element whose VR is none of the standard's: blanks from careless writers, an implicit element among explicit ones, or a VR of a later standard
 * (32-bit length, PS3.5 7.1.2). Each reading is tried; one counts only if an element with a greater tag follows where it says.
 */
function guessElementHead(
  bytes: Buffer,
  at: number,
  tag: number,
  encoding: Encoding,
  remainingBytes: number,
  isEnd: boolean,
): ElementHead | number {
  if (at + 12 > bytes.byteLength && !isEnd) return 12;
  const { bigEndian } = encoding;
  const short = bigEndian ? bytes.readUInt16BE(at + 6) : bytes.readUInt16LE(at + 6);
  const readings: ElementHead[] = [
    { tag, vr: UN, headBytes: 8, lengthBytes: short },
    { tag, vr: undefined, headBytes: 8, lengthBytes: readLength32(bytes, at + 4, bigEndian) },
  ];
  if (at + 12 <= bytes.byteLength && isLetter(bytes[at + 4]!) && isLetter(bytes[at + 5]!)) {
    readings.push({ tag, vr: UN, headBytes: 12, lengthBytes: readLength32(bytes, at + 8, bigEndian) });
  }
  for (const reading of readings) {
    const total = reading.headBytes + reading.lengthBytes;
    if (reading.lengthBytes > 0x10000 || total > remainingBytes) continue;
    const next = at + total;
    if (next + 6 > bytes.byteLength && !isEnd) return total + 8;
    const endsHere = total === remainingBytes || (isEnd && next === bytes.byteLength);
    if (endsHere || (next + 6 <= bytes.byteLength && looksLikeElement(bytes, next, tag, bigEndian))) return reading;
  }
  throw new FilmlessError('DICOM_MALFORMED', 'an element has no valid VR');
}

function looksLikeElement(bytes: Buffer, at: number, after: number, bigEndian: boolean): boolean {
  const tag = readTag(bytes, at, bigEndian);
  if (tag >= 0xfffe0000) return tag === 0xfffee00d || tag === 0xfffee0dd;
  const code = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  return tag > after && vrInfoOfCode(code) !== undefined;
}

function isLetter(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** What a data set is encoded in as far as its first element shows; undefined when it shows nothing credible. */
export function detectEncoding(bytes: Buffer, at: number, sizeBytes: number): Encoding | undefined {
  if (at + 8 > bytes.byteLength) return undefined;
  const vr = vrInfoOfCode((bytes[at + 4]! << 8) | bytes[at + 5]!);
  for (const bigEndian of [false, true]) {
    const tag = readTag(bytes, at, bigEndian);
    // A data set begins with a low group; the other byte order would show a high one.
    if (tag >>> 16 > 0x00ff) continue;
    const entry = dictionaryEntry(tag);
    const isGroupLength = (tag & 0xffff) === 0;
    if (vr !== undefined && (entry !== undefined || isGroupLength)) return { implicitVr: false, bigEndian };
    const lengthBytes = readLength32(bytes, at + 4, bigEndian);
    const isPlausible = lengthBytes === 0xffffffff || at + 8 + lengthBytes <= sizeBytes;
    if (!bigEndian && vr === undefined && isPlausible && (entry !== undefined || isGroupLength)) {
      return { implicitVr: true, bigEndian };
    }
  }
  return undefined;
}
