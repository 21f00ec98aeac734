import { mkdir, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileCache } from './file-cache.ts';

describe('FileCache', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filmless-cache-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('keeps what fits, and lets the least recently used go', async () => {
    const cache = new FileCache(directory, 100);
    for (const name of ['a/1', 'b/2', 'c/3']) await cache.put(name, Buffer.alloc(30, name));
    expect((await cache.get('a/1'))?.toString()).toContain('a/1');
    await cache.put('d/4', Buffer.alloc(30));
    expect(await cache.get('b/2')).toBeUndefined();
    expect(await cache.get('a/1')).toBeDefined();
    expect(await readdir(join(directory, 'b'))).toEqual([]);
    expect(await cache.put('e/5', Buffer.alloc(101))).toBe(false);
  });

  it('finds again what an earlier run kept, without its unfinished files', async () => {
    await new FileCache(directory, 100).put('a/1', Buffer.from('kept'));
    await mkdir(join(directory, 'b'));
    await writeFile(join(directory, 'b', '2.part'), 'half');
    const cache = new FileCache(directory, 100);
    expect((await cache.get('a/1'))?.toString()).toBe('kept');
    expect(await readdir(join(directory, 'b'))).toEqual([]);
  });

  it('misses what somebody removed', async () => {
    const cache = new FileCache(directory, 100);
    await cache.put('a/1', Buffer.from('x'));
    await unlink(join(directory, 'a', '1'));
    expect(await cache.get('a/1')).toBeUndefined();
    await cache.put('a/1', Buffer.from('y'));
    expect((await cache.get('a/1'))?.toString()).toBe('y');
  });

  it('drops the other entries of a group', async () => {
    const cache = new FileCache(directory, 100);
    for (const name of ['a/1', 'a/2', 'b/1']) await cache.put(name, Buffer.from('x'));
    await cache.keepOnly('a', 'a/2');
    expect([await cache.get('a/1'), (await cache.get('a/2'))?.length, (await cache.get('b/1'))?.length]).toEqual([
      undefined,
      1,
      1,
    ]);
  });
});
