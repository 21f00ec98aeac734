import type { ByteSource } from '@filmless/core/plugin';
import type { MainMethods, ReceiverMethods } from './protocol.ts';
import type { Rpc } from './rpc.ts';

/** A stored file read through the main thread: only that one knows where blobs are. `close` must be called. */
export async function openRemoteBlob(
  main: Rpc<ReceiverMethods, MainMethods>,
  sha256: string,
): Promise<ByteSource & { close(): Promise<unknown> }> {
  const { handle, sizeBytes } = await main.call('openBlob', { sha256 });
  return {
    sizeBytes,
    read: (offsetBytes, lengthBytes) => main.call('readBlob', { handle, offsetBytes, lengthBytes }),
    close: () => main.call('closeBlob', { handle }),
  };
}
