import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { HttpReply, HttpRequest, InstanceLocator } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { acceptedMedia, chooseMedia } from '../media/accept.ts';
import { xmlPart } from '../media/dataset-reply.ts';
import { multipartReply, type Part } from '../media/multipart.ts';
import { bySeries, findInstances, recordOf } from './find-instances.ts';
import { type DeflatedPiece, gzipOf, storedPiece } from './gzip-pieces.ts';
import { instanceMetadata } from './instance-metadata.ts';

/** WADO-RS metadata of a study, a series or an instance. @dicom PS3.18 10.4.1.1.2 */
export async function metadata(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const media = chooseMedia(acceptedMedia(request), [
    { packaging: 'single', mediaType: 'application/dicom+json' },
    { packaging: 'single', mediaType: 'application/json' },
    { packaging: 'multipart', mediaType: 'application/dicom+xml' },
  ]);
  const instances = await findInstances(web, request);
  const series = bySeries(instances);
  const fingerprints = await Promise.all(series.map((group) => web.metadata.fingerprint(group)));
  const etag = `"${createHash('sha256')
    .update(`${media.mediaType}\n${fingerprints.join('\n')}`)
    .digest('hex')
    .slice(0, 32)}"`;
  const headers: Record<string, string> = {
    etag,
    'cache-control': 'private, no-cache',
    vary: 'Accept, Accept-Encoding',
  };
  if (matches(request.headers['if-none-match'], etag)) return { status: 304, headers, body: null };
  if (media.packaging === 'multipart') return multipartReply(media.mediaType, xmlParts(web, instances), { headers });

  headers['content-type'] = media.mediaType;
  if (request.params['instance'] !== undefined) {
    const record = await web.plugin.identities.apply(await recordOf(web, instances[0]!));
    return { status: 200, headers, body: JSON.stringify([instanceMetadata(record, web.metadata.bulkDataRoot)]) };
  }
  const chunks = gzipOf(await jsonPieces(web, series));
  if (takesGzip(request.headers['accept-encoding'])) {
    headers['content-encoding'] = 'gzip';
    headers['content-length'] = String(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    return { status: 200, headers, body: Buffer.concat(chunks), noCompression: true };
  }
  const plain = Readable.from(chunks, { objectMode: false });
  return { status: 200, headers, body: plain.pipe(createGunzip()), noCompression: true };
}

/** The pieces of one JSON array over all series. */
async function jsonPieces(web: Dicomweb, series: readonly InstanceLocator[][]): Promise<DeflatedPiece[]> {
  const pieces: DeflatedPiece[] = [storedPiece('[')];
  const comma = storedPiece(',');
  for (const group of series) {
    const { piece } = await web.metadata.series(group);
    // Every record of a series may have been deleted since the index was asked.
    if (piece.sizeBytes === 0) continue;
    if (pieces.length > 1) pieces.push(comma);
    pieces.push(piece);
  }
  pieces.push(storedPiece(']'));
  return pieces;
}

async function* xmlParts(web: Dicomweb, instances: readonly InstanceLocator[]): AsyncGenerator<Part> {
  for await (const dataset of web.metadata.datasets(instances)) yield xmlPart(dataset);
}

/** @see RFC 9110 12.5.3 */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  for (const coding of acceptEncoding.split(',')) {
    const [name, ...parameters] = coding.split(';').map((part) => part.trim().toLowerCase());
    if (name === 'gzip' || name === 'x-gzip' || name === '*')
      return !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  }
  return false;
}

/** @see RFC 9110 13.1.2 */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}
