import type { Socket } from 'node:net';
import { FilmlessError } from '@filmless/core/plugin';
import { toEvenLength } from './even-length.ts';
import { encodeFragmentHeader } from './pdu-encode.ts';

/** A data set on its way out. Exactly `lengthBytes` bytes must come. */
export interface OutgoingDataset {
  lengthBytes: number;
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** More than this waiting in the socket, and the sender waits too. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Larger PDUs gain nothing, whatever the peer would take. */
const MAX_FRAGMENT_BYTES = 256 * 1024;
const MIN_PEER_PDU_BYTES = 128;

export interface SenderEvents {
  /** The peer reads nothing any more. */
  stalled(): void;
  /** A message could not be sent to its end: the association is of no use any more. */
  broken(error: unknown): void;
}

/**
 * Sends messages one after another, in fragments the peer takes, no faster than it reads.
 * @dicom PS3.8 9.3.5
 */
export class PduSender {
  readonly #sendTimeoutMs: number;
  readonly #events: SenderEvents;
  #socket: Socket | undefined;
  #fragmentBytes = 0;
  #turn: Promise<void> = Promise.resolve();
  #queued = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(sendTimeoutMs: number, events: SenderEvents) {
    this.#sendTimeoutMs = sendTimeoutMs;
    this.#events = events;
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('drain', () => this.#wake?.());
  }

  /** @param peerMaxPduBytes what the peer announced; 0 = no limit */
  open(peerMaxPduBytes: number): void {
    const limit = peerMaxPduBytes === 0 ? MAX_FRAGMENT_BYTES : Math.max(peerMaxPduBytes, MIN_PEER_PDU_BYTES) - 6;
    this.#fragmentBytes = Math.min(limit, MAX_FRAGMENT_BYTES) & ~1;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Resolves when the socket has taken the message. Throws DEVICE_UNREACHABLE when the association has ended. */
  async send(contextId: number, command: Uint8Array, dataset?: Uint8Array | OutgoingDataset): Promise<void> {
    const small =
      command.length <= this.#fragmentBytes &&
      (!dataset || (dataset instanceof Uint8Array && dataset.length <= this.#fragmentBytes));
    if (small && this.#queued === 0 && !this.#mustWait()) {
      // The usual response: no turn to wait for, and one write.
      this.#socket?.cork();
      this.#fragment(contextId, true, true, command);
      if (dataset instanceof Uint8Array) this.#fragment(contextId, false, true, dataset);
      this.#socket?.uncork();
      return;
    }
    this.#queued += 1;
    const sending = this.#turn.then(() => this.#message(contextId, command, dataset));
    this.#turn = sending.then(
      () => {
        this.#queued -= 1;
      },
      (error: unknown) => {
        this.#queued -= 1;
        this.#events.broken(error);
      },
    );
    await sending;
  }

  async #message(
    contextId: number,
    command: Uint8Array,
    dataset: Uint8Array | OutgoingDataset | undefined,
  ): Promise<void> {
    this.#socket?.cork();
    try {
      await this.#part(contextId, true, { lengthBytes: command.length, chunks: [command] });
      if (!dataset) return;
      const part = dataset instanceof Uint8Array ? { lengthBytes: dataset.length, chunks: [dataset] } : dataset;
      if (part.lengthBytes === 0) this.#fragment(contextId, false, true, new Uint8Array(0));
      else await this.#part(contextId, false, toEvenLength(part));
    } finally {
      this.#socket?.uncork();
    }
  }

  async #part(contextId: number, command: boolean, part: OutgoingDataset): Promise<void> {
    let left = part.lengthBytes;
    for await (const chunk of part.chunks) {
      if (chunk.length > left) throw new FilmlessError('BLOB_CORRUPT', 'more bytes than announced');
      for (let start = 0; start < chunk.length; ) {
        const end = Math.min(start + this.#fragmentBytes, chunk.length);
        left -= end - start;
        this.#fragment(contextId, command, left === 0, chunk.subarray(start, end));
        start = end;
        if (this.#mustWait()) await this.#drained();
      }
    }
    if (left > 0) throw new FilmlessError('BLOB_CORRUPT', 'fewer bytes than announced');
  }

  #fragment(contextId: number, command: boolean, last: boolean, bytes: Uint8Array): void {
    const socket = this.#socket;
    if (this.#closed || !socket || socket.destroyed)
      throw new FilmlessError('DEVICE_UNREACHABLE', 'the association has ended');
    socket.cork();
    socket.write(encodeFragmentHeader(contextId, command, last, bytes.length));
    if (bytes.length > 0) socket.write(bytes);
    socket.uncork();
  }

  #mustWait(): boolean {
    return this.#closed || (this.#socket?.writableLength ?? 0) > HIGH_WATER_BYTES;
  }

  async #drained(): Promise<void> {
    const socket = this.#socket;
    // Corked bytes would never drain.
    while (socket && socket.writableCorked > 0) socket.uncork();
    if (!this.#closed && socket && socket.writableLength > HIGH_WATER_BYTES) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => this.#events.stalled(), this.#sendTimeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          this.#wake = undefined;
          resolve();
        };
      });
    }
    if (this.#closed) throw new FilmlessError('DEVICE_UNREACHABLE', 'the association has ended');
  }
}
