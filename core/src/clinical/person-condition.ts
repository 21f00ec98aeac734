import { scopeCondition } from '../query/scope.ts';
import type { AccessScope } from '../security/contract.ts';

/** How rows are told by identifiers of the person they are about, in SQL that does not depend on the row, so that it is worked out once. */
export interface PersonRows {
  /** Of whom one identifier is as `match` says, given names of columns. */
  having(match: (id: string, issuer: string) => string): string;
  /** Of whom a study `st` is as the condition says. */
  studied(condition: string): string;
}

/** Rows of `person AS p`. */
export const PERSONS: PersonRows = {
  having: (match) =>
    `p.key IN (SELECT own.person FROM person_number AS own WHERE own.id <> '' AND ${match('own.id', 'own.issuer')})`,
  studied: (condition) =>
    `p.key IN (SELECT own.person FROM study AS st CROSS JOIN person_number AS own
      ON own.id = st.PatientID AND own.issuer = st.IssuerOfPatientID WHERE st.PatientID <> '' AND ${condition})`,
};

/** From an identifier `own` of a person as he is now to those by which orders name him, of persons merged into him too. */
const AS_NAMED = `JOIN person AS p ON p.current = own.person JOIN person_number AS named ON named.person = p.key`;

/** Rows of `clinical_order AS o`: about the person as the order names him, and as he is known now. */
export const ORDERS: PersonRows = {
  having: (match) =>
    `((o.patientId <> '' AND ${match('o.patientId', 'o.issuer')}) OR (o.patientId, o.issuer) IN (
      SELECT named.id, named.issuer FROM person_number AS own ${AS_NAMED}
      WHERE own.id <> '' AND ${match('own.id', 'own.issuer')}))`,
  studied: (condition) =>
    `(o.patientId, o.issuer) IN (
      SELECT st.PatientID, st.IssuerOfPatientID FROM study AS st WHERE st.PatientID <> '' AND ${condition} UNION ALL
      SELECT named.id, named.issuer FROM study AS st CROSS JOIN person_number AS own
        ON own.id = st.PatientID AND own.issuer = st.IssuerOfPatientID ${AS_NAMED}
      WHERE st.PatientID <> '' AND ${condition})`,
};

/**
 * SQL for whether a row may be seen: by the person's identifiers, else because one of his studies is in the scope. Says what `personInScope` and the
 * studies say together; its parameters are `scopeParameters`.
 */
export function personCondition(scope: AccessScope, rows: PersonRows): string {
  const { yes, ask } = verdict(scope, rows, 'scope');
  return ask === '0' ? yes : `(${yes} OR (${ask} AND ${rows.studied(scopeCondition(scope, 'st'))}))`;
}

/** Whether identifiers alone tell who may be seen, whatever images there are. */
export function isAboutPersons(scope: AccessScope): boolean {
  return verdict(scope, PERSONS, 'scope').ask === '0';
}

/** SQL that holds when the identifiers let the person in, and one that holds when (or else) his studies have to tell. */
function verdict(scope: AccessScope, rows: PersonRows, path: string): { yes: string; ask: string } {
  const listed = () => rows.having((id) => `${id} IN (SELECT value FROM json_each($${path}))`);
  switch (scope.kind) {
    case 'all':
      return { yes: '1', ask: '0' };
    case 'none':
      return { yes: '0', ask: '0' };
    case 'patient': {
      const ofIssuer = (issuer: string) =>
        scope.issuerOfPatientId === undefined ? '' : ` AND ${issuer} = $${path}Issuer`;
      return { yes: rows.having((id, issuer) => `${id} = $${path}${ofIssuer(issuer)}`), ask: '0' };
    }
    case 'patients':
      return { yes: listed(), ask: '0' };
    case 'except-patients':
      return { yes: `NOT ${listed()}`, ask: '0' };
    case 'studies':
    case 'accession':
    case 'departments':
      return { yes: '0', ask: '1' };
    case 'any-of': {
      const parts = scope.scopes.map((one, index) => verdict(one, rows, `${path}_${index}`));
      return { yes: either(parts.map(({ yes }) => yes)), ask: either(parts.map(({ ask }) => ask)) };
    }
    case 'all-of': {
      const parts = scope.scopes.map((one, index) => verdict(one, rows, `${path}_${index}`));
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
