import { randomBytes, randomInt } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { InMemoryDocumentStore } from '../../testing/in-memory-document-store.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { RecordingLog } from '../../testing/recording-log.ts';
import { until } from '../../testing/until.ts';
import type { AuditEvent } from '../audit/contract.ts';
import { systemClock } from '../clock.ts';
import { setUp, temporaryDirectory } from '../ingest/ingest-setup.test-util.ts';
import { blobPath } from '../storage/blob-path.ts';
import { FileSystemStorage } from '../storage/file-system-storage.ts';
import type { MendSource } from '../storage/mend-blob.ts';
import { Scrub } from './scrub.ts';
import { ScrubStore } from './scrub-store.ts';

/** An archive of instances in a folder, a replica of it, and a scrub over them. */
async function archive(instances: number) {
  const directory = await temporaryDirectory();
  const storage = await FileSystemStorage.open({ directory, floorBytes: 0 });
  onTestFinished(() => storage.close());
  const { catalogue, receive } = setUp({ storage });
  const replica = new Map<string, Buffer>();
  for (let number = 1; number <= instances; number += 1) {
    const bytes = Buffer.concat([makeInstanceFile({ SOPInstanceUID: `1.2.${number}` }), randomBytes(2000)]);
    replica.set((await receive(bytes)).record.sha256, bytes);
  }
  return { directory, storage, catalogue, replica };
}

function scrubOver(
  { storage, catalogue }: Pick<Awaited<ReturnType<typeof archive>>, 'storage' | 'catalogue'>,
  sources: { key: string; value: MendSource }[],
  more: { absent?: string[] } = {},
) {
  const audited: AuditEvent[] = [];
  const store = new ScrubStore(new InMemoryDocumentStore());
  const scrub = new Scrub({
    catalogue,
    storage,
    store,
    sources: () => sources,
    absentOnPurpose: async () => new Set(more.absent),
    settings: { everyDays: 0, bytesPerSecond: 1e9 },
    audit: { record: (event) => void audited.push(event), recordDurably: async (event) => void audited.push(event) },
    log: new RecordingLog(),
    clock: systemClock,
  });
  scrub.start();
  onTestFinished(() => scrub.stop());
  const round = async () => {
    scrub.begin();
    const began = new Date().toISOString();
    await until(async () => {
      const now = await store.round();
      return now?.running === false && (now.last?.startedAt ?? '') >= began;
    }, 50_000);
    return (await store.round())?.last;
  };
  return { store, audited, round };
}

const from = (blobs: ReadonlyMap<string, Uint8Array>): MendSource => ({
  order: 90,
  stream: async (sha256) => {
    const bytes = blobs.get(sha256);
    return bytes && Readable.from([bytes]);
  },
});

async function flipBytes(directory: string, sha256: string): Promise<void> {
  const file = await open(blobPath(join(directory, 'blobs'), sha256), 'r+');
  const { size } = await file.stat();
  const at = randomInt(size);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  await file.write(Buffer.from([(byte[0] ?? 0) ^ (1 + randomInt(255))]), 0, 1, at);
  await file.close();
}

const picked = (names: Iterable<string>, count: number) => [...names].sort(() => randomInt(3) - 1).slice(0, count);

it('finds flipped bytes in 20 blobs and lost ones, and repairs all of them', async () => {
  const all = await archive(60);
  const [rotten, lost] = [picked(all.replica.keys(), 20), [] as string[]];
  for (const sha256 of rotten) await flipBytes(all.directory, sha256);
  for (const sha256 of all.replica.keys()) if (!rotten.includes(sha256) && lost.length < 2) lost.push(sha256);
  for (const sha256 of lost) await rm(blobPath(join(all.directory, 'blobs'), sha256));
  const wrong = from(new Map([...all.replica].map(([sha256]) => [sha256, Buffer.from('other bytes')])));
  const broken: MendSource = { order: 2, stream: async () => Promise.reject(new Error('not there')) };
  const { round, store, audited } = scrubOver(all, [
    { key: 'replica', value: from(all.replica) },
    { key: 'wrong', value: { ...wrong, order: 1 } },
    { key: 'broken', value: broken },
  ]);
  expect(await round()).toMatchObject({ checked: 60, repaired: 22, damaged: 0 });
  for (const sha256 of all.replica.keys()) expect(await all.storage.verify(sha256)).toBe(true);
  const findings = await store.findings();
  expect(findings.map(({ sha256 }) => sha256).sort()).toEqual([...rotten, ...lost].sort());
  expect(findings.every(({ repairedFrom }) => repairedFrom === 'replica')).toBe(true);
  expect((await all.storage.listQuarantine()).map(({ code }) => code)).toEqual(rotten.map(() => 'BLOB_CORRUPT'));
  expect(audited.filter(({ outcome }) => outcome === 'success')).toHaveLength(22);
  expect(await round()).toMatchObject({ checked: 60, repaired: 0, damaged: 0 });
});

it('leaves what no source has, reports it, and forgets it once it is whole', async () => {
  const all = await archive(3);
  const [sha256 = ''] = all.replica.keys();
  await flipBytes(all.directory, sha256);
  const sources = [{ key: 'replica', value: from(new Map()) }];
  const { round, store, audited } = scrubOver(all, sources);
  expect(await round()).toMatchObject({ repaired: 0, damaged: 1 });
  expect(await all.storage.has(sha256)).toBe(true);
  expect(await all.storage.listQuarantine()).toEqual([]);
  expect(await store.openFindings()).toEqual(new Set([sha256]));
  expect(audited[0]?.outcome).toBe('failed');
  sources[0] = { key: 'disk', value: from(all.replica) };
  expect(await round()).toMatchObject({ repaired: 1, damaged: 0 });
  expect(await store.findings()).toMatchObject([{ sha256, repairedFrom: 'disk' }]);
});

it('does not bring back what is elsewhere on purpose', async () => {
  const all = await archive(2);
  const [sha256 = ''] = all.replica.keys();
  await all.storage.remove(sha256);
  const { round } = scrubOver(all, [{ key: 'replica', value: from(all.replica) }], { absent: [sha256] });
  expect(await round()).toMatchObject({ repaired: 0, damaged: 0 });
  expect(await all.storage.has(sha256)).toBe(false);
});

it('goes on where it stood when the node was stopped', async () => {
  const all = await archive(5);
  const store = new ScrubStore(new InMemoryDocumentStore());
  const seen: string[] = [];
  const options = {
    catalogue: all.catalogue,
    storage: Object.create(all.storage, {
      verify: { value: async (sha256: string) => seen.push(sha256) > 0 },
    }) as FileSystemStorage,
    store,
    sources: () => [],
    absentOnPurpose: async () => new Set<string>(),
    settings: { everyDays: 0, bytesPerSecond: 1e9 },
    audit: { record: () => undefined, recordDurably: async () => undefined },
    log: new RecordingLog(),
    clock: systemClock,
  };
  await store.saveRound({
    startedAt: new Date(0).toISOString(),
    position: '1.2.3',
    checked: 3,
    bytes: 3,
    repaired: 0,
    damaged: 0,
    running: true,
  });
  const scrub = new Scrub(options);
  scrub.start();
  onTestFinished(() => scrub.stop());
  await until(async () => (await store.round())?.running === false, 55_000);
  expect((await store.round())?.last).toMatchObject({ checked: 5 });
  expect(seen).toHaveLength(2);
});
