import { randomOf } from './random.ts';

/** T1-weighted signal of each tissue, arbitrary units. */
const SIGNAL = {
  air: 4,
  csf: 95,
  grey: 330,
  white: 520,
  deepGrey: 385,
  fat: 860,
  muscle: 300,
  cortical: 30,
  marrow: 560,
  vitreous: 80,
  lesion: 190,
} as const;

/** A head that can be sampled anywhere: x to the patient's left, y to the back, z to the vertex; millimetres, 0 between the thalami. */
export class BrainAnatomy {
  readonly #phases: number[];
  readonly #lesion: { x: number; y: number; z: number; radiusMm: number } | undefined;

  constructor(seed: string, lesion?: { x: number; y: number; z: number; radiusMm: number }) {
    const random = randomOf(`brain:${seed}`);
    this.#phases = Array.from({ length: 12 }, () => random() * Math.PI * 2);
    this.#lesion = lesion;
  }

  /** Signal at a point, with the coil's sensitivity: it fades towards the neck. */
  signalAt(x: number, y: number, z: number): number {
    const coil = z > -60 ? 1 : Math.exp(-(((z + 60) / 38) ** 2));
    return this.#tissueAt(x, y, z) * (coil * (1.06 - 0.0009 * Math.hypot(x, y + 10, z)));
  }

  #tissueAt(x: number, y: number, z: number): number {
    if (headRadius(x, y, z) > 1) return SIGNAL.air;
    const brain = this.#brain(x, y, z);
    if (brain !== undefined) return brain;
    const cerebellum = this.#cerebellum(x, y, z);
    if (cerebellum !== undefined) return cerebellum;
    const stem = brainstem(x, y, z);
    if (stem !== undefined) return stem;
    return this.#skullAndFace(x, y, z);
  }

  #brain(x: number, y: number, z: number): number | undefined {
    const r = cerebrumRadius(x, y, z);
    if (r > 1.001) return undefined;
    const gap = Math.abs(x);
    const ventricle = ventricles(x, y, z);
    if (ventricle !== undefined) return ventricle;
    const deep = deepGrey(x, y, z);
    if (deep !== undefined) return deep;
    const sulcus = this.#sulcusDepth(x, y, z);
    // Away from the callosum and the thalami, the hemispheres face each other.
    const isMedial = (y / 47) ** 2 + ((z - 5) / 24) ** 2 > 1;
    let depth = (1 - r) * 70;
    if (isMedial) {
      if (gap < 1.1) return gap < 0.45 ? SIGNAL.grey * 0.8 : SIGNAL.csf;
      depth = Math.min(depth, gap - 1.1 + sulcus * 7);
    }
    // The Sylvian fissure, wider towards the side, and the insula in its depth.
    const sylvian = Math.abs(z - 1 - (y + 8) * 0.48);
    const sylvianY = Math.abs(y + 4) / 32;
    if (sylvianY < 1 && gap > 34 + 6 * sylvianY ** 2) {
      const opening = (0.8 + (gap - 34) * 0.05) * Math.sqrt(1 - sylvianY ** 2);
      if (sylvian < opening) return SIGNAL.csf * 1.05;
      depth = Math.min(depth, sylvian - opening + sulcus * 17);
    } else if (sylvianY < 1.1) {
      depth = Math.min(
        depth,
        Math.hypot(sylvian * 0.8, Math.max(0, 34 - gap)) + sulcus * 17 + Math.max(0, sylvianY - 1) * 20,
      );
    }
    if (this.#lesion !== undefined) {
      const { x: lx, y: ly, z: lz, radiusMm } = this.#lesion;
      const wobble = 1 + 0.12 * Math.sin(x * 0.5) * Math.sin(y * 0.45 + z * 0.4);
      const distance = (Math.hypot(x - lx, y - ly, z - lz) / radiusMm) * wobble;
      if (distance < 1) return distance > 0.78 ? SIGNAL.white * 1.3 : SIGNAL.lesion;
      if (distance < 1.9 && depth - sulcus * 17 > 3) return SIGNAL.white - (1.9 - distance) * 170;
    }
    const edge = depth - sulcus * 17;
    if (edge < -1.2) return SIGNAL.csf * (1 + 0.15 * Math.sin(x * 0.3));
    if (edge < 3.4) return SIGNAL.grey;
    if (edge < 4.6) return SIGNAL.grey + (edge - 3.4) * 158;
    return SIGNAL.white + 18 * Math.sin(x * 0.11 + this.#phases[9]!) * Math.sin(y * 0.09 + z * 0.07);
  }

  /** 0 on the crown of a gyrus, up to 1 in the depth of a sulcus. */
  #sulcusDepth(x: number, y: number, z: number): number {
    const p = this.#phases;
    // Bent coordinates make the folds wind as real ones do; left and right differ a little.
    const side = x < 0 ? 0.7 : 0;
    const bx = Math.abs(x) + 7 * Math.sin(y * 0.075 + p[0]! + side) + 5 * Math.sin(z * 0.095 + p[1]!);
    const by = y + 7 * Math.sin(Math.abs(x) * 0.08 + p[2]! + side) + 5 * Math.sin(z * 0.085 + p[3]!);
    const bz = z + 7 * Math.sin(y * 0.07 + p[4]!) + 5 * Math.sin(Math.abs(x) * 0.09 + p[5]! + side);
    const fold =
      Math.sin(bx * 0.24 + p[6]!) * Math.sin(by * 0.21 + p[7]!) +
      Math.sin(by * 0.2 + p[8]!) * Math.sin(bz * 0.23 + p[9]!) +
      Math.sin(bz * 0.22 + p[10]!) * Math.sin(bx * 0.19 + p[11]!);
    // Sulci are the narrow valleys between the hills.
    const ridge = 1 - Math.abs(fold) / 0.42;
    return ridge > 0 ? ridge ** 0.8 : 0;
  }

  #cerebellum(x: number, y: number, z: number): number | undefined {
    const notch = y > 60 ? Math.max(0, 1 - Math.abs(x) / 7) * (y - 60) * 0.05 : 0;
    const r = (Math.abs(x) / 52) ** 2.3 + (Math.abs(y - 50) / 29) ** 2.3 + (Math.abs(z + 42) / 21) ** 2.3 + notch;
    if (r > 1) return r < 1.22 ? SIGNAL.csf : undefined;
    const arc = Math.hypot(y - 26, (z + 40) * 1.25);
    const folia = Math.sin(arc * 1.5 + 1.4 * Math.sin(Math.abs(x) * 0.11 + 0.06 * y));
    if (r > 0.3 + 0.12 * Math.sin(Math.abs(x) * 0.25 + arc * 0.3)) {
      return folia > 0.55 ? SIGNAL.csf * 2.1 : folia < -0.7 ? SIGNAL.white * 0.86 : SIGNAL.grey;
    }
    return SIGNAL.white * 0.97;
  }

  #skullAndFace(x: number, y: number, z: number): number {
    const head = headRadius(x, y, z);
    const eye = Math.hypot(Math.abs(x) - 31, y + 72, z + 30) / 12.2;
    if (eye < 1) {
      const lens = Math.hypot(Math.abs(x) - 31, (y + 80) * 1.5, z + 30) < 4.6;
      return eye > 0.92 || lens ? SIGNAL.muscle * 0.8 : SIGNAL.vitreous;
    }
    const shell = (1 - head) * 88;
    const base = y < -40 ? -20 : y < 10 ? -20 - (y + 40) * 0.56 : -48 - (y - 10) * 0.3;
    if (z < base) return face(x, y, z, shell);
    if (shell < 1.6) return SIGNAL.muscle * 1.1;
    if (shell < 5.6) return SIGNAL.fat * (0.95 + 0.05 * Math.sin(x * 0.23 + z * 0.31) * Math.sin(y * 0.27));
    if (shell < 12.4) return shell > 7.4 && shell < 10.6 ? SIGNAL.marrow * 0.8 : SIGNAL.cortical;
    return z < base + 4 ? SIGNAL.cortical * 2 : SIGNAL.csf;
  }
}

function cerebrumRadius(x: number, y: number, z: number): number {
  const gap = Math.abs(x);
  // Longer than wide; below, the temporal lobes hang down at the sides of a flat base.
  let below = y > 30 ? 27 : y < -38 ? 25 - Math.max(0, y + 50) * 0.1 : 26;
  if (z < 0 && y > -40 && y < 34) {
    const along = Math.cos(((y + 3) / 37) * (Math.PI / 2));
    below += 21 * Math.sqrt(Math.max(0, along)) * Math.exp(-(((gap - 39) / 17) ** 4));
  }
  const width = 66 - Math.max(0, -y - 20) * 0.2 - Math.max(0, y - 30) * 0.12;
  const power = z < 0 ? 2.6 : 2;
  const r = (gap / width) ** power + (Math.abs(y - 2) / 83) ** power + (Math.abs(z) / (z < 0 ? below : 66)) ** power;
  return r ** (1 / power);
}

function headRadius(x: number, y: number, z: number): number {
  const cranium = Math.sqrt((x / 80) ** 2 + ((y - 1) / 99) ** 2 + ((z - 2) / 84) ** 2);
  if (z > -8) return cranium;
  const drop = Math.max(0, -104 - z) / 12;
  const wide = 68 - Math.max(0, -50 - z) * 0.26;
  const front = 72 - ((z + 58) / 50) ** 2 * 6;
  const jaw =
    ((Math.abs(x) / wide) ** 2.6 + (Math.abs(y + 18) / (y < -18 ? front : 66)) ** 2.6 + drop ** 2) ** (1 / 2.6);
  const nose = Math.sqrt((x / (11 - (z + 54) * 0.14)) ** 2 + ((y + 86) / 21) ** 2 + ((z + 52) / 19) ** 2);
  const neck = z < -40 ? Math.sqrt((x / 60) ** 2 + ((y - 22) / 54) ** 2) + Math.max(0, z + 60) * 0.02 : 9;
  const chin = y < 40 ? jaw + Math.max(0, z + 22) * 0.02 : 9;
  return Math.min(cranium, chin, nose, neck);
}

function ventricles(x: number, y: number, z: number): number | undefined {
  const gap = Math.abs(x);
  // Bodies and frontal horns, bending outwards to the trigones.
  const centre = 7 + Math.max(0, y) * 0.42 + Math.max(0, -y - 18) * 0.22;
  const height = 16 - (y > 10 ? (y - 10) * 0.32 : 0) + (y < -14 ? (y + 14) * 0.28 : 0);
  if (y > -36 && y < 44) {
    const wide = 6.2 - Math.abs(y + 8) * 0.03;
    const tall = y < -12 ? 8 : 5.6;
    const r = ((gap - centre) / wide) ** 2 + ((z - height) / tall) ** 2;
    const ends = y < -28 ? (y + 28) / 8 : y > 36 ? (y - 36) / 8 : 0;
    if (r + ends * ends < 1) {
      const isPlexus = y > 16 && Math.hypot(gap - centre, z - height + 1) < 2;
      return isPlexus ? SIGNAL.grey * 0.9 : SIGNAL.csf;
    }
  }
  // Occipital and temporal horns.
  if (y >= 36 && y < 62 && ((gap - 24) / 4) ** 2 + ((z - 7) / 6) ** 2 < 1) return SIGNAL.csf;
  if (y > -12 && y < 40 && ((gap - 33) / 2.6) ** 2 + ((z + 14 - y * 0.25) / 4.5) ** 2 < 1) return SIGNAL.csf;
  // Third ventricle, quadrigeminal cistern.
  if (gap < 2.1 && y > -16 && y < 16 && z > -14 && z < 9) return SIGNAL.csf;
  if (gap < 10 && (gap / 11) ** 2 + ((y - 27) / 5) ** 2 + ((z + 4) / 8) ** 2 < 1) return SIGNAL.csf;
  // Corpus callosum over the ventricles, septum between them.
  if (Math.abs(y) < 42 && gap < 17 * Math.sqrt(1 - (y / 42) ** 2)) {
    const arch = 24 - (y * y) / 190;
    if (Math.abs(z - arch) < 3.2) return SIGNAL.white * 1.06;
    if (gap < 1 && z > 8 && z < arch) return SIGNAL.white * 0.85;
  }
  return undefined;
}

function deepGrey(x: number, y: number, z: number): number | undefined {
  const gap = Math.abs(x);
  if (((gap - 11) / 8.5) ** 2 + ((y - 8) / 14) ** 2 + ((z - 3) / 9) ** 2 < 1) return SIGNAL.deepGrey * 1.04;
  const caudate = y > -32 && y < 4 && ((gap - 14.5) / 4.2) ** 2 + ((z - 13 + Math.abs(y + 18) * 0.2) / 7) ** 2 < 1;
  if (caudate) return SIGNAL.deepGrey * 0.93;
  const lens = ((gap - 25) / 6.5) ** 2 + ((y + 4) / 20) ** 2 + ((z - 2) / 11) ** 2;
  if (lens < 1) return gap > 23 ? SIGNAL.deepGrey * 0.93 : SIGNAL.deepGrey * 1.13;
  return undefined;
}

function brainstem(x: number, y: number, z: number): number | undefined {
  if (z > -6 || z < -95) return undefined;
  const axis = 16 + (-z - 10) * 0.16;
  const isPons = z < -24 && z > -48;
  const wide = isPons ? 17 : z > -24 ? 14 : 9 - Math.max(0, -60 - z) * 0.05;
  const deep = isPons ? 14 : z > -24 ? 10 : 8;
  const r = (x / wide) ** 2 + ((y - axis + (isPons ? 5 : 0)) / deep) ** 2;
  if (r < 1) return SIGNAL.white * (isPons ? 0.9 : 0.94);
  // Fourth ventricle and the cisterns around the stem.
  if (z < -22 && z > -52 && Math.abs(x) < 7 && y > axis && y < axis + 16 - Math.abs(x)) return SIGNAL.csf;
  return r < 1.9 ? SIGNAL.csf : undefined;
}

function face(x: number, y: number, z: number, shell: number): number {
  const gap = Math.abs(x);
  const texture = 1 + 0.09 * Math.sin(x * 0.33 + z * 0.12) * Math.sin(y * 0.29 + z * 0.17);
  if (shell < 1.4) return SIGNAL.muscle;
  if (shell < 4.2 + (y > 50 ? 4 : 0)) return SIGNAL.fat * 0.93;
  const cordY = 16 + (-z - 10) * 0.16;
  // Spinal canal, vertebrae and discs.
  if ((x / 9) ** 2 + ((y - cordY) / 8) ** 2 < 1) return SIGNAL.csf;
  const bodyY = cordY - 17;
  if (z < -60 && (gap / 10) ** 2.6 + (Math.abs(y - bodyY) / 8.5) ** 2.6 < 1) {
    const phase = (((-z - 60) % 17) + 17) % 17;
    return phase < 3.4 ? SIGNAL.grey * 0.75 : phase < 4.2 || phase > 16.2 ? SIGNAL.cortical : SIGNAL.marrow;
  }
  if (z < -64 && gap < 4 && y > cordY + 10 && y < cordY + 26 && Math.sin(z * 0.37) > -0.2) return SIGNAL.marrow * 0.8;
  // Clivus and the hollow bone before it.
  if (gap < 12 && z >= -62 && Math.abs(y - (2 + (z + 40) * -0.5)) < 6) return SIGNAL.marrow * 0.95;
  if ((x / 12) ** 2 + ((y + 27) / 11) ** 2 + ((z + 40) / 8) ** 2 < 1) return SIGNAL.air;
  // Airways.
  const throatY = bodyY - 17;
  if (z < -54 && (x / 9) ** 2 + ((y - throatY) / 5.5) ** 2 < 1) return SIGNAL.air;
  if (((gap - 24) / 12) ** 2 + ((y + 58) / 14) ** 2 + ((z + 58) / 14) ** 2 < 1) return SIGNAL.air;
  if ((x / 12) ** 2 + ((y + 58) / 27) ** 2 + ((z + 56) / 15) ** 2 < 1) {
    if (gap < 1.2) return SIGNAL.muscle;
    return Math.sin(z * 0.5 + gap * 0.55) > 0.15 ? SIGNAL.muscle * 1.15 : SIGNAL.air;
  }
  // Orbits: fat, with the muscles and the nerve that run to the apex.
  const apex = (y + 36) / -36;
  const orbitX = gap - (14 + Math.min(1, Math.max(0, apex)) * 17);
  const orbitR = Math.hypot(orbitX, z + 30);
  if (y > -84 && y < -34 && orbitR < 4 + Math.min(1, apex) * 13) {
    if (orbitR < 2.2) return SIGNAL.white * 0.8;
    return Math.abs(orbitR - (3 + apex * 9)) < 1.4 && Math.abs(Math.sin(Math.atan2(z + 30, orbitX) * 2)) < 0.35
      ? SIGNAL.muscle
      : SIGNAL.fat * 0.9;
  }
  // Palate, tongue, lower jaw.
  if (gap < 28 && y < -28 && y > -82 && Math.abs(z + 73) < 1.6) return SIGNAL.cortical;
  const tongue = (x / 26) ** 2 + ((y + 46) / 32) ** 2 + ((z + 88) / 15) ** 2;
  if (tongue < 1) return SIGNAL.muscle * 1.15 * (1 + 0.1 * Math.sin(y * 0.5 + z * 0.5));
  if (tongue < 1.2 && z > -88) return SIGNAL.air * 4;
  const arch = Math.hypot(x, (y + 34) * 0.86);
  if (z < -88 && y < -20 && Math.abs(arch - 41) < 5.5) return Math.abs(arch - 41) > 4 ? SIGNAL.cortical : SIGNAL.marrow;
  // Vessels, glands, muscles with fat between them.
  if (((gap - 27) / 5) ** 2 + ((y - 2) / 5) ** 2 < 1) return SIGNAL.cortical;
  if (((gap - 50) / 12) ** 2 + ((y - 4) / 20) ** 2 < 1 && z < -40) return SIGNAL.fat * 0.72 * texture;
  if (gap < 1.2 && y > cordY + 10) return SIGNAL.fat * 0.8;
  const septum = Math.abs(
    Math.sin(gap * 0.12 + y * 0.05 + 0.9 * Math.sin(z * 0.06)) *
      Math.cos(y * 0.08 - gap * 0.04 + 0.8 * Math.sin(z * 0.05)),
  );
  return septum < 0.05 ? SIGNAL.fat * 0.52 : SIGNAL.muscle * texture;
}
