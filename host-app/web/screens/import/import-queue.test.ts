import { expect } from 'chai';
import { ApiError } from '../../api/client.ts';
import type { ImportResult } from '../../api/imports.ts';
import { describe, it, until } from '../../testing/setup.ts';
import { ImportQueue } from './import-queue.ts';

const file = (path: string, text = 'data') => ({ file: new File([text], path), path });
const files = (count: number) => Array.from({ length: count }, (_, index) => file(`disc/IM${index}`));
const stored: ImportResult = { status: 'stored', StudyInstanceUID: '1.2.3' };
const noPause = async () => undefined;

/** Uploads that wait until the test lets them go. */
function heldUploads() {
  const held: { path: string; done: (result?: ImportResult) => void; fail: (error: unknown) => void }[] = [];
  const upload = (_file: File, path: string, { signal }: { signal: AbortSignal }) =>
    new Promise<ImportResult>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
      held.push({ path, done: (result = stored) => resolve(result), fail: reject });
    });
  return { held, upload };
}

describe('import queue', () => {
  it('sends three at a time and never more', async () => {
    let now = 0;
    let most = 0;
    const queue = new ImportQueue({
      upload: async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve));
        now -= 1;
        return stored;
      },
    });
    queue.add(files(50));
    await until('all are stored', () => queue.counts.stored === 50);
    expect(most).to.equal(3);
    expect(queue.sentBytes).to.equal(queue.totalBytes);
    expect(queue.studies.get('1.2.3')?.stored).to.equal(50);
  });

  it('stops at once when cancelled, and keeps what is stored', async () => {
    const { held, upload } = heldUploads();
    const queue = new ImportQueue({ upload });
    queue.add(files(10));
    held[0]?.done();
    await until('one is stored', () => queue.counts.stored === 1);
    queue.cancel();
    await until('nothing is under way', () => !queue.running);
    expect(queue.counts).to.include({ stored: 1, cancelled: 9, waiting: 0, uploading: 0 });
    expect(held).to.have.length(4);
  });

  it('goes on with more files after a cancel', async () => {
    const { held, upload } = heldUploads();
    const queue = new ImportQueue({ upload });
    queue.add(files(1));
    queue.cancel();
    await until('the first is cancelled', () => queue.counts.cancelled === 1);
    queue.add(files(1));
    held.at(-1)?.done();
    await until('the second is stored', () => queue.counts.stored === 1);
  });

  it('tells what is in quarantine from what failed, and retries only the failed', async () => {
    const asked: string[] = [];
    let broken = true;
    const queue = new ImportQueue({
      pause: noPause,
      upload: async (_file, path) => {
        asked.push(path);
        if (path.endsWith('IM0')) throw new ApiError({ code: 'NOT_DICOM', status: 400 });
        if (path.endsWith('IM1') && broken) throw new ApiError({ code: 'INTERNAL', status: 500 });
        return path.endsWith('IM2') ? { ...stored, status: 'duplicate' } : stored;
      },
    });
    queue.add(files(4));
    await until('all are through', () => queue.finishedCount === 4);
    expect(queue.counts).to.include({ quarantined: 1, failed: 1, duplicate: 1, stored: 1 });
    expect(queue.problemCount).to.equal(2);
    asked.length = 0;
    broken = false;
    queue.retryFailed();
    await until('the failed one is stored', () => queue.counts.stored === 2);
    expect(asked).to.deep.equal(['disc/IM1']);
    expect(queue.sentBytes).to.equal(queue.totalBytes);
  });

  it('tries again by itself while the node does not answer', async () => {
    let attempts = 0;
    const queue = new ImportQueue({
      pause: noPause,
      upload: async () => {
        attempts += 1;
        if (attempts < 3) throw new ApiError({ code: 'NETWORK', status: 0 });
        return stored;
      },
    });
    queue.add(files(1));
    await until('it is stored', () => queue.counts.stored === 1);
    expect(attempts).to.equal(3);
  });

  it('waits for a person when the disk is full, and loses no file', async () => {
    let full = true;
    const queue = new ImportQueue({
      upload: async () => {
        if (full) throw new ApiError({ code: 'STORAGE_FULL', status: 507 });
        return stored;
      },
    });
    queue.add(files(8));
    await until('the queue stopped', () => queue.stoppedBy?.code === 'STORAGE_FULL' && !queue.running);
    expect(queue.counts).to.include({ waiting: 8, failed: 0 });
    full = false;
    queue.resume();
    await until('all are stored', () => queue.counts.stored === 8);
  });

  it('forgets everything for the next person', async () => {
    const { upload } = heldUploads();
    const queue = new ImportQueue({ upload });
    queue.add(files(5));
    await queue.abandon();
    expect(queue.entries).to.deep.equal([]);
    expect(queue.counts).to.include({ cancelled: 0, waiting: 0, uploading: 0 });
    expect(queue.sentBytes).to.equal(0);
  });

  it('skips index files and empty ones without asking the node', async () => {
    let asked = 0;
    const queue = new ImportQueue({
      upload: async () => {
        asked += 1;
        return stored;
      },
    });
    queue.add([file('CD/DICOMDIR'), file('CD/.DS_Store'), file('CD/empty', ''), file('CD/IM1')]);
    await until('all are through', () => queue.finishedCount === 4);
    expect(queue.counts).to.include({ skipped: 3, stored: 1 });
    expect(asked).to.equal(1);
  });
});
