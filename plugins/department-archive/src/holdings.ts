import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { digestOf, StudyTally } from './study-tally.ts';

/** `equal`: the same instance is here under other bytes of the same data set, so that these are not needed. */
const stateSchema = z.enum(['missing', 'here', 'equal']);
const holdingSchema = z.object({
  node: z.string(),
  uid: z.string(),
  study: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
});
export type Holding = z.infer<typeof holdingSchema>;

const inventorySchema = z.object({ study: z.string(), instances: z.number(), digest: z.string() });
export type StudyInventory = z.infer<typeof inventorySchema>;

const countSchema = z.object({ count: z.number() });
const wanted = { low: 0, hint: 1, viewing: 2 } as const;
const LONGEST_WAIT_MS = 15_000;
const MOST_ASKED_AGAIN = 200;

/** `archive.sqlite`: which node holds which blob, which of them are here, and what each node says it has. A view: all of it can be asked again. */
export class Holdings {
  readonly tally: StudyTally;
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  constructor(path: string, now: () => number) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    this.#now = now;
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS holding (
        node TEXT NOT NULL, uid TEXT NOT NULL, study TEXT NOT NULL, sha256 TEXT NOT NULL, sizeBytes INTEGER NOT NULL,
        state TEXT NOT NULL, at INTEGER NOT NULL, hereAt INTEGER, wanted INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
        nextAt INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (node, uid)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS holdingBySha256 ON holding (sha256);
      CREATE INDEX IF NOT EXISTS holdingMissing ON holding (wanted DESC, at DESC) WHERE state = 'missing';
      CREATE INDEX IF NOT EXISTS holdingByNodeAndStudy ON holding (study, node);
      CREATE TABLE IF NOT EXISTS own (
        uid TEXT PRIMARY KEY, study TEXT NOT NULL, sha256 TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS ownByStudy ON own (study);
      CREATE TABLE IF NOT EXISTS inventory (
        node TEXT NOT NULL, study TEXT NOT NULL, instances INTEGER NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (node, study)
      ) STRICT, WITHOUT ROWID;
    `);
    this.tally = new StudyTally(this.#database);
  }

  /** A node has this blob. That it is here as well by its name alone is no proof: only fetching compares it with its hash. True when that is new. */
  note(holding: Holding, isHere: boolean): boolean {
    const { node, uid, study, sha256, sizeBytes } = holding;
    const now = this.#now();
    const { changes } = this.#database
      .prepare(
        `INSERT INTO holding (node, uid, study, sha256, sizeBytes, state, at, hereAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (node, uid) DO UPDATE SET study = excluded.study, sha256 = excluded.sha256, sizeBytes = excluded.sizeBytes,
           state = excluded.state, at = excluded.at, hereAt = excluded.hereAt
         WHERE sha256 <> excluded.sha256`,
      )
      .run(node, uid, study, sha256, sizeBytes, isHere ? 'here' : 'missing', now, null);
    return changes > 0;
  }

  setState(sha256: string, state: z.infer<typeof stateSchema>): void {
    this.#database
      .prepare(`UPDATE holding SET state = ?, hereAt = ?, tries = 0, nextAt = 0 WHERE sha256 = ? AND state <> ?`)
      .run(state, state === 'missing' ? null : this.#now(), sha256, state);
  }

  /** Not asked for again before a while has passed: longer each time, but never for long. */
  postpone(sha256: string): void {
    this.#database
      .prepare(
        `UPDATE holding SET tries = tries + 1, nextAt = ? + min(?, 500 * (1 << min(tries, 10))) WHERE sha256 = ?`,
      )
      .run(this.#now(), LONGEST_WAIT_MS, sha256);
  }

  /** Everything may be asked for at once: a node came back. */
  retryAll(): void {
    this.#database.exec(`UPDATE holding SET nextAt = 0, tries = 0 WHERE state = 'missing' AND nextAt > 0`);
  }

  want(study: string, how: keyof typeof wanted): void {
    this.#database
      .prepare(`UPDATE holding SET wanted = ? WHERE study = ? AND state = 'missing' AND wanted < ?`)
      .run(wanted[how], study, wanted[how]);
  }

  /** What to fetch next: what is looked at or asked for, then the newest. */
  nextMissing(limit: number, onlyWanted: boolean): Holding[] {
    const rows = this.#database
      .prepare(
        `SELECT node, uid, study, sha256, sizeBytes FROM holding
         WHERE state = 'missing' AND (nextAt <= ? OR nextAt > ?) AND wanted >= ? ORDER BY wanted DESC, at DESC LIMIT ?`,
      )
      // Later than any wait: the clock was set back since.
      .all(this.#now(), this.#now() + LONGEST_WAIT_MS, onlyWanted ? wanted.hint : wanted.low, limit);
    return z.array(holdingSchema).parse(rows);
  }

  nodesWith(sha256: string): string[] {
    const rows = this.#database.prepare('SELECT DISTINCT node AS node FROM holding WHERE sha256 = ?').all(sha256);
    return z
      .array(z.object({ node: z.string() }))
      .parse(rows)
      .map(({ node }) => node);
  }

  studyOf(sha256: string): string | undefined {
    const row = this.#database.prepare('SELECT study FROM holding WHERE sha256 = ? LIMIT 1').get(sha256);
    return z.object({ study: z.string() }).optional().parse(row)?.study;
  }

  sizeOf(sha256: string): number | undefined {
    const row = this.#database.prepare('SELECT sizeBytes AS count FROM holding WHERE sha256 = ? LIMIT 1').get(sha256);
    return countSchema.optional().parse(row)?.count;
  }

  absent(sha256: readonly string[]): string[] {
    const find = this.#database.prepare(`SELECT count(*) AS count FROM holding WHERE sha256 = ? AND state = 'missing'`);
    return sha256.filter((each) => countSchema.parse(find.get(each)).count > 0);
  }

  /** When each was last compared with its hash here; those that are not here are left out. */
  verified(sha256: readonly string[]): { sha256: string; verifiedAt: string }[] {
    const find = this.#database.prepare(`SELECT max(hereAt) AS at FROM holding WHERE sha256 = ? AND state = 'here'`);
    return sha256.flatMap((each) => {
      const { at } = z.object({ at: z.number().nullable() }).parse(find.get(each));
      return at === null ? [] : [{ sha256: each, verifiedAt: new Date(at).toISOString() }];
    });
  }

  /** Bytes of what was fetched from other nodes and is here. */
  fetchedBytes(): number {
    const row = this.#database
      .prepare(
        `SELECT coalesce(sum(sizeBytes), 0) AS count FROM
           (SELECT max(sizeBytes) AS sizeBytes FROM holding WHERE state = 'here' AND hereAt IS NOT NULL GROUP BY sha256)`,
      )
      .get();
    return countSchema.parse(row).count;
  }

  /** No longer here, and not wanted until somebody asks for it. */
  evict(sha256: string): void {
    this.#database
      .prepare(
        `UPDATE holding SET state = 'missing', hereAt = NULL, wanted = 0, tries = 0, nextAt = 0 WHERE sha256 = ?`,
      )
      .run(sha256);
  }

  /** What was fetched and is here, what came first first, until so many bytes are found. */
  oldestHere(bytes: number): Holding[] {
    const found: Holding[] = [];
    let sum = 0;
    const rows = this.#database
      .prepare(
        `SELECT node, uid, study, sha256, sizeBytes FROM holding WHERE state = 'here' AND hereAt IS NOT NULL GROUP BY sha256 ORDER BY hereAt LIMIT 1000`,
      )
      .all();
    for (const row of z.array(holdingSchema).parse(rows)) {
      if (sum >= bytes) break;
      found.push(row);
      sum += row.sizeBytes;
    }
    return found;
  }

  noteOwn(uid: string, study: string, sha256: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO own (uid, study, sha256) VALUES (?, ?, ?)').run(uid, study, sha256);
  }

  ownStudies(): string[] {
    const rows = this.#database.prepare('SELECT DISTINCT study AS study FROM own').all();
    return z
      .array(z.object({ study: z.string() }))
      .parse(rows)
      .map(({ study }) => study);
  }

  ownUids(study: string): string[] {
    const rows = this.#database.prepare('SELECT uid FROM own WHERE study = ?').all(study);
    return z
      .array(z.object({ uid: z.string() }))
      .parse(rows)
      .map(({ uid }) => uid);
  }

  ownInventory(study: string): StudyInventory {
    return { study, ...digestOf(this.#database, 'SELECT uid, sha256 FROM own WHERE study = ?', [study]) };
  }

  /** What a node says it has of a study. Said again, it counts from when it was said first. */
  noteInventory(node: string, { study, instances, digest }: StudyInventory): void {
    this.#database
      .prepare(
        `INSERT INTO inventory (node, study, instances, digest, at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (node, study) DO UPDATE SET instances = excluded.instances, digest = excluded.digest, at = excluded.at
         WHERE digest <> excluded.digest`,
      )
      .run(node, study, instances, digest, this.#now());
  }

  disagreeing(olderThanMs: number): { node: string; study: string }[] {
    const now = this.#now();
    return this.tally.disagreeing(now - olderThanMs, now, MOST_ASKED_AGAIN);
  }

  forgetOne(node: string, uid: string): void {
    this.#database.prepare('DELETE FROM holding WHERE node = ? AND uid = ?').run(node, uid);
  }

  forget(node: string): void {
    this.#database.prepare('DELETE FROM holding WHERE node = ?').run(node);
    this.#database.prepare('DELETE FROM inventory WHERE node = ?').run(node);
  }

  close(): void {
    this.#database.close();
  }
}
