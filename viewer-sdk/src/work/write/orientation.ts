import type { ImageDirection, ViewState } from '../../engine/contract.ts';

/** How a presentation state turns an image: clockwise first, then mirrored left to right. @dicom PS3.3 C.10.6 */
export interface SpatialTransformation {
  readonly degrees: 0 | 90 | 180 | 270;
  readonly flipped: boolean;
}

const ROTATIONS = [0, 90, 180, 270] as const;

/** The way the screen's right and down point on the stored image, turned clockwise. */
function directions({ degrees, flipped }: SpatialTransformation): ViewState['screen'] {
  let right: ImageDirection = [1, 0];
  let down: ImageDirection = [0, 1];
  for (let turned = 0; turned < degrees; turned += 90) {
    // After a quarter turn clockwise, what points down on the screen pointed right before, and what points right pointed up.
    [right, down] = [[-down[0], -down[1]], right];
  }
  return { right: flipped ? [-right[0], -right[1]] : right, down };
}

const near = (a: ImageDirection, b: ImageDirection): boolean => a[0] * b[0] + a[1] * b[1] > 0.5;

/** The transformation of a view that is turned by quarters. */
export function spatialTransformation(screen: ViewState['screen']): SpatialTransformation {
  for (const degrees of ROTATIONS)
    for (const flipped of [false, true]) {
      const candidate = directions({ degrees, flipped });
      if (near(candidate.right, screen.right) && near(candidate.down, screen.down)) return { degrees, flipped };
    }
  return { degrees: 0, flipped: false };
}

/** The stored pixels (from 1) that stand at the upper left and lower right of the screen after the transformation. @dicom PS3.3 C.10.4 */
export function displayedCorners(
  { degrees, flipped }: SpatialTransformation,
  area: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
): { topLeft: readonly [number, number]; bottomRight: readonly [number, number] } {
  const { right, down } = directions({ degrees, flipped });
  const along = (index: 0 | 1, low: number, high: number): readonly [number, number] =>
    right[index] + down[index] > 0 ? [low, high] : [high, low];
  const [x0, x1] = along(0, area.left, area.right);
  const [y0, y1] = along(1, area.top, area.bottom);
  return { topLeft: [x0, y0], bottomRight: [x1, y1] };
}
