import { createHash, randomBytes } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import type { Disposable } from '../disposable.ts';
import { disposable } from '../disposable.ts';
import { type SessionRow as Row, sessionRowSchema as rowSchema, type SessionDocuments } from './session-documents.ts';

/** A sign-in that lasts. The token itself is never kept. */
export interface Session {
  userName: string;
  /** Of the account when it signed in; the session is void when the account's is another. */
  credentialId: string;
  /** Names the session in lists; of no use as a token. */
  id: string;
  /** ISO, if nothing more is asked with it until then. */
  expiresAt: string;
}

/** A session as its owner sees it in a list. */
export interface ListedSession {
  id: string;
  userName: string;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  /** Where it was opened, and with what. */
  address: string;
  agent: string;
}

/** Where a session is opened from. */
export interface SessionOrigin {
  address?: string | undefined;
  /** User-Agent of the browser. */
  agent?: string | undefined;
}

interface Options {
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Ends after so long without a request. */
  idleMs?: number;
  /** Ends after so long, whatever happens. */
  absoluteMs?: number;
  /** Where they are kept for all nodes of a catalogue; this node's table is a copy then. */
  shared?: SessionDocuments;
}

const MINUTE_MS = 60_000;
const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/;
/** A use is written at most so often; a crash then costs so much of the idle time. */
const TOUCH_EVERY_MS = MINUTE_MS;
const MAX_PER_USER = 200;
const MAX_AGENT = 200;

/**
 * Sessions in SQLite: they survive a restart, and ending one survives it too. Where nodes share a catalogue, its documents are what counts, and what is
 * changed here counts elsewhere once `written` resolved.
 */
export class Sessions {
  readonly #database: DatabaseSync;
  /** Runs with every request. */
  readonly #select: StatementSync;
  readonly #now: () => number;
  readonly #idleMs: number;
  readonly #absoluteMs: number;
  readonly #shared: SessionDocuments | undefined;
  /** Uses not yet written, by token hash. */
  readonly #touched = new Map<string, number>();
  readonly #copy = { put: (row: Row) => this.#take(row), remove: (tokenHash: string) => this.#forget(tokenHash) };

  /** `path` of the database file, or `:memory:`. */
  constructor(path: string, options: Options = {}) {
    this.#now = options.now ?? Date.now;
    this.#idleMs = options.idleMs ?? 30 * MINUTE_MS;
    this.#absoluteMs = options.absoluteMs ?? 12 * 60 * MINUTE_MS;
    this.#shared = options.shared;
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS sessions (
        tokenHash TEXT PRIMARY KEY,
        userName TEXT NOT NULL,
        credentialId TEXT NOT NULL,
        lastUsedAt INTEGER NOT NULL,
        endsAt INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS sessionsByUser ON sessions (userName, lastUsedAt);
    `);
    addColumns(this.#database);
    this.#select = this.#database.prepare('SELECT * FROM sessions WHERE tokenHash = ?');
    this.#sweep();
  }

  /** The token is given out here and nowhere else. */
  create(
    user: { name: string; credentialId: string },
    origin: SessionOrigin = {},
  ): { token: string; session: Session } {
    this.#sweep();
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const now = this.#now();
    const row: Row = {
      tokenHash: hashOf(token),
      userName: user.name,
      credentialId: user.credentialId,
      lastUsedAt: now,
      endsAt: now + this.#absoluteMs,
      id: randomBytes(9).toString('base64url'),
      createdAt: now,
      address: origin.address ?? '',
      agent: (origin.agent ?? '').slice(0, MAX_AGENT),
    };
    this.#insert(row);
    this.#shared?.put(row);
    this.#endWhere(
      `userName = ? AND tokenHash NOT IN
       (SELECT tokenHash FROM sessions WHERE userName = ? ORDER BY lastUsedAt DESC LIMIT ${MAX_PER_USER})`,
      user.name,
      user.name,
    );
    return { token, session: this.#session(row) };
  }

  /** The session of a token, if it still lasts. `touch: false` looks without counting as use. */
  find(token: string, options: { touch?: boolean } = {}): Session | undefined {
    if (!TOKEN_PATTERN.test(token)) return undefined;
    const found = this.#select.get(hashOf(token));
    if (!found) return undefined;
    const row = rowSchema.parse(found);
    const lastUsedAt = this.#touched.get(row.tokenHash) ?? row.lastUsedAt;
    const now = this.#now();
    if (now >= this.#expiry({ ...row, lastUsedAt })) {
      // Elsewhere it may be in use.
      if (!this.#shared) this.#forget(row.tokenHash);
      return undefined;
    }
    if (options.touch === false) return this.#session({ ...row, lastUsedAt });
    this.#touch(row, now);
    return this.#session({ ...row, lastUsedAt: now });
  }

  /** Like `find`, also for one that another node made a moment ago. */
  async findAnywhere(token: string, options: { touch?: boolean } = {}): Promise<Session | undefined> {
    const known = this.find(token, options);
    if (known || !this.#shared || !TOKEN_PATTERN.test(token)) return known;
    const row = await this.#shared.get(hashOf(token));
    if (!row) return undefined;
    this.#take(row);
    return this.find(token, options);
  }

  /** Reads what there is at other nodes, and follows it from then on. */
  async follow(): Promise<Disposable> {
    const shared = this.#shared;
    if (!shared) return disposable(() => undefined);
    this.#database.exec('DELETE FROM sessions');
    await shared.load(this.#copy);
    return shared.onChange(() => void this.refresh().catch(() => undefined));
  }

  /** Takes over what other nodes changed. */
  async refresh(): Promise<void> {
    await this.#shared?.refresh(this.#copy);
  }

  /** Resolves when what was changed here counts at all nodes. Throws UNAVAILABLE. */
  async written(): Promise<void> {
    await this.#shared?.written();
  }

  /** Ends one session; false when there was none. */
  end(token: string): boolean {
    return this.#endWhere('tokenHash = ?', hashOf(token)) > 0;
  }

  /** Those that last, the newest use first; of one user when named. */
  list(userName?: string): ListedSession[] {
    this.#sweep();
    const rows = this.#database
      .prepare('SELECT * FROM sessions WHERE ? IS NULL OR userName = ? ORDER BY lastUsedAt DESC LIMIT 1000')
      .all(userName ?? null, userName ?? null);
    const lasting = rows.map((found) => rowSchema.parse(found)).filter((row) => this.#now() < this.#expiry(row));
    return lasting.map((row) => {
      const lastUsedAt = this.#touched.get(row.tokenHash) ?? row.lastUsedAt;
      const iso = (ms: number) => new Date(ms).toISOString();
      return {
        id: row.id,
        userName: row.userName,
        createdAt: iso(row.createdAt),
        lastUsedAt: iso(lastUsedAt),
        expiresAt: iso(this.#expiry({ ...row, lastUsedAt })),
        address: row.address,
        agent: row.agent,
      };
    });
  }

  /** Ends one by its name in lists; of one user when named. The user's name, or undefined when there was none. */
  endById(id: string, userName?: string): string | undefined {
    const found = this.#database
      .prepare('SELECT tokenHash, userName FROM sessions WHERE id = ? AND (? IS NULL OR userName = ?)')
      .get(id, userName ?? null, userName ?? null);
    if (!found) return undefined;
    this.#endWhere('tokenHash = ?', String(found['tokenHash']));
    return String(found['userName']);
  }

  /** Ends all of a user's, but not those on the credentials given; how many there were. */
  endForUser(userName: string, exceptCredentialId?: string): number {
    return this.#endWhere('userName = ? AND credentialId IS NOT ?', userName, exceptCredentialId ?? null);
  }

  close(): void {
    for (const [tokenHash, at] of this.#touched) this.#writeUse(tokenHash, at);
    this.#touched.clear();
    this.#database.close();
  }

  #touch(row: Row, now: number): void {
    if (now - row.lastUsedAt < TOUCH_EVERY_MS) {
      this.#touched.set(row.tokenHash, now);
      return;
    }
    this.#writeUse(row.tokenHash, now);
    this.#touched.delete(row.tokenHash);
  }

  #writeUse(tokenHash: string, at: number): void {
    this.#database.prepare('UPDATE sessions SET lastUsedAt = ? WHERE tokenHash = ?').run(at, tokenHash);
    this.#shared?.used(tokenHash, at);
  }

  #insert(row: Row): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO sessions (tokenHash, userName, credentialId, lastUsedAt, endsAt, id, createdAt, address, agent)
         VALUES ($tokenHash, $userName, $credentialId, $lastUsedAt, $endsAt, $id, $createdAt, $address, $agent)`,
      )
      .run(row);
  }

  /** Of another node's row and the own one the later use counts. */
  #take(row: Row): void {
    const found = this.#select.get(row.tokenHash);
    const lastUsedAt = found ? Math.max(rowSchema.parse(found).lastUsedAt, row.lastUsedAt) : row.lastUsedAt;
    this.#insert({ ...row, lastUsedAt });
    if ((this.#touched.get(row.tokenHash) ?? 0) <= lastUsedAt) this.#touched.delete(row.tokenHash);
  }

  #forget(tokenHash: string): void {
    this.#touched.delete(tokenHash);
    this.#database.prepare('DELETE FROM sessions WHERE tokenHash = ?').run(tokenHash);
  }

  /** Ends those of a condition, at all nodes; how many there were. */
  #endWhere(condition: string, ...values: (string | number | null)[]): number {
    const ended = this.#database.prepare(`DELETE FROM sessions WHERE ${condition} RETURNING tokenHash`).all(...values);
    for (const { tokenHash } of ended) {
      this.#touched.delete(String(tokenHash));
      this.#shared?.remove(String(tokenHash));
    }
    return ended.length;
  }

  /**
   * What `#touched` holds is at most a minute newer than the table, so a minute's grace keeps sessions in use. A shared one that is idle here may be in
   * use elsewhere, and stays until its end.
   */
  #sweep(): void {
    const now = this.#now();
    if (this.#shared) this.#endWhere('endsAt <= ?', now);
    else this.#endWhere('endsAt <= ? OR lastUsedAt <= ?', now, now - this.#idleMs - TOUCH_EVERY_MS);
    for (const [tokenHash, at] of this.#touched) if (now - at > this.#idleMs) this.#touched.delete(tokenHash);
  }

  #expiry(row: Pick<Row, 'lastUsedAt' | 'endsAt'>): number {
    return Math.min(row.lastUsedAt + this.#idleMs, row.endsAt);
  }

  #session(row: Row): Session {
    return {
      userName: row.userName,
      credentialId: row.credentialId,
      id: row.id,
      expiresAt: new Date(this.#expiry(row)).toISOString(),
    };
  }
}

/** Files of earlier versions have sessions without a name. */
function addColumns(database: DatabaseSync): void {
  const there = new Set(
    database
      .prepare("SELECT name FROM pragma_table_info('sessions')")
      .all()
      .map(({ name }) => name),
  );
  if (there.has('id')) return;
  database.exec(`
    ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN createdAt INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
    UPDATE sessions SET id = substr(tokenHash, 1, 12), createdAt = lastUsedAt;
  `);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
