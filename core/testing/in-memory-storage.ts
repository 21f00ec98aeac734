import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ulid } from 'ulid';
import type { ByteSource } from '../src/dicom/types.ts';
import { FilmlessError } from '../src/errors.ts';
import type { BlobStat, BlobStorage, QuarantineEntry, StagedFile, StorageUsage } from '../src/storage/contract.ts';

interface Blob {
  bytes: Buffer;
  storedAtMs: number;
}

function assertName(sha256: string): void {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new FilmlessError('INVALID_REQUEST', 'A blob is named by its SHA-256');
}

/** Blobs in memory, for tests; only the staging folder is on disk, and `close` removes it. */
export class InMemoryStorage implements BlobStorage {
  readonly stagingDirectory = mkdtempSync(join(tmpdir(), 'filmless-memory-'));
  readonly #capacityBytes: number;
  readonly #floorBytes: number;
  readonly #blobs = new Map<string, Blob>();
  readonly #quarantine = new Map<string, { entry: QuarantineEntry; bytes: Buffer }>();

  constructor(options: { capacityBytes?: number; floorBytes?: number } = {}) {
    this.#capacityBytes = options.capacityBytes ?? 1024 ** 3;
    this.#floorBytes = options.floorBytes ?? 0;
  }

  async ensureSpace(sizeBytes: number): Promise<void> {
    const { freeBytes, floorBytes } = await this.usage();
    if (freeBytes - sizeBytes < floorBytes) throw new FilmlessError('STORAGE_FULL');
  }

  async adopt(staged: StagedFile): Promise<BlobStat> {
    assertName(staged.sha256);
    const bytes = await readFile(staged.path);
    this.#blobs.set(staged.sha256, { bytes, storedAtMs: Date.now() });
    await unlink(staged.path);
    return { sha256: staged.sha256, sizeBytes: bytes.length };
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.stat(sha256)) !== undefined;
  }

  async stat(sha256: string): Promise<BlobStat | undefined> {
    assertName(sha256);
    const blob = this.#blobs.get(sha256);
    return blob && { sha256, sizeBytes: blob.bytes.length, storedAtMs: blob.storedAtMs };
  }

  async stream(sha256: string, range?: { start: number; end: number }): Promise<Readable> {
    const bytes = this.#get(sha256);
    if (!range) return Readable.from(bytes.length > 0 ? [bytes] : []);
    const { start, end } = range;
    if (!(start >= 0 && start < end && end <= bytes.length)) {
      throw new FilmlessError('RANGE_NOT_SATISFIABLE', `The object has ${bytes.length} bytes`);
    }
    return Readable.from([bytes.subarray(start, end)]);
  }

  async open(sha256: string): Promise<ByteSource & { close(): Promise<void> }> {
    const bytes = this.#get(sha256);
    return {
      sizeBytes: bytes.length,
      read: async (offsetBytes, lengthBytes) => bytes.subarray(offsetBytes, offsetBytes + lengthBytes),
      close: async () => undefined,
    };
  }

  async *list(): AsyncIterable<BlobStat> {
    for (const [sha256, { bytes, storedAtMs }] of this.#blobs) yield { sha256, sizeBytes: bytes.length, storedAtMs };
  }

  async verify(sha256: string): Promise<boolean> {
    return createHash('sha256').update(this.#get(sha256)).digest('hex') === sha256;
  }

  async remove(sha256: string): Promise<void> {
    assertName(sha256);
    this.#blobs.delete(sha256);
  }

  async usage(): Promise<StorageUsage> {
    let usedByBlobsBytes = 0;
    for (const { bytes } of this.#blobs.values()) usedByBlobsBytes += bytes.length;
    return {
      totalBytes: this.#capacityBytes,
      freeBytes: this.#capacityBytes - usedByBlobsBytes,
      floorBytes: this.#floorBytes,
      usedByBlobsBytes,
      blobCount: this.#blobs.size,
    };
  }

  async quarantine(staged: StagedFile, details: Omit<QuarantineEntry, 'id' | 'sizeBytes'>): Promise<QuarantineEntry> {
    const bytes = await readFile(staged.path);
    await unlink(staged.path);
    const entry: QuarantineEntry = { ...details, id: ulid(), sizeBytes: bytes.length };
    this.#quarantine.set(entry.id, { entry, bytes });
    return entry;
  }

  async listQuarantine(): Promise<QuarantineEntry[]> {
    return [...this.#quarantine.values()].map(({ entry }) => entry);
  }

  async streamQuarantine(id: string): Promise<Readable> {
    const kept = this.#quarantine.get(id);
    if (!kept) throw new FilmlessError('NOT_FOUND', 'No such entry in quarantine');
    return Readable.from([kept.bytes]);
  }

  async removeQuarantine(id: string): Promise<void> {
    if (!this.#quarantine.delete(id)) throw new FilmlessError('NOT_FOUND', 'No such entry in quarantine');
  }

  async close(): Promise<void> {
    await rm(this.stagingDirectory, { recursive: true, force: true });
  }

  /** For tests of damage: changes the bytes under a blob's name. */
  corrupt(sha256: string, bytes: Buffer): void {
    this.#blobs.set(sha256, { bytes, storedAtMs: Date.now() });
  }

  #get(sha256: string): Buffer {
    assertName(sha256);
    const blob = this.#blobs.get(sha256);
    if (!blob) throw new FilmlessError('BLOB_MISSING', sha256);
    return blob.bytes;
  }
}
