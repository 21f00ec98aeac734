import { type Disposable, disposable } from '../disposable.ts';
import type { PouchDatabase } from './pouch-database.ts';

const RETRY_MS = 2000;

/** Tells listeners that there is something new: once for many commits, and for a remote database also after changes by others. */
export class ChangeNotifier {
  readonly #database: PouchDatabase;
  readonly #listeners = new Set<() => void>();
  readonly #onListenerFailed: (error: unknown) => void;
  #pending: NodeJS.Immediate | undefined;
  #feed: { cancel(): void } | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(database: PouchDatabase, onListenerFailed: (error: unknown) => void) {
    this.#database = database;
    this.#onListenerFailed = onListenerFailed;
  }

  listen(listener: () => void): Disposable {
    const mine = () => listener();
    this.#listeners.add(mine);
    if (this.#database.isRemote) this.#follow();
    return disposable(() => {
      this.#listeners.delete(mine);
      if (this.#listeners.size === 0) this.#unfollow();
    });
  }

  notify(): void {
    if (this.#closed) return;
    this.#pending ??= setImmediate(() => {
      this.#pending = undefined;
      for (const listener of this.#listeners) {
        try {
          listener();
        } catch (error) {
          this.#onListenerFailed(error);
        }
      }
    });
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    if (this.#pending) clearImmediate(this.#pending);
    this.#unfollow();
  }

  #follow(): void {
    if (this.#feed || this.#retry || this.#closed) return;
    const feed = this.#database.live();
    this.#feed = feed;
    const again = () => {
      if (this.#feed !== feed) return;
      this.#feed = undefined;
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        if (this.#listeners.size === 0) return;
        this.#follow();
        // Something may have come while nobody was listening.
        this.notify();
      }, RETRY_MS);
    };
    feed.on('change', () => this.notify());
    feed.on('error', again);
    feed.on('complete', again);
    // The feed is a promise too, and its end is handled above.
    feed.catch(() => undefined);
  }

  #unfollow(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const feed = this.#feed;
    this.#feed = undefined;
    feed?.cancel();
  }
}
