import { createHash } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { FilmlessError, type InstanceRecord } from '@filmless/core/plugin';
import {
  type CatalogueEntry,
  cataloguePath,
  encodeEntry,
  encodeManifestLine,
  encrypted,
  LAYOUT,
  type ManifestLine,
  manifestPath,
  objectFolder,
  objectPath,
} from '../format/index.ts';
import type { Written } from '../ledger/disk-table.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { appendAt, dropLines, makeFolder, putFile, READABLE, syncFolder } from './durable-files.ts';
import { hashOnDisk } from './read-back.ts';

/** The bytes could not be had, or are not what the hash says: no fault of the disk. */
export class SourceFailed extends Error {}

export interface ToCopy {
  record: InstanceRecord;
  isConflict: boolean;
  open(): Promise<Readable>;
}

/** On the disk under a temporary name, read back and compared. */
export interface Staged {
  item: ToCopy;
  temporary: string;
  path: string;
  storedSha256: string;
  storedBytes: number;
}

interface Options {
  id: string;
  root: string;
  /** Empty: not encrypted. */
  recipient: string;
  ledger: Ledger;
  now(): number;
}

/**
 * Writes to one attached disk, one batch after another. A file counts when it was read back and compared, has its name, and stands in catalogue and
 * manifest, all of it synced: then the ledger says so. Whatever happens before is done again, over what is there.
 */
export class DiskWriter {
  readonly id: string;
  readonly root: string;
  readonly #recipient: string;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  #temporaries = 0;

  constructor({ id, root, recipient, ledger, now }: Options) {
    this.id = id;
    this.root = root;
    this.#recipient = recipient;
    this.#ledger = ledger;
    this.#now = now;
  }

  get isEncrypted(): boolean {
    return this.#recipient !== '';
  }

  /** Writes the bytes under a temporary name and compares them. Throws SourceFailed, or what the disk says. `taken`: paths of the same batch. */
  async stage(item: ToCopy, taken: Set<string>): Promise<Staged> {
    const { record } = item;
    this.#temporaries += 1;
    const temporary = join(this.root, LAYOUT.temporary, String(this.#temporaries));
    const content = createHash('sha256');
    const stored = createHash('sha256');
    let storedBytes = 0;
    const plain = hashedFrom(item, content);
    const stream = this.isEncrypted ? await encrypted(Readable.from(plain), this.#recipient) : plain;
    const file = await open(temporary, 'w', READABLE);
    try {
      for await (const chunk of stream) {
        const bytes = chunk as Uint8Array;
        if (this.isEncrypted) stored.update(bytes);
        storedBytes += bytes.length;
        for (let done = 0; done < bytes.length; ) {
          done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
        }
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const sha256 = content.digest('hex');
    if (sha256 !== record.sha256) {
      await rm(temporary, { force: true });
      throw new SourceFailed('the bytes do not match their hash');
    }
    const storedSha256 = this.isEncrypted ? stored.digest('hex') : sha256;
    if ((await hashOnDisk(temporary)) !== storedSha256) {
      throw new FilmlessError('STORAGE_FAILED', 'the disk gave back other bytes than were written');
    }
    return { item, temporary, path: this.#freePath(record, taken), storedSha256, storedBytes };
  }

  /** Gives a batch its names and writes it down. */
  async commit(batch: readonly Staged[], set: string): Promise<void> {
    const copiedAt = new Date(this.#now()).toISOString();
    await this.#place(batch);
    const entries = batch.map(
      ({ item, path, storedSha256, storedBytes }): CatalogueEntry => ({
        kind: 'instance',
        path,
        storedSha256,
        storedBytes,
        copiedAt,
        record: item.record,
        ...(item.isConflict && { isConflict: true }),
      }),
    );
    // Unencrypted, what took the place of a damaged or former copy stands in the manifest already.
    const unlisted = batch.filter(({ path }) => this.isEncrypted || !this.#ledger.objects.atPath(this.id, path));
    const written = await this.#writeDown(
      entries,
      unlisted.map(({ path, storedSha256 }) => ({ path, sha256: storedSha256 })),
    );
    this.#ledger.transaction(() => {
      for (const { item, path, storedSha256, storedBytes } of batch) {
        const copy = { sha256: item.record.sha256, path, storedSha256, storedBytes, verifiedAt: copiedAt };
        this.#ledger.objects.addCopy({ id: this.id, set }, copy);
      }
      this.#ledger.disks.update(this.id, { ...written, writtenAt: copiedAt, closedAt: '' });
    });
  }

  /** Entries without files: documents, and records of objects that lie here already. `noted` goes into the ledger with them. */
  async writeEntries(entries: readonly CatalogueEntry[], noted: () => void): Promise<void> {
    const written = await this.#writeDown(entries, []);
    this.#ledger.transaction(() => {
      noted();
      this.#ledger.disks.update(this.id, { ...written, writtenAt: new Date(this.#now()).toISOString(), closedAt: '' });
    });
  }

  #freePath(record: InstanceRecord, taken: Set<string>): string {
    const folder = objectFolder(record, this.#ledger.secret);
    for (let attempt = 0; ; attempt += 1) {
      const path = objectPath(folder, record.sha256, { attempt, isEncrypted: this.isEncrypted });
      const there = this.#ledger.objects.atPath(this.id, path);
      if (taken.has(path) || (there !== undefined && there !== record.sha256)) continue;
      taken.add(path);
      return path;
    }
  }

  async #place(batch: readonly Staged[]): Promise<void> {
    const changed = new Set<string>();
    for (const { temporary, path } of batch) {
      const target = join(this.root, path);
      for (const folder of await makeFolder(this.root, dirname(path))) changed.add(folder);
      // Encrypted again, it has another hash: the line of what it takes the place of would be wrong.
      if (this.isEncrypted && (await exists(target))) await this.#dropFromManifests(path);
      await rename(temporary, target);
      changed.add(dirname(target));
    }
    for (const folder of changed) await syncFolder(folder);
  }

  /** Catalogue first: a line of the manifest without one is written again, a file that only the manifest knew would be lost to a restore. */
  async #writeDown(entries: readonly CatalogueEntry[], lines: readonly ManifestLine[]): Promise<Written> {
    const day = new Date(this.#now()).toISOString().slice(0, 10);
    const disk = this.#ledger.disks.get(this.id);
    if (!disk) throw new FilmlessError('NOT_FOUND', 'the disk is not in the ledger');
    let { part } = disk;
    let [catalogueBytes, manifestBytes] = disk.day === day ? [disk.catalogueBytes, disk.manifestBytes] : [0, 0];
    if (disk.day !== day) {
      // The clock may have gone back, or the day's files are from before the ledger knew.
      catalogueBytes = await sizeOf(join(this.root, cataloguePath(day)));
      manifestBytes = await sizeOf(join(this.root, manifestPath(day)));
    }
    const text = entries.map(encodeEntry).join('');
    if (this.isEncrypted) {
      part += 1;
      const path = cataloguePath(day, part);
      const stored = await encrypted(Readable.from([Buffer.from(text)]), this.#recipient);
      const bytes = Buffer.concat(await stored.toArray());
      await putFile(this.root, path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      lines = [...lines, { path, sha256 }];
    } else {
      catalogueBytes = await appendAt(join(this.root, cataloguePath(day)), catalogueBytes, text);
    }
    if (lines.length > 0) {
      const manifest = lines.map(encodeManifestLine).join('');
      manifestBytes = await appendAt(join(this.root, manifestPath(day)), manifestBytes, manifest);
    }
    return { day, catalogueBytes, manifestBytes, part };
  }

  async #dropFromManifests(path: string): Promise<void> {
    for (const name of await readdir(join(this.root, LAYOUT.manifests))) {
      const bytes = await dropLines(this.root, `${LAYOUT.manifests}/${name}`, (line) => line.endsWith(`  ${path}`));
      if (name === `${this.#ledger.disks.get(this.id)?.day}.sha256`) {
        this.#ledger.disks.update(this.id, { manifestBytes: bytes });
      }
    }
  }
}

/** The bytes of an object, hashed on the way. What goes wrong here is no fault of the disk. */
async function* hashedFrom(item: ToCopy, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of await item.open()) {
      const bytes = chunk as Uint8Array;
      hash.update(bytes);
      yield bytes;
    }
  } catch (error) {
    throw new SourceFailed('the bytes cannot be read', { cause: error });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await sizeOf(path)) > 0;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
