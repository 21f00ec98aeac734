import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { PRIORITY } from '../client/request-queue.ts';
import { ViewerError } from '../errors.ts';
import { checkStudyPatient, samePatient } from './identity.ts';
import {
  compareSeries,
  compareStudies,
  distinct,
  readSeries,
  readStudy,
  type SeriesSummary,
  type StudySummary,
} from './summaries.ts';

const MOST_STUDIES = '200';

/** The patient's studies beside the one that was opened: nothing of another patient gets in. */
export class StudyShelf {
  readonly #client: DicomWebClient;
  readonly #signal: AbortSignal;
  readonly #opened: StudySummary;
  readonly #patient: string;
  readonly #studies = new Map<string, StudySummary>();
  readonly #series = new Map<string, Promise<readonly SeriesSummary[]>>();
  readonly #known = new Map<string, readonly SeriesSummary[]>();

  constructor(client: DicomWebClient, opened: StudySummary, series: readonly SeriesSummary[], signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
    this.#opened = opened;
    this.#patient = opened.patientId;
    this.#studies.set(opened.StudyInstanceUID, opened);
    this.#known.set(opened.StudyInstanceUID, series);
    this.#series.set(opened.StudyInstanceUID, Promise.resolve(series));
  }

  get opened(): StudySummary {
    return this.#opened;
  }

  /** Newest first. */
  get studies(): StudySummary[] {
    return [...this.#studies.values()].sort(compareStudies);
  }

  study(uid: string): StudySummary | undefined {
    return this.#studies.get(uid);
  }

  /** A series that was listed. */
  series(study: string, series: string): SeriesSummary | undefined {
    return this.#known.get(study)?.find(({ SeriesInstanceUID }) => SeriesInstanceUID === series);
  }

  /** Looks for the patient's other studies. A patient without an ID has none that are surely theirs. */
  async search(): Promise<void> {
    if (this.#patient.trim() === '') return;
    const options = { signal: this.#signal, ticket: { priority: PRIORITY.soon } };
    const datasets = await this.#client.searchStudies({ PatientID: this.#patient, limit: MOST_STUDIES }, options);
    for (const study of datasets.map(readStudy))
      if (study && samePatient(study.patientId, this.#patient) && !this.#studies.has(study.StudyInstanceUID))
        this.#studies.set(study.StudyInstanceUID, study);
  }

  /**
   * A study of the same patient, asked for where it is not known yet.
   * @throws ViewerError VIEWER_PATIENT_MISMATCH, VIEWER_STUDY_NOT_FOUND and the client's
   */
  async admit(uid: string): Promise<StudySummary> {
    const known = this.#studies.get(uid);
    if (known) return known;
    const datasets = await this.#client.searchStudies({ StudyInstanceUID: uid }, { signal: this.#signal });
    const found = datasets.map(readStudy).find((study) => study?.StudyInstanceUID === uid);
    if (!found) throw new ViewerError('VIEWER_STUDY_NOT_FOUND');
    // Without an ID nobody can say that both are the same patient's.
    if (this.#patient.trim() === '') throw new ViewerError('VIEWER_PATIENT_MISMATCH');
    checkStudyPatient(found, this.#patient);
    this.#studies.set(uid, found);
    return found;
  }

  /** The series of the study that was opened, listed once more. */
  relist(series: readonly SeriesSummary[]): void {
    this.#known.set(this.#opened.StudyInstanceUID, series);
    this.#series.set(this.#opened.StudyInstanceUID, Promise.resolve(series));
  }

  /** The series of one of the studies. */
  list(study: string): Promise<readonly SeriesSummary[]> {
    const asked = this.#series.get(study);
    if (asked) return asked;
    const list = this.#client.searchSeries(study, { signal: this.#signal }).then((datasets) => {
      const listed = datasets.map(readSeries).filter((summary) => summary !== undefined);
      const series = distinct(listed, ({ SeriesInstanceUID }) => SeriesInstanceUID).sort(compareSeries);
      this.#known.set(study, series);
      return series;
    });
    this.#series.set(study, list);
    list.catch(() => this.#series.delete(study));
    return list;
  }
}
