import type { PixelFormat } from '../dicom/frame.ts';
import type { ValueSpan } from '../dicom/tone-curve.ts';

/** Samples as a decoder leaves them. */
export type Samples =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Uint8ClampedArray;

/** Samples as the engine draws them. */
export type Drawable =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

/** A lookup table with its first mapped value. */
export interface Lut {
  readonly first: number;
  readonly table: Uint16Array;
}

export interface GrayTransform {
  readonly rescale: { readonly slope: number; readonly intercept: number } | undefined;
  readonly modalityLut: Lut | undefined;
  /** The samples went through a lossy codec: what lies above Bits Stored is overshoot and not an overlay. */
  readonly lossy: boolean;
  /** Values, after the transformation, that do not count into the range. */
  readonly padding?: ValueSpan | undefined;
  /** Bits outside Bits Stored that hold overlays. */
  readonly overlayBits?: readonly number[];
  /** The samples' memory may hold the result: fresh memory costs more than the arithmetic. */
  readonly reuse?: boolean;
}

export interface FinishedPixels {
  readonly data: Drawable;
  readonly minimum: number;
  readonly maximum: number;
  /** Overlays that lay in the pixels, by the bit. */
  readonly embedded?: ReadonlyMap<number, Uint8Array> | undefined;
}

/**
 * Grey samples after the modality transformation, in a type that depends on the format, so that a series keeps one type; only where the
 * format would need more than 16 bits (signed CT with an intercept of -1024) the values themselves decide. Bits outside Bits Stored (old overlays live there) are taken away first. @dicom PS3.5 8.1.1, PS3.3 C.11.1
 */
export function finishGray(
  samples: Samples,
  format: PixelFormat,
  { rescale, modalityLut, lossy, padding, overlayBits = [], reuse = false }: GrayTransform,
): FinishedPixels {
  const count = format.rows * format.columns;
  if (samples.length < count) throw new Error(`${samples.length} samples for ${count} pixels`);
  const embedded = lossy || overlayBits.length === 0 ? undefined : overlaysIn(samples, overlayBits, count);
  const signed = format.pixelRepresentation === 1;
  const extend = signed && format.bitsStored < 32 ? 32 - format.bitsStored : 0;
  const shift = signed ? 0 : Math.max(0, format.highBit + 1 - format.bitsStored);
  const mask = !signed && format.bitsStored < 32 ? 2 ** format.bitsStored - 1 : 0;
  const slope = rescale?.slope ?? 1;
  const intercept = rescale?.intercept ?? 0;
  const lowest = signed ? -(2 ** (format.bitsStored - 1)) : 0;
  const highest = signed ? 2 ** (format.bitsStored - 1) - 1 : 2 ** format.bitsStored - 1;
  const lastEntry = (modalityLut?.table.length ?? 1) - 1;
  const valueFor = (sample: number): number => {
    let value = sample;
    if (lossy) value = Math.min(highest, Math.max(lowest, value));
    else if (mask !== 0) value = shift === 0 ? value & mask : (value >>> shift) & mask;
    else if (extend !== 0) value = (value << extend) >> extend;
    if (modalityLut) return modalityLut.table[Math.min(lastEntry, Math.max(0, value - modalityLut.first))] ?? 0;
    return value * slope + intercept;
  };
  const stored = { up: extend, down: signed ? extend : shift, mask: mask === 0 ? -1 : mask };
  const plain = !modalityLut && !lossy && samples.BYTES_PER_ELEMENT <= 2;
  const within = () =>
    plain ? linearWithin(samples, count, stored, slope, intercept) : allWithin(samples, count, valueFor);
  const type = modalityLut
    ? Uint16Array
    : (drawableFor(lowest * slope + intercept, highest * slope + intercept) ?? (within() ? Int16Array : Float32Array));
  const data = memoryFor(type, count, reuse ? samples : undefined);
  let [minimum, maximum] = plain
    ? writeLinear(samples, data, count, stored, slope, intercept, padding)
    : writeValues(samples, data, count, valueFor, padding);
  // Nothing but padding: its own range is better than none.
  if (minimum > maximum) [minimum, maximum] = [padding?.lowest ?? 0, padding?.highest ?? 0];
  return { data, minimum, maximum, embedded };
}

/** How stored values of at most 16 bits are read: bits above them are shifted out or masked away. */
interface StoredBits {
  readonly up: number;
  readonly down: number;
  readonly mask: number;
}

/** The usual transformation, without a call for each pixel: a slice takes a fifth of the time. @returns the range of the values */
function writeLinear(
  samples: Samples,
  data: Drawable,
  count: number,
  { up, down, mask }: StoredBits,
  slope: number,
  intercept: number,
  padding: ValueSpan | undefined,
): [minimum: number, maximum: number] {
  const firstPadding = padding?.lowest ?? Number.POSITIVE_INFINITY;
  const lastPadding = padding?.highest ?? Number.NEGATIVE_INFINITY;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index += 1) {
    const value = ((((samples[index] ?? 0) << up) >> down) & mask) * slope + intercept;
    data[index] = value;
    if (value >= firstPadding && value <= lastPadding) continue;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return [minimum, maximum];
}

/** @returns the range of the values */
function writeValues(
  samples: Samples,
  data: Drawable,
  count: number,
  valueFor: (sample: number) => number,
  padding: ValueSpan | undefined,
): [minimum: number, maximum: number] {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index += 1) {
    const value = valueFor(samples[index] ?? 0);
    data[index] = value;
    if (padding && value >= padding.lowest && value <= padding.highest) continue;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return [minimum, maximum];
}

function overlaysIn(samples: Samples, bits: readonly number[], count: number): Map<number, Uint8Array> {
  return new Map(
    bits.map((bit) => [bit, Uint8Array.from({ length: count }, (_, index) => ((samples[index] ?? 0) >> bit) & 1)]),
  );
}

type DrawableType = typeof Uint8Array | typeof Uint16Array | typeof Int16Array | typeof Float32Array;

/** `undefined`: the values decide. */
function drawableFor(one: number, other: number): DrawableType | undefined {
  const lowest = Math.min(one, other);
  const highest = Math.max(one, other);
  if (!Number.isInteger(one) || !Number.isInteger(other)) return Float32Array;
  if (lowest >= 0 && highest <= 255) return Uint8Array;
  if (lowest >= -32_768 && highest <= 32_767) return Int16Array;
  if (lowest >= 0 && highest <= 65_535) return Uint16Array;
  return lowest >= -(2 ** 31) && highest < 2 ** 31 ? undefined : Float32Array;
}

/** Whether every value fits a signed 16-bit number. */
function allWithin(samples: Samples, count: number, valueFor: (sample: number) => number): boolean {
  for (let index = 0; index < count; index += 1) {
    const value = valueFor(samples[index] ?? 0);
    if (value < -32_768 || value > 32_767) return false;
  }
  return true;
}

/** The same for stored values that are only scaled and shifted. */
function linearWithin(
  samples: Samples,
  count: number,
  { up, down, mask }: StoredBits,
  slope: number,
  intercept: number,
): boolean {
  for (let index = 0; index < count; index += 1) {
    const value = ((((samples[index] ?? 0) << up) >> down) & mask) * slope + intercept;
    if (value < -32_768 || value > 32_767) return false;
  }
  return true;
}

/** Memory for the result: that of the samples, where it is just as large and theirs alone, as each is read before its place is written. */
function memoryFor(type: DrawableType, count: number, samples: Samples | undefined): Drawable {
  const { buffer } = samples ?? {};
  const sameSize = samples?.BYTES_PER_ELEMENT === type.BYTES_PER_ELEMENT;
  return buffer instanceof ArrayBuffer && sameSize && buffer.byteLength === count * type.BYTES_PER_ELEMENT
    ? new type(buffer)
    : new type(count);
}

export interface ColorOptions {
  /** Four bytes a pixel instead of three. */
  readonly alpha: boolean;
  /** Samples lie plane after plane. */
  readonly planar: boolean;
  /** What the samples mean after decoding: decoders of JPEG and JPEG 2000 give RGB whatever the file says. */
  readonly space: 'RGB' | 'YBR_FULL' | 'YBR_FULL_422';
}

/** Colour samples as interleaved RGB or RGBA. @dicom PS3.3 C.7.6.3.1.2 */
export function finishColor(samples: Samples, format: PixelFormat, options: ColorOptions): FinishedPixels {
  const count = format.rows * format.columns;
  const step = options.alpha ? 4 : 3;
  const data = new Uint8ClampedArray(count * step);
  // 16-bit colour is shown in its upper 8 bits.
  const shift = Math.max(0, format.bitsStored - 8);
  const subsampled = options.space === 'YBR_FULL_422' && samples.length < count * 3;
  if (samples.length < (subsampled ? count * 2 : count * 3))
    throw new Error(`${samples.length} samples for ${count} colour pixels`);
  for (let index = 0, out = 0; index < count; index += 1, out += step) {
    let a: number;
    let b: number;
    let c: number;
    if (subsampled) {
      const pair = (index >> 1) * 4;
      a = samples[pair + (index & 1)] ?? 0;
      b = samples[pair + 2] ?? 0;
      c = samples[pair + 3] ?? 0;
    } else if (options.planar) {
      a = samples[index] ?? 0;
      b = samples[index + count] ?? 0;
      c = samples[index + 2 * count] ?? 0;
    } else {
      a = samples[index * 3] ?? 0;
      b = samples[index * 3 + 1] ?? 0;
      c = samples[index * 3 + 2] ?? 0;
    }
    if (shift > 0) {
      a >>= shift;
      b >>= shift;
      c >>= shift;
    }
    if (options.space === 'RGB') {
      data[out] = a;
      data[out + 1] = b;
      data[out + 2] = c;
    } else {
      data[out] = a + 1.402 * (c - 128);
      data[out + 1] = a - 0.344136 * (b - 128) - 0.714136 * (c - 128);
      data[out + 2] = a + 1.772 * (b - 128);
    }
    if (options.alpha) data[out + 3] = 255;
  }
  return { data: new Uint8Array(data.buffer), minimum: 0, maximum: 255 };
}

export interface Palette {
  readonly first: number;
  readonly red: Uint8ClampedArray;
  readonly green: Uint8ClampedArray;
  readonly blue: Uint8ClampedArray;
}

/** Palette colour samples as interleaved RGB or RGBA. @dicom PS3.3 C.7.6.3.1.5 */
export function finishPalette(samples: Samples, format: PixelFormat, palette: Palette, alpha: boolean): FinishedPixels {
  const count = format.rows * format.columns;
  if (samples.length < count) throw new Error(`${samples.length} samples for ${count} pixels`);
  const step = alpha ? 4 : 3;
  const data = new Uint8Array(count * step);
  const last = palette.red.length - 1;
  const mask = format.pixelRepresentation === 1 ? -1 : 2 ** Math.min(format.bitsStored, 31) - 1;
  for (let index = 0, out = 0; index < count; index += 1, out += step) {
    const entry = Math.min(last, Math.max(0, ((samples[index] ?? 0) & mask) - palette.first));
    data[out] = palette.red[entry] ?? 0;
    data[out + 1] = palette.green[entry] ?? 0;
    data[out + 2] = palette.blue[entry] ?? 0;
    if (alpha) data[out + 3] = 255;
  }
  return { data, minimum: 0, maximum: 255 };
}

/** Pixels of one bit each, first pixel in the lowest bit. @dicom PS3.5 8.1.1 */
export function unpackBits(bytes: Samples, count: number): Uint8Array {
  if (bytes.length >= count) return Uint8Array.from(bytes.subarray(0, count));
  if (bytes.length * 8 < count) throw new Error(`${bytes.length} bytes for ${count} pixels of one bit`);
  const out = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) out[index] = ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1;
  return out;
}

/**
 * A JPEG whose file says its colours are RGB, marked so that the decoder leaves them alone: without Adobe's marker
 * decoders take three components for YCbCr.
 */
export function markJpegAsRgb(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return bytes;
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1];
    if (marker === 0xee) return bytes;
    if (marker === 0xda) break;
    at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  const adobe = [0xff, 0xee, 0x00, 0x0e, 0x41, 0x64, 0x6f, 0x62, 0x65, 0x00, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00];
  const marked = new Uint8Array(bytes.length + adobe.length);
  marked.set(bytes.subarray(0, 2));
  marked.set(adobe, 2);
  marked.set(bytes.subarray(2), 2 + adobe.length);
  return marked;
}
