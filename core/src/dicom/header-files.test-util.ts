import { FilmlessError } from '../errors.ts';
import {
  type DicomJson,
  EXPLICIT_VR_LITTLE_ENDIAN,
  element,
  encodeDataset,
  encodeFileMetaInformation,
  readInstanceHeader,
  sourceOfBytes,
} from './index.ts';

export const identifiers: DicomJson = {
  '00080016': element('UI', '1.2.840.10008.5.1.4.1.1.2'),
  '00080018': element('UI', '1.2.3.4'),
  '0020000D': element('UI', '1.2.3'),
  '0020000E': element('UI', '1.2.3.1'),
};
export const pixelData: DicomJson = { '7FE00010': { vr: 'OW', BulkDataURI: '7FE00010' } };
export const pixels = new Uint8Array(2048).fill(7);

export function encode(
  dataset: DicomJson,
  transferSyntaxUID = EXPLICIT_VR_LITTLE_ENDIAN,
  characterSet?: string,
): Uint8Array {
  const options = { transferSyntaxUID, bulkData: () => pixels };
  return encodeDataset(dataset, characterSet === undefined ? options : { ...options, characterSet });
}

export function meta(transferSyntaxUID: string): Uint8Array {
  return encodeFileMetaInformation({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    SOPInstanceUID: '1.2.3.4',
    transferSyntaxUID,
  });
}

export function file(dataset: DicomJson, transferSyntaxUID = EXPLICIT_VR_LITTLE_ENDIAN, characterSet?: string): Buffer {
  return Buffer.concat([meta(transferSyntaxUID), encode(dataset, transferSyntaxUID, characterSet)]);
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'read';
  } catch (error) {
    if (error instanceof FilmlessError) return error.code;
    throw error;
  }
}

export const read = (bytes: Uint8Array, options: Parameters<typeof readInstanceHeader>[1] = {}) =>
  readInstanceHeader(sourceOfBytes(bytes), options);
export const readCode = (bytes: Uint8Array) => codeOf(read(bytes));

/** One element of explicit VR little endian, byte for byte. */
export function raw(tag: number, vr: string, value: Uint8Array | string, lengthBytes?: number): Buffer {
  const bytes = Buffer.from(value as string, 'latin1');
  const isLong = ['OB', 'OW', 'UN', 'SQ', 'UT'].includes(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(lengthBytes ?? bytes.byteLength, 8);
  else head.writeUInt16LE(lengthBytes ?? bytes.byteLength, 6);
  return Buffer.concat([head, bytes]);
}
