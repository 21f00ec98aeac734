import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InMemoryCatalogue } from '../../testing/in-memory-catalogue.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { RecordingLog } from '../../testing/recording-log.ts';
import { stage } from '../../testing/storage-contract.ts';
import { FileSystemStorage } from '../storage/file-system-storage.ts';
import { InstanceIngest } from './ingest.ts';
import { blobNames, SOURCE, temporaryDirectory } from './ingest-setup.test-util.ts';
import { rebuildCatalogue } from './recovery.ts';

async function setUpOnDisk() {
  const directory = await temporaryDirectory();
  const storage = await FileSystemStorage.open({ directory, floorBytes: 0 });
  onTestFinished(() => storage.close());
  const log = new RecordingLog();
  const ingestInto = (catalogue: InMemoryCatalogue) => {
    const ingest = new InstanceIngest({ storage, catalogue, log, beforeReceive: async () => undefined });
    return (bytes: Uint8Array) => ingest.receiveStream(Readable.from([bytes]), SOURCE);
  };
  const setTime = async (sha256: string, seconds: number) => {
    const path = join(directory, 'blobs', sha256.slice(0, 3), sha256);
    await utimes(path, seconds, seconds);
  };
  const rebuild = (catalogue: InMemoryCatalogue, more: Partial<Parameters<typeof rebuildCatalogue>[0]> = {}) =>
    rebuildCatalogue({ storage, catalogue, log, ...more });
  return { storage, log, ingestInto, setTime, rebuild };
}

describe('rebuildCatalogue', () => {
  it('makes a record of every blob again', async () => {
    const { ingestInto, rebuild, storage } = await setUpOnDisk();
    const lost = new InMemoryCatalogue();
    const receive = ingestInto(lost);
    for (let index = 0; index < 30; index += 1) await receive(makeInstanceFile({ SOPInstanceUID: `1.2.${index}` }));
    const catalogue = new InMemoryCatalogue();
    const seen: [number, number][] = [];
    const result = await rebuild(catalogue, { progress: (done, total) => seen.push([done, total]) });
    expect(result).toEqual({ found: 30, created: 30, duplicates: 0, conflicts: 0, unreadable: 0 });
    expect(seen.at(-1)).toEqual([30, 30]);
    for await (const record of lost.all()) {
      const again = await catalogue.get(record.SOPInstanceUID);
      const stat = await storage.stat(record.sha256);
      const at = new Date(stat?.storedAtMs ?? 0).toISOString();
      expect(again).toStrictEqual({ ...record, received: { at, via: 'rebuild', source: 'rebuild' } });
    }
    expect(await rebuild(catalogue)).toMatchObject({ found: 0, created: 0 });
  });

  it('adds only what is missing', async () => {
    const { ingestInto, rebuild, storage } = await setUpOnDisk();
    const catalogue = new InMemoryCatalogue();
    const { record } = await ingestInto(catalogue)(makeInstanceFile({ SOPInstanceUID: '1.2.1' }));
    await storage.adopt(await stage(storage, makeInstanceFile({ SOPInstanceUID: '1.2.2' })));
    expect(await rebuild(catalogue)).toMatchObject({ found: 1, created: 1 });
    expect(await catalogue.get('1.2.1')).toStrictEqual(record);
  });

  it.each([
    ['', 'other'],
    ['other', ''],
  ])('gives the record to the earliest of one UID, the others become conflicts ("%s" first)', async (early, late) => {
    const { rebuild, storage, setTime } = await setUpOnDisk();
    const adopt = async (salt: string, seconds: number, otherMeta = false) => {
      const bytes = makeInstanceFile({ SOPInstanceUID: '1.2.1', salt, otherMeta });
      const { sha256 } = await storage.adopt(await stage(storage, bytes));
      await setTime(sha256, seconds);
      return sha256;
    };
    const lateName = await adopt(late, 2000);
    const earlyName = await adopt(early, 1000);
    const duplicate = await adopt(early, 3000, true);
    const catalogue = new InMemoryCatalogue();
    expect(await rebuild(catalogue)).toMatchObject({ found: 3, created: 1, duplicates: 1, conflicts: 1 });
    expect(await catalogue.get('1.2.1')).toMatchObject({
      sha256: earlyName,
      received: { at: '1970-01-01T00:16:40.000Z' },
    });
    expect((await catalogue.listConflicts()).map(({ received, status }) => [received.sha256, status])).toEqual([
      [lateName, 'open'],
    ]);
    expect(await blobNames(storage)).toEqual([earlyName, lateName].sort());
    expect(await storage.has(duplicate)).toBe(false);
    expect(await rebuild(catalogue)).toMatchObject({ found: 0 });
  });

  it('leaves alone what a person decided', async () => {
    const { rebuild, ingestInto, storage } = await setUpOnDisk();
    const catalogue = new InMemoryCatalogue();
    const receive = ingestInto(catalogue);
    await receive(makeInstanceFile({ SOPInstanceUID: '1.2.1' }));
    await receive(makeInstanceFile({ SOPInstanceUID: '1.2.1', salt: 'other' }));
    const ingest = new InstanceIngest({
      storage,
      catalogue,
      log: new RecordingLog(),
      beforeReceive: async () => undefined,
    });
    await ingest.resolveConflict((await catalogue.listConflicts())[0]?.id ?? '', 'received', 'a');
    const before = [await catalogue.get('1.2.1'), await catalogue.listConflicts()];
    expect(await rebuild(catalogue)).toMatchObject({ found: 0 });
    expect([await catalogue.get('1.2.1'), await catalogue.listConflicts()]).toStrictEqual(before);
  });

  it('names what it cannot read, keeps it, and goes on', async () => {
    const { rebuild, storage, log } = await setUpOnDisk();
    const { sha256 } = await storage.adopt(await stage(storage, Buffer.from('no dicom at all')));
    await storage.adopt(await stage(storage, makeInstanceFile({ SOPInstanceUID: '1.2.2' })));
    const catalogue = new InMemoryCatalogue();
    expect(await rebuild(catalogue)).toMatchObject({ found: 2, created: 1, unreadable: 1 });
    expect(await storage.has(sha256)).toBe(true);
    expect(log.lines.find(({ level }) => level === 'error')?.fields).toEqual({ sha256, code: 'NOT_DICOM' });
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
  });

  it('stops when it is told to, and when the catalogue fails', async () => {
    const { rebuild, storage } = await setUpOnDisk();
    for (let index = 0; index < 20; index += 1) {
      await storage.adopt(await stage(storage, makeInstanceFile({ SOPInstanceUID: `1.2.${index}` })));
    }
    const controller = new AbortController();
    const catalogue = new InMemoryCatalogue();
    const stopped = rebuild(catalogue, {
      signal: controller.signal,
      progress: () => controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    const failing = new InMemoryCatalogue();
    failing.commit = async () => {
      throw new Error('no catalogue');
    };
    await expect(rebuild(failing)).rejects.toThrow('no catalogue');
    await rebuild(catalogue);
    expect(await catalogue.count()).toBe(20);
  });
});
