import { FilmlessError, type HttpReply, type HttpRequest, type InstanceLocator } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { acceptedMedia } from '../media/accept.ts';
import { multipartReply, type Part } from '../media/multipart.ts';
import type { OpenImage } from '../pixels/open-image.ts';
import { findInstances } from './find-instances.ts';
import { type Delivery, framePart, negotiate } from './frames.ts';

/** A list of so many names fits into the head of a request. */
const MAX_NAMED = 128;
/** Records read from the catalogue at once. */
const RECORDS = 16;

/**
 * WADO-RS pixel data of a series: every frame of its instances, each in a part of its own that says which it is. Our choice: with the query
 * parameter SOPInstanceUID, a list as in QIDO-RS, those of the instances named, in that order.
 * @dicom PS3.18 10.4.1.1.6, 8.3.4.1
 */
export async function pixelData(web: Dicomweb, request: HttpRequest): Promise<HttpReply> {
  const instances = named(request.query, await findInstances(web, request));
  const accepted = acceptedMedia(request);
  const frames = new FramesOfInstances(web, instances, (image) => negotiate(accepted, image, 2), request.signal);
  try {
    // What can be refused is refused before the answer begins.
    const { mediaType } = await frames.begin();
    return multipartReply(mediaType, frames.parts(), { close: () => frames.close() });
  } catch (error) {
    await frames.close();
    throw error;
  }
}

function named(query: URLSearchParams, all: readonly InstanceLocator[]): readonly InstanceLocator[] {
  const list = query.get('SOPInstanceUID');
  if (list === null) return all;
  const uids = list.split(',');
  if (uids.length > MAX_NAMED) throw new FilmlessError('INVALID_REQUEST', `at most ${MAX_NAMED} instances by name`);
  const known = new Map(all.map((instance) => [instance.SOPInstanceUID, instance]));
  return uids.map((uid) => {
    const instance = known.get(uid);
    if (!instance) throw new FilmlessError('SOP_INSTANCE_NOT_FOUND');
    return instance;
  });
}

/** The frames of instances one after another; the next instance is opened while one is read. */
class FramesOfInstances {
  readonly #web: Dicomweb;
  readonly #instances: readonly InstanceLocator[];
  readonly #deliver: (image: OpenImage) => Delivery;
  readonly #signal: AbortSignal;
  readonly #images: AsyncGenerator<OpenImage>;
  readonly #open = new Set<OpenImage>();
  #next: Promise<IteratorResult<OpenImage>>;

  constructor(
    web: Dicomweb,
    instances: readonly InstanceLocator[],
    deliver: (image: OpenImage) => Delivery,
    signal: AbortSignal,
  ) {
    this.#web = web;
    this.#instances = instances;
    this.#deliver = deliver;
    this.#signal = signal;
    this.#images = this.#openAll();
    this.#next = this.#images.next();
    this.#next.catch(() => undefined);
  }

  /** How the first instance goes out. */
  async begin(): Promise<Delivery> {
    const { value } = await this.#next;
    return this.#deliver(value as OpenImage);
  }

  async *parts(): AsyncGenerator<Part> {
    for (;;) {
      const { done, value: image } = await this.#next;
      if (done) return;
      this.#next = this.#images.next();
      // Its failure is met at its turn.
      this.#next.catch(() => undefined);
      const delivery = this.#deliver(image);
      for (let number = 1; number <= image.index.numberOfFrames; number++)
        yield framePart(this.#web, image, number, delivery, this.#signal);
      this.#open.delete(image);
      await image.close();
    }
  }

  async close(): Promise<void> {
    await this.#next.catch(() => undefined);
    await this.#images.return(undefined);
    for (const image of this.#open) await image.close();
    this.#open.clear();
  }

  async *#openAll(): AsyncGenerator<OpenImage> {
    for (let at = 0; at < this.#instances.length; at += RECORDS) {
      const some = this.#instances.slice(at, at + RECORDS);
      const records = await this.#web.plugin.catalogue.getMany(some.map(({ SOPInstanceUID }) => SOPInstanceUID));
      for (const [index, instance] of some.entries()) {
        const image = await this.#web.images.open(instance, records[index]);
        this.#open.add(image);
        yield image;
      }
    }
  }
}
