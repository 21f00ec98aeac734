import { scopeCondition } from '../query/scope.ts';
import type { AccessScope } from '../security/contract.ts';

/**
 * SQL for whether a person may be seen: by his identifiers, else because one of his studies is in the scope. Says what `personInScope` and the studies
 * say together; its parameters are `scopeParameters`. `identifiers`: a SELECT of columns id and issuer.
 */
export function personCondition(scope: AccessScope, identifiers: string): string {
  const { yes, ask } = verdict(scope, identifiers, 'scope');
  if (ask === '0') return yes;
  return `(${yes} OR (${ask} AND EXISTS (
    SELECT 1 FROM (${identifiers}) AS own JOIN study AS st ON st.PatientID = own.id AND st.IssuerOfPatientID = own.issuer
    WHERE own.id <> '' AND ${scopeCondition(scope, 'st')})))`;
}

/** Whether identifiers alone tell who may be seen, whatever images there are. */
export function isAboutPersons(scope: AccessScope): boolean {
  return verdict(scope, 'SELECT NULL AS id, NULL AS issuer', 'scope').ask === '0';
}

/** SQL that holds when the identifiers let the person in, and one that holds when (or else) his studies have to tell. */
function verdict(scope: AccessScope, identifiers: string, path: string): { yes: string; ask: string } {
  const some = (condition: string) =>
    `EXISTS (SELECT 1 FROM (${identifiers}) AS own WHERE own.id <> '' AND ${condition})`;
  const listed = `own.id IN (SELECT value FROM json_each($${path}))`;
  switch (scope.kind) {
    case 'all':
      return { yes: '1', ask: '0' };
    case 'none':
      return { yes: '0', ask: '0' };
    case 'patient': {
      const issuer = scope.issuerOfPatientId === undefined ? '' : ` AND own.issuer = $${path}Issuer`;
      return { yes: some(`own.id = $${path}${issuer}`), ask: '0' };
    }
    case 'patients':
      return { yes: some(listed), ask: '0' };
    case 'except-patients':
      return { yes: `NOT ${some(listed)}`, ask: '0' };
    case 'studies':
    case 'accession':
    case 'departments':
      return { yes: '0', ask: '1' };
    case 'any-of': {
      const parts = scope.scopes.map((one, index) => verdict(one, identifiers, `${path}_${index}`));
      return { yes: either(parts.map(({ yes }) => yes)), ask: either(parts.map(({ ask }) => ask)) };
    }
    case 'all-of': {
      const parts = scope.scopes.map((one, index) => verdict(one, identifiers, `${path}_${index}`));
      const ask = parts.every((part) => part.ask === '0')
        ? '0'
        : both(parts.map((part) => either([part.yes, part.ask])));
      return { yes: both(parts.map(({ yes }) => yes)), ask };
    }
  }
}

function either(conditions: readonly string[]): string {
  if (conditions.includes('1')) return '1';
  const some = conditions.filter((one) => one !== '0');
  return some.length === 0 ? '0' : `(${some.join(' OR ')})`;
}

function both(conditions: readonly string[]): string {
  if (conditions.includes('0')) return '0';
  const some = conditions.filter((one) => one !== '1');
  return some.length === 0 ? '1' : `(${some.join(' AND ')})`;
}
