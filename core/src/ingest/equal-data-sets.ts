import type { InstanceRecord } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { BlobStorage } from '../storage/contract.ts';

const CHUNK_BYTES = 256 * 1024;

type Stored = Pick<InstanceRecord, 'sha256' | 'sizeBytes' | 'datasetOffsetBytes' | 'transferSyntaxUID'>;

/**
 * Whether two stored instances are the same data set, byte for byte in the same transfer syntax; their File Meta Information may differ.
 * Not equal, when one of the blobs is missing: nothing can be said then, and a person has to look.
 */
export async function equalDataSets(storage: BlobStorage, one: Stored, other: Stored): Promise<boolean> {
  if (one.sha256 === other.sha256) return true;
  const lengthBytes = one.sizeBytes - one.datasetOffsetBytes;
  if (one.transferSyntaxUID !== other.transferSyntaxUID) return false;
  if (lengthBytes !== other.sizeBytes - other.datasetOffsetBytes) return false;
  try {
    await using left = disposing(await storage.open(one.sha256));
    await using right = disposing(await storage.open(other.sha256));
    for (let at = 0; at < lengthBytes; at += CHUNK_BYTES) {
      const size = Math.min(CHUNK_BYTES, lengthBytes - at);
      const [a, b] = await Promise.all([
        left.source.read(one.datasetOffsetBytes + at, size),
        right.source.read(other.datasetOffsetBytes + at, size),
      ]);
      if (a.length !== size || Buffer.compare(a, b) !== 0) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof FilmlessError && error.code === 'BLOB_MISSING') return false;
    throw error;
  }
}

type Opened = Awaited<ReturnType<BlobStorage['open']>>;

function disposing(source: Opened): { source: Opened } & AsyncDisposable {
  return { source, [Symbol.asyncDispose]: () => source.close() };
}
