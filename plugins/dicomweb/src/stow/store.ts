import {
  FilmlessError,
  type HttpReply,
  type HttpRequest,
  type InstanceSource,
  sourceLimits,
} from '@filmless/core/plugin';
import { type Dicomweb, serviceUrl } from '../context.ts';
import { acceptedMedia, chooseMedia, parseMediaType } from '../media/accept.ts';
import { datasetToXml } from '../media/dicom-xml.ts';
import { readMultipart } from '../media/multipart-reader.ts';
import { type Receiver, receivePart } from './receive-part.ts';
import { type StoreOutcome, storeResponse, storeStatus } from './store-result.ts';

const DICOM = 'application/dicom';
/** Instances of one request on their way to the disk. */
const MAX_SETTLING = 8;

/**
 * STOW-RS of Part 10 files, one (`application/dicom`) or many (`multipart/related; type="application/dicom"`), each stored and durable on its own.
 * @dicom PS3.18 10.5
 */
export async function store(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const { plugin } = web;
  const answer = chooseMedia(acceptedMedia(request), [
    { packaging: 'single', mediaType: 'application/dicom+json' },
    { packaging: 'single', mediaType: 'application/json' },
    { packaging: 'single', mediaType: 'application/dicom+xml' },
  ]);
  const content = parseMediaType(request.headers['content-type'] ?? '');
  const boundary = content?.parameters.get('boundary');
  const multipart = content?.mediaType === 'multipart/related';
  if (!multipart && content?.mediaType !== DICOM) throw unsupported();
  const inner = content.parameters.get('type');
  if (multipart && inner !== undefined && parseMediaType(inner)?.mediaType !== DICOM) throw unsupported();
  if (multipart && !boundary)
    throw new FilmlessError('INVALID_REQUEST', 'the boundary of the multipart message is missing');
  await plugin.ingest.admit(Number(request.headers['content-length'] ?? 0) || 0);

  const receiver: Receiver = {
    ingest: plugin.ingest,
    storage: plugin.storage,
    maxInstanceBytes: plugin.config.maxInstanceMiB * 1024 * 1024,
  };
  const source: InstanceSource = {
    via: 'stow',
    ...(request.identity ? sourceLimits(request.identity) : {}),
    name: request.identity?.id ?? 'anonymous',
    ...(request.address === undefined ? {} : { address: request.address }),
  };
  const outcomes = multipart
    ? await receiveAll(receiver, request, boundary!, source)
    : [await (await receivePart(receiver, request.stream(), source, request.params['study'])).outcome];
  if (request.signal.aborted) throw new FilmlessError('INVALID_REQUEST', 'the client went away');

  const response = storeResponse(outcomes, serviceUrl(web, request));
  const xml = answer.mediaType === 'application/dicom+xml';
  return {
    status: storeStatus(outcomes),
    headers: { 'content-type': answer.mediaType },
    body: xml ? datasetToXml(response) : JSON.stringify(response),
  };
}

/**
 * INVALID_REQUEST when nothing at all was in the message; a message that breaks off after some instances reports those.
 * The next part is read while those before it are made durable.
 */
async function receiveAll(
  receiver: Receiver,
  request: HttpRequest,
  boundary: string,
  source: InstanceSource,
): Promise<StoreOutcome[]> {
  const outcomes: Promise<StoreOutcome>[] = [];
  try {
    for await (const part of readMultipart(request.stream(), boundary, request.signal)) {
      const type = parseMediaType(part.headers['content-type'] ?? DICOM)?.mediaType;
      if (type === DICOM) {
        outcomes.push((await receivePart(receiver, part.stream, source, request.params['study'])).outcome);
        await outcomes.at(-MAX_SETTLING);
      } else {
        part.stream.destroy();
        outcomes.push(Promise.resolve({ stored: false, error: unsupported() }));
      }
    }
  } catch (error) {
    if (outcomes.length === 0) throw error;
    outcomes.push(Promise.resolve({ stored: false, error: FilmlessError.from(error) }));
  }
  if (outcomes.length === 0) throw new FilmlessError('INVALID_REQUEST', 'the message holds no part');
  return Promise.all(outcomes);
}

function unsupported(): FilmlessError {
  return new FilmlessError('UNSUPPORTED_MEDIA_TYPE', `send ${DICOM}, alone or in multipart/related; type="${DICOM}"`);
}
