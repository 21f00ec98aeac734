import { createHash } from 'node:crypto';

const PREAMBLE_BYTES = 128;

/**
 * The data set of a Part 10 file: what follows the File Meta Information. Own code, so that tests do not check the product with itself.
 * @dicom PS3.10 7.1
 */
export function dataSetBytes(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = String.fromCharCode(...file.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + 4));
  if (magic !== 'DICM') throw new Error('not a Part 10 file');
  let position = PREAMBLE_BYTES + 4;
  // Group 2 is explicit little endian; walk it element by element, since its group length is not always right.
  while (position + 8 <= file.byteLength && view.getUint16(position, true) === 2) {
    const vr = String.fromCharCode(file[position + 4] ?? 0, file[position + 5] ?? 0);
    const long = ['OB', 'OW', 'UN', 'UT', 'SQ'].includes(vr);
    position += long ? 12 + view.getUint32(position + 8, true) : 8 + view.getUint16(position + 6, true);
  }
  return file.subarray(position);
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
