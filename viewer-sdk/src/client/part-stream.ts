import { headerParameters, indexOf, MultipartError, parseMultipart, partHeaders } from './multipart.ts';

/** A part as it arrives; its body is in a buffer of its own. */
export interface ArrivedPart {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Fetches answers and reads their parts somewhere else than in the page's own thread. */
export interface PartReader {
  /** As the global `fetch` with `credentials: 'same-origin'`; of a success, the parts are had by `parts` alone. */
  fetch(url: string, init: { headers: Headers; signal?: AbortSignal }): Promise<Response>;
  /** The parts of an answer that it fetched; `undefined` for one that has to be read here. */
  parts(response: Response): AsyncIterable<ArrivedPart> | undefined;
}

/** Enough for a boundary and a part's headers; what of the body comes along is copied. */
const HEAD_BYTES = 1024;
/** Headers longer than this are none. */
const MOST_HEAD_BYTES = 64 * 1024;
/** Announced sizes above this are not believed: the body is gathered as it comes. */
const MOST_BODY_BYTES = 512 * 1024 ** 2;
const LINE_END_BYTES = 2;
const HEAD_END = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a]);

/**
 * The parts of a multipart/related answer, each as soon as it is there. A part that says its length is read straight into the buffer it is
 * delivered in: fresh memory and copies are what large answers cost most. Other parts, and answers of another type, are gathered first.
 * @throws MultipartError when the body is not what its Content-Type says, or ends early
 * @dicom PS3.18 8.6.1.2.1
 */
export async function* arrivingParts(response: Response): AsyncGenerator<ArrivedPart> {
  const contentType = response.headers.get('content-type') ?? '';
  const { body } = response;
  const boundary = headerParameters(contentType).get('boundary');
  if (!body || !boundary || !/^\s*multipart\//i.test(contentType)) {
    for (const part of parseMultipart(contentType, new Uint8Array(await response.arrayBuffer()))) yield owned(part);
    return;
  }
  const input = new Input(body);
  try {
    const delimiter = new TextEncoder().encode(`--${boundary}`);
    for (let between = MOST_HEAD_BYTES; ; between = LINE_END_BYTES) {
      const head = await readHead(input, delimiter, between);
      if (!head) {
        await input.end();
        return;
      }
      if (head.lengthBytes === undefined) {
        const rest = await input.rest(head.before);
        for (const part of parseMultipart(contentType, rest)) yield owned(part);
        return;
      }
      yield { headers: head.headers, body: await input.take(head.lengthBytes) };
    }
  } finally {
    input.close();
  }
}

interface Head {
  readonly headers: ReadonlyMap<string, string>;
  /** `undefined`: it has to be looked for. */
  readonly lengthBytes: number | undefined;
  /** The head itself, for whoever reads on another way. */
  readonly before: Uint8Array<ArrayBuffer>;
}

/**
 * Reads up to the first byte of the next part; `undefined` at the last boundary.
 * @param between most bytes before the boundary: a preamble before the first, a line end before others
 */
async function readHead(input: Input, delimiter: Uint8Array, between: number): Promise<Head | undefined> {
  for (let seen = await input.peek(0); ; seen = await input.peek(seen.length)) {
    const start = indexOf(seen, delimiter, 0);
    const after = start + delimiter.length;
    if (start > between) throw new MultipartError('multipart answer with a part longer than it says');
    if (start >= 0 && seen[after] === 0x2d && seen[after + 1] === 0x2d) return undefined;
    const end = start < 0 ? -1 : indexOf(seen, HEAD_END, after);
    if (end >= 0) {
      const headers = partHeaders(seen.subarray(after, end));
      const declared = Number(headers.get('content-length'));
      const known = Number.isInteger(declared) && declared > 0 && declared <= MOST_BODY_BYTES;
      const before = seen.slice(0, end + HEAD_END.length);
      input.skip(before.length);
      return { headers, lengthBytes: known ? declared : undefined, before };
    }
    if (input.ended || seen.length > MOST_HEAD_BYTES) throw new MultipartError('multipart answer cut off in a header');
  }
}

const owned = ({ headers, body }: ArrivedPart): ArrivedPart => ({ headers, body: body.slice() });

/** The bytes of a body, read into the reader's own buffers where the browser can do that. */
class Input {
  readonly #byob: ReadableStreamBYOBReader | undefined;
  readonly #plain: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  /** Read and not yet taken. */
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array();
  #ended = false;

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    try {
      this.#byob = body.getReader({ mode: 'byob' });
    } catch {
      // Not every browser's answers are byte streams.
      this.#plain = body.getReader();
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What is there and not taken: more than `moreThan` bytes, unless the body has ended. */
  async peek(moreThan: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#kept.length <= moreThan && !this.#ended) {
      const chunk = await this.#read(new Uint8Array(HEAD_BYTES));
      if (chunk) this.#kept = joined([this.#kept, chunk]);
    }
    return this.#kept;
  }

  skip(count: number): void {
    this.#kept = this.#kept.subarray(count);
  }

  /** Exactly so many bytes. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    let buffer = new ArrayBuffer(length);
    const first = this.#kept.subarray(0, length);
    new Uint8Array(buffer).set(first);
    this.skip(first.length);
    for (let at = first.length; at < length; ) {
      const chunk = await this.#read(new Uint8Array(buffer, at));
      if (!chunk) throw new MultipartError('multipart answer cut off in a part');
      if (this.#byob) buffer = chunk.buffer;
      else {
        const some = chunk.subarray(0, length - at);
        new Uint8Array(buffer).set(some, at);
        this.#kept = chunk.subarray(some.length);
      }
      at += Math.min(chunk.length, length - at);
    }
    return new Uint8Array(buffer);
  }

  /** All that is still to come, behind `before`. */
  async rest(before: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const chunks = [before, this.#kept];
    for (;;) {
      const chunk = await this.#read(new Uint8Array(HEAD_BYTES * 64));
      if (!chunk) return joined(chunks);
      chunks.push(chunk);
    }
  }

  /** Reads what follows the last boundary: a request that is given up before its very end costs its connection. */
  async end(): Promise<void> {
    while (!this.#ended) await this.#read(new Uint8Array(HEAD_BYTES));
  }

  /** Whoever leaves early ends the request. */
  close(): void {
    if (!this.#ended) void (this.#byob ?? this.#plain)?.cancel().catch(() => undefined);
  }

  async #read(into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { done, value } = this.#byob ? await this.#byob.read(into) : await this.#plain!.read();
    if (done) this.#ended = true;
    return done ? undefined : value;
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
