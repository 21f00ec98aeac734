import type { VesselSegment } from './vessel-tree.ts';

const LAYER_MM = 8;

/** Finds the segments of a slice without looking at all of them. */
export class SegmentsByHeight {
  readonly #layers = new Map<number, VesselSegment[]>();

  add(segments: readonly VesselSegment[]): void {
    for (const segment of segments) {
      const low = Math.floor((Math.min(segment.from.z, segment.to.z) - segment.radiusMm) / LAYER_MM);
      const high = Math.floor((Math.max(segment.from.z, segment.to.z) + segment.radiusMm) / LAYER_MM);
      for (let layer = low; layer <= high; layer++) {
        const there = this.#layers.get(layer);
        if (there === undefined) this.#layers.set(layer, [segment]);
        else there.push(segment);
      }
    }
  }

  near(z: number, half: number): VesselSegment[] {
    const low = Math.floor((z - half) / LAYER_MM);
    const high = Math.floor((z + half) / LAYER_MM);
    const found: VesselSegment[] = [];
    for (let layer = low; layer <= high; layer++) found.push(...(this.#layers.get(layer) ?? []));
    return found;
  }
}

/** The part of a segment that lies in the slice, seen from above. */
export function cutSegment(
  { from, to, radiusMm }: VesselSegment,
  z: number,
  half: number,
): { x1: number; y1: number; x2: number; y2: number } | undefined {
  const reach = half + radiusMm * 0.6;
  const low = z - reach;
  const high = z + reach;
  if ((from.z < low && to.z < low) || (from.z > high && to.z > high)) return undefined;
  const rise = to.z - from.z;
  let t1 = 0;
  let t2 = 1;
  if (Math.abs(rise) > 1e-6) {
    const a = (low - from.z) / rise;
    const b = (high - from.z) / rise;
    t1 = Math.max(0, Math.min(a, b));
    t2 = Math.min(1, Math.max(a, b));
  }
  return {
    x1: from.x + (to.x - from.x) * t1,
    y1: from.y + (to.y - from.y) * t1,
    x2: from.x + (to.x - from.x) * t2,
    y2: from.y + (to.y - from.y) * t2,
  };
}
