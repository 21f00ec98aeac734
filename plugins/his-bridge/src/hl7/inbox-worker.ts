import { FilmlessError, type Logger } from '@filmless/core/plugin';
import { errorOf, isContentError } from './apply.ts';
import type { Inbox, InboxEntry } from './inbox.ts';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 300_000;
const PAGE = 200;
/** Written down together. */
const MOST_AT_ONCE = 32;
const PRUNE_EVERY_MS = 3_600_000;

interface Options {
  inbox: Inbox;
  log: Logger;
  /** Applies a message. */
  apply(entry: InboxEntry): Promise<void>;
  keepDays: number;
  done(outcome: 'applied' | 'failed' | 'postponed', entry: InboxEntry): void;
  now?: () => number;
}

/** ms until the next try after so many. */
export function backoffMs(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 20));
}

/**
 * Applies messages one after another in the order in which they came. One that must wait lets those of other patients pass, and none of its own; one whose content
 * is wrong goes to the list of errors and holds nobody up. That a run of messages about different patients was applied is written down at once: after a
 * crash the last of each patient alone comes again, which changes nothing.
 */
export class InboxWorker {
  readonly #options: Options;
  readonly #now: () => number;
  #stopped = false;
  #woken = true;
  #wake: () => void = () => undefined;
  #prunedAt = 0;
  /** Applied, and not yet written down. */
  #applied: InboxEntry[] = [];
  readonly #running: Promise<void>;

  constructor(options: Options) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    options.inbox.onWork(() => {
      this.#woken = true;
      this.#wake();
    });
    this.#running = this.#run();
  }

  /** Waits for the message at hand. */
  async dispose(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#woken = false;
      let next = LONGEST_WAIT_MS;
      try {
        next = await this.#pass();
        this.#prune();
      } catch (error) {
        next = FIRST_WAIT_MS;
        this.#options.log.error(
          { code: FilmlessError.from(error).code, reason: reasonOf(error) },
          'The HL7 inbox cannot be worked off',
        );
      }
      await this.#rest(next);
    }
  }

  /** Goes once through all that wait. Resolves to how long nothing will be due, in ms. */
  async #pass(): Promise<number> {
    const { inbox } = this.#options;
    const heldUp = new Set<string>();
    let soonest = LONGEST_WAIT_MS;
    let after = 0;
    try {
      for (;;) {
        const page = inbox.waiting(after, PAGE);
        for (const entry of page) {
          if (this.#stopped) return 0;
          after = entry.id;
          const wait = entry.nextAt - this.#now();
          const free = !entry.patients.some((patient) => heldUp.has(patient));
          if (free && wait <= 0 && (await this.#one(entry))) continue;
          soonest = Math.min(soonest, wait > 0 ? wait : backoffMs(entry.attempts));
          for (const patient of entry.patients) heldUp.add(patient);
        }
        this.#writeDown();
        if (page.length < PAGE) return Math.max(soonest, 10);
      }
    } finally {
      this.#writeDown();
    }
  }

  #writeDown(): void {
    const applied = this.#applied;
    this.#applied = [];
    if (applied.length > 0) this.#options.inbox.applied(applied.map(({ id }) => id));
    for (const entry of applied) this.#options.done('applied', entry);
  }

  /** False when it is to be tried again. */
  async #one(entry: InboxEntry): Promise<boolean> {
    const { inbox, apply, done, log } = this.#options;
    const about = { id: entry.id, connection: entry.connection, type: entry.type };
    const isNext = this.#applied.some(({ patients }) => patients.some((patient) => entry.patients.includes(patient)));
    if (isNext || this.#applied.length >= MOST_AT_ONCE) this.#writeDown();
    try {
      await apply(entry);
      this.#applied.push(entry);
      return true;
    } catch (error) {
      if (isContentError(error)) {
        const { location, text } = errorOf(error);
        inbox.failed(entry.id, { location, text });
        done('failed', entry);
        log.warn({ ...about, location, reason: text }, 'An HL7 message went to the list of errors');
        return true;
      }
      inbox.postpone(entry.id, this.#now() + backoffMs(entry.attempts), reasonOf(error));
      done('postponed', entry);
      log.warn(
        { ...about, attempts: entry.attempts + 1, reason: reasonOf(error) },
        'An HL7 message will be tried again',
      );
      return false;
    }
  }

  #prune(): void {
    if (this.#now() - this.#prunedAt < PRUNE_EVERY_MS) return;
    this.#prunedAt = this.#now();
    this.#options.inbox.prune(new Date(this.#now() - this.#options.keepDays * 86_400_000));
  }

  async #rest(ms: number): Promise<void> {
    if (this.#stopped || this.#woken) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.#wake = () => undefined;
  }
}

/** For the log and the list: codes and our own words alone, no values. */
function reasonOf(error: unknown): string {
  if (error instanceof FilmlessError) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}
