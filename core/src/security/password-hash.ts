import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { FilmlessError } from '../errors.ts';

/** Cost of one hash; memory is `128 * N * r` bytes. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/** A password as it is kept. The cost stands with it, so that it can be raised later without losing anyone. */
export interface PasswordHash extends ScryptCost {
  algorithm: 'scrypt';
  /** base64 */
  salt: string;
  /** base64 */
  hash: string;
}

/** About 32 MiB and a quarter of a second a hash on the machines hospitals have. */
export const DEFAULT_SCRYPT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** More at once would fill the thread pool that also serves the disk. */
const MAX_CONCURRENT = 2;
const MAX_WAITING = 64;

let running = 0;
const waiting: (() => void)[] = [];

/** Throws UNAVAILABLE when too many hashes wait already. */
export async function hashPassword(password: string, cost: ScryptCost = DEFAULT_SCRYPT_COST): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost);
  return {
    algorithm: 'scrypt',
    N: cost.N,
    r: cost.r,
    p: cost.p,
    salt: salt.toString('base64'),
    hash: hash.toString('base64'),
  };
}

/** Compares in constant time. Throws UNAVAILABLE when too many hashes wait already. */
export async function verifyPassword(password: string, kept: PasswordHash): Promise<boolean> {
  const expected = Buffer.from(kept.hash, 'base64');
  const actual = await derive(password, Buffer.from(kept.salt, 'base64'), kept);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

async function derive(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
  await enter();
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { N: cost.N, r: cost.r, p: cost.p, maxmem: 256 * cost.N * cost.r };
      scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    leave();
  }
}

async function enter(): Promise<void> {
  if (running < MAX_CONCURRENT) {
    running += 1;
    return;
  }
  if (waiting.length >= MAX_WAITING) throw new FilmlessError('UNAVAILABLE', 'too many sign-ins at once');
  // The place is handed over by leave(), so `running` stays as it is.
  await new Promise<void>((resolve) => waiting.push(resolve));
}

function leave(): void {
  const next = waiting.shift();
  if (next) next();
  else running -= 1;
}
