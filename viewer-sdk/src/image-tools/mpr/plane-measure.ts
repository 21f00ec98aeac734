import { add, dot, length, scale, type Vector } from '../../dicom/vector.ts';
import type { MeasuredValue } from '../../measure/values.ts';
import { DIRECTIONS, type PlaneName } from './planes.ts';

/** A length or an angle in one of the planes. Its points are the patient's, so that zoom, size and place of a picture have no part in it. */
export interface PlaneMeasure {
  readonly kind: 'length' | 'angle';
  readonly plane: PlaneName;
  /** Two ends; of an angle, the vertex in the middle. */
  readonly points: readonly Vector[];
  /** The slab it was drawn on, in mm: what lies at different depths of it is nearer together in the picture than in the patient. */
  readonly slabMm: number;
}

const minus = (a: Vector, b: Vector): Vector => add(a, scale(b, -1));

/** Millimetres of the patient, or degrees; `undefined` while it is not drawn to its end. */
export function measured({ kind, points }: Pick<PlaneMeasure, 'kind' | 'points'>): MeasuredValue | undefined {
  const [a, b, c] = points;
  if (!a || !b) return undefined;
  if (kind === 'length') return { name: 'length', value: length(minus(b, a)), unit: 'mm' };
  if (!c) return undefined;
  const [one, other] = [minus(a, b), minus(c, b)];
  const sizes = length(one) * length(other);
  if (sizes === 0) return undefined;
  const cosine = Math.min(1, Math.max(-1, dot(one, other) / sizes));
  return { name: 'angle', value: (Math.acos(cosine) * 180) / Math.PI, unit: 'deg' };
}

/** Whether a plane at some depth shows it: it lies in this plane, or in its slab. */
export function isShownAt(measure: PlaneMeasure, depth: number, stepMm: number, slabMm: number): boolean {
  const [first] = measure.points;
  if (!first) return false;
  return Math.abs(dot(first, DIRECTIONS[measure.plane].through) - depth) <= Math.max(stepMm, slabMm) / 2 + 1e-6;
}
