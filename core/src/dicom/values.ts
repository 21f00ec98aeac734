import { parsePersonName } from './dataset.ts';
import { tagToHex } from './dictionary.ts';
import type { DicomJsonElement, DicomJsonValue } from './types.ts';
import type { VrInfo } from './vr.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Values of a string VR; undefined when there is nothing but padding. @dicom PS3.5 6.2, PS3.18 F.2.3 */
export function textValues(vr: VrInfo, text: string): DicomJsonValue[] | undefined {
  if (vr.kind === 'long-text' || vr.kind === 'uri') {
    const value = trimEnd(text);
    return value === '' ? undefined : [value];
  }
  if (!text.includes('\\')) {
    const value = oneValue(vr, text);
    return value === null ? undefined : [value];
  }
  return text.split('\\').map((part) => oneValue(vr, part));
}

function oneValue(vr: VrInfo, text: string): DicomJsonValue {
  let value = trimEnd(text);
  if (vr.trimStart && value.charCodeAt(0) === 0x20) value = value.trimStart();
  if (value === '') return null;
  if (vr.kind === 'decimal') return decimal(vr.vr, value);
  if (vr.kind === 'name') {
    const name = parsePersonName(value.includes('=') ? value.split('=').map(trimEnd).join('=') : value);
    return Object.keys(name).length === 0 ? null : name;
  }
  return value;
}

/** A number, or the text itself when it is none: a value that violates its VR is kept, not lost. */
function decimal(vr: string, text: string): number | string {
  if (!NUMBER.test(text)) return text;
  const number = Number(text);
  if (!Number.isFinite(number) || (vr === 'IS' && !Number.isSafeInteger(number))) return text;
  return number;
}

/** Padding is a space; NULs at the end are padding in the field. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0) {
    const code = text.charCodeAt(end - 1);
    if (code !== 0x20 && code !== 0) break;
    end--;
  }
  return end === text.length ? text : text.slice(0, end);
}

/** Reads fixed size numbers and tags into the element; a length that does not fit is kept as InlineBinary. */
export function readNumbers(
  element: DicomJsonElement,
  vr: VrInfo,
  bytes: Buffer,
  start: number,
  end: number,
  bigEndian: boolean,
): void {
  if (end === start) return;
  if ((end - start) % vr.unitBytes !== 0) {
    element.InlineBinary = bytes.toString('base64', start, end);
    return;
  }
  const values: DicomJsonValue[] = new Array((end - start) / vr.unitBytes);
  for (let at = start, index = 0; at < end; at += vr.unitBytes, index++) {
    values[index] = readNumber(vr.vr, bytes, at, bigEndian);
  }
  element.Value = values;
}

function readNumber(vr: string, bytes: Buffer, at: number, bigEndian: boolean): number | string {
  switch (vr) {
    case 'US':
      return bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
    case 'SS':
      return bigEndian ? bytes.readInt16BE(at) : bytes.readInt16LE(at);
    case 'UL':
      return bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    case 'SL':
      return bigEndian ? bytes.readInt32BE(at) : bytes.readInt32LE(at);
    case 'FL':
      return float(bigEndian ? bytes.readFloatBE(at) : bytes.readFloatLE(at));
    case 'FD':
      return float(bigEndian ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at));
    case 'SV':
      return integer(bigEndian ? bytes.readBigInt64BE(at) : bytes.readBigInt64LE(at));
    case 'UV':
      return integer(bigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
    default: {
      const group = bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
      const element = bigEndian ? bytes.readUInt16BE(at + 2) : bytes.readUInt16LE(at + 2);
      return tagToHex(group * 0x10000 + element);
    }
  }
}

/** JSON has no NaN and no infinity: strings, as DICOM JSON writes them. @dicom PS3.18 F.2.3 */
function float(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
}

/** 64-bit integers that a double cannot hold exactly become strings. @dicom PS3.18 F.2.3 */
function integer(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** base64 of a binary value, in little endian order whatever the file has. @dicom PS3.18 F.2.7 */
export function inlineBinary(vr: VrInfo, bytes: Buffer, start: number, end: number, bigEndian: boolean): string {
  if (!bigEndian || vr.unitBytes === 1 || (end - start) % vr.unitBytes !== 0)
    return bytes.toString('base64', start, end);
  return swapUnits(bytes.subarray(start, end), vr.unitBytes).toString('base64');
}

/** A copy with the bytes of each unit reversed. */
export function swapUnits(bytes: Uint8Array, unitBytes: number): Buffer {
  const copy = Buffer.from(bytes);
  if (unitBytes === 2) return copy.swap16();
  if (unitBytes === 4) return copy.swap32();
  return unitBytes === 8 ? copy.swap64() : copy;
}
