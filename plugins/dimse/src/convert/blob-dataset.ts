import type { ByteSource } from '@filmless/core/plugin';
import type { OutgoingDataset } from '../upper-layer/pdu-sender.ts';

const CHUNK_BYTES = 512 * 1024;

/** What follows the File Meta Information of a stored file, byte for byte. */
export function datasetOf(source: ByteSource, datasetOffsetBytes: number): OutgoingDataset {
  return { lengthBytes: source.sizeBytes - datasetOffsetBytes, chunks: chunks(source, datasetOffsetBytes) };
}

async function* chunks(source: ByteSource, startBytes: number): AsyncGenerator<Uint8Array> {
  const read = (offsetBytes: number) =>
    offsetBytes < source.sizeBytes ? source.read(offsetBytes, CHUNK_BYTES) : undefined;
  let offsetBytes = startBytes;
  let next = read(offsetBytes);
  while (next) {
    const bytes = await next;
    offsetBytes += bytes.length;
    // One chunk ahead, so that the disk and the network work at the same time.
    next = bytes.length > 0 ? read(offsetBytes) : undefined;
    // A rejection must not be unhandled while the chunk before is being sent; it is thrown when awaited.
    next?.catch(() => undefined);
    yield bytes;
  }
}
