import { close, fsync, open } from 'node:fs';

/** fsync of a directory: what was created, renamed or removed in it survives a power cut. */
function fsyncDirectory(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (openError, fd) => {
      if (openError) return reject(openError);
      fsync(fd, (syncError) => {
        // Nothing was written through this descriptor: closing it cannot lose anything.
        close(fd, (closeError) => (syncError || closeError ? reject(syncError ?? closeError) : resolve()));
      });
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
