import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { InstanceRecord } from '@filmless/core/plugin';
import { z } from 'zod';
import { type DocumentEntry, type InstanceEntry, recordOf } from '../format/index.ts';

const itemSchema = z.object({
  n: z.number(),
  sha256: z.string(),
  instance: z.string(),
  study: z.string(),
  /** As JSON; empty when no disk that is here has it. */
  record: z.string(),
  isConflict: z.number(),
});
export type Item = z.infer<typeof itemSchema>;

const placeSchema = z.object({ disk: z.number(), path: z.string(), storedSha256: z.string() });
export type Place = z.infer<typeof placeSchema>;
const documentSchema = z.object({ id: z.string(), document: z.string() });

/** What a restore is to bring back and where it is found. In a file, because a node's catalogue does not fit into memory; thrown away afterwards. */
export class WorkTable {
  readonly #database: DatabaseSync;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    remove(path);
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = OFF;
      PRAGMA synchronous = OFF;
      CREATE TABLE item (
        n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, instance TEXT NOT NULL, study TEXT NOT NULL, record TEXT NOT NULL,
        isConflict INTEGER NOT NULL, copiedAt TEXT NOT NULL
      ) STRICT;
      CREATE TABLE place (
        sha256 TEXT NOT NULL, disk INTEGER NOT NULL, path TEXT NOT NULL, storedSha256 TEXT NOT NULL, PRIMARY KEY (sha256, disk)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE document (
        "database" TEXT NOT NULL, id TEXT NOT NULL, copiedAt TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY ("database", id)
      ) STRICT, WITHOUT ROWID;
      BEGIN;
    `);
  }

  /** A later entry of the same object takes the place of an earlier one. */
  addEntry(disk: number, { path, storedSha256, copiedAt, isConflict, record }: InstanceEntry): void {
    this.#database
      .prepare(
        `INSERT INTO item (sha256, instance, study, record, isConflict, copiedAt) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (sha256) DO UPDATE SET record = excluded.record, isConflict = excluded.isConflict, copiedAt = excluded.copiedAt
         WHERE excluded.copiedAt >= copiedAt`,
      )
      .run(
        record.sha256,
        record.SOPInstanceUID,
        record.StudyInstanceUID,
        JSON.stringify(record),
        isConflict ? 1 : 0,
        copiedAt,
      );
    this.#database
      .prepare('INSERT OR REPLACE INTO place (sha256, disk, path, storedSha256) VALUES (?, ?, ?, ?)')
      .run(record.sha256, disk, path, storedSha256);
  }

  /** The node knows of an object; where its bytes are is for the disks to say. */
  addKnown(object: { sha256: string; instance: string; study: string; isConflict: boolean }): void {
    this.#database
      .prepare(
        `INSERT OR IGNORE INTO item (sha256, instance, study, record, isConflict, copiedAt) VALUES (?, ?, ?, '', ?, '')`,
      )
      .run(object.sha256, object.instance, object.study, object.isConflict ? 1 : 0);
  }

  addDocument({ database, id, copiedAt, document }: DocumentEntry): void {
    this.#database
      .prepare(
        `INSERT INTO document ("database", id, copiedAt, document) VALUES (?, ?, ?, ?)
         ON CONFLICT ("database", id) DO UPDATE SET copiedAt = excluded.copiedAt, document = excluded.document
         WHERE excluded.copiedAt >= copiedAt`,
      )
      .run(database, id, copiedAt, JSON.stringify(document));
  }

  count(): number {
    const row = this.#database.prepare('SELECT count(*) AS count FROM item').get();
    return z.object({ count: z.number() }).parse(row).count;
  }

  studies(): string[] {
    const rows = this.#database.prepare('SELECT DISTINCT study FROM item').all();
    return rows.map((row) => z.object({ study: z.string() }).parse(row).study);
  }

  /** Study by study, so that the first are whole early; conflicts last: what they are in conflict with is there then. */
  *items(pageSize: number): Generator<Item[]> {
    const query = this.#database.prepare(
      `SELECT n, sha256, instance, study, record, isConflict FROM item
       WHERE (isConflict, study, n) > (?, ?, ?) ORDER BY isConflict, study, n LIMIT ?`,
    );
    this.#database.exec('CREATE INDEX IF NOT EXISTS itemInOrder ON item (isConflict, study, n)');
    for (let last: Item | undefined; ; ) {
      const page = z
        .array(itemSchema)
        .parse(query.all(last?.isConflict ?? -1, last?.study ?? '', last?.n ?? 0, pageSize));
      if (page.length === 0) return;
      yield page;
      last = page.at(-1);
    }
  }

  places(sha256: string): Place[] {
    const rows = this.#database.prepare('SELECT disk, path, storedSha256 FROM place WHERE sha256 = ?').all(sha256);
    return z.array(placeSchema).parse(rows);
  }

  /** Documents of a database; `null` in JSON for those that were removed. */
  *documents(database: string, pageSize: number): Generator<z.infer<typeof documentSchema>[]> {
    const query = this.#database.prepare(
      'SELECT id, document FROM document WHERE "database" = ? AND id > ? ORDER BY id LIMIT ?',
    );
    for (let after = ''; ; ) {
      const page = z.array(documentSchema).parse(query.all(database, after, pageSize));
      const last = page.at(-1);
      if (!last) return;
      yield page;
      after = last.id;
    }
  }

  close(): void {
    this.#database.close();
    remove(this.#path);
  }
}

export function recordIn({ record }: Item): InstanceRecord | undefined {
  // It was checked when it was read from its disk.
  return record === '' ? undefined : recordOf({ record: JSON.parse(record) } as InstanceEntry);
}

function remove(path: string): void {
  rmSync(path, { force: true });
}
