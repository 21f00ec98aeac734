import { EXPLICIT_VR_LITTLE_ENDIAN, FilmlessError, type HttpReply, type HttpRequest } from '@filmless/core/plugin';
import { DICOMWEB_ROOT, type Dicomweb, instancePath } from '../context.ts';
import { type AcceptedMedia, acceptedMedia, covers, notAcceptable } from '../media/accept.ts';
import { bodyOf } from '../media/body.ts';
import { multipartReply, type Part } from '../media/multipart.ts';
import type { OpenImage } from '../pixels/open-image.ts';
import { findInstance } from './find-instances.ts';

const OCTETS = 'application/octet-stream';
const MAX_FRAMES = 10_000;

/** How frames are going to be delivered. */
export interface Delivery {
  packaging: 'multipart' | 'single';
  mediaType: string;
  transferSyntaxUID: string;
  /** False: decoded to native pixels first. */
  asStored: boolean;
}

/**
 * WADO-RS frames: as stored, or as native little endian octets that agree with the instance's metadata.
 * @dicom PS3.18 10.4.1.1.6, 8.7.3.3, 8.7.3.5
 */
export async function frames(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const numbers = parseFrameList(request.params['frames'] ?? '');
  const image = await web.images.open(await findInstance(web, request));
  try {
    for (const number of numbers) image.index.locate(number);
    const delivery = negotiate(acceptedMedia(request), image, numbers.length);
    return deliver(web, image, numbers, delivery, request.signal);
  } catch (error) {
    await image.close();
    throw error;
  }
}

/** `1,2,5`; frames count from 1. */
export function parseFrameList(text: string): number[] {
  const numbers = text.split(',').map((part) => (/^\d{1,9}$/.test(part.trim()) ? Number(part) : 0));
  if (numbers.some((number) => number < 1))
    throw new FilmlessError('INVALID_REQUEST', 'frames are numbers from 1, separated by commas');
  if (numbers.length > MAX_FRAMES) throw new FilmlessError('INVALID_REQUEST', `at most ${MAX_FRAMES} frames at once`);
  return numbers;
}

/** Answers with frames of an open image, and closes it when the answer is sent or given up. */
export function deliver(
  web: Dicomweb,
  image: OpenImage,
  numbers: readonly number[],
  delivery: Delivery,
  signal: AbortSignal,
): HttpReply {
  if (delivery.packaging === 'single') {
    const number = numbers[0]!;
    const headers: Record<string, string> = { 'content-type': typeOf(delivery) };
    if (delivery.asStored) headers['content-length'] = String(image.frameSizeBytes(number));
    return {
      status: 200,
      headers,
      body: bodyOf(frameBytes(web, image, number, delivery, signal), () => image.close()),
      noCompression: true,
    };
  }
  const parts = numbers.map((number) => framePart(web, image, number, delivery, signal));
  return multipartReply(delivery.mediaType, parts, { close: () => image.close() });
}

const typeOf = ({ mediaType, transferSyntaxUID }: Delivery): string =>
  `${mediaType}; transfer-syntax=${transferSyntaxUID}`;

/** One frame of an open image as a part that names it. */
export function framePart(
  web: Dicomweb,
  image: OpenImage,
  number: number,
  delivery: Delivery,
  signal: AbortSignal,
): Part {
  return {
    headers: { 'Content-Type': typeOf(delivery), 'Content-Location': frameLocation(image, number) },
    sizeBytes: delivery.asStored ? image.frameSizeBytes(number) : undefined,
    body: () => frameBytes(web, image, number, delivery, signal),
  };
}

function frameBytes(
  web: Dicomweb,
  image: OpenImage,
  number: number,
  delivery: Delivery,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return delivery.asStored ? image.frameChunks(number) : decoded(web, image, number, signal);
}

/** How frames of the image go out. NOT_ACCEPTABLE. @param count how many in one answer */
export function negotiate(accepted: readonly AcceptedMedia[], image: OpenImage, count: number): Delivery {
  const available: Delivery[] = [];
  const { media, index, record } = image;
  const native = index.kind === 'native';
  const compressed = { mediaType: media.mediaType, transferSyntaxUID: record.transferSyntaxUID, asStored: true };
  for (const range of accepted) {
    const packaging = range.packaging === 'single' ? 'single' : 'multipart';
    if (packaging === 'single' && count > 1) continue;
    const wanted = range.transferSyntaxUID;
    if (native) {
      const fits =
        wanted === undefined ||
        wanted === '*' ||
        wanted === EXPLICIT_VR_LITTLE_ENDIAN ||
        wanted === record.transferSyntaxUID;
      // Native bytes go out in little endian order whatever the file has.
      if (fits && covers(range, OCTETS))
        available.push({ packaging, mediaType: OCTETS, transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, asStored: true });
    } else if (wanted === '*' || wanted === record.transferSyntaxUID) {
      if (covers(range, media.mediaType)) available.push({ packaging, ...compressed });
      // Asked for by viewers that look at the transfer syntax and not at the media type.
      else if (range.mediaType === OCTETS) available.push({ packaging, ...compressed, mediaType: OCTETS });
    } else if (wanted === undefined || wanted === EXPLICIT_VR_LITTLE_ENDIAN) {
      if (covers(range, OCTETS) && media.decoder !== undefined)
        available.push({ packaging, mediaType: OCTETS, transferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN, asStored: false });
      else if (wanted === undefined && covers(range, media.mediaType)) available.push({ packaging, ...compressed });
    }
    if (available[0]) return available[0];
  }
  const stored = `multipart/related; type="${media.mediaType}"; transfer-syntax=${native ? EXPLICIT_VR_LITTLE_ENDIAN : record.transferSyntaxUID}`;
  throw notAcceptable(
    media.decoder === undefined || native ? [stored] : [stored, `multipart/related; type="${OCTETS}"`],
  );
}

async function* decoded(
  web: Dicomweb,
  image: OpenImage,
  number: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { decoder } = image.media;
  if (decoder === undefined) throw new FilmlessError('TRANSCODE_UNSUPPORTED');
  const frame = await web.pool.run(
    { task: 'frame', encoded: await image.frame(number), decoder, layout: image.layout },
    signal,
  );
  yield frame.bytes;
}

function frameLocation(image: OpenImage, number: number): string {
  return `${DICOMWEB_ROOT}${instancePath(image.record)}/frames/${number}`;
}
