import { link, stat } from 'node:fs/promises';
import { moveFile } from './move-file.ts';
import { systemErrorCode } from './storage-error.ts';

export interface Placed {
  /** Size of what was under that name before; undefined when the name is new. */
  replacedBytes: number | undefined;
  /** The file still has its old name too, which has to be removed. */
  hasOldName: boolean;
}

/**
 * Gives a complete file its final name, atomically. A hard link tells in one step whether the name is new; where there is something
 * already, it is replaced, and where there are no hard links the file is moved. ENOENT when the folder or the file is not there.
 */
export async function placeFile(from: string, to: string): Promise<Placed> {
  try {
    await link(from, to);
    return { replacedBytes: undefined, hasOldName: true };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw error;
  }
  const replacedBytes = await sizeOf(to);
  await moveFile(from, to);
  return { replacedBytes, hasOldName: false };
}

export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
