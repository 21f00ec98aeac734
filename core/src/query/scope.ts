import type { AccessScope } from '../security/contract.ts';
import type { SqlParameters } from './statements.ts';

/**
 * SQL condition on a study row; its parameters are {@link scopeParameters}. Part of every read. `path` tells the parts of a scope that is
 * made of others apart.
 */
export function scopeCondition(scope: AccessScope, study: string, path = 'scope'): string {
  const listed = (column: string) => `${study}.${column} IN (SELECT value FROM json_each($${path}))`;
  switch (scope.kind) {
    case 'all':
      return '1';
    case 'none':
      return '0';
    case 'studies':
      return listed('StudyInstanceUID');
    case 'patient': {
      // Studies without a Patient ID belong to nobody known: an empty ID opens none of them.
      const issuer = scope.issuerOfPatientId === undefined ? '' : ` AND ${study}.IssuerOfPatientID = $${path}Issuer`;
      return `(${study}.PatientID = $${path} AND ${study}.PatientID <> ''${issuer})`;
    }
    case 'patients':
      return `(${listed('PatientID')} AND ${study}.PatientID <> '')`;
    case 'accession':
      return `(${study}.AccessionNumber = $${path} AND ${study}.AccessionNumber <> '')`;
    case 'departments':
      return `(${listed('department')} AND ${study}.department <> '')`;
    case 'except-patients':
      return `NOT (${listed('PatientID')} AND ${study}.PatientID <> '')`;
    case 'any-of':
    case 'all-of': {
      const word = scope.kind === 'any-of' ? ' OR ' : ' AND ';
      const parts = scope.scopes.map((one, index) => scopeCondition(one, study, `${path}_${index}`));
      return parts.length === 0 ? (scope.kind === 'any-of' ? '0' : '1') : `(${parts.join(word)})`;
    }
  }
}

export function scopeParameters(scope: AccessScope, path = 'scope'): SqlParameters {
  switch (scope.kind) {
    case 'studies':
      return { [path]: JSON.stringify(scope.studyInstanceUids) };
    case 'patient':
      return {
        [path]: scope.patientId.trim(),
        ...(scope.issuerOfPatientId === undefined ? {} : { [`${path}Issuer`]: scope.issuerOfPatientId.trim() }),
      };
    case 'patients':
    case 'except-patients':
      return { [path]: JSON.stringify(scope.patientIds.map((patientId) => patientId.trim())) };
    case 'accession':
      return { [path]: scope.accessionNumber.trim() };
    case 'departments':
      return { [path]: JSON.stringify(scope.departments) };
    case 'any-of':
    case 'all-of':
      return Object.assign({}, ...scope.scopes.map((one, index) => scopeParameters(one, `${path}_${index}`)));
    default:
      return {};
  }
}

/** The index that finds the few studies of a scope; undefined when it may be many of them. */
export function scopeIndex(scope: AccessScope): string | undefined {
  switch (scope.kind) {
    case 'studies':
      return 'study_uid';
    case 'patient':
    case 'patients':
      return 'study_patient_id';
    case 'accession':
      return 'study_accession';
    case 'all-of':
      return scope.scopes.map(scopeIndex).find((index) => index !== undefined);
    default:
      return undefined;
  }
}
