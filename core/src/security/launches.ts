import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { Identity } from './contract.ts';
import { type EmbedRequest, type EmbedTokens, embedRequestSchema, embedScopeOf } from './embed-tokens.ts';
import type { SecurityService } from './security-service.ts';
import type { ServiceKeys } from './service-keys.ts';
import type { Users } from './users.ts';

/** A code stands in an address, and addresses are written down in many places: it is used once, at once. */
const CODE_TTL_MS = 60_000;
/** How far ahead a signed address may expire: clocks differ, people are quick. */
const MAX_AHEAD_SECONDS = 300;
const CODE = /^[A-Za-z0-9_-]{43}$/;

const keptSchema = z.object({
  service: z.string(),
  request: embedRequestSchema,
  patientIds: z.array(z.string()).optional(),
});
type Kept = z.infer<typeof keptSchema>;

/** What is signed besides the parameters of the launch itself. */
const signatureSchema = z.object({
  keyID: z.string().max(64),
  expires: z.string().regex(/^\d{1,12}$/).transform(Number),
  nonce: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  signature: z.string().regex(/^[0-9a-f]{64}$/i),
}); // biome-ignore format: one field a line

interface Options {
  database: DatabaseSync;
  users: Users;
  serviceKeys: ServiceKeys;
  embedTokens: EmbedTokens;
  service: Pick<SecurityService, 'userIdentity' | 'embedIdentity' | 'require'>;
  now: () => number;
}

/**
 * Launches of the viewer by another system, in an address that a browser opens: the address carries a code that lasts a minute and is
 * exchanged once for an embed token, never the token.
 */
export class Launches {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** `patientIds`: whose the order of the accession number is. */
  create(service: string, request: EmbedRequest, patientIds?: readonly string[]): { code: string; expiresAt: string } {
    const { database, now } = this.#options;
    const code = randomBytes(32).toString('base64url');
    const expiresAt = now() + CODE_TTL_MS;
    const kept: Kept = { service, request, ...(patientIds ? { patientIds: [...patientIds] } : {}) };
    database.prepare('DELETE FROM launches WHERE expiresAt < ?').run(now());
    database.prepare('INSERT INTO launches VALUES (?, ?, ?)').run(hashOf(code), JSON.stringify(kept), expiresAt);
    return { code, expiresAt: new Date(expiresAt).toISOString() };
  }

  /** As whom the code's launch acts; the code stays good. @throws TOKEN_INVALID, TOKEN_REVOKED */
  async identityOf(code: string): Promise<Identity> {
    const { users, service } = this.#options;
    const found = CODE.test(code)
      ? this.#options.database
          .prepare('SELECT request FROM launches WHERE codeHash = ? AND expiresAt > ?')
          .get(hashOf(code), this.#options.now())
      : undefined;
    if (!found) throw notGood();
    const { service: name, request, patientIds } = readKept(found['request']);
    const { user, actions } = request;
    return service.embedIdentity(
      { service: name, user, actions, scope: embedScopeOf(request, patientIds) },
      await users.find(name),
    );
  }

  /** The code is of no use afterwards, whatever comes. @throws TOKEN_INVALID, TOKEN_REVOKED */
  async redeem(code: string): Promise<{ token: string; id: string; expiresAt: string; service: string; user: string }> {
    const { database, users, embedTokens, service, now } = this.#options;
    const found = CODE.test(code)
      ? database.prepare('DELETE FROM launches WHERE codeHash = ? RETURNING request, expiresAt').get(hashOf(code))
      : undefined;
    if (!found || Number(found['expiresAt']) <= now()) throw notGood();
    const { service: name, request, patientIds } = readKept(found['request']);
    const account = await users.find(name);
    if (!account || account.disabled)
      throw new FilmlessError('TOKEN_REVOKED', 'its service account is gone or disabled');
    const identity = service.userIdentity(account);
    service.require(identity, 'embed.issue');
    const issued = await embedTokens.issue(identity, request, patientIds ? { patientIds } : {});
    return { ...issued, service: name, user: request.user };
  }

  /**
   * Whose key signed an address; it counts once. Signed is `name=value` of every parameter but `signature`, decoded, sorted by name, with
   * line feeds between, in UTF-8: HMAC-SHA-256 with the launch secret of the key, in hex.
   * @throws TOKEN_INVALID, TOKEN_EXPIRED, FORBIDDEN
   */
  async openSigned(query: URLSearchParams): Promise<Identity> {
    const { serviceKeys, service, now, database } = this.#options;
    const read = signatureSchema.safeParse(Object.fromEntries(query));
    if (!read.success) {
      const wrong = read.error.issues.map(({ path }) => path.join('.')).join(', ');
      throw new FilmlessError('TOKEN_INVALID', `of a signed address, missing or malformed: ${wrong}`);
    }
    const { keyID, expires, nonce, signature } = read.data;
    const signer = await serviceKeys.findSigner(keyID);
    const expected = createHmac('sha256', signer?.secret ?? randomBytes(32))
      .update(signedText(query))
      .digest();
    // An unknown key and a wrong signature look alike from outside.
    if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')) || !signer)
      throw new FilmlessError('TOKEN_INVALID', 'its signature does not fit');
    const ahead = expires - now() / 1000;
    if (ahead <= 0) throw new FilmlessError('TOKEN_EXPIRED');
    if (ahead > MAX_AHEAD_SECONDS)
      throw new FilmlessError('TOKEN_INVALID', `expires is more than ${MAX_AHEAD_SECONDS} s ahead`);
    const identity = service.userIdentity(signer.account, signer.permissions);
    service.require(identity, 'embed.issue');
    database.prepare('DELETE FROM launchNonces WHERE expiresAt < ?').run(now());
    const { changes } = database
      .prepare('INSERT OR IGNORE INTO launchNonces VALUES (?, ?, ?)')
      .run(keyID, nonce, expires * 1000);
    if (changes === 0) throw new FilmlessError('TOKEN_INVALID', 'this address was opened already');
    return identity;
  }
}

/** What the signature of an address is over. @throws TOKEN_INVALID when it could be read in two ways */
export function signedText(query: URLSearchParams): string {
  const pairs = [...query].filter(([name]) => name !== 'signature');
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length)
    throw new FilmlessError('TOKEN_INVALID', 'a parameter is given twice');
  const lines = pairs.map(([name, value]) => `${name}=${value}`);
  if (lines.some((line) => /\p{Cc}/u.test(line)) || pairs.some(([name]) => name.includes('=')))
    throw new FilmlessError('TOKEN_INVALID', 'a parameter has control characters');
  return lines.sort().join('\n');
}

const readKept = (text: unknown): Kept => keptSchema.parse(JSON.parse(String(text)));

const notGood = (): FilmlessError =>
  new FilmlessError('TOKEN_INVALID', 'this launch was opened already, or too long ago');

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
