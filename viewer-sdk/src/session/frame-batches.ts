import type { DicomWebClient, EncodedFrame } from '../client/dicomweb-client.ts';
import { PRIORITY } from '../client/request-queue.ts';
import type { Frame } from '../dicom/frame.ts';

/**
 * Several frames of one instance in one request, for what is loaded ahead. Measured with ultrasound and angiography runs of 0.3–0.9 MB a
 * frame on four connections: on a local network and at 100 Mbit/s and 5 ms, eight at once take half to two thirds of the time of one at
 * a time; at 20 Mbit/s the line is the limit and nothing is won, while whoever jumps to a frame would wait for the others with it. So the
 * number follows the pace. Instances of one frame have no such request: their series as a whole is Part 10 files. Whether that would be faster was not measured.
 */
const MOST_FRAMES = 8;
/** A request may take about this long; with slower lines it is one frame. */
const AIM_MS = 250;
/** Answers that nobody came for are dropped beyond this. */
const MOST_WAITING = 32;

interface Waiting {
  readonly answer: Promise<EncodedFrame>;
  arrived: boolean;
}

export class FrameBatches {
  readonly #client: DicomWebClient;
  readonly #signal: AbortSignal;
  /** Frames that came along with another one, by instance and number. */
  readonly #waiting = new Map<string, Waiting>();
  /** Frames that were handed out: not asked for again on the way. */
  readonly #given = new Set<string>();
  /** What a frame took last, in ms; nothing is known at first. */
  #paceMs = AIM_MS;

  /** @param signal ends every request */
  constructor(client: DicomWebClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** A frame that came along with another one. @param urgent those still on their way are not waited for */
  take(frame: Frame, urgent: boolean): Promise<EncodedFrame> | undefined {
    const key = keyOf(frame, frame.frameNumber);
    const waiting = this.#waiting.get(key);
    if (!waiting || (urgent && !waiting.arrived)) return undefined;
    this.#waiting.delete(key);
    this.#given.add(key);
    return waiting.answer;
  }

  /** Notes what a request for one frame took. */
  note(frame: Frame, tookMs: number): void {
    this.#given.add(keyOf(frame, frame.frameNumber));
    this.#paceMs = tookMs;
  }

  /** Asks for a frame and those after it. @returns `undefined` when it is better asked for alone */
  ask(frame: Frame): Promise<EncodedFrame> | undefined {
    const most = Math.min(MOST_FRAMES, Math.floor(AIM_MS / Math.max(1, this.#paceMs)));
    const numbers = this.#next(frame, most);
    if (numbers.length < 2) return undefined;
    const { StudyInstanceUID: study, SeriesInstanceUID: series, SOPInstanceUID: instance } = frame;
    const startedAt = performance.now();
    const all = this.#client.frames({ study, series, instance }, numbers, {
      signal: this.#signal,
      ticket: { priority: PRIORITY.prefetch },
    });
    numbers.forEach((number, index) => {
      const answer = all.then((frames) => frames[index] as EncodedFrame);
      const waiting: Waiting = { answer, arrived: false };
      answer.then(
        () => {
          waiting.arrived = true;
        },
        // Whoever wants it asks for it alone.
        () => this.#waiting.delete(keyOf(frame, number)),
      );
      if (index > 0) this.#waiting.set(keyOf(frame, number), waiting);
    });
    for (const key of [...this.#waiting.keys()].slice(0, Math.max(0, this.#waiting.size - MOST_WAITING)))
      this.#waiting.delete(key);
    this.#given.add(keyOf(frame, frame.frameNumber));
    return all.then((frames) => {
      this.#paceMs = (performance.now() - startedAt) / numbers.length;
      return frames[0] as EncodedFrame;
    });
  }

  /** The frame's number and those after it that nobody has or waits for. */
  #next(frame: Frame, most: number): number[] {
    const numbers = [frame.frameNumber];
    for (let number = frame.frameNumber + 1; number <= frame.numberOfFrames && numbers.length < most; number += 1) {
      const key = keyOf(frame, number);
      if (this.#given.has(key) || this.#waiting.has(key)) break;
      numbers.push(number);
    }
    return numbers;
  }
}

const keyOf = ({ SOPInstanceUID }: Frame, number: number): string => `${SOPInstanceUID}/${number}`;
