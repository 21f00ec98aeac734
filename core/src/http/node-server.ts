import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FilmlessError } from '../errors.ts';
import { problemOf } from './problem.ts';
import { TLS_POLICY, type TlsMaterial } from './tls-files.ts';

export interface NodeServerOptions {
  /** PEM; plain HTTP when absent. */
  tls?: TlsMaterial;
  /** Time for the request line and the headers. */
  headersTimeoutMs: number;
  /** A connection on which nothing moves for so long, while the client's turn it is, is cut. */
  idleTimeoutMs: number;
}

const MAX_HEADER_BYTES = 32 * 1024;
const KEEP_ALIVE_MS = 65_000;

/** Requests that sent `Expect: 100-continue` and have not been told to go on. */
const waitingToContinue = new WeakSet<IncomingMessage>();

export function expectsContinue(request: IncomingMessage): boolean {
  return waitingToContinue.has(request);
}

/** A server of node:http or node:https that slow, silent and malformed clients cannot hold up. */
export function createNodeServer(listener: RequestListener, options: NodeServerOptions): Server {
  const settings = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: options.headersTimeoutMs,
    // An upload may take long as long as it moves; see the idle timeout.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(options.headersTimeoutMs, 30_000),
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  };
  const server = options.tls ? createTlsServer({ ...settings, ...TLS_POLICY, ...options.tls }) : createServer(settings);
  const current = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();
  const accept = (request: IncomingMessage, response: ServerResponse) => {
    current.set(request.socket, { request, response });
    response.once('close', () => {
      if (current.get(request.socket)?.response === response) current.delete(request.socket);
    });
    listener(request, response);
  };
  server.on('request', accept);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waitingToContinue.add(request);
    accept(request, response);
  });
  server.setTimeout(options.idleTimeoutMs, (socket: Socket) => {
    const busy = current.get(socket);
    // The client did its part and waits for a long piece of work: that is not its silence.
    if (busy?.request.complete && !busy.response.headersSent) return;
    socket.destroy();
  });
  server.on('clientError', refuseMalformed);
  return server;
}

/** What cannot be read as HTTP gets a problem too, then the connection ends. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'the headers are too large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'the headers did not come in time']
        : ['400 Bad Request', 'the request is not HTTP'];
  const problem = problemOf(new FilmlessError('INVALID_REQUEST', detail), randomUUID());
  const body = JSON.stringify({ ...problem, status: Number.parseInt(status, 10) });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
