import { chestWall, dome, outline } from './chest-shape.ts';
import { type ChestSlice, TISSUE_HU } from './chest-slice.ts';

/** Skin, fat, muscles, shoulder blades and what the abdomen shows. */
export function paintBody(slice: ChestSlice): void {
  const { canvas, z, s } = slice;
  const body = outline(z);
  canvas.ellipse(0, 0, (body.x + 1.6) * s, (body.depth + 1.6) * s, 20, body.power);
  canvas.ellipse(0, 0, body.x * s, body.depth * s, TISSUE_HU.fat, body.power);
  const wall = chestWall(z);
  canvas.ellipse(0, wall.y * s, (wall.x + 9) * s, (wall.depth + 8) * s, TISSUE_HU.muscle, 2.2);
  // Back muscles, chest muscles, and the muscles of the shoulder blade.
  for (const side of [-1, 1]) {
    canvas.turnedEllipse(side * 38 * s, (wall.y + wall.depth + 1) * s, 30 * s, 15 * s, side * -0.16, TISSUE_HU.muscle);
    if (z > -20 && z < 144) {
      const high = Math.min(1, (z + 20) / 70, (145 - z) / 26);
      canvas.turnedEllipse(
        side * 78 * s,
        (wall.y - wall.depth + 4) * s,
        55 * s,
        13 * high * s,
        side * 0.42,
        TISSUE_HU.muscle,
      );
      canvas.turnedEllipse(
        side * 112 * s,
        (wall.y + wall.depth * 0.62) * s,
        17 * high * s,
        48 * s,
        side * 0.62,
        TISSUE_HU.muscle,
      );
    }
  }
  canvas.ellipse(0, wall.y * s, (wall.x - 5.5) * s, (wall.depth - 5.5) * s, TISSUE_HU.fat, 2.2);
  if (z > 30 && z < 144) paintShoulder(slice);
  if (z < -15) paintAbdomen(slice);
}

function paintShoulder(slice: ChestSlice): void {
  const { canvas, z, s } = slice;
  const wall = chestWall(z);
  for (const side of [-1, 1]) {
    const tilt = side * (0.72 - (z - 30) * 0.0012);
    const x = side * (108 + (z - 30) * 0.06) * s;
    const y = (wall.y + wall.depth * 0.66) * s;
    const length = Math.min(38, 8 + (z - 30) * 0.5, 5 + (144 - z) * 1.3) * s;
    canvas.turnedEllipse(x, y, 3.4 * s, length, tilt, TISSUE_HU.cortical);
    canvas.turnedEllipse(x, y, 1.5 * s, length - 4, tilt, TISSUE_HU.marrow);
  }
}

function paintAbdomen(slice: ChestSlice): void {
  const { canvas, z, s, options } = slice;
  const wall = chestWall(z);
  if (z < -140) canvas.ellipse(0, wall.y * s, (wall.x - 7) * s, (wall.depth - 7) * s, -95, 2.2);
  const liver = Math.min(1, dome(z, -1));
  const tissue = options.contrast ? TISSUE_HU.liver + 38 : TISSUE_HU.liver;
  if (liver > 0) {
    canvas.turnedEllipse(-50 * s, -4 * s, 82 * liver * s, 78 * liver * s, 0.15, tissue);
    canvas.turnedEllipse(4 * s, -42 * s, 62 * liver * s, 32 * liver * s, 0.25, tissue);
  }
  const left = Math.min(1, dome(z, 1));
  if (left > 0) {
    canvas.turnedEllipse(66 * s, -4 * s, 66 * left * s, 72 * left * s, 0, -96);
    canvas.turnedEllipse(48 * s, -22 * s, 42 * left * s, 36 * left * s, 0.4, 32);
    canvas.turnedEllipse(46 * s, -38 * s, 28 * left * s, 13 * left * s, 0.2, -940);
    canvas.turnedEllipse(88 * s, 36 * s, 24 * left * s, 46 * left * s, -0.5, options.contrast ? 128 : 52);
  }
  if (z < -150) {
    for (const side of [-1, 1]) {
      canvas.turnedEllipse(side * 62 * s, 52 * s, 24 * s, 30 * s, side * 0.4, options.contrast ? 172 : 34);
      canvas.turnedEllipse(side * 54 * s, 48 * s, 8 * s, 14 * s, side * 0.4, -80);
    }
  }
}
