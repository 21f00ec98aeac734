import { PassThrough, type Readable } from 'node:stream';
import { Dicer } from '@fastify/busboy';
import { FilmlessError } from '@filmless/core/plugin';

export interface ReceivedPart {
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Errors (never simply ends) when the message ends before the part does. */
  stream: Readable;
}

/** Parts read ahead of the consumer, so that thousands of tiny parts cannot pile up. */
const MAX_WAITING_PARTS = 8;

/**
 * The parts of a multipart/related request as they come. Each part's stream must be read to its end, or destroyed, before the next is asked for;
 * unread bytes hold the sender back. INVALID_REQUEST when the message is not well-formed or ends early.
 * @dicom PS3.18 8.6.1.2.2; RFC 2046 5.1
 */
export async function* readMultipart(
  source: Readable,
  boundary: string,
  signal: AbortSignal,
): AsyncGenerator<ReceivedPart> {
  const dicer = new Dicer({ boundary });
  const waiting: ReceivedPart[] = [];
  const open = new Set<Readable>();
  let failure: unknown;
  let ended = false;
  let wake = Promise.withResolvers<void>();
  const nudge = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const fail = (error: unknown) => {
    failure ??= error;
    for (const stream of open) stream.destroy(asError(error));
    nudge();
  };

  dicer.on('part', (part) => {
    const stream = new PassThrough({ highWaterMark: 1 << 20 });
    open.add(stream);
    // A consumer that gave up must not stop the parser: what is left of its part is read and dropped.
    stream.once('close', () => {
      open.delete(stream);
      part.unpipe(stream);
      part.resume();
    });
    // Dicer only emits 'error' on a part cut short and then ends it; a destroyed stream cannot be taken for a whole one.
    part.on('error', (error: Error) => stream.destroy(error));
    part.once('header', (header: object) => {
      part.pipe(stream);
      waiting.push({ headers: flatten(header), stream });
      nudge();
    });
  });
  dicer.on('error', () =>
    fail(new FilmlessError('INVALID_REQUEST', 'the multipart message ends early or is not well-formed')),
  );
  dicer.on('finish', () => {
    ended = true;
    nudge();
  });

  const pump = async () => {
    for await (const chunk of source) {
      while (waiting.length > MAX_WAITING_PARTS && !failure) await wake.promise;
      if (failure) return;
      if (!dicer.write(chunk))
        await drained(
          dicer,
          () => failure !== undefined,
          () => wake.promise,
        );
    }
    dicer.end();
  };
  const pumping = pump().catch(() =>
    fail(new FilmlessError('INVALID_REQUEST', 'the request ended before its body did')),
  );
  const onAbort = () => fail(new FilmlessError('INVALID_REQUEST', 'the client went away'));
  signal.addEventListener('abort', onAbort, { once: true });

  try {
    while (true) {
      const part = waiting.shift();
      if (part) {
        nudge();
        yield part;
        continue;
      }
      if (failure) throw failure;
      if (ended) return;
      await wake.promise;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!ended) {
      fail(new FilmlessError('INVALID_REQUEST', 'no more parts are read'));
      source.destroy();
    }
    await pumping;
  }
}

async function drained(dicer: NodeJS.WritableStream, failed: () => boolean, woken: () => Promise<void>): Promise<void> {
  let done = false;
  const drain = new Promise<void>((resolve) => {
    dicer.once('drain', () => {
      done = true;
      resolve();
    });
  });
  while (!done && !failed()) await Promise.race([drain, woken()]);
}

function flatten(header: object): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(header).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? String(value[0]) : String(value),
    ]),
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
