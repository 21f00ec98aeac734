import { geometryValue } from '@filmless/core/phantoms';
import type { Place } from './measuring-bench.ts';

/** The box around some places. */
export const shapeOf = (points: readonly Place[]): { left: number; right: number; top: number; bottom: number } => ({
  left: Math.min(...points.map(([x]) => x)),
  right: Math.max(...points.map(([x]) => x)),
  top: Math.min(...points.map(([, y]) => y)),
  bottom: Math.max(...points.map(([, y]) => y)),
});

/** Mean over the pixels whose middle lies inside, counted one by one. */
export function meanInside(slice: number, inside: (x: number, y: number) => boolean): { count: number; mean: number } {
  let [count, sum] = [0, 0];
  for (let row = 0; row < 256; row += 1)
    for (let column = 0; column < 256; column += 1)
      if (inside(column + 0.5, row + 0.5)) {
        count += 1;
        sum += geometryValue(column, row, slice);
      }
  return { count, mean: sum / count };
}

/** At the vertex, in degrees. */
export function angle(a: Place, vertex: Place, b: Place): number {
  const one = Math.atan2(a[1] - vertex[1], a[0] - vertex[0]);
  const other = Math.atan2(b[1] - vertex[1], b[0] - vertex[0]);
  const degrees = (Math.abs(one - other) * 180) / Math.PI;
  return degrees > 180 ? 360 - degrees : degrees;
}

/** The area of a closed line. */
export function polygon(points: readonly Place[]): number {
  const twice = points.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length] ?? [0, 0];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Whether a closed line goes around a place: the sum of the angles under which it sees the corners. */
export function winding(points: readonly Place[], x: number, y: number): boolean {
  const turned = points.reduce((sum, [x1, y1], index) => {
    const [x2, y2] = points[(index + 1) % points.length] ?? [0, 0];
    const by = Math.atan2((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y), (x1 - x) * (x2 - x) + (y1 - y) * (y2 - y));
    return sum + by;
  }, 0);
  return Math.abs(turned) > Math.PI;
}
