import { LRUCache } from 'lru-cache';
import { FilmlessError } from '../errors.ts';
import type { AccessScope } from '../security/contract.ts';
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

/** A table whose rows are ids of studies, in order. */
interface Narrowing {
  readonly from: string;
  readonly id: string;
  readonly condition: string;
}

const FULL_TEXT: Narrowing = { from: 'search', id: 'search.rowid', condition: 'search.tokens MATCH $expression' };
const ONE_MODALITY: Narrowing = {
  from: 'study_modality AS sm',
  id: 'sm.study',
  condition: 'sm.modality = $modality',
};

interface ListPlan {
  /** Says it all of names, words, modalities and departments; undefined = no such filter. */
  readonly narrowing: Narrowing | undefined;
  readonly range: { lowest: bigint; highest: bigint } | undefined;
  /** Conditions on the study row itself. */
  readonly conditions: string[];
  readonly tests: RowTest[];
  readonly parameters: SqlParameters;
  /** Index of the study table that finds few of them. */
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
    const total = this.#totalWithin(request, plan);
    if (limit === 0 || offset >= total) return { total, items: [] };
    const ids = this.#page(plan, order, limit, offset);
    const rows = this.#statements.all(
      `SELECT ${STUDY_ROW_COLUMNS} FROM json_each($ids) AS page CROSS JOIN study AS st ON st.id = page.value`,
      { ids: JSON.stringify(ids) },
    );
    return { total, items: rows.map(toStudyRow) };
  }

  #page(plan: ListPlan, order: (typeof ORDERS)['StudyDate'], limit: number, offset: number): number[] {
    const { direction } = order;
    const { narrowing } = plan;
    const byDate = order.column === 'id';
    let id = 'st.id';
    let from = `study AS st INDEXED BY ${plan.index ?? order.index}`;
    if (narrowing && plan.index === undefined) {
      id = narrowing.id;
      from = byDate && plan.conditions.length === 0 ? narrowing.from : fromOf(plan);
    }
    const orderBy = byDate ? `${id}${direction}` : `st.${order.column}${direction}, ${id}${direction}`;
    const rows = this.#statements.all(
      `SELECT ${id} AS id FROM ${from} WHERE ${where(plan, id)} ORDER BY ${orderBy} LIMIT $limit OFFSET $offset`,
      { ...plan.parameters, limit, offset },
      plan.tests,
    );
    return rows.map((row) => integer(row, 'id'));
  }

  /** Without some patients: all of them less those few, since both are quicker to count than what is left. */
  #totalWithin(request: StudyListRequest, plan: ListPlan): number {
    const { scope } = request;
    if (scope.kind !== 'except-patients') return this.#total(request, plan);
    const within = (other: AccessScope): number => {
      const part = { ...request, scope: other };
      const partPlan = planOf(part);
      return partPlan === undefined ? 0 : this.#total(part, partPlan);
    };
    return within({ kind: 'all' }) - within({ kind: 'patients', patientIds: scope.patientIds });
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
    // Nothing but departments: counted in their index alone.
    const { scope } = request;
    const departments = scope.kind === 'departments' && plan.index === undefined && plan.conditions.length === 1;
    if (departments && plan.narrowing === undefined && plan.range === undefined) {
      const of = `study AS st INDEXED BY study_department WHERE ${where(plan, 'st.id')}`;
      return integer(this.#statements.get(`SELECT count(*) AS n FROM ${of}`, plan.parameters) ?? {}, 'n');
    }
    const from = !free ? fromOf(plan) : (plan.narrowing?.from ?? 'study AS st INDEXED BY study_order');
    const sql = `SELECT count(*) AS n FROM ${from} WHERE ${where(plan, idOf(plan))}`;
    return integer(this.#statements.get(sql, plan.parameters, plan.tests) ?? {}, 'n');
  }

  /** Totals that are kept anyway: of everything, of one modality, of one department. */
  #counted({ text, patientName, modalities, departments }: StudyListRequest, plan: ListPlan): number | undefined {
    if (plan.narrowing === undefined) return readCounters(this.#statements, 'total')['studies'] ?? 0;
    if (text?.trim() || patientName?.trim()) return undefined;
    const [modality, department] = [modalities ?? [], departments ?? []];
    if (modality.length === 1 && department.length === 0)
      return readCounters(this.#statements, 'modality')[modality[0]?.toUpperCase() ?? ''] ?? 0;
    if (department.length === 1 && modality.length === 0)
      return readCounters(this.#statements, 'department')[department[0] ?? ''] ?? 0;
    return undefined;
  }
}

function fromOf({ index, narrowing }: ListPlan): string {
  if (index !== undefined) return `study AS st INDEXED BY ${index}`;
  return narrowing ? `${narrowing.from} CROSS JOIN study AS st ON st.id = ${narrowing.id}` : 'study AS st NOT INDEXED';
}

function idOf({ index, narrowing }: ListPlan): string {
  return index === undefined && narrowing ? narrowing.id : 'st.id';
}

function where({ conditions, index, narrowing, range }: ListPlan, id: string): string {
  const all = [...conditions];
  if (narrowing) {
    const { from, condition, id: of } = narrowing;
    // Beside another index, the narrowing is asked study by study.
    all.push(index === undefined ? condition : `EXISTS (SELECT 1 FROM ${from} WHERE ${condition} AND ${of} = st.id)`);
  }
  if (range !== undefined) all.push(`${id} BETWEEN $lowest AND $highest`);
  return all.join(' AND ') || '1';
}

/** undefined = nothing can match. */
function planOf(request: StudyListRequest): ListPlan | undefined {
  const { scope } = request;
  const parameters: SqlParameters = { ...scopeParameters(scope) };
  const conditions = scope.kind === 'all' ? [] : [scopeCondition(scope, 'st')];
  const tests: RowTest[] = [];
  const ids = [filterId('PatientID', request.patientId), filterId('AccessionNumber', request.accessionNumber)].filter(
    (one) => one !== undefined,
  );
  for (const { column, value, test } of ids) {
    conditions.push(test ? `row_test(${tests.length}, st.${column}, '')` : `st.${column} = $${column}`);
    if (test) tests.push(test);
    else parameters[column] = value;
  }
  const expressions = [
    ...searchWords(request.patientName ?? '').map(wordExpression),
    ...words(request.text ?? '').map(textWordExpression),
    ...(request.departments?.length ? [departmentExpression(request.departments)] : []),
  ];
  if (expressions.some((one) => one === undefined)) return undefined;
  const usable = [...expressions, ...ids.map((one) => one.expression)].filter((one) => one !== undefined);
  const modalities = (request.modalities ?? []).map((modality) => modality.toUpperCase());
  let narrowing: Narrowing | undefined;
  if (usable.length === 0 && modalities.length === 1) {
    narrowing = ONE_MODALITY;
    parameters['modality'] = modalities[0] ?? '';
  } else {
    if (modalities.length > 0) usable.push(modalityExpression(modalities));
    if (usable.length > 0) {
      narrowing = FULL_TEXT;
      parameters['expression'] = allOf(usable);
    }
  }
  const range = rangeOf(request.studyDate);
  return {
    narrowing,
    range,
    conditions,
    tests,
    parameters: { ...parameters, ...range },
    index: scopeIndex(scope) ?? ids.find((one) => one.index !== undefined)?.index,
  };
}

function rangeOf(studyDate: string | undefined): ListPlan['range'] {
  const text = studyDate?.trim();
  if (!text) return undefined;
  const range = parseRange('DA', text);
  if (range === undefined) throw new FilmlessError('QUERY_INVALID_KEY', 'StudyDate: no DA value or range');
  const { lowest, highest } = studyOrderRange(range.from, range.to);
  return { lowest: BigInt(lowest), highest: BigInt(highest) };
}

interface IdFilter {
  readonly column: 'PatientID' | 'AccessionNumber';
  readonly value: string;
  readonly index?: string;
  readonly test?: RowTest;
  readonly expression?: string | undefined;
}

/** Whole, unless it has wildcards: a list of one patient's studies must not hold another's whose ID only begins alike. */
function filterId(column: IdFilter['column'], given: string | undefined): IdFilter | undefined {
  const value = given?.trim() ?? '';
  if (value === '') return undefined;
  if (!isWildcard(value))
    return { column, value, index: column === 'PatientID' ? 'study_patient_id' : 'study_accession' };
  return {
    column,
    value,
    test: (stored) => matchesWildcard(value, stored),
    expression: idExpression(column === 'PatientID' ? 'i' : 'c', value.split(/[*?]/, 1)[0] ?? ''),
  };
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
