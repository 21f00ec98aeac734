import type { DicomWebClient, EncodedFrame } from '../client/dicomweb-client.ts';
import type { PartReader } from '../client/part-stream.ts';
import { PRIORITY, type Ticket } from '../client/request-queue.ts';
import type { Frame, LutSource } from '../dicom/frame.ts';
import { type JsonElement, numbers, TAG } from '../dicom/json.ts';
import { expandSegments, lutFromBytes, lutFromNumbers } from '../dicom/lut.ts';
import type { FrameSource } from '../engine/contract.ts';
import { FrameGathering, sameFrame } from './frame-gathering.ts';

/** Longer than this for one frame is a slow line, or a large image. */
const SLOW_MS = 500;

/** The engine's way to the client of one opened target. */
export class ClientFrameSource implements FrameSource {
  readonly key: string;
  readonly #client: DicomWebClient;
  readonly #tables = new WeakMap<JsonElement, Promise<Uint16Array<ArrayBuffer>>>();
  readonly #controller = new AbortController();
  readonly #gathering: FrameGathering;
  /** What the last frame that somebody waited for took. */
  #waitedMs = 0;
  #primed: { readonly frame: Frame; readonly answer: Promise<EncodedFrame> } | undefined;

  constructor(client: DicomWebClient) {
    this.#client = client;
    this.key = client.urls.server;
    this.#gathering = new FrameGathering(client, (frame, priority, signal) => this.#fetch(frame, { priority }, signal));
  }

  /** Whether stored pixels take so long that the server's picture is worth its request. */
  get slow(): boolean {
    return this.#waitedMs > SLOW_MS;
  }

  /** Asks for a frame before the engine is there to ask for it. */
  prime(frame: Frame): void {
    if (this.#primed && sameFrame(this.#primed.frame, frame)) return;
    const answer = this.#fetch(frame, { priority: PRIORITY.now }, this.#controller.signal);
    answer.catch(() => undefined);
    this.#primed = { frame, answer };
  }

  frame(frame: Frame, ticket: Ticket, signal: AbortSignal): Promise<EncodedFrame> {
    const primed = this.#primed;
    if (!primed || !sameFrame(primed.frame, frame))
      return ticket.priority < PRIORITY.prefetch
        ? this.#fetch(frame, ticket, signal)
        : this.#gathering.ask(frame, signal);
    // Its bytes go to a worker and are gone: it serves once.
    this.#primed = undefined;
    return primed.answer;
  }

  useReader(reader: PartReader): void {
    this.#gathering.reader = reader;
  }

  hasten(frame: Frame): void {
    this.#gathering.hasten(frame);
  }

  /** All frames of an instance share its tables: each is fetched once, for whoever asks. */
  lut(source: LutSource): Promise<Uint16Array<ArrayBuffer>> {
    const known = this.#tables.get(source.data);
    if (known) return known;
    const table = this.#readTable(source);
    this.#tables.set(source.data, table);
    table.catch(() => this.#tables.delete(source.data));
    return table;
  }

  dispose(): void {
    this.#controller.abort();
    this.#primed = undefined;
  }

  #fetch(
    { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, frameNumber }: Frame,
    ticket: Ticket,
    signal: AbortSignal,
  ): Promise<EncodedFrame> {
    const location = {
      study: StudyInstanceUID,
      series: SeriesInstanceUID,
      instance: SOPInstanceUID,
      frame: frameNumber,
    };
    const urgent = ticket.priority < PRIORITY.prefetch;
    const startedAt = performance.now();
    const answer = this.#client.frame(location, { ticket, signal });
    answer.then(
      () => {
        if (urgent) this.#waitedMs = performance.now() - startedAt;
      },
      () => undefined,
    );
    return answer;
  }

  async #readTable({ data, descriptor, segmented }: LutSource): Promise<Uint16Array<ArrayBuffer>> {
    if (data.Value) return lutFromNumbers(numbers({ [TAG.LUTData]: data }, 'LUTData'), descriptor);
    const bytes = await this.#client.binary(data, { signal: this.#controller.signal });
    if (!segmented) return lutFromBytes(bytes, descriptor);
    return expandSegments(new Uint16Array(bytes.slice(0, bytes.length - (bytes.length % 2)).buffer), descriptor[0]);
  }
}
