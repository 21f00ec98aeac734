import type { DicomWebClient, EncodedFrame } from '../client/dicomweb-client.ts';
import type { PartReader } from '../client/part-stream.ts';
import { PRIORITY } from '../client/request-queue.ts';
import type { ImageLocation } from '../client/urls.ts';
import type { Frame } from '../dicom/frame.ts';
import { isAbort } from '../errors.ts';

const MOST_FRAMES = 32;
/** Frames come one by one, so that a large answer holds nobody up; what a small PC would have under way at once sets the limit. */
const MOST_BYTES = 16 * 1024 ** 2;

interface Asked {
  readonly frame: Frame;
  readonly signal: AbortSignal;
  readonly resolve: (answer: EncodedFrame | Promise<EncodedFrame>) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
}

type AskAlone = (frame: Frame, priority: number, signal: AbortSignal) => Promise<EncodedFrame>;

/** Frames that are asked for in the same turn come in one request, as far as they are of one series, or of one instance with several. */
export class FrameGathering {
  readonly #client: DicomWebClient;
  readonly #alone: AskAlone;
  readonly #asked = new Map<string, Asked[]>();
  readonly #underWay = new Set<Asked>();
  /** Reads answers of several frames; the page itself without it. */
  reader: PartReader | undefined;

  /** @param alone asks for one frame */
  constructor(client: DicomWebClient, alone: AskAlone) {
    this.#client = client;
    this.#alone = alone;
  }

  ask(frame: Frame, signal: AbortSignal): Promise<EncodedFrame> {
    return new Promise((resolve, reject) => {
      const { SeriesInstanceUID, SOPInstanceUID, numberOfFrames } = frame;
      const key = numberOfFrames > 1 ? SOPInstanceUID : SeriesInstanceUID;
      const asked = this.#asked.get(key) ?? [];
      if (asked.push({ frame, signal, resolve, reject, settled: false }) > 1) return;
      this.#asked.set(key, asked);
      queueMicrotask(() => {
        this.#asked.delete(key);
        for (const some of portions(asked)) this.#send(some);
      });
    });
  }

  /** Somebody waits for this frame now: when it is behind others in an answer, it is asked for alone as well; what comes first counts. */
  hasten(frame: Frame): void {
    for (const one of this.#underWay) {
      if (!sameFrame(one.frame, frame)) continue;
      this.#underWay.delete(one);
      this.#alone(frame, PRIORITY.now, one.signal).then(
        (answer) => settle(one, answer),
        // It may still come with the others.
        () => undefined,
      );
    }
  }

  #send(asked: readonly Asked[]): void {
    const alone = (one: Asked): void => settle(one, this.#alone(one.frame, PRIORITY.prefetch, one.signal));
    const [first] = asked;
    if (asked.length === 1 && first) {
      alone(first);
      return;
    }
    const controller = new AbortController();
    for (const { signal } of asked)
      signal.addEventListener('abort', () => {
        if (asked.every((one) => one.settled || one.signal.aborted)) controller.abort(signal.reason);
      });
    for (const one of asked) this.#underWay.add(one);
    const arrived = (index: number, answer: EncodedFrame): void => {
      const one = asked[index];
      if (!one) return;
      this.#underWay.delete(one);
      settle(one, answer);
    };
    const options = { signal: controller.signal, ticket: { priority: PRIORITY.prefetch }, reader: this.reader };
    this.#client
      .frames(asked.map(({ frame }) => locationOf(frame)) as Locations, arrived, options)
      .catch((error: unknown) => {
        // One bad frame spoils the answer of those after it: alone, it alone fails.
        for (const one of asked) {
          if (one.settled) continue;
          if (isAbort(error)) one.reject(error);
          else alone(one);
        }
      })
      .finally(() => {
        for (const one of asked) this.#underWay.delete(one);
      });
  }
}

function settle(one: Asked, answer: EncodedFrame | Promise<EncodedFrame>): void {
  one.settled = true;
  one.resolve(answer);
}

/** Whether two descriptions are of the same frame of the same instance. */
export const sameFrame = (a: Frame, b: Frame): boolean =>
  a.SOPInstanceUID === b.SOPInstanceUID && a.frameNumber === b.frameNumber;

type Locations = [ImageLocation, ...ImageLocation[]];

const locationOf = (frame: Frame): ImageLocation => ({
  study: frame.StudyInstanceUID,
  series: frame.SeriesInstanceUID,
  instance: frame.SOPInstanceUID,
  frame: frame.frameNumber,
});

function portions(asked: readonly Asked[]): Asked[][] {
  const all: Asked[][] = [];
  let bytes = 0;
  for (const one of asked) {
    const { rows, columns, samplesPerPixel, bitsAllocated } = one.frame.pixels;
    const size = (rows * columns * samplesPerPixel * bitsAllocated) / 8;
    const last = all.at(-1);
    if (last && last.length < MOST_FRAMES && bytes + size <= MOST_BYTES) {
      last.push(one);
      bytes += size;
    } else {
      all.push([one]);
      bytes = size;
    }
  }
  return all;
}
