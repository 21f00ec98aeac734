import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConvertedObject, FilmlessError, type InstanceConverter } from '@filmless/core/plugin';
import type { Dicomweb } from '../context.ts';
import { conversionOf, convertInstance } from './convert-instance.ts';

/** For senders whose peer takes nothing but uncompressed objects. */
export function instanceConverter(web: Dicomweb): InstanceConverter {
  return {
    canConvert: (transferSyntaxUID) => conversionOf(transferSyntaxUID) !== 'impossible',
    async convert({ SOPInstanceUID }, signal) {
      const { query, delivery, storage } = web.plugin;
      const [instance] = await query.instances({ SOPInstanceUID, scope: { kind: 'all' } });
      if (!instance) throw new FilmlessError('SOP_INSTANCE_NOT_FOUND');
      const corrected = (await delivery.overlayOf(SOPInstanceUID)) !== undefined;
      // What a crash leaves in this folder is removed at the next start.
      return spool(convertInstance(web, instance, corrected, signal), join(storage.stagingDirectory, randomUUID()));
    },
  };
}

/** Into a file without a name: the size must be known before the first byte is sent, and a failure must not come in the middle of a message. */
async function spool(file: AsyncIterable<Uint8Array>, path: string): Promise<ConvertedObject> {
  const handle = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    let sizeBytes = 0;
    let datasetOffsetBytes: number | undefined;
    for await (const chunk of file) {
      await handle.writeFile(chunk);
      sizeBytes += chunk.length;
      // File Meta Information comes first, as one piece.
      datasetOffsetBytes ??= sizeBytes;
    }
    return {
      sizeBytes,
      datasetOffsetBytes: datasetOffsetBytes ?? 0,
      read: (offsetBytes, lengthBytes) => readPart(handle, offsetBytes, Math.min(lengthBytes, sizeBytes - offsetBytes)),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readPart(handle: FileHandle, offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(lengthBytes), 0, lengthBytes, offsetBytes);
  return buffer.subarray(0, bytesRead);
}
