import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, open, opendir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { ByteSource } from '../dicom/types.ts';
import { FilmlessError } from '../errors.ts';
import { assertBlobName, blobPath, SHA256_PATTERN, shardNames } from './blob-path.ts';
import { BlobThreadClient } from './blob-thread-client.ts';
import type { BlobStat, BlobStorage, QuarantineEntry, StagedFile, StorageUsage } from './contract.ts';
import { DirectorySync } from './directory-sync.ts';
import { FileByteSource } from './file-byte-source.ts';
import { FolderLock } from './folder-lock.ts';
import { type DiskSpace, FreeSpace, readDiskSpace } from './free-space.ts';
import { QuarantineFolder } from './quarantine-folder.ts';
import { storageError, systemErrorCode } from './storage-error.ts';
import { UsageCounter } from './usage-counter.ts';

const VERIFY_BUFFER_BYTES = 256 * 1024;

export interface FileSystemStorageOptions {
  directory: string;
  /** Writes are refused when less than this would remain free. */
  floorBytes: number;
  /** How much room there is; the file system's answer when left out. */
  diskSpace?: () => Promise<DiskSpace>;
  /** Told when the count of blobs after the start fails; receiving goes on. */
  onCountFailed?: (error: unknown) => void;
}

/** Blobs as files `blobs/abc/<sha256>` of one file system. A file is complete before it gets its name, and file and name are durable when `adopt` resolves. */
export class FileSystemStorage implements BlobStorage {
  readonly stagingDirectory: string;
  readonly #blobsDirectory: string;
  readonly #directorySync = new DirectorySync();
  readonly #thread: BlobThreadClient;
  /** Counting reads every inode: changes must not wait behind it. */
  readonly #countThread: BlobThreadClient;
  readonly #usage: UsageCounter;
  readonly #freeSpace: FreeSpace;
  readonly #quarantine: QuarantineFolder;
  readonly #lock: FolderLock;
  /** Adoption or removal under way, by content: the same blob is changed by one at a time. */
  readonly #changing = new Map<string, Promise<unknown>>();
  #counting: Promise<void> = Promise.resolve();

  private constructor(options: FileSystemStorageOptions, lock: FolderLock) {
    const directory = resolve(options.directory);
    this.stagingDirectory = join(directory, 'staging');
    this.#blobsDirectory = join(directory, 'blobs');
    this.#thread = new BlobThreadClient(this.#blobsDirectory);
    this.#countThread = new BlobThreadClient(this.#blobsDirectory);
    this.#usage = new UsageCounter((prefix) => this.#countThread.count(prefix));
    this.#freeSpace = new FreeSpace(options.floorBytes, options.diskSpace ?? (() => readDiskSpace(directory)));
    this.#quarantine = new QuarantineFolder(join(directory, 'quarantine'), this.#directorySync);
    this.#lock = lock;
  }

  /** Makes the folders, takes the lock, and removes what was staged but never acknowledged. */
  static async open(options: FileSystemStorageOptions): Promise<FileSystemStorage> {
    const { directory } = options;
    let lock: FolderLock;
    try {
      for (const name of ['blobs', 'staging', 'quarantine']) {
        await mkdir(join(directory, name), { recursive: true, mode: 0o750 });
      }
      lock = await FolderLock.acquire(directory);
    } catch (error) {
      throw storageError(error, 'The storage folder cannot be used');
    }
    const storage = new FileSystemStorage(options, lock);
    try {
      await storage.#recover(directory);
    } catch (error) {
      await lock.release();
      throw storageError(error, 'The storage folder cannot be used');
    }
    storage.#counting = storage.#count(options.onCountFailed);
    return storage;
  }

  /** Once all is counted: a file that names itself while its folder is being counted could be counted twice. */
  get placeDirectory(): string | undefined {
    return this.#usage.complete ? this.#blobsDirectory : undefined;
  }

  ensureSpace(sizeBytes: number): Promise<void> {
    return this.#freeSpace.admit(sizeBytes);
  }

  /** Also replaces a blob of the same content: what was just received is whole, an old copy may have rotted. */
  async adopt({ path, sha256, sizeBytes, placed }: StagedFile): Promise<BlobStat> {
    assertBlobName(sha256);
    if (placed) {
      const { formerBytes } = await placed;
      this.#usage.begin(sha256)(formerBytes === undefined ? 1 : 0, sizeBytes - (formerBytes ?? 0));
      return { sha256, sizeBytes };
    }
    return this.#exclusively(sha256, async () => {
      const ended = this.#usage.begin(sha256);
      try {
        const { formerBytes } = await this.#thread.change({ kind: 'place', path, sha256 });
        ended(formerBytes === undefined ? 1 : 0, sizeBytes - (formerBytes ?? 0));
      } catch (error) {
        ended(0, 0);
        throw error;
      }
      return { sha256, sizeBytes };
    });
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.stat(sha256)) !== undefined;
  }

  async stat(sha256: string): Promise<BlobStat | undefined> {
    try {
      const { size, mtimeMs } = await stat(blobPath(this.#blobsDirectory, sha256));
      return { sha256, sizeBytes: size, storedAtMs: mtimeMs };
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw storageError(error, 'A blob could not be looked up');
    }
  }

  async stream(sha256: string, range?: { start: number; end: number }): Promise<Readable> {
    const handle = await this.#reading(sha256, () => open(blobPath(this.#blobsDirectory, sha256), 'r'));
    try {
      const { size } = await handle.stat();
      if (!range) return handle.createReadStream();
      const { start, end } = range;
      if (!(start >= 0 && start < end && end <= size)) {
        throw new FilmlessError('RANGE_NOT_SATISFIABLE', `The object has ${size} bytes`);
      }
      return handle.createReadStream({ start, end: end - 1 });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async open(sha256: string): Promise<ByteSource & { close(): Promise<void> }> {
    return this.#reading(sha256, () => FileByteSource.open(blobPath(this.#blobsDirectory, sha256)));
  }

  async *list(): AsyncIterable<BlobStat> {
    for (const shard of (await readdir(this.#blobsDirectory)).sort()) {
      for await (const { name } of await opendir(join(this.#blobsDirectory, shard))) {
        const found = SHA256_PATTERN.test(name) ? await this.stat(name) : undefined;
        if (found) yield found;
      }
    }
  }

  async verify(sha256: string): Promise<boolean> {
    const handle = await this.#reading(sha256, () => open(blobPath(this.#blobsDirectory, sha256), 'r'));
    try {
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(VERIFY_BUFFER_BYTES);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) return hash.digest('hex') === sha256;
        hash.update(buffer.subarray(0, bytesRead));
      }
    } catch (error) {
      // A sector that cannot be read is damage of the blob, not of the program.
      if (systemErrorCode(error) === 'EIO') return false;
      throw storageError(error, 'A blob could not be read');
    } finally {
      await handle.close();
    }
  }

  async remove(sha256: string): Promise<void> {
    assertBlobName(sha256);
    await this.#exclusively(sha256, async () => {
      const ended = this.#usage.begin(sha256);
      try {
        const { formerBytes } = await this.#thread.change({ kind: 'remove', sha256 });
        ended(formerBytes === undefined ? 0 : -1, -(formerBytes ?? 0));
      } catch (error) {
        ended(0, 0);
        throw error;
      }
    });
  }

  async usage(): Promise<StorageUsage> {
    const { totalBytes, freeBytes } = await this.#freeSpace.current();
    return {
      totalBytes,
      freeBytes,
      floorBytes: this.#freeSpace.floorBytes,
      usedByBlobsBytes: this.#usage.bytes,
      blobCount: this.#usage.count,
      counting: !this.#usage.complete,
    };
  }

  async quarantine(staged: StagedFile, entry: Omit<QuarantineEntry, 'id' | 'sizeBytes'>): Promise<QuarantineEntry> {
    try {
      return await this.#quarantine.add(staged, entry);
    } catch (error) {
      throw storageError(error, 'An unreadable object could not be put in quarantine');
    }
  }

  listQuarantine(): Promise<QuarantineEntry[]> {
    return this.#quarantine.list();
  }

  streamQuarantine(id: string): Promise<Readable> {
    return this.#quarantine.stream(id);
  }

  removeQuarantine(id: string): Promise<void> {
    return this.#quarantine.remove(id);
  }

  async close(): Promise<void> {
    this.#usage.stop();
    await this.#counting;
    await Promise.allSettled(this.#changing.values());
    await this.#thread.close();
    await this.#lock.release();
  }

  async #recover(directory: string): Promise<void> {
    for (const name of await readdir(this.stagingDirectory)) {
      await rm(join(this.stagingDirectory, name), { recursive: true, force: true });
    }
    await this.#quarantine.clean();
    await this.#makeShards();
    await this.#directorySync.sync(directory);
  }

  /** All folders of blobs, before the first blob: then placing one changes a folder that is durable already. */
  async #makeShards(): Promise<void> {
    const present = new Set(await readdir(this.#blobsDirectory));
    const missing = shardNames().filter((name) => !present.has(name));
    for (const name of missing) mkdirSync(join(this.#blobsDirectory, name), { mode: 0o750 });
    if (missing.length > 0) await this.#directorySync.sync(this.#blobsDirectory);
  }

  async #count(onFailed: FileSystemStorageOptions['onCountFailed']): Promise<void> {
    try {
      await this.#usage.countAll();
    } catch (error) {
      onFailed?.(error);
    } finally {
      await this.#countThread.close();
    }
  }

  async #reading<T>(sha256: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') throw new FilmlessError('BLOB_MISSING', sha256, { cause: error });
      throw storageError(error, 'A blob could not be read');
    }
  }

  async #exclusively<T>(sha256: string, change: () => Promise<T>): Promise<T> {
    const previous = this.#changing.get(sha256);
    const mine = previous ? previous.then(change, change) : change();
    this.#changing.set(sha256, mine);
    try {
      return await mine;
    } finally {
      if (this.#changing.get(sha256) === mine) this.#changing.delete(sha256);
    }
  }
}
