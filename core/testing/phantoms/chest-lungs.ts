import { dome, lungSection } from './chest-shape.ts';
import { type ChestSlice, TISSUE_HU } from './chest-slice.ts';
import { cutSegment, type SegmentsByHeight } from './vessel-layers.ts';

/** Lungs with vessels, airways, fissures, nodules and effusions. */
export function paintLungs(slice: ChestSlice): void {
  const { canvas, z, half, s, options } = slice;
  for (const side of [-1, 1]) {
    const lung = lungSection(z, side);
    if (lung === undefined) continue;
    canvas.ellipse(side * lung.x * s, lung.y * s, lung.radiusX * s, lung.radiusY * s, TISSUE_HU.lung, 2.35);
    // The oblique fissure, a thin line that moves forward on the way down.
    if (z < 70 && z > -100) {
      const y = lung.y + (z - 10) * 0.55;
      const reach = Math.abs((y - lung.y) / lung.radiusY);
      if (reach < 0.9) {
        const width = lung.radiusX * (1 - reach ** 2.4) ** 0.42;
        const from = side * (lung.x + width);
        const to = side * Math.max(24, lung.x - width);
        canvas.capsule(from * s, (y + 7) * s, to * s, (y - 5) * s, 0.5, -740, -780);
      }
    }
    const cap = dome(z, side);
    const inner = Math.min(1, cap);
    if (cap > 0) {
      const tissue = side < 0 ? (options.contrast ? TISSUE_HU.liver + 38 : TISSUE_HU.liver) : 40;
      canvas.turnedEllipse(side * (lung.x - 6) * s, -6 * s, 66 * cap * s, 80 * cap * s, 0, tissue, -600);
      if (side > 0) {
        canvas.turnedEllipse(side * (lung.x - 4) * s, -8 * s, 61 * cap * s, 75 * cap * s, 0, -92, 41);
        canvas.turnedEllipse((lung.x - 18) * s, -28 * s, 34 * inner * s, 30 * inner * s, 0.3, 30);
        canvas.turnedEllipse((lung.x - 16) * s, -42 * s, 22 * inner * s, 12 * inner * s, 0.2, -930);
        canvas.turnedEllipse(
          (lung.x + 14) * s,
          34 * s,
          22 * inner * s,
          38 * inner * s,
          -0.5,
          options.contrast ? 120 : 50,
        );
      }
    }
    const effusion = side < 0 ? (options.effusionMm ?? 0) : 0;
    if (effusion > 0 && z < effusion - 110) {
      const depth = Math.min(1, (effusion - 110 - z) / effusion);
      canvas.turnedEllipse(
        -lung.x * s,
        (lung.y + lung.radiusY * 0.72) * s,
        lung.radiusX * 0.9 * s,
        34 * depth * s,
        0,
        9,
        -600,
      );
    }
  }
  paintVessels(slice, slice.veins, options.contrast ? 150 : 38);
  paintVessels(slice, slice.arteries, options.contrast ? 190 : 40);
  // Walls first, then what is hollow: branches open into each other.
  for (const [grow, hu, below] of [
    [0.9, -330, -600],
    [-0.25, -955, -250],
  ] as const) {
    for (const segment of slice.airways.near(z, half)) {
      const cut = cutSegment(segment, z, half * 0.5);
      if (cut === undefined) continue;
      canvas.capsule(cut.x1 * s, cut.y1 * s, cut.x2 * s, cut.y2 * s, (segment.radiusMm + grow) * s, hu, below);
    }
  }
  for (const nodule of options.nodules ?? []) {
    const distance = Math.abs(nodule.z - z);
    if (distance >= nodule.radiusMm) continue;
    const radius = Math.sqrt(nodule.radiusMm ** 2 - distance ** 2);
    canvas.disc(nodule.x * s, nodule.y * s, radius * s, nodule.hu, -200);
    for (let spike = 0; spike < 7; spike++) {
      const angle = spike * 0.9 + distance;
      canvas.capsule(
        nodule.x * s,
        nodule.y * s,
        (nodule.x + Math.cos(angle) * radius * 1.5) * s,
        (nodule.y + Math.sin(angle) * radius * 1.5) * s,
        0.5,
        nodule.hu - 120,
        -200,
      );
    }
  }
}

function paintVessels(slice: ChestSlice, vessels: SegmentsByHeight, hu: number): void {
  const { canvas, z, half, s } = slice;
  for (const segment of vessels.near(z, half)) {
    const cut = cutSegment(segment, z, half);
    if (cut === undefined) continue;
    // Thinner than the slice, a vessel fills only part of it.
    const share = Math.min(1, (segment.radiusMm * 2) / Math.max(2.6, half * 1.7));
    const value = TISSUE_HU.lung + (hu - TISSUE_HU.lung) * share;
    canvas.capsule(
      cut.x1 * s,
      cut.y1 * s,
      cut.x2 * s,
      cut.y2 * s,
      Math.max(0.55, segment.radiusMm) * s,
      value,
      value - 1,
    );
  }
}
