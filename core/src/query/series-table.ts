import { SERIES_ATTRIBUTES } from './attributes.ts';
import type { Counters } from './counters.ts';
import { type InstanceFacts, orderNumber } from './instance-facts.ts';
import { mergeSources, readSources, recountSources, type Source, useSource, writeSources } from './sources.ts';
import { integer, type SqlRow, type Statements, text } from './statements.ts';
import type { StudyState } from './study-table.ts';

/** A series while a transaction changes it. */
export interface SeriesState {
  readonly id: number;
  readonly SeriesInstanceUID: string;
  readonly study: StudyState;
  readonly sources: Source[];
  readonly isNew: boolean;
  /** What the row says now. */
  readonly before: { instanceCount: number; sizeBytes: number };
  instanceCount: number;
  sizeBytes: number;
  receivedMs: number;
  readonly sopClasses: Set<string>;
  touched: boolean;
  /** Instances went: everything is counted anew. */
  recount: boolean;
}

const COLUMNS = SERIES_ATTRIBUTES.map((one) => one.keyword);
const UPSERT = `
  INTO series (id, study, seriesOrder, SeriesInstanceUID, ${COLUMNS.join(', ')}, sources, sopClasses, instanceCount, sizeBytes, receivedMs)
  VALUES ($id, $study, $seriesOrder, $SeriesInstanceUID, ${COLUMNS.map((name) => `$${name}`).join(', ')}, $sources, $sopClasses, $instanceCount, $sizeBytes, $receivedMs)`;
const ORDER_INDEX = COLUMNS.indexOf('SeriesNumber');

export class SeriesTable {
  readonly #statements: Statements;
  readonly #counters: Counters;
  readonly #states = new Map<number, SeriesState>();
  #nextId: number | undefined;

  constructor(statements: Statements, counters: Counters) {
    this.#statements = statements;
    this.#counters = counters;
  }

  use(study: StudyState, facts: InstanceFacts): SeriesState {
    const { SeriesInstanceUID } = facts;
    let state = study.series.get(SeriesInstanceUID);
    if (state === undefined) {
      const row = study.isNew
        ? undefined
        : this.#statements.get(`SELECT * FROM series WHERE SeriesInstanceUID = $SeriesInstanceUID AND study = $study`, {
            SeriesInstanceUID,
            study: study.id,
          });
      state = row ? this.#load(row, study) : this.#create(SeriesInstanceUID, study);
    }
    study.touched = true;
    state.touched = true;
    return state;
  }

  byId(id: number, studyById: (id: number) => StudyState): SeriesState {
    const state = this.#states.get(id);
    if (state) return state;
    const row = this.#statements.get(`SELECT * FROM series WHERE id = $id`, { id });
    if (row === undefined) throw new Error(`The index has an instance of a series ${id} that it has not`);
    return this.#load(row, studyById(integer(row, 'study')));
  }

  useSource(state: SeriesState, facts: InstanceFacts): number {
    return useSource(state.sources, facts.seriesAttributes, facts.receivedMs, facts.SOPInstanceUID);
  }

  count(state: SeriesState, facts: InstanceFacts): void {
    state.instanceCount++;
    state.sizeBytes += facts.sizeBytes;
    state.receivedMs = Math.max(state.receivedMs, facts.receivedMs);
    state.sopClasses.add(facts.SOPClassUID);
  }

  write(uidOf: (id: number) => string): void {
    for (const state of this.#states.values()) {
      if (state.recount) this.#recount(state, uidOf);
      else if (!state.touched) continue;
      this.#counters.add('total', 'instances', state.instanceCount - state.before.instanceCount);
      this.#counters.add('total', 'bytes', state.sizeBytes - state.before.sizeBytes);
      if (state.instanceCount === 0) {
        if (!state.isNew) this.#counters.add('total', 'series', -1);
        this.#statements.run(`DELETE FROM series WHERE id = $id`, { id: state.id });
      } else {
        if (state.isNew) this.#counters.add('total', 'series', 1);
        this.#upsert(state);
      }
    }
  }

  #upsert(state: SeriesState): void {
    const values = mergeSources(state.sources, SERIES_ATTRIBUTES);
    const parameters: Record<string, string | number> = {
      id: state.id,
      study: state.study.id,
      seriesOrder: orderNumber(values[ORDER_INDEX] ?? ''),
      SeriesInstanceUID: state.SeriesInstanceUID,
      sources: writeSources(state.sources),
      sopClasses: [...state.sopClasses].sort().join('\\'),
      instanceCount: state.instanceCount,
      sizeBytes: state.sizeBytes,
      receivedMs: state.receivedMs,
    };
    for (const [index, name] of COLUMNS.entries()) parameters[name] = values[index] ?? '';
    this.#statements.run(`${state.isNew ? 'INSERT' : 'INSERT OR REPLACE'} ${UPSERT}`, parameters);
  }

  #recount(state: SeriesState, uidOf: (id: number) => string): void {
    const series = state.id;
    const row = this.#statements.get(
      `SELECT count(*) AS n, total(sizeBytes) AS bytes, max(receivedMs) AS receivedMs FROM instance WHERE series = $series`,
      { series },
    );
    state.instanceCount = integer(row ?? {}, 'n');
    state.sizeBytes = integer(row ?? {}, 'bytes');
    state.receivedMs = integer(row ?? {}, 'receivedMs');
    state.sopClasses.clear();
    for (const one of this.#statements.all(`SELECT DISTINCT sopClass FROM instance WHERE series = $series`, {
      series,
    })) {
      state.sopClasses.add(uidOf(integer(one, 'sopClass')));
    }
    recountSources(state.sources, (source) =>
      this.#statements.get(
        `SELECT receivedMs, SOPInstanceUID FROM instance WHERE series = $series AND seriesSource = $source
         ORDER BY receivedMs, SOPInstanceUID LIMIT 1`,
        { series, source: source.id },
      ),
    );
  }

  #create(SeriesInstanceUID: string, study: StudyState): SeriesState {
    this.#nextId ??= integer(this.#statements.get(`SELECT coalesce(max(id), 0) + 1 AS id FROM series`) ?? {}, 'id');
    const state: SeriesState = {
      id: this.#nextId++,
      SeriesInstanceUID,
      study,
      sources: [],
      isNew: true,
      before: { instanceCount: 0, sizeBytes: 0 },
      instanceCount: 0,
      sizeBytes: 0,
      receivedMs: 0,
      sopClasses: new Set(),
      touched: true,
      recount: false,
    };
    return this.#remember(state);
  }

  #load(row: SqlRow, study: StudyState): SeriesState {
    const id = integer(row, 'id');
    const instanceCount = integer(row, 'instanceCount');
    const sizeBytes = integer(row, 'sizeBytes');
    return this.#remember({
      id,
      SeriesInstanceUID: text(row, 'SeriesInstanceUID'),
      study,
      sources: readSources(text(row, 'sources'), () => JSON.stringify(COLUMNS.map((name) => text(row, name)))),
      isNew: false,
      before: { instanceCount, sizeBytes },
      instanceCount,
      sizeBytes,
      receivedMs: integer(row, 'receivedMs'),
      sopClasses: new Set(text(row, 'sopClasses').split('\\')),
      touched: false,
      recount: false,
    });
  }

  #remember(state: SeriesState): SeriesState {
    this.#states.set(state.id, state);
    state.study.series.set(state.SeriesInstanceUID, state);
    return state;
  }
}
