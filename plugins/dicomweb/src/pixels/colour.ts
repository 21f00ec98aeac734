import { isChroma422, type LookupTable, type PixelLayout, type Presentation } from './image-description.ts';
import { rawSamples, storedValueOf } from './stored-values.ts';

/** Palette indices as RGB, 8 bits each. @dicom PS3.3 C.7.6.3.1.5, C.7.9 */
export function renderPalette(
  bytes: Uint8Array,
  layout: PixelLayout,
  palette: NonNullable<Presentation['palette']>,
): Uint8Array {
  const samples = rawSamples(bytes, layout);
  const stored = storedValueOf(layout);
  const tables = [palette.red, palette.green, palette.blue].map(eightBitEntries);
  const firsts = [palette.red.first, palette.green.first, palette.blue.first];
  const out = new Uint8Array(layout.rows * layout.columns * 3);
  for (let i = 0, o = 0; o < out.length; i++) {
    const value = stored(samples[i]!);
    for (let channel = 0; channel < 3; channel++) {
      const table = tables[channel]!;
      out[o++] = table[Math.min(table.length - 1, Math.max(0, value - firsts[channel]!))]!;
    }
  }
  return out;
}

/** RGB or YCbCr samples as RGB by pixel, 8 bits each. @dicom PS3.3 C.7.6.3.1.2 */
export function renderColour(bytes: Uint8Array, layout: PixelLayout): Uint8Array {
  const eight = toEightBits(bytes, layout);
  const pixels = layout.rows * layout.columns;
  const interleaved = isChroma422(layout)
    ? unpack422(eight, pixels)
    : layout.planar
      ? interleave(eight, pixels)
      : eight;
  switch (layout.photometricInterpretation) {
    case 'RGB':
    case 'YBR_ICT':
    case 'YBR_RCT':
      return interleaved;
    case 'YBR_FULL':
    case 'YBR_FULL_422':
      return fullRangeToRgb(interleaved);
    case 'YBR_PARTIAL_422':
    case 'YBR_PARTIAL_420':
      return partialRangeToRgb(interleaved);
    default:
      throw new Error(`Photometric Interpretation ${layout.photometricInterpretation} is not supported`);
  }
}

function toEightBits(bytes: Uint8Array, layout: PixelLayout): Uint8Array {
  if (layout.bitsAllocated === 8 && layout.bitsStored === 8) return bytes;
  const samples = rawSamples(bytes, layout);
  const stored = storedValueOf({ ...layout, signed: false });
  const highest = 2 ** layout.bitsStored - 1;
  const out = new Uint8Array(samples.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.round((stored(samples[i]!) * 255) / highest);
  return out;
}

/** 16-bit entries by their high byte, unless the file put 8-bit values into 16-bit entries. */
function eightBitEntries(table: LookupTable): Uint8Array {
  const wide = table.bits > 8 && table.entries.some((entry) => entry > 255);
  return Uint8Array.from(table.entries, (entry) => (wide ? entry >> (table.bits - 8) : entry));
}

function interleave(planes: Uint8Array, pixels: number): Uint8Array {
  const out = new Uint8Array(pixels * 3);
  for (let i = 0, o = 0; i < pixels; i++) {
    out[o++] = planes[i]!;
    out[o++] = planes[i + pixels]!;
    out[o++] = planes[i + 2 * pixels]!;
  }
  return out;
}

/** Y1 Y2 Cb Cr for every two pixels. */
function unpack422(packed: Uint8Array, pixels: number): Uint8Array {
  const out = new Uint8Array(pixels * 3);
  for (let i = 0, o = 0; o + 6 <= out.length; i += 4) {
    const cb = packed[i + 2]!;
    const cr = packed[i + 3]!;
    out[o++] = packed[i]!;
    out[o++] = cb;
    out[o++] = cr;
    out[o++] = packed[i + 1]!;
    out[o++] = cb;
    out[o++] = cr;
  }
  return out;
}

function fullRangeToRgb(ybr: Uint8Array): Uint8Array {
  const out = new Uint8ClampedArray(ybr.length);
  for (let i = 0; i < ybr.length; i += 3) {
    const y = ybr[i]!;
    const cb = ybr[i + 1]! - 128;
    const cr = ybr[i + 2]! - 128;
    out[i] = y + 1.402 * cr;
    out[i + 1] = y - 0.344136286 * cb - 0.714136286 * cr;
    out[i + 2] = y + 1.772 * cb;
  }
  return new Uint8Array(out.buffer);
}

/** ITU-R BT.601 with head- and footroom. */
function partialRangeToRgb(ybr: Uint8Array): Uint8Array {
  const out = new Uint8ClampedArray(ybr.length);
  for (let i = 0; i < ybr.length; i += 3) {
    const y = (ybr[i]! - 16) * 1.1644;
    const cb = ybr[i + 1]! - 128;
    const cr = ybr[i + 2]! - 128;
    out[i] = y + 1.596 * cr;
    out[i + 1] = y - 0.3917 * cb - 0.8129 * cr;
    out[i + 2] = y + 2.0173 * cb;
  }
  return new Uint8Array(out.buffer);
}
