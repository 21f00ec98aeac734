import { FilmlessError } from '../errors.ts';
import { type Encoding, readElementHead } from './element-head.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './uids.ts';
import type { Window } from './windows.ts';

const PREAMBLE_BYTES = 128;
const EXPLICIT: Encoding = { implicitVr: false, bigEndian: false };
/** No meta information of the field comes near it; private information may be long. */
const LARGEST_META_BYTES = 1024 * 1024;

export interface FileMeta {
  transferSyntaxUID: string | undefined;
  /** Offset of the data set. */
  endOffsetBytes: number;
}

/**
 * File Meta Information at the start of a file: after preamble and `DICM`, after `DICM` alone, or bare. undefined when the bytes begin with none of these.
 * Returns the bytes needed when there are too few.
 * @dicom PS3.10 7.1
 */
export function readFileMeta(window: Window): FileMeta | undefined | number {
  const { bytes, isEnd } = window;
  if (bytes.byteLength < PREAMBLE_BYTES + 4 && !isEnd) return PREAMBLE_BYTES + 4;
  let at = 0;
  if (hasMagic(bytes, PREAMBLE_BYTES)) at = PREAMBLE_BYTES + 4;
  else if (hasMagic(bytes, 0)) at = 4;
  else if (bytes.byteLength < 8 || bytes.readUInt16LE(0) !== 2 || bytes.readUInt16LE(2) > 0x0102) return undefined;

  let transferSyntaxUID: string | undefined;
  let groupEnd: number | undefined;
  for (;;) {
    if (at === groupEnd) break;
    if (at > LARGEST_META_BYTES) throw new FilmlessError('DICOM_MALFORMED', 'the file meta information does not end');
    if (at + 8 > bytes.byteLength) {
      if (!isEnd) return at + 8;
      if (at === bytes.byteLength) break;
      throw truncated();
    }
    // The group length is often wrong: the group's end counts.
    if (bytes.readUInt16LE(at) !== 2) break;
    const head = readElementHead(bytes, at, EXPLICIT, Number.POSITIVE_INFINITY, isEnd);
    if (typeof head === 'number') {
      if (isEnd) throw truncated();
      return at + head;
    }
    if (head.lengthBytes > LARGEST_META_BYTES) {
      throw new FilmlessError('DICOM_MALFORMED', 'an element of the file meta information is too long');
    }
    const value = at + head.headBytes;
    const end = value + head.lengthBytes;
    if (end > bytes.byteLength) {
      if (!isEnd) return end;
      throw truncated();
    }
    if (head.tag === 0x00020000 && head.lengthBytes === 4) groupEnd = end + bytes.readUInt32LE(value);
    else if (head.tag === 0x00020010) {
      transferSyntaxUID =
        bytes
          .toString('latin1', value, end)
          .replace(/[\0 ]+$/, '')
          .trim() || undefined;
    }
    at = end;
  }
  return { transferSyntaxUID, endOffsetBytes: at };
}

function truncated(): FilmlessError {
  return new FilmlessError('DICOM_TRUNCATED', 'the file ends inside its meta information');
}

function hasMagic(bytes: Buffer, at: number): boolean {
  return bytes.byteLength >= at + 4 && bytes.toString('latin1', at, at + 4) === 'DICM';
}

/**
 * Preamble, `DICM` and File Meta Information. The same for the same identifiers: no time and no AE title in it, so that a file received twice is equal.
 * @dicom PS3.10 7.1
 */
export function encodeFileMetaInformation(identifiers: {
  SOPClassUID: string;
  SOPInstanceUID: string;
  transferSyntaxUID: string;
}): Uint8Array {
  const group = Buffer.concat([
    metaElement(0x0001, 'OB', Buffer.from([0, 1])),
    metaElement(0x0002, 'UI', uidValue(identifiers.SOPClassUID)),
    metaElement(0x0003, 'UI', uidValue(identifiers.SOPInstanceUID)),
    metaElement(0x0010, 'UI', uidValue(identifiers.transferSyntaxUID)),
    metaElement(0x0012, 'UI', uidValue(IMPLEMENTATION_CLASS_UID)),
    metaElement(0x0013, 'SH', Buffer.from(IMPLEMENTATION_VERSION_NAME, 'latin1')),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(group.byteLength);
  return Buffer.concat([
    Buffer.alloc(PREAMBLE_BYTES),
    Buffer.from('DICM', 'latin1'),
    metaElement(0, 'UL', length),
    group,
  ]);
}

function uidValue(uid: string): Buffer {
  return Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1');
}

function metaElement(element: number, vr: string, value: Buffer): Buffer {
  const isLong = vr === 'OB';
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(2, 0);
  head.writeUInt16LE(element, 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(value.byteLength, 8);
  else head.writeUInt16LE(value.byteLength, 6);
  return Buffer.concat([head, value]);
}
