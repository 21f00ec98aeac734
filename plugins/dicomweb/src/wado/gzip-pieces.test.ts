import { crc32, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineCrc32, deflatePiece, gzipOf, storedPiece } from './gzip-pieces.ts';

async function* inChunks(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

describe('gzip pieces', () => {
  it('joins pieces to one gzip member that unpacks to the joined text', async () => {
    const first = await deflatePiece(inChunks('{"a":', '"王小明"}'));
    const second = await deflatePiece(inChunks(`{"b":"${'x'.repeat(200_000)}"}`));
    const joined = Buffer.concat(gzipOf([storedPiece('['), first, storedPiece(','), second, storedPiece(']')]));
    expect(gunzipSync(joined).toString()).toBe(`[{"a":"王小明"},{"b":"${'x'.repeat(200_000)}"}]`);
  });

  it('joins pieces of nothing', () => {
    expect(gunzipSync(Buffer.concat(gzipOf([storedPiece('['), storedPiece(']')]))).toString()).toBe('[]');
  });

  it('combines CRCs as if the texts had been one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 5000 }), (a, b) => {
        expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(crc32(Buffer.concat([a, b])));
      }),
    );
  });
});
