import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectFile } from './direct-file.ts';

const KIB = 1024;
/** A disk, and a file system in memory that has no direct writes, where there is one. */
const folders = [tmpdir(), ...(existsSync('/dev/shm') ? ['/dev/shm'] : [])];

async function withFolder(parent: string, run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(parent, 'filmless-direct-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.each(folders)('DirectFile in %s', (parent) => {
  it.each([
    0,
    1,
    4095,
    4096,
    4097,
    256 * KIB - 1,
    256 * KIB,
    256 * KIB + 1,
    1024 * KIB,
    1024 * KIB + 1,
    5000 * KIB + 7,
  ])('keeps %d bytes as they were given, whatever the chunks', (sizeBytes) =>
    withFolder(parent, async (folder) => {
      const bytes = randomBytes(sizeBytes);
      for (const chunkBytes of [1 + (sizeBytes >> 3), 16_378, 300 * KIB]) {
        const path = join(folder, `${chunkBytes}`);
        const file = new DirectFile(folder, path, 0o640);
        const reused = Buffer.alloc(chunkBytes);
        for (let at = 0; at < sizeBytes; at += chunkBytes) {
          const length = bytes.copy(reused, 0, at, Math.min(sizeBytes, at + chunkBytes));
          file.write([reused.subarray(0, length >> 1), reused.subarray(length >> 1, length)]);
          reused.fill(0);
        }
        await file.finish();
        expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
      }
    }),
  );

  it('writes many files at once, more than there is memory to gather for', () =>
    withFolder(parent, async (folder) => {
      const all = Array.from({ length: 40 }, (_, index) => {
        const bytes = randomBytes(300 * KIB + index);
        const path = join(folder, `${index}`);
        return { bytes, path, file: new DirectFile(folder, path, 0o640) };
      });
      for (const { file, bytes } of all) file.write([bytes]);
      await Promise.all(all.map(({ file }) => file.finish()));
      for (const { path, bytes } of all) expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
    }));

  it('does not write over a file that is there', () =>
    withFolder(parent, async (folder) => {
      const path = join(folder, 'taken');
      const first = new DirectFile(folder, path, 0o640);
      first.write([Buffer.from('first')]);
      await first.finish();
      expect(() => new DirectFile(folder, path, 0o640)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
      expect(await readFile(path, 'utf8')).toBe('first');
    }));

  it('can be closed half-way, and its memory serves the next', () =>
    withFolder(parent, async (folder) => {
      for (let turn = 0; turn < 40; turn += 1) {
        const file = new DirectFile(folder, join(folder, `${turn}`), 0o640);
        file.write([randomBytes(700 * KIB)]);
        await file.close();
      }
    }));
});
