import type { DicomWebClient } from '../client/dicomweb-client.ts';
import { ViewerError } from '../errors.ts';
import { checkStudyPatient, samePatient } from './identity.ts';
import { compareStudies, distinct, readStudy, type StudySummary } from './summaries.ts';
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
    .filter((study) => matches(study, target));
  const { patient } = target;
  if (patient !== undefined && studies.length > 1) {
    const own = studies.filter((study) => samePatient(study.patientId, patient));
    if (own.length > 0) studies = own;
  }
  for (const study of studies) checkStudyPatient(study, patient);
  if (studies.some((study) => !samePatient(study.patientId, studies[0]?.patientId ?? '')))
    throw new ViewerError('VIEWER_AMBIGUOUS');
  const [first, ...others] = distinct(studies, ({ StudyInstanceUID }) => StudyInstanceUID).sort(compareStudies);
  if (!first) throw new ViewerError('VIEWER_STUDY_NOT_FOUND');
  return [first, ...others];
}

/** A server that ignores a key answers with other studies, too; one that takes `*` for a wildcard with all it has. */
function matches(study: StudySummary, { study: uid, accession, patient }: Target): boolean {
  if (uid !== undefined) return study.StudyInstanceUID === uid;
  if (accession !== undefined) return study.accessionNumber === accession;
  return samePatient(study.patientId, patient ?? '');
}

function targetQuery(target: Target): Record<string, string> {
  if (target.study !== undefined) return { StudyInstanceUID: target.study };
  if (target.accession !== undefined) return { AccessionNumber: target.accession };
  return { PatientID: target.patient ?? '', limit: '50' };
}
