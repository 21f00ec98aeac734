import { createHash } from 'node:crypto';
import type { HttpReply, HttpRequest, InstanceLocator } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { acceptedMedia, chooseMedia } from '../media/accept.ts';
import { RENDERED_MEDIA, type RenderedMedia } from '../pixels/encode-image.ts';
import { renderImage } from '../pixels/render-image.ts';
import { findInstances } from './find-instances.ts';
import { parseFrameList } from './frames.ts';
import { matches } from './metadata.ts';
import { parseRenderParameters, type Viewport } from './render-parameters.ts';
import { frameLocation, renderedMedia } from './rendered.ts';
import { openRepresentative } from './representative.ts';

const DEFAULT_VIEWPORT: Viewport = { width: 256, height: 256 };
const QUALITY = 85;
/** Changes when thumbnails come out differently. */
const FORMAT = 2;

/** The image that stands for a study, series, instance or frame, small. Content-Location names the frame shown. @dicom PS3.18 10.4.1.1.4 */
export async function thumbnail(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const viewport = parseRenderParameters(request.query).viewport ?? DEFAULT_VIEWPORT;
  const media = chooseMedia(
    acceptedMedia(request),
    RENDERED_MEDIA.map((mediaType) => ({ packaging: 'single', mediaType })),
  );
  const instances = await findInstances(web, request);
  const frame = request.params['frames'] === undefined ? undefined : parseFrameList(request.params['frames'])[0];
  const wanted: Wanted = { frame, viewport, mediaType: renderedMedia(media.mediaType) };
  const name = thumbnailName(instances, wanted);
  const headers: Record<string, string> = { etag: `"${name}"`, 'cache-control': 'private, no-cache', vary: 'Accept' };
  if (matches(request.headers['if-none-match'], `"${name}"`)) return { status: 304, headers, body: null };
  const { location, body } = await makeThumbnail(web, instances, wanted, request.signal);
  headers['content-type'] = media.mediaType;
  headers['content-length'] = String(body.length);
  headers['content-location'] = location;
  return { status: 200, headers, body, noCompression: true };
}

/** Made ahead for a series nobody asked for yet. */
export async function prepareThumbnail(
  web: Dicomweb,
  instances: readonly InstanceLocator[],
  signal: AbortSignal,
): Promise<void> {
  await makeThumbnail(
    web,
    instances,
    { frame: undefined, viewport: DEFAULT_VIEWPORT, mediaType: 'image/jpeg' },
    signal,
  );
}

interface Wanted {
  frame: number | undefined;
  viewport: Viewport;
  mediaType: RenderedMedia;
}

/** The same instances with the same bytes, wanted alike, have the same. */
function thumbnailName(instances: readonly InstanceLocator[], wanted: Wanted): string {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT, wanted]));
  for (const instance of instances) hash.update(`${instance.SOPInstanceUID} ${instance.sha256}\n`);
  return hash.digest('hex').slice(0, 40);
}

/** From the cache, or rendered now. */
async function makeThumbnail(
  web: Dicomweb,
  instances: readonly InstanceLocator[],
  wanted: Wanted,
  signal: AbortSignal,
): Promise<{ location: string; body: Uint8Array }> {
  const name = thumbnailName(instances, wanted);
  const key = `${name.slice(0, 2)}/${name}`;
  const kept = await web.thumbnails.get(key);
  const unpacked = kept && unpack(kept);
  if (unpacked) return unpacked;
  const { image, frameNumber, instance } = await openRepresentative(web, instances);
  try {
    const shown = wanted.frame ?? frameNumber;
    image.index.locate(shown);
    const body = await renderImage(
      web,
      image,
      shown,
      // Much larger than its pixels are it would only take longer, here, on the line and in the browser.
      { window: undefined, viewport: { ...wanted.viewport, enlargeTo: DEFAULT_VIEWPORT.width }, quality: QUALITY },
      wanted.mediaType,
      signal,
    );
    const location = frameLocation(instance, shown);
    await web.thumbnails.put(key, Buffer.concat([Buffer.from(`${location}\n`, 'latin1'), body]));
    return { location, body };
  } finally {
    await image.close();
  }
}

/** First line: which frame it is. */
function unpack(bytes: Buffer): { location: string; body: Buffer } | undefined {
  const end = bytes.indexOf(0x0a);
  return end < 0 ? undefined : { location: bytes.toString('latin1', 0, end), body: bytes.subarray(end + 1) };
}
