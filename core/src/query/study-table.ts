import { STUDY_ATTRIBUTES } from './attributes.ts';
import type { Counters } from './counters.ts';
import type { InstanceFacts } from './instance-facts.ts';
import { nameForms } from './names.ts';
import { PatientTable } from './patient-table.ts';
import { searchTokens } from './search-terms.ts';
import type { SeriesState } from './series-table.ts';
import { mergeSources, readSources, recountSources, type Source, useSource, writeSources } from './sources.ts';
import { integer, type SqlRow, type Statements, text } from './statements.ts';
import { studyOrder } from './study-order.ts';

/** A study while a transaction changes it. One study UID under two Patient IDs is two rows: nobody's images under another's name. */
export interface StudyState {
  id: number;
  readonly StudyInstanceUID: string;
  readonly PatientID: string;
  readonly sources: Source[];
  readonly series: Map<string, SeriesState>;
  readonly isNew: boolean;
  readonly before: SqlRow;
  touched: boolean;
  /** Instances went: sources are counted anew. */
  recount: boolean;
}

const ATTRIBUTES = STUDY_ATTRIBUTES.map((one) => one.keyword);
const COLUMNS = [
  'id',
  'StudyInstanceUID',
  'patient',
  ...ATTRIBUTES,
  'department',
  'sources',
  'sortName',
  'modalities',
  'bodyParts',
  'sopClasses',
  'seriesCount',
  'instanceCount',
  'sizeBytes',
  'receivedMs',
];
const UPSERT = `INTO study (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `$${name}`).join(', ')})`;
/** Columns whose text is in the full-text table. */
const SEARCHED = ['PatientName', 'PatientID', 'AccessionNumber', 'StudyID', 'modalities', 'department'];

type StudyValues = Record<string, string | number>;

export class StudyTable {
  readonly #statements: Statements;
  readonly #counters: Counters;
  readonly #patients: PatientTable;
  readonly #states = new Map<number, StudyState>();
  readonly #byIdentity = new Map<string, StudyState>();

  constructor(statements: Statements, counters: Counters) {
    this.#statements = statements;
    this.#counters = counters;
    this.#patients = new PatientTable(statements, counters);
  }

  use(facts: InstanceFacts): StudyState {
    const { StudyInstanceUID, PatientID } = facts;
    let state = this.#byIdentity.get(identity(StudyInstanceUID, PatientID));
    if (state === undefined) {
      const row = this.#statements.get(
        `SELECT * FROM study WHERE StudyInstanceUID = $StudyInstanceUID AND PatientID = $PatientID`,
        {
          StudyInstanceUID,
          PatientID,
        },
      );
      state = row ? this.#load(row) : this.#create(facts);
    }
    state.touched = true;
    return state;
  }

  byId(id: number): StudyState {
    const state = this.#states.get(id);
    if (state) return state;
    const row = this.#statements.get(`SELECT * FROM study WHERE id = $id`, { id });
    if (row === undefined) throw new Error(`The index has a series of a study ${id} that it has not`);
    return this.#load(row);
  }

  useSource(state: StudyState, facts: InstanceFacts): number {
    return useSource(state.sources, facts.studyAttributes, facts.receivedMs, facts.SOPInstanceUID);
  }

  /** After the series rows were written. */
  write(): void {
    for (const state of [...this.#states.values()]) {
      if (state.recount) this.#recount(state);
      if (!state.recount && !state.touched) continue;
      const values = this.#valuesOf(state);
      if (values === undefined) this.#delete(state);
      else this.#upsert(state, values);
    }
    this.#patients.write();
  }

  #valuesOf(state: StudyState): StudyValues | undefined {
    const series = this.#statements.all(
      `SELECT Modality, BodyPartExamined, sopClasses, instanceCount, sizeBytes, receivedMs FROM series WHERE study = $study`,
      { study: state.id },
    );
    if (series.length === 0) return undefined;
    const merged = mergeSources(state.sources, STUDY_ATTRIBUTES);
    const values: StudyValues = {
      StudyInstanceUID: state.StudyInstanceUID,
      department: merged[ATTRIBUTES.length] ?? '',
      sources: writeSources(state.sources),
      // CS is upper case, whatever a device writes.
      modalities: joined(series, 'Modality').toUpperCase(),
      bodyParts: joined(series, 'BodyPartExamined'),
      sopClasses: joined(series, 'sopClasses'),
      seriesCount: series.length,
      instanceCount: series.reduce((sum, row) => sum + integer(row, 'instanceCount'), 0),
      sizeBytes: series.reduce((sum, row) => sum + integer(row, 'sizeBytes'), 0),
      receivedMs: series.reduce((latest, row) => Math.max(latest, integer(row, 'receivedMs')), 0),
    };
    for (const [index, name] of ATTRIBUTES.entries()) values[name] = merged[index] ?? '';
    values['sortName'] = nameForms(String(values['PatientName'])).sortKey;
    return values;
  }

  #upsert(state: StudyState, values: StudyValues): void {
    const patientIdentity = patientOf(state, String(values['IssuerOfPatientID']));
    const patient = this.#patients.use(patientIdentity);
    const before = integer(state.before, 'patient');
    if (before !== patient) {
      this.#patients.count(patient, 1);
      if (!state.isNew) this.#patients.count(before, -1);
    }
    const oldId = state.id;
    state.id = this.#placeFor(state, String(values['StudyDate']), String(values['StudyTime']));
    if (state.id !== oldId) this.#move(oldId, state.id);
    if (state.isNew) this.#counters.add('total', 'studies', 1);
    this.#counters.change('modality', list(text(state.before, 'modalities')), list(String(values['modalities'])));
    this.#counters.change('department', one(text(state.before, 'department')), one(String(values['department'])));
    this.#writeModalities(state, oldId, list(String(values['modalities'])));
    const searchChanged = state.id !== oldId || SEARCHED.some((name) => state.before[name] !== values[name]);
    this.#statements.run(`${state.isNew ? 'INSERT' : 'INSERT OR REPLACE'} ${UPSERT}`, {
      ...values,
      id: state.id,
      patient,
    });
    if (!searchChanged) return;
    if (!state.isNew) this.#statements.run(`DELETE FROM search WHERE rowid = $id`, { id: BigInt(oldId) });
    this.#statements.run(`INSERT INTO search (rowid, tokens) VALUES ($id, $tokens)`, {
      id: BigInt(state.id),
      tokens: tokensOf(values),
    });
  }

  #delete(state: StudyState): void {
    if (!state.isNew) {
      this.#counters.add('total', 'studies', -1);
      this.#counters.change('modality', list(text(state.before, 'modalities')), []);
      this.#counters.change('department', one(text(state.before, 'department')), []);
      this.#patients.count(integer(state.before, 'patient'), -1);
      this.#statements.run(`DELETE FROM study WHERE id = $id`, { id: state.id });
      this.#writeModalities(state, state.id, []);
      this.#statements.run(`DELETE FROM search WHERE rowid = $id`, { id: BigInt(state.id) });
    }
  }

  #writeModalities(state: StudyState, oldId: number, modalities: readonly string[]): void {
    const before = list(text(state.before, 'modalities'));
    for (const modality of before) {
      if (state.id === oldId && modalities.includes(modality)) continue;
      this.#statements.run(`DELETE FROM study_modality WHERE modality = $modality AND study = $oldId`, {
        modality,
        oldId,
      });
    }
    for (const modality of modalities) {
      if (state.id === oldId && before.includes(modality)) continue;
      this.#statements.run(`INSERT INTO study_modality VALUES ($modality, $id)`, { modality, id: state.id });
    }
  }

  #recount(state: StudyState): void {
    recountSources(state.sources, (source) =>
      this.#statements.get(
        `SELECT instance.receivedMs, instance.SOPInstanceUID FROM series CROSS JOIN instance ON instance.series = series.id
         WHERE series.study = $study AND instance.studySource = $source ORDER BY 1, 2 LIMIT 1`,
        { study: state.id, source: source.id },
      ),
    );
  }

  /** Where the study stands in the order of all; where it stands already, if that is right. */
  #placeFor(state: StudyState, StudyDate: string, StudyTime: string): number {
    const order = studyOrder(StudyDate, StudyTime, identity(state.StudyInstanceUID, state.PatientID));
    if (state.id >= order.first && state.id < order.first + order.size) return state.id;
    for (let step = 0; ; step++) {
      const id = order.first + ((order.preferred - order.first + step) % order.size);
      if (!this.#states.has(id) && !this.#statements.get(`SELECT 1 FROM study WHERE id = $id`, { id })) return id;
    }
  }

  #move(from: number, to: number): void {
    this.#statements.run(`DELETE FROM study WHERE id = $from`, { from });
    this.#statements.run(`UPDATE series SET study = $to WHERE study = $from`, { from, to });
    const state = this.#states.get(from);
    this.#states.delete(from);
    if (state) this.#states.set(to, state);
  }

  #create(facts: InstanceFacts): StudyState {
    const attributes = JSON.parse(facts.studyAttributes) as string[];
    const state: StudyState = {
      id: -1,
      StudyInstanceUID: facts.StudyInstanceUID,
      PatientID: facts.PatientID,
      sources: [],
      series: new Map(),
      isNew: true,
      before: {},
      touched: true,
      recount: false,
    };
    state.id = this.#placeFor(
      state,
      attributes[ATTRIBUTES.indexOf('StudyDate')] ?? '',
      attributes[ATTRIBUTES.indexOf('StudyTime')] ?? '',
    );
    return this.#remember(state);
  }

  #load(row: SqlRow): StudyState {
    const id = integer(row, 'id');
    return this.#remember({
      id,
      StudyInstanceUID: text(row, 'StudyInstanceUID'),
      PatientID: text(row, 'PatientID'),
      sources: readSources(text(row, 'sources'), () =>
        JSON.stringify([...ATTRIBUTES, 'department'].map((name) => text(row, name))),
      ),
      series: new Map(),
      isNew: false,
      before: row,
      touched: false,
      recount: false,
    });
  }

  #remember(state: StudyState): StudyState {
    this.#states.set(state.id, state);
    this.#byIdentity.set(identity(state.StudyInstanceUID, state.PatientID), state);
    return state;
  }
}

function identity(StudyInstanceUID: string, PatientID: string): string {
  return `${StudyInstanceUID}\n${PatientID}`;
}

function patientOf(state: StudyState, IssuerOfPatientID: string): string {
  return state.PatientID === ''
    ? `study\n${state.StudyInstanceUID}`
    : `patient\n${state.PatientID}\n${IssuerOfPatientID}`;
}

function tokensOf(values: StudyValues): string {
  return searchTokens({
    names: values['PatientName'] === '' ? [] : [nameForms(String(values['PatientName']))],
    PatientID: String(values['PatientID']),
    AccessionNumber: String(values['AccessionNumber']),
    StudyID: String(values['StudyID']),
    modalities: list(String(values['modalities'])),
    department: String(values['department']),
  });
}

/** The different values of all rows, sorted, as one text. */
function joined(rows: readonly SqlRow[], column: string): string {
  return [...new Set(rows.flatMap((row) => list(text(row, column))))].sort().join('\\');
}

function list(values: string): string[] {
  return values === '' ? [] : values.split('\\');
}

function one(value: string): string[] {
  return value === '' ? [] : [value];
}
