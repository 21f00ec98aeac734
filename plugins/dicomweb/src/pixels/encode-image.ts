import { FilmlessError } from '@filmless/core/plugin';
import sharp from 'sharp';
import type { RenderParameters, Viewport } from '../wado/render-parameters.ts';

/** The libvips operations of one image at a time are enough; images of different requests run beside each other. */
sharp.concurrency(1);
sharp.cache(false);

export const RENDERED_MEDIA = ['image/jpeg', 'image/png', 'image/webp'] as const;
export type RenderedMedia = (typeof RENDERED_MEDIA)[number];

export interface DisplayImage {
  /** Grey (1 channel) or RGB (3), row by row. */
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
  /** Height of a pixel divided by its width. */
  pixelAspect: number;
}

/** Cuts, mirrors and scales into the viewport, keeping what is round round, and compresses. @dicom PS3.18 8.3.5 */
export async function encodeImage(
  image: DisplayImage,
  parameters: Pick<RenderParameters, 'viewport' | 'quality'>,
  media: RenderedMedia,
): Promise<Uint8Array> {
  let pipeline = sharp(image.pixels, { raw: { width: image.width, height: image.height, channels: image.channels } });
  const region = sourceRegion(image, parameters.viewport);
  pipeline = pipeline.extract({ left: region.left, top: region.top, width: region.width, height: region.height });
  if (region.mirrored) pipeline = pipeline.flop();
  if (region.upsideDown) pipeline = pipeline.flip();
  const size = outputSize(region, image.pixelAspect, parameters.viewport);
  if (size.width !== region.width || size.height !== region.height)
    pipeline = pipeline.resize({ ...size, fit: 'fill' });
  // libvips would make a grey image RGB.
  if (image.channels === 1) pipeline = pipeline.toColourspace('b-w');
  if (media === 'image/png') return pipeline.png({ compressionLevel: 6 }).toBuffer();
  if (media === 'image/webp') return pipeline.webp({ quality: parameters.quality }).toBuffer();
  return pipeline.jpeg({ quality: parameters.quality, chromaSubsampling: '4:4:4' }).toBuffer();
}

interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
  mirrored: boolean;
  upsideDown: boolean;
}

function sourceRegion(image: DisplayImage, viewport: Viewport | undefined): Region {
  const { x = 0, y = 0, width, height } = viewport?.region ?? {};
  const left = Math.trunc(x);
  const top = Math.trunc(y);
  const wide = width === undefined ? image.width - left : Math.round(Math.abs(width));
  const high = height === undefined ? image.height - top : Math.round(Math.abs(height));
  if (left < 0 || top < 0 || wide < 1 || high < 1 || left + wide > image.width || top + high > image.height) {
    throw new FilmlessError(
      'INVALID_REQUEST',
      `the region of the viewport is outside the image of ${image.width} x ${image.height}`,
    );
  }
  return { left, top, width: wide, height: high, mirrored: (width ?? 1) < 0, upsideDown: (height ?? 1) < 0 };
}

/** As large as fits into the viewport, and as it may become; without one, no smaller than the stored pixels. */
function outputSize(
  region: { width: number; height: number },
  pixelAspect: number,
  viewport: Viewport | undefined,
): { width: number; height: number } {
  const trueWidth = pixelAspect < 1 ? region.width / pixelAspect : region.width;
  const trueHeight = pixelAspect > 1 ? region.height * pixelAspect : region.height;
  const longest = Math.max(trueWidth, trueHeight);
  const most = viewport?.enlargeTo === undefined ? Number.POSITIVE_INFINITY : Math.max(1, viewport.enlargeTo / longest);
  const scale = viewport ? Math.min(most, viewport.width / trueWidth, viewport.height / trueHeight) : 1;
  return { width: Math.max(1, Math.round(trueWidth * scale)), height: Math.max(1, Math.round(trueHeight * scale)) };
}
