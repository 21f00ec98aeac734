import { copyFile, open, rename, rm, unlink } from 'node:fs/promises';
import { systemErrorCode } from './storage-error.ts';

/** Gives a file another name, at once or not at all, also from another file system; what is under that name is replaced. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemErrorCode(error) !== 'EXDEV') throw error;
    await moveAcross(from, to);
  }
}

async function moveAcross(from: string, to: string): Promise<void> {
  const partial = `${to}.part`;
  try {
    await copyFile(from, partial);
    const handle = await open(partial, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await unlink(from);
}
