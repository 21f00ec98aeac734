import { isPersonName, parsePersonName } from '../dicom/dataset.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue } from '../dicom/types.ts';
import type { AccessScope } from '../security/contract.ts';
import type { MatchingKey } from './matching.ts';
import { isWithin, QUERY_FIELDS } from './query-fields.ts';
import { type ParsedQuery, vrOfAnswer } from './query-request.ts';
import { scopeCondition, scopeIndex, scopeParameters } from './scope.ts';
import {
  allOf,
  anyOf,
  departmentExpression,
  type IdKind,
  idExpression,
  modalityExpression,
  nameExpression,
} from './search-terms.ts';
import { integer, type SqlParameters, type SqlRow, type Statements } from './statements.ts';
import { studyOrderRange } from './study-order.ts';

/** How rows are found: an index narrows, `row_test` decides, and the newest study comes first. */
interface Plan {
  readonly from: string;
  readonly where: string;
  readonly order: string;
  readonly parameters: SqlParameters;
}

/** Matching rows as DICOM JSON, without what only the record knows. */
export function searchRows(statements: Statements, query: ParsedQuery, scope: AccessScope): DicomJson[] {
  if (query.limit === 0) return [];
  if (query.level === 'PATIENT') return searchPatients(statements, query, scope);
  const plan = planOf(query, scope);
  const rows = statements.all(
    `SELECT ${answerColumns(query, scope)} FROM ${plan.from} WHERE ${plan.where} ORDER BY ${plan.order} LIMIT $limit OFFSET $offset`,
    { ...plan.parameters, limit: query.limit, offset: query.offset },
    testsOf(query),
  );
  return rows.map((row) => toDataset(query, row));
}

export function countRows(statements: Statements, query: ParsedQuery, scope: AccessScope): number {
  const plan = planOf(query, scope);
  const what = query.level === 'PATIENT' ? 'count(DISTINCT st.patient)' : 'count(*)';
  return integer(
    statements.get(`SELECT ${what} AS n FROM ${plan.from} WHERE ${plan.where}`, plan.parameters, testsOf(query)) ?? {},
    'n',
  );
}

/** A patient is told by its newest study that matches: with several names, by the one that was asked for. */
function searchPatients(statements: Statements, query: ParsedQuery, scope: AccessScope): DicomJson[] {
  const plan = planOf(query, scope);
  const seen = new Set<number>();
  const page: number[] = [];
  const rows = statements.iterate(
    `SELECT st.patient AS patient, st.id AS id FROM ${plan.from} WHERE ${plan.where} ORDER BY ${plan.order}`,
    plan.parameters,
    testsOf(query),
  );
  for (const row of rows) {
    const patient = integer(row, 'patient');
    if (seen.has(patient)) continue;
    seen.add(patient);
    if (seen.size > query.offset) page.push(integer(row, 'id'));
    if (page.length === query.limit) break;
  }
  const found = statements.all(
    `SELECT ${answerColumns(query, scope)} FROM json_each($page) AS page CROSS JOIN study AS st ON st.id = page.value`,
    { ...scopeParameters(scope), page: JSON.stringify(page) },
  );
  return found.map((row) => toDataset(query, row));
}

function planOf(query: ParsedQuery, scope: AccessScope): Plan {
  const parameters: SqlParameters = {};
  const where: string[] = [];
  const bind = (name: string, value: string | bigint) => {
    parameters[name] = value;
    return `$${name}`;
  };
  const series = isWithin('SERIES', query.level);
  const image = query.level === 'IMAGE';
  const below = `${series ? ' CROSS JOIN series AS se INDEXED BY series_study ON se.study = st.id' : ''}${image ? ' CROSS JOIN instance AS im ON im.series = se.id' : ''}`;
  const oneOf = (column: string, tag: string): string | undefined => {
    const key = query.keys.get(tag);
    return key?.kind === 'values'
      ? `${column} IN (SELECT value FROM json_each(${bind(`k${tag}`, JSON.stringify(key.values))}))`
      : undefined;
  };
  const equal = (column: string, tag: string): string | undefined => {
    const key = query.keys.get(tag);
    return key?.kind === 'values' && key.values.length === 1
      ? `${column} = ${bind(`k${tag}`, key.values[0] ?? '')}`
      : oneOf(column, tag);
  };
  const from = ((): string => {
    const instance = image ? equal('im.SOPInstanceUID', '00080018') : undefined;
    if (instance) {
      where.push(instance);
      return 'instance AS im INDEXED BY instance_uid CROSS JOIN series AS se ON se.id = im.series CROSS JOIN study AS st ON st.id = se.study';
    }
    const ofSeries = series ? equal('se.SeriesInstanceUID', '0020000E') : undefined;
    if (ofSeries) {
      where.push(ofSeries);
      return `series AS se INDEXED BY series_uid CROSS JOIN study AS st ON st.id = se.study${image ? ' CROSS JOIN instance AS im ON im.series = se.id' : ''}`;
    }
    for (const [index, column, tag] of STUDY_INDEXES) {
      if (column !== 'st.StudyInstanceUID' && scopeIndex(scope)) break;
      const condition = equal(column, tag);
      if (!condition) continue;
      where.push(condition);
      return `study AS st INDEXED BY ${index}${below}`;
    }
    const index = scopeIndex(scope);
    if (index) return `study AS st INDEXED BY ${index}${below}`;
    const dates = dateRange(query.keys.get('00080020'));
    const { expression, modality } = narrowingOf(query.keys);
    if (modality !== undefined) {
      where.push(`sm.modality = ${bind('modality', modality)}`);
      if (dates) where.push(`sm.study BETWEEN ${bind('lowest', dates.lowest)} AND ${bind('highest', dates.highest)}`);
      return `study_modality AS sm CROSS JOIN study AS st ON st.id = sm.study${below}`;
    }
    if (expression) {
      where.push(`search.tokens MATCH ${bind('expression', expression)}`);
      if (dates)
        where.push(`search.rowid BETWEEN ${bind('lowest', dates.lowest)} AND ${bind('highest', dates.highest)}`);
      return `search CROSS JOIN study AS st ON st.id = search.rowid${below}`;
    }
    if (dates) where.push(`st.id BETWEEN ${bind('lowest', dates.lowest)} AND ${bind('highest', dates.highest)}`);
    return `study AS st NOT INDEXED${below}`;
  })();
  if (scope.kind !== 'all') {
    where.push(scopeCondition(scope, 'st'));
    Object.assign(parameters, scopeParameters(scope));
  }
  for (const [slot, { sql }] of query.conditions.entries()) where.push(`row_test(${slot}, ${sql[0]}, ${sql[1]})`);
  // The full-text table gives its rows newest first only when nothing else is asked for; the joins below walk indexes that are in order.
  const narrowed = /^(search|study_modality AS sm) /.exec(from)?.[1];
  const order = narrowed
    ? `${narrowed === 'search' ? 'search.rowid' : 'sm.study'} DESC`
    : [
        'st.id DESC',
        ...(series ? ['se.seriesOrder', 'se.SeriesInstanceUID'] : []),
        ...(image ? ['im.instanceOrder', 'im.SOPInstanceUID'] : []),
      ].join(', ');
  return { from, where: where.join(' AND ') || '1', order, parameters };
}

const STUDY_INDEXES = [
  ['study_uid', 'st.StudyInstanceUID', '0020000D'],
  ['study_patient_id', 'st.PatientID', '00100020'],
  ['study_accession', 'st.AccessionNumber', '00080050'],
] as const;

function dateRange(key: MatchingKey | undefined): { lowest: bigint; highest: bigint } | undefined {
  if (key?.kind !== 'ranges') return undefined;
  const ranges = key.ranges.map((range) => studyOrderRange(range.from, range.to));
  return {
    lowest: BigInt(Math.min(...ranges.map((range) => range.lowest))),
    highest: BigInt(Math.max(...ranges.map((range) => range.highest))),
  };
}

/** What narrows best; it may find more than matches, never less: one modality by its own table, everything else by the full-text table. */
function narrowingOf(keys: ReadonlyMap<string, MatchingKey>): {
  expression?: string | undefined;
  modality?: string | undefined;
} {
  const parts: string[] = [];
  const add = (part: string | undefined) => {
    if (part !== undefined) parts.push(part);
  };
  const name = keys.get('00100010');
  if (name?.kind === 'name') add(nameExpression(name.names));
  const department = keys.get('00081040');
  if (department?.kind === 'values') add(departmentExpression(department.values));
  add(beginningExpression('i', keys.get('00100020')));
  add(beginningExpression('c', keys.get('00080050')));
  add(beginningExpression('s', keys.get('00200010')));
  const modalities = [keys.get('00080061'), keys.get('00080060')].flatMap((key) =>
    key?.kind === 'values' ? [key.values] : [],
  );
  const [only] = modalities;
  if (parts.length === 0 && modalities.length === 1 && only?.length === 1) return { modality: only[0] };
  for (const values of modalities) add(modalityExpression(values));
  return parts.length === 0 ? {} : { expression: allOf(parts) };
}

/** Identifiers that begin as the key does. */
function beginningExpression(kind: IdKind, key: MatchingKey | undefined): string | undefined {
  const beginnings = key?.kind === 'wildcard' ? key.patterns : key?.kind === 'values' ? key.values : [];
  const expressions = beginnings.map((one) => idExpression(kind, one.split(/[*?]/, 1)[0] ?? ''));
  const usable = expressions.filter((one) => one !== undefined);
  return usable.length > 0 && usable.length === expressions.length ? anyOf(usable) : undefined;
}

function testsOf(query: ParsedQuery) {
  return query.conditions.map((condition) => condition.test);
}

function answerColumns(query: ParsedQuery, scope: AccessScope): string {
  const columns: string[] = [];
  for (const tag of query.answers.keys()) {
    const field = QUERY_FIELDS.get(tag);
    if (field && isWithin(field.level, query.level))
      columns.push(`${field.sql(scopeCondition(scope, 'p'))} AS "${tag}"`);
  }
  return columns.join(', ');
}

function toDataset(query: ParsedQuery, row: SqlRow): DicomJson {
  const dataset: DicomJson = {};
  for (const [tag, need] of query.answers) {
    const vr = vrOfAnswer(tag, query.vrs);
    const value = row[tag];
    if (value === undefined || value === null || value === '') {
      if (need === 'asked') dataset[tag] = { vr };
    } else {
      dataset[tag] = elementOf(vr, typeof value === 'string' ? value : Number(value));
    }
  }
  return dataset;
}

/** The reverse of `storedText`. */
function elementOf(vr: string, stored: string | number): DicomJsonElement {
  if (typeof stored === 'number') return { vr, Value: [stored] };
  if (vr === 'SQ') return { vr, Value: JSON.parse(stored) as DicomJson[] };
  if (vr === 'LT') return { vr, Value: [stored] };
  return { vr, Value: stored.split('\\').map((value) => jsonValue(vr, value)) };
}

function jsonValue(vr: string, value: string): DicomJsonValue {
  if (value === '') return null;
  if (vr === 'PN') {
    const name = parsePersonName(value);
    return isPersonName(name) ? name : null;
  }
  if (vr !== 'IS' && vr !== 'DS') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}
