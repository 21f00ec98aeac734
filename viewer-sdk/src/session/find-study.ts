import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { ViewerError } from '../errors.ts';
import { checkStudyPatient, samePatient } from './identity.ts';
import { compareStudies, readStudy, type StudySummary } from './summaries.ts';
import type { Target } from './target.ts';

/**
 * The studies that a target names, the one to open first. All of one patient: an accession number that two patients share opens nothing.
 * @throws ViewerError VIEWER_STUDY_NOT_FOUND, VIEWER_AMBIGUOUS, VIEWER_PATIENT_MISMATCH and the client's
 */
export async function findStudies(
  client: DicomWebClient,
  target: Target,
  signal: AbortSignal,
): Promise<readonly [StudySummary, ...StudySummary[]]> {
  const query = targetQuery(target);
  const datasets = await client.searchStudies(query, { signal });
  let studies = datasets
    .map(readStudy)
    .filter((study) => study !== undefined)
    // A server that ignores the key would answer with every study it has.
    .filter((study) => target.study === undefined || study.StudyInstanceUID === target.study)
    .sort(compareStudies);
  const { patient } = target;
  if (patient !== undefined && studies.length > 1) {
    const own = studies.filter((study) => samePatient(study.patientId, patient));
    if (own.length > 0) studies = own;
  }
  const [first, ...others] = studies;
  if (!first) throw new ViewerError('VIEWER_STUDY_NOT_FOUND');
  checkStudyPatient(first, patient);
  if (others.some((study) => !samePatient(study.patientId, first.patientId))) throw new ViewerError('VIEWER_AMBIGUOUS');
  return [first, ...others];
}

function targetQuery(target: Target): Record<string, string> {
  if (target.study !== undefined) return { StudyInstanceUID: target.study };
  if (target.accession !== undefined) return { AccessionNumber: target.accession };
  return { PatientID: target.patient ?? '', limit: '50' };
}
