import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, expect, it } from 'vitest';
import { InMemoryStorage } from '../../testing/index.ts';
import { FilmlessError } from '../errors.ts';
import { FetchingStorage } from './fetching-storage.ts';
import type { BlobSource } from './sources.ts';

const bytes = Buffer.from('what was acquired');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const title = { 'zh-CN': '', en: '' };
const problems: string[] = [];
let own: InMemoryStorage;
let sources: BlobSource[];
let storage: FetchingStorage;
let asked: number;

const source = (order: number, give: () => Readable | undefined): BlobSource => ({
  title,
  order,
  async stream() {
    asked += 1;
    return give();
  },
});

beforeEach(() => {
  own = new InMemoryStorage();
  sources = [];
  asked = 0;
  problems.length = 0;
  storage = new FetchingStorage({
    storage: own,
    sources: () => sources,
    viewingWaitMs: 300,
    onProblem: (problem) => problems.push(problem),
  });
});

it('brings in what somebody opens, once for all who wait', async () => {
  sources = [source(50, () => Readable.from([bytes]))];
  const read = await Promise.all([1, 2, 3].map(async () => buffer(await storage.stream(sha256, { start: 5, end: 8 }))));
  expect(read.map(String)).toEqual(['was', 'was', 'was']);
  expect(asked).toBe(1);
  expect(await own.verify(sha256)).toBe(true);
});

it('asks the nearest first and passes over who fails or lies', async () => {
  sources = [
    source(90, () => Readable.from([bytes])),
    source(50, () => Readable.from([Buffer.from('something else')])),
    source(10, () => {
      throw new FilmlessError('UNAVAILABLE');
    }),
  ];
  const opened = await storage.open(sha256);
  expect(Buffer.from(await opened.read(0, 4)).toString()).toBe('what');
  await opened.close();
  expect(asked).toBe(3);
  expect(problems).toHaveLength(2);
});

it('tells what is lost from what cannot be had now', async () => {
  await expect(storage.stream(sha256)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  expect(await storage.fetch(sha256, { priority: 'background' })).toBe(false);
  sources = [
    source(50, () => {
      throw new FilmlessError('UNAVAILABLE');
    }),
  ];
  await expect(storage.stream(sha256)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

it('waits a while for a source that cannot be asked just now, and not for one that gives other bytes', async () => {
  sources = [
    source(50, () => {
      if (asked < 2) throw new FilmlessError('UNAVAILABLE');
      return Readable.from([bytes]);
    }),
  ];
  expect(String(await buffer(await storage.stream(sha256)))).toBe(String(bytes));
  expect(asked).toBe(2);
  await own.remove(sha256);
  sources = [source(50, () => Readable.from([Buffer.from('something else')]))];
  await expect(storage.stream(sha256)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(asked).toBe(3);
});

it('makes nobody who looks at a blob wait for a transfer of the background', async () => {
  const stuck = new Readable({ read: () => undefined });
  sources = [source(50, () => (asked === 1 ? stuck : Readable.from([bytes])))];
  const behind = storage.fetch(sha256, { priority: 'background' });
  await expect.poll(() => asked).toBe(1);
  expect(String(await buffer(await storage.stream(sha256)))).toBe(String(bytes));
  stuck.push(bytes);
  stuck.push(null);
  expect(await behind).toBe(true);
});

it('speaks of the own store alone, and asks no other node where only this one is meant', async () => {
  sources = [source(50, () => Readable.from([bytes]))];
  expect(await storage.has(sha256)).toBe(false);
  expect(await storage.stat(sha256)).toBeUndefined();
  await expect(storage.verify(sha256)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  expect(await storage.fetch(sha256, { priority: 'background', maxOrder: 49 })).toBe(false);
  expect(asked).toBe(0);
});
