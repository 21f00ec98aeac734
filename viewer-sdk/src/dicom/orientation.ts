import { length, scale, type Vector } from './vector.ts';

/** The letter of each end of the patient's axes. */
const AXES = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
] as const;

/** A component below this share of the largest one gets no letter of its own. */
const OBLIQUE_SHARE = 0.25;

/** The letters for a direction in the patient, largest component first: "A", "AL", "HP". Empty for no direction. @dicom PS3.3 C.7.6.1.1.1 */
export function directionLetters(direction: Vector): string {
  const size = length(direction);
  if (size < 1e-6) return '';
  return direction
    .map((component, axis) => ({ share: component / size, axis }))
    .filter(({ share }) => Math.abs(share) >= OBLIQUE_SHARE)
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share))
    .map(({ share, axis }) => AXES[axis]?.[share > 0 ? 0 : 1] ?? '')
    .join('');
}

export interface EdgeLetters {
  readonly top: string;
  readonly right: string;
  readonly bottom: string;
  readonly left: string;
}

/** The letters at the four edges, from the patient directions that point right and down on the screen. */
export function edgeLetters(right: Vector, down: Vector): EdgeLetters {
  return {
    top: directionLetters(scale(down, -1)),
    right: directionLetters(right),
    bottom: directionLetters(down),
    left: directionLetters(scale(right, -1)),
  };
}

const OPPOSITE: Readonly<Record<string, string>> = { A: 'P', P: 'A', L: 'R', R: 'L', H: 'F', F: 'H' };

/** The letters of the opposite direction, for images that only name their edges (Patient Orientation). */
export function oppositeLetters(letters: string): string {
  return [...letters].map((letter) => OPPOSITE[letter] ?? '').join('');
}

/**
 * The edges turned and mirrored as the image on the screen is.
 * @param quarterTurns clockwise quarter turns applied after mirroring
 */
export function turnEdges(
  edges: EdgeLetters,
  quarterTurns: number,
  flipHorizontal: boolean,
  flipVertical: boolean,
): EdgeLetters {
  let { top, right, bottom, left } = edges;
  if (flipHorizontal) [left, right] = [right, left];
  if (flipVertical) [top, bottom] = [bottom, top];
  for (let turn = 0; turn < ((quarterTurns % 4) + 4) % 4; turn += 1)
    [top, right, bottom, left] = [left, top, right, bottom];
  return { top, right, bottom, left };
}
