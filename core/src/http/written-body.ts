import { Readable } from 'node:stream';
import type { BodyWriter } from './contract.ts';

/**
 * A {@link BodyWriter} in the shape Koa sends: a stream, of which it calls `pipe`. Nothing is buffered on the way, so that a chunk is the
 * writer's again once the socket has taken it. Fails unless exactly `expectedBytes` were written, when that is given.
 */
export class WrittenBody extends Readable {
  readonly #writer: BodyWriter;
  readonly #expectedBytes: number | undefined;

  constructor(writer: BodyWriter, expectedBytes: number | undefined) {
    super();
    this.#writer = writer;
    this.#expectedBytes = expectedBytes;
  }

  /** Only `pipe` makes it flow. */
  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    Promise.resolve(this.#writer.close?.()).then(
      () => done(error),
      (failure: unknown) => done(error ?? asError(failure)),
    );
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    void this.#writeTo(destination);
    return destination;
  }

  async #writeTo(destination: NodeJS.WritableStream): Promise<void> {
    let writtenBytes = 0;
    let gone = false;
    const { promise: left, reject } = Promise.withResolvers<never>();
    // Awaited with each chunk; on its own its rejection means nothing.
    left.catch(() => undefined);
    const leave = () => {
      gone = true;
      reject(new Error('the client left'));
    };
    destination.once('close', leave);
    const write = (chunk: Uint8Array): Promise<void> => {
      writtenBytes += chunk.byteLength;
      if (this.#expectedBytes !== undefined && writtenBytes > this.#expectedBytes) return Promise.reject(wrongLength());
      const taken = new Promise<void>((resolve) => {
        // A socket that takes no more has no client at its other end.
        destination.write(chunk, (error) => (error ? leave() : resolve()));
      });
      return Promise.race([taken, left]);
    };
    try {
      if (this.destroyed) return;
      await this.#writer.writeTo(write);
      if (this.#expectedBytes !== undefined && writtenBytes !== this.#expectedBytes) {
        throw wrongLength();
      }
      destination.end();
      this.push(null);
      this.destroy();
    } catch (error) {
      this.destroy(gone ? undefined : asError(error));
    } finally {
      destination.off('close', leave);
    }
  }
}

function wrongLength(): RangeError {
  return new RangeError('the answer is not as long as its Content-Length');
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
