import {
  type ByteSource,
  FilmlessError,
  type FrameIndex,
  type InstanceLocator,
  type InstanceRecord,
  indexFrames,
} from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { openInstance } from '../instance-source.ts';
import { type FrameMedia, frameMedia } from '../media/frame-media.ts';
import { recordOf } from '../wado/find-instances.ts';
import { isBigEndian, wordBytesOf } from './element-bytes.ts';
import type { PixelLayout } from './image-description.ts';
import { pixelElement, readLayout } from './read-layout.ts';
import { swapWords } from './stored-values.ts';

const CHUNK_BYTES = 1 << 20;
/** Frame indexes of multi-frame objects that are being looked through. */
const MAX_KEPT = 16;

interface ImageFacts {
  record: InstanceRecord;
  layout: PixelLayout;
  index: FrameIndex;
}

/** An instance with pixels, open for reading frames. */
export interface OpenImage extends ImageFacts {
  source: ByteSource;
  media: FrameMedia;
  /** Of one frame as it is delivered: compressed as stored; native in little endian order, beginning at a byte. */
  frameSizeBytes(frameNumber: number): number;
  /** In pieces of at most 1 MiB. FRAME_NOT_FOUND, DICOM_TRUNCATED. */
  frameChunks(frameNumber: number): AsyncGenerator<Uint8Array>;
  /** In one piece with a buffer of its own. */
  frame(frameNumber: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens images and remembers, for the few multi-frame ones in use, where their frames lie. */
export class ImageOpener {
  readonly #web: () => Dicomweb;
  readonly #kept = new Map<string, ImageFacts>();

  constructor(web: () => Dicomweb) {
    this.#web = web;
  }

  /** NOT_FOUND when the object has no pixels. `close` must be called. @param record where it was read already */
  async open(instance: InstanceLocator, record?: InstanceRecord): Promise<OpenImage> {
    const maxFrameBytes = this.#web().plugin.config.maxFrameMiB * 1024 * 1024;
    const opened = await openInstance(this.#web().plugin.storage, instance, maxFrameBytes);
    try {
      const facts = await this.#facts(instance, record, opened.source, maxFrameBytes);
      return {
        ...facts,
        source: opened.source,
        media: frameMedia(facts.record.transferSyntaxUID),
        ...reading(facts, opened.source, maxFrameBytes),
        close: () => opened.close(),
      };
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  async #facts(
    instance: InstanceLocator,
    known: InstanceRecord | undefined,
    source: ByteSource,
    maxFrameBytes: number,
  ): Promise<ImageFacts> {
    const key = `${instance.SOPInstanceUID} ${instance.sha256}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const record = known ?? (await recordOf(this.#web(), instance));
    // The bytes opened are those of the locator: a record replaced in between has other offsets.
    if (record.sha256 !== instance.sha256)
      throw new FilmlessError('UNAVAILABLE', 'the instance was replaced at this moment');
    const layout = readLayout(record.dataset, maxFrameBytes);
    const pixelData = record.bulkData.find((item) => item.path === pixelElement(record.dataset));
    if (!pixelData) throw new FilmlessError('NOT_FOUND', 'the object has no pixels');
    const index = await indexFrames(source, record, pixelData);
    const facts: ImageFacts = { record, layout: { ...layout, numberOfFrames: index.numberOfFrames }, index };
    if (index.numberOfFrames > 1) {
      this.#kept.set(key, facts);
      for (const oldest of this.#kept.keys()) {
        if (this.#kept.size <= MAX_KEPT) break;
        this.#kept.delete(oldest);
      }
    }
    return facts;
  }
}

function reading(
  { record, layout, index }: ImageFacts,
  source: ByteSource,
  maxFrameBytes: number,
): Pick<OpenImage, 'frameSizeBytes' | 'frameChunks' | 'frame'> {
  const swapBytes =
    index.kind === 'native' && isBigEndian(record)
      ? Math.max(wordBytesOf(record.dataset['7FE00010']?.vr ?? 'OW'), layout.bitsAllocated / 8)
      : 1;

  async function* chunks(frameNumber: number): AsyncGenerator<Uint8Array> {
    const location = index.locate(frameNumber);
    if (layout.bitsAllocated === 1 && index.kind === 'native') {
      yield shiftBits(await readWhole(source, location.ranges[0]!), location.bitOffset, layout);
      return;
    }
    for (const range of location.ranges) {
      for (let done = 0; done < range.lengthBytes; done += CHUNK_BYTES) {
        const size = Math.min(CHUNK_BYTES, range.lengthBytes - done);
        const bytes = await source.read(range.offsetBytes + done, size);
        if (bytes.length < size) throw new FilmlessError('DICOM_TRUNCATED');
        yield swapBytes > 1 && bytes.length % swapBytes === 0 ? swapWords(bytes, swapBytes) : bytes;
      }
    }
  }

  return {
    frameSizeBytes(frameNumber) {
      const location = index.locate(frameNumber);
      return layout.bitsAllocated === 1 && index.kind === 'native'
        ? Math.ceil((layout.rows * layout.columns) / 8)
        : location.lengthBytes;
    },
    frameChunks: chunks,
    async frame(frameNumber) {
      const { lengthBytes } = index.locate(frameNumber);
      if (lengthBytes > maxFrameBytes)
        throw new FilmlessError('DECODE_FAILED', 'the frame is larger than this node decodes');
      const out = new Uint8Array(lengthBytes);
      let at = 0;
      for await (const chunk of chunks(frameNumber)) {
        out.set(chunk, at);
        at += chunk.length;
      }
      return at === out.length ? out : out.slice(0, at);
    },
  };
}

async function readWhole(source: ByteSource, range: { offsetBytes: number; lengthBytes: number }): Promise<Uint8Array> {
  const bytes = await source.read(range.offsetBytes, range.lengthBytes);
  if (bytes.length < range.lengthBytes) throw new FilmlessError('DICOM_TRUNCATED');
  return bytes;
}

/** A frame of single bits moved to begin at a byte; what follows its last bit is 0. @dicom PS3.5 8.1.1 */
function shiftBits(bytes: Uint8Array, bitOffset: number, layout: PixelLayout): Uint8Array {
  const bits = layout.rows * layout.columns;
  const out = new Uint8Array(Math.ceil(bits / 8));
  for (let i = 0; i < out.length; i++)
    out[i] = ((bytes[i]! >> bitOffset) | ((bytes[i + 1] ?? 0) << (8 - bitOffset))) & 0xff;
  const spare = out.length * 8 - bits;
  if (spare > 0) out[out.length - 1]! &= 0xff >> spare;
  return out;
}
