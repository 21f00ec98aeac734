import { z } from 'zod';
import type { Order, Patient, PatientIdentifier } from '../clinical/contract.ts';
import { FilmlessError } from '../errors.ts';
import { countSchema, identityOf, needs, param, parseQuery } from '../http/route-parts.ts';
import type { StudyRow } from '../query/contract.ts';
import type { AccessScope } from '../security/contract.ts';
import { requirePerson, requirePersonByKey, seesPerson } from './person-access.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const MAX_LIMIT = 200;
const MOST_STUDIES = 500;

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\p{Cc}\\]*$/u, 'no control characters, no backslash');

/** @dicom PS3.5 6.2 LO: 64 characters */
export const identifierBody = z.strictObject({ id: text(64).min(1), issuer: text(64).default('') });

const registerBody = z.strictObject({
  identifiers: z.array(identifierBody).min(1).max(20),
  demographics: z
    .strictObject({
      /** Three component groups of 64 characters each. */
      name: text(194),
      sex: z.enum(['M', 'F', 'O', '']),
      birthDate: z.string().refine((value) => value === '' || isDate(value), 'a date 19700131'),
    })
    .partial(),
  location: z.strictObject({ ward: text(64), room: text(64), bed: text(64) }).optional(),
});

const mergeBody = z.strictObject({ from: identifierBody, into: identifierBody });
const unmergeBody = z.strictObject({ from: identifierBody });

const listQuery = z.strictObject({
  text: z.string().trim().max(256).default(''),
  limit: countSchema(MAX_LIMIT).default(50),
  offset: countSchema(100_000_000).default(0),
});

/** The register of persons. What it changes of images is laid over them; their bytes stay. */
export const patientsRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'GET',
    path: '/api/patients',
    policy: needs('patient.read'),
    audit: 'search',
    summary: 'Registered persons by name, pinyin or identifier, the last changed first',
    async handle(request) {
      const { text, limit, offset } = parseQuery(request, listQuery);
      const { total, items } = await services().patients.search({ text, limit, offset, scope: request.scope });
      return { body: { total, items: items.map(toLine) } };
    },
  },
  {
    method: 'GET',
    path: '/api/patients/:key',
    policy: needs('patient.read'),
    audit: 'open',
    summary: 'One person with what was done to him, who was merged into him, his studies and orders',
    async handle(request) {
      const patient = await requirePersonByKey(services(), param(request, 'key'), request.scope);
      return {
        body: await personPage(services(), patient, request.scope),
        audit: { patientId: patient.identifiers[0]?.id ?? '' },
      };
    },
  },
  {
    method: 'POST',
    path: '/api/patients',
    policy: needs('patient.manage'),
    summary: 'Registers a person, or corrects one who has one of the identifiers',
    requestSchema: z.toJSONSchema(registerBody, { io: 'input' }),
    async handle(request) {
      const { identifiers, demographics, location } = registerBody.parse(await request.json());
      const { patients } = services();
      const known = (await Promise.all(identifiers.map((one) => patients.find(one)))).filter(
        (one) => one !== undefined,
      );
      const concerned = [...identifiers, ...known.flatMap((one) => one.identifiers)];
      // A number that somebody may not see is not told to be free either.
      if (!(await maySee(services(), concerned, known.length > 0, request.scope)))
        throw new FilmlessError('FORBIDDEN', 'another patient');
      // zod leaves out what was not given, which its types do not say.
      const facts = demographics as Patient['demographics'];
      const patient = await patients.register(identifiers, facts, identityOf(request).id, location);
      return {
        status: known.length > 0 ? 200 : 201,
        body: patient,
        audit: { patientId: patient.identifiers[0]?.id ?? '' },
      };
    },
  },
  {
    method: 'POST',
    path: '/api/patients/merge',
    policy: needs('patient.manage'),
    summary: 'From now on what was the first one’s is the second one’s; can be taken back',
    requestSchema: z.toJSONSchema(mergeBody, { io: 'input' }),
    async handle(request) {
      const { from, into } = mergeBody.parse(await request.json());
      await requirePerson(services(), from, request.scope);
      await requirePerson(services(), into, request.scope);
      const patient = await services().patients.merge(from, into, identityOf(request).id);
      return { body: patient, audit: { patientId: into.id, detail: `merged from ${from.id}` } };
    },
  },
  {
    method: 'POST',
    path: '/api/patients/unmerge',
    policy: needs('patient.manage'),
    summary: 'Takes a merge back',
    requestSchema: z.toJSONSchema(unmergeBody, { io: 'input' }),
    async handle(request) {
      const { from } = unmergeBody.parse(await request.json());
      await requirePerson(services(), from, request.scope);
      const patient = await services().patients.unmerge(from, identityOf(request).id);
      return { body: patient, audit: { patientId: from.id, detail: 'unmerged' } };
    },
  },
];

async function maySee(
  services: ApiServices,
  concerned: readonly PatientIdentifier[],
  known: boolean,
  scope: AccessScope,
): Promise<boolean> {
  // A new person has no studies yet by which a department could see him.
  return known
    ? seesPerson(services, concerned, scope)
    : scope.kind === 'all' || seesPerson(services, concerned, scope);
}

/** Without its history: for lists. */
export function toLine({ history, ...patient }: Patient): object {
  return { ...patient, changedAt: history.at(-1)?.at ?? '' };
}

async function personPage(services: ApiServices, patient: Patient, scope: AccessScope): Promise<object> {
  const { patients } = services;
  const [first] = patient.identifiers;
  const now = patient.status === 'merged' && first ? await patients.find(first) : undefined;
  const merged: Patient[] = [];
  for (const one of await patients.mergedInto(patient.key))
    if (await seesPerson(services, one.identifiers, scope)) merged.push(one);
  const everyIdentifier = [...patient.identifiers, ...merged.flatMap(({ identifiers }) => identifiers)];
  return {
    patient,
    ...(now ? { now: toLine(now) } : {}),
    merged: merged.map(toLine),
    studies: await studiesOf(services, patient.identifiers, scope),
    orders: await ordersOf(services, everyIdentifier),
  };
}

async function studiesOf(
  { query }: Pick<ApiServices, 'query'>,
  identifiers: readonly PatientIdentifier[],
  scope: AccessScope,
): Promise<StudyRow[]> {
  const found: StudyRow[] = [];
  for (const { id, issuer } of identifiers) {
    const { items } = await query.studies({ patientId: id, limit: MOST_STUDIES, offset: 0, scope });
    found.push(...items.filter((study) => study.PatientID === id && study.IssuerOfPatientID === issuer));
  }
  return found.sort((a, b) => (b.StudyDate + b.StudyTime).localeCompare(a.StudyDate + a.StudyTime));
}

async function ordersOf(
  { orders }: Pick<ApiServices, 'orders'>,
  identifiers: readonly PatientIdentifier[],
): Promise<Order[]> {
  const found = await Promise.all(identifiers.map((identifier) => orders.ofPatient(identifier)));
  return found.flat().sort((a, b) => b.orderedAt.localeCompare(a.orderedAt));
}

function isDate(da: string): boolean {
  if (!/^\d{8}$/.test(da)) return false;
  const iso = `${da.slice(0, 4)}-${da.slice(4, 6)}-${da.slice(6)}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso);
}
