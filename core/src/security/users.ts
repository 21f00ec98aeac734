import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ulid } from 'ulid';
import type { DocumentStore } from '../catalogue/contract.ts';
import type { Disposable } from '../disposable.ts';
import { disposable } from '../disposable.ts';
import { FilmlessError } from '../errors.ts';
import { accountOf, isAdministrator, type SecondFactor, type UserAccount, type UserDocument } from './account.ts';
import type { PasswordHash, ScryptCost } from './password-hash.ts';
import { DEFAULT_SCRYPT_COST, hashPassword, verifyPassword } from './password-hash.ts';
import { checkPassword, DEFAULT_PASSWORD_RULES, type PasswordRules } from './password-rules.ts';
import type { Roles } from './roles.ts';
import type { RowLimits } from './row-limits.ts';
import { displayNameSchema, normalizeUserName, userNameSchema } from './user-rules.ts';

export type { UserAccount } from './account.ts';

type StoredUser = UserDocument & { rev: string };

export interface UserChange {
  name: string;
  /** Undefined when the account was removed. */
  credentialId: string | undefined;
}

interface Options {
  /** Milliseconds since 1970. */
  now?: () => number;
  cost?: ScryptCost;
  passwords?: PasswordRules;
}

const BOOTSTRAP_NAME = 'admin';
/** How long another node's change may go unseen when the documents are shared. Changes made here are seen at once. */
const CACHE_MS = 5_000;

/** The local accounts of this node. */
export class Users {
  readonly #documents: DocumentStore;
  readonly #roles: Roles;
  readonly #now: () => number;
  readonly #cost: ScryptCost;
  readonly #passwords: PasswordRules;
  readonly #cache: LRUCache<string, { user: StoredUser | undefined }>;
  readonly #listeners = new Set<(change: UserChange) => void>();
  /** Changes are one at a time: two at once could take away the last administrator. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Checked for unknown names, so that they cost what known ones cost. No password fits it. */
  readonly #decoy: PasswordHash;
  /** Counts changes, so that a read begun before one does not put the old state back into the cache. */
  #generation = 0;

  constructor(documents: DocumentStore, roles: Roles, options: Options = {}) {
    this.#documents = documents;
    this.#roles = roles;
    this.#now = options.now ?? Date.now;
    this.#cost = options.cost ?? DEFAULT_SCRYPT_COST;
    this.#passwords = options.passwords ?? DEFAULT_PASSWORD_RULES;
    this.#decoy = {
      algorithm: 'scrypt',
      ...this.#cost,
      salt: randomBytes(16).toString('base64'),
      hash: randomBytes(32).toString('base64'),
    };
    this.#cache = new LRUCache({ max: 10_000, ttl: CACHE_MS, ttlResolution: 0, perf: { now: this.#now } });
  }

  /** Told after every change of an account made here. */
  onChange(listener: (change: UserChange) => void): Disposable {
    this.#listeners.add(listener);
    return disposable(() => {
      this.#listeners.delete(listener);
    });
  }

  async list(): Promise<UserAccount[]> {
    const documents = await this.#documents.list<UserDocument>('user:');
    return documents.map(accountOf);
  }

  async find(name: string): Promise<UserAccount | undefined> {
    const user = await this.#load(normalizeUserName(name));
    return user && accountOf(user);
  }

  /** Throws INVALID_REQUEST for a bad name, password or role, CONFLICT when the name is taken. */
  async create(user: {
    name: string;
    displayName: string;
    roles: readonly string[];
    /** May be left out for a service account, which then signs in by key alone. */
    password?: string | undefined;
    kind?: UserAccount['kind'];
    limits?: RowLimits | null;
    /** Somebody else chose it: it is good for setting another. */
    mustChangePassword?: boolean | undefined;
  }): Promise<UserAccount> {
    const name = userNameSchema.parse(user.name);
    if (user.password === undefined && user.kind !== 'service')
      throw new FilmlessError('INVALID_REQUEST', 'password: needed for a user');
    if (user.password !== undefined) checkPassword(name, user.password, this.#passwords);
    this.#checkRoles(user.roles);
    const displayName = displayNameSchema.parse(user.displayName);
    const password = user.password === undefined ? undefined : await hashPassword(user.password, this.#cost);
    return this.#exclusively(async () => {
      if (await this.#read(name)) throw new FilmlessError('CONFLICT', 'the user name is taken');
      const at = this.#time();
      return this.#write({
        name,
        displayName,
        kind: user.kind ?? 'user',
        roles: [...new Set(user.roles)],
        limits: user.limits ?? null,
        disabled: false,
        createdAt: at,
        passwordChangedAt: at,
        credentialId: ulid(),
        ...(user.mustChangePassword ? { mustChangePassword: true } : {}),
        ...(password ? { password } : {}),
      });
    });
  }

  /** Throws NOT_FOUND, INVALID_REQUEST, or CONFLICT when no administrator would be left. */
  async update(
    name: string,
    change: { displayName?: string; roles?: readonly string[]; disabled?: boolean; limits?: RowLimits | null },
  ): Promise<UserAccount> {
    if (change.roles) this.#checkRoles(change.roles);
    return this.#exclusively(async () => {
      const user = await this.#existing(name);
      const disabled = change.disabled ?? user.disabled;
      const roles = change.roles ? [...new Set(change.roles)] : user.roles;
      if (isAdministrator(user) && !isAdministrator({ ...user, disabled, roles }))
        await this.#keepAnAdministrator(user.name);
      const { rev, ...document } = user;
      return this.#write(
        {
          ...document,
          displayName:
            change.displayName === undefined ? user.displayName : displayNameSchema.parse(change.displayName),
          roles,
          limits: change.limits === undefined ? (user.limits ?? null) : change.limits,
          disabled,
          // A disabled account's sessions must not come back to life when it is enabled again.
          credentialId: disabled === user.disabled ? user.credentialId : ulid(),
        },
        rev,
      );
    });
  }

  /** Ends everything granted on the old password. Throws NOT_FOUND or INVALID_REQUEST. */
  async setPassword(name: string, password: string, options: { mustChange?: boolean } = {}): Promise<void> {
    checkPassword(normalizeUserName(name), password, this.#passwords);
    const hash = await hashPassword(password, this.#cost);
    await this.#exclusively(async () => {
      const { rev, ...document } = await this.#existing(name);
      if (document.external !== undefined)
        throw new FilmlessError('INVALID_REQUEST', 'the account signs in with the identity provider');
      const changed = { password: hash, passwordChangedAt: this.#time(), credentialId: ulid() };
      await this.#write({ ...document, ...changed, mustChangePassword: options.mustChange ?? false }, rev);
    });
  }

  async secondFactor(name: string): Promise<SecondFactor | undefined> {
    return (await this.#existing(name)).secondFactor;
  }

  /** Undefined takes it away. Sessions there are go on. Throws NOT_FOUND. */
  async setSecondFactor(name: string, factor: SecondFactor | undefined): Promise<void> {
    await this.#exclusively(async () => {
      const { rev, secondFactor: _before, ...document } = await this.#existing(name);
      await this.#write({ ...document, ...(factor ? { secondFactor: factor } : {}) }, rev);
    });
  }

  /**
   * The account of somebody the identity provider knows, made at his first sign-in; name and roles follow the provider.
   * @throws CONFLICT when the name is another's, FORBIDDEN when it is disabled
   */
  async ensureExternal(given: {
    external: string;
    name: string;
    displayName: string;
    roles: readonly string[];
  }): Promise<UserAccount> {
    const name = userNameSchema.parse(given.name);
    const displayName = displayNameSchema.parse(given.displayName);
    this.#checkRoles(given.roles);
    return this.#exclusively(async () => {
      const user = await this.#read(name);
      if (user && user.external !== given.external)
        throw new FilmlessError('CONFLICT', 'the user name belongs to another account');
      if (user?.disabled) throw new FilmlessError('FORBIDDEN', 'the account is disabled');
      const roles = [...new Set(given.roles)];
      if (user) {
        const { rev, ...document } = user;
        const same = user.displayName === displayName && roles.join() === user.roles.join();
        return same ? accountOf(user) : this.#write({ ...document, displayName, roles }, rev);
      }
      const at = this.#time();
      return this.#write({
        name,
        displayName,
        kind: 'user',
        roles,
        limits: null,
        disabled: false,
        createdAt: at,
        passwordChangedAt: at,
        credentialId: ulid(),
        external: given.external,
      });
    });
  }

  /** Throws NOT_FOUND, or CONFLICT when no administrator would be left. */
  async remove(name: string): Promise<void> {
    await this.#exclusively(async () => {
      const user = await this.#existing(name);
      if (isAdministrator(user)) await this.#keepAnAdministrator(user.name);
      await this.#documents.remove(documentId(user.name), user.rev);
      this.#changed({ name: user.name, credentialId: undefined });
    });
  }

  /** The account when the password is right and the account enabled. An unknown name costs as much time as a wrong password. */
  async verify(name: string, password: string): Promise<UserAccount | undefined> {
    const user = await this.#read(normalizeUserName(name));
    const right = await verifyPassword(password, user?.password ?? this.#decoy);
    return user?.password && right && !user.disabled ? accountOf(user) : undefined;
  }

  /** Makes the first administrator when there is none. A password that was generated is returned, this once. */
  async ensureAdmin(password?: string): Promise<{ created: boolean; password?: string }> {
    if ((await this.list()).some(isAdministrator) || (await this.find(BOOTSTRAP_NAME))) return { created: false };
    const chosen = password ?? randomBytes(15).toString('base64url');
    await this.create({ name: BOOTSTRAP_NAME, displayName: 'Administrator', roles: ['admin'], password: chosen });
    return password === undefined ? { created: true, password: chosen } : { created: true };
  }

  #checkRoles(roles: readonly string[]): void {
    const unknown = roles.filter((role) => !this.#roles.isRole(role));
    if (unknown.length > 0) {
      const known = this.#roles.list().map(({ id }) => id);
      throw new FilmlessError('INVALID_REQUEST', `roles: must be among ${known.join(', ')}`);
    }
  }

  async #keepAnAdministrator(exceptName: string): Promise<void> {
    const others = (await this.list()).filter((user) => user.name !== exceptName && isAdministrator(user));
    if (others.length === 0) throw new FilmlessError('CONFLICT', 'the last administrator must stay');
  }

  async #existing(name: string): Promise<StoredUser> {
    const user = await this.#read(normalizeUserName(name));
    if (!user) throw new FilmlessError('NOT_FOUND', 'no such user');
    return user;
  }

  async #load(name: string): Promise<StoredUser | undefined> {
    const cached = this.#cache.get(name);
    if (cached) return cached.user;
    return this.#read(name);
  }

  async #read(name: string): Promise<StoredUser | undefined> {
    if (!userNameSchema.safeParse(name).success) return undefined;
    const generation = this.#generation;
    const user = await this.#documents.get<UserDocument>(documentId(name));
    if (generation === this.#generation) this.#cache.set(name, { user });
    return user;
  }

  async #write(document: UserDocument, rev?: string): Promise<UserAccount> {
    await this.#documents.put(documentId(document.name), document, rev);
    this.#changed({ name: document.name, credentialId: document.credentialId });
    return accountOf(document);
  }

  #changed(change: UserChange): void {
    this.#generation += 1;
    this.#cache.delete(change.name);
    for (const listener of this.#listeners) listener(change);
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function documentId(name: string): string {
  return `user:${name}`;
}
