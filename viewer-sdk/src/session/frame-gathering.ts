import type { DicomWebClient, EncodedFrame } from '../client/dicomweb-client.ts';
import { PRIORITY } from '../client/request-queue.ts';
import type { ImageLocation } from '../client/urls.ts';
import type { Frame } from '../dicom/frame.ts';
import { isAbort } from '../errors.ts';

const MOST_FRAMES = 32;
/** Larger answers would hold up whoever waits for one of their frames, and the memory of a small PC. */
const MOST_BYTES = 8 * 1024 ** 2;

interface Asked {
  readonly frame: Frame;
  readonly signal: AbortSignal;
  readonly resolve: (answer: EncodedFrame | Promise<EncodedFrame>) => void;
  readonly reject: (error: unknown) => void;
}

/** Frames that are asked for in the same turn come in one request, as far as they are of one series, or of one instance with several. */
export class FrameGathering {
  readonly #client: DicomWebClient;
  readonly #alone: (frame: Frame, signal: AbortSignal) => Promise<EncodedFrame>;
  readonly #asked = new Map<string, Asked[]>();

  /** @param alone asks for one frame */
  constructor(client: DicomWebClient, alone: (frame: Frame, signal: AbortSignal) => Promise<EncodedFrame>) {
    this.#client = client;
    this.#alone = alone;
  }

  ask(frame: Frame, signal: AbortSignal): Promise<EncodedFrame> {
    return new Promise((resolve, reject) => {
      const { SeriesInstanceUID, SOPInstanceUID, numberOfFrames } = frame;
      const key = numberOfFrames > 1 ? SOPInstanceUID : SeriesInstanceUID;
      const asked = this.#asked.get(key) ?? [];
      if (asked.push({ frame, signal, resolve, reject }) > 1) return;
      this.#asked.set(key, asked);
      queueMicrotask(() => {
        this.#asked.delete(key);
        for (const some of portions(asked)) this.#send(some);
      });
    });
  }

  #send(asked: readonly Asked[]): void {
    const alone = ({ frame, signal, resolve }: Asked): void => resolve(this.#alone(frame, signal));
    const [first] = asked;
    if (asked.length === 1 && first) {
      alone(first);
      return;
    }
    const controller = new AbortController();
    for (const { signal } of asked)
      signal.addEventListener('abort', () => {
        if (asked.every((one) => one.signal.aborted)) controller.abort(signal.reason);
      });
    const options = { signal: controller.signal, ticket: { priority: PRIORITY.prefetch } };
    this.#client.frames(asked.map(({ frame }) => locationOf(frame)) as Locations, options).then(
      (answers) => {
        for (const [index, { resolve }] of asked.entries()) resolve(answers[index] as EncodedFrame);
      },
      (error: unknown) => {
        // One bad frame spoils the answer of all: alone, it alone fails.
        for (const one of asked) {
          if (isAbort(error)) one.reject(error);
          else alone(one);
        }
      },
    );
  }
}

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
