import { DatabaseSync } from 'node:sqlite';
import type { DocumentStore } from '../catalogue/contract.ts';
import { nameForms, searchWords } from '../query/names.ts';
import { scopeCondition, scopeParameters } from '../query/scope.ts';
import { allOf, anyOf, idExpression, searchTokens, wordExpression } from '../query/search-terms.ts';
import { integer, type SqlParameters, type SqlRow, Statements, text as textOf } from '../query/statements.ts';
import type { AccessScope } from '../security/contract.ts';
import { prepareClinicalTables } from './clinical-tables.ts';
import type { Everyone, EveryoneSearch, Order, OrderSearch, PatientIdentifier, PatientSearch } from './contract.ts';
import { ORDERS, PERSONS, personCondition } from './person-condition.ts';
import { ORDER_PREFIX, orderSchema, PATIENT_PREFIX, type PatientDocument, patientSchema } from './schema.ts';

const BATCH = 500;
/** Longer texts are found by their beginning. */
const MAX_TEXT = 64;
const MAX_WORDS = 12;
const EVERYTHING: AccessScope = { kind: 'all' };

/** Identifiers of whom an order `o` is about: as it names him, and as he is known now. */
const NUMBERS_OF_ORDER = `SELECT o.patientId AS id, o.issuer AS issuer UNION
  SELECT now.id, now.issuer FROM person_number AS named JOIN person AS p ON p.key = named.person
  JOIN person_number AS now ON now.person = p.current WHERE named.id = o.patientId AND named.issuer = o.issuer`;

export interface ClinicalIndexOptions {
  /** Of the query index, whose studies tell who sees whom; tables of its own in memory when absent. */
  statements?: Statements | undefined;
  /** Resolves when the studies are as the catalogue is. */
  studiesSettled?: () => Promise<void>;
  patients?: DocumentStore;
  orders?: DocumentStore;
}

const PERSON_PAGE = { from: 'person AS p', alias: 'p', order: 'changedAt' };
const ORDER_PAGE = { from: 'clinical_order AS o', alias: 'o', order: 'orderedAt' };

interface Paging {
  within: (scope: AccessScope) => string;
  scope: AccessScope;
  conditions: readonly string[];
  parameters: SqlParameters;
  limit: number;
  offset: number;
}

interface Page {
  total: number;
  /** Names of documents. */
  keys: string[];
}

/**
 * Persons and orders as tables beside the studies: a view of their documents, made from their changes feeds before each search. Scopes are part of the
 * queries, so that pages and counts are right.
 */
export class ClinicalIndex {
  readonly #options: ClinicalIndexOptions;
  readonly #statements: Statements;
  #following: Promise<void> = Promise.resolve();

  constructor(options: ClinicalIndexOptions) {
    this.#options = options;
    this.#statements = options.statements ?? emptyDatabase();
    prepareClinicalTables(this.#statements);
  }

  /** Keys of persons, the last changed first. */
  async persons({ text = '', scope = EVERYTHING, limit, offset }: PatientSearch): Promise<Page> {
    await this.#settled();
    const expressions = wordsOf(text).map(personExpression);
    if (expressions.some((one) => one === undefined)) return { total: 0, keys: [] };
    const usable = expressions.filter((one) => one !== undefined);
    const conditions =
      usable.length > 0 ? ['p.id IN (SELECT rowid FROM person_search WHERE tokens MATCH $expression)'] : [];
    const parameters: SqlParameters = usable.length > 0 ? { expression: allOf(usable) } : {};
    const within = (one: AccessScope) => personCondition(one, PERSONS);
    return this.#page(PERSON_PAGE, { within, scope, conditions, parameters, limit, offset });
  }

  /** Whoever is registered, then who is known from images alone, each once; of registered ones the first identifier. */
  async everyone({ name = '', scope = EVERYTHING, limit, offset }: EveryoneSearch): Promise<Everyone> {
    await this.#settled();
    const words = searchWords(name).map(wordExpression);
    if (words.some((one) => one === undefined)) return { total: 0, items: [] };
    const usable = words.filter((one) => one !== undefined);
    const parameters: SqlParameters = { ...scopeParameters(scope), ...(usable.length > 0 && { name: allOf(usable) }) };
    const named = (id: string, table: string) =>
      usable.length > 0 ? ` AND ${id} IN (SELECT rowid FROM ${table} WHERE tokens MATCH $name)` : '';
    const all = `
      SELECT 0 AS kind, p.number AS id, p.issuer AS issuer FROM person AS p
      WHERE p.mergedInto = '' AND ${personCondition(scope, PERSONS)}${named('p.id', 'person_search')}
      UNION
      SELECT 1, st.PatientID, st.IssuerOfPatientID FROM study AS st
      WHERE st.PatientID <> '' AND ${scopeCondition(scope, 'st')}${named('st.id', 'search')} AND NOT EXISTS (
        SELECT 1 FROM person_number AS n WHERE n.id = st.PatientID AND n.issuer = st.IssuerOfPatientID)`;
    const total = integer(this.#statements.get(`SELECT count(*) AS n FROM (${all})`, parameters) ?? {}, 'n');
    if (limit === 0 || offset >= total) return { total, items: [] };
    const rows = this.#statements.all(`${all} ORDER BY kind, id, issuer LIMIT $limit OFFSET $offset`, {
      ...parameters,
      limit,
      offset,
    });
    return { total, items: rows.map((row) => ({ id: textOf(row, 'id'), issuer: textOf(row, 'issuer') })) };
  }

  /** Names of documents of orders, the newest first. */
  async orders(search: OrderSearch): Promise<Page> {
    await this.#settled();
    const { text = '', scope = EVERYTHING, status, from = '', to = '', number, limit, offset } = search;
    const parameters: SqlParameters = { from, to };
    const conditions: string[] = [];
    for (const [index, word] of wordsOf(text).entries()) {
      const [inOrder, inPerson] = [orderExpression(word), personExpression(word)];
      if (inOrder === undefined || inPerson === undefined) return { total: 0, keys: [] };
      conditions.push(`(o.id IN (SELECT rowid FROM order_search WHERE tokens MATCH $order${index})
        OR (o.patientId, o.issuer) IN (SELECT n.id, n.issuer FROM person_search AS s JOIN person AS p ON p.id = s.rowid
          JOIN person_number AS n ON n.person = p.key WHERE s.tokens MATCH $person${index}))`);
      parameters[`order${index}`] = inOrder;
      parameters[`person${index}`] = inPerson;
    }
    if (status) {
      conditions.push('o.status IN (SELECT value FROM json_each($status))');
      parameters['status'] = JSON.stringify(status);
    }
    if (from !== '') conditions.push('o.orderedAt >= $from');
    if (to !== '') conditions.push('o.orderedAt <= $to');
    if (number !== undefined) {
      conditions.push(`o.id IN (SELECT id FROM clinical_order WHERE placer = $number
        UNION SELECT id FROM clinical_order WHERE filler = $number AND filler <> ''
        UNION SELECT id FROM clinical_order WHERE accession = $number AND accession <> '')`);
      parameters['number'] = number;
    }
    return this.#page(ORDER_PAGE, { within: orderCondition, scope, conditions, parameters, limit, offset });
  }

  #page(
    { from, alias, order }: typeof PERSON_PAGE,
    { within, scope, conditions, parameters, limit, offset }: Paging,
  ): Page {
    const where = (one: AccessScope) => [within(one), ...conditions].join(' AND ');
    const count = (one: AccessScope) => {
      const sql = `SELECT count(*) AS n FROM ${from} WHERE ${where(one)}`;
      return integer(this.#statements.get(sql, { ...parameters, ...scopeParameters(one) }) ?? {}, 'n');
    };
    // Without some patients: all less those few, since both are quicker to count than what is left.
    const total =
      scope.kind === 'except-patients'
        ? count(EVERYTHING) - count({ kind: 'patients', patientIds: scope.patientIds })
        : count(scope);
    if (limit === 0 || offset >= total) return { total, keys: [] };
    const rows = this.#statements.all(
      `SELECT ${alias}.key AS key FROM ${from} WHERE ${where(scope)}
       ORDER BY ${alias}.${order} DESC, ${alias}.id DESC LIMIT $limit OFFSET $offset`,
      { ...parameters, ...scopeParameters(scope), limit, offset },
    );
    return { total, keys: rows.map((row) => textOf(row, 'key')) };
  }

  /** What was written before the call is in the view. */
  async #settled(): Promise<void> {
    const following = this.#following
      .catch(() => undefined)
      .then(async () => {
        const { patients, orders } = this.#options;
        if (patients) await this.#follow('patients', patients, (id, document) => this.#person(id, document));
        if (orders) await this.#follow('orders', orders, (id, document) => this.#order(id, document));
      });
    this.#following = following;
    await following;
    await this.#options.studiesSettled?.();
  }

  async #follow(feed: string, documents: DocumentStore, put: (id: string, document?: object) => void): Promise<void> {
    for (;;) {
      const position = this.#statements.get('SELECT value FROM clinical_meta WHERE name = $feed', { feed });
      const { changes, lastSeq } = await documents.changes<object>(textOf(position ?? {}, 'value'), BATCH);
      if (changes.length === 0 && position) return;
      this.#statements.exec('BEGIN IMMEDIATE');
      try {
        for (const { id, document } of changes) put(id, document);
        if (feed === 'patients') this.#followMerges();
        this.#statements.run('INSERT OR REPLACE INTO clinical_meta VALUES ($feed, $lastSeq)', { feed, lastSeq });
        this.#statements.exec('COMMIT');
      } catch (error) {
        this.#statements.exec('ROLLBACK');
        throw error;
      }
      if (changes.length === 0) return;
    }
  }

  #person(id: string, document: object | undefined): void {
    if (!id.startsWith(PATIENT_PREFIX)) return;
    const parsed = patientSchema.safeParse(document);
    const key = id.slice(PATIENT_PREFIX.length);
    this.#statements.run('DELETE FROM person_number WHERE person = $key', { key });
    if (!parsed.success) {
      this.#remove('person', 'person_search', key);
      return;
    }
    const person = parsed.data;
    const row = this.#statements.get(
      `INSERT INTO person (key, number, issuer, changedAt, mergedInto, current)
       VALUES ($key, $number, $issuer, $changedAt, $mergedInto, $key)
       ON CONFLICT (key) DO UPDATE SET number = $number, issuer = $issuer, changedAt = $changedAt, mergedInto = $mergedInto,
         current = $key RETURNING id`,
      {
        key,
        number: person.identifiers[0]?.id ?? '',
        issuer: person.identifiers[0]?.issuer ?? '',
        changedAt: person.history.at(-1)?.at ?? '',
        mergedInto: person.mergedInto ?? '',
      },
    );
    for (const { id: number, issuer } of person.identifiers)
      this.#statements.run('INSERT OR IGNORE INTO person_number VALUES ($number, $issuer, $key)', {
        number,
        issuer,
        key,
      });
    this.#putTokens('person_search', row, personTokens(person));
  }

  #order(key: string, document: object | undefined): void {
    if (!key.startsWith(ORDER_PREFIX)) return;
    const parsed = orderSchema.safeParse(document);
    if (!parsed.success) {
      this.#remove('clinical_order', 'order_search', key);
      return;
    }
    const { placerNumber, fillerNumber, accessionNumber, patient, status, orderedAt, studyInstanceUids } = parsed.data;
    const row = this.#statements.get(
      `INSERT INTO clinical_order (key, placer, filler, accession, patientId, issuer, status, orderedAt, studies)
       VALUES ($key, $placer, $filler, $accession, $patientId, $issuer, $status, $orderedAt, $studies)
       ON CONFLICT (key) DO UPDATE SET placer = $placer, filler = $filler, accession = $accession, patientId = $patientId,
         issuer = $issuer, status = $status, orderedAt = $orderedAt, studies = $studies RETURNING id`,
      {
        key,
        placer: placerNumber,
        filler: fillerNumber,
        accession: accessionNumber,
        patientId: patient.id,
        issuer: patient.issuer,
        status,
        orderedAt,
        studies: JSON.stringify(studyInstanceUids),
      },
    );
    this.#putTokens('order_search', row, orderTokens(parsed.data));
  }

  #remove(table: string, search: string, key: string): void {
    const row = this.#statements.get(`DELETE FROM ${table} WHERE key = $key RETURNING id`, { key });
    if (row) this.#statements.run(`DELETE FROM ${search} WHERE rowid = $id`, { id: integer(row, 'id') });
  }

  #putTokens(table: string, row: SqlRow | undefined, tokens: string): void {
    const id = integer(row ?? {}, 'id');
    this.#statements.run(`DELETE FROM ${table} WHERE rowid = $id`, { id });
    this.#statements.run(`INSERT INTO ${table} (rowid, tokens) VALUES ($id, $tokens)`, { id, tokens });
  }

  /** Merges are few; one of them may change whom many others are now. */
  #followMerges(): void {
    const rows = this.#statements.all(`SELECT key, mergedInto, current FROM person WHERE mergedInto <> ''`);
    const into = new Map(rows.map((row) => [textOf(row, 'key'), textOf(row, 'mergedInto')]));
    const isThere = (key: string) => this.#statements.get('SELECT 1 AS yes FROM person WHERE key = $key', { key });
    for (const row of rows) {
      const seen = new Set<string>();
      let current = textOf(row, 'key');
      for (let next = into.get(current); next !== undefined && !seen.has(next); next = into.get(current)) {
        if (!isThere(next)) break;
        seen.add(next);
        current = next;
      }
      if (current !== textOf(row, 'current'))
        this.#statements.run('UPDATE person SET current = $current WHERE key = $key', {
          current,
          key: textOf(row, 'key'),
        });
    }
  }
}

/** The person's sight, else what the order itself names: its study, its accession number, unless one of the identifiers is hidden. */
function orderCondition(scope: AccessScope): string {
  const person = personCondition(scope, ORDERS);
  if (!namesStudies(scope)) return person;
  const named = `SELECT uid.value AS StudyInstanceUID, own.id AS PatientID, own.issuer AS IssuerOfPatientID,
    o.accession AS AccessionNumber, '' AS department FROM (${NUMBERS_OF_ORDER}) AS own`;
  return `(${person} OR EXISTS (SELECT 1 FROM (SELECT '' AS value UNION ALL SELECT value FROM json_each(o.studies)) AS uid
    WHERE NOT EXISTS (SELECT 1 FROM (${named}) AS st WHERE NOT (${scopeCondition(scope, 'st')}))))`;
}

function namesStudies(scope: AccessScope): boolean {
  if (scope.kind === 'any-of' || scope.kind === 'all-of') return scope.scopes.some(namesStudies);
  return scope.kind === 'studies' || scope.kind === 'accession';
}

function emptyDatabase(): Statements {
  const database = new DatabaseSync(':memory:');
  // No studies: nobody is seen by them.
  database.exec(`CREATE TABLE search (tokens TEXT); CREATE TABLE study (
    id INTEGER PRIMARY KEY, StudyInstanceUID TEXT, PatientID TEXT, IssuerOfPatientID TEXT, AccessionNumber TEXT, department TEXT)`);
  return new Statements(database);
}

const wordsOf = (text: string): string[] =>
  text
    .split(/[\s，、；]+/u)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS);

const NO_STUDY = { names: [], PatientID: '', AccessionNumber: '', StudyID: '', modalities: [], department: '' };

function personTokens({ identifiers, demographics }: PatientDocument): string {
  const names = demographics.name ? [nameForms(demographics.name)] : [];
  const [first, ...others] = identifiers.map(({ id }: PatientIdentifier) => id);
  return [
    searchTokens({ ...NO_STUDY, names, PatientID: first ?? '' }),
    ...others.map((PatientID) => searchTokens({ ...NO_STUDY, PatientID })),
  ].join(' z ');
}

function orderTokens({ procedure, patient, accessionNumber, placerNumber }: Order): string {
  return searchTokens({
    ...NO_STUDY,
    names: [nameForms(procedure.text.slice(0, MAX_TEXT))],
    PatientID: patient.id,
    AccessionNumber: accessionNumber,
    StudyID: placerNumber,
  });
}

function personExpression(word: string): string | undefined {
  return some([wordExpression(word), idExpression('i', word)]);
}

function orderExpression(word: string): string | undefined {
  return some([wordExpression(word), idExpression('i', word), idExpression('c', word), idExpression('s', word)]);
}

function some(expressions: readonly (string | undefined)[]): string | undefined {
  const usable = expressions.filter((one) => one !== undefined);
  return usable.length === 0 ? undefined : anyOf(usable);
}
