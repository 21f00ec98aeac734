import { FilmlessError } from '../errors.ts';
import { firstNumber, firstString } from './dataset.ts';
import { type Fragment, readFragments } from './fragments.ts';
import { transferSyntax } from './transfer-syntaxes.ts';
import type { BulkDataItem, ByteSource, InstanceHeader } from './types.ts';
import { asBuffer } from './windows.ts';

export interface ByteRange {
  offsetBytes: number;
  lengthBytes: number;
}

export interface FrameLocation {
  /** In order; together they are the frame. One for native frames. */
  ranges: ByteRange[];
  lengthBytes: number;
  /** Where the frame begins in its first byte; only frames of one bit per pixel begin elsewhere than at 0. @dicom PS3.5 8.1.1 */
  bitOffset: number;
}

/** Where the frames of an instance lie in its file. */
export interface FrameIndex {
  /** `video`: one stream that cannot be cut into frames; it is frame 1. */
  readonly kind: 'native' | 'encapsulated' | 'video';
  readonly numberOfFrames: number;
  /** The ranges are of the inflated data set, not of the file. */
  readonly inflated: boolean;
  /** `frameNumber` counts from 1. Throws FRAME_NOT_FOUND, or DICOM_TRUNCATED when the pixel data ends before the frame does. */
  locate(frameNumber: number): FrameLocation;
}

/** What {@link indexFrames} needs of a header; an instance record has it too. */
export type FramesHeader = Pick<InstanceHeader, 'dataset' | 'transferSyntaxUID' | 'bulkData'>;

/**
 * Finds every frame of the pixel data without loading pixels: of encapsulated data no more is read than offset tables, fragment headers and,
 * where frames span fragments without a table, the first bytes of each fragment.
 *
 * Throws DECODE_FAILED when the frames cannot be told apart: a guess could show one frame under another's number.
 * @dicom PS3.5 A.4, 8.1
 */
export async function indexFrames(
  source: ByteSource,
  header: FramesHeader,
  pixelData: BulkDataItem,
): Promise<FrameIndex> {
  const numberOfFrames = Math.max(1, firstNumber(header.dataset, 'NumberOfFrames') ?? 1);
  if (pixelData.lengthBytes !== -1) return nativeFrames(header, pixelData, numberOfFrames);
  const extended = await extendedOffsets(source, header, pixelData, numberOfFrames);
  if (extended !== undefined) return frameIndex('encapsulated', extended);

  const all: Fragment[] = [];
  for await (const fragment of readFragments(source, pixelData.offsetBytes)) all.push(fragment);
  const [table, ...fragments] = all;
  if (table === undefined || fragments.length === 0) {
    throw new FilmlessError('DECODE_FAILED', 'the pixel data holds no fragments');
  }
  if (transferSyntax(header.transferSyntaxUID)?.kind === 'video') return frameIndex('video', [fragments]);
  if (numberOfFrames === 1) return frameIndex('encapsulated', [fragments]);
  const frames =
    (await byBasicOffsetTable(source, table, fragments, numberOfFrames)) ??
    (fragments.length === numberOfFrames ? fragments.map((fragment) => [fragment]) : undefined) ??
    (await byStartMarkers(source, fragments, numberOfFrames));
  if (frames === undefined) throw new FilmlessError('DECODE_FAILED', 'the frames cannot be told apart');
  return frameIndex('encapsulated', frames);
}

function frameIndex(kind: FrameIndex['kind'], frames: readonly ByteRange[][]): FrameIndex {
  return {
    kind,
    numberOfFrames: frames.length,
    inflated: false,
    locate(frameNumber) {
      const ranges = frames[frameNumber - 1];
      if (ranges === undefined) throw new FilmlessError('FRAME_NOT_FOUND', `frame ${frameNumber} of ${frames.length}`);
      return { ranges, lengthBytes: ranges.reduce((sum, range) => sum + range.lengthBytes, 0), bitOffset: 0 };
    },
  };
}

/** Bits of one native frame. Chroma of YBR 4:2:2 is stored at half the width. @dicom PS3.3 C.7.6.3.1.2 */
function frameBits({ dataset }: FramesHeader, pixelData: BulkDataItem): number {
  const rows = firstNumber(dataset, 'Rows') ?? 0;
  const columns = firstNumber(dataset, 'Columns') ?? 0;
  const floatBits = pixelData.path === '7FE00008' ? 32 : pixelData.path === '7FE00009' ? 64 : undefined;
  const bitsAllocated = floatBits ?? firstNumber(dataset, 'BitsAllocated') ?? 0;
  const photometric = firstString(dataset, 'PhotometricInterpretation');
  const samples =
    photometric === 'YBR_FULL_422' || photometric === 'YBR_PARTIAL_422'
      ? 2
      : photometric === 'YBR_PARTIAL_420'
        ? 1.5
        : (firstNumber(dataset, 'SamplesPerPixel') ?? 1);
  return rows * columns * samples * bitsAllocated;
}

function nativeFrames(header: FramesHeader, pixelData: BulkDataItem, numberOfFrames: number): FrameIndex {
  const bits = frameBits(header, pixelData);
  if (bits <= 0) throw new FilmlessError('DECODE_FAILED', 'the image has no size');
  return {
    kind: 'native',
    numberOfFrames,
    inflated: pixelData.inflated === true,
    locate(frameNumber) {
      if (!Number.isInteger(frameNumber) || frameNumber < 1 || frameNumber > numberOfFrames) {
        throw new FilmlessError('FRAME_NOT_FOUND', `frame ${frameNumber} of ${numberOfFrames}`);
      }
      const startBit = (frameNumber - 1) * bits;
      const start = Math.floor(startBit / 8);
      const end = Math.ceil((startBit + bits) / 8);
      if (end > pixelData.lengthBytes) {
        throw new FilmlessError('DICOM_TRUNCATED', `the pixel data ends before frame ${frameNumber} does`);
      }
      const range = { offsetBytes: pixelData.offsetBytes + start, lengthBytes: end - start };
      return { ranges: [range], lengthBytes: range.lengthBytes, bitOffset: startBit % 8 };
    },
  };
}

/** Each frame is one fragment. undefined when there is no table or it cannot be right. @dicom PS3.3 C.7.6.3.1.8, PS3.5 A.4 */
async function extendedOffsets(
  source: ByteSource,
  header: FramesHeader,
  pixelData: BulkDataItem,
  numberOfFrames: number,
): Promise<ByteRange[][] | undefined> {
  const offsets = await binaryValue(source, header, '7FE00001');
  const lengths = await binaryValue(source, header, '7FE00002');
  if (offsets?.byteLength !== numberOfFrames * 8 || lengths?.byteLength !== numberOfFrames * 8) return undefined;
  const table = asBuffer(await source.read(pixelData.offsetBytes, 8));
  if (table.byteLength < 8) return undefined;
  const first = pixelData.offsetBytes + 8 + table.readUInt32LE(4);
  const frames: ByteRange[][] = [];
  let previousEnd = 0;
  for (let at = 0; at < offsets.byteLength; at += 8) {
    const offset = Number(offsets.readBigUInt64LE(at));
    const lengthBytes = Number(lengths.readBigUInt64LE(at));
    if (offset < previousEnd || first + offset + 8 + lengthBytes > source.sizeBytes) return undefined;
    previousEnd = offset + 8 + lengthBytes;
    frames.push([{ offsetBytes: first + offset + 8, lengthBytes }]);
  }
  for (const [range] of [frames[0]!, frames.at(-1)!]) {
    const item = asBuffer(await source.read(range!.offsetBytes - 8, 8));
    // The length told leaves out padding.
    const isItem = item.byteLength === 8 && item.readUInt32LE(0) === 0xe000fffe;
    if (!isItem || item.readUInt32LE(4) - range!.lengthBytes > 1) return undefined;
  }
  return frames;
}

async function binaryValue(source: ByteSource, header: FramesHeader, path: string): Promise<Buffer | undefined> {
  const inline = header.dataset[path]?.InlineBinary;
  if (inline !== undefined) return Buffer.from(inline, 'base64');
  const item = header.bulkData.find((bulk) => bulk.path === path);
  if (item === undefined || item.lengthBytes < 0) return undefined;
  return asBuffer(await source.read(item.offsetBytes, item.lengthBytes));
}

/** undefined when the table is empty or does not fit the fragments, which happens in the field. */
async function byBasicOffsetTable(
  source: ByteSource,
  table: Fragment,
  fragments: readonly Fragment[],
  numberOfFrames: number,
): Promise<ByteRange[][] | undefined> {
  if (table.lengthBytes !== numberOfFrames * 4) return undefined;
  const offsets = asBuffer(await source.read(table.offsetBytes, table.lengthBytes));
  if (offsets.byteLength !== table.lengthBytes) return undefined;
  const firstItem = fragments[0]!.offsetBytes - 8;
  const frames: ByteRange[][] = [];
  let next = 0;
  for (const fragment of fragments) {
    const offset = fragment.offsetBytes - 8 - firstItem;
    if (next < offsets.byteLength && offsets.readUInt32LE(next) === offset) {
      frames.push([fragment]);
      next += 4;
    } else if (frames.length === 0) return undefined;
    else frames.at(-1)!.push(fragment);
  }
  return frames.length === numberOfFrames ? frames : undefined;
}

/** A frame begins with each fragment that begins like an image. */
async function byStartMarkers(
  source: ByteSource,
  fragments: readonly Fragment[],
  numberOfFrames: number,
): Promise<ByteRange[][] | undefined> {
  const frames: ByteRange[][] = [];
  for (const fragment of fragments) {
    if (fragment.lengthBytes === 0) continue;
    const begins = beginsImage(asBuffer(await source.read(fragment.offsetBytes, Math.min(12, fragment.lengthBytes))));
    if (begins) frames.push([fragment]);
    else if (frames.length === 0) return undefined;
    else frames.at(-1)!.push(fragment);
  }
  return frames.length === numberOfFrames ? frames : undefined;
}

/** JPEG and JPEG-LS (SOI), JPEG 2000 code stream and JP2 file, JPEG XL code stream and file. */
function beginsImage(bytes: Buffer): boolean {
  const hex = bytes.toString('hex');
  return (
    hex.startsWith('ffd8ff') ||
    hex.startsWith('ff4fff51') ||
    hex.startsWith('0000000c6a502020') ||
    hex.startsWith('ff0a') ||
    hex.startsWith('0000000c4a584c20')
  );
}
