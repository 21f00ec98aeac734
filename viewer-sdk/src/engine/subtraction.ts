import { cache, registerImageLoader, type Types } from '@cornerstonejs/core';
import { PRIORITY } from '../client/request-queue.ts';
import type { Frame } from '../dicom/frame.ts';
import type { Subtraction } from './contract.ts';
import { type FrameStore, toImage } from './frame-store.ts';
import { factsOf, setFacts } from './image-facts.ts';
import type { Drawable } from './pixels.ts';
import { prepareMask, subtractMask } from './subtract.ts';

/** The scheme of image ids whose pixels are differences. */
export const SUBTRACTED = 'filmless-subtracted';
/** Thousandths of a natural logarithm: from dense vessels to what moved. */
const LOG_WINDOW = { center: -150, width: 1100 };

const subtractors = new Map<string, Subtractor>();
let registered = false;

/** The frames of one view's stack with a mask taken off them. Each is computed when it is shown; what it is made from counts as ever. */
export class Subtractor {
  readonly #key: string;
  readonly #store: FrameStore;
  readonly #imageIds: readonly string[];
  readonly #subtraction: Subtraction;
  readonly #alpha: boolean;
  readonly #ids: readonly string[];
  #mask: { readonly key: string; readonly prepared: Promise<Float32Array> } | undefined;

  constructor(key: string, store: FrameStore, imageIds: readonly string[], subtraction: Subtraction, alpha: boolean) {
    this.#key = key;
    this.#store = store;
    this.#imageIds = imageIds;
    this.#subtraction = subtraction;
    this.#alpha = alpha;
    this.#ids = imageIds.map((_, index) => `${SUBTRACTED}:${key}/${index}`);
    subtractors.set(key, this);
    if (registered) return;
    registered = true;
    registerImageLoader(SUBTRACTED, (imageId: string) => ({ promise: loadSubtracted(imageId) }));
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  dispose(): void {
    subtractors.delete(this.#key);
    for (const id of this.#ids) if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true });
  }

  frame(index: number): Frame | undefined {
    return this.#store.frame(this.#imageIds[index] ?? '');
  }

  async load(index: number): Promise<Types.IImage> {
    const imageId = this.#imageIds[index] ?? '';
    const frame = this.frame(index);
    if (!frame) throw new Error(`unknown image ${imageId}`);
    const forever = new AbortController().signal;
    const image = await this.#store.load(imageId, PRIORITY.now, forever);
    const { logarithmic } = this.#subtraction;
    const masks = this.#subtraction.masksOf(index);
    if (masks.length === 0) return this.#plain(index, frame, image);
    const mask = await this.#maskOf(masks, frame);
    const difference = subtractMask(image.getPixelData() as ArrayLike<number>, mask, logarithmic);
    const { data, minimum, maximum } = difference;
    const derived = toImage(this.#ids[index] ?? '', frame, { data, minimum, maximum, color: false }, this.#alpha);
    const width = 2 ** frame.pixels.bitsStored / 2;
    const ownWindow = logarithmic ? LOG_WINDOW : { center: -width / 8, width };
    setFacts(derived, { range: { minimum, maximum }, padding: undefined, voiTables: [], ownWindow });
    return derived;
  }

  /** A frame without a mask, under an id of this stack. */
  #plain(index: number, frame: Frame, image: Types.IImage): Types.IImage {
    const facts = factsOf(image);
    const data = image.getPixelData() as Drawable;
    const plain = toImage(this.#ids[index] ?? '', frame, { data, ...facts.range, color: image.color }, this.#alpha);
    setFacts(plain, facts);
    return plain;
  }

  #maskOf(masks: readonly number[], frame: Frame): Promise<Float32Array> {
    const key = masks.join();
    if (this.#mask?.key !== key) {
      const prepared = this.#loadMask(masks, frame);
      this.#mask = { key, prepared };
      // The next frame tries again.
      prepared.catch(() => (this.#mask = undefined));
    }
    return this.#mask.prepared;
  }

  async #loadMask(masks: readonly number[], { pixels, SOPInstanceUID }: Frame): Promise<Float32Array> {
    const { shift, logarithmic } = this.#subtraction;
    const signal = new AbortController().signal;
    const images = await Promise.all(
      masks.map((index) => {
        if (this.frame(index)?.SOPInstanceUID !== SOPInstanceUID) throw new Error('the mask is of another run');
        return this.#store.load(this.#imageIds[index] ?? '', PRIORITY.now, signal);
      }),
    );
    const data = images.map((image) => {
      if (image.color) throw new Error('colour has no mask');
      return image.getPixelData() as ArrayLike<number>;
    });
    return prepareMask(data, pixels.columns, pixels.rows, shift, logarithmic);
  }
}

const placeOf = (imageId: string): { subtractor: Subtractor | undefined; index: number } => {
  const [, key = '', index = ''] = /^[^:]+:(.*)\/(\d+)$/.exec(imageId) ?? [];
  return { subtractor: subtractors.get(key), index: Number(index) };
};

async function loadSubtracted(imageId: string): Promise<Types.IImage> {
  const { subtractor, index } = placeOf(imageId);
  if (!subtractor) throw new DOMException('The image is no longer wanted.', 'AbortError');
  return subtractor.load(index);
}

/** The frame behind an image id of this scheme. */
export function subtractedFrame(imageId: string): Frame | undefined {
  const { subtractor, index } = placeOf(imageId);
  return subtractor?.frame(index);
}
