import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { JobRecord, JobState } from './contract.ts';

const rowSchema = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  payload: z.string(),
  progressDone: z.number(),
  progressTotal: z.number(),
  attempts: z.number(),
  maxAttempts: z.number(),
  interruptions: z.number(),
  errorCode: z.string().nullable(),
  errorDetail: z.string().nullable(),
  createdAt: z.number(),
  notBefore: z.number(),
  finishedAt: z.number().nullable(),
  createdBy: z.string(),
  dedupeKey: z.string().nullable(),
});
/** Times in milliseconds since 1970. */
export type JobRow = z.infer<typeof rowSchema>;
type JobChange = Partial<Omit<JobRow, 'id' | 'kind'>>;

const COLUMNS = Object.keys(rowSchema.shape);

/** The jobs in SQLite; each change is on the disk when its call returns. */
export class JobTable {
  readonly #database: DatabaseSync;

  /** `path` of the database file, or `:memory:`. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS jobs (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        state TEXT NOT NULL,
        payload TEXT NOT NULL,
        progressDone REAL NOT NULL,
        progressTotal REAL NOT NULL,
        attempts INTEGER NOT NULL,
        maxAttempts INTEGER NOT NULL,
        interruptions INTEGER NOT NULL,
        errorCode TEXT,
        errorDetail TEXT,
        createdAt INTEGER NOT NULL,
        notBefore INTEGER NOT NULL,
        finishedAt INTEGER,
        createdBy TEXT NOT NULL,
        dedupeKey TEXT
      ) STRICT;
      CREATE INDEX IF NOT EXISTS jobsDue ON jobs (state, kind, notBefore, id);
      CREATE INDEX IF NOT EXISTS jobsFinished ON jobs (finishedAt) WHERE finishedAt IS NOT NULL;
      CREATE UNIQUE INDEX IF NOT EXISTS jobsOnce ON jobs (kind, dedupeKey)
        WHERE dedupeKey IS NOT NULL AND state IN ('waiting', 'running');
    `);
  }

  insert(row: JobRow): void {
    const marks = COLUMNS.map(() => '?').join(', ');
    const values: Record<string, string | number | null> = row;
    this.#database
      .prepare(`INSERT INTO jobs (${COLUMNS.join(', ')}) VALUES (${marks})`)
      .run(...COLUMNS.map((column) => values[column] ?? null));
  }

  get(id: string): JobRow | undefined {
    const row = this.#database.prepare('SELECT * FROM jobs WHERE id = ?').get(id);
    return row && rowSchema.parse(row);
  }

  update(id: string, change: JobChange): void {
    const entries = Object.entries(change);
    const assignments = entries.map(([column]) => `${column} = ?`).join(', ');
    this.#database
      .prepare(`UPDATE jobs SET ${assignments} WHERE id = ?`)
      .run(...entries.map(([, value]) => value ?? null), id);
  }

  /** A job of the kind with this key that waits or runs. */
  activeWithKey(kind: string, dedupeKey: string): JobRow | undefined {
    const row = this.#database
      .prepare("SELECT * FROM jobs WHERE kind = ? AND dedupeKey = ? AND state IN ('waiting', 'running')")
      .get(kind, dedupeKey);
    return row && rowSchema.parse(row);
  }

  /** Newest first. */
  list(filter: { state?: JobState; kind?: string; createdBy?: string; limit: number }): JobRow[] {
    const { state = null, kind = null, createdBy = null, limit } = filter;
    return this.#database
      .prepare(
        `SELECT * FROM jobs WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR createdBy = ?3)
         ORDER BY createdAt DESC, id DESC LIMIT ?4`,
      )
      .all(state, kind, createdBy, limit)
      .map((row) => rowSchema.parse(row));
  }

  /** Waiting jobs of a kind, those due longest first. */
  waiting(kind: string, limit: number): JobRow[] {
    return this.#database
      .prepare("SELECT * FROM jobs WHERE state = 'waiting' AND kind = ? ORDER BY notBefore, id LIMIT ?")
      .all(kind, limit)
      .map((row) => rowSchema.parse(row));
  }

  running(): JobRow[] {
    return this.#database
      .prepare("SELECT * FROM jobs WHERE state = 'running'")
      .all()
      .map((row) => rowSchema.parse(row));
  }

  removeFinishedBefore(time: number): void {
    this.#database.prepare('DELETE FROM jobs WHERE finishedAt < ?').run(time);
  }

  close(): void {
    this.#database.close();
  }
}

export function recordOf(row: JobRow): JobRecord {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    payload: JSON.parse(row.payload) as unknown,
    progress: { done: row.progressDone, total: row.progressTotal },
    attempts: row.attempts,
    maxAttempts: row.maxAttempts,
    ...(row.errorCode === null ? {} : { error: { code: row.errorCode, detail: row.errorDetail ?? '' } }),
    createdAt: new Date(row.createdAt).toISOString(),
    notBefore: new Date(row.notBefore).toISOString(),
    ...(row.finishedAt === null ? {} : { finishedAt: new Date(row.finishedAt).toISOString() }),
    createdBy: row.createdBy,
  };
}
