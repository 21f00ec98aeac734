import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { DocumentStore } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { AccessScope, Identity } from './contract.ts';
import type { EmbedTokens } from './embed-tokens.ts';
import type { SecurityService } from './security-service.ts';
import { SignInThrottle } from './sign-in-throttle.ts';
import type { Users } from './users.ts';

const documentSchema = z.object({
  /** SHA-256 of the secret, hex. */
  secretHash: z.string(),
  /** HMAC of the access code with the secret, hex: without the secret, eight digits cannot be found by trying. Null without a code. */
  codeHash: z.string().nullable(),
  studyInstanceUid: z.string(),
  /** Whose study it was when it was shared: another's is not shown, whatever the study becomes. */
  patientId: z.string(),
  issuerOfPatientId: z.string(),
  report: z.boolean(),
  note: z.string(),
  issuer: z.string(),
  /** Of that account: another of the same name later has no part in it. */
  issuerCreatedAt: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  revokedAt: z.string().nullable(),
  wrongCodes: z.number(),
  opened: z.number(),
  lastOpenedAt: z.string().nullable(),
  /** When and whence it was last redeemed: whoever goes on looking does not open it again. */
  redeemedAt: z.string().nullable(),
  redeemedFrom: z.string(),
});
type ShareDocument = z.infer<typeof documentSchema>;

export const SHARE_STATES = ['active', 'expired', 'revoked', 'locked', 'withdrawn'] as const;
export type ShareState = (typeof SHARE_STATES)[number];

/** A link as its owner sees it. */
export interface ListedShare
  extends Pick<
    ShareDocument,
    'studyInstanceUid' | 'report' | 'note' | 'issuer' | 'createdAt' | 'expiresAt' | 'opened' | 'lastOpenedAt'
  > {
  id: string;
  hasAccessCode: boolean;
  state: ShareState;
}

export interface ShareRequest {
  studyInstanceUid: string;
  expiresInDays: number;
  note: string;
  accessCode: boolean;
  report: boolean;
}

/** A link whose secret and access code were right. */
export interface OpenedShare {
  id: string;
  share: ShareDocument;
  identity: Identity;
}

interface Options {
  documents: DocumentStore;
  users: Users;
  embedTokens: EmbedTokens;
  service: Pick<SecurityService, 'userIdentity' | 'shareIdentity' | 'decide'>;
  maxDays?: number;
  now: () => number;
}

const PREFIX = 'share:';
const ID = /^[A-Za-z0-9_-]{16}$/;
const DAY_MS = 24 * 60 * 60_000;
const TOKEN_SECONDS = 10 * 60;
/** Redeemed again from the same address within so long, somebody goes on looking. */
const SITTING_MS = 30 * 60_000;
export const MAX_WRONG_CODES = 10;
export const MAX_SHARE_DAYS = 30;
const MAX_ACTIVE = 200;
/** How long ended links stay in the list. */
const KEPT_FOR_MS = 90 * DAY_MS;
/** How long another node's change may go unseen; changes made here are seen at once. */
const CACHE_MS = 5_000;

/**
 * Links that show one study to people without an account, for some days. Kept are hashes alone; what a link opens is asked anew with every request:
 * its state, and what whoever shared it may see now.
 */
export class ShareLinks {
  readonly #options: Options;
  readonly #throttle: SignInThrottle;
  readonly #cache: LRUCache<string, { share: ShareDocument | undefined }>;
  /** Changes are one at a time: wrong codes given at once are all counted. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Counts changes, so that a read begun before one does not put the old state back into the cache. */
  #generation = 0;

  constructor(options: Options) {
    this.#options = options;
    const { now } = options;
    this.#throttle = new SignInThrottle({ now });
    this.#cache = new LRUCache({ max: 1_000, ttl: CACHE_MS, ttlResolution: 0, perf: { now } });
  }

  get maxDays(): number {
    return this.#options.maxDays ?? MAX_SHARE_DAYS;
  }

  /**
   * What a link that is not yet made would show of a study, by what its maker ordinarily sees.
   * @throws FORBIDDEN for anyone but a person's account
   */
  async identityFor(issuer: Identity, studyInstanceUid: string): Promise<Identity> {
    const account = issuer.kind === 'user' ? await this.#options.users.find(issuer.id) : undefined;
    if (!account) throw new FilmlessError('FORBIDDEN', 'links are shared by people');
    const scope: AccessScope = { kind: 'studies', studyInstanceUids: [studyInstanceUid] };
    return this.#options.service.shareIdentity({ id: '', scope, report: false }, account);
  }

  /** Secret and access code are given out here and nowhere else. @throws INVALID_REQUEST, CONFLICT when there are too many, FORBIDDEN */
  async create(
    issuer: Pick<Identity, 'id'>,
    patient: { PatientID: string; IssuerOfPatientID: string },
    request: ShareRequest,
  ): Promise<{ id: string; secret: string; accessCode?: string; expiresAt: string }> {
    const { documents, users, now } = this.#options;
    if (request.expiresInDays > this.maxDays)
      throw new FilmlessError('INVALID_REQUEST', `expiresInDays: at most ${this.maxDays}`);
    // Whose it is could not be checked later.
    if (patient.PatientID.trim() === '')
      throw new FilmlessError('INVALID_REQUEST', 'a study without a patient ID cannot be shared: reconcile it first');
    const account = await users.find(issuer.id);
    if (!account) throw new FilmlessError('FORBIDDEN', 'links are shared by people');
    await this.#makeRoom(account.name);
    const id = randomBytes(12).toString('base64url');
    const secret = randomBytes(32).toString('base64url');
    const accessCode = request.accessCode ? String(randomInt(100_000_000)).padStart(8, '0') : undefined;
    const share: ShareDocument = {
      secretHash: hashOf(secret),
      codeHash: accessCode === undefined ? null : codeHashOf(secret, accessCode),
      studyInstanceUid: request.studyInstanceUid,
      patientId: patient.PatientID,
      issuerOfPatientId: patient.IssuerOfPatientID,
      report: request.report,
      note: request.note,
      issuer: account.name,
      issuerCreatedAt: account.createdAt,
      createdAt: new Date(now()).toISOString(),
      expiresAt: new Date(now() + request.expiresInDays * DAY_MS).toISOString(),
      revokedAt: null,
      wrongCodes: 0,
      opened: 0,
      lastOpenedAt: null,
      redeemedAt: null,
      redeemedFrom: '',
    };
    await documents.put(PREFIX + id, share);
    return { id, secret, expiresAt: share.expiresAt, ...(accessCode === undefined ? {} : { accessCode }) };
  }

  /** The newest first; of one person when named. */
  async list(issuer?: string): Promise<ListedShare[]> {
    const found = (await this.#all()).filter(({ share }) => issuer === undefined || share.issuer === issuer);
    const shown = await Promise.all(found.map(({ id, share }) => this.#shown(id, share)));
    return shown.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  /** The study it was about. @throws NOT_FOUND, also when it is another's than `issuer` */
  async revoke(id: string, issuer?: string): Promise<string> {
    const at = new Date(this.#options.now()).toISOString();
    const share = await this.#change(id, (one) =>
      issuer !== undefined && one.issuer !== issuer ? undefined : { ...one, revokedAt: one.revokedAt ?? at },
    );
    if (!share) throw new FilmlessError('NOT_FOUND', 'no such shared link');
    return share.studyInstanceUid;
  }

  /**
   * Whether secret and access code are right and the link still lasts. Unknown links and wrong secrets are answered alike; whoever has the secret is
   * told what is wrong.
   * @throws SHARE_NOT_FOUND, SHARE_REVOKED, SHARE_EXPIRED, SHARE_LOCKED, SHARE_CODE_NEEDED, SHARE_CODE_WRONG, SHARE_WITHDRAWN, TOO_MANY_REQUESTS
   */
  async open(
    given: { id: string; secret: string; accessCode?: string | undefined },
    address: string,
  ): Promise<OpenedShare> {
    const { id, secret, accessCode } = given;
    const attempt = this.#throttle.begin(`share ${id}`, address);
    const share = await this.#find(id, { fresh: true });
    // The same work for a link there is not.
    const right = equal(share?.secretHash ?? hashOf(''), hashOf(secret));
    if (!share || !right) throw new FilmlessError('SHARE_NOT_FOUND');
    const state = this.#stateOf(share);
    if (state !== 'active') {
      attempt.succeeded();
      throw ended(state);
    }
    if (share.codeHash !== null && accessCode === undefined) {
      attempt.withdraw();
      throw new FilmlessError('SHARE_CODE_NEEDED');
    }
    if (accessCode !== undefined) await this.#checkCode(id, codeHashOf(secret, accessCode));
    attempt.succeeded();
    try {
      return { id, share, identity: await this.#identity(id, share) };
    } catch (error) {
      throw FilmlessError.from(error).code === 'TOKEN_REVOKED' ? new FilmlessError('SHARE_WITHDRAWN') : error;
    }
  }

  /** A token for some minutes, never beyond the link's end; `isNew` when it was not somebody who goes on looking. */
  async issueToken(
    { id, share }: OpenedShare,
    address: string,
  ): Promise<{ token: string; expiresAt: string; isNew: boolean }> {
    const { embedTokens, now } = this.#options;
    const at = new Date(now()).toISOString();
    let isNew = false;
    const counted = await this.#change(id, (one) => {
      const since = one.redeemedAt === null ? Number.POSITIVE_INFINITY : now() - Date.parse(one.redeemedAt);
      isNew = one.redeemedFrom !== address || since > SITTING_MS;
      return {
        ...one,
        ...(isNew ? { opened: one.opened + 1, lastOpenedAt: at } : {}),
        redeemedAt: at,
        redeemedFrom: address,
      };
    });
    const state = counted && this.#stateOf(counted);
    if (state !== 'active') throw state ? ended(state) : new FilmlessError('SHARE_NOT_FOUND');
    const left = Math.floor((Date.parse(share.expiresAt) - now()) / 1000);
    const { token, expiresAt } = await embedTokens.issue(
      { id: share.issuer },
      {
        user: `share:${id}`,
        studyInstanceUid: share.studyInstanceUid,
        ttlSeconds: Math.min(TOKEN_SECONDS, left),
        actions: ['view'],
      },
      { share: id },
    );
    return { token, expiresAt, isNew };
  }

  /** As whom a token of the link acts now. @throws TOKEN_REVOKED once the link has ended, or whoever shared it may not any more */
  async identityOf(id: string): Promise<Identity> {
    const share = await this.#find(id);
    const state = share && this.#stateOf(share);
    if (!share || state !== 'active') throw new FilmlessError('TOKEN_REVOKED', `the shared link is ${state ?? 'gone'}`);
    return this.#identity(id, share);
  }

  /** Looked at and counted in one step: of a hundred codes tried at once, ten are looked at. @throws SHARE_CODE_WRONG, SHARE_LOCKED */
  async #checkCode(id: string, codeHash: string): Promise<void> {
    let refusal: FilmlessError | undefined;
    await this.#change(id, (one) => {
      refusal = undefined;
      if (this.#stateOf(one) === 'locked') refusal = ended('locked');
      if (refusal || one.codeHash === null || equal(one.codeHash, codeHash)) return undefined;
      const counted = { ...one, wrongCodes: one.wrongCodes + 1 };
      refusal = this.#stateOf(counted) === 'locked' ? ended('locked') : new FilmlessError('SHARE_CODE_WRONG');
      return counted;
    });
    if (refusal) throw refusal;
  }

  async #identity(id: string, share: ShareDocument): Promise<Identity> {
    const account = await this.#options.users.find(share.issuer);
    const issuer = account?.createdAt === share.issuerCreatedAt ? account : undefined;
    const scope: AccessScope = {
      kind: 'all-of',
      scopes: [
        { kind: 'studies', studyInstanceUids: [share.studyInstanceUid] },
        { kind: 'patient', patientId: share.patientId, issuerOfPatientId: share.issuerOfPatientId },
      ],
    };
    return this.#options.service.shareIdentity({ id, scope, report: share.report }, issuer);
  }

  #stateOf({ revokedAt, wrongCodes, expiresAt }: ShareDocument): Exclude<ShareState, 'withdrawn'> {
    if (revokedAt !== null) return 'revoked';
    if (wrongCodes >= MAX_WRONG_CODES) return 'locked';
    return Date.parse(expiresAt) <= this.#options.now() ? 'expired' : 'active';
  }

  async #shown(id: string, share: ShareDocument): Promise<ListedShare> {
    const { studyInstanceUid, report, note, issuer, createdAt, expiresAt, opened, lastOpenedAt, codeHash } = share;
    const state = this.#stateOf(share);
    const holds = state !== 'active' || (await this.#identity(id, share).then(() => true, isWithdrawn));
    return {
      id,
      studyInstanceUid,
      report,
      note,
      issuer,
      createdAt,
      expiresAt,
      opened,
      lastOpenedAt,
      hasAccessCode: codeHash !== null,
      state: holds ? state : 'withdrawn',
    };
  }

  async #all(): Promise<{ id: string; rev: string; share: ShareDocument }[]> {
    const documents = await this.#options.documents.list<object>(PREFIX);
    return documents.flatMap(({ id, rev, ...document }) => {
      const read = documentSchema.safeParse(document);
      return read.success ? [{ id: id.slice(PREFIX.length), rev, share: read.data }] : [];
    });
  }

  /** Removes what ended long ago. @throws CONFLICT */
  async #makeRoom(issuer: string): Promise<void> {
    const { documents, now } = this.#options;
    const all = await this.#all();
    const active = all.filter(({ share }) => share.issuer === issuer && this.#stateOf(share) === 'active');
    if (active.length >= MAX_ACTIVE)
      throw new FilmlessError('CONFLICT', `at most ${MAX_ACTIVE} shared links at a time: revoke one`);
    for (const { id, rev, share } of all)
      if (Date.parse(share.expiresAt) < now() - KEPT_FOR_MS)
        // Another node may have done it.
        await documents.remove(PREFIX + id, rev).catch(() => undefined);
  }

  async #find(id: string, { fresh = false } = {}): Promise<ShareDocument | undefined> {
    if (!ID.test(id)) return undefined;
    const cached = fresh ? undefined : this.#cache.get(id);
    if (cached) return cached.share;
    const generation = this.#generation;
    const found = await this.#options.documents.get<object>(PREFIX + id);
    const share = found && documentSchema.parse(found);
    if (generation === this.#generation) this.#cache.set(id, { share });
    return share;
  }

  /** Undefined when there is no such link, or nothing is to be changed. Another node may change it at the same time: then once more. */
  #change(id: string, change: (share: ShareDocument) => ShareDocument | undefined): Promise<ShareDocument | undefined> {
    const work = async (tries = 5): Promise<ShareDocument | undefined> => {
      const found = ID.test(id) ? await this.#options.documents.get<ShareDocument>(PREFIX + id) : undefined;
      const share = found && change(documentSchema.parse(found));
      if (!found || !share) return undefined;
      try {
        await this.#options.documents.put(PREFIX + id, share, found.rev);
      } catch (error) {
        if (tries > 1 && FilmlessError.from(error).code === 'CONFLICT') return work(tries - 1);
        throw error;
      }
      this.#generation += 1;
      this.#cache.set(id, { share });
      return share;
    };
    const result = this.#turn.then(() => work());
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function ended(state: Exclude<ShareState, 'active' | 'withdrawn'>): FilmlessError {
  const codes = { expired: 'SHARE_EXPIRED', revoked: 'SHARE_REVOKED', locked: 'SHARE_LOCKED' } as const;
  return new FilmlessError(codes[state]);
}

function isWithdrawn(error: unknown): false {
  if (FilmlessError.from(error).code === 'TOKEN_REVOKED') return false;
  throw error;
}

const equal = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const codeHashOf = (secret: string, code: string): string => createHmac('sha256', secret).update(code).digest('hex');
