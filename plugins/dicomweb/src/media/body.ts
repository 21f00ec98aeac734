import type { BodyWriter } from '@filmless/core/plugin';

/**
 * A body of chunks as they are made: the next one is asked for when the client has taken the one before, and may lie in the same memory.
 * `close` is called when the answer is over, however it ended and even if nothing was made.
 */
export function bodyOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  close?: () => void | Promise<void>,
): BodyWriter {
  return {
    async writeTo(write) {
      for await (const chunk of chunks) await write(chunk);
    },
    ...(close ? { close } : {}),
  };
}
