/** Shifts of a mask in pixels: to the right and down where positive. */
export type PixelShift = readonly [x: number, y: number];

/** Differences of logarithms are kept as thousandths: whole numbers draw faster than fractions, and a thousandth is a tenth of the noise. */
export const LOG_SCALE = 1000;

/**
 * The mask that is subtracted from every frame: the mean of the mask frames, moved by fractions of a pixel, as a logarithm if asked for.
 * X-rays are weakened by factors: their logarithms have to be subtracted, so that a vessel is as dark over bone as beside it.
 * @dicom PS3.3 C.7.6.10
 */
export function prepareMask(
  masks: readonly ArrayLike<number>[],
  columns: number,
  rows: number,
  [shiftX, shiftY]: PixelShift,
  logarithmic: boolean,
): Float32Array {
  const mean = new Float32Array(columns * rows);
  for (const mask of masks)
    for (let index = 0; index < mean.length; index += 1)
      mean[index] = (mean[index] ?? 0) + (mask[index] ?? 0) / masks.length;
  const moved = shiftX === 0 && shiftY === 0 ? mean : shifted(mean, columns, rows, shiftX, shiftY);
  if (logarithmic) for (let index = 0; index < moved.length; index += 1) moved[index] = logOf(moved[index] ?? 0);
  return moved;
}

/** Values below 1 have no logarithm worth having. */
const logOf = (value: number): number => Math.log(Math.max(1, value)) * LOG_SCALE;

function shifted(source: Float32Array, columns: number, rows: number, shiftX: number, shiftY: number): Float32Array {
  const out = new Float32Array(source.length);
  const clampX = (x: number): number => Math.min(columns - 1, Math.max(0, x));
  const clampY = (y: number): number => Math.min(rows - 1, Math.max(0, y));
  const wholeX = Math.floor(-shiftX);
  const wholeY = Math.floor(-shiftY);
  const across = -shiftX - wholeX;
  const along = -shiftY - wholeY;
  for (let row = 0; row < rows; row += 1) {
    const upper = clampY(row + wholeY) * columns;
    const lower = clampY(row + wholeY + 1) * columns;
    for (let column = 0; column < columns; column += 1) {
      const left = clampX(column + wholeX);
      const right = clampX(column + wholeX + 1);
      const above = (source[upper + left] ?? 0) * (1 - across) + (source[upper + right] ?? 0) * across;
      const below = (source[lower + left] ?? 0) * (1 - across) + (source[lower + right] ?? 0) * across;
      out[row * columns + column] = above * (1 - along) + below * along;
    }
  }
  return out;
}

export interface Difference {
  readonly data: Int16Array<ArrayBuffer>;
  readonly minimum: number;
  readonly maximum: number;
}

/** The frame without what was there before the contrast medium. */
export function subtractMask(frame: ArrayLike<number>, mask: Float32Array, logarithmic: boolean): Difference {
  const data = new Int16Array(mask.length);
  let minimum = 32_767;
  let maximum = -32_768;
  // Logarithms of whole numbers are looked up.
  const table = logarithmic ? logTable() : undefined;
  for (let index = 0; index < data.length; index += 1) {
    const value = frame[index] ?? 0;
    const own = table ? (table[value] ?? logOf(value)) : value;
    const difference = Math.min(32_767, Math.max(-32_768, Math.round(own - (mask[index] ?? 0))));
    data[index] = difference;
    if (difference < minimum) minimum = difference;
    if (difference > maximum) maximum = difference;
  }
  return { data, minimum, maximum };
}

let logs: Float32Array | undefined;

function logTable(): Float32Array {
  logs ??= Float32Array.from({ length: 65_536 }, (_, value) => logOf(value));
  return logs;
}
