import type { Patient, PatientIdentifier } from '../clinical/contract.ts';
import { personInScope } from '../clinical/person-scope.ts';
import { FilmlessError } from '../errors.ts';
import type { AccessScope } from '../security/contract.ts';
import type { ApiServices } from './services.ts';

type Stores = Pick<ApiServices, 'query' | 'patients'>;

/** Whether somebody may see a person: by who he is, else because one of his studies is in the scope. */
export async function seesPerson(
  { query }: Pick<Stores, 'query'>,
  identifiers: readonly PatientIdentifier[],
  scope: AccessScope,
): Promise<boolean> {
  const verdict = personInScope(scope, identifiers);
  if (verdict !== 'ask') return verdict === 'yes';
  for (const { id, issuer } of identifiers) {
    // A number with wildcards in it would find others.
    if (id === '' || /[*?\\]/.test(id)) continue;
    const { items } = await query.studies({ patientId: id, limit: 50, offset: 0, scope });
    if (items.some((study) => study.PatientID === id && study.IssuerOfPatientID === issuer)) return true;
  }
  return false;
}

/** The person with this identifier, if he may be seen. @throws NOT_FOUND */
export async function requirePerson(
  stores: Stores,
  identifier: PatientIdentifier,
  scope: AccessScope,
): Promise<Patient> {
  const person = await stores.patients.find(identifier);
  if (!person || !(await seesPerson(stores, person.identifiers, scope)))
    throw new FilmlessError('NOT_FOUND', 'there is no such person in the register');
  return person;
}

/** The very document, merged or not, if he and whoever he was merged into may be seen. @throws NOT_FOUND */
export async function requirePersonByKey(stores: Stores, key: string, scope: AccessScope): Promise<Patient> {
  const person = await stores.patients.get(key);
  const [first] = person?.identifiers ?? [];
  const now = first && (await stores.patients.find(first));
  const identifiers = [...(person?.identifiers ?? []), ...(now?.identifiers ?? [])];
  if (!person || !(await seesPerson(stores, identifiers, scope)))
    throw new FilmlessError('NOT_FOUND', 'there is no such person in the register');
  return person;
}
