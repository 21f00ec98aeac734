import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InMemoryStorage } from '../../testing/in-memory-storage.ts';
import { makeDataSet, makeInstanceFile } from '../../testing/instance-file.ts';
import { collect } from '../../testing/storage-contract.ts';
import { FilmlessError } from '../errors.ts';
import { blobNames, SOURCE, setUp } from './ingest-setup.test-util.ts';

const UID = '1.2.3';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('InstanceIngest', () => {
  it('stores an instance: its bytes as they came, its record, and who sent it', async () => {
    const { receive, storage, catalogue } = setUp();
    const file = makeInstanceFile({ SOPInstanceUID: UID });
    const outcome = await receive(file);
    expect(outcome.status).toBe('stored');
    expect(outcome.record).toMatchObject({
      SOPInstanceUID: UID,
      StudyInstanceUID: '2.25.1',
      sha256: sha256(file),
      sizeBytes: file.length,
      received: {
        at: '2026-01-01T00:00:00.000Z',
        via: 'dimse',
        source: 'CT1',
        address: '192.0.2.1',
        department: 'radiology',
      },
    });
    expect(await catalogue.get(UID)).toStrictEqual(outcome.record);
    expect(Buffer.compare(await collect(await storage.stream(sha256(file))), file)).toBe(0);
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
  });

  it('puts our meta information before a data set that came without, and leaves its bytes alone', async () => {
    const { receive, storage } = setUp();
    const dataSet = makeDataSet({ SOPInstanceUID: UID });
    const { record } = await receive(dataSet);
    const stored = await collect(await storage.stream(record.sha256));
    expect(stored.toString('latin1', 128, 132)).toBe('DICM');
    expect(Buffer.compare(stored.subarray(record.datasetOffsetBytes), dataSet)).toBe(0);
    const pixels = record.bulkData.at(-1);
    expect(Buffer.compare(stored.subarray(pixels?.offsetBytes), dataSet.subarray(-512))).toBe(0);
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
    expect((await receive(makeInstanceFile({ SOPInstanceUID: UID }))).status).toBe('duplicate');
  });

  it.each([
    ['the preamble', 128],
    ['preamble and DICM', 132],
  ])('puts back %s where a file lacks it, and leaves the rest alone', async (_, missingBytes) => {
    const { receive, storage } = setUp();
    const whole = makeInstanceFile({ SOPInstanceUID: UID });
    const { record, status } = await receive(whole.subarray(missingBytes));
    expect(status).toBe('stored');
    expect(Buffer.compare(await collect(await storage.stream(record.sha256)), whole)).toBe(0);
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
    expect((await receive(whole)).status).toBe('duplicate');
  });

  it('lets a hook change the source, and refuse', async () => {
    const { receive, storage, catalogue } = setUp({
      beforeReceive: async (event) => {
        if (event.source.name === 'UNKNOWN') throw new FilmlessError('DEVICE_UNKNOWN');
        event.source = { ...event.source, department: 'surgery' };
      },
    });
    const { record } = await receive(makeInstanceFile({ SOPInstanceUID: UID }));
    expect(record.received.department).toBe('surgery');
    const refused = receive(makeInstanceFile({ SOPInstanceUID: '1.2.4' }), { ...SOURCE, name: 'UNKNOWN' });
    await expect(refused).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
    expect(await catalogue.get('1.2.4')).toBeUndefined();
    expect((await blobNames(storage)).length).toBe(1);
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
    expect(await storage.listQuarantine()).toEqual([]);
  });

  it('acknowledges nothing when the blob cannot be stored, and commits no record', async () => {
    const { receive, storage, catalogue } = setUp();
    storage.adopt = async () => {
      throw new FilmlessError('STORAGE_FAILED');
    };
    await expect(receive(makeInstanceFile({ SOPInstanceUID: UID }))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await catalogue.get(UID)).toBeUndefined();
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
  });

  it('acknowledges nothing when the record cannot be committed, and stores it when it comes again', async () => {
    const { receive, storage, catalogue } = setUp();
    const commit = catalogue.commit.bind(catalogue);
    catalogue.commit = async (_record, options) => {
      await options?.after;
      throw new FilmlessError('UNAVAILABLE');
    };
    const file = makeInstanceFile({ SOPInstanceUID: UID });
    await expect(receive(file)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    catalogue.commit = commit;
    expect((await receive(file)).status).toBe('stored');
    expect(await blobNames(storage)).toEqual([sha256(file)]);
  });

  it('refuses below the free-space floor before it takes bytes, and while it takes them', async () => {
    const storage = new InMemoryStorage({ capacityBytes: 20 * 1024 * 1024, floorBytes: 1024 });
    const { ingest, catalogue } = setUp({ storage });
    await expect(ingest.admit(1024)).resolves.toEqual({ placeIn: undefined });
    await expect(ingest.admit(20 * 1024 * 1024)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    const full = new InMemoryStorage({ capacityBytes: 1024, floorBytes: 0 });
    const second = setUp({ storage: full });
    const stream = Readable.from([makeInstanceFile({ SOPInstanceUID: UID })]);
    await expect(second.ingest.receiveStream(stream, SOURCE)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(await readdir(full.stagingDirectory)).toEqual([]);
    expect(await catalogue.count()).toBe(0);
    await storage.close();
    await full.close();
  });

  it('takes nothing more once it stops, and ends what is under way', async () => {
    const { ingest, receive, catalogue } = setUp();
    const receiving = receive(makeInstanceFile({ SOPInstanceUID: UID }));
    await new Promise((resolve) => setImmediate(resolve));
    await receiving;
    await ingest.stop();
    expect(await catalogue.get(UID)).toBeDefined();
    await expect(ingest.admit(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(receive(makeInstanceFile({ SOPInstanceUID: '1.2.4' }))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('InstanceIngest, quarantine', () => {
  it.each([
    ['no DICOM at all', Buffer.from('<html>not an image</html>'.repeat(20)), 'NOT_DICOM'],
    ['cut off', makeInstanceFile({ SOPInstanceUID: UID }).subarray(0, 700), 'DICOM_TRUNCATED'],
    ['without its identifier', makeInstanceFile({ SOPInstanceUID: '' }), 'DICOM_IDENTIFIER_MISSING'],
  ])('keeps what is %s, with the reason it throws', async (_, bytes, code) => {
    const { receive, storage, catalogue } = setUp();
    await expect(receive(bytes, { ...SOURCE, fileName: 'x.dcm' })).rejects.toMatchObject({ code });
    const [entry] = await storage.listQuarantine();
    expect(entry).toMatchObject({ code, via: 'dimse', source: 'CT1', sizeBytes: bytes.length, fileName: 'x.dcm' });
    expect(entry?.reason).not.toMatch(/Phantom/);
    expect(Buffer.compare(await collect(await storage.streamQuarantine(entry?.id ?? '')), bytes)).toBe(0);
    expect(await catalogue.count()).toBe(0);
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
  });

  it('keeps nothing of a stream that broke off', async () => {
    const { ingest, storage } = setUp();
    const broken = Readable.from(
      (async function* () {
        yield makeInstanceFile({ SOPInstanceUID: UID });
        throw new Error('socket hang up');
      })(),
    );
    await expect(ingest.receiveStream(broken, SOURCE)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
    expect(await storage.listQuarantine()).toEqual([]);
    expect(await blobNames(storage)).toEqual([]);
  });
});

describe('InstanceIngest, simultaneous receives', () => {
  it('comes to the same end as one after another, whatever comes at once', async () => {
    const variant = fc.record({
      uid: fc.constantFrom('1.2.1', '1.2.2'),
      salt: fc.constantFrom('', 'a', 'b'),
      otherMeta: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(variant, { minLength: 1, maxLength: 10 }),
        fc.scheduler(),
        async (variants, scheduler) => {
          const storage = new InMemoryStorage();
          for (const method of ['adopt', 'remove', 'open'] as const) {
            const original = storage[method].bind(storage) as (argument: never) => Promise<unknown>;
            storage[method] = scheduler.scheduleFunction(original as never) as never;
          }
          const { catalogue, ingest } = setUp({ storage });
          const commit = catalogue.commit.bind(catalogue);
          catalogue.commit = (record, options) =>
            scheduler.schedule(Promise.resolve()).then(() => commit(record, options));
          const receiving = variants.map(({ uid, ...rest }) =>
            ingest.receiveStream(Readable.from([makeInstanceFile({ SOPInstanceUID: uid, ...rest })]), SOURCE),
          );
          const outcomes = await scheduler.waitFor(Promise.all(receiving));
          const conflicts = await catalogue.listConflicts();
          for (const uid of new Set(variants.map((each) => each.uid))) {
            const mine = variants
              .map((each, index) => ({ ...each, outcome: outcomes[index] }))
              .filter((each) => each.uid === uid);
            // One is stored; every other data set is one conflict; all the rest changed nothing.
            expect(mine.filter(({ outcome }) => outcome?.status === 'stored').length).toBe(1);
            const dataSets = new Set(mine.map(({ salt }) => salt)).size;
            expect(conflicts.filter(({ SOPInstanceUID }) => SOPInstanceUID === uid).length).toBe(dataSets - 1);
            const stored = mine.find(({ outcome }) => outcome?.status === 'stored');
            for (const { salt, outcome } of mine) {
              if (salt !== stored?.salt) expect(outcome?.status).toBe('conflict');
              else expect(['stored', 'duplicate']).toContain(outcome?.status);
            }
          }
          // Exactly what is referred to is kept.
          const referred = conflicts.map(({ received }) => received.sha256);
          for await (const record of catalogue.all()) referred.push(record.sha256);
          expect(await blobNames(storage)).toEqual([...new Set(referred)].sort());
          await storage.close();
        },
      ),
      { numRuns: 40 },
    );
  });
});
