import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BlobThreadClient } from './blob-thread-client.ts';

const NAME = 'ab'.repeat(32);

it('fails what was under way when its thread dies, and starts another', async () => {
  const dying = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { existsSync, writeFileSync } from 'node:fs';
    parentPort.on('message', ({ id }) => {
      if (existsSync(workerData.blobsDirectory + '/died')) return parentPort.postMessage([{ id, formerBytes: 7 }]);
      writeFileSync(workerData.blobsDirectory + '/died', '');
      throw new Error('dead');
    });`;
  const directory = await mkdtemp(join(tmpdir(), 'filmless-thread-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const client = new BlobThreadClient(directory, new URL(`data:text/javascript,${encodeURIComponent(dying)}`));
  onTestFinished(() => client.close());
  const first = await Promise.allSettled([1, 2].map(() => client.change({ kind: 'remove', sha256: NAME })));
  expect(first[0]).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_FAILED' } });
  expect(first[1]?.status).toBe('rejected');
  expect(await client.change({ kind: 'remove', sha256: NAME })).toEqual({ formerBytes: 7 });
});

it('does many changes at once, each with its own outcome', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-thread-'));
  const client = new BlobThreadClient(join(directory, 'blobs'));
  onTestFinished(async () => {
    await client.close();
    await rm(directory, { recursive: true });
  });
  const names = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(2, '0').repeat(32));
  await Promise.all(names.map((name) => writeFile(join(directory, name), name)));
  const changes = await Promise.allSettled([
    ...names.map((sha256) => client.change({ kind: 'place', path: join(directory, sha256), sha256 })),
    client.change({ kind: 'place', path: join(directory, 'absent'), sha256: NAME }),
    client.change({ kind: 'remove', sha256: 'cd'.repeat(32) }),
  ]);
  expect(changes.slice(0, 20)).toEqual(names.map(() => ({ status: 'fulfilled', value: { formerBytes: undefined } })));
  expect(changes[20]).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_FAILED' } });
  expect(changes[21]).toEqual({ status: 'fulfilled', value: { formerBytes: undefined } });
  const there = (await client.count('01')).filter(({ count }) => count > 0);
  expect(there).toEqual([{ shard: '010', count: 1, bytes: 64 }]);
  expect(await client.count('fef')).toEqual([{ shard: 'fef', count: 0, bytes: 0 }]);
});
