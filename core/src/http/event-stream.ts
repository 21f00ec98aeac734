import { Readable } from 'node:stream';
import type { Disposable } from '../disposable.ts';
import type { HttpReply } from './contract.ts';

/** A client that does not read is let go when so much waits for it. */
const MAX_WAITING_BYTES = 256 * 1024;
const RETRY_MS = 3_000;

/** One client's stream of server-sent events. Ends when the client leaves. */
export class EventStream {
  readonly #body: Readable;
  readonly #ping: NodeJS.Timeout;

  constructor(options: { pingMs: number; signal: AbortSignal }) {
    this.#body = new Readable({ highWaterMark: MAX_WAITING_BYTES, read: () => undefined });
    this.#ping = setInterval(() => this.send('ping', {}), options.pingMs);
    this.#body.once('close', () => clearInterval(this.#ping));
    this.#body.push(`retry: ${RETRY_MS}\n\n`);
    if (options.signal.aborted) this.close();
    else options.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** `data` is sent as JSON, which has no line breaks. */
  send(event: string, data: object): void {
    if (this.#body.destroyed) return;
    if (!this.#body.push(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)) this.close();
  }

  close(): void {
    clearInterval(this.#ping);
    this.#body.destroy();
  }

  onClose(registration: Disposable): void {
    this.#body.once('close', () => void registration.dispose());
  }

  reply(): HttpReply {
    return {
      status: 200,
      headers: {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      },
      body: this.#body,
      noCompression: true,
    };
  }
}
