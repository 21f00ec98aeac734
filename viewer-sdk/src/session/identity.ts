import { type JsonDataset, text } from '../dicom/json.ts';
import { ViewerError } from '../errors.ts';
import type { StudySummary } from './summaries.ts';

/** Whether two patient IDs name the same patient: equal but for the padding that DICOM allows. @dicom PS3.5 6.2 */
export function samePatient(a: string, b: string): boolean {
  return a.trim() === b.trim();
}

/** @throws ViewerError VIEWER_PATIENT_MISMATCH when a study found is another patient's than the page expects */
export function checkStudyPatient(study: StudySummary, patient: string | undefined): void {
  if (patient !== undefined && !samePatient(study.patientId, patient)) throw new ViewerError('VIEWER_PATIENT_MISMATCH');
}

/**
 * Checks that an instance is what it was asked for as: nothing is shown before.
 * @throws ViewerError VIEWER_PATIENT_MISMATCH, VIEWER_IDENTITY_MISMATCH
 */
export function checkInstance(
  dataset: JsonDataset,
  expected: { study: string; series: string; patient: string | undefined },
): void {
  if (text(dataset, 'StudyInstanceUID') !== expected.study)
    throw new ViewerError('VIEWER_IDENTITY_MISMATCH', 'StudyInstanceUID');
  if (text(dataset, 'SeriesInstanceUID') !== expected.series)
    throw new ViewerError('VIEWER_IDENTITY_MISMATCH', 'SeriesInstanceUID');
  if (expected.patient !== undefined && !samePatient(text(dataset, 'PatientID') ?? '', expected.patient)) {
    throw new ViewerError('VIEWER_PATIENT_MISMATCH');
  }
}
