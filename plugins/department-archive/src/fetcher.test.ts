import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilmlessError } from '@filmless/core/plugin';
import { InMemoryStorage, RecordingLog } from '@filmless/core/testing';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { Fetcher } from './fetcher.ts';
import { Holdings } from './holdings.ts';

const WAIT = { timeout: 30_000 };
let holdings: Holdings;
let storage: InMemoryStorage;
let log: RecordingLog;
let fetched: string[];
let fetch: (sha256: string) => Promise<boolean>;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'filmless-fetcher-'));
  holdings = new Holdings(join(folder, 'archive.sqlite'), Date.now);
  storage = new InMemoryStorage();
  log = new RecordingLog();
  fetched = [];
  fetch = async () => true;
  Object.assign(storage, {
    fetch: async (sha256: string) => {
      fetched.push(sha256);
      return fetch(sha256);
    },
  });
  onTestFinished(async () => {
    holdings.close();
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  });
});

function run(onlyWanted = false): Fetcher {
  const stopping = new AbortController();
  const { signal } = stopping;
  const fetcher = new Fetcher({ holdings, storage, streams: 2, onlyWanted, onFetched: () => undefined, signal, log });
  const running = fetcher.run();
  onTestFinished(async () => {
    stopping.abort();
    await running;
  });
  return fetcher;
}
const note = (name: string, study = '2.25.1') =>
  holdings.note({ node: 'radiology', uid: `2.25.9${name}`, study, sha256: name, sizeBytes: 10 }, false);
const missing = () => holdings.nextMissing(10, false).length;

it('fetches several at a time and each once', async () => {
  let underWay = 0;
  let most = 0;
  fetch = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return true;
  };
  for (const name of ['1', '2', '3', '4', '5']) note(name);
  run();
  await expect.poll(missing, WAIT).toBe(0);
  expect([...fetched].sort()).toEqual(['1', '2', '3', '4', '5']);
  expect(most).toBe(2);
});

it('fetches at a gateway what is wanted alone', async () => {
  note('1', '2.25.1');
  note('2', '2.25.2');
  const fetcher = run(true);
  holdings.want('2.25.2', 'hint');
  fetcher.wake();
  await expect.poll(() => fetched, WAIT).toEqual(['2']);
  await expect.poll(missing, WAIT).toBe(1);
});

it('asks for nothing while the disk is full, says so once, and goes on by itself', async () => {
  let isFull = true;
  const full = async () => {
    if (isFull) throw new FilmlessError('STORAGE_FULL');
    return true;
  };
  fetch = full;
  let looked = 0;
  storage.ensureSpace = async () => {
    looked += 1;
    await full();
  };
  note('1');
  const fetcher = run();
  await expect
    .poll(() => {
      fetcher.wake();
      return looked;
    }, WAIT)
    .toBeGreaterThan(2);
  expect(fetched).toEqual(['1']);
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  isFull = false;
  await expect.poll(missing, WAIT).toBe(0);
  expect(fetched).toEqual(['1', '1']);
});

it('tries again what could not be had', async () => {
  fetch = async () => {
    if (fetched.length === 1) throw new FilmlessError('UNAVAILABLE');
    return fetched.length > 2;
  };
  note('1');
  run();
  await expect.poll(() => holdings.absent(['1']), WAIT).toEqual([]);
  expect(fetched).toEqual(['1', '1', '1']);
});
