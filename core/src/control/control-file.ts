import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({ url: z.url(), pid: z.number().int(), secret: z.string().min(32) });

/** How a command on the same machine reaches the running node: only who may read the data folder has the secret. */
export type ControlFile = z.infer<typeof schema>;

const pathIn = (dataDirectory: string) => join(dataDirectory, 'control.json');

export async function writeControlFile(dataDirectory: string, content: ControlFile): Promise<void> {
  const path = pathIn(dataDirectory);
  const temporary = `${path}.${content.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(content));
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** Undefined when no node left one, or what is there is not one. */
export async function readControlFile(dataDirectory: string): Promise<ControlFile | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(pathIn(dataDirectory), 'utf8')));
  } catch {
    return undefined;
  }
}

export function removeControlFile(dataDirectory: string): Promise<void> {
  return rm(pathIn(dataDirectory), { force: true });
}
