import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const objectSchema = z.object({
  n: z.number(),
  sha256: z.string(),
  instance: z.string(),
  study: z.string(),
  /** The patient's folder: orders the directory of a disk. */
  patient: z.string(),
  sizeBytes: z.number(),
  /** When this node heard of it. */
  notedAt: z.string(),
  /** The record of a conflict, as JSON; empty for instances, whose record the catalogue has. */
  conflict: z.string(),
});
export type BackedObject = z.infer<typeof objectSchema>;

const copySchema = z.object({
  sha256: z.string(),
  disk: z.string(),
  path: z.string(),
  storedSha256: z.string(),
  storedBytes: z.number(),
  verifiedAt: z.string(),
});
export type Copy = z.infer<typeof copySchema>;
export type NewCopy = Omit<Copy, 'disk'>;

const studyOnDiskSchema = z.object({ disk: z.string(), instances: z.number() });
const listedSchema = z.object({
  sha256: z.string(),
  instance: z.string(),
  path: z.string(),
  patient: z.string(),
  study: z.string(),
  n: z.number(),
});
type Listed = z.infer<typeof listedSchema>;
const owedSchema = z.object({
  objects: z.number(),
  bytes: z.number(),
  waiting: z.number(),
  /** Since when, of what does not wait for its bytes; empty for none. */
  oldest: z.string(),
});
export type Owed = z.infer<typeof owedSchema>;

/** Objects, their copies, and what is owed to which set. */
export class ObjectTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS object (
        n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, instance TEXT NOT NULL, study TEXT NOT NULL, patient TEXT NOT NULL,
        sizeBytes INTEGER NOT NULL, notedAt TEXT NOT NULL, conflict TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS objectByStudy ON object (patient, study);
      CREATE INDEX IF NOT EXISTS objectOfStudy ON object (study);
      CREATE TABLE IF NOT EXISTS copy (
        disk TEXT NOT NULL, object INTEGER NOT NULL REFERENCES object, path TEXT NOT NULL, storedSha256 TEXT NOT NULL,
        storedBytes INTEGER NOT NULL, verifiedAt TEXT NOT NULL, isDamaged INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (disk, object)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS copyOfObject ON copy (object);
      CREATE UNIQUE INDEX IF NOT EXISTS copyAtPath ON copy (disk, path);
      CREATE INDEX IF NOT EXISTS copyByAge ON copy (disk, verifiedAt);
      CREATE TABLE IF NOT EXISTS owed (
        "set" TEXT NOT NULL, object INTEGER NOT NULL REFERENCES object, since TEXT NOT NULL,
        isWaiting INTEGER NOT NULL DEFAULT 0, PRIMARY KEY ("set", object)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS owedNow ON owed ("set", isWaiting, object);
      CREATE TABLE IF NOT EXISTS growth (day TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    `);
  }

  /** Notes an object and owes it to the sets. The same again changes nothing; a conflict that became the instance is owed again, for its record. */
  note(object: Omit<BackedObject, 'n'>, day: string, sets: readonly string[]): void {
    const known = this.bySha256(object.sha256);
    if (known && (known.conflict === '' || object.conflict !== '')) return;
    this.#database
      .prepare(
        `INSERT INTO object (sha256, instance, study, patient, sizeBytes, notedAt, conflict)
         VALUES ($sha256, $instance, $study, $patient, $sizeBytes, $notedAt, $conflict)
         ON CONFLICT (sha256) DO UPDATE SET conflict = ''`,
      )
      .run({ ...object });
    const owe = this.#database.prepare(
      'INSERT OR IGNORE INTO owed ("set", object, since) SELECT ?, n, ? FROM object WHERE sha256 = ?',
    );
    for (const set of sets) owe.run(set, object.notedAt, object.sha256);
    if (known) return;
    this.#database
      .prepare(
        'INSERT INTO growth (day, bytes) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET bytes = bytes + excluded.bytes',
      )
      .run(day, object.sizeBytes);
  }

  bySha256(sha256: string): BackedObject | undefined {
    return objectSchema.optional().parse(this.#database.prepare('SELECT * FROM object WHERE sha256 = ?').get(sha256));
  }

  /** What a set has no good copy of is owed to it: for a set that is new, or has lost a disk. */
  oweMissing(set: string, since: string): void {
    this.#database
      .prepare(
        `INSERT OR IGNORE INTO owed ("set", object, since) SELECT $set, n, $since FROM object WHERE NOT EXISTS (
           SELECT 1 FROM copy JOIN disk ON disk.id = copy.disk
           WHERE copy.object = object.n AND isDamaged = 0 AND disk."set" = $set AND retiredAt = '')`,
      )
      .run({ set, since });
  }

  /** Of a set without disks nothing is owed. */
  forgetSet(set: string): void {
    this.#database.prepare('DELETE FROM owed WHERE "set" = ?').run(set);
  }

  /** What to copy next: the newest first, of which there is no other copy yet; what is given is in the order in which it came. */
  owedNow(set: string, limit: number): BackedObject[] {
    const rows = this.#database.prepare(
      `SELECT object.* FROM owed JOIN object ON n = owed.object WHERE "set" = ? AND isWaiting = 0
       ORDER BY owed.object DESC LIMIT ?`,
    );
    return z.array(objectSchema).parse(rows.all(set, limit)).reverse();
  }

  /** Its bytes are not here: it is asked for again after `retryWaiting`. */
  wait(n: number): void {
    this.#database.prepare('UPDATE owed SET isWaiting = 1 WHERE object = ?').run(n);
  }

  /** What has been owed since then is asked for again. */
  retryWaiting(since: string): void {
    this.#database.prepare('UPDATE owed SET isWaiting = 0 WHERE isWaiting = 1 AND since >= ?').run(since);
  }

  owed(set: string): Owed {
    const row = this.#database.prepare(
      `SELECT count(*) AS objects, coalesce(sum(sizeBytes), 0) AS bytes, coalesce(sum(isWaiting), 0) AS waiting,
         coalesce(min(CASE isWaiting WHEN 0 THEN since END), '') AS oldest
       FROM owed JOIN object ON n = owed.object WHERE "set" = ?`,
    );
    return owedSchema.parse(row.get(set));
  }

  /** A good copy: the set is owed it no more. */
  addCopy(disk: { id: string; set: string }, copy: NewCopy): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO copy (disk, object, path, storedSha256, storedBytes, verifiedAt)
         SELECT $disk, n, $path, $storedSha256, $storedBytes, $verifiedAt FROM object WHERE sha256 = $sha256`,
      )
      .run({ disk: disk.id, ...copy });
    this.#database
      .prepare('DELETE FROM owed WHERE "set" = ? AND object = (SELECT n FROM object WHERE sha256 = ?)')
      .run(disk.set, copy.sha256);
  }

  /** Where good copies are, on disks in use. */
  copiesOf(sha256: string): Copy[] {
    const rows = this.#database.prepare(
      `SELECT sha256, disk, path, storedSha256, storedBytes, verifiedAt FROM object JOIN copy ON copy.object = n
       JOIN disk ON disk.id = copy.disk WHERE sha256 = ? AND isDamaged = 0 AND retiredAt = '' ORDER BY label`,
    );
    return z.array(copySchema).parse(rows.all(sha256));
  }

  /** Which object lies there on the disk, damaged or not. */
  atPath(disk: string, path: string): string | undefined {
    const row = this.#database
      .prepare('SELECT sha256 FROM copy JOIN object ON n = copy.object WHERE disk = ? AND path = ?')
      .get(disk, path);
    return z.object({ sha256: z.string() }).optional().parse(row)?.sha256;
  }

  /** Copies on a disk that were not compared since `before`, the longest first. */
  uncheckedSince(disk: string, before: string, limit: number): Copy[] {
    const rows = this.#database.prepare(
      `SELECT sha256, disk, path, storedSha256, storedBytes, verifiedAt FROM copy JOIN object ON n = copy.object
       WHERE disk = ? AND isDamaged = 0 AND verifiedAt < ? ORDER BY verifiedAt LIMIT ?`,
    );
    return z.array(copySchema).parse(rows.all(disk, before, limit));
  }

  checked({ disk, sha256 }: Pick<Copy, 'disk' | 'sha256'>, at: string): void {
    this.#database
      .prepare('UPDATE copy SET verifiedAt = ? WHERE disk = ? AND object = (SELECT n FROM object WHERE sha256 = ?)')
      .run(at, disk, sha256);
  }

  /** It vouches for nothing any more, and the set is owed another. */
  damaged({ disk, sha256 }: Pick<Copy, 'disk' | 'sha256'>, at: string): void {
    this.#database
      .prepare('UPDATE copy SET isDamaged = 1 WHERE disk = ? AND object = (SELECT n FROM object WHERE sha256 = ?)')
      .run(disk, sha256);
    this.#database
      .prepare(
        `INSERT OR IGNORE INTO owed ("set", object, since)
         SELECT "set", n, ? FROM disk, object WHERE disk.id = ? AND sha256 = ? AND retiredAt = ''`,
      )
      .run(at, disk, sha256);
  }

  /** Every object, in pages. */
  *all(): Generator<BackedObject> {
    const rows = this.#database.prepare('SELECT * FROM object WHERE n > ? ORDER BY n LIMIT 1000');
    for (let after = 0; ; ) {
      const page = z.array(objectSchema).parse(rows.all(after));
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)?.n ?? after;
    }
  }

  /** The study of one of the disk's copies, by a number from 0 to 1: without looking at all of them. */
  studyNear(disk: string, share: number): string | undefined {
    const last = this.#database.prepare('SELECT max(object) AS n FROM copy WHERE disk = ?').get(disk);
    const { n } = z.object({ n: z.number().nullable() }).parse(last);
    const row = this.#database
      .prepare(
        `SELECT study FROM copy JOIN object ON n = copy.object WHERE disk = ? AND copy.object >= ? AND isDamaged = 0
         ORDER BY copy.object LIMIT 1`,
      )
      .get(disk, Math.ceil((n ?? 0) * share));
    return z.object({ study: z.string() }).optional().parse(row)?.study;
  }

  ofStudy(study: string): BackedObject[] {
    return z.array(objectSchema).parse(this.#database.prepare('SELECT * FROM object WHERE study = ?').all(study));
  }

  /** What of a study lies on which disks in use, and how many objects it has. */
  studyOnDisks(study: string): { instances: number; disks: z.infer<typeof studyOnDiskSchema>[] } {
    const count = this.#database.prepare('SELECT count(*) AS instances FROM object WHERE study = ?').get(study);
    const rows = this.#database.prepare(
      `SELECT disk, count(*) AS instances FROM object JOIN copy ON copy.object = n JOIN disk ON disk.id = copy.disk
       WHERE study = ? AND isDamaged = 0 AND retiredAt = '' GROUP BY disk`,
    );
    return {
      instances: z.object({ instances: z.number() }).parse(count).instances,
      disks: z.array(studyOnDiskSchema).parse(rows.all(study)),
    };
  }

  onDisk(disk: string): { studies: number; objects: number; damaged: number } {
    const row = this.#database.prepare(
      `SELECT count(DISTINCT study) AS studies, count(*) AS objects, coalesce(sum(isDamaged), 0) AS damaged
       FROM copy JOIN object ON n = copy.object WHERE disk = ?`,
    );
    return z.object({ studies: z.number(), objects: z.number(), damaged: z.number() }).parse(row.get(disk));
  }

  /** What a disk's directory lists, study by study of each patient, so many at once; conflicts are left out. */
  *forDirectory(disk: string, pageSize: number): Generator<Listed[]> {
    const rows = this.#database.prepare(
      `SELECT sha256, instance, path, patient, study, n FROM object JOIN copy ON copy.object = n
       WHERE disk = $disk AND isDamaged = 0 AND conflict = '' AND (patient, study, n) > ($patient, $study, $n)
       ORDER BY patient, study, n LIMIT $pageSize`,
    );
    let after = { patient: '', study: '', n: 0 };
    for (;;) {
      const page = z.array(listedSchema).parse(rows.all({ disk, pageSize, ...after }));
      const last = page.at(-1);
      if (!last) return;
      yield page;
      after = { patient: last.patient, study: last.study, n: last.n };
    }
  }

  /** Bytes that came on each of the days since. */
  growthSince(day: string): { day: string; bytes: number }[] {
    const rows = this.#database.prepare('SELECT day, bytes FROM growth WHERE day >= ? ORDER BY day').all(day);
    return z.array(z.object({ day: z.string(), bytes: z.number() })).parse(rows);
  }
}
