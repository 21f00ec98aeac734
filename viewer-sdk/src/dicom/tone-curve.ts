import type { DisplayWindow, VoiFunction } from './frame.ts';
import { windowBounds } from './window-presets.ts';

/**
 * How values between the ends of a window become levels of grey. The shapes of DICOM's VOI LUT Function, a power, a curve drawn by hand, and
 * the numbers of a VOI LUT stretched over the window. @dicom PS3.3 C.11.2.1
 */
export type ToneCurve =
  | { readonly shape: 'LINEAR' }
  | { readonly shape: 'LINEAR_EXACT' }
  | { readonly shape: 'SIGMOID' }
  /** level = position ^ (1 / gamma): above 1 brightens the middle. */
  | { readonly shape: 'gamma'; readonly gamma: number }
  /** Straight lines between points in ascending order; position and level run from 0 to 1. */
  | { readonly shape: 'points'; readonly points: readonly TonePoint[] }
  /** Levels from 0 to 1, evenly over the window. */
  | { readonly shape: 'table'; readonly table: Float32Array };

export type TonePoint = readonly [position: number, level: number];

export const LINEAR: ToneCurve = { shape: 'LINEAR' };
const LINEAR_EXACT: ToneCurve = { shape: 'LINEAR_EXACT' };
const SIGMOID: ToneCurve = { shape: 'SIGMOID' };

/** The curve of a VOI LUT Function; the same object each time. */
export function voiTone(name: VoiFunction): ToneCurve {
  if (name === 'SIGMOID') return SIGMOID;
  return name === 'LINEAR_EXACT' ? LINEAR_EXACT : LINEAR;
}

/** The lowest and the highest value that are padding and not image, after the modality transformation; both ends belong to it. */
export interface ValueSpan {
  readonly lowest: number;
  readonly highest: number;
}

/** What turns values into levels of grey. */
export interface Presentation {
  readonly window: DisplayWindow;
  readonly tone: ToneCurve;
  /** White for black, as somebody asked for or as MONOCHROME1 wants it. */
  readonly inverted: boolean;
  readonly padding: ValueSpan | undefined;
}

/** The values between which a curve rises: at or below `lower` is its first level, at or above `upper` its last. */
export function toneBounds(window: DisplayWindow, tone: ToneCurve): { readonly lower: number; readonly upper: number } {
  if (tone.shape === 'SIGMOID') {
    // 4 · 2 = 8: beyond it, a sigmoid is within a tenth of a grey level of its ends.
    return { lower: window.center - 2 * window.width, upper: window.center + 2 * window.width };
  }
  const { lower, upper } = windowBounds(window, tone.shape === 'LINEAR_EXACT');
  // A window of width 1 is a step at its lower bound.
  return upper > lower ? { lower, upper } : { lower, upper: lower + 1e-3 };
}

/** The level of a value, from 0 (black) to 1 (white), before inversion. */
export function toneLevel(value: number, window: DisplayWindow, tone: ToneCurve): number {
  if (tone.shape === 'SIGMOID') return 1 / (1 + Math.exp((-4 * (value - window.center)) / window.width));
  const { lower, upper } = toneBounds(window, tone);
  return shapeLevel(tone, Math.min(1, Math.max(0, (value - lower) / (upper - lower))));
}

function shapeLevel(tone: Exclude<ToneCurve, { shape: 'SIGMOID' }>, position: number): number {
  switch (tone.shape) {
    case 'gamma':
      return position ** (1 / tone.gamma);
    case 'points':
      return pointsLevel(tone.points, position);
    case 'table': {
      const at = position * (tone.table.length - 1);
      const before = Math.floor(at);
      const from = tone.table[before] ?? 0;
      const to = tone.table[before + 1] ?? from;
      return from + (to - from) * (at - before);
    }
    default:
      return position;
  }
}

function pointsLevel(points: readonly TonePoint[], position: number): number {
  let [lastPosition, lastLevel] = points[0] ?? [0, 0];
  if (position <= lastPosition) return lastLevel;
  for (const [nextPosition, nextLevel] of points) {
    if (position < nextPosition) {
      const share = (position - lastPosition) / (nextPosition - lastPosition);
      return lastLevel + (nextLevel - lastLevel) * share;
    }
    lastPosition = nextPosition;
    lastLevel = nextLevel;
  }
  return lastLevel;
}

/** The level that is drawn: inverted where asked for; padding is black whatever else holds. */
export function shownLevel(value: number, { window, tone, inverted, padding }: Presentation): number {
  if (padding && value >= padding.lowest && value <= padding.highest) return 0;
  const level = toneLevel(value, window, tone);
  return inverted ? 1 - level : level;
}

/** Levels of evenly spaced values, for a renderer that looks them up; outside, the first and the last one hold. */
export interface LevelTable {
  readonly lower: number;
  readonly upper: number;
  readonly levels: Float32Array;
}

/** @param mostEntries as many values as there are get an entry each, if they are not more */
export function levelTable(presentation: Presentation, mostEntries: number): LevelTable {
  const { window, tone, padding, inverted } = presentation;
  let { lower, upper } = toneBounds(window, tone);
  lower = Math.floor(lower);
  upper = Math.ceil(upper);
  // Where everything outside the window is black anyway, padding needs no entry of its own.
  if (
    padding &&
    (inverted || toneLevel(padding.lowest, window, tone) > 0 || toneLevel(padding.highest, window, tone) > 0)
  ) {
    lower = Math.min(lower, Math.floor(padding.lowest) - 1);
    upper = Math.max(upper, Math.ceil(padding.highest) + 1);
  }
  const count = Math.min(mostEntries, Math.max(256, upper - lower + 1));
  const step = (upper - lower) / (count - 1);
  const levels = Float32Array.from({ length: count }, (_, index) => {
    const value = lower + index * step;
    // An entry stands for all values around it: padding among them makes it black.
    const padded = padding && padding.highest >= value - step / 2 && padding.lowest <= value + step / 2;
    return padded ? 0 : shownLevel(value, presentation);
  });
  return { lower, upper, levels };
}

/** The window over which a VOI LUT lies: its first mapped value is the lower bound, its last one the upper. */
export function tableWindow(firstMapped: number, entries: number): DisplayWindow {
  return { center: firstMapped + entries / 2, width: entries };
}

/**
 * A VOI LUT as a curve. Its output fills the display's range, whatever its bits. @dicom PS3.3 C.11.2.1.1
 * @param bits of an entry, from the descriptor; tables that exceed it are taken at their own depth
 */
export function tableTone(entries: Uint16Array, bits: number): ToneCurve {
  const highest = entries.reduce((most, entry) => Math.max(most, entry), 0);
  const white = Math.max(2 ** Math.min(16, Math.max(1, bits)) - 1, highest);
  return { shape: 'table', table: Float32Array.from(entries, (entry) => entry / white) };
}

/** Whether a curve is what a plain window does. */
export const isStraight = (tone: ToneCurve): boolean => tone.shape === 'LINEAR' || tone.shape === 'LINEAR_EXACT';

/** A histogram of the shown values. @returns counts of equally wide classes from `minimum` to `maximum` */
export function histogram(
  data: ArrayLike<number>,
  range: { readonly minimum: number; readonly maximum: number },
  classes: number,
  padding: ValueSpan | undefined,
): Uint32Array {
  const counts = new Uint32Array(classes);
  const scale = (classes - 1) / Math.max(1e-9, range.maximum - range.minimum);
  // A million pixels tell as much as ten.
  const step = Math.max(1, Math.floor(data.length / 1_000_000));
  for (let index = 0; index < data.length; index += step) {
    const value = data[index] ?? 0;
    if (padding && value >= padding.lowest && value <= padding.highest) continue;
    const place = Math.round((value - range.minimum) * scale);
    if (place >= 0 && place < classes) counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}
