import type { AccessScope } from '../security/contract.ts';
import type { PatientIdentifier } from './contract.ts';

/** Whether the rows of a scope are about a person; `ask` when only his studies tell. */
export type PersonVerdict = 'yes' | 'no' | 'ask';

/** The same decision as `scopeCovers`, for a person who may have several identifiers and no images. A restricted identifier hides the whole person. */
export function personInScope(scope: AccessScope, identifiers: readonly PatientIdentifier[]): PersonVerdict {
  const among = (ids: readonly string[]) =>
    identifiers.some(({ id }) => id.trim() !== '' && ids.some((one) => one.trim() === id.trim()));
  switch (scope.kind) {
    case 'all':
      return 'yes';
    case 'none':
      return 'no';
    case 'patient': {
      const { patientId, issuerOfPatientId: issuer } = scope;
      const ofIssuer = identifiers.filter((one) => issuer === undefined || one.issuer.trim() === issuer.trim());
      return ofIssuer.some(({ id }) => id.trim() !== '' && id.trim() === patientId.trim()) ? 'yes' : 'no';
    }
    case 'patients':
      return among(scope.patientIds) ? 'yes' : 'no';
    case 'except-patients':
      return among(scope.patientIds) ? 'no' : 'yes';
    case 'studies':
    case 'accession':
    case 'departments':
      return 'ask';
    case 'any-of':
      return together(scope.scopes, identifiers, 'yes', 'no');
    case 'all-of':
      return together(scope.scopes, identifiers, 'no', 'yes');
  }
}

/** One that `decides` is enough; all have to say `else_`. */
function together(
  scopes: readonly AccessScope[],
  identifiers: readonly PatientIdentifier[],
  decides: 'yes' | 'no',
  otherwise: 'yes' | 'no',
): PersonVerdict {
  const verdicts = scopes.map((scope) => personInScope(scope, identifiers));
  if (verdicts.includes(decides)) return decides;
  return verdicts.includes('ask') ? 'ask' : otherwise;
}
