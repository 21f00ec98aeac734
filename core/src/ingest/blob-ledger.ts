import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { BlobStat } from '../storage/contract.ts';

const Row = z.object({ sha256: z.string(), sizeBytes: z.number(), storedAtMs: z.number() });

/** Which blobs there are and which of them are known, sorted on disk: an archive's list need not fit into memory. */
export class BlobLedger {
  // An empty name is a private temporary database that SQLite removes by itself.
  readonly #db = new DatabaseSync('');

  constructor() {
    this.#db.exec(`
      CREATE TABLE blob (storedAtMs REAL, sha256 TEXT, sizeBytes INTEGER, PRIMARY KEY (storedAtMs, sha256)) WITHOUT ROWID;
      CREATE TABLE known (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;
      BEGIN;
    `);
  }

  addBlob(blob: BlobStat): void {
    this.#addBlob.run(blob.storedAtMs ?? 0, blob.sha256, blob.sizeBytes);
  }

  addKnown(sha256: string): void {
    this.#addKnown.run(sha256);
  }

  countUnknown(): number {
    const row = this.#db.prepare('SELECT count(*) AS count FROM blob WHERE sha256 NOT IN known').get();
    return z.object({ count: z.number() }).parse(row).count;
  }

  /** Blobs that are not known, the earliest first; of those of one time the one with the smaller hash. */
  *unknown(): Generator<Required<BlobStat>> {
    const rows = this.#db
      .prepare('SELECT sha256, sizeBytes, storedAtMs FROM blob WHERE sha256 NOT IN known ORDER BY storedAtMs, sha256')
      .iterate();
    for (const row of rows) yield Row.parse(row);
  }

  close(): void {
    this.#db.close();
  }

  get #addBlob() {
    this.#insertBlob ??= this.#db.prepare(
      'INSERT OR REPLACE INTO blob (storedAtMs, sha256, sizeBytes) VALUES (?, ?, ?)',
    );
    return this.#insertBlob;
  }

  get #addKnown() {
    this.#insertKnown ??= this.#db.prepare('INSERT OR IGNORE INTO known (sha256) VALUES (?)');
    return this.#insertKnown;
  }

  #insertBlob: ReturnType<DatabaseSync['prepare']> | undefined;
  #insertKnown: ReturnType<DatabaseSync['prepare']> | undefined;
}
