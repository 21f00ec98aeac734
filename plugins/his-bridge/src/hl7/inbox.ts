import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { FilmlessError } from '@filmless/core/plugin';
import { z } from 'zod';
import { inTransaction } from './queue-database.ts';

export const INBOX_STATES = ['waiting', 'applied', 'failed', 'dismissed'] as const;
export type InboxState = (typeof INBOX_STATES)[number];

/** What is kept of a message before it is answered. */
export interface Arrival {
  readonly connection: string;
  readonly controlId: string;
  readonly type: string;
  readonly patients: readonly string[];
  readonly raw: Buffer;
  /** Why it cannot be applied: it goes to the list of errors at once. */
  readonly error?: { readonly location: string; readonly text: string };
}

const rowSchema = z.object({
  id: z.number().int(),
  connection: z.string(),
  controlId: z.string(),
  type: z.string(),
  patients: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  receivedAt: z.string(),
  state: z.enum(INBOX_STATES),
  attempts: z.number().int(),
  nextAt: z.number(),
  error: z.string().nullable(),
  location: z.string().nullable(),
  doneAt: z.string().nullable(),
  doneBy: z.string().nullable(),
});
export type InboxEntry = z.infer<typeof rowSchema>;
const contentSchema = z.object({ raw: z.instanceof(Uint8Array), corrected: z.string().nullable() });
const COLUMNS =
  'id, connection, controlId, type, patients, receivedAt, state, attempts, nextAt, error, location, doneAt, doneBy';

export type Kept = { readonly outcome: 'new' | 'known'; readonly state: InboxState };
interface Pending {
  arrival: Arrival;
  done: (kept: Kept) => void;
  failed: (error: unknown) => void;
}

/** Messages that came, durable before they are answered. Those that arrive in one turn share a commit. */
export class Inbox {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  #pending: Pending[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** Resolved when it would outlive a power cut. `known`: the same came before under its number, and is not applied again. */
  add(arrival: Arrival): Promise<Kept> {
    return new Promise((done, failed) => {
      this.#pending.push({ arrival, done, failed });
      if (this.#pending.length === 1) setImmediate(() => this.#commit());
    });
  }

  onWork(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Those that wait, in the order in which they came, after `id`. */
  waiting(afterId: number, limit: number): InboxEntry[] {
    return this.#database
      .prepare(`SELECT ${COLUMNS} FROM inbox WHERE state = 'waiting' AND id > ? ORDER BY id LIMIT ?`)
      .all(afterId, limit)
      .map((row) => rowSchema.parse(row));
  }

  get(id: number): InboxEntry | undefined {
    const row = this.#database.prepare(`SELECT ${COLUMNS} FROM inbox WHERE id = ?`).get(id);
    return row && rowSchema.parse(row);
  }

  /** The bytes as they came, or the text somebody put in their place. */
  contentOf(id: number): { raw: Buffer; corrected: string | undefined } {
    const row = this.#database.prepare('SELECT raw, corrected FROM inbox WHERE id = ?').get(id);
    if (!row) throw new FilmlessError('NOT_FOUND', 'there is no such message');
    const { raw, corrected } = contentSchema.parse(row);
    return { raw: Buffer.from(raw), corrected: corrected ?? undefined };
  }

  list(request: { state?: InboxState | undefined; limit: number; offset: number }): {
    total: number;
    items: InboxEntry[];
  } {
    const [where, values] = request.state ? ['WHERE state = ?', [request.state]] : ['', []];
    const total = this.#database.prepare(`SELECT count(*) AS n FROM inbox ${where}`).get(...values)?.['n'];
    const items = this.#database
      .prepare(`SELECT ${COLUMNS} FROM inbox ${where} ORDER BY id DESC LIMIT ? OFFSET ?`)
      .all(...values, request.limit, request.offset)
      .map((row) => rowSchema.parse(row));
    return { total: Number(total ?? 0), items };
  }

  counts(): Record<InboxState, number> {
    const counts: Record<InboxState, number> = { waiting: 0, applied: 0, failed: 0, dismissed: 0 };
    for (const row of this.#database.prepare('SELECT state, count(*) AS n FROM inbox GROUP BY state').all())
      counts[row['state'] as InboxState] = Number(row['n']);
    return counts;
  }

  /** How many that came later for one of its patients have been applied: replaying it now puts older values over theirs. */
  appliedSince({ id, patients }: InboxEntry): number {
    if (patients.length === 0) return 0;
    const row = this.#database
      .prepare(
        `SELECT count(*) AS n FROM inbox WHERE id > ? AND state = 'applied'
         AND EXISTS (SELECT 1 FROM json_each(inbox.patients) WHERE value IN (SELECT value FROM json_each(?)))`,
      )
      .get(id, JSON.stringify(patients));
    return Number(row?.['n'] ?? 0);
  }

  applied(ids: readonly number[]): void {
    inTransaction(this.#database, () => {
      for (const id of ids) this.#finish(id, 'applied', '');
    });
  }

  /** Kept whole in the list of errors. */
  failed(id: number, error: { location: string; text: string }): void {
    this.#database
      .prepare(
        `UPDATE inbox SET state = 'failed', attempts = attempts + 1, error = ?, location = ?, doneAt = ? WHERE id = ?`,
      )
      .run(error.text, error.location, this.#isoNow(), id);
  }

  /** Tried again not before `nextAt`, ms since 1970. */
  postpone(id: number, nextAt: number, text: string): void {
    this.#database
      .prepare('UPDATE inbox SET attempts = attempts + 1, nextAt = ?, error = ? WHERE id = ?')
      .run(nextAt, text, id);
  }

  /** Puts a message of the list of errors back to be applied, corrected or as it came. CONFLICT when it is not in that list. */
  replay(id: number, by: string, corrected?: { text: string; type: string; patients: readonly string[] }): void {
    const { changes } = corrected
      ? this.#database
          .prepare(
            `UPDATE inbox SET state = 'waiting', nextAt = 0, attempts = 0, error = NULL, location = NULL, doneBy = ?,
             corrected = ?, type = ?, patients = ? WHERE id = ? AND state IN ('failed', 'dismissed')`,
          )
          .run(by, corrected.text, corrected.type, JSON.stringify(corrected.patients), id)
      : this.#database
          .prepare(
            `UPDATE inbox SET state = 'waiting', nextAt = 0, attempts = 0, error = NULL, location = NULL, doneBy = ?
             WHERE id = ? AND state IN ('failed', 'dismissed')`,
          )
          .run(by, id);
    if (changes === 0) throw new FilmlessError('CONFLICT', 'the message is not in the list of errors');
    this.#tell();
  }

  dismiss(id: number, by: string): void {
    if (this.get(id)?.state !== 'failed')
      throw new FilmlessError('CONFLICT', 'the message is not in the list of errors');
    this.#finish(id, 'dismissed', by);
  }

  /** Removes what was done before that time. The same message is new again afterwards. */
  prune(before: Date): void {
    this.#database
      .prepare(`DELETE FROM inbox WHERE state IN ('applied', 'dismissed') AND doneAt < ?`)
      .run(before.toISOString());
  }

  #finish(id: number, state: InboxState, by: string): void {
    this.#database
      .prepare(
        `UPDATE inbox SET state = ?, doneAt = ?, doneBy = CASE WHEN ? = '' THEN doneBy ELSE ? END, error = NULL WHERE id = ?`,
      )
      .run(state, this.#isoNow(), by, by, id);
  }

  #commit(): void {
    const pending = this.#pending;
    this.#pending = [];
    try {
      const kept = inTransaction(this.#database, () => pending.map(({ arrival }) => this.#insert(arrival)));
      for (const [i, { done }] of pending.entries()) done(kept[i] ?? { outcome: 'new', state: 'waiting' });
    } catch (error) {
      for (const { failed } of pending) failed(error);
      return;
    }
    this.#tell();
  }

  #insert({ connection, controlId, type, patients, raw, error }: Arrival): Kept {
    const sha256 = createHash('sha256').update(raw).digest('hex');
    const before = this.#database
      .prepare('SELECT state FROM inbox WHERE connection = ? AND controlId = ? AND sha256 = ?')
      .get(connection, controlId, sha256);
    if (before) return { outcome: 'known', state: rowSchema.shape.state.parse(before['state']) };
    const state = error ? 'failed' : 'waiting';
    this.#database
      .prepare(
        `INSERT INTO inbox (connection, controlId, sha256, type, patients, receivedAt, raw, state, error, location)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        connection,
        controlId,
        sha256,
        type,
        JSON.stringify(patients),
        this.#isoNow(),
        raw,
        state,
        error?.text ?? null,
        error?.location ?? null,
      );
    return { outcome: 'new', state };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #isoNow(): string {
    return new Date(this.#now()).toISOString();
  }
}
