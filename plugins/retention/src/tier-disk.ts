import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MARK = 'filmless-tier.json';

/** Whether the large disk is really there: an empty mount point looks like a disk that lost everything. */
export async function isTierThere(directory: string): Promise<boolean> {
  return access(join(directory, MARK)).then(
    () => true,
    () => false,
  );
}

/** Marks a new, empty folder as the large disk. `isInUse`: there are images on it, so that an empty folder is not it. */
export async function prepareTier(directory: string, node: string, isInUse: boolean): Promise<boolean> {
  if (await isTierThere(directory)) return true;
  if (isInUse) return false;
  await mkdir(directory, { recursive: true, mode: 0o750 });
  if ((await readdir(directory)).some((name) => name !== 'lost+found')) return false;
  await writeFile(join(directory, MARK), JSON.stringify({ node, what: 'Images of a Filmless node, named by SHA-256' }));
  return true;
}
