import { LRUCache } from 'lru-cache';
import { FilmlessError } from '../errors.ts';

/** TOO_MANY_REQUESTS that says when to come back. */
export class ThrottledError extends FilmlessError {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('TOO_MANY_REQUESTS', `try again in ${retryAfterSeconds} s`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** One try, counted as failed until it is told otherwise. */
export interface SignInAttempt {
  succeeded(): void;
  /** It was never decided, e.g. because the node was too busy. */
  withdraw(): void;
}

interface Tally {
  failures: number;
  blockedUntil: number;
}

const FORGET_AFTER_MS = 30 * 60_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15 * 60_000;
/** Whole wards can come from one address, so an address has more free tries than one user at one address. */
const FREE_TRIES = { pair: 5, user: 30, address: 60 };

/**
 * Slows down guessing. After the free tries each failure doubles the wait, per user at an address, per user, and per address. A user who
 * is being guessed at can be kept from signing in for a while; sessions he has go on.
 */
export class SignInThrottle {
  readonly #now: () => number;
  readonly #tallies: LRUCache<string, Tally>;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
    this.#tallies = new LRUCache({ max: 20_000, ttl: FORGET_AFTER_MS, ttlResolution: 0, perf: { now: this.#now } });
  }

  /** Throws ThrottledError while the user or the address must wait. */
  begin(userName: string, address: string): SignInAttempt {
    const pair = `pair ${address} ${userName}`;
    const keys = [
      { key: pair, free: FREE_TRIES.pair },
      { key: `user ${userName}`, free: FREE_TRIES.user },
      { key: `address ${address}`, free: FREE_TRIES.address },
    ];
    const now = this.#now();
    const blockedUntil = Math.max(...keys.map(({ key }) => this.#tallies.get(key)?.blockedUntil ?? 0));
    if (blockedUntil > now) throw new ThrottledError(Math.ceil((blockedUntil - now) / 1000));
    // Counted before the password is checked: a hundred guesses at once are a hundred tries.
    for (const { key, free } of keys) this.#count(key, free, 1);
    return {
      succeeded: () => {
        this.#tallies.delete(pair);
        for (const { key, free } of keys.slice(1)) this.#count(key, free, -1);
      },
      withdraw: () => {
        for (const { key, free } of keys) this.#count(key, free, -1);
      },
    };
  }

  #count(key: string, free: number, by: 1 | -1): void {
    const failures = Math.max(0, (this.#tallies.get(key)?.failures ?? 0) + by);
    if (failures === 0) {
      this.#tallies.delete(key);
      return;
    }
    const delayMs = failures < free ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - free), LONGEST_DELAY_MS);
    this.#tallies.set(key, { failures, blockedUntil: delayMs === 0 ? 0 : this.#now() + delayMs });
  }
}
