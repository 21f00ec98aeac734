import type { Frame } from '../../dicom/frame.ts';
import type { Annotation as LiveAnnotation } from '../../measure/annotation.ts';
import { graphicsOf, textAnchor } from '../../work/write/graphic-annotation.ts';
import type { Annotation, Point } from './read.ts';

/** Coordinates are 32-bit in the file: nearer than this, in pixels of the image, two points are one. */
const SAME_PX = 0.01;

const same = (a: readonly Point[], b: readonly Point[]): boolean =>
  a.length === b.length &&
  a.every(([x, y], index) => {
    const [otherX, otherY] = b[index] ?? [Number.NaN, Number.NaN];
    return Math.abs(x - otherX) < SAME_PX && Math.abs(y - otherY) < SAME_PX;
  });

/**
 * A state's marks without those that stand on the image already as measurements: our own states keep the measurements that were there, and
 * nobody reads two texts on top of each other. What was moved since differs, and is drawn as it was.
 */
export function withoutLive(annotation: Annotation, live: readonly LiveAnnotation[], frame: Frame): Annotation {
  if (live.length === 0) return annotation;
  const graphics = live.flatMap((one) => graphicsOf(one, frame));
  const anchors = live.map(textAnchor).filter((anchor) => anchor !== undefined);
  const drawn = (points: readonly Point[]) => graphics.some((graphic) => same(graphic.points, points));
  const written = (at: Point) => anchors.some((anchor) => same([anchor], [at]));
  return {
    ...annotation,
    graphics: annotation.graphics.filter(({ units, points }) => units !== 'PIXEL' || !drawn(points)),
    texts: annotation.texts.filter(({ box, anchor }) => box || anchor?.units !== 'PIXEL' || !written(anchor.at)),
  };
}
