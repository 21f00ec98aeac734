import { FilmlessError } from '../errors.ts';
import { formatPersonName, isPersonName } from './dataset.ts';
import type { TextEncoder } from './text-encoding.ts';
import type { DicomJsonElement, DicomJsonValue } from './types.ts';
import { swapUnits } from './values.ts';
import type { VrInfo } from './vr.ts';

const NO_BYTES = new Uint8Array(0);

/**
 * Bytes of a value that is no sequence and no bulk data, unpadded; undefined when the character set lacks a character.
 * Throws INVALID_REQUEST when the value does not fit its VR. @dicom PS3.5 6.2
 */
export function encodeValue(
  key: string,
  element: DicomJsonElement,
  vr: VrInfo,
  bigEndian: boolean,
  text: TextEncoder,
): Uint8Array | undefined {
  if (element.InlineBinary !== undefined) {
    const bytes = Buffer.from(element.InlineBinary, 'base64');
    const isSwapped = bigEndian && vr.kind === 'binary' && bytes.byteLength % vr.unitBytes === 0;
    return isSwapped ? swapUnits(bytes, vr.unitBytes) : bytes;
  }
  const values = element.Value;
  if (values === undefined || values.length === 0) return NO_BYTES;
  switch (vr.kind) {
    case 'number':
    case 'tag':
      return encodeNumbers(key, values, vr, bigEndian);
    case 'binary':
      throw unencodable(key);
    case 'text':
    case 'name':
    case 'long-text':
      return text.encode(joined(key, values, vr), vr.vr);
    default: {
      const string = joined(key, values, vr);
      // The default repertoire; what devices write beside it was read as Latin 1 and goes back as that.
      if (/[^\0-\xff]/.test(string)) throw unencodable(key);
      return Buffer.from(string, 'latin1');
    }
  }
}

function joined(key: string, values: readonly DicomJsonValue[], vr: VrInfo): string {
  if (vr.kind === 'long-text' || vr.kind === 'uri') return values.map((value) => stringOf(key, value, vr)).join('\\');
  return values
    .map((value) => {
      const string = stringOf(key, value, vr);
      // It would come out as two values.
      if (string.includes('\\')) throw unencodable(key);
      return string;
    })
    .join('\\');
}

function stringOf(key: string, value: DicomJsonValue, vr: VrInfo): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return vr.vr === 'DS' ? decimalString(value) : String(value);
  if (vr.kind === 'name' && (isPersonName(value) || Object.keys(value).length === 0)) return formatPersonName(value);
  throw unencodable(key);
}

/** At most 16 characters, as many digits as fit. @dicom PS3.5 6.2 (DS) */
export function decimalString(value: number): string {
  const shortest = String(value);
  if (shortest.length <= 16) return shortest;
  for (let digits = 15; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  return value.toExponential(8);
}

function encodeNumbers(key: string, values: readonly DicomJsonValue[], vr: VrInfo, bigEndian: boolean): Uint8Array {
  const bytes = Buffer.alloc(values.length * vr.unitBytes);
  for (const [index, value] of values.entries()) {
    const at = index * vr.unitBytes;
    try {
      writeNumber(bytes, at, value, vr.vr, bigEndian);
    } catch (error) {
      if (error instanceof FilmlessError) throw error;
      throw unencodable(key, error);
    }
  }
  return bytes;
}

function writeNumber(bytes: Buffer, at: number, value: DicomJsonValue, vr: string, bigEndian: boolean): void {
  if (vr === 'AT') {
    if (typeof value !== 'string' || !/^[0-9A-Fa-f]{8}$/.test(value)) throw new TypeError('no tag');
    const group = Number.parseInt(value.slice(0, 4), 16);
    const element = Number.parseInt(value.slice(4), 16);
    writeUnsigned16(bytes, at, group, bigEndian);
    writeUnsigned16(bytes, at + 2, element, bigEndian);
    return;
  }
  if (vr === 'SV' || vr === 'UV') {
    if (typeof value !== 'string' && typeof value !== 'number') throw new TypeError('no number');
    const integer = BigInt(value);
    if (vr === 'SV') bigEndian ? bytes.writeBigInt64BE(integer, at) : bytes.writeBigInt64LE(integer, at);
    else bigEndian ? bytes.writeBigUInt64BE(integer, at) : bytes.writeBigUInt64LE(integer, at);
    return;
  }
  const number = numberOf(value);
  switch (vr) {
    case 'US':
      writeUnsigned16(bytes, at, number, bigEndian);
      return;
    case 'SS':
      bigEndian ? bytes.writeInt16BE(number, at) : bytes.writeInt16LE(number, at);
      return;
    case 'UL':
      bigEndian ? bytes.writeUInt32BE(number, at) : bytes.writeUInt32LE(number, at);
      return;
    case 'SL':
      bigEndian ? bytes.writeInt32BE(number, at) : bytes.writeInt32LE(number, at);
      return;
    case 'FL':
      bigEndian ? bytes.writeFloatBE(number, at) : bytes.writeFloatLE(number, at);
      return;
    default:
      bigEndian ? bytes.writeDoubleBE(number, at) : bytes.writeDoubleLE(number, at);
  }
}

function writeUnsigned16(bytes: Buffer, at: number, value: number, bigEndian: boolean): void {
  if (bigEndian) bytes.writeUInt16BE(value, at);
  else bytes.writeUInt16LE(value, at);
}

function numberOf(value: DicomJsonValue): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw new TypeError('no number');
  return number;
}

function unencodable(key: string, cause?: unknown): FilmlessError {
  return new FilmlessError('INVALID_REQUEST', `the value of ${key} cannot be encoded`, { cause });
}
