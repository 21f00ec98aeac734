import { levelTable, type Presentation } from '../../dicom/tone-curve.ts';
import type { PixelGrid, ViewState } from '../../engine/contract.ts';

/** As many levels of grey values are told apart: all of 16 bits. */
const MOST_ENTRIES = 65_536;

/** A frame as it is looked at: window, curve and inversion. */
export const presentationOf = ({ frame, window, tone, inverted }: ViewState, { padding }: PixelGrid): Presentation => ({
  window,
  tone,
  inverted: inverted !== (frame.pixels.photometricInterpretation === 'MONOCHROME1'),
  padding,
});

/**
 * The picture of a frame at its own size, a pixel for a pixel: grey values by window and curve, colours as they are.
 * Colour pictures know inversion alone.
 */
export function rasterise(grid: PixelGrid, presentation: Presentation): ImageData {
  const { rows, columns, samplesPerPixel, data } = grid;
  const image = new ImageData(columns, rows);
  const pixels = image.data;
  const count = rows * columns;
  if (samplesPerPixel >= 3) {
    const flip = presentation.inverted ? 255 : 0;
    for (let index = 0; index < count; index += 1) {
      const from = index * samplesPerPixel;
      for (let channel = 0; channel < 3; channel += 1)
        pixels[index * 4 + channel] = Math.abs(flip - (data[from + channel] ?? 0));
      pixels[index * 4 + 3] = 255;
    }
    return image;
  }
  const { lower, upper, levels } = levelTable(presentation, MOST_ENTRIES);
  const last = levels.length - 1;
  const step = (upper - lower) / last;
  // Bytes once for all pixels: a level is looked up, never computed.
  const bytes = Uint8ClampedArray.from(levels, (level) => level * 255);
  for (let index = 0; index < count; index += 1) {
    const entry = Math.round(((data[index] ?? 0) - lower) / step);
    const byte = bytes[Math.min(last, Math.max(0, entry))] ?? 0;
    const at = index * 4;
    pixels[at] = byte;
    pixels[at + 1] = byte;
    pixels[at + 2] = byte;
    pixels[at + 3] = 255;
  }
  return image;
}
