import type { InstanceRecord } from '../catalogue/contract.ts';
import { Counters } from './counters.ts';
import { type InstanceFacts, instanceFacts } from './instance-facts.ts';
import { type SeriesState, SeriesTable } from './series-table.ts';
import { integer, type SqlRow, type Statements } from './statements.ts';
import { type StudyState, StudyTable } from './study-table.ts';
import type { UidTable } from './uid-table.ts';

/**
 * One transaction's changes: instance rows are written as they come, series and study rows once at the end. The rows depend on the
 * instances alone, not on the order they came in.
 */
export class Projection {
  readonly #statements: Statements;
  readonly #uids: UidTable;
  readonly #counters: Counters;
  readonly #studies: StudyTable;
  readonly #series: SeriesTable;
  #changed = false;

  constructor(statements: Statements, uids: UidTable) {
    this.#statements = statements;
    this.#uids = uids;
    this.#counters = new Counters(statements);
    this.#studies = new StudyTable(statements, this.#counters);
    this.#series = new SeriesTable(statements, this.#counters);
  }

  put(record: InstanceRecord): void {
    const facts = instanceFacts(record);
    const existing = this.#find(facts.SOPInstanceUID);
    if (existing) {
      if (this.#isSame(existing, facts)) return;
      this.#remove(existing, facts.SOPInstanceUID);
    }
    this.#changed = true;
    const study = this.#studies.use(facts);
    const series = this.#series.use(study, facts);
    const studySource = this.#studies.useSource(study, facts);
    const seriesSource = this.#series.useSource(series, facts);
    this.#statements.run(
      `INSERT INTO instance VALUES ($series, $instanceOrder, $SOPInstanceUID, $sopClass, $transferSyntax, $sha256, $sizeBytes,
         $datasetOffsetBytes, $NumberOfFrames, $Rows, $Columns, $BitsAllocated, $receivedMs, $studySource, $seriesSource)`,
      {
        series: series.id,
        instanceOrder: facts.instanceOrder,
        SOPInstanceUID: facts.SOPInstanceUID,
        sopClass: this.#uids.idOf(facts.SOPClassUID),
        transferSyntax: this.#uids.idOf(facts.transferSyntaxUID),
        sha256: facts.sha256,
        sizeBytes: facts.sizeBytes,
        datasetOffsetBytes: facts.datasetOffsetBytes,
        NumberOfFrames: facts.NumberOfFrames,
        Rows: facts.Rows,
        Columns: facts.Columns,
        BitsAllocated: facts.BitsAllocated,
        receivedMs: facts.receivedMs,
        studySource,
        seriesSource,
      },
    );
    this.#series.count(series, facts);
  }

  remove(SOPInstanceUID: string): void {
    const existing = this.#find(SOPInstanceUID);
    if (!existing) return;
    this.#changed = true;
    this.#remove(existing, SOPInstanceUID);
  }

  /** Writes series, studies, patients and counters. Returns whether anything is other than before. */
  finish(): boolean {
    if (!this.#changed) return false;
    this.#series.write((id) => this.#uids.uidOf(id));
    this.#studies.write();
    this.#counters.write();
    return true;
  }

  #find(SOPInstanceUID: string): SqlRow | undefined {
    return this.#statements.get(
      `SELECT series, instanceOrder, sha256, sizeBytes, datasetOffsetBytes, receivedMs, transferSyntax, sopClass, studySource, seriesSource
       FROM instance WHERE SOPInstanceUID = $SOPInstanceUID`,
      { SOPInstanceUID },
    );
  }

  #isSame(row: SqlRow, facts: InstanceFacts): boolean {
    const { study, series } = this.#ownersOf(row);
    return (
      row['sha256'] instanceof Uint8Array &&
      facts.sha256.equals(row['sha256']) &&
      integer(row, 'sizeBytes') === facts.sizeBytes &&
      integer(row, 'datasetOffsetBytes') === facts.datasetOffsetBytes &&
      integer(row, 'instanceOrder') === facts.instanceOrder &&
      integer(row, 'receivedMs') === facts.receivedMs &&
      integer(row, 'sopClass') === this.#uids.idOf(facts.SOPClassUID) &&
      integer(row, 'transferSyntax') === this.#uids.idOf(facts.transferSyntaxUID) &&
      study.StudyInstanceUID === facts.StudyInstanceUID &&
      study.PatientID === facts.PatientID &&
      series.SeriesInstanceUID === facts.SeriesInstanceUID &&
      study.sources.find((source) => source.id === row['studySource'])?.attributes === facts.studyAttributes &&
      series.sources.find((source) => source.id === row['seriesSource'])?.attributes === facts.seriesAttributes
    );
  }

  #remove(row: SqlRow, SOPInstanceUID: string): void {
    const { study, series } = this.#ownersOf(row);
    this.#statements.run(`DELETE FROM instance WHERE SOPInstanceUID = $SOPInstanceUID`, { SOPInstanceUID });
    series.recount = true;
    study.recount = true;
  }

  #ownersOf(row: SqlRow): { study: StudyState; series: SeriesState } {
    const series = this.#series.byId(integer(row, 'series'), (id) => this.#studies.byId(id));
    return { study: series.study, series };
  }
}
