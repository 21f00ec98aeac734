import { FilmlessError } from '../errors.ts';
import { DatasetReader } from './dataset-reader.ts';
import { resolveTexts } from './text-resolver.ts';
import { transferSyntax } from './transfer-syntaxes.ts';
import type { DicomJson } from './types.ts';
import { asBuffer } from './windows.ts';

/**
 * Decodes an identifier, a command set or another data set that is in memory whole. Binary values over 1 KiB are BulkDataURI without bytes.
 * Throws DICOM_MALFORMED. @dicom PS3.5 7, PS3.7 6.3
 */
export function decodeDataset(
  bytes: Uint8Array,
  transferSyntaxUID: string,
  options: { assumedCharacterSet?: string } = {},
): DicomJson {
  const syntax = transferSyntax(transferSyntaxUID);
  if (syntax === undefined || syntax.kind === 'deflated') {
    throw new FilmlessError('DICOM_MALFORMED', 'the transfer syntax of the data set cannot be read here');
  }
  const reader = new DatasetReader(syntax, 0, bytes.byteLength, true);
  try {
    reader.advance({ bytes: asBuffer(bytes), offsetBytes: 0, isEnd: true });
  } catch (error) {
    if (error instanceof FilmlessError && error.code === 'DICOM_TRUNCATED') {
      throw new FilmlessError('DICOM_MALFORMED', error.detail, { cause: error });
    }
    throw error;
  }
  resolveTexts(reader.pendingTexts, reader.scope, options.assumedCharacterSet);
  return reader.dataset;
}
