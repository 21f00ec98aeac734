import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { InMemoryCatalogue } from '../../testing/in-memory-catalogue.ts';
import { InMemoryStorage } from '../../testing/in-memory-storage.ts';
import { RecordingLog } from '../../testing/recording-log.ts';
import type { InstanceSource } from '../catalogue/contract.ts';
import type { BlobStorage } from '../storage/contract.ts';
import { InstanceIngest, type InstanceIngestOptions } from './ingest.ts';

export const SOURCE: InstanceSource = { via: 'dimse', name: 'CT1', address: '192.0.2.1', department: 'radiology' };

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'filmless-ingest-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** An ingest over stores in memory, on a clock that stands at the start of 2026. */
export function setUp(more: Partial<InstanceIngestOptions> = {}) {
  const storage = new InMemoryStorage();
  const catalogue = new InMemoryCatalogue();
  const log = new RecordingLog();
  const ingest = new InstanceIngest({
    storage,
    catalogue,
    log,
    beforeReceive: async () => undefined,
    clock: () => Date.UTC(2026, 0, 1),
    ...more,
  });
  onTestFinished(async () => {
    await storage.close();
    await catalogue.close();
  });
  const receive = (bytes: Uint8Array, source: InstanceSource = SOURCE) =>
    ingest.receiveStream(Readable.from([bytes]), source);
  return { storage, catalogue, log, ingest, receive };
}

export async function blobNames(storage: BlobStorage): Promise<string[]> {
  const names: string[] = [];
  for await (const { sha256 } of storage.list()) names.push(sha256);
  return names.sort();
}
