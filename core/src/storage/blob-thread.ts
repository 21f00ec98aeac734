import { parentPort, workerData } from 'node:worker_threads';
import { BlobPlacer, type Change, type Changed } from './blob-placer.ts';
import { countBlobs, type Tally } from './count-blobs.ts';
import { systemErrorCode } from './storage-error.ts';

/** Messages to and from this thread; see `BlobThread`. */
export type ThreadRequest = { id: number } & (Change | { kind: 'count'; prefix: string });
export type ThreadReply = { id: number } & (Changed | { tallies: Tally[] });

const port = parentPort;
const { blobsDirectory } = workerData as { blobsDirectory: string };
const placer = new BlobPlacer(blobsDirectory);
let waiting: ThreadRequest[] = [];
let isRunning = false;

function count(prefix: string): { tallies: Tally[] } | { errorCode: string } {
  try {
    return { tallies: countBlobs(blobsDirectory, prefix) };
  } catch (error) {
    return { errorCode: systemErrorCode(error) || 'unknown' };
  }
}

/** What came while the disk was busy is done together. */
async function run(): Promise<void> {
  isRunning = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const changes = batch.filter((request) => request.kind !== 'count');
    const changed = await placer.apply(changes);
    const replies: ThreadReply[] = changes.map(({ id }, index) => ({ id, ...(changed[index] as Changed) }));
    for (const request of batch) {
      if (request.kind === 'count') replies.push({ id: request.id, ...count(request.prefix) });
    }
    port?.postMessage(replies);
  }
  isRunning = false;
}

port?.on('message', (request: ThreadRequest) => {
  waiting.push(request);
  // After the other messages of this turn.
  if (!isRunning) setImmediate(() => (isRunning ? undefined : run()));
});
