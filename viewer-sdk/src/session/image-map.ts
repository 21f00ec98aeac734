import type { Size } from '../client/dicomweb-client.ts';
import type { ViewState } from '../engine/contract.ts';
import type { ImagePoint, ScreenPoint } from '../extension/contract.ts';

type ImageMap = ViewState['toScreen'];

export const onScreen = (map: ImageMap, [x, y]: ImagePoint): ScreenPoint => [
  map.a * x + map.c * y + map.e,
  map.b * x + map.d * y + map.f,
];

/** `undefined` where the map has no inverse: the image has no size. */
export function onImage(map: ImageMap, [x, y]: ScreenPoint): ImagePoint | undefined {
  const determinant = map.a * map.d - map.b * map.c;
  if (determinant === 0) return undefined;
  const [dx, dy] = [x - map.e, y - map.f];
  return [(map.d * dx - map.c * dy) / determinant, (map.a * dy - map.b * dx) / determinant];
}

/** CSS pixels as pixels of the screen. */
export function deviceSize({ width, height }: Size): Size {
  const ratio = globalThis.devicePixelRatio || 1;
  return { width: (width || 512) * ratio, height: (height || 512) * ratio };
}
