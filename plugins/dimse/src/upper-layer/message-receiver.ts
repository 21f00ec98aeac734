import { ABORT, ProtocolViolation } from './pdu.ts';

/** Where the data set of one message goes. Bytes are valid until `flush` or `end` returns; without `flush`, during the call alone. */
export interface DataSink {
  /** A promise: take no more from the network until it is settled. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** What was given lies in a buffer that is used again after this call. A promise: take no more until it is settled. */
  flush?(): Promise<void> | undefined;
  /** The last byte was given. A promise: take no further message until it is settled. */
  end(): Promise<void> | undefined;
  /** The association ended before the data set did. */
  abort(): void;
}

export interface MessageHandler {
  /** True when the context was accepted. */
  hasContext(contextId: number): boolean;
  /** A whole command set; returns where its data set goes, undefined when none follows. */
  command(contextId: number, command: Uint8Array): DataSink | undefined;
  /** Reading must wait for this. */
  wait(promise: Promise<void>): void;
}

/** Puts the fragments of command sets together and passes those of data sets on. @dicom PS3.8 E.2, PS3.7 6.3.1 */
export class MessageReceiver {
  readonly #handler: MessageHandler;
  readonly #maxCommandBytes: number;
  #command: Uint8Array[] = [];
  #commandBytes = 0;
  #contextId = 0;
  #inCommand = false;
  #sink: DataSink | undefined;
  #fragment = { command: false, last: false };

  constructor(handler: MessageHandler, maxCommandBytes: number) {
    this.#handler = handler;
    this.#maxCommandBytes = maxCommandBytes;
  }

  /** True between the first fragment of a message and its last. */
  get insideMessage(): boolean {
    return this.#inCommand || this.#sink !== undefined;
  }

  fragment(contextId: number, command: boolean, last: boolean, lengthBytes: number): void {
    if (!this.#handler.hasContext(contextId))
      throw new ProtocolViolation(ABORT.INVALID_PARAMETER, `presentation context ${contextId} was not accepted`);
    if (this.insideMessage && contextId !== this.#contextId) {
      throw new ProtocolViolation(ABORT.INVALID_PARAMETER, 'fragments of two presentation contexts are mixed');
    }
    if (command && this.#sink)
      throw new ProtocolViolation(ABORT.UNEXPECTED_PARAMETER, 'a command came inside a data set');
    if (!command && !this.#sink)
      throw new ProtocolViolation(ABORT.UNEXPECTED_PARAMETER, 'a data set came without a command');
    if (command && this.#commandBytes + lengthBytes > this.#maxCommandBytes) {
      throw new ProtocolViolation(
        ABORT.INVALID_PARAMETER,
        `a command set is longer than ${this.#maxCommandBytes} bytes`,
      );
    }
    this.#contextId = contextId;
    this.#fragment.command = command;
    this.#fragment.last = last;
    if (command) this.#inCommand = true;
  }

  data(bytes: Uint8Array): void {
    if (this.#fragment.command) {
      this.#command.push(Uint8Array.from(bytes));
      this.#commandBytes += bytes.length;
      return;
    }
    const waiting = this.#sink?.write(bytes);
    if (waiting) this.#handler.wait(waiting);
  }

  fragmentEnd(): void {
    if (!this.#fragment.last) return;
    if (this.#fragment.command) {
      const [first] = this.#command;
      const command = this.#command.length === 1 && first ? first : Buffer.concat(this.#command);
      this.#command = [];
      this.#commandBytes = 0;
      this.#inCommand = false;
      this.#sink = this.#handler.command(this.#contextId, command);
      return;
    }
    const sink = this.#sink;
    this.#sink = undefined;
    const waiting = sink?.end();
    if (waiting) this.#handler.wait(waiting);
  }

  /** The buffer that the last bytes lay in is about to be used again. */
  flush(): void {
    const waiting = this.#sink?.flush?.();
    if (waiting) this.#handler.wait(waiting);
  }

  /** The association ended. */
  abort(): void {
    this.#sink?.abort();
    this.#sink = undefined;
    this.#command = [];
  }
}

/** Collects a data set that is held whole: identifiers, never images. */
export class BufferSink implements DataSink {
  readonly #maxBytes: number;
  readonly #done: (bytes: Uint8Array) => Promise<void> | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number, done: (bytes: Uint8Array) => Promise<void> | undefined) {
    this.#maxBytes = maxBytes;
    this.#done = done;
  }

  write(bytes: Uint8Array): undefined {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes)
      throw new ProtocolViolation(ABORT.NOT_SPECIFIED, `an identifier is longer than ${this.#maxBytes} bytes`);
    this.#chunks.push(Uint8Array.from(bytes));
    return undefined;
  }

  end(): Promise<void> | undefined {
    return this.#done(Buffer.concat(this.#chunks));
  }

  abort(): void {
    this.#chunks = [];
  }
}

/** Takes a data set that nobody wants, so that the association can go on. */
export class DiscardSink implements DataSink {
  readonly #done: () => Promise<void> | undefined;

  constructor(done: () => Promise<void> | undefined) {
    this.#done = done;
  }

  write(): undefined {
    return undefined;
  }

  end(): Promise<void> | undefined {
    return this.#done();
  }

  abort(): void {}
}
