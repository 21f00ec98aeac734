import type { AccessScope } from '../security/contract.ts';
import type { SqlParameters } from './statements.ts';

/** SQL condition on a study row; its parameters are {@link scopeParameters}. Part of every read. */
export function scopeCondition(scope: AccessScope, study: string): string {
  switch (scope.kind) {
    case 'all':
      return '1';
    case 'none':
      return '0';
    case 'studies':
      return `${study}.StudyInstanceUID IN (SELECT value FROM json_each($scopeStudies))`;
    case 'patient':
      // Studies without a Patient ID belong to nobody known: an empty ID opens none of them.
      return `(${study}.PatientID = $scopePatient AND ${study}.PatientID <> '')`;
  }
}

export function scopeParameters(scope: AccessScope): SqlParameters {
  if (scope.kind === 'studies') return { scopeStudies: JSON.stringify(scope.studyInstanceUids) };
  return scope.kind === 'patient' ? { scopePatient: scope.patientId.trim() } : {};
}

/** The index that finds the few studies of a scope; undefined when it is all of them. */
export function scopeIndex(scope: AccessScope): string | undefined {
  if (scope.kind === 'studies') return 'study_uid';
  return scope.kind === 'patient' ? 'study_patient_id' : undefined;
}
