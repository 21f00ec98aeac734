import { chestWall } from './chest-shape.ts';
import { type ChestSlice, TISSUE_HU } from './chest-slice.ts';

/** Heart, great vessels, airway, gullet and breastbone. */
export function paintMediastinum(slice: ChestSlice): void {
  const { canvas, z, s } = slice;
  if (z < -118 || z > 165) {
    paintNeckAndAorta(slice);
    return;
  }
  const wall = chestWall(z);
  const width = 34 + 6 * Math.min(1, Math.max(0, (z - 38) / 26)) - Math.max(0, z - 64) * 0.11;
  canvas.ellipse(0, -8 * s, width * s, 44 * s, -88, 2.4);
  canvas.turnedEllipse(0, (-wall.depth * 0.62 + wall.y) * s, 17 * s, 26 * s, 0, -96);
  paintHeart(slice);
  paintGreatVessels(slice);
  paintAirway(slice);
  // Breastbone.
  if (z > -45 && z < 112) {
    const y = (wall.y - wall.depth - 1) * s;
    canvas.ellipse(0, y, (z > 65 ? 25 : 18) * s, 7.2 * s, TISSUE_HU.cortical * 0.8, 2.6);
    canvas.ellipse(0, y, (z > 65 ? 22 : 15) * s, 4.6 * s, TISSUE_HU.marrow * 0.8, 2.6);
  }
  paintNeckAndAorta(slice);
}

function paintHeart(slice: ChestSlice): void {
  const { canvas, z, s, options, blood } = slice;
  const height = (z + 52) / 56;
  if (Math.abs(height) >= 1) return;
  const size = Math.sqrt(1 - height * height);
  const shift = -z * 0.16;
  const wall = options.contrast ? 105 : 46;
  const x = (12 + shift) * s;
  const y = -18 * s;
  canvas.turnedEllipse(x, y, 66 * size * s, 48 * size * s, 0.62, -86);
  canvas.turnedEllipse(x, y, 63 * size * s, 45 * size * s, 0.62, wall);
  if (z > -95 && z < 2) {
    canvas.turnedEllipse(x + 24 * s, y + 12 * s, 30 * size * s, 19 * size * s, 0.62, blood);
    canvas.turnedEllipse(x + 6 * s, y - 21 * s, 33 * size * s, 15 * size * s, 0.55, blood * 0.82);
    canvas.turnedEllipse(x - 31 * s, y - 5 * s, 17 * size * s, 25 * size * s, 0.2, blood * 0.8);
    if (z > -45) canvas.turnedEllipse(x - 7 * s, y + 29 * s, 28 * size * s, 14 * size * s, 0.1, blood * 0.94);
    // Papillary muscles.
    canvas.disc(x + 30 * s, y + 5 * s, 4 * size * s, wall);
    canvas.disc(x + 25 * s, y + 20 * s, 4 * size * s, wall);
  }
}

function paintGreatVessels(slice: ChestSlice): void {
  const { canvas, z, s, blood } = slice;
  if (z > -2 && z < 55) canvas.disc((-6 - z * 0.1) * s, (-24 + z * 0.2) * s, 16 * s, blood * 1.05);
  if (z >= 46 && z < 74) {
    // The arch runs from the front right to the back left.
    const thick = 13.5 * Math.sqrt(1 - ((z - 60) / 14) ** 2);
    canvas.capsule(-10 * s, -18 * s, 20 * s, 30 * s, thick * s, blood * 1.05);
  }
  if (z > 2 && z < 40) {
    canvas.capsule(16 * s, -22 * s, 12 * s, -4 * s, 13 * s, blood * 0.95);
    if (z > 8 && z < 26) {
      canvas.capsule(10 * s, -6 * s, -30 * s, 4 * s, 10 * s, blood * 0.95);
      canvas.capsule(14 * s, -4 * s, 34 * s, 8 * s, 10 * s, blood * 0.95);
    }
  }
  if (z > -12 && z < 105) canvas.turnedEllipse(-24 * s, -10 * s, 8 * s, 10 * s, 0.2, blood * 0.78);
  if (z <= -70 && z > -130) canvas.turnedEllipse(-22 * s, 6 * s, 12 * s, 10 * s, 0, blood * 0.6);
  if (z >= 70 && z < 150) {
    canvas.disc(-14 * s, -14 * s, 7 * s, blood * 1.02);
    canvas.disc(6 * s, -10 * s, 4.4 * s, blood * 1.02);
    canvas.disc(18 * s, 4 * s, 5 * s, blood * 1.02);
    canvas.turnedEllipse(-26 * s, -24 * s, 8 * s, 6 * s, 0.4, blood * 0.7);
    canvas.turnedEllipse(20 * s, -26 * s, 9 * s, 5.5 * s, -0.4, blood * 0.7);
  }
  // Lymph nodes and the oesophagus with a little air.
  canvas.turnedEllipse(-9 * s, 14 * s, 4 * s, 3 * s, 0.5, 38);
  canvas.turnedEllipse(5 * s, 26 * s, 8 * s, 5 * s, 0.3, 40);
  canvas.turnedEllipse(6 * s, 25 * s, 2.2 * s, 1.1 * s, 0.3, -500);
}

function paintAirway(slice: ChestSlice): void {
  const { canvas, z, half, s } = slice;
  if (z > 30) {
    canvas.turnedEllipse(-2 * s, 10 * s, 10 * s, 9.4 * s, 0, 30);
    canvas.turnedEllipse(-2 * s, 10 * s, 8.6 * s, 8 * s, 0, -985);
  } else if (z > 0) {
    const spread = (30 - z) * 0.92;
    const stretch = 1 + Math.min(1.2, half * 0.4);
    for (const side of [-1, 1]) {
      canvas.turnedEllipse((-2 + side * (5 + spread)) * s, (10 - spread * 0.1) * s, 8.6 * stretch * s, 7.4 * s, 0, 20);
      canvas.turnedEllipse((-2 + side * (5 + spread)) * s, (10 - spread * 0.1) * s, 7.2 * stretch * s, 6 * s, 0, -985);
    }
  }
}

function paintNeckAndAorta(slice: ChestSlice): void {
  const { canvas, z, s, options, blood } = slice;
  if (z < 58) {
    const aorta = { x: 21 - Math.max(0, -60 - z) * 0.1, y: 34 };
    canvas.disc(aorta.x * s, aorta.y * s, 12.4 * s, options.contrast ? 120 : 48);
    canvas.disc(aorta.x * s, aorta.y * s, 11.4 * s, blood * 1.04);
    // Azygos vein.
    canvas.disc(-7 * s, 34 * s, 3.4 * s, blood * 0.6);
  }
  if (z > 150) {
    canvas.ellipse(0, 4 * s, 50 * s, 44 * s, TISSUE_HU.muscle, 2.2);
    canvas.ellipse(0, -6 * s, 34 * s, 22 * s, -70);
    canvas.turnedEllipse(0, -8 * s, 10.4 * s, 10 * s, 0, 80);
    canvas.turnedEllipse(0, -8 * s, 8.4 * s, 8 * s, 0, -985);
    for (const side of [-1, 1]) {
      canvas.turnedEllipse(side * 16 * s, -8 * s, 7 * s, 13 * s, 0, 118);
      canvas.disc(side * 26 * s, 2 * s, 4 * s, blood);
      canvas.disc(side * 33 * s, -3 * s, 6 * s, blood * 0.7);
    }
  }
}
