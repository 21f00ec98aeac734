import type { DisplayWindow } from '../../dicom/frame.ts';
import { type ToneCurve, type TonePoint, toneBounds, toneLevel } from '../../dicom/tone-curve.ts';
import { windowBounds } from '../../dicom/window-presets.ts';

/** Positions at which a curve becomes points when somebody takes hold of it. */
const HOLDS = [0, 0.25, 0.5, 0.75, 1] as const;
/** Neighbours keep this distance. */
const APART = 0.01;

export type Points = readonly TonePoint[];

/** The window with these bounds, for curves other than LINEAR_EXACT and SIGMOID. */
export function windowOf(lower: number, upper: number): DisplayWindow {
  const width = Math.max(1, upper - lower + 1);
  return { center: lower + 0.5 + (width - 1) / 2, width };
}

/** The points of a curve: its own, or some taken from it. A curve by hand lies over the window of the curve it came from. */
export function asPoints(tone: ToneCurve, window: DisplayWindow): { points: Points; window: DisplayWindow } {
  if (tone.shape === 'points') return { points: tone.points, window };
  const { lower, upper } = toneBounds(window, tone);
  const holds = tone.shape === 'SIGMOID' ? [0, 0.3, 0.4, 0.5, 0.6, 0.7, 1] : HOLDS;
  const points = holds.map((hold): TonePoint => [hold, toneLevel(lower + hold * (upper - lower), window, tone)]);
  return { points, window: windowOf(lower, upper) };
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** A point moved between its neighbours. The ends stay at the ends of the window. */
export function movePoint(points: Points, index: number, [position, level]: TonePoint): Points {
  const before = points[index - 1];
  const after = points[index + 1];
  const x = !before ? 0 : !after ? 1 : clamp(position, before[0] + APART, after[0] - APART);
  return points.map((point, place) => (place === index ? [x, clamp(level, 0, 1)] : point));
}

/** A point more, on the curve or beside it. @returns the points, and where the new one stands */
export function addPoint(points: Points, [position, level]: TonePoint): { points: Points; index: number } {
  const x = clamp(position, APART, 1 - APART);
  const near = points.findIndex(
    (point, index) => index > 0 && index < points.length - 1 && Math.abs(point[0] - x) < APART,
  );
  if (near >= 0) return { points: movePoint(points, near, [x, level]), index: near };
  const index = points.findIndex((point) => point[0] > x);
  return { points: [...points.slice(0, index), [x, clamp(level, 0, 1)], ...points.slice(index)], index };
}

/** Without a point; the ends stay. */
export function removePoint(points: Points, index: number): Points {
  return index > 0 && index < points.length - 1 ? points.filter((_, place) => place !== index) : points;
}

/** The values at the ends of a curve by hand. */
export const pointBounds = (window: DisplayWindow) => windowBounds(window, false);
