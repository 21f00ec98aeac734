import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StagingAhead } from './staging-ahead.ts';

let directory: string;
let staging: StagingAhead;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'filmless-staging-'));
  staging = new StagingAhead(directory);
});
afterEach(async () => {
  await staging.close();
  await rm(directory, { recursive: true, force: true });
});

it('gives the file that was made ahead, and each file once', async () => {
  staging.prepare();
  staging.prepare();
  expect(await readdir(directory)).toHaveLength(1);
  const [first, second] = ['one', 'two'].map((text) => staging.open(Buffer.from(text)));
  const staged = [await first?.finish(), await second?.finish()];
  expect(new Set(staged.map((file) => file?.path)).size).toBe(2);
  expect(await Promise.all(staged.map((file) => readFile(file?.path ?? '', 'utf8')))).toEqual(['one', 'two']);
});

it('leaves nothing behind when it is closed, and makes nothing afterwards', async () => {
  staging.prepare();
  await staging.close();
  staging.prepare();
  expect(await readdir(directory)).toEqual([]);
});

it('says what is wrong when a file is wanted, not before', async () => {
  await rm(directory, { recursive: true });
  staging.prepare();
  expect(() => staging.open(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }));
});
