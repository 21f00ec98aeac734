import { openAsBlob } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ClientError, type NodeClient } from './node-client.ts';

export interface ImportResult {
  path: string;
  status: 'stored' | 'duplicate' | 'conflict' | 'refused' | 'skipped';
  code?: string;
  detail?: string;
}

const answer = z.object({ status: z.enum(['stored', 'duplicate', 'conflict']) });

/** Every file below the paths given, depth first, without holding the list in memory. Throws for a path that is not there. */
export async function* filesBelow(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    const info = await stat(path);
    if (info.isFile()) yield path;
    else if (info.isDirectory()) {
      for await (const entry of await opendir(path)) {
        if (entry.isFile() || entry.isDirectory()) yield* filesBelow([join(path, entry.name)]);
      }
    }
  }
}

/** Sends files to a node, a few at a time; one that is refused does not keep the others. A DICOMDIR is skipped: its files are taken themselves. */
export async function* importFiles(
  node: NodeClient,
  files: AsyncIterable<string>,
  parallel = 4,
): AsyncGenerator<ImportResult> {
  const running = new Set<Promise<ImportResult>>();
  const take = async (): Promise<ImportResult> => {
    const { promise, result } = await Promise.race(
      [...running].map(async (each) => ({ promise: each, result: await each })),
    );
    running.delete(promise);
    return result;
  };
  for await (const path of files) {
    running.add(importFile(node, path));
    if (running.size >= parallel) yield await take();
  }
  while (running.size > 0) yield await take();
}

async function importFile(node: NodeClient, path: string): Promise<ImportResult> {
  const name = path.split(/[\\/]/).at(-1) ?? path;
  if (name.toUpperCase() === 'DICOMDIR') return { path, status: 'skipped' };
  try {
    const body = await openAsBlob(path);
    const headers = { 'content-type': 'application/octet-stream', 'x-file-name': encodeURIComponent(name) };
    return { path, status: answer.parse(await node.upload('/api/imports', body, headers)).status };
  } catch (error) {
    if (error instanceof ClientError && error.status < 500)
      return { path, status: 'refused', code: error.code, detail: error.message };
    throw error;
  }
}
