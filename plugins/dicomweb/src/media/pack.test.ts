import { sourceOfBytes } from '@filmless/core/plugin';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { multipartReply } from './multipart.ts';
import { type FilePiece, type Piece, pack } from './pack.ts';

async function* these(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}

function file(bytes: Uint8Array, closed: { count: number } = { count: 0 }): FilePiece {
  const source = sourceOfBytes(bytes);
  return {
    sizeBytes: bytes.length,
    open: async () => ({
      ...source,
      async readInto(target, offsetBytes) {
        const part = bytes.subarray(offsetBytes, offsetBytes + target.length);
        target.set(part);
        return part.length;
      },
      async close() {
        closed.count++;
      },
    }),
  };
}

/** Takes each chunk as a socket does: its memory is read before the next is asked for, and not after. */
async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const taken: Buffer[] = [];
  for await (const chunk of chunks) taken.push(Buffer.from(chunk));
  return Buffer.concat(taken);
}

describe('pack', () => {
  it('gives the bytes of all pieces in order, whatever their sizes and the size of the buffers', async () => {
    const piece = fc.record({ bytes: fc.uint8Array({ maxLength: 60 }), inFile: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 100 }), async (pieces, size) => {
        const packed = pack(these(pieces.map(({ bytes, inFile }) => (inFile ? file(bytes) : bytes))), size);
        expect(await collect(packed)).toEqual(Buffer.concat(pieces.map(({ bytes }) => bytes)));
      }),
    );
  });

  it('puts small files together and takes large ones apart', async () => {
    const large = Buffer.alloc(2_500_000, 1);
    const sizes: number[] = [];
    for await (const chunk of pack(these([file(Buffer.alloc(10)), file(large), file(Buffer.alloc(10))])))
      sizes.push(chunk.length);
    expect(sizes).toEqual([1 << 20, 1 << 20, 2_500_020 - 2 * (1 << 20)]);
  });

  it('closes its files when the consumer gives up, and when a file is shorter than it should be', async () => {
    const closed = { count: 0 };
    for await (const _ of pack(these([file(Buffer.alloc(5_000_000), closed)]))) break;
    expect(closed.count).toBe(1);
    await expect(collect(pack(these([{ ...file(Buffer.alloc(10), closed), sizeBytes: 11 }])))).rejects.toMatchObject({
      code: 'BLOB_CORRUPT',
    });
    expect(closed.count).toBe(2);
  });

  it('opens files before their turn in an answer of parts, and closes all of them when the reader leaves', async () => {
    const closed = { count: 0 };
    let opened = 0;
    const parts = Array.from({ length: 10 }, () => {
      const piece = file(Buffer.alloc(3_000_000), closed);
      const counted: FilePiece = {
        ...piece,
        open: () => {
          opened++;
          return piece.open();
        },
      };
      return { headers: {}, sizeBytes: piece.sizeBytes, body: () => [counted] };
    });
    const { body } = multipartReply('application/dicom', parts);
    if (!body || typeof body !== 'object' || !('writeTo' in body))
      throw new Error('a body that is written was expected');
    let taken = 0;
    const leave = () => (++taken > 1 ? Promise.reject(new Error('left')) : Promise.resolve());
    await expect(body.writeTo(leave)).rejects.toThrow('left');
    expect(opened).toBeGreaterThan(1);
    expect(opened).toBeLessThan(parts.length);
    await vi.waitFor(() => expect(closed.count).toBe(opened));
  });
});
