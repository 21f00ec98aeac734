import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { DiskTable } from './disk-table.ts';
import { ObjectTable } from './object-table.ts';

/** `backup.sqlite`: which disks there are, what lies on which, and what is still owed to which set. Synced with every change. */
export class Ledger {
  readonly disks: DiskTable;
  readonly objects: ObjectTable;
  /** Names this installation on its disks. */
  readonly nodeId: string;
  /** Names of folders on the disks are made with it. */
  readonly secret: string;
  readonly #database: DatabaseSync;

  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `);
    this.disks = new DiskTable(this.#database);
    this.objects = new ObjectTable(this.#database);
    this.nodeId = this.#meta('nodeId', randomUUID);
    this.secret = this.#meta('secret', () => randomBytes(32).toString('hex'));
  }

  /** All of it or nothing. */
  transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #meta(key: string, make: () => string): string {
    this.#database.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)').run(key, make());
    const row = this.#database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return z.object({ value: z.string() }).parse(row).value;
  }
}
