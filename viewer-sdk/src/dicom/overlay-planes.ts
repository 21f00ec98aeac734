import type { Frame } from './frame.ts';
import type { JsonElement } from './json.ts';

/** One bit for each pixel, laid over the image. @dicom PS3.3 C.9.2 */
export interface OverlayPlane {
  /** The group, as it stands in the file: `6000`, `6002` … */
  readonly group: string;
  readonly rows: number;
  readonly columns: number;
  /** The image's pixel under the plane's first one, from (0, 0); may lie outside. */
  readonly x: number;
  readonly y: number;
  /** Graphics are drawn as they are, a region of interest is tinted. */
  readonly type: 'graphics' | 'region';
  readonly description: string | undefined;
  /** Where the bits are: packed in an element, from this bit on, or a bit of the pixels themselves. */
  readonly bits: { readonly element: JsonElement; readonly firstBit: number } | { readonly embeddedBit: number };
}

/** The overlay planes that lie over a frame. */
export function overlayPlanes({ dataset, frameNumber, pixels }: Frame): OverlayPlane[] {
  const planes: OverlayPlane[] = [];
  for (let number = 0; number < 16; number += 1) {
    const group = `60${(number * 2).toString(16).padStart(2, '0').toUpperCase()}`;
    const value = (element: string, index = 0): unknown => dataset[`${group}${element}`]?.Value?.[index];
    const count = (element: string, index = 0): number | undefined => {
      const found = Number(value(element, index) ?? Number.NaN);
      return Number.isFinite(found) ? found : undefined;
    };
    const data = dataset[`${group}3000`];
    const bitPosition = count('0102');
    const embedded = !data && bitPosition !== undefined && (count('0100') ?? 1) > 1;
    const rows = count('0010') ?? (embedded ? pixels.rows : undefined);
    const columns = count('0011') ?? (embedded ? pixels.columns : undefined);
    if (!rows || !columns || (!data && !embedded)) continue;
    const frames = count('0015') ?? 1;
    // A plane of one frame lies over all frames; of several, over those from Image Frame Origin on.
    const own = frames > 1 ? frameNumber - (count('0051') ?? 1) : 0;
    if (own < 0 || own >= frames) continue;
    const description = value('0022');
    planes.push({
      group,
      rows,
      columns,
      // Row first, from 1.
      y: (count('0050', 0) ?? 1) - 1,
      x: (count('0050', 1) ?? 1) - 1,
      type: value('0040') === 'R' ? 'region' : 'graphics',
      description: typeof description === 'string' ? description : undefined,
      bits: data ? { element: data, firstBit: own * rows * columns } : { embeddedBit: bitPosition ?? 0 },
    });
  }
  return planes;
}

/** Bits of the pixels that hold overlays, for the decoder to set aside before it takes them away. @dicom PS3.5 8.1.2 */
export function embeddedOverlayBits(frame: Frame): number[] {
  if (frame.pixels.samplesPerPixel !== 1) return [];
  const { bitsAllocated, bitsStored, highBit } = frame.pixels;
  return overlayPlanes(frame)
    .map(({ bits }) => ('embeddedBit' in bits ? bits.embeddedBit : -1))
    .filter((bit) => bit >= 0 && bit < bitsAllocated && (bit > highBit || bit <= highBit - bitsStored));
}

/** A byte for each pixel, 0 or 1, from bits packed from the lowest on. @dicom PS3.5 8.1.2 */
export function unpackPlane(bytes: Uint8Array, firstBit: number, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    const bit = firstBit + index;
    out[index] = ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  }
  return out;
}
