import { join } from 'node:path';
import { FilmlessError } from '../errors.ts';

export const SHA256_PATTERN = /^[0-9a-f]{64}$/;

/** The two levels of folders of a blob, `ab/cd`: 65,536 folders keep each one short at hundreds of millions of blobs. */
export interface Shard {
  first: string;
  second: string;
}

/** INVALID_REQUEST when it is not a lower-case hex SHA-256: names become paths. */
export function shardOf(sha256: string): Shard {
  if (!SHA256_PATTERN.test(sha256)) throw new FilmlessError('INVALID_REQUEST', 'A blob is named by its SHA-256');
  return { first: sha256.slice(0, 2), second: sha256.slice(2, 4) };
}

export function blobPath(blobsDirectory: string, sha256: string): string {
  const { first, second } = shardOf(sha256);
  return join(blobsDirectory, first, second, sha256);
}
