import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../disks/durable-files.ts';
import { hashOnDisk } from '../disks/read-back.ts';
import { ENCRYPTED, encodeManifestLine, encrypted, LAYOUT } from '../format/index.ts';
import { folderName, SNAPSHOT, type Snapshot, snapshotsOn } from './snapshot-format.ts';

interface Options {
  /** Where it was gathered. */
  folder: string;
  snapshot: Snapshot;
  root: string;
  /** Empty: the disk is not encrypted. */
  recipient: string;
  /** So many snapshots stay on the disk. */
  keep: number;
  signal: AbortSignal;
}

/** Writes a snapshot to a disk: under a temporary name, read back and compared, then named. Older ones beyond `keep` go afterwards. */
export async function writeSnapshot({ folder, snapshot, root, recipient, keep, signal }: Options): Promise<void> {
  const name = folderName(snapshot.at);
  const temporary = join(root, LAYOUT.temporary, `snapshot-${name}`);
  await rm(temporary, { recursive: true, force: true });
  const made = new Set([temporary]);
  await mkdir(temporary);
  const lines: string[] = [];
  const add = async (path: string, content: AsyncIterable<Uint8Array>) => {
    const target = join(temporary, path);
    await mkdir(dirname(target), { recursive: true });
    made.add(dirname(target));
    const sha256 = await writeAndCompare(target, content);
    lines.push(encodeManifestLine({ path, sha256 }));
  };
  for (const { path } of snapshot.files) {
    signal.throwIfAborted();
    const content = createReadStream(join(folder, path));
    if (recipient === '') await add(path, content);
    else await add(path + ENCRYPTED, await encrypted(content, recipient));
  }
  await add(SNAPSHOT.description, oneChunk(`${JSON.stringify(snapshot, null, 2)}\n`));
  await writeAndCompare(join(temporary, SNAPSHOT.manifest), oneChunk(lines.join('')));
  for (const each of made) await syncFolder(each);
  await rm(join(root, LAYOUT.snapshots, name), { recursive: true, force: true });
  await rename(temporary, join(root, LAYOUT.snapshots, name));
  await syncFolder(join(root, LAYOUT.snapshots));
  for (const old of (await snapshotsOn(root)).slice(keep)) await rm(join(root, old.folder), { recursive: true });
}

async function writeAndCompare(path: string, content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o640);
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const sha256 = hash.digest('hex');
  if ((await hashOnDisk(path)) !== sha256) throw new Error('the disk gave back other bytes than were written');
  return sha256;
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
