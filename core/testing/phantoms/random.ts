import { createHash } from 'node:crypto';

/** A generator of numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** mulberry32, seeded with any text. */
export function randomOf(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A UID under 2.25, the same for the same seed. */
export function uidOf(seed: string): string {
  const bytes = createHash('sha256').update(`uid:${seed}`).digest().subarray(0, 16);
  // Version 8 and variant bits of a UUID (RFC 9562), so that it is a UUID as 2.25 wants.
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
}

/** Normally distributed with mean 0 and standard deviation 1. */
export function gaussian(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

/** A square of correlated noise (mean 0, standard deviation 1) to be laid over images at changing offsets. */
export class NoiseTile {
  readonly size: number;
  readonly values: Float32Array;

  /** `grain`: passes of smoothing; 0 is white noise. */
  constructor(seed: string, size: number, grain: number) {
    const random = randomOf(`noise:${seed}`);
    let values = Float32Array.from({ length: size * size }, () => gaussian(random));
    for (let pass = 0; pass < grain; pass++) values = smoothWrapped(values, size);
    let sum = 0;
    let squares = 0;
    for (const value of values) {
      sum += value;
      squares += value * value;
    }
    const mean = sum / values.length;
    const deviation = Math.sqrt(squares / values.length - mean * mean) || 1;
    this.values = values.map((value) => (value - mean) / deviation);
    this.size = size;
  }

  at(x: number, y: number): number {
    const size = this.size;
    return this.values[(((y % size) + size) % size) * size + (((x % size) + size) % size)]!;
  }

  /** Between the grid's points, blended. */
  between(x: number, y: number): number {
    const x0 = Math.floor(x);
    const y0 = Math.floor(y);
    const fx = x - x0;
    const fy = y - y0;
    const upper = this.at(x0, y0) * (1 - fx) + this.at(x0 + 1, y0) * fx;
    const lower = this.at(x0, y0 + 1) * (1 - fx) + this.at(x0 + 1, y0 + 1) * fx;
    return upper * (1 - fy) + lower * fy;
  }
}

const tiles = new Map<string, NoiseTile>();

/** A tile that is made once: for a fixed seed alone, they are kept. */
export function sharedNoise(seed: string, size: number, grain: number): NoiseTile {
  const key = `${seed}/${size}/${grain}`;
  let tile = tiles.get(key);
  if (tile === undefined) {
    tile = new NoiseTile(seed, size, grain);
    tiles.set(key, tile);
  }
  return tile;
}

function smoothWrapped(values: Float32Array, size: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let y = 0; y < size; y++) {
    const above = ((y + size - 1) % size) * size;
    const below = ((y + 1) % size) * size;
    for (let x = 0; x < size; x++) {
      const left = (x + size - 1) % size;
      const right = (x + 1) % size;
      const row = y * size;
      result[row + x] =
        (values[row + x]! * 2 + values[row + left]! + values[row + right]! + values[above + x]! + values[below + x]!) /
        6;
    }
  }
  return result;
}
