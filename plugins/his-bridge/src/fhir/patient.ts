import type { HttpReply, HttpRequest } from '@filmless/core/plugin';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { baseOf, type Fhir, patientIdentifier } from './context.ts';
import { fhirDate, fhirInstant, matchesDate } from './dates.ts';
import { humanNames } from './names.ts';
import { FhirError, notFound } from './outcome.ts';
import { People, type Person } from './people.ts';
import { contentVersion } from './reply.ts';
import { pageOf, Search, searchset, token } from './search.ts';

const GENDERS: Readonly<Record<string, Patient['gender']>> = { M: 'male', F: 'female', O: 'other' };

export const PATIENT_PARAMETERS = ['_id', '_lastUpdated', 'identifier', 'name', 'birthdate', 'gender'] as const;

/** Criteria that are compared with the finished resource. */
const NOT_INDEXED = ['_id', '_lastUpdated', 'identifier', 'birthdate', 'gender'] as const;

function toPatient(fhir: Fhir, person: Person, id: string): Patient {
  const { identifiers, name, sex, birthDate, updatedAt } = person;
  const [date, names, lastUpdated] = [fhirDate(birthDate), humanNames(name), fhirInstant(updatedAt)];
  const patient: Patient = {
    resourceType: 'Patient',
    id,
    identifier: identifiers.map((one) => patientIdentifier(fhir, one)),
    active: true,
    ...(names.length > 0 ? { name: names } : {}),
    gender: GENDERS[sex] ?? 'unknown',
    ...(date ? { birthDate: date } : {}),
  };
  return withMeta(patient, lastUpdated);
}

function withMeta(patient: Patient, lastUpdated: string | undefined): Patient {
  return { ...patient, meta: { versionId: contentVersion(patient), ...(lastUpdated ? { lastUpdated } : {}) } };
}

/** One that was merged says into whom. */
export async function readPatient(
  fhir: Fhir,
  request: HttpRequest,
  id: string,
): Promise<{ resource: Patient; told: HttpReply['audit'] }> {
  const people = new People(fhir, request.scope);
  const found = await people.byId(id);
  if (!found) throw notFound();
  const { asked, person } = found;
  const told = { action: 'open', patientId: asked.id } as const;
  const now = await people.idOf(person);
  if (now === id) return { resource: toPatient(fhir, person, id), told };
  const own = person.identifiers.some((one) => one.id === asked.id && one.issuer === asked.issuer);
  const other = { reference: `Patient/${now}` };
  if (own) {
    const { meta, ...rest } = toPatient(fhir, person, id);
    return { resource: withMeta({ ...rest, link: [{ other, type: 'seealso' }] }, meta?.lastUpdated), told };
  }
  const merged: Patient = {
    resourceType: 'Patient',
    id,
    identifier: [patientIdentifier(fhir, asked)],
    active: false,
    link: [{ other, type: 'replaced-by' }],
  };
  return { resource: withMeta(merged, fhirInstant(person.updatedAt)), told };
}

export async function searchPatients(fhir: Fhir, request: HttpRequest): Promise<Bundle> {
  const search = await Search.of(request, PATIENT_PARAMETERS);
  const people = new People(fhir, request.scope);
  const names = search.all('name');
  // Everybody, or by name: paged and counted in the index, however many they are.
  if (!search.has(...NOT_INDEXED) && names.every((values) => values.length === 1)) {
    const { countOnly, count, offset } = search;
    const page = { limit: countOnly ? 0 : count, offset, scope: request.scope };
    const { total, items } = await fhir.services.patients.everyone({ name: names.flat().join(' '), ...page });
    const persons = (await Promise.all(items.map((one) => people.find(one)))).filter((one) => one !== undefined);
    const resources = await Promise.all(persons.map(async (one) => toPatient(fhir, one, await people.idOf(one))));
    return searchset(baseOf(request), 'Patient', search, { total, resources });
  }
  const patients = await Promise.all(
    (await candidates(people, search)).map(async (person) => toPatient(fhir, person, await people.idOf(person))),
  );
  const found = patients.filter((patient) => matches(patient, search));
  return searchset(baseOf(request), 'Patient', search, { total: found.length, resources: pageOf(found, search) });
}

/** The narrowest criterion that was given finds them, the others sort out; what every criterion finds must be found by all of it. */
async function candidates(people: People, search: Search): Promise<Person[]> {
  const sets: Person[][] = [];
  for (const values of search.all('_id')) {
    const found = await Promise.all(values.map((id) => people.byId(id)));
    sets.push(found.flatMap((one) => (one ? [one.person] : [])));
  }
  for (const values of search.all('identifier'))
    sets.push((await Promise.all(values.map((text) => people.withToken(token(text))))).flat());
  for (const values of search.all('name'))
    sets.push((await Promise.all(values.map((text) => people.named(text)))).flat());
  if (sets.length === 0) sets.push(await people.gather('', {}));
  const [first = [], ...others] = await Promise.all(sets.map((set) => byId(people, set)));
  const [smallest, ...rest] = [new Map(first), ...others.map((one) => new Map(one))].sort((a, b) => a.size - b.size);
  return [...(smallest ?? [])].filter(([id]) => rest.every((one) => one.has(id))).map(([, person]) => person);
}

async function byId(people: People, set: readonly Person[]): Promise<[string, Person][]> {
  const named = await Promise.all(
    set.map(async (person): Promise<[string, Person]> => [await people.idOf(person), person]),
  );
  return named.sort(([one], [other]) => (one < other ? -1 : 1));
}

function matches(patient: Patient, search: Search): boolean {
  for (const values of search.all('gender')) {
    const wanted = values.map((text) => token(text).value);
    if (wanted.some((value) => !['male', 'female', 'other', 'unknown'].includes(value)))
      throw new FhirError(400, 'value', 'gender: male, female, other or unknown');
    if (!wanted.includes(patient.gender ?? 'unknown')) return false;
  }
  return (
    search.dates('birthdate').every((any) => any.some((one) => matchesDate(patient.birthDate, one))) &&
    search.dates('_lastUpdated').every((any) => any.some((one) => matchesDate(patient.meta?.lastUpdated, one)))
  );
}
