import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMultipart } from './multipart-reader.ts';

const never = new AbortController().signal;

function message(parts: readonly Uint8Array[], end = '--B--\r\n'): Buffer {
  const pieces = parts.map((part) =>
    Buffer.concat([Buffer.from('--B\r\nContent-Type: application/dicom\r\n\r\n'), part, Buffer.from('\r\n')]),
  );
  return Buffer.concat([...pieces, Buffer.from(end)]);
}

function inChunks(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks);
}

async function readAll(source: Readable, signal = never): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  for await (const part of readMultipart(source, 'B', signal)) {
    const chunks: Buffer[] = [];
    for await (const chunk of part.stream) chunks.push(chunk);
    parts.push(Buffer.concat(chunks));
  }
  return parts;
}

describe('readMultipart', () => {
  it('gives back what was put in, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        async (parts, size) => {
          // An empty part and one that holds the boundary itself cannot be told from the end of a part.
          fc.pre(parts.every((part) => part.length > 0 && !Buffer.from(part).includes('\r\n--B')));
          expect(await readAll(inChunks(message(parts), size))).toEqual(parts.map((part) => Buffer.from(part)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('holds more than fits into any buffer', async () => {
    const large = Buffer.alloc(9_000_000, 'x');
    const [first, second] = await readAll(inChunks(message([large, Buffer.from('y')]), 65_536));
    expect(first!.equals(large)).toBe(true);
    expect(second!.toString()).toBe('y');
  });

  it('fails the part that is cut short instead of ending it', async () => {
    const cut = message([Buffer.from('first'), Buffer.alloc(1000, 'z')]).subarray(0, 600);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const part of readMultipart(inChunks(cut, 100), 'B', never)) {
        const chunks: Buffer[] = [];
        for await (const chunk of part.stream) chunks.push(chunk);
        seen.push(Buffer.concat(chunks).toString());
      }
    })();
    await expect(reading).rejects.toThrow(/ends early|early/);
    expect(seen).toEqual(['first']);
  });

  it('goes on to the next part when a consumer gives one up', async () => {
    const seen: number[] = [];
    for await (const part of readMultipart(
      inChunks(message([Buffer.alloc(5_000_000, 'a'), Buffer.from('b')]), 65_536),
      'B',
      never,
    )) {
      if (seen.length === 0) part.stream.destroy();
      let size = 0;
      if (seen.length > 0) for await (const chunk of part.stream) size += chunk.length;
      seen.push(size);
    }
    expect(seen).toEqual([0, 1]);
  });

  it('reads two thousand tiny parts', async () => {
    const parts = Array.from({ length: 2000 }, (_, index) => Buffer.from(String(index)));
    expect(await readAll(inChunks(message(parts), 65_536))).toHaveLength(2000);
  });

  it('stops when the client goes away', async () => {
    const gone = new AbortController();
    const endless = new Readable({ read() {} });
    endless.push(message([Buffer.from('one')], '--B\r\nContent-Type: application/dicom\r\n\r\nstart'));
    const reading = (async () => {
      for await (const part of readMultipart(endless, 'B', gone.signal)) {
        for await (const chunk of part.stream) if (chunk.toString().includes('start')) gone.abort();
      }
    })();
    await expect(reading).rejects.toThrow();
  });

  it('fails for what is no multipart message', async () => {
    await expect(readAll(Readable.from([Buffer.from('not multipart at all')]))).rejects.toThrow();
  });
});
