import { randomBytes } from 'node:crypto';
import type { HttpReply } from '@filmless/core/plugin';
import { bodyOf } from './body.ts';
import { EarlyFile, openEarly, type Piece, pack } from './pack.ts';

/** One part of a multipart/related answer. */
export interface Part {
  headers: Readonly<Record<string, string>>;
  /** Undefined when it is only known once written. */
  sizeBytes: number | undefined;
  body(): AsyncIterable<Piece> | Iterable<Piece>;
}

const CRLF = Buffer.from('\r\n');
const PARTS_AHEAD = 4;

/**
 * A multipart/related answer written part by part as the client takes it: no more than two chunks are in memory.
 * With a list of parts whose sizes are all known the answer has a Content-Length.
 * @dicom PS3.18 8.6.1.2.1; RFC 2387
 */
export function multipartReply(
  type: string,
  parts: readonly Part[] | AsyncIterable<Part>,
  options: { headers?: Record<string, string>; status?: number; close?: () => void | Promise<void> } = {},
): HttpReply {
  const boundary = `filmless-${randomBytes(18).toString('hex')}`;
  const headers: Record<string, string> = {
    'content-type': `multipart/related; type="${type}"; boundary=${boundary}`,
    ...options.headers,
  };
  const lengthBytes = isList(parts) ? totalLength(parts, boundary) : undefined;
  if (lengthBytes !== undefined) headers['content-length'] = String(lengthBytes);
  return {
    status: options.status ?? 200,
    headers,
    body: bodyOf(pack(write(parts, boundary), lengthBytes), options.close),
    noCompression: true,
  };
}

async function* write(parts: Iterable<Part> | AsyncIterable<Part>, boundary: string): AsyncGenerator<Piece> {
  for await (const { part, body } of Symbol.iterator in parts ? openedAhead(parts) : unopened(parts)) {
    yield partHead(part, boundary);
    yield* body;
    yield CRLF;
  }
  yield closing(boundary);
}

interface Ready {
  part: Part;
  body: ReturnType<Part['body']>;
}

async function* unopened(parts: AsyncIterable<Part>): AsyncGenerator<Ready> {
  for await (const part of parts) yield { part, body: part.body() };
}

/** Opening a file is several turns through the thread pool: the files of the next parts are opened while one is read. */
async function* openedAhead(parts: Iterable<Part>): AsyncGenerator<Ready> {
  const ahead: Ready[] = [];
  let current: Ready | undefined;
  try {
    for (const part of parts) {
      const body = part.body();
      ahead.push({ part, body: Array.isArray(body) ? (body as Piece[]).map(openEarly) : body });
      if (ahead.length <= PARTS_AHEAD) continue;
      current = ahead.shift();
      if (current) yield current;
    }
    for (current = ahead.shift(); current; current = ahead.shift()) yield current;
  } finally {
    // The reader left: what was opened for later turns is closed.
    for (const { body } of current ? [current, ...ahead] : ahead)
      if (Array.isArray(body)) for (const piece of body as Piece[]) if (piece instanceof EarlyFile) piece.abandon();
  }
}

function partHead(part: Part, boundary: string): Buffer {
  const lines = [`--${boundary}`, ...Object.entries(part.headers).map(([name, value]) => `${name}: ${value}`)];
  if (part.sizeBytes !== undefined) lines.push(`Content-Length: ${part.sizeBytes}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function closing(boundary: string): Buffer {
  return Buffer.from(`--${boundary}--\r\n`, 'latin1');
}

function totalLength(parts: readonly Part[], boundary: string): number | undefined {
  let total = closing(boundary).length;
  for (const part of parts) {
    if (part.sizeBytes === undefined) return undefined;
    total += partHead(part, boundary).length + part.sizeBytes + CRLF.length;
  }
  return total;
}

function isList(parts: readonly Part[] | AsyncIterable<Part>): parts is readonly Part[] {
  return Array.isArray(parts);
}
