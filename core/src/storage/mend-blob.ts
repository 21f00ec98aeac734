import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FilmlessError } from '../errors.ts';
import type { BlobStorage, StagedFile } from './contract.ts';
import { StagedWriter } from './staged-writer.ts';

/** What mending needs of a `BlobSource`. */
export interface MendSource {
  order: number;
  stream(
    sha256: string,
    range: undefined,
    options: { priority: 'background'; signal?: AbortSignal },
  ): Promise<Readable | undefined>;
}

export interface MendOptions {
  storage: BlobStorage;
  /** By their key in the point. */
  sources: readonly { key: string; value: MendSource }[];
  sha256: string;
  /** `corrupt`: what is there is kept in quarantine before good bytes take its place. */
  damage: 'missing' | 'corrupt';
  now: string;
  signal?: AbortSignal;
}

/**
 * Gets the right bytes of a blob from the first source that has them and puts them into the store. Gives the key of the source; undefined when none
 * has them: then what is in the store stays as it is.
 */
export async function mendBlob(options: MendOptions): Promise<string | undefined> {
  const { storage, sha256, damage, signal } = options;
  for (const { key, value } of [...options.sources].sort((a, b) => a.value.order - b.value.order)) {
    signal?.throwIfAborted();
    const good = await stageGood(storage, value, sha256, signal);
    if (!good) continue;
    try {
      if (damage === 'corrupt') await keepAside(storage, sha256, options.now);
      await storage.adopt(good);
    } catch (error) {
      await rm(good.path, { force: true });
      throw error;
    }
    if (!(await storage.verify(sha256))) throw new FilmlessError('BLOB_CORRUPT', sha256);
    return key;
  }
  return undefined;
}

/** Undefined when the source does not have it, cannot be asked now, or gives other bytes. */
async function stageGood(
  storage: BlobStorage,
  source: MendSource,
  sha256: string,
  signal: AbortSignal | undefined,
): Promise<StagedFile | undefined> {
  try {
    const stream = await source.stream(sha256, undefined, { priority: 'background', ...(signal && { signal }) });
    if (!stream) return undefined;
    const staged = await stage(storage, stream);
    if (staged.sha256 === sha256) return staged;
    await rm(staged.path, { force: true });
  } catch (error) {
    // Room and the own disk are no fault of the source: the next one would meet the same.
    if (signal?.aborted || (error instanceof FilmlessError && error.code.startsWith('STORAGE_'))) throw error;
  }
  return undefined;
}

async function keepAside(storage: BlobStorage, sha256: string, now: string): Promise<void> {
  let damaged: StagedFile;
  try {
    damaged = await stage(storage, await storage.stream(sha256));
  } catch {
    // A sector that cannot be read gives nothing to keep.
    return;
  }
  await storage.quarantine(damaged, {
    code: 'BLOB_CORRUPT',
    reason: `Its bytes had changed on the disk; replaced from a good copy. It should have been ${sha256}`,
    receivedAt: now,
    via: 'scrub',
    source: 'scrub',
  });
}

async function stage(storage: BlobStorage, stream: Readable): Promise<StagedFile> {
  const writer = await StagedWriter.open(storage.stagingDirectory, {});
  try {
    for await (const chunk of stream) {
      await storage.ensureSpace(writer.sizeBytes === 0 ? chunk.length : 0);
      await writer.write(chunk);
    }
    return await writer.finish();
  } catch (error) {
    stream.destroy();
    await writer.abort();
    throw error;
  }
}
