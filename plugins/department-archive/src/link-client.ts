import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Readable } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { FilmlessError } from '@filmless/core/plugin';
import { z } from 'zod';
import { CONNECTION_WINDOW_BYTES, keepAlive, SETTINGS } from './connection.ts';
import { fingerprintOf, type NodeIdentity } from './node-identity.ts';

const refusalSchema = z.object({
  code: z.enum(['FORBIDDEN', 'CONFLICT', 'INVALID_REQUEST']),
  detail: z.string().max(500).optional(),
});
const CONNECT_MS = 10_000;
const ANSWER_MS = 120_000;

export interface LinkReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
}

export interface LinkRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** How long the other node may take until it begins to answer. */
  answerWithinMs?: number | undefined;
}

/** One connection to another node, opened when needed; the node is known by its certificate. Errors: UNAVAILABLE. */
export class LinkClient {
  readonly #peer: { address: string; fingerprint: string };
  readonly #identity: NodeIdentity;
  #session: Promise<ClientHttp2Session> | undefined;
  #isClosed = false;

  constructor(peer: { address: string; fingerprint: string }, identity: NodeIdentity) {
    this.#peer = peer;
    this.#identity = identity;
  }

  async request(request: LinkRequest): Promise<LinkReply> {
    const { method, path, headers, body, signal, answerWithinMs = ANSWER_MS } = request;
    signal?.throwIfAborted();
    const session = await this.#open();
    return new Promise((resolve, reject) => {
      const stream = session.request(
        { [constants.HTTP2_HEADER_METHOD]: method, [constants.HTTP2_HEADER_PATH]: path, ...headers },
        { ...(signal && { signal }), endStream: body === undefined },
      );
      const late = setTimeout(
        () => stream.destroy(new FilmlessError('UNAVAILABLE', 'The other node does not answer')),
        answerWithinMs,
      );
      stream.once('response', (received) => {
        clearTimeout(late);
        resolve({ status: received[':status'] ?? 0, headers: received, body: stream });
      });
      stream.once('error', (error) => reject(unavailable(error)));
      stream.once('close', () => {
        clearTimeout(late);
        reject(unavailable(undefined));
      });
      if (body !== undefined) stream.end(body);
    });
  }

  /** As the platform's `fetch` does, for replication. */
  readonly fetch = async (url: string | URL | Request, options: RequestInit = {}): Promise<Response> => {
    const { pathname, search } = new URL(url instanceof Request ? url.url : url);
    const reply = await this.request({
      method: options.method ?? 'GET',
      path: pathname + search,
      headers: { 'content-type': 'application/json' },
      ...(options.body !== undefined && options.body !== null && { body: String(options.body) }),
      signal: options.signal ?? undefined,
    });
    const body = await readAll(reply);
    return new Response(body, { status: reply.status, headers: { 'content-type': 'application/json' } });
  };

  /** @throws what the other node refused with, as UNAVAILABLE */
  async json(method: string, path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
    const reply = await this.request({ method, path, ...(body && { body: JSON.stringify(body) }), signal });
    const text = (await readAll(reply)).toString('utf8');
    if (reply.status >= 300) throw new FilmlessError('UNAVAILABLE', `The other node answered ${reply.status}`);
    return JSON.parse(text);
  }

  /** Asks to be let in. @throws FORBIDDEN, CONFLICT, INVALID_REQUEST as the other node refuses, UNAVAILABLE when it cannot be reached */
  async join(body: object): Promise<unknown> {
    const reply = await this.request({ method: 'POST', path: '/join', body: JSON.stringify(body) });
    const answer: unknown = JSON.parse((await readAll(reply)).toString('utf8'));
    if (reply.status === 200) return answer;
    const { success, data } = refusalSchema.safeParse(answer);
    if (success) throw new FilmlessError(data.code, data.detail);
    throw new FilmlessError('UNAVAILABLE', `The other node answered ${reply.status}`);
  }

  /** Resolves when the connection that is open now has ended; at once when none is. */
  async closed(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    if (!session || session.destroyed) return;
    await new Promise((resolve) => session.once('close', resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#session?.then((session) => session.destroy()).catch(() => undefined);
  }

  async #open(): Promise<ClientHttp2Session> {
    if (this.#isClosed) throw new FilmlessError('UNAVAILABLE', 'The link is closed');
    this.#session ??= this.#connect();
    const opening = this.#session;
    const forget = () => {
      if (this.#session === opening) this.#session = undefined;
    };
    try {
      const session = await opening;
      if (!session.closed && !session.destroyed) return session;
    } catch (error) {
      forget();
      throw unavailable(error);
    }
    // It has ended, or takes nothing more: whoever comes now gets another one.
    forget();
    return this.#open();
  }

  async #connect(): Promise<ClientHttp2Session> {
    const socket = await this.#greet();
    const session = connect(`https://${this.#peer.address}`, { createConnection: () => socket, settings: SETTINGS });
    // Whoever waits on a stream is told there; without a listener the process would end.
    session.on('error', () => undefined);
    session.on('goaway', () => session.close());
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    keepAlive(session);
    return session;
  }

  /** A connection to the right node, before anything was said to it. */
  #greet(): Promise<TLSSocket> {
    const at = this.#peer.address.lastIndexOf(':');
    const { key, cert } = this.#identity;
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        host: this.#peer.address.slice(0, at),
        port: Number(this.#peer.address.slice(at + 1)),
        ALPNProtocols: ['h2'],
        minVersion: 'TLSv1.3',
        key,
        cert,
        // No authority vouches for it: its hash is compared below.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      });
      // By the clock and not by silence: a line that lets a byte through now and then is none.
      const late = setTimeout(() => socket.destroy(new Error('timeout')), CONNECT_MS);
      socket.once('error', (error) => reject(unavailable(error)));
      socket.once('close', () => {
        clearTimeout(late);
        reject(unavailable(undefined));
      });
      socket.once('secureConnect', () => {
        clearTimeout(late);
        const { raw } = socket.getPeerCertificate();
        if (raw && fingerprintOf(raw) === this.#peer.fingerprint) return resolve(socket);
        socket.destroy();
        reject(new FilmlessError('UNAVAILABLE', 'Another node than the one that joined answers at this address'));
      });
    });
  }
}

function unavailable(cause: unknown): FilmlessError {
  if (cause instanceof FilmlessError) return cause;
  return new FilmlessError('UNAVAILABLE', 'The other node cannot be reached', { cause });
}

/** Whole is what has as many bytes as were promised, however the stream ended. @throws UNAVAILABLE */
async function readAll({ headers, body }: LinkReply): Promise<Buffer<ArrayBuffer>> {
  const promised = Number(headers['content-length'] ?? Number.NaN);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      const bytes = Buffer.from(chunk);
      sizeBytes += bytes.length;
      chunks.push(bytes);
    }
  } catch (error) {
    if (sizeBytes !== promised) throw unavailable(error);
  }
  if (sizeBytes < promised) throw unavailable(undefined);
  return Buffer.concat(chunks);
}
