import { renderColour, renderPalette } from './colour.ts';
import { renderGrayscale } from './grayscale.ts';
import type { PixelLayout, Presentation } from './image-description.ts';

/** A decoded frame as 8-bit display values, grey (1 channel) or RGB (3), row by row. */
export function renderFrame(
  pixels: Uint8Array,
  layout: PixelLayout,
  presentation: Presentation,
): { pixels: Uint8Array; channels: 1 | 3 } {
  if (layout.photometricInterpretation === 'PALETTE COLOR') {
    if (!presentation.palette) throw new Error('the palette is missing');
    return { pixels: renderPalette(pixels, layout, presentation.palette), channels: 3 };
  }
  if (layout.samplesPerPixel === 3) return { pixels: renderColour(pixels, layout), channels: 3 };
  if (layout.samplesPerPixel !== 1) throw new Error(`${layout.samplesPerPixel} samples per pixel are not supported`);
  return { pixels: renderGrayscale(pixels, layout, presentation), channels: 1 };
}
