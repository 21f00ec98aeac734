import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SHA256_PATTERN } from './blob-path.ts';
import { systemErrorCode } from './storage-error.ts';

export interface Tally {
  /** `abcd`. */
  shard: string;
  count: number;
  bytes: number;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Counts the blobs of one shard `abcd`, or of all shards of a first level `ab`; shards that are not there are left out. Blocks its thread. */
export function countBlobs(blobsDirectory: string, prefix: string): Tally[] {
  const first = prefix.slice(0, 2);
  const seconds = prefix.length > 2 ? [prefix.slice(2)] : namesIn(join(blobsDirectory, first));
  return seconds.map((second) => {
    const directory = join(blobsDirectory, first, second);
    const tally: Tally = { shard: first + second, count: 0, bytes: 0 };
    for (const name of namesIn(directory)) {
      if (!SHA256_PATTERN.test(name)) continue;
      // Removed between the listing and the look at it: not counted.
      const size = statSync(join(directory, name), { throwIfNoEntry: false })?.size;
      if (size === undefined) continue;
      tally.count += 1;
      tally.bytes += size;
    }
    return tally;
  });
}
