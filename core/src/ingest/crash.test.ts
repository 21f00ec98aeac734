import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { RecordingLog } from '../../testing/recording-log.ts';
import { PouchCatalogue } from '../catalogue/pouch-catalogue.ts';
import { FileSystemStorage } from '../storage/file-system-storage.ts';
import { temporaryDirectory } from './ingest-setup.test-util.ts';
import { rebuildCatalogue } from './recovery.ts';
import { verifyInstances } from './verify.ts';

const CHILD = fileURLToPath(new URL('./crash-child.test-util.ts', import.meta.url));

/** Lets the child receive until it acknowledged `count` instances, kills it hard, and gives all it acknowledged. */
async function receiveAndKill(directory: string, root: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, directory, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    acknowledged.push(line);
    if (acknowledged.length === count) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'close'), once(lines, 'close')]);
  return acknowledged;
}

it('has everything it acknowledged after it was killed in the middle of receiving, again and again', async () => {
  const directory = await temporaryDirectory();
  const acknowledged: string[] = [];
  for (const [round, count] of [7, 40, 23].entries()) {
    acknowledged.push(...(await receiveAndKill(directory, `1.2.${round + 1}`, count)));
    const storage = await FileSystemStorage.open({ directory: `${directory}/storage`, floorBytes: 0 });
    const catalogue = await PouchCatalogue.open({ location: `${directory}/catalogue` });
    try {
      expect(await readdir(storage.stagingDirectory)).toEqual([]);
      const states = new Map<string, string>();
      for await (const { SOPInstanceUID, state } of verifyInstances({ storage, catalogue }))
        states.set(SOPInstanceUID, state);
      for (const uid of acknowledged) expect([uid, states.get(uid)]).toEqual([uid, 'ok']);
      // Nothing is half there: every record has its bytes, and every blob is what its name says.
      expect([...new Set(states.values())]).toEqual(['ok']);
      for await (const { sha256 } of storage.list()) expect(await storage.verify(sha256)).toBe(true);
      // Blobs whose record was cut off become instances.
      const result = await rebuildCatalogue({ storage, catalogue, log: new RecordingLog() });
      expect(result.created).toBe(result.found);
    } finally {
      await storage.close();
      await catalogue.close();
    }
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(70);
  // Starts a program three times, on a machine that may be busy.
}, 240_000);
