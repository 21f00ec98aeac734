import { LRUCache } from 'lru-cache';
import { FilmlessError } from '../errors.ts';
import type { StudyListRequest, StudyRow } from './contract.ts';
import { readCounters } from './counters.ts';
import { parseRange } from './date-time.ts';
import { searchWords } from './names.ts';
import { count } from './query-request.ts';
import { scopeCondition, scopeIndex, scopeParameters } from './scope.ts';
import {
  allOf,
  anyOf,
  departmentExpression,
  idExpression,
  modalityExpression,
  wordExpression,
} from './search-terms.ts';
import { integer, type RowTest, type SqlParameters, type Statements } from './statements.ts';
import { studyOrderRange } from './study-order.ts';
import { STUDY_ROW_COLUMNS, toStudyRow } from './study-rows.ts';
import { isWildcard, matchesWildcard } from './wildcard.ts';

interface ListPlan {
  /** Full text that says it all for names, words, modalities and departments; undefined = no such filter. */
  expression: string | undefined;
  range: { lowest: bigint; highest: bigint } | undefined;
  /** Conditions on the study row itself. */
  conditions: string[];
  tests: RowTest[];
  parameters: SqlParameters;
  index: string | undefined;
}

const ORDERS: Record<
  NonNullable<StudyListRequest['orderBy']>,
  { column: string; index: string; direction: '' | ' DESC' }
> = {
  StudyDate: { column: 'id', index: 'study_order', direction: '' },
  '-StudyDate': { column: 'id', index: 'study_order', direction: ' DESC' },
  PatientName: { column: 'sortName', index: 'study_name', direction: '' },
  '-PatientName': { column: 'sortName', index: 'study_name', direction: ' DESC' },
  receivedAt: { column: 'receivedMs', index: 'study_received', direction: '' },
  '-receivedAt': { column: 'receivedMs', index: 'study_received', direction: ' DESC' },
};

/** The staff's study list: ids by the narrowest index there is, rows for the page alone, totals remembered until something changes. */
export class StudyList {
  readonly #statements: Statements;
  readonly #totals = new LRUCache<string, number>({ max: 500 });

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The view has changed. */
  forget(): void {
    this.#totals.clear();
  }

  list(request: StudyListRequest): { total: number; items: StudyRow[] } {
    const limit = count(request.limit, 'limit');
    const offset = count(request.offset, 'offset');
    const order = ORDERS[request.orderBy ?? '-StudyDate'];
    if (order === undefined)
      throw new FilmlessError('INVALID_REQUEST', 'orderBy is not one of the orders of the study list');
    const plan = planOf(request);
    if (plan === undefined) return { total: 0, items: [] };
    const total = this.#total(request, plan);
    if (limit === 0 || offset >= total) return { total, items: [] };
    const ids = this.#page(plan, order, limit, offset);
    const select = `SELECT ${STUDY_ROW_COLUMNS} FROM study AS st WHERE st.id = $id`;
    return {
      total,
      items: ids.flatMap((id) => {
        const row = this.#statements.get(select, { id });
        return row ? [toStudyRow(row)] : [];
      }),
    };
  }

  #page(plan: ListPlan, order: (typeof ORDERS)['StudyDate'], limit: number, offset: number): number[] {
    const { direction } = order;
    const parameters = { ...plan.parameters, limit, offset };
    const rest = 'LIMIT $limit OFFSET $offset';
    const byDate = order.column === 'id';
    let sql: string;
    if (plan.index === undefined && plan.expression === undefined) {
      sql = `SELECT st.id AS id FROM study AS st INDEXED BY ${order.index} WHERE ${where(plan, 'st.id')} ORDER BY st.${order.column}${direction}, st.id${direction} ${rest}`;
    } else if (plan.index === undefined && byDate && plan.conditions.length === 0) {
      sql = `SELECT search.rowid AS id FROM search WHERE ${where(plan, 'search.rowid')} ORDER BY search.rowid${direction} ${rest}`;
    } else {
      const orderBy = byDate
        ? `${rowIdOf(plan)}${direction}`
        : `st.${order.column}${direction}, ${rowIdOf(plan)}${direction}`;
      sql = `SELECT st.id AS id FROM ${fromOf(plan)} WHERE ${where(plan, rowIdOf(plan))} ORDER BY ${orderBy} ${rest}`;
    }
    return this.#statements.all(sql, parameters, plan.tests).map((row) => integer(row, 'id'));
  }

  #total(request: StudyListRequest, plan: ListPlan): number {
    const key = JSON.stringify({ ...request, limit: 0, offset: 0, orderBy: '' });
    let total = this.#totals.get(key);
    if (total === undefined) {
      total = this.#count(request, plan);
      this.#totals.set(key, total);
    }
    return total;
  }

  #count(request: StudyListRequest, plan: ListPlan): number {
    const free = plan.index === undefined && plan.conditions.length === 0;
    if (free && plan.range === undefined) {
      const counted = this.#counted(request, plan);
      if (counted !== undefined) return counted;
    }
    const sql = !free
      ? `SELECT count(*) AS n FROM ${fromOf(plan)} WHERE ${where(plan, rowIdOf(plan))}`
      : plan.expression === undefined
        ? `SELECT count(*) AS n FROM study AS st INDEXED BY study_order WHERE ${where(plan, 'st.id')}`
        : `SELECT count(*) AS n FROM search WHERE ${where(plan, 'search.rowid')}`;
    return integer(this.#statements.get(sql, plan.parameters, plan.tests) ?? {}, 'n');
  }

  /** Totals that are kept anyway: of everything, of one modality, of one department. */
  #counted({ text, patientName, modalities, departments }: StudyListRequest, plan: ListPlan): number | undefined {
    if (plan.expression === undefined) return readCounters(this.#statements, 'total')['studies'] ?? 0;
    if (text?.trim() || patientName?.trim()) return undefined;
    const [modality, department] = [modalities ?? [], departments ?? []];
    if (modality.length === 1 && department.length === 0)
      return readCounters(this.#statements, 'modality')[modality[0] ?? ''] ?? 0;
    if (department.length === 1 && modality.length === 0)
      return readCounters(this.#statements, 'department')[department[0] ?? ''] ?? 0;
    return undefined;
  }
}

function fromOf(plan: ListPlan): string {
  if (plan.index !== undefined) return `study AS st INDEXED BY ${plan.index}`;
  return plan.expression === undefined
    ? 'study AS st NOT INDEXED'
    : 'search CROSS JOIN study AS st ON st.id = search.rowid';
}

function rowIdOf(plan: ListPlan): string {
  return plan.index === undefined && plan.expression !== undefined ? 'search.rowid' : 'st.id';
}

function where(plan: ListPlan, rowId: string): string {
  const conditions = [...plan.conditions];
  if (plan.expression !== undefined) {
    // Beside another index, the full text is asked study by study.
    conditions.push(
      plan.index === undefined
        ? 'search.tokens MATCH $expression'
        : 'EXISTS (SELECT 1 FROM search WHERE search.tokens MATCH $expression AND search.rowid = st.id)',
    );
  }
  if (plan.range !== undefined) conditions.push(`${rowId} BETWEEN $lowest AND $highest`);
  return conditions.join(' AND ') || '1';
}

/** undefined = nothing can match. */
function planOf(request: StudyListRequest): ListPlan | undefined {
  const { scope } = request;
  const plan: ListPlan = {
    expression: undefined,
    range: undefined,
    conditions: [],
    tests: [],
    parameters: {},
    index: scopeIndex(scope),
  };
  const expressions: (string | undefined)[] = [
    ...searchWords(request.patientName ?? '').map(wordExpression),
    ...words(request.text ?? '').map(textWordExpression),
  ];
  if (request.modalities?.length) expressions.push(modalityExpression(request.modalities));
  if (request.departments?.length) expressions.push(departmentExpression(request.departments));
  if (expressions.some((one) => one === undefined)) return undefined;
  const usable = expressions.filter((one) => one !== undefined);
  if (usable.length > 0) plan.expression = plan.parameters['expression'] = allOf(usable);
  filterId(plan, 'PatientID', 'study_patient_id', request.patientId);
  filterId(plan, 'AccessionNumber', 'study_accession', request.accessionNumber);
  if (request.studyDate?.trim()) {
    const range = parseRange('DA', request.studyDate.trim());
    if (range === undefined) throw new FilmlessError('QUERY_INVALID_KEY', 'StudyDate: no DA value or range');
    const { lowest, highest } = studyOrderRange(range.from, range.to);
    plan.range = { lowest: BigInt(lowest), highest: BigInt(highest) };
    Object.assign(plan.parameters, plan.range);
  }
  if (scope.kind !== 'all') {
    plan.conditions.push(scopeCondition(scope, 'st'));
    Object.assign(plan.parameters, scopeParameters(scope));
  }
  return plan;
}

/** Whole, unless it has wildcards: a list of one patient's studies must not hold another's whose ID only begins alike. */
function filterId(
  plan: ListPlan,
  column: 'PatientID' | 'AccessionNumber',
  index: string,
  value: string | undefined,
): void {
  const wanted = value?.trim() ?? '';
  if (wanted === '') return;
  if (isWildcard(wanted)) {
    plan.conditions.push(`row_test(${plan.tests.length}, st.${column}, '')`);
    plan.tests.push((stored) => matchesWildcard(wanted, stored));
    const narrowed = idExpression(column === 'PatientID' ? 'i' : 'c', wanted.split(/[*?]/, 1)[0] ?? '');
    if (narrowed)
      plan.expression = plan.parameters['expression'] = allOf(
        [plan.expression, narrowed].filter((one) => one !== undefined),
      );
    return;
  }
  plan.conditions.push(`st.${column} = $${column}`);
  plan.parameters[column] = wanted;
  plan.index ??= index;
}

function words(text: string): string[] {
  return text
    .split(/[\s，、；]+/u)
    .filter((word) => word !== '')
    .slice(0, 12);
}

/** A name has the word, or an identifier begins with it. */
function textWordExpression(word: string): string | undefined {
  const inName = searchWords(word).map(wordExpression);
  const alternatives = [
    inName.length > 0 && inName.every((one) => one !== undefined) ? allOf(inName) : undefined,
    idExpression('i', word),
    idExpression('c', word),
    idExpression('s', word),
  ];
  const usable = alternatives.filter((one) => one !== undefined);
  return usable.length === 0 ? undefined : anyOf([...new Set(usable)]);
}
