import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SHA256_PATTERN, SHARD_DIGITS } from './blob-path.ts';
import { systemErrorCode } from './storage-error.ts';

export interface Tally {
  /** `abc`. */
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

/** Counts the blobs of one shard `abc`, or of the sixteen shards that begin with `ab`. Blocks its thread. */
export function countBlobs(blobsDirectory: string, prefix: string): Tally[] {
  const shards = prefix.length < SHARD_DIGITS ? [...'0123456789abcdef'].map((digit) => prefix + digit) : [prefix];
  return shards.map((shard) => {
    const directory = join(blobsDirectory, shard);
    const tally: Tally = { shard, count: 0, bytes: 0 };
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
