import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { FilmlessError } from '@filmless/core/plugin';
import { z } from 'zod';
import { ROLES, type Role } from './config.ts';

const LIFE_MS = 15 * 60_000;
const codeSchema = z.object({
  /** host:port of the link of who made it. */
  a: z.string().regex(/^[^\s/]+:\d+$/),
  /** Fingerprint of who made it. */
  f: z.string().regex(/^[0-9a-f]{64}$/),
  s: z.string().min(16),
  /** What who redeems it becomes. */
  r: z.enum(ROLES),
});

export interface JoinCode {
  address: string;
  fingerprint: string;
  secret: string;
  role: Role;
}

/** Codes by which nodes join this one: each counts once, for a quarter of an hour by the clock of this process alone. */
export class JoinCodes {
  readonly #open: { hash: Buffer; role: Role; until: number }[] = [];
  readonly #now: () => number;

  /** `now` never goes back: milliseconds of this process. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  make(role: Role, address: string, fingerprint: string): { code: string; validForSeconds: number } {
    this.#open.splice(0, this.#open.length, ...this.#open.filter(({ until }) => until >= this.#now()));
    const secret = randomBytes(24).toString('base64url');
    this.#open.push({ hash: hashOf(secret), role, until: this.#now() + LIFE_MS });
    const value: z.infer<typeof codeSchema> = { a: address, f: fingerprint, s: secret, r: role };
    return { code: Buffer.from(JSON.stringify(value)).toString('base64url'), validForSeconds: LIFE_MS / 1000 };
  }

  /**
   * What the bearer of this secret becomes. The code is spent from now on, unless it is given back because nothing came of it.
   * @throws FORBIDDEN when it was used, is too old or was never made
   */
  redeem(secret: string): { role: Role; giveBack(): void } {
    const hash = hashOf(secret);
    const index = this.#open.findIndex((each) => timingSafeEqual(each.hash, hash));
    const [found] = index >= 0 ? this.#open.splice(index, 1) : [];
    if (!found || found.until < this.#now()) {
      throw new FilmlessError('FORBIDDEN', 'The join code was used or is too old: make another one');
    }
    return { role: found.role, giveBack: () => void this.#open.push(found) };
  }
}

/** @throws INVALID_REQUEST */
export function readJoinCode(code: string): JoinCode {
  try {
    const { a, f, s, r } = codeSchema.parse(JSON.parse(Buffer.from(code.trim(), 'base64url').toString('utf8')));
    return { address: a, fingerprint: f, secret: s, role: r };
  } catch {
    throw new FilmlessError('INVALID_REQUEST', 'This is not a whole join code: copy it once more');
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
