import { FilmlessError } from '@filmless/core/plugin';

const CRLF = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const LARGEST_HEAD_BYTES = 64 * 1024;
const DASH = 0x2d;

/** The bytes of a multipart message, read forward as they come. @see RFC 2046 5.1.1 */
export class MultipartInput {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  readonly #signal: AbortSignal;
  /** What has come and was not given on yet. A message may begin with its delimiter, which elsewhere follows a line. */
  #bytes: Buffer = CRLF;

  constructor(source: AsyncIterable<Uint8Array>, boundary: string, signal: AbortSignal) {
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#signal = signal;
  }

  /** Header lines of the next part, after {@link body} was read to its end; undefined when there are no more parts. */
  async head(): Promise<Record<string, string> | undefined> {
    while (this.#bytes.length < 2) await this.#more();
    if (this.#bytes[0] === DASH && this.#bytes[1] === DASH) return undefined;
    let end = this.#bytes.indexOf(HEAD_END);
    while (end < 0) {
      if (this.#bytes.length > LARGEST_HEAD_BYTES)
        throw new FilmlessError('INVALID_REQUEST', 'the head of a part is too long');
      await this.#more();
      end = this.#bytes.indexOf(HEAD_END);
    }
    const head = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(end + HEAD_END.length);
    return parseHead(head);
  }

  /** Everything up to the next delimiter. INVALID_REQUEST when the message ends before. */
  async *body(): AsyncGenerator<Buffer> {
    let searched = 0;
    for (;;) {
      const at = this.#bytes.indexOf(this.#delimiter, searched);
      if (at < 0) {
        const keep = this.#bytes.length - this.#possibleStart();
        const safe = this.#bytes.subarray(0, this.#bytes.length - keep);
        this.#bytes = this.#bytes.subarray(safe.length);
        searched = 0;
        if (safe.length > 0) yield safe;
        await this.#more();
        continue;
      }
      const after = at + this.#delimiter.length;
      while (this.#bytes.length < after + 2) await this.#more();
      if (this.#endsDelimiter(after)) {
        const rest = this.#bytes.subarray(0, at);
        this.#bytes = this.#bytes.subarray(after);
        if (rest.length > 0) yield rest;
        return;
      }
      // Longer than the boundary: data.
      searched = at + 1;
    }
  }

  /** The closing dashes, or the end of the line, with blanks before it. */
  #endsDelimiter(at: number): boolean {
    const [first, second] = [this.#bytes[at], this.#bytes[at + 1]];
    return (
      (first === DASH && second === DASH) || (first === 0x0d && second === 0x0a) || first === 0x20 || first === 0x09
    );
  }

  /** Where at the end of what there is a delimiter may begin. */
  #possibleStart(): number {
    const bytes = this.#bytes;
    for (
      let at = bytes.indexOf(0x0d, Math.max(0, bytes.length - this.#delimiter.length + 1));
      at >= 0;
      at = bytes.indexOf(0x0d, at + 1)
    ) {
      if (this.#delimiter.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at;
    }
    return bytes.length;
  }

  async #more(): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(new FilmlessError('INVALID_REQUEST', 'the client went away'));
    if (this.#signal.aborted) onAbort();
    this.#signal.addEventListener('abort', onAbort, { once: true });
    try {
      const { value, done } = await Promise.race([this.#source.next(), aborted]);
      if (done) throw new FilmlessError('INVALID_REQUEST', 'the multipart message ends early or is not well-formed');
      const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    } catch (error) {
      throw error instanceof FilmlessError
        ? error
        : new FilmlessError('INVALID_REQUEST', 'the request ended before its body did', { cause: error });
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
    }
  }
}

/** Names in lower case. The rest of the delimiter's line comes before the first header. */
function parseHead(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}
