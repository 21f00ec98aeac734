import type { DatabaseSync } from 'node:sqlite';
import type { InstanceRecord } from '../catalogue/contract.ts';
import type { DicomJson } from '../dicom/types.ts';
import { FilmlessError } from '../errors.ts';
import type { AccessScope } from '../security/contract.ts';
import type {
  InstanceLocator,
  InstanceSelector,
  QueryIndex,
  QueryRequest,
  SeriesRow,
  StudyListRequest,
  StudyRow,
} from './contract.ts';
import { readCounters } from './counters.ts';
import { instanceLocators } from './instance-locators.ts';
import { Projection } from './projection.ts';
import { parseQuery } from './query-request.ts';
import { addFromRecord } from './record-answers.ts';
import { createTables, dropTables, openIndexDatabase } from './schema.ts';
import { scopeCondition, scopeParameters } from './scope.ts';
import { countRows, searchRows } from './sql-search.ts';
import { integer, type SqlRow, Statements, text } from './statements.ts';
import { StudyList } from './study-list.ts';
import { STUDY_ROW_COLUMNS, toSeriesRow, toStudyRow } from './study-rows.ts';
import { UidTable } from './uid-table.ts';

export interface SqliteQueryIndexOptions {
  /** File of the index; `:memory:` for none. */
  path: string;
  /** Records of the catalogue, for attributes that the index doesn't hold. */
  fetchRecords(SOPInstanceUIDs: readonly string[]): Promise<(InstanceRecord | undefined)[]>;
}

/** The query index on node:sqlite. Reads and writes are synchronous inside, and short. */
export class SqliteQueryIndex implements QueryIndex {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #uids: UidTable;
  readonly #list: StudyList;
  readonly #fetchRecords: SqliteQueryIndexOptions['fetchRecords'];
  #projector: { settled(): Promise<void>; wake(): void } | undefined;
  #isOpen = true;

  constructor({ path, fetchRecords }: SqliteQueryIndexOptions) {
    this.#database = openIndexDatabase(path);
    this.#statements = new Statements(this.#database);
    this.#uids = new UidTable(this.#statements);
    this.#list = new StudyList(this.#statements);
    this.#fetchRecords = fetchRecords;
  }

  get statements(): Statements {
    return this.#statements;
  }

  follow(projector: { settled(): Promise<void>; wake(): void }): void {
    this.#projector = projector;
  }

  async search(request: QueryRequest): Promise<DicomJson[]> {
    const query = parseQuery(request);
    await this.#ready();
    const found = searchRows(this.#statements, query, request.scope);
    return query.needsRecord ? addFromRecord(query, found, this.#fetchRecords) : found;
  }

  async count(request: QueryRequest): Promise<number> {
    const query = parseQuery(request);
    await this.#ready();
    return countRows(this.#statements, query, request.scope);
  }

  async studies(request: StudyListRequest): Promise<{ total: number; items: StudyRow[] }> {
    await this.#ready();
    return this.#list.list(request);
  }

  async study(
    StudyInstanceUID: string,
    scope: AccessScope,
  ): Promise<{ study: StudyRow; series: SeriesRow[]; earlier: StudyRow[]; sameUid?: StudyRow[] } | undefined> {
    await this.#ready();
    const rows = this.#statements.all(
      `SELECT st.id AS id, st.patient AS patient, ${STUDY_ROW_COLUMNS} FROM study AS st INDEXED BY study_uid
       WHERE st.StudyInstanceUID = $StudyInstanceUID AND ${scopeCondition(scope, 'st')}
       ORDER BY st.instanceCount DESC, st.PatientID`,
      { ...scopeParameters(scope), StudyInstanceUID },
    );
    const [row, ...others] = rows;
    if (row === undefined) return undefined;
    return {
      study: toStudyRow(row),
      series: this.#seriesOf(row),
      earlier: this.#earlierThan(row, scope),
      ...(others.length > 0 ? { sameUid: others.map(toStudyRow) } : {}),
    };
  }

  async instances(selector: InstanceSelector): Promise<InstanceLocator[]> {
    await this.#ready();
    return instanceLocators(this.#statements, this.#uids, selector);
  }

  async facets(
    scope: AccessScope,
  ): Promise<{ modalities: Record<string, number>; departments: Record<string, number> }> {
    await this.#ready();
    if (scope.kind === 'all') {
      return {
        modalities: readCounters(this.#statements, 'modality'),
        departments: readCounters(this.#statements, 'department'),
      };
    }
    // Without some patients: all less those few.
    if (scope.kind === 'except-patients') {
      const all = await this.facets({ kind: 'all' });
      const hidden = await this.facets({ kind: 'patients', patientIds: scope.patientIds });
      return {
        modalities: less(all.modalities, hidden.modalities),
        departments: less(all.departments, hidden.departments),
      };
    }
    const rows = this.#statements.all(
      `SELECT st.modalities, st.department, count(*) AS n FROM study AS st WHERE ${scopeCondition(scope, 'st')} GROUP BY 1, 2`,
      scopeParameters(scope),
    );
    return {
      modalities: tally(rows.map((row) => [text(row, 'modalities').split('\\'), integer(row, 'n')])),
      departments: tally(rows.map((row) => [[text(row, 'department')], integer(row, 'n')])),
    };
  }

  async totals(): Promise<{ patients: number; studies: number; series: number; instances: number; bytes: number }> {
    await this.#ready();
    const { patients = 0, studies = 0, series = 0, instances = 0, bytes = 0 } = readCounters(this.#statements, 'total');
    return { patients, studies, series, instances, bytes };
  }

  projected(): number {
    this.#assertOpen();
    return readCounters(this.#statements, 'total')['instances'] ?? 0;
  }

  position(): string {
    this.#assertOpen();
    return text(this.#statements.get(`SELECT value FROM meta WHERE name = 'position'`) ?? {}, 'value');
  }

  apply(
    changes: readonly { seq: string; record?: InstanceRecord; deletedSOPInstanceUID?: string }[],
    lastSeq: string,
  ): void {
    this.#assertOpen();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const projection = new Projection(this.#statements, this.#uids);
      for (const { record, deletedSOPInstanceUID } of changes) {
        if (record !== undefined) projection.put(record);
        if (deletedSOPInstanceUID !== undefined) projection.remove(deletedSOPInstanceUID);
      }
      const changed = projection.finish();
      this.#statements.run(`UPDATE meta SET value = $lastSeq WHERE name = 'position'`, { lastSeq });
      this.#database.exec('COMMIT');
      if (changed) this.#list.forget();
    } catch (error) {
      this.#uids.forget();
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  clear(): void {
    this.#assertOpen();
    this.#statements.forget();
    this.#uids.forget();
    this.#list.forget();
    dropTables(this.#database);
    createTables(this.#database);
    this.#projector?.wake();
  }

  async settled(): Promise<void> {
    this.#assertOpen();
    await this.#projector?.settled();
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.forget();
    this.#database.close();
  }

  #seriesOf(study: SqlRow): SeriesRow[] {
    const rows = this.#statements.all(
      `SELECT $uid AS StudyInstanceUID, se.* FROM series AS se WHERE se.study = $study ORDER BY se.seriesOrder, se.SeriesInstanceUID`,
      { study: integer(study, 'id'), uid: text(study, 'StudyInstanceUID') },
    );
    return rows.map(toSeriesRow);
  }

  #earlierThan(study: SqlRow, scope: AccessScope): StudyRow[] {
    const rows = this.#statements.all(
      `SELECT ${STUDY_ROW_COLUMNS} FROM study AS st INDEXED BY study_patient
       WHERE st.patient = $patient AND st.id < $id AND ${scopeCondition(scope, 'st')} ORDER BY st.id DESC`,
      { ...scopeParameters(scope), patient: integer(study, 'patient'), id: integer(study, 'id') },
    );
    return rows.map(toStudyRow);
  }

  async #ready(): Promise<void> {
    await this.settled();
    this.#assertOpen();
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new FilmlessError('UNAVAILABLE', 'the query index is closed');
  }
}

function tally(groups: readonly (readonly [values: readonly string[], n: number])[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const [values, n] of groups)
    for (const value of values) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + n);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function less(counts: Record<string, number>, hidden: Record<string, number>): Record<string, number> {
  const left = Object.entries(counts).map(([value, n]): [string, number] => [value, n - (hidden[value] ?? 0)]);
  return Object.fromEntries(left.filter(([, n]) => n > 0));
}
