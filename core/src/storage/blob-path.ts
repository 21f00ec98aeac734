import { join } from 'node:path';
import { FilmlessError } from '../errors.ts';

export const SHA256_PATTERN = /^[0-9a-f]{64}$/;

/** INVALID_REQUEST when it is not a lower-case hex SHA-256: names become paths. */
export function assertBlobName(sha256: string): void {
  if (!SHA256_PATTERN.test(sha256)) throw new FilmlessError('INVALID_REQUEST', 'A blob is named by its SHA-256');
}

/** `ab/cd/<sha256>`: 65,536 folders keep each one short at hundreds of millions of blobs. */
export function blobPath(blobsDirectory: string, sha256: string): string {
  assertBlobName(sha256);
  return join(blobsDirectory, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}
