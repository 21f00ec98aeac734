import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { PassThrough, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { CopiedDocument } from '@filmless/core/plugin';
import { type DiskReader, isWrongKey } from '../format/index.ts';
import { pathOf, SNAPSHOT, type SnapshotOnDisk, snapshotsOn } from '../snapshots/snapshot-format.ts';

/** A snapshot that was read whole and compared, in a folder of this machine. */
export interface FetchedSnapshot extends SnapshotOnDisk {
  label: string;
  directory: string;
  /** Newer ones that were damaged. */
  damaged: { disk: string; file: string }[];
}

/**
 * Fetches the newest snapshot that is whole, from whichever disk has it, into `directory`. Undefined when there is none: then records and documents come
 * from the disks' own catalogues, and accounts have to be made anew.
 */
export async function fetchSnapshot(
  disks: readonly DiskReader[],
  directory: string,
): Promise<FetchedSnapshot | undefined> {
  const damaged: FetchedSnapshot['damaged'] = [];
  for (const { disk, found } of await newestFirst(disks)) {
    await rm(directory, { recursive: true, force: true });
    const wrong = await fetchFiles(disk, found, directory);
    if (wrong === undefined) return { ...found, label: disk.marker.label, directory, damaged };
    damaged.push({ disk: disk.marker.label, file: wrong });
  }
  await rm(directory, { recursive: true, force: true });
  return undefined;
}

/** The configuration in the newest snapshot whose copy of it is whole; undefined when none has one. */
export async function readSnapshotConfig(disks: readonly DiskReader[]): Promise<string | undefined> {
  for (const { disk, found } of await newestFirst(disks)) {
    const file = found.snapshot.files.find(({ path }) => path === SNAPSHOT.config);
    if (!file) continue;
    const bytes = await disk
      .content(pathOf(found, file.path, disk.isEncrypted))
      .then(buffer)
      .catch((error: unknown) => {
        if (isWrongKey(error)) throw error;
        return undefined;
      });
    if (bytes && createHash('sha256').update(bytes).digest('hex') === file.sha256) return bytes.toString('utf8');
  }
  return undefined;
}

async function newestFirst(disks: readonly DiskReader[]): Promise<{ disk: DiskReader; found: SnapshotOnDisk }[]> {
  const all = disks.map(async (disk) => (await snapshotsOn(disk.root)).map((found) => ({ disk, found })));
  return (await Promise.all(all)).flat().sort((a, b) => b.found.snapshot.at.localeCompare(a.found.snapshot.at));
}

/** Gives the first file that is not what it should be. */
async function fetchFiles(disk: DiskReader, found: SnapshotOnDisk, directory: string): Promise<string | undefined> {
  for (const { path, sha256 } of found.snapshot.files) {
    const stored = pathOf(found, path, disk.isEncrypted);
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const hash = createHash('sha256');
    try {
      const hashing = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          hash.update(chunk);
          done(null, chunk);
        },
      });
      await pipeline(await disk.content(stored), hashing, createWriteStream(target, { mode: 0o600 }));
    } catch (error) {
      // Another key opens none of the files.
      if (isWrongKey(error)) throw error;
      return stored;
    }
    if (hash.digest('hex') !== sha256) return stored;
  }
  return undefined;
}

/** The documents of the catalogue as the snapshot has them. */
export async function* snapshotDocuments({ directory }: FetchedSnapshot): AsyncGenerator<CopiedDocument> {
  const text = new PassThrough();
  const reading = pipeline(createReadStream(join(directory, SNAPSHOT.documents)), createGunzip(), text);
  reading.catch((error: unknown) => text.destroy(error instanceof Error ? error : undefined));
  // Written by the snapshot, and compared with its hash.
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY }))
    yield JSON.parse(line) as CopiedDocument;
  await reading;
}

/** Moves what the data folder had into an empty one. */
export async function placeFiles({ directory, snapshot }: FetchedSnapshot, dataDirectory: string): Promise<void> {
  const prefix = `${SNAPSHOT.files}/`;
  for (const { path } of snapshot.files.filter((file) => file.path.startsWith(prefix))) {
    const target = join(dataDirectory, path.slice(prefix.length));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    // Of a restore that was broken off: they are not this database's.
    for (const beside of ['-wal', '-shm']) await rm(`${target}${beside}`, { force: true });
    await rename(join(directory, path), target);
  }
  forgetPositions(join(dataDirectory, 'backup', 'backup.sqlite'));
}

/** Documents of a catalogue that was filled anew are numbered anew: the disks are given all of them again. */
function forgetPositions(ledger: string): void {
  if (!existsSync(ledger)) return;
  const database = new DatabaseSync(ledger);
  try {
    database.exec('DELETE FROM position');
  } finally {
    database.close();
  }
}
