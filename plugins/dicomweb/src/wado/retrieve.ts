import {
  EXPLICIT_VR_LITTLE_ENDIAN,
  encodeFileMetaInformation,
  FilmlessError,
  type HttpReply,
  type HttpRequest,
  type InstanceLocator,
} from '@filmless/core/plugin';
import { DICOMWEB_ROOT, type Dicomweb, instancePath } from '../context.ts';
import { conversionOf, convertInstance } from '../convert/convert-instance.ts';
import { type AcceptedMedia, acceptedMedia, covers, notAcceptable } from '../media/accept.ts';
import { bodyOf } from '../media/body.ts';
import { multipartReply, type Part } from '../media/multipart.ts';
import { type FilePiece, pack, piecesOf } from '../media/pack.ts';
import { bySeries, findInstances } from './find-instances.ts';

const DICOM = 'application/dicom';
const READ_BYTES = 256 * 1024;

/**
 * WADO-RS of a study, a series or an instance. Stored bytes go out untouched where `transfer-syntax=*`, the stored syntax, or (for what is
 * stored in it) Explicit VR Little Endian is wanted.
 * @dicom PS3.18 10.4.1.1.1, 10.4.1.1.2, 10.4.1.1.3, 8.7.3.5.2
 */
export async function retrieve(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const instances = await findInstances(web, request);
  const ranges = acceptedMedia(request).filter((range) => covers(range, DICOM));
  const first = ranges[0];
  if (!first) throw notAcceptable([`multipart/related; type="${DICOM}"; transfer-syntax=*`, DICOM]);
  const convert = instances.map((instance) => mustConvert(instance, ranges));
  // The identity that came is asked for by name, and goes out as the stored bytes.
  const corrected = request.query.get('identity') === 'original' ? false : await hasOverlay(web, instances);
  // Our choice: a list answers `application/dicom` with the multipart form too, which clients that say so expect.
  if (request.params['instance'] !== undefined && first.packaging === 'single')
    return single(web, instances[0]!, convert[0]!, corrected, request.signal);
  return multipartReply(
    DICOM,
    instances.map((instance, index) => part(web, instance, convert[index]!, corrected, request.signal)),
  );
}

/**
 * False: as stored. What a client that names no transfer syntax cannot get converted (video) goes out as stored, and its part says so: our
 * choice, an object is never left out. A single instance that is asked for in a syntax it cannot have is refused.
 */
function mustConvert(instance: InstanceLocator, ranges: readonly AcceptedMedia[]): boolean {
  const stored = instance.transferSyntaxUID;
  const conversion = conversionOf(stored);
  for (const { transferSyntaxUID: wanted } of ranges) {
    if (wanted === '*' || wanted === stored) return false;
    if (wanted === undefined || wanted === EXPLICIT_VR_LITTLE_ENDIAN) {
      if (conversion === 'none') return false;
      if (conversion !== 'impossible') return true;
      if (wanted === undefined) return false;
    }
  }
  throw new FilmlessError(
    'TRANSCODE_UNSUPPORTED',
    `available: ${stored}${conversion === 'impossible' ? '' : `, ${EXPLICIT_VR_LITTLE_ENDIAN}`}`,
  );
}

/** Whether some of these may carry another identity than they came with: a series is of one patient, so its ends tell. */
async function hasOverlay(web: Dicomweb, instances: readonly InstanceLocator[]): Promise<boolean> {
  for (const series of bySeries(instances)) {
    for (const end of new Set([series[0], series.at(-1)]))
      if (end && (await web.plugin.delivery.overlayOf(end.SOPInstanceUID))) return true;
  }
  return false;
}

function single(
  web: Dicomweb,
  instance: InstanceLocator,
  convert: boolean,
  corrected: boolean,
  signal: AbortSignal,
): HttpReply {
  const { headers, sizeBytes, body } = part(web, instance, convert, corrected, signal);
  return {
    status: 200,
    headers: {
      'content-type': headers['Content-Type']!,
      ...(sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) }),
    },
    body: bodyOf(pack(piecesOf(body()), sizeBytes)),
    noCompression: true,
  };
}

function part(
  web: Dicomweb,
  instance: InstanceLocator,
  convert: boolean,
  corrected: boolean,
  signal: AbortSignal,
): Part {
  const transferSyntaxUID = convert ? EXPLICIT_VR_LITTLE_ENDIAN : instance.transferSyntaxUID;
  const headers = {
    'Content-Type': `${DICOM}; transfer-syntax=${transferSyntaxUID}`,
    'Content-Location': `${DICOMWEB_ROOT}${instancePath(instance)}`,
  };
  if (convert) return { headers, sizeBytes: undefined, body: () => convertInstance(web, instance, corrected, signal) };
  if (corrected) return { headers, sizeBytes: undefined, body: () => deliveredBytes(web, instance) };
  const meta = missingMeta(instance);
  const file: FilePiece = { sizeBytes: instance.sizeBytes, open: () => web.plugin.storage.open(instance.sha256) };
  return { headers, sizeBytes: instance.sizeBytes + meta.length, body: () => [meta, file] };
}

/** The object with the identity that holds now. */
async function* deliveredBytes(web: Dicomweb, instance: InstanceLocator): AsyncGenerator<Uint8Array> {
  const object = await web.plugin.delivery.open(instance);
  try {
    if (!object.overlaid) yield missingMeta(instance);
    for (let at = 0; at < object.sizeBytes; at += READ_BYTES)
      yield await object.read(at, Math.min(READ_BYTES, object.sizeBytes - at));
  } finally {
    await object.close();
  }
}

/** A data set received without File Meta Information is kept so; what leaves under application/dicom is a Part 10 file. @dicom PS3.10 7.1 */
function missingMeta(instance: InstanceLocator): Uint8Array {
  return instance.datasetOffsetBytes > 0 ? new Uint8Array() : encodeFileMetaInformation(instance);
}
