import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { ERRORS, FilmlessError, type Logger } from '@filmless/core/plugin';
import { z } from 'zod';
import { CONNECTION_WINDOW_BYTES, keepAlive, SETTINGS } from './connection.ts';
import { fingerprintOf, type NodeIdentity } from './node-identity.ts';
import type { Peer } from './peers.ts';

const TOLD_AGAIN_MS = 3600_000;
const MOST_ADDRESSES = 1_000;
const MOST_BODY_BYTES = 64 * 1024 * 1024;

export interface LinkCall {
  method: string;
  /** Without its query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Undefined for a node that is not known: it may join and nothing else. */
  peer: Peer | undefined;
  fingerprint: string;
  address: string;
  signal: AbortSignal;
  json(): Promise<unknown>;
}

export interface LinkAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: object | Readable;
}

interface Options {
  identity: NodeIdentity;
  host: string;
  port: number;
  peerOf(fingerprint: string): Peer | undefined;
  handle(call: LinkCall): Promise<LinkAnswer>;
  /** A certificate that nobody knows was refused. */
  onRefused(fingerprint: string, address: string): void;
  log: Logger;
}

/** The door for other nodes: HTTP/2 over TLS, open to those whose certificate is known. */
export class LinkServer {
  readonly port: number;
  readonly #server: Http2SecureServer;
  readonly #sockets: Set<TLSSocket>;

  private constructor(server: Http2SecureServer, sockets: Set<TLSSocket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @throws UNAVAILABLE when the port is taken */
  static async open(options: Options): Promise<LinkServer> {
    const { identity, log } = options;
    const server = createSecureServer({
      key: identity.key,
      cert: identity.cert,
      minVersion: 'TLSv1.3',
      settings: SETTINGS,
      requestCert: true,
      // Nobody signs these certificates: who is known is known by the hash.
      rejectUnauthorized: false,
    });
    const refusals = new Refusals(options.onRefused);
    const sockets = new Set<TLSSocket>();
    server.on('secureConnection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('session', (session) => {
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      keepAlive(session);
    });
    server.on('sessionError', (error) => log.debug({ err: error }, 'a link broke off'));
    server.on('stream', (stream, headers) => {
      stream.on('error', (error) => log.debug({ err: error }, 'a stream of a link broke off'));
      answer(options, refusals, stream, headers).catch((error: unknown) => {
        log.debug({ err: error }, 'a link was not answered');
        stream.destroy();
      });
    });
    server.listen(options.port, options.host);
    try {
      await once(server, 'listening');
    } catch (error) {
      const where = `${options.host}:${options.port}`;
      throw new FilmlessError('UNAVAILABLE', `The link between nodes cannot listen at ${where}`, { cause: error });
    }
    return new LinkServer(server, sockets);
  }

  /** Ends the connections of a node that is no longer known. */
  drop(fingerprint: string): void {
    for (const socket of this.#sockets) if (certificateOf(socket) === fingerprint) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

async function answer(
  options: Options,
  refusals: Refusals,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const socket = stream.session?.socket as TLSSocket | undefined;
  const fingerprint = socket ? certificateOf(socket) : '';
  const address = socket?.remoteAddress ?? '';
  const peer = options.peerOf(fingerprint);
  const path = (headers[':path'] ?? '/').split('?', 1)[0] ?? '/';
  const ended = new AbortController();
  stream.once('close', () => ended.abort());
  try {
    if (fingerprint === '' || (!peer && path !== '/join')) {
      refusals.note(fingerprint, address);
      throw new FilmlessError('FORBIDDEN', 'This node is not known here');
    }
    const {
      status = 200,
      headers: more = {},
      body = {},
    } = await options.handle({
      method: headers[':method'] ?? 'GET',
      path,
      headers,
      peer,
      fingerprint,
      address,
      signal: ended.signal,
      json: () => readJson(stream),
    });
    if (stream.destroyed) return;
    if (!isStream(body)) {
      respondJson(stream, status, body, more);
      return;
    }
    stream.respond({ ':status': status, ...more });
    await pipeline(body, stream);
  } catch (error) {
    if (stream.destroyed || stream.headersSent) {
      stream.destroy();
      return;
    }
    const { code, detail } =
      error instanceof z.ZodError
        ? new FilmlessError('INVALID_REQUEST', 'Not what this version of Filmless understands')
        : FilmlessError.from(error);
    if (code === 'INTERNAL')
      options.log.error({ err: error, path: path.split('/')[1] }, 'a call of another node failed');
    respondJson(stream, ERRORS[code].http, { code, detail });
  }
}

function respondJson(
  stream: ServerHttp2Stream,
  status: number,
  body: object,
  more: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
  stream.respond({ ':status': status, ...headers, ...more });
  stream.end(bytes);
}

/** Tells once in an hour of each address: a node that was removed goes on asking, and the audit log is no place to count how often. */
class Refusals {
  readonly #tell: Options['onRefused'];
  readonly #toldAt = new Map<string, number>();

  constructor(tell: Options['onRefused']) {
    this.#tell = tell;
  }

  note(fingerprint: string, address: string): void {
    const now = performance.now();
    const last = this.#toldAt.get(address);
    if (last !== undefined && now - last < TOLD_AGAIN_MS) return;
    if (this.#toldAt.size >= MOST_ADDRESSES) this.#toldAt.clear();
    this.#toldAt.set(address, now);
    this.#tell(fingerprint, address);
  }
}

function certificateOf(socket: TLSSocket): string {
  const { raw } = socket.getPeerCertificate();
  return raw ? fingerprintOf(raw) : '';
}

function isStream(body: object): body is Readable {
  return 'pipe' in body;
}

async function readJson(stream: ServerHttp2Stream): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > MOST_BODY_BYTES) throw new FilmlessError('PAYLOAD_TOO_LARGE');
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new FilmlessError('INVALID_REQUEST', 'Not JSON');
  }
}
