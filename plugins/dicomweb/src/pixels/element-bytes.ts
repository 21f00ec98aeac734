import {
  type ByteSource,
  type DicomJsonElement,
  FilmlessError,
  type InstanceRecord,
  transferSyntax,
} from '@filmless/core/plugin';
import { swapWords } from './stored-values.ts';

/** Lookup tables and the like; pixel data goes by frames. */
const MAX_ELEMENT_BYTES = 64 * 1024 * 1024;

/** Size of what changes with the byte order. @dicom PS3.5 7.3 */
const WORD_BYTES: Readonly<Record<string, number>> = { OW: 2, OF: 4, OL: 4, OD: 8, OV: 8 };

export function wordBytesOf(vr: string): number {
  return WORD_BYTES[vr] ?? 1;
}

/** The binary value of an element in little endian order, wherever it is kept; undefined when it has none. */
export async function elementBytes(
  element: DicomJsonElement | undefined,
  record: InstanceRecord,
  source: ByteSource,
): Promise<Uint8Array | undefined> {
  if (element?.InlineBinary !== undefined) return new Uint8Array(Buffer.from(element.InlineBinary, 'base64'));
  if (element?.BulkDataURI === undefined) return undefined;
  const item = record.bulkData.find((candidate) => candidate.path === element.BulkDataURI);
  if (!item || item.lengthBytes < 0) return undefined;
  if (item.lengthBytes > MAX_ELEMENT_BYTES)
    throw new FilmlessError('DECODE_FAILED', 'a table of the image is too large');
  const bytes = await source.read(item.offsetBytes, item.lengthBytes);
  if (bytes.length < item.lengthBytes) throw new FilmlessError('DICOM_TRUNCATED');
  return isBigEndian(record) ? swapWords(bytes, wordBytesOf(item.vr)) : bytes;
}

export function isBigEndian(record: Pick<InstanceRecord, 'transferSyntaxUID'>): boolean {
  return transferSyntax(record.transferSyntaxUID)?.bigEndian ?? false;
}
