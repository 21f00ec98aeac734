import { Readable } from 'node:stream';
import { MultipartInput } from './multipart-input.ts';

export interface ReceivedPart {
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Fails (never simply ends) when the message ends before the part does. */
  stream: Readable;
}

/**
 * The parts of a multipart/related request as they come: nothing is read before someone asks for it, and what a consumer leaves of a part
 * is passed over. INVALID_REQUEST when the message is not well-formed or ends early.
 *
 * Our own, because form parsers push: they report a message cut short after handing out its parts, when these may not be read yet.
 * @dicom PS3.18 8.6.1.2.2; RFC 2046 5.1
 */
export async function* readMultipart(
  source: Readable,
  boundary: string,
  signal: AbortSignal,
): AsyncGenerator<ReceivedPart> {
  const input = new MultipartInput(source, boundary, signal);
  // What comes before the first delimiter means nothing.
  for await (const _ of input.body());
  for (let headers = await input.head(); headers; headers = await input.head()) {
    const body = new PartBody(input);
    // By chunks and not by bytes: a byte stream would join what waits into larger buffers.
    const stream = Readable.from(body.chunks(), { highWaterMark: 4 });
    // Whoever reads it sees the error; that nobody does must not end the process.
    stream.on('error', () => undefined);
    yield { headers, stream };
    stream.destroy();
    await body.passOver();
  }
}

/** Reads one part's bytes exactly once, by its stream or by passing over them. */
class PartBody {
  readonly #bytes: AsyncGenerator<Buffer>;
  readonly #left = Promise.withResolvers<void>();
  #started = false;

  constructor(input: MultipartInput) {
    this.#bytes = input.body();
  }

  async *chunks(): AsyncGenerator<Buffer> {
    this.#started = true;
    try {
      for (let next = await this.#bytes.next(); !next.done; next = await this.#bytes.next()) yield next.value;
    } finally {
      this.#left.resolve();
    }
  }

  /** Call after the stream was destroyed. Fails as the stream did when the message ended early. */
  async passOver(): Promise<void> {
    if (this.#started) await this.#left.promise;
    for await (const _ of this.#bytes);
  }
}
