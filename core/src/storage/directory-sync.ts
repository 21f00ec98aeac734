import { closeSync, fsync, openSync } from 'node:fs';

/** fsync of a directory: what was created, renamed or removed in it survives a power cut. */
function fsyncDirectory(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Opened on this thread: the directory was just changed, so it is in memory, and a turn through the thread pool costs more.
    const fd = openSync(path, 'r');
    fsync(fd, (error) => {
      closeSync(fd);
      if (error) reject(error);
      else resolve();
    });
  });
}

interface Slot {
  running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Groups fsyncs of the same directory: callers that come while one is running share the one after it,
 * because the running one may have started before their change.
 */
export class DirectorySync {
  readonly #slots = new Map<string, Slot>();

  sync(path: string): Promise<void> {
    const slot = this.#slots.get(path);
    if (!slot) return this.#start(path);
    slot.next ??= slot.running.then(
      () => this.#start(path),
      () => this.#start(path),
    );
    return slot.next;
  }

  #start(path: string): Promise<void> {
    const running = fsyncDirectory(path).finally(() => {
      if (this.#slots.get(path) === slot && !slot.next) this.#slots.delete(path);
    });
    const slot: Slot = { running, next: undefined };
    this.#slots.set(path, slot);
    return running;
  }
}
