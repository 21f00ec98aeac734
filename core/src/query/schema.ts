/**
 * Tables of the SQLite index. All of it is a view of the catalogue: another version of the schema, or a damaged file, is thrown
 * away and projected again.
 */
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SERIES_ATTRIBUTES, STUDY_ATTRIBUTES } from './attributes.ts';

/** Raise it with every change of tables, of tokens in the full-text table, or of what a row says of its instances. */
export const SCHEMA_VERSION = '4';

const CACHE_KIB = 65_536;
const PAGE_BYTES = 8192;

const columns = (attributes: typeof STUDY_ATTRIBUTES) =>
  attributes.map((one) => `${one.keyword} TEXT NOT NULL`).join(', ');

const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  -- Totals, and how many studies have a modality or a department.
  CREATE TABLE counter (kind TEXT NOT NULL, value TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID;
  -- SOP classes and transfer syntaxes, which millions of rows share.
  CREATE TABLE uid (id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE);

  -- Patient ID and issuer; a study without a Patient ID is a patient of its own.
  CREATE TABLE patient (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, studyCount INTEGER NOT NULL);

  -- id: see study-order.ts; sources: see sources.ts.
  CREATE TABLE study (
    id INTEGER PRIMARY KEY, StudyInstanceUID TEXT NOT NULL, patient INTEGER NOT NULL, ${columns(STUDY_ATTRIBUTES)},
    department TEXT NOT NULL, sources TEXT NOT NULL, sortName TEXT NOT NULL,
    modalities TEXT NOT NULL, bodyParts TEXT NOT NULL, sopClasses TEXT NOT NULL,
    seriesCount INTEGER NOT NULL, instanceCount INTEGER NOT NULL, sizeBytes INTEGER NOT NULL, receivedMs INTEGER NOT NULL);
  CREATE UNIQUE INDEX study_uid ON study (StudyInstanceUID, PatientID);
  CREATE INDEX study_patient ON study (patient);
  CREATE INDEX study_patient_id ON study (PatientID);
  CREATE INDEX study_accession ON study (AccessionNumber);
  CREATE INDEX study_name ON study (sortName);
  CREATE INDEX study_received ON study (receivedMs);
  -- For counting what an account limited to departments sees.
  CREATE INDEX study_department ON study (department);
  -- Holds nothing but ids: for counting and for jumping far down the list.
  CREATE INDEX study_order ON study (id);

  -- For one modality, whose studies of any time are one stretch of it.
  CREATE TABLE study_modality (modality TEXT NOT NULL, study INTEGER NOT NULL, PRIMARY KEY (modality, study)) WITHOUT ROWID;

  CREATE TABLE series (
    id INTEGER PRIMARY KEY, study INTEGER NOT NULL, seriesOrder INTEGER NOT NULL, SeriesInstanceUID TEXT NOT NULL,
    ${columns(SERIES_ATTRIBUTES)}, sources TEXT NOT NULL,
    sopClasses TEXT NOT NULL, instanceCount INTEGER NOT NULL, sizeBytes INTEGER NOT NULL, receivedMs INTEGER NOT NULL);
  CREATE UNIQUE INDEX series_uid ON series (SeriesInstanceUID, study);
  CREATE INDEX series_study ON series (study, seriesOrder, SeriesInstanceUID);

  CREATE TABLE instance (
    series INTEGER NOT NULL, instanceOrder INTEGER NOT NULL, SOPInstanceUID TEXT NOT NULL,
    sopClass INTEGER NOT NULL, transferSyntax INTEGER NOT NULL, sha256 BLOB NOT NULL,
    sizeBytes INTEGER NOT NULL, datasetOffsetBytes INTEGER NOT NULL,
    NumberOfFrames INTEGER, "Rows" INTEGER, "Columns" INTEGER, BitsAllocated INTEGER,
    receivedMs INTEGER NOT NULL, studySource INTEGER NOT NULL, seriesSource INTEGER NOT NULL,
    PRIMARY KEY (series, instanceOrder, SOPInstanceUID)) WITHOUT ROWID;
  CREATE UNIQUE INDEX instance_uid ON instance (SOPInstanceUID);

  -- Tokens of search-terms.ts; rowid = study.id.
  CREATE VIRTUAL TABLE search USING fts5 (tokens, content='', contentless_delete=1, detail=full, tokenize='ascii');

  INSERT INTO meta VALUES ('schemaVersion', '${SCHEMA_VERSION}'), ('position', '');
`;

/** Stands for a missing SeriesNumber or InstanceNumber: such rows come last. */
export const NO_NUMBER = 2 ** 40;

/** Opens the index file, making an empty one where there is none, where it has another schema, or where it is damaged. */
export function openIndexDatabase(path: string): DatabaseSync {
  try {
    const database = open(path);
    if (schemaVersion(database) === SCHEMA_VERSION) return database;
    database.close();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const database = open(path);
  createTables(database);
  return database;
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // A power cut may take the last transactions, never the file's order: the position is in the same transaction as the rows.
    database.exec(
      `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY;
       PRAGMA journal_size_limit = 67108864; PRAGMA busy_timeout = 5000;`,
    );
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

export function createTables(database: DatabaseSync): void {
  database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`);
}

/** Removes every table; the caller makes them again. */
export function dropTables(database: DatabaseSync): void {
  database.exec(`BEGIN IMMEDIATE;
    DROP TABLE meta; DROP TABLE counter; DROP TABLE uid; DROP TABLE patient; DROP TABLE study; DROP TABLE study_modality; DROP TABLE series; DROP TABLE instance; DROP TABLE search; COMMIT;`);
}

function schemaVersion(database: DatabaseSync): string | undefined {
  const tables = database.prepare(`SELECT count(*) AS n FROM sqlite_schema WHERE name = 'meta'`).get();
  if (tables?.['n'] !== 1) return undefined;
  const row = database.prepare(`SELECT value FROM meta WHERE name = 'schemaVersion'`).get();
  return typeof row?.['value'] === 'string' ? row['value'] : undefined;
}

/** SQLITE_CORRUPT, SQLITE_NOTADB. */
function isDamage(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
  return code === 11 || code === 26;
}
