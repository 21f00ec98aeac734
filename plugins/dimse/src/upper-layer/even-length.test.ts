import { describe, expect, it } from 'vitest';
import { toEvenLength } from './even-length.ts';

async function sent(lengthBytes: number, ...chunks: number[][]): Promise<{ lengthBytes: number; chunks: number[][] }> {
  const even = toEvenLength({ lengthBytes, chunks: chunks.map((chunk) => Uint8Array.from(chunk)) });
  const given: number[][] = [];
  for await (const chunk of even.chunks) given.push([...chunk]);
  return { lengthBytes: even.lengthBytes, chunks: given };
}

describe('a data set to be sent', () => {
  it('goes as it is when its length is even', async () => {
    expect(await sent(4, [1, 2], [3, 4])).toEqual({
      lengthBytes: 4,
      chunks: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(await sent(0)).toEqual({ lengthBytes: 0, chunks: [] });
  });

  it('gets one NULL in its last chunk when its length is odd', async () => {
    expect(await sent(3, [1, 2], [3])).toEqual({
      lengthBytes: 4,
      chunks: [
        [1, 2],
        [3, 0],
      ],
    });
    expect(await sent(1, [7])).toEqual({ lengthBytes: 2, chunks: [[7, 0]] });
  });

  it('is not made whole when bytes are missing or too many: the sender sees it', async () => {
    expect(await sent(3, [1, 2])).toEqual({ lengthBytes: 4, chunks: [[1, 2]] });
    expect((await sent(1, [1, 2], [3])).chunks.flat()).toEqual([1, 2, 3]);
  });
});
