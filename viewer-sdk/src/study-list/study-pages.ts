import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { samePatient } from '../session/identity.ts';
import { compareStudies, distinct, readStudy, type StudySummary } from '../session/summaries.ts';

/** What to list; empty means any. Dates are DA. */
export interface StudyFilter {
  readonly patient: string;
  readonly accession: string;
  /** Modalities; a study with one of them is listed. */
  readonly modalities: readonly string[];
  readonly from: string;
  readonly to: string;
  /** What was typed: a name, or the beginning of an ID or an accession number. */
  readonly text: string;
}

const PAGE = 100;
const FIELDS = 'InstitutionalDepartmentName,PatientAge,ReferringPhysicianName';

/** One of the searches that a filter is made of: QIDO knows no "or". */
interface Search {
  readonly query: Readonly<Record<string, string>>;
  offset: number;
  done: boolean;
}

/** Fetches the studies of a filter page by page, as the server orders them. @dicom PS3.18 8.3.4.4 */
export class StudyPages {
  readonly #client: DicomWebClient;
  readonly #filter: StudyFilter;
  readonly #searches: Search[];
  readonly #seen = new Set<string>();

  constructor(client: DicomWebClient, filter: StudyFilter) {
    this.#client = client;
    this.#filter = filter;
    this.#searches = queriesOf(filter).map((query) => ({ query, offset: 0, done: false }));
  }

  /** Whether the server may have more. */
  get more(): boolean {
    return this.#searches.some(({ done }) => !done);
  }

  /** The next studies, none of them twice; newest first among themselves. */
  async next(signal: AbortSignal): Promise<StudySummary[]> {
    const answers = await Promise.all(
      this.#searches.filter(({ done }) => !done).map((search) => this.#page(search, signal)),
    );
    const fresh = distinct(answers.flat(), ({ StudyInstanceUID }) => StudyInstanceUID).filter(
      (study) => !this.#seen.has(study.StudyInstanceUID) && this.#wanted(study),
    );
    for (const { StudyInstanceUID } of fresh) this.#seen.add(StudyInstanceUID);
    return fresh.sort(compareStudies);
  }

  async #page(search: Search, signal: AbortSignal): Promise<StudySummary[]> {
    const page = { limit: String(PAGE), offset: String(search.offset), includefield: FIELDS };
    const datasets = await this.#client.searchStudies({ ...search.query, ...page }, { signal });
    search.offset += datasets.length;
    const studies = datasets.map(readStudy).filter((study) => study !== undefined);
    // A server that ignores the offset sends the same again: it has no more to say.
    const fresh = studies.some(({ StudyInstanceUID }) => !this.#seen.has(StudyInstanceUID));
    search.done = datasets.length < PAGE || !fresh;
    return studies;
  }

  /** A server that ignores a key answers with others' studies, too. */
  #wanted(study: StudySummary): boolean {
    const { patient, accession, modalities } = this.#filter;
    if (patient !== '' && !samePatient(study.patientId, patient)) return false;
    if (accession !== '' && study.accessionNumber !== accession) return false;
    return (
      modalities.length === 0 ||
      study.modalities.length === 0 ||
      modalities.some((each) => study.modalities.includes(each))
    );
  }
}

function queriesOf(filter: StudyFilter): Record<string, string>[] {
  const { patient, accession, modalities, from, to } = filter;
  // Wildcards belong to us: a typed one would ask for something else than it says.
  const typed = filter.text.replaceAll(/[*?\\]/g, ' ').trim();
  const fixed: Record<string, string> = {
    ...(patient === '' ? {} : { PatientID: patient }),
    ...(accession === '' ? {} : { AccessionNumber: accession }),
    ...(from === '' && to === '' ? {} : { StudyDate: from === to ? from : `${from}-${to}` }),
  };
  const byModality = modalities.length === 0 ? [{}] : modalities.map((ModalitiesInStudy) => ({ ModalitiesInStudy }));
  return byModality.flatMap((modality) =>
    textQueries(typed, fixed).map((query) => ({ ...fixed, ...modality, ...query })),
  );
}

function textQueries(typed: string, fixed: Readonly<Record<string, string>>): Record<string, string>[] {
  if (typed === '') return [{}];
  const byName = { PatientName: `*${typed}*`, fuzzymatching: 'true' };
  // Whoever types characters means a name or an exam.
  if (/\p{Script=Han}/u.test(typed)) return [byName, { StudyDescription: `*${typed}*` }];
  const beginnings = ['PatientID', 'AccessionNumber'].filter((key) => !(key in fixed));
  return [...(/\d/.test(typed) ? [] : [byName]), ...beginnings.map((key) => ({ [key]: `${typed}*` }))];
}
