import type { ImageDirection, ViewState } from './contract.ts';

/** Rows of the matrix that takes image directions to screen directions: which way on the image the screen's right and down point. */
export interface Turn {
  readonly right: ImageDirection;
  readonly down: ImageDirection;
}

export const UPRIGHT: Turn = { right: [1, 0], down: [0, 1] };

const opposite = ([alongRow, downColumn]: ImageDirection): ImageDirection => [0 - alongRow, 0 - downColumn];

/** A quarter turn clockwise: what pointed up on the screen points right afterwards. */
export function quarterTurn({ right, down }: Turn): Turn {
  return { right: opposite(down), down: right };
}

export function mirror({ right, down }: Turn, direction: 'horizontal' | 'vertical'): Turn {
  return direction === 'horizontal' ? { right: opposite(right), down } : { right, down: opposite(down) };
}

/** The size of a pixel in the engine's world: millimetres where they are known, else its proportions. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

export interface Extent {
  readonly columns: number;
  readonly rows: number;
  readonly pixel: PixelSize;
}

/** Where and how large an image lies on the screen, independent of who draws it. */
export interface Placement {
  /** 1 fits the image into the element. */
  readonly zoom: number;
  /** The place on the image that lies in the middle of the element, in pixels from its upper left corner. */
  readonly center: readonly [x: number, y: number];
  readonly turn: Turn;
}

export function centered({ columns, rows }: Extent, turn: Turn, zoom = 1): Placement {
  return { zoom, center: [columns / 2, rows / 2], turn };
}

/** CSS pixels per world unit at which the whole image just fits. */
export function fitScale({ columns, rows, pixel }: Extent, { right }: Turn, width: number, height: number): number {
  const lying = right[0] === 0;
  const worldWidth = lying ? rows * pixel.height : columns * pixel.width;
  const worldHeight = lying ? columns * pixel.width : rows * pixel.height;
  return Math.min(width / worldWidth, height / worldHeight);
}

/** A distance on the screen as a distance on the image, in pixels. */
export function toImage(
  deltaX: number,
  deltaY: number,
  { right, down }: Turn,
  pixel: PixelSize,
  scale: number,
): [number, number] {
  return [
    (deltaX * right[0] + deltaY * down[0]) / (pixel.width * scale),
    (deltaX * right[1] + deltaY * down[1]) / (pixel.height * scale),
  ];
}

/** The affine map from image pixels to CSS pixels of an element of this size. @param scale CSS pixels per world unit */
export function screenMap(
  { center: [x, y], turn: { right, down } }: Placement,
  pixel: PixelSize,
  scale: number,
  { clientWidth, clientHeight }: { readonly clientWidth: number; readonly clientHeight: number },
): ViewState['toScreen'] {
  const a = scale * pixel.width * right[0];
  const b = scale * pixel.width * down[0];
  const c = scale * pixel.height * right[1];
  const d = scale * pixel.height * down[1];
  return { a, b, c, d, e: clientWidth / 2 - a * x - c * y, f: clientHeight / 2 - b * x - d * y };
}

/**
 * The placement moved by less than a device pixel, so that the image's corner lies on one: at 1:1 every pixel then fills exactly one.
 * @param scale CSS pixels per world unit
 * @param width the element's size in CSS pixels
 */
export function snapped(
  placement: Placement,
  pixel: PixelSize,
  scale: number,
  { width, height, ratio }: { width: number; height: number; ratio: number },
): Placement {
  const { center, turn } = placement;
  const [x, y] = center;
  const shift = (direction: ImageDirection, size: number): number => {
    // Where the image's first corner lies along this direction of the screen, in device pixels.
    const corner = (size / 2 - (x * pixel.width * direction[0] + y * pixel.height * direction[1]) * scale) * ratio;
    return (Math.round(corner) - corner) / ratio;
  };
  const [moveX, moveY] = toImage(shift(turn.right, width), shift(turn.down, height), turn, pixel, scale);
  return { ...placement, center: [x - moveX, y - moveY] };
}

/** Rotation in degrees after mirroring left to right, for a renderer that thinks so. */
export function asRotation({ right, down }: Turn): { degrees: number; mirrored: boolean } {
  const mirrored = right[0] * down[1] - right[1] * down[0] < 0;
  // The image's row direction on the screen: (right·row, down·row).
  const x = mirrored ? -right[0] : right[0];
  const y = mirrored ? -down[0] : down[0];
  const degrees = (Math.atan2(y, x) * 180) / Math.PI;
  return { degrees: Math.round(((degrees % 360) + 360) % 360), mirrored };
}
