import type { AccessScope, Identity } from './contract.ts';

/** What a scope looks at in a study, or in a header on its way in. */
export interface ScopeFacts {
  StudyInstanceUID: string;
  PatientID: string;
  IssuerOfPatientID?: string;
  AccessionNumber?: string;
  department?: string;
}

export const EVERYTHING: AccessScope = { kind: 'all' };
export const NOTHING: AccessScope = { kind: 'none' };

/** Rows of any of the scopes. */
export function anyOf(scopes: readonly AccessScope[]): AccessScope {
  if (scopes.some(({ kind }) => kind === 'all')) return EVERYTHING;
  const some = scopes.filter(({ kind }) => kind !== 'none');
  const [only] = some;
  if (only === undefined) return NOTHING;
  return some.length === 1 ? only : { kind: 'any-of', scopes: some };
}

/** Rows of all of the scopes. */
export function allOf(scopes: readonly AccessScope[]): AccessScope {
  if (scopes.some(({ kind }) => kind === 'none')) return NOTHING;
  const some = scopes.filter(({ kind }) => kind !== 'all');
  const [only] = some;
  if (only === undefined) return EVERYTHING;
  return some.length === 1 ? only : { kind: 'all-of', scopes: some };
}

/** The same decision as the SQL of query/scope.ts, for what is not in the index: events, and instances on their way in. */
export function scopeCovers(scope: AccessScope, facts: ScopeFacts): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'studies':
      return scope.studyInstanceUids.includes(facts.StudyInstanceUID);
    case 'patient':
      return (
        isPatient(facts, scope.patientId) &&
        (scope.issuerOfPatientId === undefined || scope.issuerOfPatientId.trim() === (facts.IssuerOfPatientID ?? ''))
      );
    case 'patients':
      return scope.patientIds.some((patientId) => isPatient(facts, patientId));
    case 'accession':
      return scope.accessionNumber.trim() !== '' && scope.accessionNumber.trim() === (facts.AccessionNumber ?? '');
    case 'departments':
      return scope.departments.includes(facts.department ?? '') && (facts.department ?? '') !== '';
    case 'except-patients':
      return !scope.patientIds.some((patientId) => isPatient(facts, patientId));
    case 'any-of':
      return scope.scopes.some((one) => scopeCovers(one, facts));
    case 'all-of':
      return scope.scopes.every((one) => scopeCovers(one, facts));
  }
}

/** Rows whose reports may be seen: those of the scope, unless a link shares images alone. */
export function scopeForReports({
  identity,
  scope,
}: {
  identity: Pick<Identity, 'withoutReports'> | undefined;
  scope: AccessScope;
}): AccessScope {
  return identity?.withoutReports ? NOTHING : scope;
}

/** An empty Patient ID is nobody's. */
function isPatient(facts: ScopeFacts, patientId: string): boolean {
  return patientId.trim() !== '' && patientId.trim() === facts.PatientID.trim();
}

/** What goes with instances that somebody brings: the rows he may bring, and his department, which they become part of. */
export function sourceLimits({ limit }: Pick<Identity, 'limit'>): { limit?: AccessScope; department?: string } {
  if (!limit) return {};
  const department = departmentOf(limit);
  return { limit, ...(department === undefined ? {} : { department }) };
}

function departmentOf(limit: AccessScope): string | undefined {
  if (limit.kind === 'departments') return limit.departments[0];
  return limit.kind === 'any-of' ? limit.scopes.map(departmentOf).find((one) => one !== undefined) : undefined;
}
