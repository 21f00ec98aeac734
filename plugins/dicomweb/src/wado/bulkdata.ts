import {
  type BulkDataItem,
  FilmlessError,
  firstString,
  type HttpReply,
  type HttpRequest,
  type InstanceLocator,
  type InstanceRecord,
} from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { openInstance } from '../instance-source.ts';
import { acceptedMedia, chooseMedia } from '../media/accept.ts';
import { bodyOf } from '../media/body.ts';
import { parseByteRange } from '../media/byte-range.ts';
import { multipartReply } from '../media/multipart.ts';
import { isBigEndian, wordBytesOf } from '../pixels/element-bytes.ts';
import { swapWords } from '../pixels/stored-values.ts';
import { findInstance, recordOf } from './find-instances.ts';
import { deliver } from './frames.ts';

const OCTETS = 'application/octet-stream';
const CHUNK_BYTES = 1 << 20;

/** One large value of an instance in little endian order; compressed pixel data as its frames. @dicom PS3.18 10.4.1.1.5 */
export async function bulkdata(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const instance = await findInstance(web, request);
  const record = await recordOf(web, instance);
  const item = record.bulkData.find((candidate) => candidate.path === request.params['path']);
  if (!item || record.sha256 !== instance.sha256) throw new FilmlessError('NOT_FOUND', 'no such bulk data');
  if (item.lengthBytes < 0) return encapsulated(web, request, instance, record, item);
  const own = ownMediaType(record, item);
  const media = chooseMedia(acceptedMedia(request), [
    { packaging: 'single', mediaType: own },
    { packaging: 'single', mediaType: OCTETS },
    { packaging: 'multipart', mediaType: OCTETS },
    { packaging: 'multipart', mediaType: own },
  ]);
  if (media.packaging === 'multipart') {
    const whole = { start: 0, end: item.lengthBytes };
    return multipartReply(media.mediaType, [
      {
        headers: { 'Content-Type': media.mediaType },
        sizeBytes: item.lengthBytes,
        body: () => chunks(web, instance, record, item, whole),
      },
    ]);
  }
  const range = parseByteRange(request.headers['range'], item.lengthBytes);
  const { start, end } = range ?? { start: 0, end: item.lengthBytes };
  const headers: Record<string, string> = {
    'content-type': media.mediaType,
    'accept-ranges': 'bytes',
    'content-length': String(end - start),
    etag: `"${record.sha256.slice(0, 32)}-${item.offsetBytes}"`,
  };
  if (range) headers['content-range'] = `bytes ${start}-${end - 1}/${item.lengthBytes}`;
  return {
    status: range ? 206 : 200,
    headers,
    body: bodyOf(chunks(web, instance, record, item, { start, end })),
    noCompression: true,
  };
}

/** All frames, as stored: what a BulkDataURI of compressed pixels stands for. */
async function encapsulated(
  web: Dicomweb,
  request: HttpRequest,
  instance: InstanceLocator,
  record: InstanceRecord,
  item: BulkDataItem,
): Promise<HttpReply> {
  if (item.path !== '7FE00010')
    throw new FilmlessError('NOT_FOUND', 'compressed values other than the pixel data are delivered with the instance');
  const image = await web.images.open(instance);
  try {
    const { mediaType } = chooseMedia(acceptedMedia(request), [
      { packaging: 'multipart', mediaType: image.media.mediaType },
      { packaging: 'multipart', mediaType: OCTETS },
    ]);
    const numbers = Array.from({ length: image.index.numberOfFrames }, (_, index) => index + 1);
    return deliver(
      web,
      image,
      numbers,
      { packaging: 'multipart', mediaType, transferSyntaxUID: record.transferSyntaxUID, asStored: true },
      request.signal,
    );
  } catch (error) {
    await image.close();
    throw error;
  }
}

async function* chunks(
  web: Dicomweb,
  instance: InstanceLocator,
  record: InstanceRecord,
  item: BulkDataItem,
  range: { start: number; end: number },
): AsyncGenerator<Uint8Array> {
  const { source, close } = await openInstance(
    web.plugin.storage,
    instance,
    web.plugin.config.maxFrameMiB * 1024 * 1024,
  );
  const wordBytes = isBigEndian(record) ? wordBytesOf(item.vr) : 1;
  try {
    for (let at = range.start; at < range.end; ) {
      // Whole words, so that they can be turned round; the ends are cut to what was asked for.
      const from = at - (at % wordBytes);
      const to = Math.min(item.lengthBytes, from + CHUNK_BYTES);
      const bytes = await source.read(item.offsetBytes + from, to - from);
      if (bytes.length < to - from) throw new FilmlessError('DICOM_TRUNCATED');
      const ordered = wordBytes > 1 && bytes.length % wordBytes === 0 ? swapWords(bytes, wordBytes) : bytes;
      yield ordered.subarray(at - from, Math.min(to, range.end) - from);
      at = to;
    }
  } finally {
    await close();
  }
}

/** An encapsulated document says what it is. @dicom PS3.3 C.24.2 */
function ownMediaType(record: InstanceRecord, item: BulkDataItem): string {
  const stated =
    item.path === '00420011' ? firstString(record.dataset, 'MIMETypeOfEncapsulatedDocument')?.toLowerCase() : undefined;
  return stated !== undefined && /^[\w.+-]+\/[\w.+-]+$/.test(stated) && !isActive(stated) ? stated : OCTETS;
}

/** What a browser would run in our origin is never named as such. */
function isActive(mediaType: string): boolean {
  return /html|xml|svg|script/.test(mediaType);
}
