import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cataloguePath,
  decodeEntry,
  decodeManifestLine,
  ENCRYPTED,
  encodeManifestLine,
  type InstanceEntry,
  LAYOUT,
  manifestPath,
  recordOf,
} from '../format/index.ts';
import type { DiskEntry } from '../ledger/disk-table.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { note } from '../ledger/note.ts';
import { appendAt, emptyFolder } from './durable-files.ts';

/**
 * Makes ledger and disk agree after the disk was pulled or the node ended in the middle of writing: temporary files go, a line that was cut off goes, and
 * what the disk says of itself beyond what the ledger knew is taken into the ledger when the file is there.
 */
export async function recover(root: string, id: string, ledger: Ledger): Promise<void> {
  const disk = ledger.disks.get(id);
  if (!disk) return;
  await emptyFolder(join(root, LAYOUT.temporary));
  const parts = (await readdir(join(root, LAYOUT.catalogues))).map((name) => Number(/-(\d{6})\./.exec(name)?.[1] ?? 0));
  ledger.disks.update(id, { part: Math.max(0, ...parts) });
  // Files of days that the ledger does not know of are from a node that was set back.
  const newer = await daysAfter(root, disk.day);
  for (const day of disk.day === '' ? newer : [disk.day, ...newer]) await recoverDay(root, day, disk, ledger);
}

/** Takes all that lies on a disk into the ledger: of a disk whose ledger was lost. Encrypted ones tell nothing without the hospital's key. */
export async function adopt(root: string, id: string, ledger: Ledger): Promise<void> {
  ledger.disks.update(id, { day: '', manifestBytes: 0, catalogueBytes: 0 });
  await recover(root, id, ledger);
}

async function recoverDay(root: string, day: string, disk: DiskEntry, ledger: Ledger): Promise<void> {
  const isKnown = day === disk.day;
  const catalogue = join(root, cataloguePath(day));
  const manifest = join(root, manifestPath(day));
  let catalogueBytes = 0;
  const missing = new Map<string, string>();
  if (disk.recipient === '') {
    for await (const { line, end } of wholeLines(catalogue)) {
      catalogueBytes = end;
      if (isKnown && end <= disk.catalogueBytes) continue;
      const entry = decodeEntry(line);
      if (entry?.kind !== 'instance' || !(await isThere(root, entry))) continue;
      missing.set(entry.path, entry.storedSha256);
      take(entry, disk, ledger);
    }
    await cutOff(catalogue, catalogueBytes);
  }
  let manifestBytes = 0;
  for await (const { line, end } of wholeLines(manifest)) {
    manifestBytes = end;
    missing.delete(decodeManifestLine(line)?.path ?? '');
  }
  await cutOff(manifest, manifestBytes);
  const lines = [...missing].map(([path, sha256]) => encodeManifestLine({ path, sha256 })).join('');
  if (lines !== '') manifestBytes = await appendAt(manifest, manifestBytes, lines);
  ledger.disks.update(disk.id, { day, catalogueBytes, manifestBytes });
}

/** It counts when it is compared again: until then it has never been verified. */
function take(entry: InstanceEntry, disk: DiskEntry, ledger: Ledger): void {
  const { path, storedSha256, storedBytes, copiedAt, isConflict } = entry;
  const record = recordOf(entry);
  const known = ledger.objects.copiesOf(record.sha256).some((copy) => copy.disk === disk.id);
  if (known) return;
  ledger.transaction(() => {
    note(ledger, record, copiedAt, isConflict ?? false);
    const copy = { sha256: record.sha256, path, storedSha256, storedBytes, verifiedAt: '' };
    ledger.objects.addCopy(disk, copy);
  });
}

async function isThere(root: string, { path, storedBytes }: InstanceEntry): Promise<boolean> {
  return stat(join(root, path)).then(
    ({ size }) => size === storedBytes,
    () => false,
  );
}

async function daysAfter(root: string, day: string): Promise<string[]> {
  const names = [
    ...(await readdir(join(root, LAYOUT.catalogues))),
    ...(await readdir(join(root, LAYOUT.manifests))),
  ].filter((name) => /^\d{4}-\d{2}-\d{2}[.-]/.test(name) && (name.endsWith('.sha256') || !name.endsWith(ENCRYPTED)));
  return [...new Set(names.map((name) => name.slice(0, 10)))].filter((each) => each > day).sort();
}

/** The lines of a file that end; nothing when it is not there. `end`: where the next one begins. */
async function* wholeLines(path: string): AsyncGenerator<{ line: string; end: number }> {
  let rest = Buffer.alloc(0);
  let end = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10, from)) {
        end += at + 1 - from;
        yield { line: rest.toString('utf8', from, at), end };
        from = at + 1;
      }
      rest = rest.subarray(from);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function cutOff(path: string, lengthBytes: number): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= lengthBytes) return;
  const file = await open(path, 'r+');
  try {
    await file.truncate(lengthBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
