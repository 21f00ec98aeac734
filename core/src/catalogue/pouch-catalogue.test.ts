import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import expressPouchdb from 'express-pouchdb';
import PouchDB from 'pouchdb/lib/index.js';
import memoryAdapter from 'pouchdb-adapter-memory/lib/index.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { catalogueContract } from '../../testing/catalogue-contract.ts';
import { InMemoryCatalogue } from '../../testing/in-memory-catalogue.ts';
import { makeInstanceRecord } from '../../testing/instance-record.ts';
import type { CatalogueChange } from './contract.ts';
import { PouchCatalogue, type PouchCatalogueOptions } from './pouch-catalogue.ts';
import { type LeveldownFactory, syncedLeveldown } from './synced-leveldown.ts';

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-catalogue-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function openEmbedded(more: Partial<PouchCatalogueOptions> = {}): Promise<PouchCatalogue> {
  const catalogue = await PouchCatalogue.open({ location: await temporaryDirectory(), ...more });
  onTestFinished(() => catalogue.close());
  return catalogue;
}

const server = createServer();
let databases = 0;
let address = '';

beforeAll(async () => {
  const MemoryPouch = PouchDB.plugin(memoryAdapter).defaults({ adapter: 'memory' });
  const app = express();
  app.use(expressPouchdb(MemoryPouch, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: '/dev/null' }));
  server.on('request', app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function newRemoteLocation(): string {
  databases += 1;
  return `${address}/catalogue${databases}`;
}

catalogueContract('in memory', async () => new InMemoryCatalogue());
catalogueContract('PouchDB on LevelDB', async () => PouchCatalogue.open({ location: await temporaryDirectory() }));
catalogueContract('CouchDB over HTTP', async () => PouchCatalogue.open({ location: newRemoteLocation() }));

describe('PouchCatalogue, embedded', () => {
  it('has everything again when it is opened again', async () => {
    const location = await temporaryDirectory();
    const first = await PouchCatalogue.open({ location });
    await first.commit(makeInstanceRecord('1.2.3'));
    await first.documents('orders').put('o1', { value: 1 });
    await first.close();
    const second = await PouchCatalogue.open({ location });
    expect(await second.get('1.2.3')).toStrictEqual(makeInstanceRecord('1.2.3'));
    expect(await second.documents('orders').get('o1')).toMatchObject({ value: 1 });
    await second.close();
    await expect(second.commit(makeInstanceRecord('1.2.4'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(second.get('1.2.3')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('ends what was committed before it closes', async () => {
    const location = await temporaryDirectory();
    const first = await PouchCatalogue.open({ location });
    const commits = Array.from({ length: 20 }, (_, index) => first.commit(makeInstanceRecord(`1.2.${index}`)));
    await Promise.all([first.close(), ...commits]);
    const second = await PouchCatalogue.open({ location });
    expect(await second.count()).toBe(20);
    await second.close();
  });

  it('writes every batch with fsync, and groups the commits that come meanwhile', async () => {
    const batches: { sync: unknown; operations: number }[] = [];
    const { default: leveldown } = await import('leveldown');
    const prototype = Object.getPrototypeOf(leveldown(join(tmpdir(), 'never-opened'))) as {
      _batch: (operations: readonly unknown[], options: { sync?: boolean }, callback: unknown) => void;
    };
    const original = prototype._batch;
    const watch = vi.spyOn(prototype, '_batch').mockImplementation(function (
      this: unknown,
      operations,
      options,
      callback,
    ) {
      batches.push({ sync: options.sync, operations: operations.length });
      return original.call(this, operations, options, callback);
    });
    onTestFinished(() => watch.mockRestore());
    const catalogue = await openEmbedded();
    await Promise.all(Array.from({ length: 50 }, (_, index) => catalogue.commit(makeInstanceRecord(`1.2.${index}`))));
    expect(batches.length).toBeGreaterThan(0);
    expect(batches.length).toBeLessThan(5);
    expect(batches.every(({ sync }) => sync === true)).toBe(true);
  });

  it('fails what could not be written, opens again and goes on, with nothing half-written', async () => {
    let failing = false;
    const flaky = (gate: () => Promise<unknown> | undefined): LeveldownFactory => {
      const factory = syncedLeveldown(gate);
      const make = (location: string) => {
        const level = factory(location);
        const batch = level._batch.bind(level);
        level._batch = (operations, options, callback) =>
          failing ? callback(new Error('IO error: no space left on device')) : batch(operations, options, callback);
        return level;
      };
      return Object.assign(make, { destroy: factory.destroy });
    };
    const catalogue = await openEmbedded({ leveldown: flaky });
    await catalogue.commit(makeInstanceRecord('1.2.1'));
    failing = true;
    await expect(catalogue.commit(makeInstanceRecord('1.2.2'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(catalogue.commit(makeInstanceRecord('1.2.3'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    failing = false;
    expect((await catalogue.commit(makeInstanceRecord('1.2.4'))).outcome).toBe('created');
    expect((await catalogue.commit(makeInstanceRecord('1.2.2'))).outcome).toBe('created');
    const { changes } = await catalogue.changes('', 10);
    expect(changes.map(({ id }) => id)).toEqual(['instance:1.2.1', 'instance:1.2.4', 'instance:1.2.2']);
  });

  it('tells who follows closely the same as who reads it all later', async () => {
    const location = await temporaryDirectory();
    const catalogue = await PouchCatalogue.open({ location });
    const followed: CatalogueChange[] = [];
    let since = '';
    const follow = async () => {
      for (;;) {
        const page = await catalogue.changes(since, 7);
        if (page.changes.length === 0) return;
        followed.push(...page.changes);
        since = page.lastSeq;
      }
    };
    for (let round = 0; round < 60; round += 1) {
      const commits = Array.from({ length: 1 + (round % 13) }, (_, index) =>
        // Some instances come a second time: they take no place in the feed.
        catalogue.commit(makeInstanceRecord(`1.2.${round}.${index % 9}`, String(index))),
      );
      if (round % 10 === 3) {
        await catalogue.putConflict({
          id: `conflict:1.2.${round}:x`,
          SOPInstanceUID: `1.2.${round}`,
          existing: { sha256: 'a', receivedAt: '', source: '' },
          received: makeInstanceRecord(`1.2.${round}`),
          status: 'open',
        });
      }
      if (round % 20 === 5) await catalogue.supersede(makeInstanceRecord('1.2.0.0', `round ${round}`));
      if (round % 3 === 0) await follow();
      await Promise.all(commits);
    }
    await follow();
    await catalogue.close();
    const again = await PouchCatalogue.open({ location });
    onTestFinished(() => again.close());
    const { changes } = await again.changes('', 10_000);
    // Read later, a document is at its latest place only.
    const latest = [...new Map(followed.map((change) => [change.id, change])).values()];
    expect(latest.sort((a, b) => Number(a.seq) - Number(b.seq))).toStrictEqual(changes);
    expect(followed.map(({ seq }) => Number(seq))).toEqual(
      followed.map(({ seq }) => Number(seq)).sort((a, b) => a - b),
    );
  });

  it('is opened by one at a time', async () => {
    const location = await temporaryDirectory();
    const catalogue = await PouchCatalogue.open({ location });
    onTestFinished(() => catalogue.close());
    const { default: leveldown } = await import('leveldown');
    const second = leveldown(join(location, 'instances')) as unknown as { open(done: (error?: Error) => void): void };
    const error = await new Promise<Error | undefined>((resolve) => second.open(resolve));
    expect(error?.message).toMatch(/lock/i);
  });

  it('skips a damaged document in the feed and says so', async () => {
    const location = await temporaryDirectory();
    const raw = new PouchDB(join(location, 'instances'), { db: syncedLeveldown() });
    await raw.put({ _id: 'instance:1.2.1', sha256: 7 });
    await raw.close();
    const problems: string[] = [];
    const catalogue = await PouchCatalogue.open({ location, onProblem: (problem) => problems.push(problem) });
    onTestFinished(() => catalogue.close());
    await catalogue.commit(makeInstanceRecord('1.2.2'));
    const { changes } = await catalogue.changes('', 10);
    expect(changes.map(({ id, record }) => [id, record?.SOPInstanceUID])).toEqual([
      ['instance:1.2.1', undefined],
      ['instance:1.2.2', '1.2.2'],
    ]);
    expect(problems.length).toBe(1);
  });
});

describe('PouchCatalogue, remote', () => {
  it('tells listeners about changes by others', async () => {
    const location = newRemoteLocation();
    const mine = await PouchCatalogue.open({ location });
    const other = await PouchCatalogue.open({ location });
    onTestFinished(async () => {
      await mine.close();
      await other.close();
    });
    let told = 0;
    mine.onChange(() => {
      told += 1;
    });
    let count = 0;
    await vi.waitFor(
      async () => {
        count += 1;
        await other.commit(makeInstanceRecord(`1.2.${count}`));
        expect(told).toBeGreaterThan(0);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect((await mine.changes('', 1)).changes[0]?.id).toBe('instance:1.2.1');
  });

  it('says UNAVAILABLE when the server does not answer', async () => {
    await expect(PouchCatalogue.open({ location: 'http://127.0.0.1:9/none' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
