import { join } from 'node:path';
import { FilmlessError } from '../errors.ts';

export const SHA256_PATTERN = /^[0-9a-f]{64}$/;

/** INVALID_REQUEST when it is not a lower-case hex SHA-256: names become paths. */
export function assertBlobName(sha256: string): void {
  if (!SHA256_PATTERN.test(sha256)) throw new FilmlessError('INVALID_REQUEST', 'A blob is named by its SHA-256');
}

/** Names of all folders of blobs. */
export function shardNames(): string[] {
  return Array.from({ length: 16 ** SHARD_DIGITS }, (_, value) => value.toString(16).padStart(SHARD_DIGITS, '0'));
}

/** How many digits of the hash name the folder of a blob. */
export const SHARD_DIGITS = 3;

/** `abc/<sha256>`: 4,096 folders, all made at the start, so that placing a blob changes one folder and no more; some thousand blobs each at ten million. */
export function blobPath(blobsDirectory: string, sha256: string): string {
  assertBlobName(sha256);
  return join(blobsDirectory, sha256.slice(0, SHARD_DIGITS), sha256);
}
