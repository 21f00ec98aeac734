import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@filmless/core/plugin';
import { expect, it, onTestFinished } from 'vitest';
import { CacheLimit } from './cache-limit.ts';
import { Holdings } from './holdings.ts';

const nothing = () => undefined;
const log: Logger = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };

async function gateway() {
  const folder = await mkdtemp(join(tmpdir(), 'filmless-cache-'));
  let now = 1000;
  const holdings = new Holdings(join(folder, 'archive.sqlite'), () => ++now);
  onTestFinished(async () => {
    holdings.close();
    await rm(folder, { recursive: true, force: true });
  });
  const removed: string[] = [];
  const storage = { remove: async (sha256: string) => void removed.push(sha256) };
  const limit = new CacheLimit({ holdings, storage, limitBytes: 25, log });
  const note = (name: string, isHere: boolean) =>
    holdings.note({ node: 'centre', uid: `2.25.${name}`, study: '2.25.1', sha256: name, sizeBytes: 10 }, isHere);
  return { holdings, limit, removed, note };
}

it('removes what came first when a gateway holds too much, and fetches it again only when it is asked for', async () => {
  const { holdings, limit, removed, note } = await gateway();
  for (const name of ['a', 'b', 'c']) note(name, false);
  holdings.want('2.25.1', 'viewing');
  for (const name of ['a', 'b', 'c']) {
    holdings.setState(name, 'here');
    limit.fetched();
  }
  await limit.settled();
  expect(removed).toEqual(['a']);
  expect(holdings.fetchedBytes()).toBe(20);
  expect(holdings.nextMissing(10, true)).toEqual([]);
  expect(holdings.absent(['a', 'b'])).toEqual(['a']);
  holdings.want('2.25.1', 'viewing');
  expect(holdings.nextMissing(10, true).map(({ sha256 }) => sha256)).toEqual(['a']);
});

it('leaves alone what came by another way than from a node, and vouches for nothing it has not compared', async () => {
  const { holdings, limit, removed, note } = await gateway();
  for (const name of ['a', 'b', 'c', 'd']) note(name, true);
  limit.fetched();
  await limit.settled();
  expect(removed).toEqual([]);
  expect(holdings.verified(['a', 'b'])).toEqual([]);
});
