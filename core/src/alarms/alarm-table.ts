import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Alarm, AlarmEvent } from './contract.ts';

const text = z.string().transform((json) => z.object({ 'zh-CN': z.string(), en: z.string() }).parse(JSON.parse(json)));
const rowSchema = z.object({
  id: z.string(),
  key: z.string(),
  severity: z.enum(['warning', 'critical']),
  title: text,
  detail: text,
  raisedAt: z.string(),
  changedAt: z.string(),
  clearedAt: z.string().nullable(),
  acknowledgedAt: z.string().nullable(),
  acknowledgedBy: z.string().nullable(),
  note: z.string().nullable(),
});
const untoldSchema = z.object({ id: z.string(), untold: z.enum(['raised', 'worsened', 'cleared']) });
const channelSchema = z.object({
  key: z.string(),
  sentAt: z.string().nullable(),
  failedAt: z.string().nullable(),
  failure: z.string().nullable(),
});

/** How the last notice to a channel went. */
export interface ChannelState {
  sentAt?: string;
  failedAt?: string;
  failure?: string;
}

/** Alarms in SQLite; each change is on the disk when its call returns. */
export class AlarmTable {
  readonly #database: DatabaseSync;

  /** `path` of the database file, or `:memory:`. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS alarms (
        id TEXT PRIMARY KEY,
        key TEXT NOT NULL,
        severity TEXT NOT NULL,
        title TEXT NOT NULL,
        detail TEXT NOT NULL,
        raisedAt TEXT NOT NULL,
        changedAt TEXT NOT NULL,
        clearedAt TEXT,
        acknowledgedAt TEXT,
        acknowledgedBy TEXT,
        note TEXT,
        -- what the channels have not been told yet
        untold TEXT
      ) STRICT;
      CREATE UNIQUE INDEX IF NOT EXISTS alarmsOnce ON alarms (key) WHERE clearedAt IS NULL;
      CREATE INDEX IF NOT EXISTS alarmsUntold ON alarms (id) WHERE untold IS NOT NULL;
      CREATE TABLE IF NOT EXISTS channels (key TEXT PRIMARY KEY, sentAt TEXT, failedAt TEXT, failure TEXT) STRICT;
    `);
  }

  insert(alarm: Alarm): void {
    this.#database
      .prepare(
        "INSERT INTO alarms (id, key, severity, title, detail, raisedAt, changedAt, untold) VALUES (?, ?, ?, ?, ?, ?, ?, 'raised')",
      )
      .run(
        alarm.id,
        alarm.key,
        alarm.severity,
        JSON.stringify(alarm.title),
        JSON.stringify(alarm.detail),
        alarm.raisedAt,
        alarm.changedAt,
      );
  }

  update(alarm: Alarm, untold?: AlarmEvent): void {
    this.#database
      .prepare(
        `UPDATE alarms SET severity = ?, title = ?, detail = ?, changedAt = ?, clearedAt = ?, acknowledgedAt = ?, acknowledgedBy = ?, note = ?,
         untold = coalesce(?, untold) WHERE id = ?`,
      )
      .run(
        alarm.severity,
        JSON.stringify(alarm.title),
        JSON.stringify(alarm.detail),
        alarm.changedAt,
        alarm.clearedAt ?? null,
        alarm.acknowledged?.at ?? null,
        alarm.acknowledged?.by ?? null,
        alarm.acknowledged?.note ?? null,
        untold ?? null,
        alarm.id,
      );
  }

  get(id: string): Alarm | undefined {
    const row = this.#database.prepare('SELECT * FROM alarms WHERE id = ?').get(id);
    return row && alarmOf(row);
  }

  /** The one that lasts. */
  active(key: string): Alarm | undefined {
    const row = this.#database.prepare('SELECT * FROM alarms WHERE key = ? AND clearedAt IS NULL').get(key);
    return row && alarmOf(row);
  }

  /** Those that last: the critical first, then the newest. */
  allActive(): Alarm[] {
    return this.#database
      .prepare("SELECT * FROM alarms WHERE clearedAt IS NULL ORDER BY severity = 'critical' DESC, id DESC")
      .all()
      .map(alarmOf);
  }

  /** Those that are over, the last raised first. */
  past(limit: number): Alarm[] {
    return this.#database
      .prepare('SELECT * FROM alarms WHERE clearedAt IS NOT NULL ORDER BY id DESC LIMIT ?')
      .all(limit)
      .map(alarmOf);
  }

  untold(): { id: string; event: AlarmEvent }[] {
    return this.#database
      .prepare('SELECT id, untold FROM alarms WHERE untold IS NOT NULL ORDER BY id')
      .all()
      .map((row) => untoldSchema.parse(row))
      .map(({ id, untold }) => ({ id, event: untold }));
  }

  /** Unless something else is to be told by now. */
  told(id: string, event: AlarmEvent): void {
    this.#database.prepare('UPDATE alarms SET untold = NULL WHERE id = ? AND untold = ?').run(id, event);
  }

  channel(key: string): ChannelState {
    const row = this.#database.prepare('SELECT * FROM channels WHERE key = ?').get(key);
    if (!row) return {};
    const { sentAt, failedAt, failure } = channelSchema.parse(row);
    return { ...(sentAt && { sentAt }), ...(failedAt && { failedAt }), ...(failure && { failure }) };
  }

  saveChannel(key: string, { sentAt, failedAt, failure }: ChannelState): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO channels (key, sentAt, failedAt, failure) VALUES (?, ?, ?, ?)')
      .run(key, sentAt ?? null, failedAt ?? null, failure ?? null);
  }

  removePastBefore(time: string): void {
    this.#database.prepare('DELETE FROM alarms WHERE clearedAt < ?').run(time);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function alarmOf(row: unknown): Alarm {
  const { clearedAt, acknowledgedAt, acknowledgedBy, note, ...alarm } = rowSchema.parse(row);
  return {
    ...alarm,
    ...(clearedAt !== null && { clearedAt }),
    ...(acknowledgedAt !== null && {
      acknowledged: { at: acknowledgedAt, by: acknowledgedBy ?? '', note: note ?? '' },
    }),
  };
}
