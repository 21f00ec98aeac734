import {
  type AccessScope,
  type DicomJson,
  identifiersOf,
  type Patient,
  type PatientIdentifier,
  parsePersonName,
  type StudyRow,
} from '@filmless/core/plugin';
import type { Reference } from '@medplum/fhirtypes';
import { coversPerson, ofPerson, shutsOut, within } from './access.ts';
import { type Fhir, issuerOf, patientIdentifier } from './context.ts';
import { humanName } from './names.ts';
import { MOST_CANDIDATES, type Token, tooCostly } from './search.ts';

/** A person, from the register; from the images where the register does not know him. */
export interface Person {
  /** The first one names the resource. */
  identifiers: PatientIdentifier[];
  /** PN, component groups between `=`. */
  name: string;
  sex: string;
  /** DA */
  birthDate: string;
  location?: Patient['location'];
  updatedAt?: string;
}

const TAG = { name: '00100010', id: '00100020', issuer: '00100021' } as const;

/** Persons under a scope: who is outside is neither found nor counted. */
export class People {
  readonly #fhir: Fhir;
  readonly #scope: AccessScope;
  readonly #known = new Map<string, Promise<Person | undefined>>();
  readonly #identifiers = new Map<string, Promise<PatientIdentifier[]>>();

  constructor(fhir: Fhir, scope: AccessScope) {
    this.#fhir = fhir;
    this.#scope = scope;
  }

  /** Whoever has this identifier now; remembered while one request is answered. */
  find(identifier: PatientIdentifier): Promise<Person | undefined> {
    const key = JSON.stringify([identifier.id, identifier.issuer]);
    let found = this.#known.get(key);
    if (!found) {
      found = this.#find(identifier);
      this.#known.set(key, found);
    }
    return found;
  }

  async byId(id: string): Promise<{ asked: PatientIdentifier; person: Person } | undefined> {
    const pair = await this.#fhir.ids.decode(id);
    if (!pair) return undefined;
    const asked = { id: pair[1], issuer: pair[0] };
    const person = await this.find(asked);
    return person && { asked, person };
  }

  idOf({ identifiers: [first] }: Person): Promise<string> {
    return this.#fhir.ids.encode([first?.issuer ?? '', first?.id ?? '']);
  }

  /** To the Patient where there is one to be read; by identifier alone otherwise. */
  async reference(identifier: PatientIdentifier, name = ''): Promise<Reference<import('@medplum/fhirtypes').Patient>> {
    const person = identifier.id === '' ? undefined : await this.find(identifier);
    const display = humanName(person?.name || name)?.text;
    return {
      ...(person ? { reference: `Patient/${await this.idOf(person)}` } : {}),
      ...(identifier.id === '' ? {} : { identifier: patientIdentifier(this.#fhir, identifier) }),
      ...(display ? { display } : identifier.id === '' && !person ? { display: '-' } : {}),
    };
  }

  /** All identifiers that studies, orders and reports of the person may be under; remembered as {@link find} is. */
  identifiersOf(identifier: PatientIdentifier): Promise<PatientIdentifier[]> {
    const key = JSON.stringify([identifier.id, identifier.issuer]);
    let found = this.#identifiers.get(key);
    if (!found) {
      found = identifiersOf(this.#fhir.services.patients, identifier);
      this.#identifiers.set(key, found);
    }
    return found;
  }

  /** Candidates with this identifier, whoever gave it when no system is named. */
  async withToken({ system, value }: Token): Promise<Person[]> {
    if (value === '') return [];
    if (system !== undefined) {
      const issuer = issuerOf(this.#fhir, system);
      const person = issuer === undefined ? undefined : await this.find({ id: value, issuer });
      return person ? [person] : [];
    }
    const found = await this.gather(value, { [TAG.id]: { vr: 'LO', Value: [literally(value)] } });
    return found.filter(({ identifiers }) => identifiers.some(({ id }) => id === value));
  }

  async named(text: string): Promise<Person[]> {
    const word = text.trim().replaceAll(/[*?\\]/g, '');
    if (word === '') return [];
    const key = { [TAG.name]: { vr: 'PN', Value: [{ ...parsePersonName(`${word}*`) }] } };
    return this.gather(word, key, true);
  }

  /** Register and index together, each person once, ordered by the name of the resource. @throws FhirError too-costly */
  async gather(text: string, keys: DicomJson, byName = false): Promise<Person[]> {
    const { patients, query } = this.#fhir.services;
    const limit = MOST_CANDIDATES + 1;
    const [registered, rows] = await Promise.all([
      patients.search({ text, limit, offset: 0, scope: this.#scope }),
      query.search({
        level: 'PATIENT',
        keys,
        include: [TAG.issuer],
        fuzzyMatching: byName,
        limit,
        offset: 0,
        scope: this.#scope,
      }),
    ]);
    if (registered.total > MOST_CANDIDATES || rows.length > MOST_CANDIDATES)
      throw tooCostly('more patients than one search goes through: give an identifier or more of the name');
    const identifiers = [
      ...registered.items
        .filter((patient) => patient.status === 'active' && (!byName || !isById(patient, text)))
        .flatMap(({ identifiers: [first] }) => (first ? [first] : [])),
      ...rows
        .map((row) => ({ id: textOf(row, TAG.id), issuer: textOf(row, TAG.issuer) }))
        .filter(({ id }) => id !== ''),
    ];
    const found = new Map<string, Person>();
    for (const identifier of identifiers) {
      const person = await this.find(identifier);
      if (person) found.set(await this.idOf(person), person);
    }
    return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, person]) => person);
  }

  async #find(identifier: PatientIdentifier): Promise<Person | undefined> {
    const patient = await this.#fhir.services.patients.find(identifier);
    const identifiers = patient?.identifiers ?? [identifier];
    if (shutsOut(this.#scope, identifiers)) return undefined;
    const newest = await this.#newestStudy(identifiers);
    // Limited to some studies: nobody of whom it sees none.
    if (!newest && (!patient || !coversPerson(this.#scope, identifiers))) return undefined;
    const { name, sex, birthDate } = patient?.demographics ?? {};
    const updatedAt = patient?.history.at(-1)?.at;
    return {
      identifiers,
      name: name ?? (newest ? nameOf(newest) : ''),
      sex: sex ?? newest?.PatientSex ?? '',
      birthDate: birthDate ?? newest?.PatientBirthDate ?? '',
      ...(patient?.location ? { location: patient.location } : {}),
      ...(updatedAt ? { updatedAt } : {}),
    };
  }

  async #newestStudy(identifiers: readonly PatientIdentifier[]): Promise<StudyRow | undefined> {
    const scope = within(this.#scope, ofPerson(identifiers));
    const { items } = await this.#fhir.services.query.studies({ orderBy: '-StudyDate', limit: 1, offset: 0, scope });
    return items[0];
  }
}

/** Matching without wildcards: an ID with a `*` in it is asked for more widely and sorted out afterwards. */
const literally = (value: string): string => value.replaceAll('*', '?');

/** The register looks through identifiers too; a search by name alone wants none of those. */
function isById({ identifiers, demographics: { name = '' } }: Patient, text: string): boolean {
  const word = text.toLowerCase();
  return !name.toLowerCase().includes(word) && identifiers.some(({ id }) => id.toLowerCase().startsWith(word));
}

function nameOf({ PatientName, PatientNameIdeographic }: StudyRow): string {
  return PatientName.includes('=') || PatientNameIdeographic === ''
    ? PatientName
    : `${PatientName}=${PatientNameIdeographic}`;
}

function textOf(row: DicomJson, tag: string): string {
  const value = row[tag]?.Value?.[0];
  return typeof value === 'string' ? value.trim() : '';
}
