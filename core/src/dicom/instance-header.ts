import { FilmlessError } from '../errors.ts';
import { firstString, strings } from './dataset.ts';
import { DatasetReader } from './dataset-reader.ts';
import { detectEncoding, type Encoding } from './element-head.ts';
import { type FileMeta, readFileMeta } from './file-meta.ts';
import { verifyFragments } from './fragments.ts';
import { resolveTexts } from './text-resolver.ts';
import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  transferSyntax,
} from './transfer-syntaxes.ts';
import type { ByteSource, DicomJson, InstanceHeader } from './types.ts';
import { isAcceptableUid } from './uids.ts';
import { InflatedWindows, SourceWindows, type Window, type Windows } from './windows.ts';

const FIRST_READ_BYTES = 64 * 1024;
const NO_BYTES = new Uint8Array(0);

/**
 * Reads the header of a Part 10 file, or of a data set without File Meta Information, up to its pixel data. Pixels are never loaded.
 *
 * `head`: the first bytes of the file, if the caller has them in memory. `assumedCharacterSet`: defined terms joined by backslashes, for text that declares
 * no or the wrong character set.
 *
 * `transferSyntaxUID` of the result is what the bytes really are in, where a file says implicit and is explicit or the reverse.
 *
 * Throws NOT_DICOM, DICOM_TRUNCATED, DICOM_MALFORMED, DICOM_IDENTIFIER_MISSING.
 * @dicom PS3.10 7, PS3.5 7
 */
export async function readInstanceHeader(
  source: ByteSource,
  options: { assumedCharacterSet?: string; head?: Uint8Array } = {},
): Promise<InstanceHeader> {
  const windows = new SourceWindows(source, options.head ?? NO_BYTES);
  let window = await windows.load(0, Math.min(source.sizeBytes, options.head?.byteLength || FIRST_READ_BYTES));
  let meta = readFileMeta(window);
  while (typeof meta === 'number') {
    window = await windows.load(0, meta);
    meta = readFileMeta(window);
  }
  const datasetOffsetBytes = meta?.endOffsetBytes ?? 0;
  if (meta?.transferSyntaxUID === DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN) {
    return readDeflated(source, datasetOffsetBytes, options.assumedCharacterSet);
  }
  if (datasetOffsetBytes + 8 > window.bytes.byteLength && !window.isEnd) {
    window = await windows.load(datasetOffsetBytes, 8);
  }
  const { encoding, transferSyntaxUID } = recognize(meta, window, datasetOffsetBytes, source.sizeBytes);
  const reader = new DatasetReader(encoding, datasetOffsetBytes, source.sizeBytes);
  await readAll(reader, windows, window);
  const pixelData = reader.bulkData.at(-1);
  const kind = transferSyntax(transferSyntaxUID)?.kind;
  if (pixelData?.lengthBytes === -1 && pixelData.path === '7FE00010') {
    if (kind === 'native') {
      throw new FilmlessError('DICOM_MALFORMED', 'the pixel data is encapsulated, but the transfer syntax is not');
    }
    await verifyFragments(source, pixelData.offsetBytes, options.head);
  }
  return finish(reader, transferSyntaxUID, datasetOffsetBytes, options.assumedCharacterSet);
}

async function readDeflated(
  source: ByteSource,
  datasetOffsetBytes: number,
  assumedCharacterSet: string | undefined,
): Promise<InstanceHeader> {
  const windows = new InflatedWindows(source, datasetOffsetBytes);
  try {
    const reader = new DatasetReader({ implicitVr: false, bigEndian: false }, 0, undefined);
    await readAll(reader, windows, await windows.load(0, 8));
    // The size is known at the end only: what the pixel data claims must be there.
    const rest = await windows.load(reader.endOffsetBytes, 0);
    if (rest.offsetBytes < reader.endOffsetBytes) {
      throw new FilmlessError('DICOM_TRUNCATED', 'the pixel data ends before its declared length');
    }
    for (const item of reader.bulkData) item.inflated = true;
    return finish(reader, DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, datasetOffsetBytes, assumedCharacterSet);
  } finally {
    windows.close();
  }
}

async function readAll(reader: DatasetReader, windows: Windows, first: Window): Promise<void> {
  let need = reader.advance(first);
  while (need !== undefined) {
    need = reader.advance(await windows.load(need.offsetBytes, need.lengthBytes));
  }
}

/** What the meta information says, corrected by what the first element shows. */
function recognize(
  meta: FileMeta | undefined,
  window: Window,
  datasetOffsetBytes: number,
  sizeBytes: number,
): { encoding: Encoding; transferSyntaxUID: string } {
  const at = datasetOffsetBytes - window.offsetBytes;
  const detected = detectEncoding(window.bytes, at, sizeBytes - window.offsetBytes);
  const declaredUid = meta?.transferSyntaxUID;
  if (declaredUid === undefined) {
    if (detected !== undefined) return { encoding: detected, transferSyntaxUID: nativeSyntax(detected) };
    if (meta === undefined) throw new FilmlessError('NOT_DICOM');
    throw new FilmlessError('DICOM_MALFORMED', 'the file does not say its transfer syntax');
  }
  const syntax = transferSyntax(declaredUid);
  // All that are not in the table are explicit VR little endian with encapsulated pixels. @dicom PS3.5 10
  const declared: Encoding = syntax ?? { implicitVr: false, bigEndian: false };
  const agrees =
    detected === undefined ||
    (detected.implicitVr === declared.implicitVr && detected.bigEndian === declared.bigEndian);
  if (agrees) return { encoding: declared, transferSyntaxUID: declaredUid };
  if (syntax === undefined || syntax.kind === 'native') {
    return { encoding: detected, transferSyntaxUID: syntax === undefined ? declaredUid : nativeSyntax(detected) };
  }
  throw new FilmlessError('DICOM_MALFORMED', 'the data set is not in the transfer syntax that the file says');
}

function nativeSyntax(encoding: Encoding): string {
  if (encoding.bigEndian) return EXPLICIT_VR_BIG_ENDIAN;
  return encoding.implicitVr ? IMPLICIT_VR_LITTLE_ENDIAN : EXPLICIT_VR_LITTLE_ENDIAN;
}

function finish(
  reader: DatasetReader,
  transferSyntaxUID: string,
  datasetOffsetBytes: number,
  assumedCharacterSet: string | undefined,
): InstanceHeader {
  const characterSet = resolveTexts(reader.pendingTexts, reader.scope, assumedCharacterSet);
  const { dataset, bulkData } = reader;
  return {
    SOPClassUID: identifier(dataset, 'SOPClassUID'),
    SOPInstanceUID: identifier(dataset, 'SOPInstanceUID'),
    StudyInstanceUID: identifier(dataset, 'StudyInstanceUID'),
    SeriesInstanceUID: identifier(dataset, 'SeriesInstanceUID'),
    transferSyntaxUID,
    datasetOffsetBytes,
    dataset,
    bulkData,
    characterSet,
  };
}

function identifier(dataset: DicomJson, keyword: string): string {
  const uid = firstString(dataset, keyword);
  if (uid === undefined) throw new FilmlessError('DICOM_IDENTIFIER_MISSING', keyword);
  if (strings(dataset, keyword).length > 1 || !isAcceptableUid(uid)) {
    throw new FilmlessError('DICOM_MALFORMED', `${keyword} is no unique identifier`);
  }
  return uid;
}
