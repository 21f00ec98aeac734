/** VRs with a 32-bit length after two reserved bytes. @dicom PS3.5 7.1.2 */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** Bytes that change places with the byte order. @dicom PS3.5 7.3 */
const WORD_BYTES: Readonly<Record<string, number>> = {
  AT: 2,
  FD: 8,
  FL: 4,
  OD: 8,
  OF: 4,
  OL: 4,
  OV: 8,
  OW: 2,
  SL: 4,
  SS: 2,
  SV: 8,
  UL: 4,
  US: 2,
  UV: 8,
};

export const UNDEFINED_LENGTH = 0xffffffff;
export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;

export function hasLongLength(vr: string): boolean {
  return LONG_VRS.has(vr);
}

export function wordBytesOf(vr: string): number {
  return WORD_BYTES[vr] ?? 1;
}

/** Head of an element in explicit VR little endian. A value too long for the VR's 16-bit length becomes UN. @dicom PS3.5 6.2.2 note 1 */
export function explicitHead(tag: number, vr: string, lengthBytes: number): Buffer {
  const written = hasLongLength(vr) || lengthBytes <= 0xffff ? vr : 'UN';
  const head = Buffer.alloc(hasLongLength(written) ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(written, 4, 'latin1');
  if (head.length === 12) head.writeUInt32LE(lengthBytes, 8);
  else head.writeUInt16LE(lengthBytes, 6);
  return head;
}

/** Head of an item or a delimiter. @dicom PS3.5 7.5 */
export function itemHead(tag: number, lengthBytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.writeUInt32LE(lengthBytes, 4);
  return head;
}
