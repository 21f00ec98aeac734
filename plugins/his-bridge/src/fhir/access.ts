import type { AccessScope, PatientIdentifier } from '@filmless/core/plugin';

const isOne = (one: PatientIdentifier, id: string, issuer?: string): boolean =>
  id.trim() !== '' && one.id === id.trim() && (issuer === undefined || one.issuer === issuer.trim());

/** Rows of both. */
export const within = (scope: AccessScope, other: AccessScope): AccessScope => ({
  kind: 'all-of',
  scopes: [scope, other],
});

/** Rows of the person with any of these identifiers. */
export function ofPerson(identifiers: readonly PatientIdentifier[]): AccessScope {
  const scopes = identifiers.map(
    ({ id, issuer }) => ({ kind: 'patient', patientId: id, issuerOfPatientId: issuer }) as const,
  );
  return { kind: 'any-of', scopes };
}

/** The scope lets this person in whatever is stored of him: what follows from his identifiers alone. */
export function coversPerson(scope: AccessScope, identifiers: readonly PatientIdentifier[]): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'patient':
      return identifiers.some((one) => isOne(one, scope.patientId, scope.issuerOfPatientId));
    case 'patients':
      return identifiers.some((one) => scope.patientIds.some((id) => isOne(one, id)));
    case 'except-patients':
      return !identifiers.some((one) => scope.patientIds.some((id) => isOne(one, id)));
    case 'any-of':
      return scope.scopes.some((one) => coversPerson(one, identifiers));
    case 'all-of':
      return scope.scopes.every((one) => coversPerson(one, identifiers));
    default:
      return false;
  }
}

/** The scope keeps this person out, under whichever of his identifiers. */
export function shutsOut(scope: AccessScope, identifiers: readonly PatientIdentifier[]): boolean {
  switch (scope.kind) {
    case 'none':
      return true;
    case 'except-patients':
      return !coversPerson(scope, identifiers);
    case 'any-of':
      return scope.scopes.every((one) => shutsOut(one, identifiers));
    case 'all-of':
      return scope.scopes.some((one) => shutsOut(one, identifiers));
    default:
      return false;
  }
}
