import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { AuditEntry } from './contract.ts';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from './contract.ts';

const rowSchema = z.object({
  seq: z.number().int(),
  at: z.string(),
  action: z.enum(AUDIT_ACTIONS),
  outcome: z.enum(AUDIT_OUTCOMES),
  actorKind: z.enum(['user', 'service', 'device', 'embed', 'system', 'unknown']),
  actor: z.string(),
  address: z.string(),
  target: z.string(),
  patientId: z.string(),
  studyInstanceUid: z.string(),
  detail: z.string(),
  hash: z.string(),
});

/** `audit.sqlite`, a database of its own. The triggers stop a mistake; the chain of hashes finds what was done on purpose. */
export function openAuditDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS entry (
      seq INTEGER PRIMARY KEY, at TEXT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL,
      actorKind TEXT NOT NULL, actor TEXT NOT NULL, address TEXT NOT NULL, target TEXT NOT NULL,
      patientId TEXT NOT NULL, studyInstanceUid TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS entryByTime ON entry (at);
    CREATE INDEX IF NOT EXISTS entryByActor ON entry (actor, seq);
    CREATE INDEX IF NOT EXISTS entryByPatient ON entry (patientId, seq) WHERE patientId <> '';
    CREATE INDEX IF NOT EXISTS entryByStudy ON entry (studyInstanceUid, seq) WHERE studyInstanceUid <> '';
    CREATE TRIGGER IF NOT EXISTS entryIsNotChanged BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
    CREATE TRIGGER IF NOT EXISTS entryIsNotRemoved BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END;
    CREATE TABLE IF NOT EXISTS position (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `);
  return database;
}

/** Throws when a row is no entry, as after somebody changed the file. */
export function toEntry(row: unknown): AuditEntry {
  return rowSchema.parse(row);
}
