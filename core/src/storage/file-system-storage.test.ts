import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { InMemoryStorage } from '../../testing/in-memory-storage.ts';
import { stage, storageContract } from '../../testing/storage-contract.ts';
import { BlobPlacer } from './blob-placer.ts';
import { FileSystemStorage, type FileSystemStorageOptions } from './file-system-storage.ts';
import { StagedWriter } from './staged-writer.ts';

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-storage-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function openIn(directory: string, more: Partial<FileSystemStorageOptions> = {}): Promise<FileSystemStorage> {
  const storage = await FileSystemStorage.open({ directory, floorBytes: 0, ...more });
  onTestFinished(() => storage.close());
  return storage;
}

const counted = (storage: FileSystemStorage) =>
  vi.waitFor(
    async () => {
      const usage = await storage.usage();
      expect(usage.counting).toBe(false);
      return usage;
    },
    { timeout: 30_000 },
  );

storageContract('file system', async () => openIn(await temporaryDirectory()));
storageContract('in memory', async () => new InMemoryStorage());

describe('FileSystemStorage', () => {
  it('puts a blob under two levels of its hash', async () => {
    const directory = await temporaryDirectory();
    const storage = await openIn(directory);
    const { sha256 } = await storage.adopt(await stage(storage, Buffer.from('x')));
    const path = join(directory, 'blobs', sha256.slice(0, 3), sha256);
    expect(await readFile(path, 'utf8')).toBe('x');
  });

  it('removes at the start what was staged and never acknowledged, and reasons without a file', async () => {
    const directory = await temporaryDirectory();
    const first = await openIn(directory);
    const kept = await first.adopt(await stage(first, Buffer.from('kept')));
    await stage(first, Buffer.from('left over'));
    const quarantined = await first.quarantine(await stage(first, Buffer.from('odd')), {
      code: 'NOT_DICOM',
      reason: 'no magic',
      receivedAt: '2026-01-01T00:00:00.000Z',
      via: 'dimse',
      source: 'CT1',
    });
    await writeFile(join(directory, 'quarantine', '01ARZ3NDEKTSV4RRFFQ69G5FAV.json'), '{}');
    await first.close();
    const second = await openIn(directory);
    expect(await readdir(second.stagingDirectory)).toEqual([]);
    expect(await second.has(kept.sha256)).toBe(true);
    expect(await second.listQuarantine()).toEqual([quarantined]);
    expect((await readdir(join(directory, 'quarantine'))).length).toBe(2);
  });

  it('still shows a quarantined object whose note is damaged', async () => {
    const directory = await temporaryDirectory();
    const storage = await openIn(directory);
    const details = { code: 'NOT_DICOM', reason: 'r', receivedAt: '', via: 'dimse', source: 'CT1' };
    const { id } = await storage.quarantine(await stage(storage, Buffer.from('odd')), details);
    await writeFile(join(directory, 'quarantine', `${id}.json`), '{"id":');
    expect(await storage.listQuarantine()).toMatchObject([{ id, code: 'INTERNAL', sizeBytes: 3 }]);
  });

  it('goes on when somebody tidied up an empty folder', async () => {
    const directory = await temporaryDirectory();
    const storage = await openIn(directory);
    const bytes = randomBytes(100);
    const { sha256 } = await storage.adopt(await stage(storage, bytes));
    await storage.remove(sha256);
    await rm(join(directory, 'blobs', sha256.slice(0, 3)), { recursive: true });
    await storage.adopt(await stage(storage, bytes));
    expect(await storage.verify(sha256)).toBe(true);
    await expect(storage.adopt({ path: join(directory, 'gone'), sha256, sizeBytes: 1 })).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
    });
  });

  it('heals a rotten blob when its content comes again', async () => {
    const directory = await temporaryDirectory();
    const storage = await openIn(directory);
    const bytes = randomBytes(1000);
    const { sha256 } = await storage.adopt(await stage(storage, bytes));
    const path = join(directory, 'blobs', sha256.slice(0, 3), sha256);
    await writeFile(path, bytes.subarray(0, 700));
    expect(await storage.verify(sha256)).toBe(false);
    await counted(storage);
    await storage.adopt(await stage(storage, bytes));
    expect(await storage.verify(sha256)).toBe(true);
  });

  it('counts what a receiver placed itself, and a second copy of it as the same blob', async () => {
    const storage = await openIn(await temporaryDirectory());
    await counted(storage);
    const placer = new BlobPlacer(storage.placeDirectory ?? '');
    const bytes = randomBytes(500);
    for (const formerBytes of [undefined, 500]) {
      const staged = await stage(storage, bytes);
      const placed = placer.placeNow(staged.path, staged.sha256);
      expect(placed).toEqual({ formerBytes });
      await storage.adopt({ ...staged, placed: Promise.resolve(placed) });
      expect(await storage.verify(staged.sha256)).toBe(true);
    }
    expect(await storage.usage()).toMatchObject({ blobCount: 1, usedByBlobsBytes: 500 });
    expect(await readdir(storage.stagingDirectory)).toEqual([]);
  });

  it('says what is wrong when a file cannot be placed, and leaves no name behind', async () => {
    const storage = await openIn(await temporaryDirectory());
    await counted(storage);
    const placer = new BlobPlacer(storage.placeDirectory ?? '');
    const { path, sha256 } = await stage(storage, randomBytes(10));
    await rm(path);
    expect(() => placer.placeNow(path, sha256)).toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }));
    expect(await storage.has(sha256)).toBe(false);
  });

  it('counts what was there before, whatever comes and goes meanwhile', async () => {
    const directory = await temporaryDirectory();
    const first = await openIn(directory);
    const old = await Promise.all(
      Array.from({ length: 40 }, async () => first.adopt(await stage(first, randomBytes(50)))),
    );
    await first.close();
    const second = await openIn(directory);
    await Promise.all([
      ...old.slice(0, 10).map((blob) => second.remove(blob.sha256)),
      ...Array.from({ length: 40 }, async () => second.adopt(await stage(second, randomBytes(7)))),
    ]);
    const usage = await counted(second);
    expect(usage).toMatchObject({ blobCount: 70, usedByBlobsBytes: 30 * 50 + 40 * 7 });
  });

  it('is used by one process at a time, and a dead one does not count', async () => {
    const directory = await temporaryDirectory();
    const first = await openIn(directory);
    await first.close();
    await writeFile(
      join(directory, 'lock'),
      JSON.stringify({ pid: process.ppid, startedAt: await startOf(process.ppid) }),
    );
    await expect(FileSystemStorage.open({ directory, floorBytes: 0 })).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
    });
    await writeFile(join(directory, 'lock'), JSON.stringify({ pid: process.ppid, startedAt: 'another boot' }));
    const second = await openIn(directory);
    await second.close();
    await writeFile(join(directory, 'lock'), '{"pi');
    await (await openIn(directory)).close();
  });

  it('remembers what it admitted until the file system says how much is left', async () => {
    let reads = 0;
    const diskSpace = async () => {
      reads += 1;
      return { totalBytes: 10_000, freeBytes: 5000 };
    };
    const storage = await openIn(await temporaryDirectory(), { floorBytes: 1000, diskSpace });
    await storage.ensureSpace(3000);
    await expect(storage.ensureSpace(1001)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(reads).toBe(1);
    await vi.waitFor(() => storage.ensureSpace(4000), { timeout: 30_000 });
    expect(reads).toBe(2);
  });

  it('streams a large object with flat memory', async () => {
    const storage = await openIn(await temporaryDirectory());
    const chunk = randomBytes(1024 * 1024);
    const before = process.memoryUsage();
    let peak = 0;
    const look = () => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      peak = Math.max(peak, heapUsed + arrayBuffers);
    };
    const writer = await StagedWriter.open(storage.stagingDirectory);
    for (let megabytes = 0; megabytes < 200; megabytes += 1) {
      await writer.write(chunk);
      look();
    }
    const { sha256 } = await storage.adopt(await writer.finish());
    let read = 0;
    for await (const part of await storage.stream(sha256)) {
      read += (part as Buffer).length;
      look();
    }
    expect(read).toBe(200 * 1024 * 1024);
    expect(await storage.verify(sha256)).toBe(true);
    look();
    expect(peak - before.heapUsed - before.arrayBuffers).toBeLessThan(100 * 1024 * 1024);
  });
});

async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** A file system of 2 MiB of its own, where this user may mount one. */
async function smallDisk(): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    await rm(directory, { recursive: true });
    return undefined;
  }
}

const disk = await smallDisk();
if (!disk) console.warn('Left out: the tests on a full disk need the right to mount a tmpfs (root).');

describe.skipIf(!disk)('on a disk of 2 MiB (needs the right to mount a tmpfs)', () => {
  it('says STORAGE_FULL when the disk fills while writing, leaves nothing behind and goes on', async () => {
    const directory = disk ?? '';
    onTestFinished(async () => {
      execFileSync('umount', ['-l', directory]);
      await rm(directory, { recursive: true, force: true });
    });
    const storage = await openIn(directory);
    for (const sync of [true, false]) {
      const writer = await StagedWriter.open(storage.stagingDirectory, { sync });
      const fill = async () => {
        for (let part = 0; part < 50; part += 1) await writer.write(randomBytes(100_000));
      };
      await expect(fill()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      await expect(writer.finish()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      expect(await readdir(storage.stagingDirectory)).toEqual([]);
    }
    const { sha256 } = await storage.adopt(await stage(storage, randomBytes(100_000)));
    expect(await storage.verify(sha256)).toBe(true);
    await expect(storage.ensureSpace(4 * 1024 * 1024)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect((await stat(directory)).isDirectory()).toBe(true);
  });

  it('adopts a file staged on another file system', async () => {
    const other = await temporaryDirectory();
    const storage = await openIn(await temporaryDirectory());
    const foreign = await openIn(other);
    const { sha256 } = await storage.adopt(await stage(foreign, randomBytes(5000)));
    expect(await storage.verify(sha256)).toBe(true);
  });
});
