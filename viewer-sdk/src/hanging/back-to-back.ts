import { turnEdges } from '../dicom/orientation.ts';
import { orientationLetters } from '../elements/overlay-text.ts';
import type { ViewState } from '../engine/contract.ts';
import type { Cell } from '../extension/contract.ts';
import type { Candidate } from './candidate.ts';

/** How an image has to be turned on the screen: mirrored left to right first, then by clockwise quarter turns. */
export interface Turning {
  readonly mirror: boolean;
  readonly quarterTurns: number;
}

/**
 * How a mammogram on the screen has to be turned to lie as it is read: the chest wall of the right breast at the right, of the left one at
 * the left; in CC the lateral side up, else the head. Told from the image's own orientation alone.
 * @returns `undefined` when the image does not say how it lies, or no turn makes it lie so
 */
export function turningFor({ view, laterality }: Candidate, shown: ViewState): Turning | undefined {
  const edges = orientationLetters(shown.frame, shown.screen);
  if (!edges || !laterality) return undefined;
  const right = laterality === 'R' ? 'P' : 'A';
  const bottom = view !== 'CC' ? 'F' : laterality === 'R' ? 'L' : 'R';
  for (const mirror of [false, true]) {
    for (let quarterTurns = 0; quarterTurns < 4; quarterTurns += 1) {
      const turned = turnEdges(edges, quarterTurns, mirror, false);
      if (turned.right.startsWith(right) && turned.bottom.startsWith(bottom)) return { mirror, quarterTurns };
    }
  }
  return undefined;
}

/** How far, in CSS pixels, the image has to go to the right for its chest wall to lie at the cell's edge. */
export function shiftToWall(cell: Cell, laterality: 'L' | 'R'): number {
  const { view, size } = cell;
  if (!view) return 0;
  const { columns, rows } = view.frame.pixels;
  const corners = [
    [0, 0],
    [columns, rows],
  ] as const;
  const xs = corners.map((corner) => cell.toScreen(corner)?.[0] ?? 0);
  return laterality === 'R' ? size.width - Math.max(...xs) : -Math.min(...xs);
}
