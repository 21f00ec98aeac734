import type { OutgoingDataset } from '../upper-layer/pdu-sender.ts';
import type { InstanceToSend, MainMethods, ReceiverMethods } from './protocol.ts';
import type { Rpc } from './rpc.ts';

const CHUNK_BYTES = 512 * 1024;

/** A stored data set, without its File Meta Information, read through the main thread: only that one knows where blobs are. */
export async function openRemoteDataset(
  main: Rpc<ReceiverMethods, MainMethods>,
  instance: InstanceToSend,
): Promise<OutgoingDataset & { close(): Promise<unknown> }> {
  const { handle } = await main.call('openBlob', { sha256: instance.sha256 });
  return {
    lengthBytes: instance.sizeBytes - instance.datasetOffsetBytes,
    chunks: chunks(main, handle, instance),
    close: () => main.call('closeBlob', { handle }),
  };
}

async function* chunks(
  main: Rpc<ReceiverMethods, MainMethods>,
  handle: number,
  instance: InstanceToSend,
): AsyncGenerator<Uint8Array> {
  const read = (offsetBytes: number) =>
    main.call('readBlob', {
      handle,
      offsetBytes,
      lengthBytes: Math.min(CHUNK_BYTES, instance.sizeBytes - offsetBytes),
    });
  let offsetBytes = instance.datasetOffsetBytes;
  let next = offsetBytes < instance.sizeBytes ? read(offsetBytes) : undefined;
  while (next) {
    const bytes = await next;
    offsetBytes += bytes.length;
    // One chunk ahead, so that the disk and the network work at the same time.
    next = bytes.length > 0 && offsetBytes < instance.sizeBytes ? read(offsetBytes) : undefined;
    // A rejection must not be unhandled while the chunk before is being sent; it is thrown when awaited.
    next?.catch(() => undefined);
    yield bytes;
  }
}
