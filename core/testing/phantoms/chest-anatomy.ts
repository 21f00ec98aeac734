import type { Canvas } from './canvas.ts';
import { paintRibs, paintSpine } from './chest-bones.ts';
import { paintLungs } from './chest-lungs.ts';
import { paintMediastinum } from './chest-mediastinum.ts';
import { chestWall, isInsideLung } from './chest-shape.ts';
import type { ChestOptions, ChestSlice, RibPoint } from './chest-slice.ts';
import { paintBody } from './chest-trunk.ts';
import { type Random, randomOf } from './random.ts';
import { SegmentsByHeight } from './vessel-layers.ts';
import { growVesselTree, type Point } from './vessel-tree.ts';

/** A chest that can be cut at any height. x grows to the patient's left, y to the back, z to the head: millimetres. */
export class ChestAnatomy {
  readonly #options: ChestOptions;
  readonly #scale: number;
  readonly #arteries = new SegmentsByHeight();
  readonly #veins = new SegmentsByHeight();
  readonly #airways = new SegmentsByHeight();
  readonly #ribs: RibPoint[] = [];
  readonly #blood: number;

  constructor(options: ChestOptions) {
    this.#options = options;
    this.#scale = options.scale ?? 1;
    this.#blood = options.contrast ? 235 : 44;
    const random = randomOf(`chest:${options.seed}`);
    for (const side of [-1, 1]) this.#growLung(side, random);
    this.#growRibs();
    this.#growClavicles();
  }

  #growLung(side: number, random: Random): void {
    const detail = this.#options.detailMm ?? 0.34;
    const hilum = { x: side * 30, y: 4, z: side < 0 ? 4 : 12 };
    const isInside = (point: Point) => isInsideLung(point, side);
    const directions: Point[] = [
      { x: side * 0.6, y: -0.2, z: 1 },
      { x: side * 0.7, y: 0.45, z: -1 },
      { x: side * 0.7, y: -0.8, z: -0.25 },
      { x: side, y: 0.8, z: 0.35 },
      { x: side * 0.6, y: -0.6, z: 0.7 },
      { x: side, y: -0.1, z: -0.8 },
      { x: side * 0.4, y: 0.9, z: -0.5 },
    ];
    for (const [index, direction] of directions.entries()) {
      const common = { random, root: hilum, direction, isInside };
      this.#arteries.add(growVesselTree({ ...common, radiusMm: 4.6, lengthMm: 25, smallestRadiusMm: detail }));
      const root = { x: hilum.x - side * 2, y: hilum.y + 8, z: hilum.z - 14 };
      this.#veins.add(
        growVesselTree({ ...common, root, radiusMm: 3.8, lengthMm: 27, smallestRadiusMm: detail * 1.06 }),
      );
      if (index % 2 === 0) {
        const airway = { x: hilum.x, y: hilum.y + 4, z: hilum.z + 2 };
        this.#airways.add(
          growVesselTree({ ...common, root: airway, radiusMm: 3.9, lengthMm: 20, smallestRadiusMm: 1.3 }),
        );
      }
    }
  }

  #growRibs(): void {
    for (let rib = 0; rib < 12; rib++) {
      const spineZ = 138 - rib * 25;
      const drop = 18 + Math.min(rib, 8) * 7.5;
      const reach = rib < 7 ? 1 : rib < 10 ? 0.86 : 0.55;
      for (const side of [-1, 1]) {
        for (let step = 0; step <= 150; step++) {
          const t = (step / 150) * reach;
          // From the spine at the back (angle 0) around the side to the breastbone (angle pi).
          const angle = 0.16 + t * 2.72;
          const z = spineZ - drop * Math.sin((Math.min(t, 0.9) / 0.9) * 1.35) + (t > 0.88 ? (t - 0.88) * 70 : 0);
          const wall = chestWall(z);
          const bend = 1 - 0.1 * Math.exp(-((angle / 0.5) ** 2));
          this.#ribs.push({
            x: side * Math.sin(angle) * (wall.x - 1.5) * bend,
            y: wall.y + Math.cos(angle) * (wall.depth - 1) * bend,
            z,
            angle: side * angle,
            radiusMm: rib === 0 ? 4.4 : 5.4,
            isCartilage: t > 0.87,
          });
        }
      }
    }
  }

  #growClavicles(): void {
    for (const side of [-1, 1]) {
      for (let step = 0; step <= 90; step++) {
        const t = step / 90;
        const x = side * (22 + t * 104);
        const y = -62 + 10 * Math.sin(t * Math.PI * 1.7) + t * 46;
        const z = 110 + t * 22 + 5 * Math.sin(t * Math.PI);
        this.#ribs.push({ x, y, z, angle: side * 1.2, radiusMm: 5.6 + 1.6 * (0.5 - t) ** 2, isCartilage: false });
      }
    }
  }

  /** Paints the slice at `zMm` over what is there; vessels within half of `thicknessMm` of it are seen. */
  paint(canvas: Canvas, zMm: number, thicknessMm: number): void {
    const s = this.#scale;
    const slice: ChestSlice = {
      canvas,
      z: zMm / s,
      half: thicknessMm / 2 / s,
      s,
      blood: this.#blood,
      options: this.#options,
      arteries: this.#arteries,
      veins: this.#veins,
      airways: this.#airways,
      ribs: this.#ribs,
    };
    paintBody(slice);
    paintLungs(slice);
    paintMediastinum(slice);
    paintSpine(slice);
    paintRibs(slice);
  }
}
