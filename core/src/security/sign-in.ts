import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import type { SecondFactors } from './second-factor.ts';
import type { Sessions } from './sessions.ts';
import { SignInThrottle } from './sign-in-throttle.ts';
import { normalizeUserName } from './user-rules.ts';
import type { UserAccount, Users } from './users.ts';

interface Options {
  now?: () => number;
  throttle?: SignInThrottle;
}

const BASIC_CACHE_MS = 60_000;

/** Turns passwords and tokens into accounts. */
export class SignIn implements Disposable {
  readonly #users: Users;
  readonly #sessions: Sessions;
  readonly #secondFactors: Pick<SecondFactors, 'check'>;
  readonly #throttle: SignInThrottle;
  /** Credentials that were right a moment ago, under a keyed hash: a hash a request is too slow for DICOMweb tools. */
  readonly #recent: LRUCache<string, { name: string; credentialId: string }>;
  readonly #secret = randomBytes(32);
  /** Checks under way, so that ten requests at once with the same credentials are one check. */
  readonly #checking = new Map<string, Promise<UserAccount>>();
  readonly #onUserChange: Disposable;

  constructor(users: Users, sessions: Sessions, secondFactors: Pick<SecondFactors, 'check'>, options: Options = {}) {
    const now = options.now ?? Date.now;
    this.#users = users;
    this.#sessions = sessions;
    this.#secondFactors = secondFactors;
    this.#throttle = options.throttle ?? new SignInThrottle({ now });
    this.#recent = new LRUCache({ max: 1_000, ttl: BASIC_CACHE_MS, ttlResolution: 0, perf: { now } });
    this.#onUserChange = users.onChange(({ name }) => {
      for (const [key, entry] of this.#recent.entries()) if (entry.name === name) this.#recent.delete(key);
    });
  }

  /** Throws BAD_CREDENTIALS, SECOND_FACTOR_NEEDED (with the right password alone), TOO_MANY_REQUESTS, UNAVAILABLE. */
  async withPassword(userName: string, password: string, address: string, code?: string): Promise<UserAccount> {
    const attempt = this.#throttle.begin(normalizeUserName(userName), address);
    let account: UserAccount | undefined;
    try {
      account = await this.#users.verify(userName, password);
    } catch (error) {
      attempt.withdraw();
      throw error;
    }
    if (!account) throw new FilmlessError('BAD_CREDENTIALS');
    if (account.secondFactor) {
      // The password alone is no success: whoever has it must not get to try codes without end.
      if (code === undefined) {
        attempt.withdraw();
        throw new FilmlessError('SECOND_FACTOR_NEEDED');
      }
      if (!(await this.#secondFactors.check(account.name, code)))
        throw new FilmlessError('SECOND_FACTOR_NEEDED', 'the code is wrong or was used already');
    }
    attempt.succeeded();
    return account;
  }

  /** Like {@link withPassword}, for clients that send their credentials with every request. */
  async withBasic(userName: string, password: string, address: string): Promise<UserAccount> {
    const key = this.#keyOf(userName, password);
    const known = this.#recent.get(key);
    const account = known && (await this.#users.find(known.name));
    if (account && !account.disabled && account.credentialId === known?.credentialId) return account;
    const running = this.#checking.get(key);
    if (running) return running;
    const check = this.withPassword(userName, password, address).then((found) => {
      this.#recent.set(key, { name: found.name, credentialId: found.credentialId });
      return found;
    });
    this.#checking.set(key, check);
    try {
      return await check;
    } finally {
      this.#checking.delete(key);
    }
  }

  /** The account of a session that lasts, if its account still stands as it was. `touch: false` does not count as use. */
  async withToken(
    token: string,
    options: { touch?: boolean } = {},
  ): Promise<{ account: UserAccount; id: string; expiresAt: string } | undefined> {
    const session = await this.#sessions.findAnywhere(token, options);
    if (!session) return undefined;
    const account = await this.#users.find(session.userName);
    if (!account || account.disabled || account.credentialId !== session.credentialId) {
      this.#sessions.end(token);
      return undefined;
    }
    return { account, id: session.id, expiresAt: session.expiresAt };
  }

  dispose(): void | Promise<void> {
    return this.#onUserChange.dispose();
  }

  #keyOf(userName: string, password: string): string {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([normalizeUserName(userName), password]))
      .digest('base64');
  }
}
