import { cornerText, orientationLetters } from '../../elements/overlay-text.ts';
import type { PixelGrid, ViewState } from '../../engine/contract.ts';
import type { ImagePoint, ScreenPoint } from '../../extension/contract.ts';
import type { Translate } from '../../i18n/index.ts';
import { graphicsOf, type LabelledAnnotation } from '../write/graphic-annotation.ts';
import { presentationOf, rasterise } from './rasterise.ts';

/** `enlarged` is a whole multiple of the image's own size: small images have no room for letters. */
export type PictureSize = 'native' | 'enlarged' | 'screen';

/** An enlarged picture is at least this wide and high, in pixels. */
const ENLARGED_PX = 1024;

/** What a picture is made of. */
export interface PictureRequest {
  readonly view: ViewState;
  readonly grid: PixelGrid;
  readonly size: PictureSize;
  /** The image area in CSS pixels, for `screen`. */
  readonly area: { readonly width: number; readonly height: number };
  /** Drawn on it; an empty list for none. */
  readonly annotations: readonly LabelledAnnotation[];
  /** The corner texts, with the patient's name. */
  readonly patientText: { readonly t: Translate; readonly place: { index: number; count: number } } | undefined;
}

/** An affine map from image pixels to pixels of the picture: x = a·x + c·y + e, y = b·x + d·y + f. */
type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

const TEXT_COLOR = '#e6edf3';
const DRAWN_COLOR = '#ffd479';
const FONT = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', 'Noto Sans CJK SC', system-ui, sans-serif";

/** Width and height of a picture in pixels. */
export function pictureSize({ view, size, area }: Pick<PictureRequest, 'view' | 'size' | 'area'>): {
  width: number;
  height: number;
} {
  if (size === 'screen') {
    const ratio = globalThis.devicePixelRatio || 1;
    return { width: Math.max(1, Math.round(area.width * ratio)), height: Math.max(1, Math.round(area.height * ratio)) };
  }
  const { width, height } = extentOf(view, size);
  const turned = Math.abs(view.screen.right[0]) < 0.5;
  return turned ? { width: height, height: width } : { width, height };
}

/** Pixels of the frame; those that are not square are stretched, never thinned out. */
function extentOf(view: ViewState, size: PictureSize): { width: number; height: number } {
  const { width, height } = nativeExtent(view);
  const factor = size === 'enlarged' ? Math.max(1, Math.ceil(ENLARGED_PX / Math.min(width, height))) : 1;
  return { width: width * factor, height: height * factor };
}

function nativeExtent({ frame }: ViewState): { width: number; height: number } {
  const { rows, columns } = frame.pixels;
  const aspect = frame.pixelAspect;
  if (Math.abs(aspect - 1) < 1e-3) return { width: columns, height: rows };
  return aspect > 1
    ? { width: Math.round(columns * aspect), height: rows }
    : { width: columns, height: Math.round(rows / aspect) };
}

function placement(request: PictureRequest): Affine {
  const { view } = request;
  if (request.size === 'screen') {
    const ratio = globalThis.devicePixelRatio || 1;
    const { a, b, c, d, e, f } = view.toScreen;
    return [a * ratio, b * ratio, c * ratio, d * ratio, e * ratio, f * ratio];
  }
  const { rows, columns } = view.frame.pixels;
  const extent = extentOf(view, request.size);
  const scale = { x: extent.width / columns, y: extent.height / rows };
  const size = pictureSize(request);
  const { right, down } = view.screen;
  // A step along a row goes right[0] to the right and down[0] down on the picture.
  const [a, b, c, d] = [right[0] * scale.x, down[0] * scale.x, right[1] * scale.y, down[1] * scale.y];
  const center = [a * (columns / 2) + c * (rows / 2), b * (columns / 2) + d * (rows / 2)] as const;
  return [a, b, c, d, size.width / 2 - center[0], size.height / 2 - center[1]];
}

/** Draws a picture: the frame as it is looked at, then what lies over it. */
export function compose(request: PictureRequest, canvas = new OffscreenCanvas(1, 1)): OffscreenCanvas {
  const { view, grid } = request;
  const { width, height } = pictureSize(request);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('no canvas to draw on');
  context.fillStyle = '#000000';
  context.fillRect(0, 0, width, height);
  const map = placement(request);
  const raster = new OffscreenCanvas(grid.columns, grid.rows);
  raster.getContext('2d')?.putImageData(rasterise(grid, presentationOf(view, grid)), 0, 0);
  context.setTransform(...map);
  // A pixel for a pixel stays as it is; between pixels the screen interpolates, too.
  context.imageSmoothingEnabled = !isUnscaled(map);
  context.drawImage(raster, 0, 0);
  context.resetTransform();
  const unit = Math.max(1, Math.min(width, height) / 512);
  for (const annotation of request.annotations) drawAnnotation(context, annotation, view, map, unit);
  if (request.patientText) drawTexts(context, request.patientText, view, { width, height }, unit);
  return canvas;
}

const isUnscaled = (map: Affine): boolean =>
  map.every((value) => Number.isInteger(value)) && map.slice(0, 4).every((value) => Math.abs(value) <= 1);

const apply = ([a, b, c, d, e, f]: Affine, [x, y]: ImagePoint): ScreenPoint => [a * x + c * y + e, b * x + d * y + f];

function drawAnnotation(
  context: OffscreenCanvasRenderingContext2D,
  { annotation, label }: LabelledAnnotation,
  { frame }: ViewState,
  map: Affine,
  unit: number,
): void {
  const trace = (): void => {
    context.beginPath();
    for (const { type, points } of graphicsOf(annotation, frame)) {
      const places = points.map((point) => apply(map, point));
      const [first, ...rest] = places;
      if (!first) continue;
      if (type === 'POINT') {
        context.moveTo(first[0] - 5 * unit, first[1]);
        context.lineTo(first[0] + 5 * unit, first[1]);
        context.moveTo(first[0], first[1] - 5 * unit);
        context.lineTo(first[0], first[1] + 5 * unit);
      } else if (type === 'ELLIPSE') traceEllipse(context, places);
      else {
        context.moveTo(...first);
        for (const place of rest) context.lineTo(...place);
      }
    }
    context.stroke();
  };
  // Dark below, light above: seen on black and on white.
  context.lineJoin = 'round';
  context.strokeStyle = 'rgb(0 0 0 / 70%)';
  context.lineWidth = 3 * unit;
  trace();
  context.strokeStyle = DRAWN_COLOR;
  context.lineWidth = 1.5 * unit;
  trace();
  const anchor = annotation.textAt ?? (annotation.kind === 'arrow' ? annotation.points[1] : annotation.points.at(-1));
  if (!anchor) return;
  const [x, y] = apply(map, anchor);
  const gap = annotation.textAt || annotation.kind === 'text' ? 0 : 6 * unit;
  drawLines(context, label, { x: x + gap, y: y + gap }, { unit, color: DRAWN_COLOR, align: 'left' });
}

/** The ends of one axis, then of the other; turned and stretched as the picture is. */
function traceEllipse(context: OffscreenCanvasRenderingContext2D, [a, b, c, d]: readonly ScreenPoint[]): void {
  if (!a || !b || !c || !d) return;
  const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as const;
  const half = (from: ScreenPoint, to: ScreenPoint): number => Math.hypot(to[0] - from[0], to[1] - from[1]) / 2;
  const turn = Math.atan2(b[1] - a[1], b[0] - a[0]);
  context.moveTo(...b);
  context.ellipse(middle[0], middle[1], half(a, b), half(c, d), turn, 0, 2 * Math.PI);
}

interface LineStyle {
  readonly unit: number;
  readonly color: string;
  readonly align: 'left' | 'right' | 'center';
}

function drawLines(
  context: OffscreenCanvasRenderingContext2D,
  lines: readonly string[],
  at: { readonly x: number; readonly y: number },
  { unit, color, align }: LineStyle,
): void {
  const height = Math.max(9, 11 * unit);
  context.font = `${height}px ${FONT}`;
  context.textAlign = align;
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  lines
    .flatMap((line) => line.split('\n'))
    .forEach((line, index) => {
      const y = at.y + index * height * 1.3;
      context.strokeStyle = 'rgb(0 0 0 / 80%)';
      context.lineWidth = 2.5 * unit;
      context.strokeText(line, at.x, y);
      context.fillStyle = color;
      context.fillText(line, at.x, y);
    });
}

function drawTexts(
  context: OffscreenCanvasRenderingContext2D,
  { t, place }: { readonly t: Translate; readonly place: { index: number; count: number } },
  view: ViewState,
  { width, height }: { readonly width: number; readonly height: number },
  unit: number,
): void {
  const { topLeft, topRight, bottomLeft, bottomRight } = cornerText(view.frame, view, place, t);
  const margin = 6 * unit;
  const line = Math.max(9, 11 * unit) * 1.3;
  const above = (lines: readonly string[]): number => height - margin - lines.length * line;
  const left = { unit, color: TEXT_COLOR, align: 'left' } as const;
  const right = { unit, color: TEXT_COLOR, align: 'right' } as const;
  drawLines(context, topLeft, { x: margin, y: margin }, left);
  drawLines(context, topRight, { x: width - margin, y: margin }, right);
  drawLines(context, bottomLeft, { x: margin, y: above(bottomLeft) }, left);
  drawLines(context, bottomRight, { x: width - margin, y: above(bottomRight) }, right);
  const letters = orientationLetters(view.frame, view.screen);
  if (!letters) return;
  const middle = { unit, color: TEXT_COLOR, align: 'center' } as const;
  drawLines(context, [letters.left], { x: margin, y: height / 2 }, left);
  drawLines(context, [letters.right], { x: width - margin, y: height / 2 }, right);
  drawLines(context, [letters.top], { x: width / 2, y: margin }, middle);
  drawLines(context, [letters.bottom], { x: width / 2, y: height - margin - line }, middle);
}
