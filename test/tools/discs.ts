import type { Locator } from 'playwright-core';
import sharp from 'sharp';

export interface Spot {
  /** The centre, in CSS pixels of the page. */
  readonly x: number;
  readonly y: number;
  /** In CSS pixels. */
  readonly area: number;
}

/** Smaller ones are letters. */
const SMALLEST_PX = 24;

/** The bright spots that a screenshot of an element shows, smallest first: what a person would see and point at. */
export async function brightSpots(element: Locator): Promise<Spot[]> {
  const box = await element.boundingBox();
  if (!box) throw new Error('the element is not on the screen');
  const { data, info } = await sharp(await element.screenshot())
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const bright = (at: number): boolean => (data[at * channels] ?? 0) > 128;
  const seen = new Uint8Array(width * height);
  const spots: Spot[] = [];
  for (let start = 0; start < width * height; start += 1) {
    if (seen[start] || !bright(start)) continue;
    const queue = [start];
    seen[start] = 1;
    let [weight, sumX, sumY] = [0, 0, 0];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      const [column, row] = [at % width, Math.floor(at / width)];
      weight += 1;
      sumX += column + 0.5;
      sumY += row + 0.5;
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        const [x, y] = [column + dx, row + dy];
        const next = y * width + x;
        if (x < 0 || y < 0 || x >= width || y >= height || seen[next] || !bright(next)) continue;
        seen[next] = 1;
        queue.push(next);
      }
    }
    // A screenshot of an element begins at a whole pixel.
    if (weight >= SMALLEST_PX)
      spots.push({ x: Math.floor(box.x) + sumX / weight, y: Math.floor(box.y) + sumY / weight, area: weight });
  }
  return spots.sort((a, b) => a.area - b.area);
}

/** Finds the affine map that takes three places to three others. */
export function affine(
  from: readonly (readonly [number, number])[],
  to: readonly (readonly [number, number])[],
): (place: readonly [number, number]) => [number, number] {
  const [p0, p1, p2] = from;
  const [q0, q1, q2] = to;
  if (!p0 || !p1 || !p2 || !q0 || !q1 || !q2) throw new Error('three places are needed');
  const determinant = (p1[0] - p0[0]) * (p2[1] - p0[1]) - (p2[0] - p0[0]) * (p1[1] - p0[1]);
  return ([x, y]) => {
    const s = ((x - p0[0]) * (p2[1] - p0[1]) - (p2[0] - p0[0]) * (y - p0[1])) / determinant;
    const t = ((p1[0] - p0[0]) * (y - p0[1]) - (x - p0[0]) * (p1[1] - p0[1])) / determinant;
    return [q0[0] + s * (q1[0] - q0[0]) + t * (q2[0] - q0[0]), q0[1] + s * (q1[1] - q0[1]) + t * (q2[1] - q0[1])];
  };
}
