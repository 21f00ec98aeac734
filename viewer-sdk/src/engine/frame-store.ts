import { cache, type Types, utilities } from '@cornerstonejs/core';
import type { PartReader } from '../client/part-stream.ts';
import type { Ticket } from '../client/request-queue.ts';
import type { Frame, LutSource } from '../dicom/frame.ts';
import { paletteBytes } from '../dicom/lut.ts';
import { embeddedOverlayBits } from '../dicom/overlay-planes.ts';
import { tableTone, tableWindow } from '../dicom/tone-curve.ts';
import { paddingOf, type VoiLut, voiLuts } from '../dicom/voi-lut.ts';
import { fullRangeWindow } from '../dicom/window-presets.ts';
import type { FrameSource, PixelGrid, VoiTable } from './contract.ts';
import type { DecodePool } from './decode-pool.ts';
import type { DecodedPixels } from './decode-protocol.ts';
import { factsOf, setFacts } from './image-facts.ts';
import type { Palette } from './pixels.ts';
import { type ProcessorElement, renderOnProcessor } from './processor-renderer.ts';
import { isLossy } from './transfer-syntax.ts';

/** The scheme of our image ids in Cornerstone. */
export const SCHEME = 'filmless';

/** A frame that some view has in its stack. */
interface Entry {
  readonly frame: Frame;
  readonly source: FrameSource;
  views: number;
  load: Load | undefined;
}

/** Pixels on their way, wanted by one or several. */
interface Load {
  readonly promise: Promise<Types.IImage>;
  readonly controller: AbortController;
  readonly ticket: Ticket;
  wanted: number;
}

/**
 * Brings frames from the network into Cornerstone's cache. A frame is loaded once however many ask for it; the most urgent asker sets the
 * pace, and a load that nobody waits for any more is given up.
 */
export class FrameStore {
  readonly #entries = new Map<string, Entry>();
  /** Where sources read answers of many frames. */
  readonly reader: PartReader;
  readonly #pool: DecodePool;
  readonly #wasmBase: string;
  readonly #alpha: boolean;

  constructor(pool: DecodePool, reader: PartReader, wasmBase: string, alpha: boolean) {
    this.#pool = pool;
    this.reader = reader;
    this.#wasmBase = wasmBase;
    this.#alpha = alpha;
  }

  /** Makes a frame known and returns its image id. Paired with `release`. */
  hold(frame: Frame, source: FrameSource): string {
    const imageId = `${SCHEME}:${source.key}/${frame.StudyInstanceUID}/${frame.SeriesInstanceUID}/${frame.SOPInstanceUID}/${frame.frameNumber}`;
    const known = this.#entries.get(imageId);
    // The newest metadata counts: a correction may have come in between.
    this.#entries.set(imageId, { frame, source, views: (known?.views ?? 0) + 1, load: known?.load });
    return imageId;
  }

  /** Forgets a frame that no view holds any more, its pixels included. */
  release(imageId: string): void {
    const entry = this.#entries.get(imageId);
    if (!entry) return;
    entry.views -= 1;
    if (entry.views > 0) return;
    entry.load?.controller.abort();
    this.#entries.delete(imageId);
    if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true });
  }

  frame(imageId: string): Frame | undefined {
    return this.#entries.get(imageId)?.frame;
  }

  /** The values of an image in the cache, after the modality transformation. */
  pixels(imageId: string): PixelGrid | undefined {
    const image = cache.isLoaded(imageId) ? cache.getImage(imageId) : undefined;
    return image && gridOf(image);
  }

  isLoaded(imageId: string): boolean {
    return cache.isLoaded(imageId);
  }

  /** Loads a frame into the cache. @throws ViewerError; AbortError when `signal` says so */
  load(imageId: string, priority: number, signal: AbortSignal): Promise<Types.IImage> {
    const entry = this.#entries.get(imageId);
    if (!entry) return Promise.reject(new Error(`unknown image ${imageId}`));
    if (signal.aborted) return Promise.reject(signal.reason);
    const cached = cache.isLoaded(imageId) ? cache.getImage(imageId) : undefined;
    if (cached) return Promise.resolve(cached);
    const load = entry.load ?? this.#begin(imageId, entry, priority);
    if (priority < load.ticket.priority) {
      load.ticket.priority = priority;
      entry.source.hasten(entry.frame);
    }
    load.wanted += 1;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        load.wanted -= 1;
        if (load.wanted === 0) this.#giveUp(imageId, load);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      load.promise.finally(() => signal.removeEventListener('abort', giveUp)).then(resolve, reject);
    });
  }

  /** Whoever asks again starts anew: nobody may wait for a load that was given up. */
  #giveUp(imageId: string, load: Load): void {
    const entry = this.#entries.get(imageId);
    if (entry?.load === load) entry.load = undefined;
    load.controller.abort();
  }

  #begin(imageId: string, entry: Entry, priority: number): Load {
    const controller = new AbortController();
    const ticket: Ticket = { priority };
    const promise = this.#fetch(imageId, entry, ticket, controller.signal).finally(() => {
      const current = this.#entries.get(imageId);
      if (current?.load === load) current.load = undefined;
    });
    const load: Load = { promise, controller, ticket, wanted: 0 };
    entry.load = load;
    return load;
  }

  async #fetch(imageId: string, { frame, source }: Entry, ticket: Ticket, signal: AbortSignal): Promise<Types.IImage> {
    const lut = (table: LutSource) => source.lut(table);
    const [encoded, modality, palette, voiTables] = await Promise.all([
      source.frame(frame, ticket, signal),
      frame.modalityLut ? lut(frame.modalityLut) : undefined,
      frame.palette ? readPalette(frame, frame.palette, lut) : undefined,
      Promise.all(voiLuts(frame).map((voiLut) => readVoiTable(voiLut, lut))),
    ]);
    // A lossy codec makes of one padding value many: what is padding cannot be told any more.
    const padding = isLossy(encoded.transferSyntaxUID) ? undefined : paddingOf(frame);
    const pixels = await this.#pool.decode(
      {
        bytes: encoded.bytes,
        transferSyntaxUID: encoded.transferSyntaxUID,
        format: frame.pixels,
        gray: {
          rescale: frame.rescale,
          modalityLut:
            modality && frame.modalityLut
              ? { first: firstMapped(frame, frame.modalityLut), table: modality }
              : undefined,
          padding,
          overlayBits: embeddedOverlayBits(frame),
        },
        palette,
        alpha: this.#alpha,
        wasmBase: this.#wasmBase,
      },
      ticket,
      signal,
    );
    signal.throwIfAborted();
    const image = toImage(imageId, frame, pixels, this.#alpha);
    const { minimum, maximum } = pixels;
    setFacts(image, {
      range: { minimum, maximum },
      padding,
      voiTables: voiTables.filter((table) => table !== undefined),
      embedded: pixels.embedded,
    });
    if (!this.#entries.has(imageId)) throw new DOMException('The image is no longer wanted.', 'AbortError');
    if (!cache.getImageLoadObject(imageId))
      await cache.putImageLoadObject(imageId, { promise: Promise.resolve(image) });
    return image;
  }
}

/** The first mapped value is as signed as the pixels are. @dicom PS3.3 C.11.1.1 */
function firstMapped(frame: Frame, { descriptor }: LutSource): number {
  const [, first] = descriptor;
  return frame.pixels.pixelRepresentation === 1 && first > 32_767 ? first - 65_536 : first;
}

async function readPalette(
  frame: Frame,
  palette: NonNullable<Frame['palette']>,
  lut: (source: LutSource) => Promise<Uint16Array<ArrayBuffer>>,
): Promise<Palette> {
  const [red, green, blue] = await Promise.all([lut(palette.red), lut(palette.green), lut(palette.blue)]);
  return {
    first: firstMapped(frame, palette.red),
    red: paletteBytes(red, palette.red.descriptor[2]),
    green: paletteBytes(green, palette.green.descriptor[2]),
    blue: paletteBytes(blue, palette.blue.descriptor[2]),
  };
}

/** A curve that cannot be had leaves the image with its window: it is no reason to show nothing. */
async function readVoiTable(
  { source, explanation }: VoiLut,
  lut: (source: LutSource) => Promise<Uint16Array<ArrayBuffer>>,
): Promise<VoiTable | undefined> {
  const [entries, first, bits] = source.descriptor;
  const table = await lut(source).catch(() => undefined);
  return table && { window: tableWindow(first, entries), tone: tableTone(table, bits), explanation };
}

/** The values of an image. */
export function gridOf(image: Types.IImage): PixelGrid {
  const { rows, columns, numberOfComponents: samplesPerPixel } = image;
  const { padding, embedded } = factsOf(image);
  return { rows, columns, samplesPerPixel, data: image.getPixelData(), padding, embedded };
}

/** Pixels as Cornerstone knows them. */
export function toImage(imageId: string, frame: Frame, pixels: DecodedPixels, alpha: boolean): Types.IImage {
  const { rows, columns, photometricInterpretation } = frame.pixels;
  const components = pixels.color ? (alpha ? 4 : 3) : 1;
  const window = pixels.color
    ? { center: 128, width: 256 }
    : (frame.windows[0] ?? fullRangeWindow(pixels.minimum, pixels.maximum));
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    scalarData: pixels.data,
    width: columns,
    height: rows,
    numberOfComponents: components,
  });
  const shown = pixels.color ? 'RGB' : photometricInterpretation;
  const image = {
    imageId,
    dataType: pixels.data.constructor.name,
    color: pixels.color,
    rgba: pixels.color && alpha,
    numberOfComponents: components,
    rows,
    columns,
    height: rows,
    width: columns,
    rowPixelSpacing: frame.spacing?.rowMm ?? 1,
    columnPixelSpacing: frame.spacing?.columnMm ?? frame.pixelAspect,
    // The modality transformation is done already.
    slope: 1,
    intercept: 0,
    windowCenter: window.center,
    windowWidth: window.width,
    voiLUTFunction: frame.voiFunction === 'SIGMOID' ? 'SIGMOID' : 'LINEAR',
    minPixelValue: pixels.minimum,
    maxPixelValue: pixels.maximum,
    invert: photometricInterpretation === 'MONOCHROME1',
    photometricInterpretation: shown,
    imageFrame: { photometricInterpretation: shown },
    sizeInBytes: pixels.data.byteLength,
    voxelManager,
    getPixelData: () => pixels.data,
    getCanvas: undefined,
    // Cornerstone's processor fallback asks the image how it is drawn.
    render: (element: ProcessorElement) => renderOnProcessor(element),
  };
  return image as unknown as Types.IImage;
}
