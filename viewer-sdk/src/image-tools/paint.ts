import { levelTable, type Presentation } from '../dicom/tone-curve.ts';
import type { PixelGrid, ViewState } from '../engine/contract.ts';

const TABLE_ENTRIES = 4096;

/** Grey bytes of values. */
export function greyOf(presentation: Presentation): (value: number) => number {
  const { lower, upper, levels } = levelTable(presentation, TABLE_ENTRIES);
  const grey = Uint8ClampedArray.from(levels, (level) => level * 255);
  const scale = (grey.length - 1) / (upper - lower);
  const last = grey.length - 1;
  return (value) => grey[Math.min(last, Math.max(0, Math.round((value - lower) * scale)))] ?? 0;
}

export interface Region {
  /** Size of the picture in its own pixels. */
  readonly width: number;
  readonly height: number;
  /** The image's place of the picture's upper left corner, and of a step to the right and down, in image pixels. */
  readonly origin: readonly [x: number, y: number];
  readonly right: readonly [x: number, y: number];
  readonly down: readonly [x: number, y: number];
}

/** The part of the image that lies around a place of the screen, enlarged. @param at CSS pixels of the cell */
export function regionAround(
  { a, b, c, d, e, f }: ViewState['toScreen'],
  [x, y]: readonly [number, number],
  zoom: number,
  { width, height, perCssPixel }: { width: number; height: number; perCssPixel: number },
): Region {
  const determinant = a * d - b * c;
  const toImage = (dx: number, dy: number): [number, number] => [
    (d * dx - c * dy) / determinant,
    (a * dy - b * dx) / determinant,
  ];
  const middle = toImage(x - e, y - f);
  const step = 1 / (zoom * perCssPixel);
  const right = toImage(step, 0);
  const down = toImage(0, step);
  const origin: [number, number] = [
    middle[0] - (right[0] * width) / 2 - (down[0] * height) / 2,
    middle[1] - (right[1] * width) / 2 - (down[1] * height) / 2,
  ];
  return { width, height, origin, right, down };
}

/** Paints a region from the original values, interpolated between the middles of pixels as the renderer does. Outside the image it is black. */
export function paintRegion(grid: PixelGrid, region: Region, presentation: Presentation): ImageData {
  const { width, height, origin, right, down } = region;
  const { rows, columns, data, samplesPerPixel } = grid;
  const picture = new ImageData(width, height);
  const out = picture.data;
  const color = samplesPerPixel >= 3;
  const grey = greyOf(presentation);
  const sample = (x: number, y: number, channel: number): number => {
    const column = Math.min(columns - 1, Math.max(0, x));
    const row = Math.min(rows - 1, Math.max(0, y));
    return data[(row * columns + column) * samplesPerPixel + channel] ?? 0;
  };
  for (let v = 0, at = 0; v < height; v += 1) {
    for (let u = 0; u < width; u += 1, at += 4) {
      const x = origin[0] + right[0] * (u + 0.5) + down[0] * (v + 0.5);
      const y = origin[1] + right[1] * (u + 0.5) + down[1] * (v + 0.5);
      out[at + 3] = 255;
      if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
      const column = Math.floor(x - 0.5);
      const row = Math.floor(y - 0.5);
      const across = x - 0.5 - column;
      const along = y - 0.5 - row;
      for (let channel = 0; channel < (color ? 3 : 1); channel += 1) {
        const upper = sample(column, row, channel) * (1 - across) + sample(column + 1, row, channel) * across;
        const lower = sample(column, row + 1, channel) * (1 - across) + sample(column + 1, row + 1, channel) * across;
        const level = grey(upper * (1 - along) + lower * along);
        if (color) out[at + channel] = level;
        else out[at] = out[at + 1] = out[at + 2] = level;
      }
    }
  }
  return picture;
}
