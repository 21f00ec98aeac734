import { add, dot, scale, type Vector } from '../../dicom/vector.ts';
import type { ScreenPoint } from '../../extension/contract.ts';
import { DIRECTIONS, type PlaneName, type PlaneView } from './planes.ts';

/** What a pane shows of its picture: how much larger than fitted, and which place of the picture (0 to 1 both ways) is in its middle. */
export interface PaneZoom {
  readonly factor: number;
  readonly middle: readonly [x: number, y: number];
}

export const FITTED: PaneZoom = { factor: 1, middle: [0.5, 0.5] };
const MOST_ZOOM = 16;

export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/** Where a picture lies in its pane, in CSS pixels: its upper left corner, and how large one of its pixels is. */
export interface PicturePlace {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

export function picturePlace({ width, height }: PlaneView, pane: PaneSize, zoom: PaneZoom): PicturePlace {
  const size = Math.min(pane.width / width, pane.height / height) * zoom.factor;
  return {
    left: pane.width / 2 - zoom.middle[0] * width * size,
    top: pane.height / 2 - zoom.middle[1] * height * size,
    scale: size,
  };
}

/** The patient's place on the screen, seen along the plane's normal. */
export function onPane(name: PlaneName, view: PlaneView, place: PicturePlace, point: Vector): ScreenPoint {
  const { right, down } = DIRECTIONS[name];
  const column = (dot(point, right) - view.right[0]) / view.pixelMm + 0.5;
  const row = (dot(point, down) - view.down[0]) / view.pixelMm + 0.5;
  return [place.left + column * place.scale, place.top + row * place.scale];
}

/** The patient's place under a place of the screen. @param depth of the plane, in mm along its normal */
export function inPatient(
  name: PlaneName,
  view: PlaneView,
  place: PicturePlace,
  [x, y]: ScreenPoint,
  depth: number,
): Vector {
  const { right, down, through } = DIRECTIONS[name];
  const along = view.right[0] + ((x - place.left) / place.scale - 0.5) * view.pixelMm;
  const across = view.down[0] + ((y - place.top) / place.scale - 0.5) * view.pixelMm;
  return add(add(scale(right, along), scale(down, across)), scale(through, depth));
}

/** Larger or smaller about a place of the pane, which stays where it is. */
export function zoomedAt(
  view: PlaneView,
  pane: PaneSize,
  zoom: PaneZoom,
  factor: number,
  [x, y]: ScreenPoint,
): PaneZoom {
  const to = Math.min(MOST_ZOOM, Math.max(1, zoom.factor * factor));
  const before = picturePlace(view, pane, zoom);
  const size = (before.scale * to) / zoom.factor;
  const at = [(x - before.left) / before.scale / view.width, (y - before.top) / before.scale / view.height] as const;
  return kept({
    factor: to,
    middle: [at[0] + (pane.width / 2 - x) / (size * view.width), at[1] + (pane.height / 2 - y) / (size * view.height)],
  });
}

/** Moved by CSS pixels. */
export function pannedBy(view: PlaneView, pane: PaneSize, zoom: PaneZoom, dx: number, dy: number): PaneZoom {
  const { scale: size } = picturePlace(view, pane, zoom);
  const [x, y] = zoom.middle;
  return kept({ factor: zoom.factor, middle: [x - dx / (size * view.width), y - dy / (size * view.height)] });
}

/** The picture never leaves the pane. */
function kept({ factor, middle }: PaneZoom): PaneZoom {
  if (factor === 1) return FITTED;
  const inside = (share: number): number => Math.min(1, Math.max(0, share));
  return { factor, middle: [inside(middle[0]), inside(middle[1])] };
}
