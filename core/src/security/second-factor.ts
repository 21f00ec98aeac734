import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { generateSecret, generateURI, verifySync } from 'otplib';
import { FilmlessError } from '../errors.ts';
import type { Users } from './users.ts';

interface Options {
  users: Users;
  database: DatabaseSync;
  /** Shown in the authenticator beside the name. */
  issuer: string;
  now?: () => number;
}

const RECOVERY_CODES = 10;
/** Clocks of telephones are off by some seconds. */
const TOLERANCE_S = 30;
const CODE = /^\d{6}$/;

/** Codes of an authenticator (TOTP, RFC 6238) beside the password, and codes on paper for who loses it. */
export class SecondFactors {
  readonly #options: Options;
  readonly #now: () => number;

  constructor(options: Options) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** A new secret, which counts once a first code was right. @throws NOT_FOUND, CONFLICT when there is one that counts */
  async begin(name: string): Promise<{ secret: string; uri: string }> {
    const { users, issuer } = this.#options;
    if (typeof (await users.secondFactor(name))?.confirmedAt === 'string')
      throw new FilmlessError('CONFLICT', 'there is a second factor already: remove it first');
    const secret = generateSecret();
    await users.setSecondFactor(name, { secret, confirmedAt: null, recovery: [] });
    return { secret, uri: generateURI({ issuer, label: name, secret }) };
  }

  /** Takes the first code; gives the recovery codes, this once. @throws INVALID_REQUEST when the code is wrong */
  async confirm(name: string, code: string): Promise<string[]> {
    const { users } = this.#options;
    const factor = await users.secondFactor(name);
    if (!factor || factor.confirmedAt !== null) throw new FilmlessError('CONFLICT', 'nothing waits to be confirmed');
    if (!this.#isRight(name, factor.secret, code)) throw new FilmlessError('INVALID_REQUEST', 'code: wrong');
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await users.setSecondFactor(name, {
      secret: factor.secret,
      confirmedAt: new Date(this.#now()).toISOString(),
      recovery: codes.map(hashOf),
    });
    return codes;
  }

  /** Whether a code is right; each counts once. */
  async check(name: string, code: string): Promise<boolean> {
    const { users } = this.#options;
    const factor = await users.secondFactor(name);
    if (!factor || factor.confirmedAt === null) return false;
    if (this.#isRight(name, factor.secret, code)) return true;
    const hash = hashOf(code);
    if (!factor.recovery.includes(hash)) return false;
    await users.setSecondFactor(name, { ...factor, recovery: factor.recovery.filter((one) => one !== hash) });
    return true;
  }

  async remove(name: string): Promise<void> {
    await this.#options.users.setSecondFactor(name, undefined);
  }

  /** A code that was used, or one before it, is not taken again, whoever reads it over a shoulder. */
  #isRight(name: string, secret: string, code: string): boolean {
    const token = code.replaceAll(' ', '');
    if (!CODE.test(token)) return false;
    const { database } = this.#options;
    const used = database.prepare('SELECT step FROM usedCodes WHERE userName = ?').get(`${name} ${hashOf(secret)}`);
    const result = verifySync({
      secret,
      token,
      epoch: Math.floor(this.#now() / 1000),
      epochTolerance: TOLERANCE_S,
      ...(used ? { afterTimeStep: Number(used['step']) } : {}),
    });
    if (!result.valid || !('timeStep' in result)) return false;
    database
      .prepare('INSERT OR REPLACE INTO usedCodes VALUES (?, ?)')
      .run(`${name} ${hashOf(secret)}`, result.timeStep);
    return true;
  }
}

/** `k3f9-7q2m-xw4d`: 60 random bits, without letters that look like others. */
function newRecoveryCode(): string {
  const signs = 'abcdefghjkmnpqrstuvwxyz23456789';
  const text = [...randomBytes(12)].map((byte) => signs[byte % signs.length]).join('');
  return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
}

function hashOf(code: string): string {
  return createHash('sha256').update(code.trim().toLowerCase()).digest('hex');
}
