import type { DatabaseSync } from 'node:sqlite';
import { ulid } from 'ulid';
import { z } from 'zod';
import type { AccessScope, Identity } from './contract.ts';

/** Somebody said why he must see more than he may, and sees it for a while. */
export interface Emergency {
  id: string;
  userName: string;
  scope: AccessScope;
  reason: string;
  grantedAt: string;
  expiresAt: string;
}

const scopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('patients'), patientIds: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('studies'), studyInstanceUids: z.array(z.string()) }),
]);
const rowSchema = z.object({
  id: z.string(),
  userName: z.string(),
  scope: z.string().transform((text) => scopeSchema.parse(JSON.parse(text))),
  reason: z.string(),
  grantedAt: z.number(),
  expiresAt: z.number(),
});

const MINUTE_MS = 60_000;
const KEPT_FOR_MS = 30 * 24 * 60 * MINUTE_MS;

/** Break-glass: a reason opens one patient for one person for a limited time. That it happened is in the audit log for good. */
export class EmergencyAccess {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #lastsMs: number;
  /** By user name; few at any time, asked with every query. */
  #open: Emergency[];

  constructor(database: DatabaseSync, options: { now?: () => number; lastsMinutes?: number } = {}) {
    this.#database = database;
    this.#now = options.now ?? Date.now;
    this.#lastsMs = (options.lastsMinutes ?? 60) * MINUTE_MS;
    database.prepare('DELETE FROM emergencies WHERE expiresAt < ?').run(this.#now() - KEPT_FOR_MS);
    this.#open = this.#read();
  }

  grant(identity: Identity, scope: Extract<AccessScope, { kind: 'patients' | 'studies' }>, reason: string): Emergency {
    const now = this.#now();
    this.#database
      .prepare('INSERT INTO emergencies VALUES (?, ?, ?, ?, ?, ?)')
      .run(ulid(), identity.id, JSON.stringify(scope), reason, now, now + this.#lastsMs);
    this.#open = this.#read();
    const [newest] = this.#open;
    if (!newest) throw new Error('what was granted is not there');
    return newest;
  }

  /** Of users alone: neither devices nor tokens of other systems have emergencies of their own. */
  scopesOf(identity: Identity): readonly AccessScope[] {
    if (identity.kind !== 'user' || this.#open.length === 0) return [];
    const now = this.#now();
    return this.#open
      .filter(({ userName, expiresAt }) => userName === identity.id && Date.parse(expiresAt) > now)
      .map(({ scope }) => scope);
  }

  /** Those that last, the newest first. */
  list(): readonly Emergency[] {
    const now = this.#now();
    return this.#open.filter(({ expiresAt }) => Date.parse(expiresAt) > now);
  }

  /** False when there was none. */
  end(id: string): boolean {
    const { changes } = this.#database
      .prepare('UPDATE emergencies SET expiresAt = ? WHERE id = ? AND expiresAt > ?')
      .run(this.#now(), id, this.#now());
    this.#open = this.#read();
    return changes > 0;
  }

  #read(): Emergency[] {
    const rows = this.#database
      .prepare('SELECT * FROM emergencies WHERE expiresAt > ? ORDER BY grantedAt DESC, id DESC')
      .all(this.#now());
    return rows.map((row) => {
      const { grantedAt, expiresAt, ...rest } = rowSchema.parse(row);
      return {
        ...rest,
        grantedAt: new Date(grantedAt).toISOString(),
        expiresAt: new Date(expiresAt).toISOString(),
      };
    });
  }
}
