import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** `marked`: will be removed after `until`. `kept`: somebody took the mark off; not marked again before `until`. `back`: brought back when somebody opened it. */
export const STATES = ['marked', 'kept', 'removed', 'compressed', 'tiered', 'back'] as const;

const studySchema = z.object({
  uid: z.string(),
  state: z.enum(STATES),
  /** ISO 8601. */
  at: z.string(),
  until: z.string(),
  department: z.string(),
  instances: z.number(),
  bytes: z.number(),
  /** Who decided; why it waits. No patient data. */
  by: z.string(),
  waiting: z.string(),
});
export type StudyEntry = z.infer<typeof studySchema>;
export type Place = 'compact' | 'tier' | 'removed';

const growthSchema = z.object({ day: z.string(), department: z.string(), bytes: z.number() });
export type Growth = z.infer<typeof growthSchema>;

/** `retention.sqlite`: what was done with which study and blob, and how the archive grew. */
export class Ledger {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS study (
        uid TEXT PRIMARY KEY, state TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL, department TEXT NOT NULL,
        instances INTEGER NOT NULL, bytes INTEGER NOT NULL, "by" TEXT NOT NULL, waiting TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS studyByState ON study (state, until);
      CREATE TABLE IF NOT EXISTS placed (
        sha256 TEXT PRIMARY KEY, uid TEXT NOT NULL, place TEXT NOT NULL, at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS growth (
        day TEXT NOT NULL, department TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (day, department)
      ) STRICT, WITHOUT ROWID;
    `);
  }

  study(uid: string): StudyEntry | undefined {
    return studySchema.optional().parse(this.#database.prepare('SELECT * FROM study WHERE uid = ?').get(uid));
  }

  setStudy(entry: StudyEntry): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO study (uid, state, at, until, department, instances, bytes, "by", waiting)
         VALUES ($uid, $state, $at, $until, $department, $instances, $bytes, $by, $waiting)`,
      )
      .run({ ...entry });
  }

  forgetStudy(uid: string): void {
    this.#database.prepare('DELETE FROM study WHERE uid = ?').run(uid);
  }

  /** Those whose time comes first, first. */
  inState(state: StudyEntry['state'], limit = 500): StudyEntry[] {
    const rows = this.#database.prepare('SELECT * FROM study WHERE state = ? ORDER BY until, uid LIMIT ?');
    return z.array(studySchema).parse(rows.all(state, limit));
  }

  counts(): Record<string, { studies: number; bytes: number }> {
    const row = z.object({ state: z.string(), studies: z.number(), bytes: z.number() });
    const rows = this.#database.prepare(
      'SELECT state, count(*) AS studies, sum(bytes) AS bytes FROM study GROUP BY state',
    );
    return Object.fromEntries(
      rows.all().map((each) => {
        const { state, ...figures } = row.parse(each);
        return [state, figures];
      }),
    );
  }

  /** Written before the blob leaves the store: a crash in between leaves a blob that is here although it need not be. */
  place(sha256: string, uid: string, place: Place, at: string): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO placed (sha256, uid, place, at) VALUES (?, ?, ?, ?)')
      .run(sha256, uid, place, at);
  }

  placeOf(sha256: string): { place: string; uid: string; at: string } | undefined {
    return z
      .object({ place: z.string(), uid: z.string(), at: z.string() })
      .optional()
      .parse(this.#database.prepare('SELECT place, uid, at FROM placed WHERE sha256 = ?').get(sha256));
  }

  /** Blobs on a shelf that were not looked at since `before`, the longest first. */
  uncheckedSince(before: string, limit: number): { sha256: string; place: string }[] {
    return z
      .array(z.object({ sha256: z.string(), place: z.string() }))
      .parse(
        this.#database
          .prepare(`SELECT sha256, place FROM placed WHERE place <> 'removed' AND at < ? ORDER BY at LIMIT ?`)
          .all(before, limit),
      );
  }

  checked(sha256: string, at: string): void {
    this.#database.prepare('UPDATE placed SET at = ? WHERE sha256 = ?').run(at, sha256);
  }

  /** It is in no place of this node: the store lacks it against all purpose. */
  lost(sha256: string): void {
    this.#database.prepare('DELETE FROM placed WHERE sha256 = ?').run(sha256);
  }

  holdsAnyAt(place: Place): boolean {
    return this.#database.prepare('SELECT 1 FROM placed WHERE place = ? LIMIT 1').get(place) !== undefined;
  }

  /** One figure a day and department; the last of the day stands. */
  recordGrowth({ day, department, bytes }: Growth): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO growth (day, department, bytes) VALUES (?, ?, ?)')
      .run(day, department, bytes);
  }

  growthSince(day: string): Growth[] {
    return z
      .array(growthSchema)
      .parse(this.#database.prepare('SELECT * FROM growth WHERE day >= ? ORDER BY day, department').all(day));
  }

  close(): void {
    this.#database.close();
  }
}
