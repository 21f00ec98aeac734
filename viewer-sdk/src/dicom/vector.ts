/** A direction or position in the patient: x to the left, y to the back, z to the head, in mm. @dicom PS3.3 C.7.6.2.1.1 */
export type Vector = readonly [number, number, number];

export function toVector(values: readonly number[], offset = 0): Vector | undefined {
  const [x, y, z] = [values[offset], values[offset + 1], values[offset + 2]];
  return x === undefined || y === undefined || z === undefined ? undefined : [x, y, z];
}

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export const scale = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];

export const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

export const length = (a: Vector): number => Math.hypot(a[0], a[1], a[2]);
