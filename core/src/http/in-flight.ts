import type { IncomingMessage, ServerResponse } from 'node:http';

const LINGER_MS = 2_000;
const LINGER_BYTES = 16 * 1024 * 1024;

/** The requests being answered, so that a stop can wait for them. */
export class InFlight {
  readonly #responses = new Set<ServerResponse>();
  #stopping = false;

  get size(): number {
    return this.#responses.size;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** The signal is aborted when the client leaves before its answer is whole. */
  add(request: IncomingMessage, response: ServerResponse): AbortSignal {
    const gone = new AbortController();
    this.#responses.add(response);
    response.once('finish', () => discardRest(request));
    response.once('close', () => {
      this.#responses.delete(response);
      if (!response.writableFinished) gone.abort();
    });
    return gone.signal;
  }

  /** No connection is kept for another request; streams of events, which have no end of their own, are cut. */
  beginStop(): void {
    this.#stopping = true;
    for (const response of this.#responses) {
      if (isEventStream(response)) response.destroy();
      else if (!response.headersSent) response.setHeader('Connection', 'close');
    }
  }
}

export function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('Content-Type') ?? '').startsWith('text/event-stream');
}

/**
 * A client that is still sending when it is answered (refused) can only read the answer if it is not cut off at once; so what it sends is
 * read and thrown away for a moment.
 */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  let sizeBytes = 0;
  const cut = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > LINGER_BYTES) request.socket.destroy();
  });
  request.once('error', () => request.socket.destroy());
  request.once('close', () => clearTimeout(cut));
  request.once('end', () => clearTimeout(cut));
  request.resume();
}
