import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { patientDifference, sameNameAndBirthDate } from '../compare/same-patient.ts';
import { type JsonDataset, text, texts } from '../dicom/json.ts';
import { ViewerError } from '../errors.ts';
import { samePatient } from '../session/identity.ts';
import { compareStudies, distinct, readStudy, type StudySummary } from '../session/summaries.ts';

/** Asked for at once; a patient with more has them fetched piece by piece. */
const PAGE = 200;
/** A server that ignores the offset would answer for ever. */
const MOST_PAGES = 25;
const FIELDS = 'InstitutionalDepartmentName,IssuerOfPatientID,OtherPatientIDs';

/** Whose studies are wanted. With a study, its own data set says who the patient is. */
export interface PatientQuery {
  readonly patient: string | undefined;
  readonly study: string | undefined;
}

/**
 * All studies of one patient that the server lets this user see, newest first.
 * Studies under other Patient IDs are in it only where the server answers with them and they name this ID as one of their own.
 * @throws ViewerError VIEWER_STUDY_NOT_FOUND, VIEWER_PATIENT_MISMATCH, VIEWER_AMBIGUOUS when the ID belongs to several patients, and the client's
 */
export async function findPatientStudies(
  client: DicomWebClient,
  { patient, study }: PatientQuery,
  signal: AbortSignal,
): Promise<StudySummary[]> {
  const current = study === undefined ? undefined : await findStudy(client, study, signal);
  const id = patient ?? current?.patientId ?? '';
  if (current && !samePatient(current.patientId, id)) throw new ViewerError('VIEWER_PATIENT_MISMATCH');
  if (id === '') return current ? [current] : [];
  const found = distinct(await searchAll(client, id, signal), ({ StudyInstanceUID }) => StudyInstanceUID);
  const own = found.filter(({ dataset, patientId }) => samePatient(patientId, id) || namesId(dataset, id));
  const [reference] = current ? [current] : own.filter(({ patientId }) => samePatient(patientId, id));
  if (!reference) throw new ViewerError('VIEWER_STUDY_NOT_FOUND');
  const ofPatient = own.filter((each) => isSamePerson(reference.dataset, each.dataset));
  // Without a study that says who is meant, one ID of two patients names neither.
  if (!current && ofPatient.length < own.length) throw new ViewerError('VIEWER_AMBIGUOUS');
  return ofPatient.sort(compareStudies);
}

async function findStudy(client: DicomWebClient, study: string, signal: AbortSignal): Promise<StudySummary> {
  const datasets = await client.searchStudies({ StudyInstanceUID: study, includefield: FIELDS }, { signal });
  const found = datasets.map(readStudy).find((each) => each?.StudyInstanceUID === study);
  if (!found) throw new ViewerError('VIEWER_STUDY_NOT_FOUND');
  return found;
}

async function searchAll(client: DicomWebClient, id: string, signal: AbortSignal): Promise<StudySummary[]> {
  const studies: StudySummary[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { PatientID: id, includefield: FIELDS, limit: String(PAGE), offset: String(page * PAGE) };
    const datasets = await client.searchStudies(query, { signal });
    studies.push(...datasets.map(readStudy).filter((study) => study !== undefined));
    if (datasets.length < PAGE) break;
  }
  return studies;
}

function namesId(dataset: JsonDataset, id: string): boolean {
  return texts(dataset, 'OtherPatientIDs').some((other) => samePatient(other, id));
}

/** As strict as a comparison. A study under another ID that names this one among its own needs name and birth date that agree. */
function isSamePerson(reference: JsonDataset, dataset: JsonDataset): boolean {
  const difference = patientDifference(reference, dataset);
  if (difference !== 'id') return difference === undefined;
  return namesId(dataset, text(reference, 'PatientID') ?? '') && sameNameAndBirthDate(reference, dataset);
}
