import { FilmlessError } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import type { RenderParameters } from '../wado/render-parameters.ts';
import { encodeImage, type RenderedMedia } from './encode-image.ts';
import type { OpenImage } from './open-image.ts';
import { pixelAspect } from './pixel-aspect.ts';
import { readPresentation } from './read-presentation.ts';

/** One frame of an open image as JPEG, PNG or WebP. DECODE_FAILED, NOT_ACCEPTABLE where there is no decoder (video). */
export async function renderImage(
  web: Dicomweb,
  image: OpenImage,
  frameNumber: number,
  parameters: RenderParameters,
  media: RenderedMedia,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { decoder } = image.media;
  if (decoder === undefined)
    throw new FilmlessError('NOT_ACCEPTABLE', 'this transfer syntax cannot be rendered; ask for it as stored');
  const { record, layout, source } = image;
  const presentation = await readPresentation(record, layout, frameNumber - 1, source, parameters.window).catch(
    (error: unknown) => {
      throw error instanceof FilmlessError
        ? error
        : new FilmlessError('DECODE_FAILED', 'a lookup table of the image cannot be read', { cause: error });
    },
  );
  const encoded = await image.frame(frameNumber);
  const shown = await web.pool.run({ task: 'render', encoded, decoder, layout, presentation }, signal);
  return encodeImage(
    {
      pixels: shown.bytes,
      width: layout.columns,
      height: layout.rows,
      channels: shown.channels === 1 ? 1 : 3,
      pixelAspect: pixelAspect(record.dataset, frameNumber - 1),
    },
    parameters,
    media,
  );
}
