import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const rowSchema = z.object({
  node: z.string(),
  study: z.string(),
  /** Instances that the node says it has; those it has sent records of until it says. */
  there: z.number(),
  records: z.number(),
  here: z.number(),
  missing: z.number(),
  missingBytes: z.number(),
  /** Missing ones that somebody wants. */
  asked: z.number(),
  /** Milliseconds since 1970, by this node's clock: since when something is missing or the hashes do not agree; null when all is well. */
  openSince: z.number().nullable(),
  lastAt: z.number(),
  /** The node's hashes and those known here are the same. */
  agrees: z.number().transform((value) => value === 1),
});
export type StudyRow = z.infer<typeof rowSchema>;

const nodeSchema = z.object({
  node: z.string(),
  studies: z.number(),
  complete: z.number(),
  missing: z.number(),
  openSince: z.number().nullable(),
});
export type NodeRow = z.infer<typeof nodeSchema>;

const studySchema = z.object({ node: z.string(), study: z.string() });
const sumsSchema = z.object({
  records: z.number(),
  here: z.number(),
  missingBytes: z.number(),
  asked: z.number(),
  missingSince: z.number().nullable(),
  lastAt: z.number().nullable(),
});
const inventorySchema = z.object({ instances: z.number(), digest: z.string(), at: z.number() });
const COLUMNS = 'node, study, there, records, here, missing, missingBytes, asked, openSince, lastAt, agrees';

/** One line for each node and study, made from `holding` and `inventory`: what changed there is counted again when somebody looks, and nothing else. */
export class StudyTally {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS tally (
        node TEXT NOT NULL, study TEXT NOT NULL, there INTEGER NOT NULL, records INTEGER NOT NULL, here INTEGER NOT NULL, missing INTEGER NOT NULL,
        missingBytes INTEGER NOT NULL, asked INTEGER NOT NULL, openSince INTEGER, lastAt INTEGER NOT NULL, agrees INTEGER NOT NULL, toldAt INTEGER,
        PRIMARY KEY (node, study)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS tallyNewest ON tally (lastAt);
      CREATE INDEX IF NOT EXISTS tallyOpen ON tally (lastAt) WHERE openSince IS NOT NULL;
      CREATE TABLE IF NOT EXISTS changed (node TEXT NOT NULL, study TEXT NOT NULL, PRIMARY KEY (node, study)) STRICT, WITHOUT ROWID;
      CREATE TRIGGER IF NOT EXISTS holdingAdded AFTER INSERT ON holding BEGIN
        INSERT INTO changed VALUES (new.node, new.study) ON CONFLICT DO NOTHING; END;
      CREATE TRIGGER IF NOT EXISTS holdingChanged AFTER UPDATE OF study, sha256, state, wanted ON holding BEGIN
        INSERT INTO changed VALUES (old.node, old.study) ON CONFLICT DO NOTHING;
        INSERT INTO changed VALUES (new.node, new.study) ON CONFLICT DO NOTHING; END;
      CREATE TRIGGER IF NOT EXISTS holdingRemoved AFTER DELETE ON holding BEGIN
        INSERT INTO changed VALUES (old.node, old.study) ON CONFLICT DO NOTHING; END;
      CREATE TRIGGER IF NOT EXISTS inventoryAdded AFTER INSERT ON inventory BEGIN
        INSERT INTO changed VALUES (new.node, new.study) ON CONFLICT DO NOTHING; END;
      CREATE TRIGGER IF NOT EXISTS inventoryChanged AFTER UPDATE ON inventory BEGIN
        INSERT INTO changed VALUES (new.node, new.study) ON CONFLICT DO NOTHING; END;
      CREATE TRIGGER IF NOT EXISTS inventoryRemoved AFTER DELETE ON inventory BEGIN
        INSERT INTO changed VALUES (old.node, old.study) ON CONFLICT DO NOTHING; END;
      INSERT INTO changed SELECT node, study FROM (SELECT node, study FROM holding UNION SELECT node, study FROM inventory)
        WHERE NOT EXISTS (SELECT 1 FROM tally) ON CONFLICT DO NOTHING;
    `);
  }

  /** Those that are not complete first, then the newest. */
  rows(limit: number): StudyRow[] {
    this.#count();
    const find = (which: string, most: number) =>
      z
        .array(rowSchema)
        .parse(
          this.#database
            .prepare(`SELECT ${COLUMNS} FROM tally WHERE openSince IS ${which} ORDER BY lastAt DESC LIMIT ?`)
            .all(most),
        );
    const open = find('NOT NULL', limit);
    return [...open, ...find('NULL', limit - open.length)];
  }

  nodes(): NodeRow[] {
    this.#count();
    const rows = this.#database
      .prepare(
        `SELECT node, count(*) AS studies, sum(openSince IS NULL) AS complete, sum(missing) AS missing, min(openSince) AS openSince
         FROM tally GROUP BY node`,
      )
      .all();
    return z.array(nodeSchema).parse(rows);
  }

  /** Studies whose node says something else than what is known here, and has said so for a while. */
  disagreeing(toldBefore: number, now: number, limit: number): { node: string; study: string }[] {
    this.#count();
    const rows = this.#database
      .prepare(
        // Told in the future: the clock was set back since.
        `SELECT node, study FROM tally WHERE openSince IS NOT NULL AND agrees = 0 AND (toldAt <= ? OR toldAt > ?) ORDER BY lastAt DESC LIMIT ?`,
      )
      .all(toldBefore, now, limit);
    return z.array(studySchema).parse(rows);
  }

  #count(): void {
    const changed = z.array(studySchema).parse(this.#database.prepare('SELECT node, study FROM changed').all());
    if (changed.length === 0) return;
    this.#database.exec('BEGIN');
    try {
      for (const { node, study } of changed) this.#countOne(node, study);
      this.#database.exec('DELETE FROM changed; COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #countOne(node: string, study: string): void {
    const database = this.#database;
    const { records, here, missingBytes, asked, missingSince, lastAt } = sumsSchema.parse(
      database
        .prepare(
          `SELECT count(*) AS records, coalesce(sum(state <> 'missing'), 0) AS here,
             coalesce(sum(CASE WHEN state = 'missing' THEN sizeBytes END), 0) AS missingBytes,
             coalesce(sum(state = 'missing' AND wanted > 0), 0) AS asked,
             min(CASE WHEN state = 'missing' THEN at END) AS missingSince, max(at) AS lastAt
           FROM holding WHERE node = ? AND study = ?`,
        )
        .get(node, study),
    );
    const told = inventorySchema
      .optional()
      .parse(
        database.prepare('SELECT instances, digest, at FROM inventory WHERE node = ? AND study = ?').get(node, study),
      );
    if (records === 0 && (told === undefined || told.instances === 0)) {
      database.prepare('DELETE FROM tally WHERE node = ? AND study = ?').run(node, study);
      return;
    }
    const there = told?.instances ?? records;
    const { digest } = digestOf(database, 'SELECT uid, sha256 FROM holding WHERE node = ? AND study = ?', [
      node,
      study,
    ]);
    const agrees = told?.digest === digest;
    const since = [missingSince, told && !agrees ? told.at : null].filter((each) => each !== null);
    database
      .prepare(`INSERT OR REPLACE INTO tally (${COLUMNS}, toldAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(
        node,
        study,
        there,
        records,
        here,
        Math.max(0, there - here),
        missingBytes,
        asked,
        since.length > 0 ? Math.min(...since) : null,
        lastAt ?? told?.at ?? 0,
        agrees ? 1 : 0,
        told?.at ?? null,
      );
  }
}

/** SHA-256 over the UIDs and hashes that a query finds, in the order of their names. */
export function digestOf(database: DatabaseSync, sql: string, values: string[]): { instances: number; digest: string } {
  const rows = z.array(z.object({ uid: z.string(), sha256: z.string() })).parse(database.prepare(sql).all(...values));
  const lines = rows.map(({ uid, sha256 }) => `${uid} ${sha256}\n`).sort();
  return { instances: rows.length, digest: createHash('sha256').update(lines.join('')).digest('hex') };
}
