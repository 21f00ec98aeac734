import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** `hl7.sqlite`: what came and is not applied yet, what goes out, and what failed. Synced at each commit: an AA promises it. */
export function openQueueDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS inbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL, controlId TEXT NOT NULL, sha256 TEXT NOT NULL, type TEXT NOT NULL,
      patients TEXT NOT NULL, receivedAt TEXT NOT NULL, raw BLOB NOT NULL, corrected TEXT, state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, nextAt INTEGER NOT NULL DEFAULT 0, error TEXT, location TEXT, doneAt TEXT, doneBy TEXT
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS inboxByMessage ON inbox (connection, controlId, sha256);
    CREATE INDEX IF NOT EXISTS inboxByState ON inbox (state, id);
    CREATE TABLE IF NOT EXISTS outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, receiver TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, patient TEXT NOT NULL,
      message TEXT NOT NULL, createdAt TEXT NOT NULL, state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, nextAt INTEGER NOT NULL DEFAULT 0, error TEXT, doneAt TEXT, doneBy TEXT
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS outboxByName ON outbox (receiver, name);
    CREATE INDEX IF NOT EXISTS outboxByState ON outbox (receiver, state, id);
  `);
  return database;
}

/** Runs `work` in one transaction. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
