import { DatabaseSync } from 'node:sqlite';

/** `security.sqlite`: what must outlast a restart and belongs to this node alone. Everything in it is written before it is answered. */
export function openSecurityDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS embedTokens (
      id TEXT PRIMARY KEY, service TEXT NOT NULL, userName TEXT NOT NULL,
      issuedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL, revokedAt INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS embedTokensByExpiry ON embedTokens (expiresAt);
    CREATE TABLE IF NOT EXISTS emergencies (
      id TEXT PRIMARY KEY, userName TEXT NOT NULL, scope TEXT NOT NULL, reason TEXT NOT NULL,
      grantedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS keyUses (
      id TEXT PRIMARY KEY, lastUsedAt INTEGER NOT NULL, lastAddress TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS launches (
      codeHash TEXT PRIMARY KEY, request TEXT NOT NULL, expiresAt INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS launchNonces (
      keyId TEXT NOT NULL, nonce TEXT NOT NULL, expiresAt INTEGER NOT NULL, PRIMARY KEY (keyId, nonce)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS usedCodes (
      userName TEXT PRIMARY KEY, step INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `);
  return database;
}
