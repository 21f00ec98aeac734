import type { Random } from './random.ts';

export interface Point {
  x: number;
  y: number;
  z: number;
}

export interface VesselSegment {
  from: Point;
  to: Point;
  radiusMm: number;
  /** Millimetres from the root of the tree to `from`. */
  distanceMm: number;
  generation: number;
}

/** A tree that branches in two as vessels do: the radii obey Murray's law, the branches keep inside `isInside`. */
export function growVesselTree(options: {
  random: Random;
  root: Point;
  direction: Point;
  radiusMm: number;
  lengthMm: number;
  smallestRadiusMm: number;
  isInside: (point: Point) => boolean;
}): VesselSegment[] {
  const { random, isInside, smallestRadiusMm } = options;
  const segments: VesselSegment[] = [];
  const grow = (
    from: Point,
    direction: Point,
    radiusMm: number,
    lengthMm: number,
    distance: number,
    generation: number,
  ) => {
    if (radiusMm < smallestRadiusMm || generation > 14) return;
    // Two bent pieces look more alive than one straight one.
    let at = from;
    let heading = direction;
    let travelled = distance;
    for (let piece = 0; piece < 2; piece++) {
      let to = at;
      let tries = 0;
      do {
        heading = normalize(jitter(heading, random, 0.22 + tries * 0.35));
        to = add(at, heading, (lengthMm / 2) * (1 - tries * 0.12));
      } while (!isInside(to) && ++tries < 5);
      if (tries === 5) return;
      segments.push({ from: at, to, radiusMm: radiusMm * (1 - piece * 0.06), distanceMm: travelled, generation });
      travelled += lengthMm / 2;
      at = to;
    }
    const share = 0.35 + random() * 0.3;
    const spread = 0.45 + random() * 0.35;
    const side = normalize(jitter({ x: 0, y: 0, z: 0 }, random, 1));
    for (const [part, sign] of [
      [share, 1],
      [1 - share, -1],
    ] as const) {
      const turned = normalize(add(heading, side, sign * spread * (1.2 - part)));
      grow(at, turned, radiusMm * Math.cbrt(part), lengthMm * (0.8 + random() * 0.15), travelled, generation + 1);
    }
  };
  grow(options.root, normalize(options.direction), options.radiusMm, options.lengthMm, 0, 0);
  return segments;
}

function add(point: Point, direction: Point, length: number): Point {
  return { x: point.x + direction.x * length, y: point.y + direction.y * length, z: point.z + direction.z * length };
}

function jitter(direction: Point, random: Random, amount: number): Point {
  return {
    x: direction.x + (random() * 2 - 1) * amount,
    y: direction.y + (random() * 2 - 1) * amount,
    z: direction.z + (random() * 2 - 1) * amount,
  };
}

function normalize(point: Point): Point {
  const length = Math.hypot(point.x, point.y, point.z) || 1;
  return { x: point.x / length, y: point.y / length, z: point.z / length };
}
