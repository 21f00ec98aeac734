import { finished, pipeline, Readable, Transform } from 'node:stream';
import type { Context } from 'koa';
import type { BodyWriter, HttpReply } from './contract.ts';
import { WrittenBody } from './written-body.ts';

const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Puts a reply into Koa's response. A stream is destroyed when the client leaves. A stream that fails, or gives fewer or more bytes than
 * its Content-Length said, cuts the connection: an answer that is not whole must not look whole.
 */
export function sendReply(context: Context, reply: HttpReply): void {
  const { body = null } = reply;
  context.status = reply.status ?? (body === null ? 204 : 200);
  if (reply.noCompression) context.compress = false;
  const headers = new Map(Object.entries(reply.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  if (body === null) {
    context.body = null;
    // Koa makes every answer without a body a 204; a 202 is one too.
    context.status = reply.status ?? 204;
  } else if (typeof body === 'string') {
    context.body = body;
    // Koa guesses HTML from a "<"; text that says nothing is plain text.
    if (!headers.has('content-type')) headers.set('content-type', 'text/plain; charset=utf-8');
  } else if (body instanceof Uint8Array) {
    context.body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  } else if (body instanceof Readable) {
    context.body = guarded(context, body, headers.get('content-length'));
  } else if (isBodyWriter(body)) {
    context.body = written(context, body, headers.get('content-length'));
  } else {
    context.body = JSON.stringify(body);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json; charset=utf-8');
  }
  for (const [name, value] of headers) context.set(name, value);
  if (!context.res.hasHeader('Cache-Control')) context.set('Cache-Control', 'no-store');
}

/** The stream to send, with an end to the response if it fails. Nothing is read when the answer has no body. */
function guarded(context: Context, body: Readable, contentLength: string | string[] | undefined): Readable {
  if (context.method === 'HEAD' || NO_BODY.has(context.status)) {
    body.destroy();
    return Readable.from([]);
  }
  const expected = contentLength === undefined ? Number.NaN : Number(contentLength);
  const sent = Number.isSafeInteger(expected) ? pipeline(body, exactly(expected), () => undefined) : body;
  finished(sent, { writable: false }, (error) => {
    if (error && !context.res.destroyed) context.onerror(error);
  });
  return sent;
}

function isBodyWriter(body: object): body is BodyWriter {
  return 'writeTo' in body && typeof body.writeTo === 'function';
}

function written(context: Context, writer: BodyWriter, contentLength: string | string[] | undefined): Readable {
  const expected = contentLength === undefined ? Number.NaN : Number(contentLength);
  const body = new WrittenBody(writer, Number.isSafeInteger(expected) ? expected : undefined);
  body.once('error', (error) => {
    if (!context.res.destroyed) context.onerror(error);
  });
  if (context.method !== 'HEAD' && !NO_BODY.has(context.status)) return body;
  body.destroy();
  return Readable.from([]);
}

/** Fails when not exactly so many bytes go through. */
function exactly(sizeBytes: number): Transform {
  let left = sizeBytes;
  const wrong = () => new RangeError('the answer is not as long as its Content-Length');
  return new Transform({
    transform(chunk: Buffer | string, _encoding, done) {
      left -= Buffer.byteLength(chunk);
      if (left < 0) done(wrong());
      else done(null, chunk);
    },
    flush(done) {
      done(left === 0 ? null : wrong());
    },
  });
}
