import { type ByteSource, FilmlessError, IMPLICIT_VR_LITTLE_ENDIAN, readInstanceHeader } from '@filmless/core/plugin';
import type { OutgoingDataset } from '../upper-layer/pdu-sender.ts';
import { readElementHead, VrConverter } from './little-endian.ts';

/** Everything but the pixels is held in memory while it is converted. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
const READ_BYTES = 512 * 1024;
const PIXEL_DATA = 0x7fe00010;

/**
 * A stored little endian file's data set with VRs instead of without, or the reverse: same values, same order, pixels streamed.
 * Throws DICOM_MALFORMED when it is not built as the standard says, PAYLOAD_TOO_LARGE when it holds too much besides pixels.
 */
export async function convertedDataset(source: ByteSource): Promise<OutgoingDataset> {
  const { datasetOffsetBytes, bulkData, transferSyntaxUID } = await readInstanceHeader(source);
  const converter = new VrConverter(transferSyntaxUID);
  const pixels = bulkData.find(({ path }) => path === '7FE00010');
  if (!pixels) {
    const all = converter.elements(await readAll(source, datasetOffsetBytes, source.sizeBytes));
    return { lengthBytes: all.length, chunks: [all] };
  }
  const implicit = transferSyntaxUID === IMPLICIT_VR_LITTLE_ENDIAN;
  const headAt = pixels.offsetBytes - (implicit ? 8 : 12);
  const pixelEnd = pixels.offsetBytes + pixels.lengthBytes;
  const before = await readAll(source, datasetOffsetBytes, pixels.offsetBytes);
  const pixelHead = readElementHead(before, headAt - datasetOffsetBytes, implicit);
  if (pixelHead?.tag !== PIXEL_DATA || pixelHead.lengthBytes !== pixels.lengthBytes) {
    throw new FilmlessError('DICOM_MALFORMED', 'the pixel data is not where it should be');
  }
  const head = Buffer.concat([
    converter.elements(before.subarray(0, headAt - datasetOffsetBytes)),
    converter.head(pixelHead),
  ]);
  const tail = converter.elements(await readAll(source, pixelEnd, source.sizeBytes));
  return {
    lengthBytes: head.length + pixels.lengthBytes + tail.length,
    chunks: joined(head, source, pixels.offsetBytes, pixelEnd, tail),
  };
}

async function* joined(
  head: Buffer,
  source: ByteSource,
  start: number,
  end: number,
  tail: Buffer,
): AsyncGenerator<Uint8Array> {
  yield head;
  for (let at = start; at < end; ) {
    const bytes = await source.read(at, Math.min(READ_BYTES, end - at));
    if (bytes.length === 0) throw new FilmlessError('BLOB_CORRUPT', 'fewer bytes than announced');
    at += bytes.length;
    yield bytes;
  }
  if (tail.length > 0) yield tail;
}

async function readAll(source: ByteSource, start: number, end: number): Promise<Buffer> {
  if (end - start > MAX_HELD_BYTES) throw new FilmlessError('PAYLOAD_TOO_LARGE', 'too much besides pixels to convert');
  const bytes = await source.read(start, end - start);
  if (bytes.length !== end - start) throw new FilmlessError('BLOB_CORRUPT', 'fewer bytes than announced');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
