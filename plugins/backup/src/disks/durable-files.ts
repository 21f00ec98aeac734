import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LAYOUT } from '../format/index.ts';

/** Another machine, where this node's user is nobody, must be able to read a disk; what nobody else may read is encrypted. */
export const READABLE = 0o644;

/** What was put into a folder survives a power cut after this. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems of removable disks cannot, and write folders at once.
    if (!['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await folder.close();
  }
}

/**
 * Makes a folder below one of the disk's own, one after another. Those are there since the disk was prepared: where they are not, the disk was pulled,
 * and nothing is made in its empty mount point. Gives the folders in which something is new.
 */
export async function makeFolder(root: string, path: string): Promise<string[]> {
  if (dirname(path) === '.') throw new Error(`${path} is no folder below one of the disk's own`);
  try {
    await mkdir(join(root, path));
    return [join(root, dirname(path))];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return [];
    if (code !== 'ENOENT' || dirname(dirname(path)) === '.') throw error;
    const above = await makeFolder(root, dirname(path));
    return [...above, ...(await makeFolder(root, path))];
  }
}

/** A small file, whole or not there. `TEMP` is on the disk: where it is not, the disk is not. */
export async function putFile(root: string, path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(root, LAYOUT.temporary, path.replaceAll('/', '-'));
  const file = await open(temporary, 'w', READABLE);
  try {
    await writeFile(file, content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(root, path));
  await syncFolder(dirname(join(root, path)));
}

/** Appends at `position`, durably: what was behind it, from before a crash, is cut off. Gives the new length. */
export async function appendAt(path: string, position: number, content: string): Promise<number> {
  const bytes = Buffer.from(content);
  const file = await open(path, position === 0 ? 'w' : 'r+', READABLE);
  try {
    await file.truncate(position);
    await file.write(bytes, 0, bytes.length, position);
    await file.sync();
  } finally {
    await file.close();
  }
  if (position === 0) await syncFolder(dirname(path));
  return position + bytes.length;
}

/** Takes lines out of a text file, whole or not at all. */
export async function dropLines(root: string, path: string, isUnwanted: (line: string) => boolean): Promise<number> {
  const lines = (await readFile(join(root, path), 'utf8')).split('\n');
  const kept = lines.filter((line) => !isUnwanted(line)).join('\n');
  if (kept.length < lines.join('\n').length) await putFile(root, path, kept);
  return Buffer.byteLength(kept);
}

export async function emptyFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path);
}
