import type { Frame } from '../../dicom/frame.ts';
import { add, scale, type Vector } from '../../dicom/vector.ts';
import type { ImagePoint } from '../../extension/contract.ts';
import type { Annotation } from '../../measure/annotation.ts';
import type { GraphicShape } from './content.ts';

/** A shape as SR coordinates have it. */
export interface Shape {
  readonly type: GraphicShape;
  readonly points: readonly ImagePoint[];
}

const distance = ([ax, ay]: ImagePoint, [bx, by]: ImagePoint): number => Math.hypot(ax - bx, ay - by);
const closed = (points: readonly ImagePoint[]): readonly ImagePoint[] => (points[0] ? [...points, points[0]] : points);

/** The corners of a rectangle along the image's rows and columns, closed. */
export function rectangleCorners([a, b]: readonly ImagePoint[]): readonly ImagePoint[] {
  if (!a || !b) return [];
  return closed([a, [b[0], a[1]], b, [a[0], b[1]]]);
}

/** The shapes that an annotation is made of; a Cobb angle has two. @dicom PS3.3 C.18.6.1.2 */
export function shapesOf({ kind, points }: Pick<Annotation, 'kind' | 'points'>): readonly Shape[] {
  const [a, b, c, d] = points;
  switch (kind) {
    case 'probe':
    case 'text':
      return [{ type: 'POINT', points: points.slice(0, 1) }];
    case 'cobb':
      return [
        { type: 'POLYLINE', points: points.slice(0, 2) },
        { type: 'POLYLINE', points: points.slice(2, 4) },
      ];
    case 'ellipse':
      // The major axis comes first.
      if (a && b && c && d && distance(c, d) > distance(a, b)) return [{ type: 'ELLIPSE', points: [c, d, a, b] }];
      return [{ type: 'ELLIPSE', points }];
    case 'rectangle':
      return [{ type: 'POLYLINE', points: rectangleCorners(points) }];
    case 'freehand':
      return [{ type: 'POLYLINE', points: closed(points) }];
    default:
      return [{ type: 'POLYLINE', points }];
  }
}

/** Whether an annotation encloses a region. */
export const isRegion = ({ kind }: Pick<Annotation, 'kind'>): boolean =>
  kind === 'ellipse' || kind === 'rectangle' || kind === 'freehand';

/**
 * A place of a frame in the patient, in millimetres; `undefined` where the frame has no place there.
 * Image Position is the middle of the first pixel, half a pixel from our origin. @dicom PS3.3 C.7.6.2.1.1
 */
export function toPatient([x, y]: ImagePoint, { plane, spacing }: Frame): Vector | undefined {
  if (!plane?.frameOfReferenceUID || !spacing) return undefined;
  return add(
    plane.position,
    add(scale(plane.row, (x - 0.5) * spacing.columnMm), scale(plane.column, (y - 0.5) * spacing.rowMm)),
  );
}
