import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { FilmlessError } from '@filmless/core/plugin';
import { fingerprintOf, type NodeIdentity } from './node-identity.ts';

const CONNECT_MS = 10_000;
/** Nothing came for so long: the connection is dead, whatever TCP believes. */
const SILENCE_MS = 20_000;

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
    request.signal?.throwIfAborted();
    const session = await this.#open();
    return new Promise((resolve, reject) => {
      const stream = session.request(
        {
          [constants.HTTP2_HEADER_METHOD]: request.method,
          [constants.HTTP2_HEADER_PATH]: request.path,
          ...request.headers,
        },
        { ...(request.signal && { signal: request.signal }), endStream: request.body === undefined },
      );
      stream.setTimeout(SILENCE_MS, () => {
        // Other streams of the same connection hear nothing either.
        session.destroy();
        stream.destroy(new FilmlessError('UNAVAILABLE', 'The other node is silent'));
      });
      stream.once('response', (headers) => resolve({ status: headers[':status'] ?? 0, headers, body: stream }));
      stream.once('error', (error) => reject(unavailable(error)));
      stream.once('close', () => reject(unavailable(undefined)));
      if (request.body !== undefined) stream.end(request.body);
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
    const body = await buffer(reply.body);
    return new Response(body, { status: reply.status, headers: { 'content-type': 'application/json' } });
  };

  /** @throws what the other node refused with, as UNAVAILABLE */
  async json(method: string, path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
    const reply = await this.request({ method, path, ...(body && { body: JSON.stringify(body) }), signal });
    const text = (await buffer(reply.body)).toString('utf8');
    if (reply.status >= 300) throw new FilmlessError('UNAVAILABLE', `The other node answered ${reply.status}`);
    return JSON.parse(text);
  }

  close(): void {
    this.#isClosed = true;
    this.#session?.then((session) => session.destroy()).catch(() => undefined);
  }

  #open(): Promise<ClientHttp2Session> {
    if (this.#isClosed) throw new FilmlessError('UNAVAILABLE', 'The link is closed');
    if (this.#session) return this.#session;
    const opening = this.#connect();
    this.#session = opening;
    const forget = () => {
      if (this.#session === opening) this.#session = undefined;
    };
    opening.then((session) => session.once('close', forget), forget);
    return opening;
  }

  async #connect(): Promise<ClientHttp2Session> {
    const socket = await this.#greet();
    const session = connect(`https://${this.#peer.address}`, { createConnection: () => socket });
    // Whoever waits on a stream is told there; without a listener the process would end.
    session.on('error', () => undefined);
    session.on('goaway', () => session.close());
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
      socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('timeout')));
      socket.once('error', (error) => reject(unavailable(error)));
      socket.once('close', () => reject(unavailable(undefined)));
      socket.once('secureConnect', () => {
        socket.setTimeout(0);
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
