import { FilmlessError } from '@filmless/core/plugin';
import type { VoiWindow } from '../pixels/image-description.ts';

/** Region of the source image and the box it is scaled into, in pixels. Negative sizes mirror. @dicom PS3.18 8.3.5.1.3 */
export interface Viewport {
  width: number;
  height: number;
  region?: { x: number; y: number; width: number | undefined; height: number | undefined };
  /** An image with fewer pixels becomes no larger than this on its longest side. */
  enlargeTo?: number;
}

export interface RenderParameters {
  window: VoiWindow | undefined;
  viewport: Viewport | undefined;
  /** 1 (worst) … 100, of lossy formats. */
  quality: number;
}

const MAX_VIEWPORT = 8192;
const DEFAULT_QUALITY = 90;

/** `window`, `viewport` and `quality`. INVALID_REQUEST names the parameter. @dicom PS3.18 8.3.5 */
export function parseRenderParameters(query: URLSearchParams): RenderParameters {
  return {
    window: parseWindow(query.get('window')),
    viewport: parseViewport(query.get('viewport')),
    quality: parseQuality(query.get('quality')),
  };
}

/** `center,width,function`, function in lower case and with a hyphen. @dicom PS3.18 8.3.5.1.4 */
function parseWindow(text: string | null): VoiWindow | undefined {
  if (text === null || text === '') return undefined;
  const [center, width, shape = 'linear', ...rest] = text.split(',').map((part) => part.trim());
  const functions = { linear: 'LINEAR', 'linear-exact': 'LINEAR_EXACT', sigmoid: 'SIGMOID' } as const;
  const found = Object.entries(functions).find(([name]) => name === shape.toLowerCase().replace('_', '-'))?.[1];
  const window = { center: Number(center), width: Number(width) };
  if (
    center === '' ||
    width === '' ||
    !Number.isFinite(window.center) ||
    !Number.isFinite(window.width) ||
    !found ||
    rest.length > 0
  ) {
    throw new FilmlessError(
      'INVALID_REQUEST',
      'window is center,width,function with function linear, linear-exact or sigmoid',
    );
  }
  return checkedWindow(window.center, window.width, found);
}

export function checkedWindow(center: number, width: number, voiFunction: VoiWindow['function']): VoiWindow {
  if (voiFunction === 'LINEAR' ? width < 1 : width <= 0)
    throw new FilmlessError('INVALID_REQUEST', 'the window is too narrow');
  return { center, width, function: voiFunction };
}

/** `vw,vh` or `vw,vh,sx,sy,sw,sh`; empty parts of the region mean its default. */
function parseViewport(text: string | null): Viewport | undefined {
  if (text === null || text === '') return undefined;
  const parts = text.split(',').map((part) => (part.trim() === '' ? undefined : Number(part)));
  const [width, height, x, y, sourceWidth, sourceHeight] = parts;
  const valid =
    (parts.length === 2 || parts.length === 6) && parts.every((part) => part === undefined || Number.isFinite(part));
  if (!valid || width === undefined || height === undefined)
    throw new FilmlessError('INVALID_REQUEST', 'viewport is vw,vh or vw,vh,sx,sy,sw,sh');
  return checkedViewport({
    width,
    height,
    ...(parts.length === 6 ? { region: { x: x ?? 0, y: y ?? 0, width: sourceWidth, height: sourceHeight } } : {}),
  });
}

export function checkedViewport(viewport: Viewport): Viewport {
  const { width, height, region } = viewport;
  if (
    !Number.isInteger(width) ||
    !Number.isInteger(height) ||
    width < 1 ||
    height < 1 ||
    width > MAX_VIEWPORT ||
    height > MAX_VIEWPORT
  ) {
    throw new FilmlessError('INVALID_REQUEST', `a viewport is 1 to ${MAX_VIEWPORT} pixels wide and high`);
  }
  if (region && (region.width === 0 || region.height === 0))
    throw new FilmlessError('INVALID_REQUEST', 'the region of the viewport is empty');
  return viewport;
}

function parseQuality(text: string | null): number {
  if (text === null || text === '') return DEFAULT_QUALITY;
  const quality = Number(text);
  if (!Number.isInteger(quality) || quality < 1 || quality > 100)
    throw new FilmlessError('INVALID_REQUEST', 'quality is a whole number from 1 to 100');
  return quality;
}
