/** The reader worker: fetches answers of many frames and hands each frame on as it arrives, so that the page's own thread stays free. */
import { MultipartError } from '../client/multipart.ts';
import { arrivingParts } from '../client/part-stream.ts';
import type { ReaderAnswer, ReaderRequest } from './reader-protocol.ts';

interface WorkerScope {
  postMessage(message: ReaderAnswer, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ReaderRequest>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const underWay = new Map<number, AbortController>();

scope.addEventListener('message', ({ data: request }) => {
  if ('giveUp' in request) underWay.get(request.id)?.abort();
  else void read(request);
});

async function read({ id, url, headers }: Exclude<ReaderRequest, { giveUp: true }>): Promise<void> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    const response = await fetch(url, { headers, credentials: 'same-origin', signal: controller.signal });
    const { status } = response;
    const head = { id, status, headers: [...response.headers] };
    if (!response.ok) {
      scope.postMessage({ ...head, failure: await response.text() });
      return;
    }
    scope.postMessage(head);
    for await (const part of arrivingParts(response)) scope.postMessage({ id, ...part }, [part.body.buffer]);
    scope.postMessage({ id, ended: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ id, error: message, malformed: error instanceof MultipartError });
  } finally {
    underWay.delete(id);
  }
}
