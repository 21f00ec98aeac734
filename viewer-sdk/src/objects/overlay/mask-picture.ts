import { channelsOf } from './colour.ts';

/** A picture of a mask and the pixels it covers. */
export interface MaskPicture {
  readonly url: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The inside lets the image through; the edge is drawn whole. */
const INSIDE = 0.4;

/**
 * Paints a mask: filled, with a sharp edge.
 * @param level how much of each pixel belongs to the part, 0 to 1
 * @returns `undefined` when nothing of it is there
 */
export async function paintMask(
  level: (index: number) => number,
  columns: number,
  rows: number,
  colour: string,
): Promise<MaskPicture | undefined> {
  let [left, top, right, bottom] = [columns, rows, -1, -1];
  for (let index = 0; index < columns * rows; index += 1) {
    if (level(index) <= 0) continue;
    const x = index % columns;
    const y = (index - x) / columns;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (right < 0) return undefined;
  const width = right - left + 1;
  const height = bottom - top + 1;
  const [red, green, blue] = channelsOf(colour);
  const image = new ImageData(width, height);
  const covered = (x: number, y: number) => x >= 0 && y >= 0 && x < columns && y < rows && level(y * columns + x) > 0;
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const share = level(y * columns + x);
      if (share <= 0) continue;
      const isEdge = !(covered(x - 1, y) && covered(x + 1, y) && covered(x, y - 1) && covered(x, y + 1));
      const at = ((y - top) * width + x - left) * 4;
      image.data.set([red, green, blue, Math.round(255 * share * (isEdge ? 1 : INSIDE))], at);
    }
  }
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  return blob ? { url: URL.createObjectURL(blob), x: left, y: top, width, height } : undefined;
}
