import type { Frame } from '../dicom/frame.ts';
import { add, scale } from '../dicom/vector.ts';
import { areParallel, middleOf, nearestSlice, placeFrame, sameFrameOfReference } from './geometry.ts';

/** A stack and the frame of it that is on the screen. */
export interface StackPlace {
  readonly frames: readonly Frame[];
  readonly index: number;
}

/** How two stacks go together: where each stood when the user joined them. */
export interface Anchor {
  /** Index in the stack that leads, and in the one that follows. */
  readonly source: number;
  readonly target: number;
}

/**
 * The frame that a stack shows with the one that leads.
 * Cut in one direction of one Frame of Reference: the slice nearest in the patient. In one direction of two: as many millimetres from where the
 * user joined them, or the same share of the stack where they were not joined. Without positions: by number, or by share.
 * @returns `undefined` when the two are not scrolled together: they are cut in different directions
 */
export function linkedIndex(source: StackPlace, target: StackPlace, anchor: Anchor | undefined): number | undefined {
  const from = source.frames[source.index];
  if (!from || target.frames.length === 0) return undefined;
  const placed = placeFrame(from);
  const other = placeFrame(target.frames[target.index] ?? target.frames[0]);
  if (placed && other) {
    if (!areParallel(placed, other)) return undefined;
    if (sameFrameOfReference(placed.frame, other.frame))
      return nearestSlice(target.frames, middleOf(placed), target.index)?.index;
    const start = placeFrame(anchor && source.frames[anchor.source]);
    const joined = placeFrame(anchor && target.frames[anchor.target]);
    if (start && joined) {
      const moved = add(middleOf(placed), scale(middleOf(start), -1));
      return nearestSlice(target.frames, add(middleOf(joined), moved), target.index)?.index;
    }
  } else if (anchor) return clamp(anchor.target + source.index - anchor.source, target.frames.length);
  return byShare(source, target.frames.length);
}

function byShare({ frames, index }: StackPlace, count: number): number {
  if (frames.length === count) return index;
  return clamp(Math.round((index / Math.max(1, frames.length - 1)) * (count - 1)), count);
}

const clamp = (index: number, count: number): number => Math.min(count - 1, Math.max(0, index));
