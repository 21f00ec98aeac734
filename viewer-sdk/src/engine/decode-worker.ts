/** The decode worker: one frame in, drawable pixels out. It holds nothing between two frames but the codecs. */
import { decodeFrame, UnsupportedFrame } from './decode-frame.ts';
import type { DecodeAnswer, DecodeRequest } from './decode-protocol.ts';

interface WorkerScope {
  postMessage(message: DecodeAnswer, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<DecodeRequest>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.addEventListener('message', ({ data: request }) => {
  decodeFrame(request).then(
    (pixels) => scope.postMessage({ id: request.id, pixels }, [pixels.data.buffer]),
    (error: unknown) => {
      const failure = error instanceof UnsupportedFrame ? 'unsupported' : 'unreadable';
      scope.postMessage(
        { id: request.id, failure, detail: error instanceof Error ? error.message : String(error) },
        [],
      );
    },
  );
});
