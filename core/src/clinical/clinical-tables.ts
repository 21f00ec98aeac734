import type { Statements } from '../query/statements.ts';
import { text } from '../query/statements.ts';

/** Raise it with every change of the tables or of the tokens in them. */
const VERSION = '2';

const FULL_TEXT = `USING fts5 (tokens, content='', contentless_delete=1, detail=full, tokenize='ascii')`;

const TABLES = `
  CREATE TABLE clinical_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- number, issuer: the first of the identifiers; current: key of the person it is now, the end of its merges.
  CREATE TABLE person (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, number TEXT NOT NULL, issuer TEXT NOT NULL, changedAt TEXT NOT NULL,
    mergedInto TEXT NOT NULL, current TEXT NOT NULL);
  CREATE INDEX person_current ON person (current);
  CREATE INDEX person_changed ON person (changedAt, id);
  CREATE INDEX person_merged ON person (mergedInto) WHERE mergedInto <> '';
  CREATE TABLE person_number (
    id TEXT NOT NULL, issuer TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (id, issuer, person)) WITHOUT ROWID;
  CREATE INDEX person_number_person ON person_number (person);
  CREATE VIRTUAL TABLE person_search ${FULL_TEXT};

  -- key: of the document; studies: a JSON list of UIDs.
  CREATE TABLE clinical_order (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, placer TEXT NOT NULL, filler TEXT NOT NULL, accession TEXT NOT NULL,
    patientId TEXT NOT NULL, issuer TEXT NOT NULL, status TEXT NOT NULL, orderedAt TEXT NOT NULL, studies TEXT NOT NULL);
  CREATE INDEX order_time ON clinical_order (orderedAt, id);
  CREATE INDEX order_status ON clinical_order (status, orderedAt, id);
  CREATE INDEX order_placer ON clinical_order (placer);
  CREATE INDEX order_filler ON clinical_order (filler) WHERE filler <> '';
  CREATE INDEX order_accession ON clinical_order (accession) WHERE accession <> '';
  CREATE INDEX order_patient ON clinical_order (patientId, issuer);
  CREATE VIRTUAL TABLE order_search ${FULL_TEXT};

  INSERT INTO clinical_meta VALUES ('version', '${VERSION}');
`;

const NAMES = ['clinical_meta', 'person', 'person_number', 'person_search', 'clinical_order', 'order_search'];

/** Makes the tables where they are not, or are those of another version: they are filled again from the documents. */
export function prepareClinicalTables(statements: Statements): void {
  const there = statements.get(`SELECT 1 AS yes FROM sqlite_schema WHERE name = 'clinical_meta'`);
  if (
    there &&
    text(statements.get(`SELECT value FROM clinical_meta WHERE name = 'version'`) ?? {}, 'value') === VERSION
  )
    return;
  statements.forget();
  statements.exec(
    `BEGIN IMMEDIATE; ${NAMES.map((name) => `DROP TABLE IF EXISTS ${name};`).join(' ')} ${TABLES} COMMIT;`,
  );
}
