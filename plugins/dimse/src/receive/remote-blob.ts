import type { ObjectToOpen, OpenObject } from '../client/send-instance.ts';
import type { MainMethods, ReceiverMethods } from './protocol.ts';
import type { Rpc } from './rpc.ts';

/** A stored file read through the main thread: only that one knows where blobs are. `close` must be called. */
export async function openRemoteBlob(
  main: Rpc<ReceiverMethods, MainMethods>,
  { SOPInstanceUID, sha256, datasetOffsetBytes: storedOffset }: ObjectToOpen,
): Promise<OpenObject> {
  const asked = { SOPInstanceUID, sha256, datasetOffsetBytes: storedOffset };
  const { handle, sizeBytes, datasetOffsetBytes } = await main.call('openBlob', asked);
  return {
    sizeBytes,
    datasetOffsetBytes,
    read: (offsetBytes, lengthBytes) => main.call('readBlob', { handle, offsetBytes, lengthBytes }),
    close: () => main.call('closeBlob', { handle }),
  };
}
