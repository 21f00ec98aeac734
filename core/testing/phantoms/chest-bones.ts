import { spineY } from './chest-shape.ts';
import { type ChestSlice, TISSUE_HU } from './chest-slice.ts';

/** Vertebra, disc and spinal canal. */
export function paintSpine(slice: ChestSlice): void {
  const { canvas, z, s } = slice;
  const y = spineY(z);
  const period = 25;
  const phase = ((((z - 138) % period) + period) % period) / period;
  const isDisc = phase > 0.42 && phase < 0.6;
  const size = z > 150 ? 0.62 : 1 - Math.max(0, z) * 0.0014;
  canvas.turnedEllipse(0, (y + 4) * s, 24 * size * s, 24 * size * s, 0, TISSUE_HU.muscle, TISSUE_HU.muscle - 20);
  if (isDisc) {
    canvas.ellipse(0, y * s, 17.5 * size * s, 13.5 * size * s, TISSUE_HU.disc, 2.3);
  } else {
    const endplate = phase > 0.34 && phase < 0.68 ? 1.25 : 1;
    canvas.ellipse(0, y * s, 18 * size * s, 14 * size * s, TISSUE_HU.cortical * 0.78, 2.3);
    canvas.ellipse(0, y * s, 16.2 * size * s, 12.2 * size * s, TISSUE_HU.marrow * endplate, 2.3);
    canvas.turnedEllipse(0, (y + 6) * s, 1.2 * s, 6 * s, 0, 60);
  }
  // Arch, transverse and spinous processes.
  const back = y + 14 * size;
  if (!isDisc) {
    for (const side of [-1, 1]) {
      canvas.turnedEllipse(
        side * 13 * size * s,
        (back + 6 * size) * s,
        4.4 * s,
        9 * s,
        side * 0.35,
        TISSUE_HU.cortical * 0.8,
      );
      canvas.turnedEllipse(
        side * 25 * size * s,
        (back + 12 * size) * s,
        14 * size * s,
        4.4 * s,
        side * 0.45,
        TISSUE_HU.cortical * 0.72,
      );
      canvas.turnedEllipse(
        side * 25 * size * s,
        (back + 12 * size) * s,
        11 * size * s,
        2.4 * s,
        side * 0.45,
        TISSUE_HU.marrow,
      );
    }
  }
  canvas.turnedEllipse(0, (back + 17 * size) * s, 11 * size * s, 3.4 * s, 0, TISSUE_HU.cortical * 0.75);
  canvas.turnedEllipse(0, (back + 27 * size) * s, 3.4 * s, 12 * size * s, 0, TISSUE_HU.cortical * 0.72);
  canvas.turnedEllipse(0, (back + 27 * size) * s, 1.5 * s, 9 * size * s, 0, TISSUE_HU.marrow);
  canvas.turnedEllipse(0, (back + 6.5 * size) * s, 9.4 * size * s, 7.6 * size * s, 0, 12);
  canvas.turnedEllipse(0, (back + 6.5 * size) * s, 5.4 * size * s, 4.4 * size * s, 0, 38);
}

/** Ribs and their cartilage. */
export function paintRibs(slice: ChestSlice): void {
  const { canvas, z, half, s } = slice;
  for (const isInner of [false, true]) {
    for (const rib of slice.ribs) {
      const distance = Math.abs(rib.z - z);
      if (distance > rib.radiusMm + half) continue;
      const radius = Math.sqrt(Math.max(2, rib.radiusMm ** 2 - Math.max(0, distance - half) ** 2));
      const turn = -rib.angle;
      if (rib.isCartilage) {
        if (!isInner)
          canvas.turnedEllipse(rib.x * s, rib.y * s, radius * 0.9 * s, radius * 0.75 * s, turn, TISSUE_HU.cartilage);
      } else if (!isInner) {
        canvas.turnedEllipse(rib.x * s, rib.y * s, radius * s, radius * 0.72 * s, turn, TISSUE_HU.cortical);
      } else if (radius > 2.6) {
        canvas.turnedEllipse(
          rib.x * s,
          rib.y * s,
          (radius - 1.7) * s,
          (radius * 0.72 - 1.5) * s,
          turn,
          TISSUE_HU.marrow,
        );
      }
    }
  }
}
