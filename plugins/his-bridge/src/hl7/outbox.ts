import type { DatabaseSync } from 'node:sqlite';
import { FilmlessError } from '@filmless/core/plugin';
import { z } from 'zod';

export const OUTBOX_STATES = ['waiting', 'sent', 'failed', 'dismissed'] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

const rowSchema = z.object({
  id: z.number().int(),
  receiver: z.string(),
  name: z.string(),
  type: z.string(),
  patient: z.string(),
  createdAt: z.string(),
  state: z.enum(OUTBOX_STATES),
  attempts: z.number().int(),
  nextAt: z.number(),
  error: z.string().nullable(),
  doneAt: z.string().nullable(),
  doneBy: z.string().nullable(),
});
export type OutboxEntry = z.infer<typeof rowSchema>;
const COLUMNS = 'id, receiver, name, type, patient, createdAt, state, attempts, nextAt, error, doneAt, doneBy';

/** Messages that go out, each sent until its receiver has taken it. */
export class Outbox {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();

  constructor(database: DatabaseSync, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** `name` says what it tells: the same for the same receiver is kept once. */
  add(entry: { receiver: string; name: string; type: string; patient: string; message: string }): void {
    this.#database
      .prepare(
        `INSERT OR IGNORE INTO outbox (receiver, name, type, patient, message, createdAt, state) VALUES (?, ?, ?, ?, ?, ?, 'waiting')`,
      )
      .run(entry.receiver, entry.name, entry.type, entry.patient, entry.message, this.#isoNow());
    this.#tell();
  }

  has(receiver: string, name: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM outbox WHERE receiver = ? AND name = ?').get(receiver, name) !== undefined
    );
  }

  onWork(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** The next for a receiver: the one that has waited longest. */
  next(receiver: string): OutboxEntry | undefined {
    const row = this.#database
      .prepare(`SELECT ${COLUMNS} FROM outbox WHERE receiver = ? AND state = 'waiting' ORDER BY id LIMIT 1`)
      .get(receiver);
    return row && rowSchema.parse(row);
  }

  get(id: number): OutboxEntry | undefined {
    const row = this.#database.prepare(`SELECT ${COLUMNS} FROM outbox WHERE id = ?`).get(id);
    return row && rowSchema.parse(row);
  }

  messageOf(id: number): string {
    const row = this.#database.prepare('SELECT message FROM outbox WHERE id = ?').get(id);
    if (!row) throw new FilmlessError('NOT_FOUND', 'there is no such message');
    return String(row['message']);
  }

  list(request: { state?: OutboxState | undefined; limit: number; offset: number }): {
    total: number;
    items: OutboxEntry[];
  } {
    const [where, values] = request.state ? ['WHERE state = ?', [request.state]] : ['', []];
    const total = this.#database.prepare(`SELECT count(*) AS n FROM outbox ${where}`).get(...values)?.['n'];
    const items = this.#database
      .prepare(`SELECT ${COLUMNS} FROM outbox ${where} ORDER BY id DESC LIMIT ? OFFSET ?`)
      .all(...values, request.limit, request.offset)
      .map((row) => rowSchema.parse(row));
    return { total: Number(total ?? 0), items };
  }

  counts(): Record<OutboxState, number> {
    const counts: Record<OutboxState, number> = { waiting: 0, sent: 0, failed: 0, dismissed: 0 };
    for (const row of this.#database.prepare('SELECT state, count(*) AS n FROM outbox GROUP BY state').all())
      counts[row['state'] as OutboxState] = Number(row['n']);
    return counts;
  }

  sent(id: number): void {
    this.#finish(id, 'sent', '', null);
  }

  /** The receiver does not want it as it is: kept whole in the list of errors. */
  failed(id: number, text: string): void {
    this.#finish(id, 'failed', '', text);
  }

  postpone(id: number, nextAt: number, text: string): void {
    this.#database
      .prepare('UPDATE outbox SET attempts = attempts + 1, nextAt = ?, error = ? WHERE id = ?')
      .run(nextAt, text, id);
  }

  replay(id: number, by: string): void {
    const { changes } = this.#database
      .prepare(
        `UPDATE outbox SET state = 'waiting', attempts = 0, nextAt = 0, error = NULL, doneBy = ?
         WHERE id = ? AND state IN ('failed', 'dismissed')`,
      )
      .run(by, id);
    if (changes === 0) throw new FilmlessError('CONFLICT', 'the message is not in the list of errors');
    this.#tell();
  }

  dismiss(id: number, by: string): void {
    if (this.get(id)?.state !== 'failed')
      throw new FilmlessError('CONFLICT', 'the message is not in the list of errors');
    this.#finish(id, 'dismissed', by, null);
  }

  prune(before: Date): void {
    // What was sent is remembered without its text: a report is not sent again because its hook is told again.
    this.#database
      .prepare(`UPDATE outbox SET message = '' WHERE state IN ('sent', 'dismissed') AND doneAt < ? AND message <> ''`)
      .run(before.toISOString());
  }

  #finish(id: number, state: OutboxState, by: string, error: string | null): void {
    this.#database
      .prepare('UPDATE outbox SET state = ?, error = ?, doneAt = ?, doneBy = ? WHERE id = ?')
      .run(state, error, this.#isoNow(), by, id);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #isoNow(): string {
    return new Date(this.#now()).toISOString();
  }
}
