import { type BlobStorage, FilmlessError, type Logger } from '@filmless/core/plugin';
import type { Holding, Holdings } from './holdings.ts';

const IDLE_MS = 500;
/** How often a full disk is looked at again. */
const FULL_MS = 2_000;
const ROOM_BYTES = 64 * 1024 * 1024;

interface Options {
  holdings: Holdings;
  storage: BlobStorage;
  streams: number;
  /** A gateway fetches what was asked for; a centre everything. */
  onlyWanted: boolean;
  onFetched(): void;
  signal: AbortSignal;
  log: Logger;
}

/** Fetches in the background what other nodes have and this one lacks, several at a time, until the signal aborts. */
export class Fetcher {
  readonly #options: Options;
  readonly #underWay = new Map<string, Promise<void>>();
  #wake: () => void = () => undefined;
  /** Nothing is asked for while there is no room for it. */
  #isFull = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** There is something new to fetch. */
  wake(): void {
    this.#wake();
  }

  async run(): Promise<void> {
    const { holdings, streams, onlyWanted, signal } = this.#options;
    while (!signal.aborted) {
      if (this.#isFull) {
        await this.#idle(FULL_MS);
        this.#isFull = await this.#hasNoRoom();
        if (this.#isFull) continue;
      }
      const next = holdings
        .nextMissing(streams * 2, onlyWanted)
        .filter(({ sha256 }) => !this.#underWay.has(sha256))
        .slice(0, streams - this.#underWay.size);
      for (const holding of next) this.#start(holding);
      if (this.#underWay.size >= streams) await Promise.race(this.#underWay.values());
      else if (next.length === 0) await Promise.race([this.#idle(IDLE_MS), ...this.#underWay.values()]);
    }
    await Promise.allSettled(this.#underWay.values());
  }

  #start({ sha256 }: Holding): void {
    if (this.#underWay.has(sha256)) return;
    this.#underWay.set(
      sha256,
      this.#fetch(sha256).finally(() => this.#underWay.delete(sha256)),
    );
  }

  async #fetch(sha256: string): Promise<void> {
    const { holdings, storage, signal, log, onFetched } = this.#options;
    try {
      const isHere = await storage.fetch?.(sha256, { priority: 'background', signal });
      if (isHere) {
        holdings.setState(sha256, 'here');
        onFetched();
      } else holdings.postpone(sha256);
    } catch (error) {
      if (signal.aborted) return;
      const { code } = FilmlessError.from(error);
      if (code === 'STORAGE_FULL') {
        if (!this.#isFull) log.warn({ code }, 'no room for what other nodes have: fetching waits until there is');
        this.#isFull = true;
        return;
      }
      if (code !== 'UNAVAILABLE') log.warn({ code, err: error }, 'a blob of another node could not be kept');
      holdings.postpone(sha256);
    }
  }

  async #hasNoRoom(): Promise<boolean> {
    const { storage, log } = this.#options;
    try {
      await storage.ensureSpace(ROOM_BYTES);
      log.info({}, 'there is room again for what other nodes have');
      return false;
    } catch (error) {
      return FilmlessError.from(error).code === 'STORAGE_FULL';
    }
  }

  #idle(idleMs: number): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve) => {
      const timer = setTimeout(done, idleMs);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
