import { type DicomJson, ERRORS, type FilmlessError, type InstanceRecord } from '@filmless/core/plugin';
import { instancePath, studyPath } from '../context.ts';

/** What became of one instance of a store request. */
export type StoreOutcome =
  | { stored: true; record: InstanceRecord }
  | { stored: false; error: FilmlessError; SOPClassUID?: string; SOPInstanceUID?: string };

/** The Store Instances Response module. @dicom PS3.18 10.5.3, I.2 */
export function storeResponse(outcomes: readonly StoreOutcome[], base: string): DicomJson {
  const stored = outcomes.filter((outcome) => outcome.stored);
  const failed = outcomes.filter((outcome) => !outcome.stored);
  const named = failed.filter((outcome) => outcome.SOPInstanceUID !== undefined);
  const unnamed = failed.filter((outcome) => outcome.SOPInstanceUID === undefined);
  const response: DicomJson = {};
  const studies = new Set(stored.map((outcome) => outcome.record.StudyInstanceUID));
  // Retrieve URL of the study, where there is one study. @dicom PS3.18 Table I.2-1
  if (studies.size === 1)
    response['00081190'] = {
      vr: 'UR',
      Value: [...studies].map((StudyInstanceUID) => `${base}${studyPath({ StudyInstanceUID })}`),
    };
  if (named.length > 0) {
    response['00081198'] = {
      vr: 'SQ',
      Value: named.map(
        (outcome): DicomJson => ({
          '00081150': { vr: 'UI', ...(outcome.SOPClassUID === undefined ? {} : { Value: [outcome.SOPClassUID] }) },
          '00081155': { vr: 'UI', Value: [outcome.SOPInstanceUID ?? ''] },
          '00081197': { vr: 'US', Value: [outcome.error.dimseStatus] },
        }),
      ),
    };
  }
  if (stored.length > 0) {
    response['00081199'] = {
      vr: 'SQ',
      Value: stored.map(
        ({ record }): DicomJson => ({
          '00081150': { vr: 'UI', Value: [record.SOPClassUID] },
          '00081155': { vr: 'UI', Value: [record.SOPInstanceUID] },
          '00081190': { vr: 'UR', Value: [`${base}${instancePath(record)}`] },
        }),
      ),
    };
  }
  // What could not even be named. @dicom PS3.18 Table I.2-1 Other Failures Sequence
  if (unnamed.length > 0)
    response['0008119A'] = {
      vr: 'SQ',
      Value: unnamed.map((outcome): DicomJson => ({ '00081197': { vr: 'US', Value: [outcome.error.dimseStatus] } })),
    };
  return response;
}

/** 200 all stored, 202 some, 409 none; when nothing could be taken for want of space or readiness, that. @dicom PS3.18 Table 10.5.3-1 */
export function storeStatus(outcomes: readonly StoreOutcome[]): number {
  const failed = outcomes.filter((outcome) => !outcome.stored);
  if (failed.length === 0) return 200;
  if (failed.length < outcomes.length) return 202;
  const first = failed[0]!.error.code;
  const outOfResources = first === 'STORAGE_FULL' || first === 'UNAVAILABLE' || first === 'FORBIDDEN';
  return outOfResources && failed.every((outcome) => outcome.error.code === first) ? ERRORS[first].http : 409;
}
