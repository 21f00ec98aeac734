import { type FileHandle, open } from 'node:fs/promises';
import {
  type ByteSource,
  EXPLICIT_VR_LITTLE_ENDIAN,
  FilmlessError,
  firstNumber,
  firstString,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type InstanceRecord,
} from '@filmless/core/plugin';
import { z } from 'zod';
import { type FrameLayout, frameBytes } from './codec.ts';
import type { CodecThread } from './codec-thread.ts';

/**
 * The compact form of an instance: `FLMCMPT1`, the bytes before the pixel data as they are, the frames in HTJ2K, the bytes after them as they are,
 * an index as JSON, its length as 4 bytes little endian. From it the original comes back bit for bit.
 */
const MAGIC = Buffer.from('FLMCMPT1', 'latin1');
const TAIL_BYTES = 4;
const CHUNK_BYTES = 1024 * 1024;
const PIXEL_DATA = '7FE00010';

const indexSchema = z.object({
  codec: z.literal('htj2k'),
  sizeBytes: z.number().int(),
  /** Where the frames begin in the original. */
  pixelsAt: z.number().int(),
  layout: z.object({
    rows: z.number().int(),
    columns: z.number().int(),
    samplesPerPixel: z.number().int(),
    bitsAllocated: z.union([z.literal(8), z.literal(16)]),
  }),
  /** Length in this file, and the lowest sample; a frame without one is kept as it was. */
  frames: z.array(z.tuple([z.number().int(), z.number().int().nullable()])),
});
type CompactIndex = z.infer<typeof indexSchema>;

type Described = Pick<InstanceRecord, 'dataset' | 'bulkData' | 'transferSyntaxUID' | 'sizeBytes'>;

/** Where the frames of an instance lie, when it can be made compact: uncompressed little-endian grey or RGB images. */
export function compressible(record: Described): { pixelsAt: number; layout: FrameLayout; count: number } | undefined {
  const { dataset, transferSyntaxUID } = record;
  if (transferSyntaxUID !== IMPLICIT_VR_LITTLE_ENDIAN && transferSyntaxUID !== EXPLICIT_VR_LITTLE_ENDIAN)
    return undefined;
  const pixels = record.bulkData.find(({ path }) => path === PIXEL_DATA);
  if (!pixels || pixels.inflated || pixels.lengthBytes <= 0) return undefined;
  const bitsAllocated = firstNumber(dataset, 'BitsAllocated');
  const samplesPerPixel = firstNumber(dataset, 'SamplesPerPixel') ?? 1;
  const isPlanar = (firstNumber(dataset, 'PlanarConfiguration') ?? 0) !== 0;
  const photometric = firstString(dataset, 'PhotometricInterpretation') ?? '';
  const isGrey = samplesPerPixel === 1 && (bitsAllocated === 8 || bitsAllocated === 16);
  const isColour = samplesPerPixel === 3 && bitsAllocated === 8 && !isPlanar && !photometric.includes('42');
  if (!isGrey && !isColour) return undefined;
  const layout: FrameLayout = {
    rows: firstNumber(dataset, 'Rows') ?? 0,
    columns: firstNumber(dataset, 'Columns') ?? 0,
    samplesPerPixel,
    bitsAllocated: bitsAllocated === 8 ? 8 : 16,
  };
  const count = firstNumber(dataset, 'NumberOfFrames') ?? 1;
  const bytes = frameBytes(layout) * count;
  if (bytes <= 0 || bytes > pixels.lengthBytes) return undefined;
  return { pixelsAt: pixels.offsetBytes, layout, count };
}

/** Writes the compact form of `original` to a new file, synced. Frame after frame: memory holds one. */
export async function writeCompact(
  path: string,
  original: ByteSource,
  record: Described,
  codec: CodecThread,
  signal?: AbortSignal,
): Promise<void> {
  const found = compressible(record);
  if (!found) throw new FilmlessError('TRANSCODE_UNSUPPORTED', 'not an uncompressed image');
  const { pixelsAt, layout, count } = found;
  const file = await open(path, 'wx', 0o640);
  try {
    await file.write(MAGIC);
    await copyBytes(original, file, 0, pixelsAt, signal);
    const frames: CompactIndex['frames'] = [];
    const size = frameBytes(layout);
    for (let frame = 0; frame < count; frame += 1) {
      signal?.throwIfAborted();
      const { bytes, lowest } = await codec.encode(await original.read(pixelsAt + frame * size, size), layout);
      await file.write(bytes);
      frames.push([bytes.length, lowest ?? null]);
    }
    await copyBytes(original, file, pixelsAt + count * size, original.sizeBytes, signal);
    const index: CompactIndex = { codec: 'htj2k', sizeBytes: original.sizeBytes, pixelsAt, layout, frames };
    const json = Buffer.from(JSON.stringify(index));
    const tail = Buffer.alloc(TAIL_BYTES);
    tail.writeUInt32LE(json.length);
    await file.write(json);
    await file.write(tail);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The original's bytes, or a part of them; `end` exclusive. Throws BLOB_CORRUPT when the file is not what was written. */
export async function* readCompact(
  path: string,
  codec: CodecThread,
  range?: { start: number; end: number },
): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const index = await readIndex(file);
    const { layout, frames, pixelsAt, sizeBytes } = index;
    const { start, end } = range ?? { start: 0, end: sizeBytes };
    const size = frameBytes(layout);
    const within = (from: number, to: number) => ({ from: Math.max(from, start), to: Math.min(to, end) });
    const head = within(0, pixelsAt);
    yield* chunks(file, MAGIC.length + head.from, head.to - head.from);
    let at = MAGIC.length + pixelsAt;
    for (const [frame, [length, lowest]] of frames.entries()) {
      const begin = pixelsAt + frame * size;
      const part = within(begin, begin + size);
      if (part.from < part.to) {
        const bytes = await readExactly(file, at, length);
        const raw = await codec.decode({ bytes, ...(lowest !== null && { lowest }) }, layout);
        yield raw.subarray(part.from - begin, part.to - begin);
      }
      at += length;
    }
    const restBegins = pixelsAt + frames.length * size;
    const rest = within(restBegins, sizeBytes);
    yield* chunks(file, at + rest.from - restBegins, rest.to - rest.from);
  } finally {
    await file.close();
  }
}

async function readIndex(file: FileHandle): Promise<CompactIndex> {
  try {
    const { size } = await file.stat();
    if (!MAGIC.equals(await readExactly(file, 0, MAGIC.length))) throw new Error('another kind of file');
    const length = (await readExactly(file, size - TAIL_BYTES, TAIL_BYTES)).readUInt32LE();
    const json = await readExactly(file, size - TAIL_BYTES - length, length);
    return indexSchema.parse(JSON.parse(json.toString('utf8')));
  } catch (cause) {
    throw new FilmlessError('BLOB_CORRUPT', 'a compact file cannot be read', { cause });
  }
}

async function copyBytes(
  source: ByteSource,
  file: FileHandle,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let at = from; at < to; at += CHUNK_BYTES) {
    signal?.throwIfAborted();
    await file.write(await source.read(at, Math.min(CHUNK_BYTES, to - at)));
  }
}

async function* chunks(file: FileHandle, offset: number, length: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; done += CHUNK_BYTES) {
    yield await readExactly(file, offset + done, Math.min(CHUNK_BYTES, length - done));
  }
}

async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  if (bytesRead !== length) throw new FilmlessError('BLOB_CORRUPT', 'a compact file is cut off');
  return buffer;
}
