import type { Canvas } from './canvas.ts';
import type { SegmentsByHeight } from './vessel-layers.ts';
import type { Point } from './vessel-tree.ts';

/** Hounsfield units that the anatomy is painted with. */
export const TISSUE_HU = {
  air: -1000,
  lung: -862,
  fat: -105,
  muscle: 52,
  liver: 62,
  marrow: 210,
  cortical: 780,
  cartilage: 110,
  disc: 85,
} as const;

export interface RibPoint extends Point {
  angle: number;
  radiusMm: number;
  isCartilage: boolean;
}

export interface Nodule extends Point {
  radiusMm: number;
  hu: number;
}

export interface ChestOptions {
  /** Patients with different seeds have different vessels and proportions. */
  seed: string;
  /** Vessels are brighter. */
  contrast: boolean;
  nodules?: readonly Nodule[];
  /** 1 is an average adult. */
  scale?: number;
  /** Radius of the smallest vessels in millimetres; finer than what an image shows is wasted. Default 0.34. */
  detailMm?: number;
  /** Height in millimetres of an effusion over the right base. Default 0, none. */
  effusionMm?: number;
}

/** What is painted, and where: one height of one chest. */
export interface ChestSlice {
  canvas: Canvas;
  /** Height in the average chest, and half the thickness of the slice: millimetres. */
  z: number;
  half: number;
  /** Size of this patient. */
  s: number;
  /** HU of blood. */
  blood: number;
  options: ChestOptions;
  arteries: SegmentsByHeight;
  veins: SegmentsByHeight;
  airways: SegmentsByHeight;
  ribs: readonly RibPoint[];
}
