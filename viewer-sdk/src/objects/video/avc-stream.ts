import { BitReader, nalUnits } from './bit-reader.ts';

/** One picture of a raw stream, in decoding order. */
export interface AvcPicture {
  /** With start codes. */
  readonly bytes: Uint8Array;
  readonly key: boolean;
  /** Its place among the pictures as they are shown, from 0. */
  readonly order: number;
}

export interface AvcStream {
  /** As `avc1.640029`. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly pictures: readonly AvcPicture[];
}

interface Sps {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly separatePlanes: boolean;
  readonly frameNumBits: number;
  readonly orderType: number;
  readonly orderBits: number;
  readonly framesOnly: boolean;
}

interface Slice {
  readonly first: boolean;
  readonly idr: boolean;
  readonly reference: boolean;
  readonly frameNum: number;
  readonly field: 'top' | 'bottom' | undefined;
  readonly orderLsb: number;
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134]);

/**
 * Cuts a raw H.264 stream into pictures and finds the order in which they are shown: raw streams carry no times, and B pictures are stored
 * after those they are shown before.
 * @throws Error when it is not such a stream
 * @see ITU-T H.264 7.3, 8.2.1
 */
export function readAvcStream(stream: Uint8Array): AvcStream {
  let sps: Sps | undefined;
  const cut: { start: number; slice: Slice }[] = [];
  let pending = -1;
  let last: Slice | undefined;
  for (const { unit, start } of nalUnits(stream)) {
    const type = (unit[0] ?? 0) & 31;
    if (type === 7) sps ??= readSps(unit);
    if (type === 1 || type === 5) {
      if (!sps) continue;
      const slice = readSlice(unit, sps);
      const secondField =
        last?.field !== undefined &&
        slice.field !== undefined &&
        slice.field !== last.field &&
        slice.frameNum === last.frameNum;
      if (slice.first && !secondField) {
        cut.push({ start: pending >= 0 ? pending : start, slice });
        last = slice;
      } else if (slice.first) {
        // The pair is complete: another field begins another picture.
        last = undefined;
      }
      pending = -1;
    } else if (pending < 0) {
      // Parameters and delimiters belong to the picture that follows.
      pending = start;
    }
  }
  const [first] = cut;
  if (!sps || !first) throw new Error('no H.264 pictures');
  const orders = displayOrder(
    cut.map(({ slice }) => slice),
    sps,
  );
  const pictures = cut.map(({ start, slice }, index) => ({
    bytes: stream.subarray(index === 0 ? 0 : start, cut[index + 1]?.start ?? stream.length),
    key: slice.idr,
    order: orders[index] ?? index,
  }));
  // Some streams begin with a picture that is no IDR: decoders start there all the same.
  if (pictures[0] && !pictures[0].key) pictures[0] = { ...pictures[0], key: true };
  return { codec: sps.codec, width: sps.width, height: sps.height, pictures };
}

/** Ranks pictures by their order count within each run from one IDR picture to the next. */
function displayOrder(slices: readonly Slice[], { orderType, orderBits }: Sps): number[] {
  if (orderType !== 0) return slices.map((_, index) => index);
  const range = 2 ** orderBits;
  let [msb, lsb] = [0, 0];
  let run: { index: number; count: number }[] = [];
  const orders: number[] = new Array(slices.length);
  let base = 0;
  const close = () => {
    run
      .sort((a, b) => a.count - b.count || a.index - b.index)
      .forEach(({ index }, rank) => {
        orders[index] = base + rank;
      });
    base += run.length;
    run = [];
  };
  slices.forEach((slice, index) => {
    if (slice.idr) {
      close();
      [msb, lsb] = [0, 0];
    }
    let high = msb;
    if (slice.orderLsb < lsb && lsb - slice.orderLsb >= range / 2) high += range;
    else if (slice.orderLsb > lsb && slice.orderLsb - lsb > range / 2) high -= range;
    run.push({ index, count: high + slice.orderLsb });
    if (slice.reference) [msb, lsb] = [high, slice.orderLsb];
  });
  close();
  return orders;
}

function readSps(unit: Uint8Array): Sps {
  const reader = new BitReader(unit.subarray(1));
  const profile = reader.bits(8);
  const constraints = reader.bits(8);
  const level = reader.bits(8);
  reader.unsigned();
  let chroma = 1;
  let separatePlanes = false;
  if (HIGH_PROFILES.has(profile)) {
    chroma = reader.unsigned();
    if (chroma === 3) separatePlanes = reader.bits(1) === 1;
    reader.unsigned();
    reader.unsigned();
    reader.bits(1);
    const hasMatrices = reader.bits(1) === 1;
    for (let list = 0; hasMatrices && list < (chroma === 3 ? 12 : 8); list += 1) {
      const isPresent = reader.bits(1) === 1;
      if (isPresent) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  const frameNumBits = reader.unsigned() + 4;
  const orderType = reader.unsigned();
  let orderBits = 0;
  if (orderType === 0) orderBits = reader.unsigned() + 4;
  else if (orderType === 1) {
    reader.bits(1);
    reader.signed();
    reader.signed();
    for (let left = reader.unsigned(); left > 0; left -= 1) reader.signed();
  }
  reader.unsigned();
  reader.bits(1);
  const columns = (reader.unsigned() + 1) * 16;
  const units = reader.unsigned() + 1;
  const framesOnly = reader.bits(1) === 1;
  if (!framesOnly) reader.bits(1);
  reader.bits(1);
  const rows = units * 16 * (framesOnly ? 1 : 2);
  const crop =
    reader.bits(1) === 1 ? [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()] : [0, 0, 0, 0];
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  return {
    codec: `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`,
    width: columns - (left + right) * cropX,
    height: rows - (top + bottom) * cropY,
    separatePlanes,
    frameNumBits,
    orderType,
    orderBits,
    framesOnly,
  };
}

function skipScalingList(reader: BitReader, size: number): void {
  let [previous, next] = [8, 8];
  for (let index = 0; index < size; index += 1) {
    if (next !== 0) next = (previous + reader.signed() + 256) % 256;
    if (next !== 0) previous = next;
  }
}

function readSlice(unit: Uint8Array, sps: Sps): Slice {
  // The header's beginning is all that is read.
  const reader = new BitReader(unit.subarray(1, 64));
  const idr = ((unit[0] ?? 0) & 31) === 5;
  const first = reader.unsigned() === 0;
  reader.unsigned();
  reader.unsigned();
  if (sps.separatePlanes) reader.bits(2);
  const frameNum = reader.bits(sps.frameNumBits);
  const isField = !sps.framesOnly && reader.bits(1) === 1;
  const field = isField ? (reader.bits(1) === 1 ? 'bottom' : 'top') : undefined;
  if (idr) reader.unsigned();
  return {
    first,
    idr,
    reference: (((unit[0] ?? 0) >> 5) & 3) !== 0,
    frameNum,
    field,
    orderLsb: sps.orderType === 0 ? reader.bits(sps.orderBits) : 0,
  };
}
