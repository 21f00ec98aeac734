import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { ulid } from 'ulid';
import type { DocumentStore } from '../catalogue/contract.ts';
import { FilmlessError } from '../errors.ts';
import type { UserAccount, Users } from './users.ts';

/** A key of a service account, without its secret. */
export interface ServiceKey {
  id: string;
  account: string;
  title: string;
  /** What of the account's permissions it carries; null = all of them. */
  permissions: readonly string[] | null;
  /** It has a launch secret: addresses signed with that open the viewer. */
  signsLaunches: boolean;
  createdAt: string;
  createdBy: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

interface KeyDocument extends Omit<ServiceKey, 'lastUsedAt' | 'id' | 'signsLaunches'> {
  /** SHA-256 of the secret, hex. The secret has 256 random bits: nothing slower is needed. */
  hash: string;
  /** Of the account it was made for: another account of the same name later has no part in it. */
  accountCreatedAt: string;
  /** Checks signatures, so it is kept as it is; good for launches alone, never as a key. */
  launchSecret?: string;
}

interface Options {
  documents: DocumentStore;
  database: DatabaseSync;
  users: Users;
  now?: () => number;
}

const PREFIX = 'flk_';
const KEY = /^flk_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})$/;
const MAX_KEYS = 20;
/** How long another node's change may go unseen; changes made here are seen at once. */
const CACHE_MS = 5_000;
const TOUCH_EVERY_MS = 60_000;

/** Keys by which other systems sign in: shown once, kept as a hash, revocable, each with what it may do and when it was last used. */
export class ServiceKeys {
  readonly #options: Options;
  readonly #now: () => number;
  readonly #cache: LRUCache<string, { key: KeyDocument | undefined }>;
  readonly #touched = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
    const now = options.now ?? Date.now;
    this.#now = now;
    this.#cache = new LRUCache({ max: 1_000, ttl: CACHE_MS, ttlResolution: 0, perf: { now } });
  }

  static looksLikeOne(text: string): boolean {
    return text.startsWith(PREFIX);
  }

  /** The key itself is given out here and nowhere else. @throws NOT_FOUND, INVALID_REQUEST, CONFLICT when there are too many */
  async create(
    accountName: string,
    {
      signsLaunches = false,
      ...given
    }: Pick<ServiceKey, 'title' | 'permissions' | 'expiresAt'> & { signsLaunches?: boolean },
    createdBy: string,
  ): Promise<{ key: string; launchSecret?: string; entry: ServiceKey }> {
    const account = await this.#serviceAccount(accountName);
    if ((await this.list(account.name)).length >= MAX_KEYS)
      throw new FilmlessError('CONFLICT', `an account has at most ${MAX_KEYS} keys: remove one that is not used`);
    const id = ulid(this.#now());
    const secret = randomBytes(32).toString('base64url');
    const launchSecret = signsLaunches ? randomBytes(32).toString('base64url') : undefined;
    const document: KeyDocument = {
      account: account.name,
      ...given,
      createdAt: new Date(this.#now()).toISOString(),
      createdBy,
      hash: hashOf(secret),
      accountCreatedAt: account.createdAt,
      ...(launchSecret === undefined ? {} : { launchSecret }),
    };
    await this.#options.documents.put(documentId(id), document);
    return {
      key: `${PREFIX}${id}_${secret}`,
      ...(launchSecret === undefined ? {} : { launchSecret }),
      entry: this.#shown(id, document),
    };
  }

  async list(accountName: string): Promise<ServiceKey[]> {
    const all = await this.#options.documents.list<KeyDocument>(documentId(''));
    return all
      .filter(({ account }) => account === accountName)
      .map(({ id, rev: _rev, ...document }) => this.#shown(id.slice(documentId('').length), document));
  }

  /** @throws NOT_FOUND */
  async revoke(accountName: string, id: string): Promise<void> {
    const document = await this.#options.documents.get<KeyDocument>(documentId(id));
    if (document?.account !== accountName) throw new FilmlessError('NOT_FOUND', 'no such key');
    await this.#options.documents.remove(documentId(id), document.rev);
    this.#cache.set(id, { key: undefined });
  }

  /** The account a key stands for and what the key narrows it to; undefined when it is none, expired, or revoked. */
  async find(
    text: string,
    address: string,
  ): Promise<{ account: UserAccount; permissions: readonly string[] | null } | undefined> {
    const [, id = '', secret = ''] = KEY.exec(text) ?? [];
    if (id === '') return undefined;
    const key = await this.#load(id);
    if (!key) return undefined;
    const right = timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(key.hash, 'hex'));
    const account = right ? await this.#accountOf(key) : undefined;
    if (!account) return undefined;
    this.#touch(id, address);
    return { account, permissions: key.permissions };
  }

  /** By its id: the account it signs launches for, and what checks them; undefined when it is none of those, expired, or revoked. */
  async findSigner(
    id: string,
  ): Promise<{ account: UserAccount; permissions: readonly string[] | null; secret: string } | undefined> {
    const key = await this.#load(id);
    const account = key?.launchSecret === undefined ? undefined : await this.#accountOf(key);
    if (!key?.launchSecret || !account) return undefined;
    return { account, permissions: key.permissions, secret: key.launchSecret };
  }

  /** Undefined when the key or the account counts no more. */
  async #accountOf(key: KeyDocument): Promise<UserAccount | undefined> {
    if (key.expiresAt !== null && Date.parse(key.expiresAt) <= this.#now()) return undefined;
    const account = await this.#options.users.find(key.account);
    const counts = account && !account.disabled && account.kind === 'service';
    return counts && account.createdAt === key.accountCreatedAt ? account : undefined;
  }

  async #serviceAccount(name: string): Promise<UserAccount> {
    const account = await this.#options.users.find(name);
    if (!account) throw new FilmlessError('NOT_FOUND', 'no such user');
    if (account.kind !== 'service') throw new FilmlessError('INVALID_REQUEST', 'keys are for service accounts only');
    return account;
  }

  async #load(id: string): Promise<KeyDocument | undefined> {
    const cached = this.#cache.get(id);
    if (cached) return cached.key;
    const key = await this.#options.documents.get<KeyDocument>(documentId(id));
    this.#cache.set(id, { key });
    return key;
  }

  #touch(id: string, address: string): void {
    const now = this.#now();
    if (now - (this.#touched.get(id) ?? 0) < TOUCH_EVERY_MS) return;
    this.#touched.set(id, now);
    this.#options.database.prepare('INSERT OR REPLACE INTO keyUses VALUES (?, ?, ?)').run(id, now, address);
  }

  #shown(id: string, document: KeyDocument): ServiceKey {
    const { hash: _hash, accountCreatedAt: _accountCreatedAt, launchSecret, ...rest } = document;
    const used = this.#options.database.prepare('SELECT lastUsedAt FROM keyUses WHERE id = ?').get(id);
    const signsLaunches = launchSecret !== undefined;
    return { id, ...rest, signsLaunches, lastUsedAt: used ? new Date(Number(used['lastUsedAt'])).toISOString() : null };
  }
}

function documentId(id: string): string {
  return `service-key:${id}`;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
