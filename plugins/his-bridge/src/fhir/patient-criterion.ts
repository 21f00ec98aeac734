import type { PatientIdentifier } from '@filmless/core/plugin';
import { type Fhir, issuerOf } from './context.ts';
import type { People } from './people.ts';
import { referencedId, type Search, token } from './search.ts';

export const PATIENT_CRITERIA = ['patient', 'subject', 'patient.identifier', 'subject.identifier'] as const;

/** Whose resources are wanted: of each parameter the identifiers that fit; all of the lists must fit. */
export async function patientCriteria(
  fhir: Fhir,
  people: People,
  search: Search,
  base: string,
): Promise<PatientIdentifier[][]> {
  const byReference = ['patient', 'subject']
    .flatMap((name) => search.all(name))
    .map(async (values) => {
      const found = await Promise.all(
        values.map(async (text) => {
          const id = referencedId(text, 'Patient', base);
          const pair = id === undefined ? undefined : await fhir.ids.decode(id);
          return pair ? people.identifiersOf({ id: pair[1], issuer: pair[0] }) : [];
        }),
      );
      return found.flat();
    });
  const byIdentifier = ['patient.identifier', 'subject.identifier']
    .flatMap((name) => search.all(name))
    .map(async (values) => {
      const found = await Promise.all(
        values.map(async (text) => {
          const wanted = token(text);
          if (wanted.value === '') return [];
          const issuer = wanted.system === undefined ? undefined : issuerOf(fhir, wanted.system);
          if (issuer !== undefined) return people.identifiersOf({ id: wanted.value, issuer });
          return (await people.withToken(wanted)).flatMap(({ identifiers }) => identifiers);
        }),
      );
      return found.flat();
    });
  return Promise.all([...byReference, ...byIdentifier]);
}

export const isAmong = (list: readonly PatientIdentifier[], { id, issuer }: PatientIdentifier): boolean =>
  list.some((one) => one.id === id && one.issuer === issuer);
