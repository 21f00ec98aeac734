import { FilmlessError, type HttpReply, type HttpRequest, type InstanceLocator } from '@filmless/core/plugin';
import { DICOMWEB_ROOT, type Dicomweb, instancePath } from '../context.ts';
import { acceptedMedia, chooseMedia } from '../media/accept.ts';
import { multipartReply, type Part } from '../media/multipart.ts';
import { RENDERED_MEDIA, type RenderedMedia } from '../pixels/encode-image.ts';
import { renderImage } from '../pixels/render-image.ts';
import { findInstances } from './find-instances.ts';
import { parseFrameList } from './frames.ts';
import { parseRenderParameters, type RenderParameters } from './render-parameters.ts';
import { mayBeShown, openRepresentative } from './representative.ts';

/**
 * Rendered frames, instance, series or study. As a single part: the frame asked for, or the representative one; as multipart/related: every
 * frame, one after another as they are rendered.
 * @dicom PS3.18 10.4.1.1.3, 8.3.5
 */
export async function rendered(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const parameters = parseRenderParameters(request.query);
  const listed = request.params['frames'];
  const numbers = listed === undefined ? undefined : parseFrameList(listed);
  const offers = RENDERED_MEDIA.flatMap((mediaType) => [
    { packaging: 'single' as const, mediaType },
    { packaging: 'multipart' as const, mediaType },
  ]);
  const several = numbers !== undefined && numbers.length > 1;
  const media = chooseMedia(
    acceptedMedia(request),
    several ? offers.filter((offer) => offer.packaging === 'multipart') : offers,
  );
  const mediaType = renderedMedia(media.mediaType);
  const instances = await findInstances(web, request);
  if (media.packaging === 'multipart') {
    const shown = instances.filter(mayBeShown);
    if (shown.length === 0) throw new FilmlessError('NOT_FOUND', 'there is no image to show');
    return multipartReply(mediaType, renderedParts(web, shown, numbers, parameters, mediaType, request.signal));
  }
  const frame = numbers?.[0] ?? (request.params['instance'] === undefined ? undefined : 1);
  return renderedReply(web, instances, frame, parameters, mediaType, request.signal);
}

/** One rendered frame as the whole answer; without a frame number the representative one. */
export async function renderedReply(
  web: Dicomweb,
  instances: readonly InstanceLocator[],
  frame: number | undefined,
  parameters: RenderParameters,
  mediaType: RenderedMedia,
  signal: AbortSignal,
): Promise<HttpReply> {
  const { image, frameNumber, instance } = await openFrame(web, instances, frame);
  try {
    image.index.locate(frameNumber);
    const body = await renderImage(web, image, frameNumber, parameters, mediaType, signal);
    return {
      status: 200,
      headers: {
        'content-type': mediaType,
        'content-length': String(body.length),
        'content-location': frameLocation(instance, frameNumber),
        'cache-control': 'private, no-cache',
      },
      body,
      noCompression: true,
    };
  } finally {
    await image.close();
  }
}

async function openFrame(
  web: Dicomweb,
  instances: readonly InstanceLocator[],
  frame: number | undefined,
): Promise<Awaited<ReturnType<typeof openRepresentative>>> {
  const instance = instances[0];
  if (frame === undefined || !instance) return openRepresentative(web, instances);
  return { image: await web.images.open(instance), frameNumber: frame, instance };
}

async function* renderedParts(
  web: Dicomweb,
  instances: readonly InstanceLocator[],
  numbers: readonly number[] | undefined,
  parameters: RenderParameters,
  mediaType: RenderedMedia,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  for (const instance of instances) {
    const image = await web.images.open(instance).catch((error: unknown) => {
      // An object without pixels is no part of a rendered study.
      if (error instanceof FilmlessError && error.code === 'NOT_FOUND' && instances.length > 1) return undefined;
      throw error;
    });
    if (!image) continue;
    try {
      if (image.media.decoder === undefined && instances.length > 1) continue;
      for (const number of numbers ?? Array.from({ length: image.index.numberOfFrames }, (_, index) => index + 1)) {
        const body = await renderImage(web, image, number, parameters, mediaType, signal);
        yield {
          headers: { 'Content-Type': mediaType, 'Content-Location': frameLocation(instance, number) },
          sizeBytes: body.length,
          body: () => [body],
        };
      }
    } finally {
      await image.close();
    }
  }
}

export function renderedMedia(mediaType: string): RenderedMedia {
  const found = RENDERED_MEDIA.find((media) => media === mediaType);
  if (!found) throw new FilmlessError('NOT_ACCEPTABLE', `available: ${RENDERED_MEDIA.join(', ')}`);
  return found;
}

export function frameLocation(instance: InstanceLocator, frameNumber: number): string {
  return `${DICOMWEB_ROOT}${instancePath(instance)}/frames/${frameNumber}`;
}
