import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { errors, jwtVerify, SignJWT } from 'jose';
import { ulid } from 'ulid';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { AccessScope, EmbedAction, Identity } from './contract.ts';
import { allOf } from './scope.ts';
import type { SigningKeys } from './signing-keys.ts';
import { userNameSchema } from './user-rules.ts';

const ACTIONS = ['view', 'store'] as const satisfies readonly EmbedAction[];
const identifier = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\\\p{Cc}]+$/u, 'no backslash, no control characters');
const uid = z.string().regex(/^[0-9A-Za-z._-]{1,64}$/, 'not a UID');

/** What a token is good for: one patient, one study or one order, never more. */
const targetSchema = z.union([
  z.strictObject({ patientId: identifier, issuerOfPatientId: identifier.optional() }),
  z.strictObject({ studyInstanceUid: uid }),
  z.strictObject({
    accessionNumber: identifier,
    /** Numbers of the order's patient, where the order is known: another's images may carry its accession number by mistake. */
    patientIds: z.array(z.string().min(1)).min(1).optional(),
  }),
]);
export type EmbedTarget = z.infer<typeof targetSchema>;

/** Body of `POST /api/embed/tokens`. */
export const embedRequestSchema = z
  .strictObject({
    user: z
      .string()
      .trim()
      .min(1)
      .max(128)
      .regex(/^\P{Cc}+$/u, 'no control characters')
      .describe('Who sits before the page'),
    patientId: identifier.optional(),
    issuerOfPatientId: identifier.optional().describe('Only with patientId, where IDs of several issuers are in use'),
    studyInstanceUid: uid.optional(),
    accessionNumber: identifier.optional(),
    ttlSeconds: z.number().int().min(10).describe('Shortened to the longest this node gives'),
    actions: z.array(z.enum(ACTIONS)).min(1).default(['view']),
  })
  .refine(
    ({ patientId, studyInstanceUid, accessionNumber }) =>
      [patientId, studyInstanceUid, accessionNumber].filter((one) => one !== undefined).length === 1,
    'name one of patientId, studyInstanceUid, accessionNumber',
  )
  .refine(
    ({ patientId, issuerOfPatientId }) => issuerOfPatientId === undefined || patientId !== undefined,
    'issuerOfPatientId: only with patientId',
  );
export type EmbedRequest = z.infer<typeof embedRequestSchema>;

const claimsSchema = z.object({
  iss: userNameSchema,
  sub: z.string().min(1),
  jti: z.string().min(1),
  exp: z.number(),
  actions: z.array(z.enum(ACTIONS)),
  target: targetSchema,
  share: z.string().min(1).optional(),
});

/** What a good token says. */
export interface EmbedClaims {
  id: string;
  service: string;
  user: string;
  actions: readonly EmbedAction[];
  scope: AccessScope;
  expiresAt: string;
  /** The shared link it was given for: what it opens is asked of the link. */
  share?: string;
}

export interface IssuedToken {
  id: string;
  service: string;
  user: string;
  issuedAt: string;
  expiresAt: string;
  revokedAt: string | null;
}

interface Options {
  database: DatabaseSync;
  keys: SigningKeys;
  /** Tokens of another node, or made for something else, are refused. */
  audience: string;
  maxTtlSeconds: number;
  now?: () => number;
}

const TYPE = 'filmless-embed+jwt';
const ALGORITHM = 'EdDSA';
/** Three parts; the last may be empty, as of a token that nobody signed. */
const JWT = /^[\w-]+\.[\w-]*\.[\w-]*$/;
const MAX_LENGTH = 4096;

/** Tokens for the pages of other systems: signed, minutes long, good for one patient or study, revocable. */
export class EmbedTokens {
  readonly #options: Options;
  readonly #now: () => number;
  /** Runs with every request of a page. */
  readonly #select: StatementSync;

  constructor(options: Options) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#select = options.database.prepare('SELECT revokedAt FROM embedTokens WHERE id = ?');
  }

  static looksLikeOne(token: string): boolean {
    return JWT.test(token);
  }

  /** `patientIds`: whose the order of the accession number is; `share`: the link it is given for. */
  async issue(
    service: Pick<Identity, 'id'>,
    request: EmbedRequest,
    { patientIds, share }: { patientIds?: readonly string[]; share?: string } = {},
  ): Promise<{ token: string; id: string; expiresAt: string }> {
    const { database, keys, audience, maxTtlSeconds } = this.#options;
    const issuedAt = Math.floor(this.#now() / 1000);
    const expiresAt = issuedAt + Math.min(request.ttlSeconds, maxTtlSeconds);
    const id = ulid();
    const { kid, privateKey } = keys.current();
    const token = await new SignJWT({
      actions: [...new Set(request.actions)],
      target: targetOf(request, patientIds),
      ...(share === undefined ? {} : { share }),
    })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: TYPE })
      .setIssuer(service.id)
      .setSubject(request.user)
      .setAudience(audience)
      .setJti(id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(privateKey);
    // Whether the token of a shared link counts is asked of the link.
    if (share !== undefined) return { token, id, expiresAt: new Date(expiresAt * 1000).toISOString() };
    database.prepare('DELETE FROM embedTokens WHERE expiresAt < ?').run(this.#now());
    database
      .prepare('INSERT INTO embedTokens VALUES (?, ?, ?, ?, ?, NULL)')
      .run(id, service.id, request.user, issuedAt * 1000, expiresAt * 1000);
    return { token, id, expiresAt: new Date(expiresAt * 1000).toISOString() };
  }

  /** @throws TOKEN_INVALID naming what is wrong, TOKEN_EXPIRED, TOKEN_REVOKED */
  async verify(token: string): Promise<EmbedClaims> {
    const { audience, keys } = this.#options;
    if (token.length > MAX_LENGTH) throw new FilmlessError('TOKEN_INVALID', 'too long');
    let payload: unknown;
    try {
      const verified = await jwtVerify(
        token,
        ({ kid = '' }) => {
          const key = keys.publicKey(kid);
          if (!key) throw new FilmlessError('TOKEN_INVALID', 'signed by a key that is not of this node, or no more');
          return key;
        },
        {
          // Nothing else is taken, whatever the token says of itself.
          algorithms: [ALGORITHM],
          typ: TYPE,
          audience,
          requiredClaims: ['iss', 'sub', 'jti', 'exp', 'aud'],
          currentDate: new Date(this.#now()),
        },
      );
      payload = verified.payload;
    } catch (error) {
      throw refusal(error);
    }
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) throw new FilmlessError('TOKEN_INVALID', 'its claims are not those of an embed token');
    const { iss, sub, jti, exp, actions, target, share } = claims.data;
    if (share === undefined && this.#isRevoked(jti)) throw new FilmlessError('TOKEN_REVOKED');
    return {
      id: jti,
      service: iss,
      user: sub,
      actions,
      scope: scopeOf(target),
      expiresAt: new Date(exp * 1000).toISOString(),
      ...(share === undefined ? {} : { share }),
    };
  }

  /** Those that have not expired, the newest first; of one service when it is named. */
  list(service?: string): IssuedToken[] {
    const rows = this.#options.database
      .prepare(
        'SELECT * FROM embedTokens WHERE expiresAt > ? AND (? IS NULL OR service = ?) ORDER BY id DESC LIMIT 1000',
      )
      .all(this.#now(), service ?? null, service ?? null);
    return rows.map((row) => ({
      id: String(row['id']),
      service: String(row['service']),
      user: String(row['userName']),
      issuedAt: new Date(Number(row['issuedAt'])).toISOString(),
      expiresAt: new Date(Number(row['expiresAt'])).toISOString(),
      revokedAt: row['revokedAt'] === null ? null : new Date(Number(row['revokedAt'])).toISOString(),
    }));
  }

  /** False when there is no such token, or when it is another service's. */
  revoke(id: string, service?: string): boolean {
    const { changes } = this.#options.database
      .prepare('UPDATE embedTokens SET revokedAt = coalesce(revokedAt, ?) WHERE id = ? AND (? IS NULL OR service = ?)')
      .run(this.#now(), id, service ?? null, service ?? null);
    return changes > 0;
  }

  /** A token this node does not know of was not given out by it, whoever signed it. */
  #isRevoked(id: string): boolean {
    const row = this.#select.get(id);
    return row === undefined || row['revokedAt'] !== null;
  }
}

function targetOf(
  { patientId, issuerOfPatientId, studyInstanceUid, accessionNumber }: EmbedRequest,
  patientIds: readonly string[] | undefined,
): EmbedTarget {
  if (patientId !== undefined) return { patientId, ...(issuerOfPatientId === undefined ? {} : { issuerOfPatientId }) };
  if (studyInstanceUid !== undefined) return { studyInstanceUid };
  if (accessionNumber !== undefined)
    return { accessionNumber, ...(patientIds === undefined ? {} : { patientIds: [...patientIds] }) };
  throw new FilmlessError('INVALID_REQUEST', 'name one of patientId, studyInstanceUid, accessionNumber');
}

/** The rows a request is about. */
export function embedScopeOf(request: EmbedRequest, patientIds?: readonly string[]): AccessScope {
  return scopeOf(targetOf(request, patientIds));
}

function scopeOf(target: EmbedTarget): AccessScope {
  if ('patientId' in target) {
    const { patientId, issuerOfPatientId } = target;
    return { kind: 'patient', patientId, ...(issuerOfPatientId === undefined ? {} : { issuerOfPatientId }) };
  }
  if ('studyInstanceUid' in target) return { kind: 'studies', studyInstanceUids: [target.studyInstanceUid] };
  const { accessionNumber, patientIds } = target;
  return allOf([
    { kind: 'accession', accessionNumber },
    ...(patientIds === undefined ? [] : [{ kind: 'patients', patientIds } as const]),
  ]);
}

function refusal(error: unknown): FilmlessError {
  if (error instanceof FilmlessError) return error;
  if (error instanceof errors.JWTExpired) return new FilmlessError('TOKEN_EXPIRED');
  const detail =
    error instanceof errors.JOSEAlgNotAllowed
      ? 'not signed as this node signs'
      : error instanceof errors.JWSSignatureVerificationFailed
        ? 'its signature does not fit'
        : error instanceof errors.JWTClaimValidationFailed
          ? `its ${error.claim} is not the one expected`
          : 'not a token this node can read';
  // Without its cause: that one holds the claims, and they name a patient.
  return new FilmlessError('TOKEN_INVALID', detail);
}
