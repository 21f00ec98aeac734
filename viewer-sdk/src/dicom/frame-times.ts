import { type JsonDataset, number, numbers, text } from './json.ts';

/** Our choice where the file gives no rate, in frames per second. */
const DEFAULT_RATE = 12;

export interface FrameTimes {
  /** How long each frame stays, in milliseconds. */
  readonly durationsMs: readonly number[];
  /** Where the times come from. */
  readonly source: 'recommended' | 'cine' | 'vector' | 'time' | 'default';
  /** Frames per second on average. */
  readonly rate: number;
  /** What the file asks for: round and round, or to and fro. @dicom PS3.3 C.7.6.5.1.1 */
  readonly sequencing: 'loop' | 'sweep';
}

/**
 * The times at which the frames of a multi-frame image are shown. What the file recommends for the display wins over how it was recorded;
 * times frame by frame win over one time for all. @dicom PS3.3 C.7.6.5
 */
export function frameTimes(dataset: JsonDataset, frames: number): FrameTimes {
  const sequencing = number(dataset, 'PreferredPlaybackSequencing') === 1 ? 'sweep' : 'loop';
  const even = (rate: number, source: FrameTimes['source']): FrameTimes => ({
    durationsMs: new Array<number>(frames).fill(1000 / rate),
    source,
    rate,
    sequencing,
  });
  const positive = (keyword: 'RecommendedDisplayFrameRate' | 'CineRate' | 'FrameTime'): number | undefined => {
    const value = number(dataset, keyword);
    return value !== undefined && value > 0 ? value : undefined;
  };
  const recommended = positive('RecommendedDisplayFrameRate');
  if (recommended) return even(recommended, 'recommended');
  const vector = numbers(dataset, 'FrameTimeVector');
  const points = text(dataset, 'FrameIncrementPointer');
  if (vector.length === frames && frames > 1 && points !== '00181063') {
    // Each number is the time since the frame before; the first is 0. The last frame stays as long as the one before it.
    const durationsMs = vector.map((_, index) => Math.max(0, vector[index + 1] ?? vector[index] ?? 0));
    const total = durationsMs.reduce((sum, duration) => sum + duration, 0);
    if (total > 0) return { durationsMs, source: 'vector', rate: (1000 * frames) / total, sequencing };
  }
  const cine = positive('CineRate');
  if (cine) return even(cine, 'cine');
  const time = positive('FrameTime');
  return time ? even(1000 / time, 'time') : even(DEFAULT_RATE, 'default');
}

/**
 * The frame that is due.
 * @param elapsedMs since the first frame was shown, at the recorded speed
 */
export function frameAt(durationsMs: readonly number[], elapsedMs: number, sequencing: 'loop' | 'sweep'): number {
  const count = durationsMs.length;
  // To and fro: the ends are shown once each, the frames between them twice.
  const order =
    sequencing === 'sweep' && count > 2 ? [...durationsMs, ...durationsMs.slice(1, -1).reverse()] : durationsMs;
  const total = order.reduce((sum, duration) => sum + duration, 0);
  if (total <= 0 || count === 0) return 0;
  let rest = elapsedMs % total;
  for (let place = 0; place < order.length; place += 1) {
    rest -= order[place] ?? 0;
    if (rest < 0) return place < count ? place : 2 * count - 2 - place;
  }
  return 0;
}
