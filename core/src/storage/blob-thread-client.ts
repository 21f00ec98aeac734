import { Worker } from 'node:worker_threads';
import { FilmlessError } from '../errors.ts';
import type { Change, Changed } from './blob-placer.ts';
import type { ThreadReply, ThreadRequest } from './blob-thread.ts';
import type { Tally } from './count-blobs.ts';
import { storageError } from './storage-error.ts';

interface Pending {
  resolve: (reply: ThreadReply) => void;
  reject: (error: unknown) => void;
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/**
 * A thread that changes the blob folders with blocking calls: one message each way instead of five turns through the thread pool,
 * each of which costs the main thread more than the call itself. Started when it is first needed, and again should it die.
 */
export class BlobThreadClient {
  readonly #blobsDirectory: string;
  readonly #thread: URL;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;

  /** `thread`: another program for the thread; for tests. */
  constructor(blobsDirectory: string, thread: URL = new URL('./blob-thread.ts', import.meta.url)) {
    this.#blobsDirectory = blobsDirectory;
    this.#thread = thread;
  }

  /** Resolves when the change is durable. STORAGE_FULL, STORAGE_FAILED. */
  async change(change: Change): Promise<{ formerBytes: number | undefined }> {
    const reply = await this.#call(change);
    if ('formerBytes' in reply) return { formerBytes: reply.formerBytes };
    throw this.#failure(reply, 'A blob could not be put in its place or removed');
  }

  async count(prefix: string): Promise<Tally[]> {
    const reply = await this.#call({ kind: 'count', prefix });
    if ('tallies' in reply) return reply.tallies;
    throw this.#failure(reply, 'The blobs could not be counted');
  }

  /** After all that was asked for has ended. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #call(request: WithoutId<ThreadRequest>): Promise<ThreadReply> {
    const worker = this.#worker ?? this.#start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The thread keeps the process alive only while something is awaited from it.
      if (this.#pending.size === 0) worker.ref();
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#thread, {
      workerData: { blobsDirectory: this.#blobsDirectory },
      name: 'filmless-blobs',
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    worker.on('message', (replies: ThreadReply[]) => {
      for (const reply of replies) {
        this.#pending.get(reply.id)?.resolve(reply);
        this.#pending.delete(reply.id);
      }
      if (this.#pending.size === 0) worker.unref();
    });
    const fail = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const { reject } of this.#pending.values()) {
        reject(new FilmlessError('STORAGE_FAILED', 'The storage thread ended', { cause }));
      }
      this.#pending.clear();
    };
    worker.on('error', fail);
    worker.on('exit', fail);
    this.#worker = worker;
    return worker;
  }

  #failure(reply: Changed | object, doing: string): FilmlessError {
    return storageError('errorCode' in reply ? { code: reply.errorCode } : undefined, doing);
  }
}
