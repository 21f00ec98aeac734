import { type BlobStorage, FilmlessError, type Logger } from '@filmless/core/plugin';
import type { Holdings } from './holdings.ts';

interface Options {
  holdings: Holdings;
  storage: Pick<BlobStorage, 'remove'>;
  /** So much may stay of what was fetched from other nodes. */
  limitBytes: number;
  log: Logger;
}

/** Keeps a gateway's copies within its disk: those that came first go first. What came here by another way is no copy, and stays. */
export class CacheLimit {
  readonly #options: Options;
  #trimming: Promise<void> | undefined;
  #again = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Something was fetched. */
  fetched(): void {
    this.#again = true;
    this.#trimming ??= this.#trim();
  }

  /** Resolves when nothing is being removed any more. */
  async settled(): Promise<void> {
    await this.#trimming;
  }

  async #trim(): Promise<void> {
    const { holdings, storage, limitBytes, log } = this.#options;
    // In a turn of its own: what is fetched together is looked at once.
    await Promise.resolve();
    try {
      while (this.#again) {
        this.#again = false;
        for (const { sha256 } of holdings.oldestHere(holdings.fetchedBytes() - limitBytes)) {
          // First forgotten, then removed: broken off in between, it is only fetched again too early.
          holdings.evict(sha256);
          await storage.remove(sha256);
        }
      }
    } catch (error) {
      log.warn(
        { code: FilmlessError.from(error).code, err: error },
        'the copies of a gateway could not be kept within their limit',
      );
    } finally {
      this.#trimming = undefined;
    }
  }
}
