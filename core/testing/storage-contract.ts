import { createHash, randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BlobStorage, StagedFile } from '../src/storage/contract.ts';
import { StagedWriter } from '../src/storage/staged-writer.ts';

/** Stages bytes the way a receiver does. */
export async function stage(storage: BlobStorage, bytes: Uint8Array): Promise<StagedFile> {
  const writer = await StagedWriter.open(storage.stagingDirectory);
  await writer.write(bytes);
  return writer.finish();
}

export async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const ABSENT = 'f'.repeat(64);
const reason = {
  code: 'NOT_DICOM',
  reason: 'no magic',
  receivedAt: '2026-01-01T00:00:00.000Z',
  via: 'dimse',
  source: 'CT1',
};

/** What every blob storage keeps to. `make` opens an empty one; it is closed after each test. */
export function storageContract(name: string, make: () => Promise<BlobStorage>): void {
  const open = async () => {
    const storage = await make();
    onTestFinished(() => storage.close());
    return storage;
  };
  const keep = async (storage: BlobStorage, bytes: Uint8Array) => storage.adopt(await stage(storage, bytes));

  describe(`blob storage contract: ${name}`, () => {
    it('gives back what was adopted, and takes the staged file', async () => {
      const storage = await open();
      const bytes = randomBytes(200_000);
      const staged = await stage(storage, bytes);
      const blob = await storage.adopt(staged);
      expect(blob).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: 200_000 });
      expect(await storage.has(blob.sha256)).toBe(true);
      expect(await storage.stat(blob.sha256)).toMatchObject({ sha256: blob.sha256, sizeBytes: 200_000 });
      expect(Buffer.compare(await collect(await storage.stream(blob.sha256)), bytes)).toBe(0);
      expect(await storage.verify(blob.sha256)).toBe(true);
      await expect(access(staged.path)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('keeps an empty object', async () => {
      const storage = await open();
      const { sha256 } = await keep(storage, Buffer.alloc(0));
      expect((await collect(await storage.stream(sha256))).length).toBe(0);
      expect(await storage.verify(sha256)).toBe(true);
    });

    it('reads ranges, the end exclusive', async () => {
      const storage = await open();
      const { sha256 } = await keep(storage, Buffer.from('0123456789'));
      const range = async (start: number, end: number) =>
        (await collect(await storage.stream(sha256, { start, end }))).toString();
      expect(await range(0, 1)).toBe('0');
      expect(await range(3, 7)).toBe('3456');
      expect(await range(9, 10)).toBe('9');
      for (const [start, end] of [
        [0, 11],
        [5, 5],
        [-1, 3],
        [12, 14],
      ] as const) {
        await expect(storage.stream(sha256, { start, end })).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
      }
    });

    it('reads at random through an opened blob', async () => {
      const storage = await open();
      const bytes = randomBytes(100_000);
      const { sha256 } = await keep(storage, bytes);
      const source = await storage.open(sha256);
      expect(source.sizeBytes).toBe(100_000);
      const [start, end, past] = await Promise.all([
        source.read(0, 10),
        source.read(99_990, 100),
        source.read(100_000, 10),
      ]);
      expect(Buffer.compare(start, bytes.subarray(0, 10))).toBe(0);
      expect(Buffer.compare(end, bytes.subarray(99_990))).toBe(0);
      expect(past.length).toBe(0);
      await source.close();
    });

    it('says BLOB_MISSING for what is not there', async () => {
      const storage = await open();
      expect(await storage.has(ABSENT)).toBe(false);
      expect(await storage.stat(ABSENT)).toBeUndefined();
      await expect(storage.stream(ABSENT)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
      await expect(storage.open(ABSENT)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
      await expect(storage.verify(ABSENT)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
      await expect(storage.remove(ABSENT)).resolves.toBeUndefined();
    });

    it('refuses names that are no SHA-256', async () => {
      const storage = await open();
      for (const bad of ['', 'abc', '../../etc/passwd', 'F'.repeat(64), `${'a'.repeat(63)}/`]) {
        await expect(storage.stat(bad)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
        await expect(storage.open(bad)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
        await expect(storage.remove(bad)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      }
    });

    it('keeps the same content once, also when it comes many times at once', async () => {
      const storage = await open();
      const bytes = randomBytes(5000);
      const staged = await Promise.all(Array.from({ length: 8 }, () => stage(storage, bytes)));
      const blobs = await Promise.all(staged.map((file) => storage.adopt(file)));
      await keep(storage, bytes);
      expect(new Set(blobs.map((blob) => blob.sha256)).size).toBe(1);
      await vi.waitFor(async () => expect((await storage.usage()).counting ?? false).toBe(false), { timeout: 30_000 });
      expect(await storage.usage()).toMatchObject({ blobCount: 1, usedByBlobsBytes: 5000 });
    });

    it('lists every blob and counts what is used', async () => {
      const storage = await open();
      const all = await Promise.all(Array.from({ length: 30 }, (_, index) => keep(storage, randomBytes(100 + index))));
      const listed: string[] = [];
      for await (const blob of storage.list()) listed.push(`${blob.sha256} ${blob.sizeBytes}`);
      expect(listed.sort()).toEqual(all.map((blob) => `${blob.sha256} ${blob.sizeBytes}`).sort());
      await storage.remove(all[0]?.sha256 ?? '');
      await vi.waitFor(async () => expect((await storage.usage()).counting ?? false).toBe(false), { timeout: 30_000 });
      const sizes = all.slice(1).reduce((sum, blob) => sum + blob.sizeBytes, 0);
      expect(await storage.usage()).toMatchObject({ blobCount: 29, usedByBlobsBytes: sizes });
      expect(await storage.has(all[0]?.sha256 ?? '')).toBe(false);
    });

    it('admits what fits above the floor and refuses what does not', async () => {
      const storage = await open();
      const { freeBytes, floorBytes } = await storage.usage();
      await expect(storage.ensureSpace(1024)).resolves.toBeUndefined();
      await expect(storage.ensureSpace(freeBytes - floorBytes + 1024 ** 3)).rejects.toMatchObject({
        code: 'STORAGE_FULL',
      });
    });

    it('says when the time of writing was', async () => {
      const storage = await open();
      const before = Date.now() - 1000;
      const { sha256 } = await keep(storage, randomBytes(10));
      const found = await storage.stat(sha256);
      expect(found?.storedAtMs).toBeGreaterThan(before);
      expect(found?.storedAtMs).toBeLessThan(Date.now() + 1000);
    });

    it('keeps what cannot be read in quarantine, with its reason, outside the blobs', async () => {
      const storage = await open();
      const staged = await stage(storage, Buffer.from('not dicom'));
      const entry = await storage.quarantine(staged, { ...reason, fileName: 'a.dcm' });
      await expect(access(staged.path)).rejects.toMatchObject({ code: 'ENOENT' });
      expect(entry).toMatchObject({ ...reason, fileName: 'a.dcm', sizeBytes: 9 });
      const second = await storage.quarantine(await stage(storage, Buffer.from('neither')), reason);
      expect(await storage.listQuarantine()).toEqual([entry, second]);
      expect((await collect(await storage.streamQuarantine(entry.id))).toString()).toBe('not dicom');
      expect(await storage.has(staged.sha256)).toBe(false);
      await storage.removeQuarantine(entry.id);
      expect(await storage.listQuarantine()).toEqual([second]);
    });

    it('says NOT_FOUND for what is not in quarantine, whatever the id', async () => {
      const storage = await open();
      for (const id of ['../blobs', '', '01ARZ3NDEKTSV4RRFFQ69G5FAV']) {
        await expect(storage.streamQuarantine(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(storage.removeQuarantine(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
    });
  });
}
