import type { Frame } from './frame.ts';
import { number } from './json.ts';

/** Our choice where the file gives no rate, in frames per second. */
const DEFAULT_RATE = 12;
const HIGHEST_RATE = 60;

/** The rate a frame's file asks to be played at, in frames per second. @dicom PS3.3 C.7.6.5.1.1 */
export function cineRate(frame: Frame): number {
  const frameTimeMs = number(frame.dataset, 'FrameTime');
  const rate =
    number(frame.dataset, 'RecommendedDisplayFrameRate') ??
    number(frame.dataset, 'CineRate') ??
    (frameTimeMs && frameTimeMs > 0 ? 1000 / frameTimeMs : undefined) ??
    DEFAULT_RATE;
  return Math.min(HIGHEST_RATE, Math.max(1, rate));
}
