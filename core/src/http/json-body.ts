import type { IncomingMessage } from 'node:http';
import { FilmlessError } from '../errors.ts';

export const JSON_LIMIT_BYTES = 1024 * 1024;

/**
 * The body as JSON. Throws UNSUPPORTED_MEDIA_TYPE unless it is declared as JSON (a form of another site cannot do that),
 * PAYLOAD_TOO_LARGE over 1 MiB, INVALID_REQUEST when it is not JSON or takes longer than `deadlineMs` to come.
 */
export async function readJsonBody(request: IncomingMessage, deadlineMs: number): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && !/^application\/[a-z0-9.-]+\+json$/.test(type))
    throw new FilmlessError('UNSUPPORTED_MEDIA_TYPE', 'send application/json');
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new FilmlessError('UNSUPPORTED_MEDIA_TYPE', 'send JSON uncompressed');
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > JSON_LIMIT_BYTES) throw tooLarge();
  const bytes = await collect(request, deadlineMs);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's message quotes the text it could not read; it may be a patient's.
    throw new FilmlessError('INVALID_REQUEST', 'the body is not JSON');
  }
}

function collect(request: IncomingMessage, deadlineMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const deadline = setTimeout(
      () => finish(new FilmlessError('INVALID_REQUEST', 'the body did not come in time')),
      deadlineMs,
    );
    const onData = (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > JSON_LIMIT_BYTES) finish(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = () => finish();
    const onClose = () => finish(new FilmlessError('INVALID_REQUEST', 'the body ended too early'));
    const finish = (error?: Error) => {
      clearTimeout(deadline);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      if (!error) return resolve(Buffer.concat(chunks, sizeBytes));
      request.pause();
      reject(error);
    };
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

function tooLarge(): FilmlessError {
  return new FilmlessError('PAYLOAD_TOO_LARGE', 'JSON bodies are at most 1 MiB');
}
