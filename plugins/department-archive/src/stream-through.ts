import { rm } from 'node:fs/promises';
import { type BlobStorage, FilmlessError, StagedWriter } from '@filmless/core/plugin';

type Store = Pick<BlobStorage, 'adopt' | 'ensureSpace' | 'stagingDirectory'>;

/**
 * Hands on the bytes of a blob while they come, and keeps them on the way. What cannot be kept (the disk is full) is handed on all the same; what is
 * broken off is not kept.
 */
export async function* streamThrough(
  bytes: AsyncIterable<Uint8Array>,
  { sha256, storage, onKept }: { sha256: string; storage: Store; onKept(): void },
): AsyncGenerator<Uint8Array> {
  let writer: StagedWriter | undefined = await StagedWriter.open(storage.stagingDirectory).catch(() => undefined);
  try {
    for await (const chunk of bytes) {
      try {
        if (writer) await storage.ensureSpace(chunk.length);
        await writer?.write(chunk);
      } catch {
        await writer?.abort();
        writer = undefined;
      }
      yield chunk;
    }
    const staged = await writer?.finish();
    writer = undefined;
    if (!staged) return;
    if (staged.sha256 === sha256) {
      await storage.adopt(staged);
      onKept();
    } else {
      await rm(staged.path, { force: true });
      throw new FilmlessError('BLOB_CORRUPT', sha256);
    }
  } finally {
    await writer?.abort();
  }
}
