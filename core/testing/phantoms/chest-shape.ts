import type { Point } from './vessel-tree.ts';

/** Skin of the trunk, arms raised. */
export function outline(z: number): { x: number; depth: number; power: number } {
  if (z > 138) {
    const t = Math.min(1, (z - 138) / 55);
    const ease = t * t * (3 - 2 * t);
    return { x: 173 - ease * 107, depth: 95 - ease * 29, power: 2.6 - ease * 0.5 };
  }
  const belly = Math.max(0, -40 - z) / 160;
  return { x: 164 + Math.max(0, z) * 0.066, depth: 108 - Math.max(0, z) * 0.1 + belly * 6, power: 2.55 };
}

/** Middle of the ribs. */
export function chestWall(z: number): { x: number; y: number; depth: number } {
  const top = Math.max(0, z - 20) / 130;
  const narrowing = 1 - 0.52 * Math.min(1, top) ** 2.1;
  return { x: 134 * narrowing, y: 2 + 6 * Math.min(1, top), depth: 88 * (1 - 0.34 * Math.min(1, top) ** 1.8) };
}

export function lungSection(
  z: number,
  side: number,
): { x: number; y: number; radiusX: number; radiusY: number } | undefined {
  if (z > 138 || z < -146) return undefined;
  const wall = chestWall(z);
  const apex = z > 60 ? Math.sqrt(Math.max(0, 1 - ((z - 60) / 78) ** 2.4)) : 1;
  const outer = wall.x - 7;
  const inner = 8;
  const radiusX = ((outer - inner) / 2) * apex;
  return { x: (outer + inner) / 2 + (side > 0 ? 1 : 0), y: wall.y + 3, radiusX, radiusY: (wall.depth - 8) * apex };
}

/** How far the diaphragm has risen into the lung at this height: 0 above its dome, 1 at its full width. */
export function dome(z: number, side: number): number {
  const top = side < 0 ? -52 : -64;
  if (z > top) return 0;
  const depth = (top - z) / 58;
  if (depth < 1) return Math.sqrt(1 - (1 - depth) ** 2) * 0.96;
  return 0.96 + (depth - 1) * 0.75;
}

export function spineY(z: number): number {
  return 46 + 8 * Math.cos(((z - 10) / 200) * Math.PI) - (z > 90 ? (z - 90) * 0.3 : 0);
}

export function isInsideLung(point: Point, side: number): boolean {
  const lung = lungSection(point.z, side);
  if (lung === undefined) return false;
  const dx = (point.x - side * lung.x) / (lung.radiusX * 0.97);
  const dy = (point.y - lung.y) / (lung.radiusY * 0.97);
  // Between hilum and lung the way is free.
  const isHilar = Math.abs(point.x) < 40 && Math.abs(point.y - 6) < 24 && Math.abs(point.z) < 45;
  if (!isHilar && Math.abs(dx) ** 2.35 + Math.abs(dy) ** 2.35 > 1) return false;
  if (side * point.x < 20) return false;
  const cap = dome(point.z, side);
  if (cap === 0) return true;
  return ((point.x - side * (lung.x - 6)) / (68 * cap)) ** 2 + ((point.y + 6) / (82 * cap)) ** 2 > 1;
}
