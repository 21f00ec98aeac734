import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { storageError, systemErrorCode } from './storage-error.ts';

const Holder = z.object({ pid: z.int().positive(), startedAt: z.string() });
type Holder = z.infer<typeof Holder>;

/** When a process started, in the kernel's own count; '' when there is no such process, or no /proc to tell. */
async function processStart(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the second one is a name in parentheses that may hold blanks.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ESRCH') return '';
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Absent, or cut short by a crash: nobody holds it.
    return undefined;
  }
}

/**
 * One process at a time works in a storage folder: a second one would take the first one's staged files for leftovers.
 * A lock left by a process that died does not count.
 */
export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** STORAGE_FAILED while another living process holds it. */
  static async acquire(directory: string): Promise<FolderLock> {
    const path = join(directory, 'lock');
    const mine: Holder = { pid: process.pid, startedAt: await processStart(process.pid) };
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o640 });
        return new FolderLock(path);
      } catch (error) {
        if (systemErrorCode(error) !== 'EEXIST') throw storageError(error, 'The storage folder could not be locked');
      }
      const holder = await readHolder(path);
      if (holder && holder.pid !== process.pid && isAlive(holder.pid)) {
        const started = await processStart(holder.pid);
        if (started === '' || started === holder.startedAt) break;
      }
      await rm(path, { force: true });
    }
    throw new FilmlessError('STORAGE_FAILED', 'Another process is using the storage folder');
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
