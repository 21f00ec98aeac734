import {
  type AccessScope,
  type HttpReply,
  type HttpRequest,
  isAboutPersons,
  type Order,
  type OrderSearch,
  type OrderStatus,
  scopeCovers,
} from '@filmless/core/plugin';
import type { Bundle, Coding, Identifier, ServiceRequest } from '@medplum/fhirtypes';
import { coversPerson, ofPerson, shutsOut, within } from './access.ts';
import { accessionIdentifier, baseOf, type Fhir, typeOf } from './context.ts';
import { fhirInstant, matchesDate } from './dates.ts';
import { notFound } from './outcome.ts';
import { isAmong, PATIENT_CRITERIA, patientCriteria } from './patient-criterion.ts';
import { People } from './people.ts';
import { contentVersion } from './reply.ts';
import { MOST_CANDIDATES, matchesToken, pageOf, Search, searchset, token, tooCostly } from './search.ts';

export const REQUEST_PARAMETERS = [
  '_id',
  '_lastUpdated',
  'identifier',
  'status',
  'authored',
  ...PATIENT_CRITERIA,
] as const;

const STATUS: Record<OrderStatus, ServiceRequest['status']> = {
  ordered: 'active',
  scheduled: 'active',
  'in-progress': 'active',
  completed: 'completed',
  cancelled: 'revoked',
};
const ORDER_STATES = Object.keys(STATUS) as OrderStatus[];
/** Criteria that are compared with the finished resource. */
const NOT_INDEXED = ['_id', '_lastUpdated', 'identifier', 'authored', ...PATIENT_CRITERIA] as const;
const FROM: ReadonlySet<string> = new Set(['eq', 'gt', 'sa', 'ge']);
const TO: ReadonlySet<string> = new Set(['eq', 'lt', 'eb', 'le']);
const DAY_MS = 86_400_000;
/** Names of coding schemes as DICOM and HL7 v2 write them. @dicom PS3.16 8 */
const SCHEMES: Readonly<Record<string, string>> = {
  LN: 'http://loinc.org',
  SCT: 'http://snomed.info/sct',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
};
const OWN_SCHEME = 'urn:filmless:code-scheme:';

export const schemeToSystem = (scheme: string): string =>
  SCHEMES[scheme] ?? `${OWN_SCHEME}${encodeURIComponent(scheme)}`;

export function systemToScheme(system: string): string {
  const known = Object.entries(SCHEMES).find(([, uri]) => uri === system);
  if (known) return known[0];
  if (!system.startsWith(OWN_SCHEME)) return system;
  try {
    return decodeURIComponent(system.slice(OWN_SCHEME.length));
  } catch {
    return system;
  }
}

export const placerSystem = ({ config }: Fhir, system: string): string =>
  `${config.orderSystem}:${encodeURIComponent(system)}`;

/** Whoever sees the patient, or the examination that was ordered, sees the order. */
export async function mayReadOrder(fhir: Fhir, people: People, scope: AccessScope, order: Order): Promise<boolean> {
  const identifiers = await people.identifiersOf(order.patient);
  if (shutsOut(scope, identifiers)) return false;
  if (coversPerson(scope, identifiers)) return true;
  const { patient, accessionNumber: AccessionNumber } = order;
  const facts = { PatientID: patient.id, IssuerOfPatientID: patient.issuer, AccessionNumber };
  const uids = order.studyInstanceUids.length > 0 ? order.studyInstanceUids : [''];
  if (uids.some((StudyInstanceUID) => scopeCovers(scope, { ...facts, StudyInstanceUID }))) return true;
  const studies: AccessScope[] = [
    ...(AccessionNumber === '' ? [] : [{ kind: 'accession', accessionNumber: AccessionNumber } as const]),
    ...(order.studyInstanceUids.length === 0
      ? []
      : [{ kind: 'studies', studyInstanceUids: order.studyInstanceUids } as const]),
  ];
  if (studies.length === 0) return false;
  const own = within(within(scope, ofPerson(identifiers)), { kind: 'any-of', scopes: studies });
  return (await fhir.services.query.studies({ limit: 0, offset: 0, scope: own })).total > 0;
}

export async function readableOrder(
  fhir: Fhir,
  people: People,
  scope: AccessScope,
  accessionNumber: string,
): Promise<Order | undefined> {
  const order = await fhir.services.orders.byAccession(accessionNumber);
  return order && (await mayReadOrder(fhir, people, scope, order)) ? order : undefined;
}

/** @throws FhirError when it is not there, or not to be seen. */
export async function orderOf(fhir: Fhir, people: People, scope: AccessScope, id: string): Promise<Order> {
  const pair = await fhir.ids.decode(id);
  const order = pair && (await fhir.services.orders.get(...pair));
  if (!order || !(await mayReadOrder(fhir, people, scope, order))) throw notFound();
  return order;
}

export async function readRequest(
  fhir: Fhir,
  request: HttpRequest,
  id: string,
): Promise<{ resource: ServiceRequest; told: HttpReply['audit'] }> {
  const people = new People(fhir, request.scope);
  const order = await orderOf(fhir, people, request.scope, id);
  return { resource: await toRequest(fhir, people, order), told: { action: 'open', patientId: order.patient.id } };
}

export async function searchRequests(fhir: Fhir, request: HttpRequest): Promise<Bundle> {
  const search = await Search.of(request, REQUEST_PARAMETERS);
  const base = baseOf(request);
  const people = new People(fhir, request.scope);
  const narrowed = narrowingOf(search);
  // What the index of orders decides alone is paged and counted there, however much it is.
  if (!search.has(...NOT_INDEXED) && isAboutPersons(request.scope)) {
    const { countOnly, count, offset } = search;
    const page = { limit: countOnly ? 0 : count, offset, scope: request.scope };
    const { total, items } = await fhir.services.orders.search({ ...narrowed, ...page });
    const resources = await Promise.all(items.map((order) => toRequest(fhir, people, order)));
    return searchset(base, 'ServiceRequest', search, { total, resources });
  }
  const patients = await patientCriteria(fhir, people, search, base);
  const found: ServiceRequest[] = [];
  for (const order of await candidates(fhir, search, patients, { ...narrowed, scope: request.scope })) {
    if (!patients.every((list) => isAmong(list, order.patient))) continue;
    if (!(await mayReadOrder(fhir, people, request.scope, order))) continue;
    const resource = await toRequest(fhir, people, order);
    if (matches(resource, search)) found.push(resource);
  }
  return searchset(base, 'ServiceRequest', search, { total: found.length, resources: pageOf(found, search) });
}

async function candidates(
  { ids, services: { orders } }: Fhir,
  search: Search,
  [patients]: Awaited<ReturnType<typeof patientCriteria>>,
  narrowed: Partial<OrderSearch>,
): Promise<Order[]> {
  if (search.has('_id')) {
    const pairs = await Promise.all(
      search
        .all('_id')
        .flat()
        .map((id) => ids.decode(id)),
    );
    const found = await Promise.all(pairs.map((pair) => pair && orders.get(...pair)));
    return unique(found.flatMap((order) => order ?? []));
  }
  if (patients) return unique((await Promise.all(patients.map((one) => orders.ofPatient(one)))).flat());
  const { items, total } = await orders.search({ ...narrowed, limit: MOST_CANDIDATES, offset: 0 });
  if (total > MOST_CANDIDATES)
    throw tooCostly('more orders than one search goes through: name a patient, a number, a time or an _id');
  return items;
}

/** What the index can leave out; nothing that fits is lost. */
function narrowingOf(search: Search): Partial<OrderSearch> {
  const states = search.all('status').map((values) => values.map((text) => token(text).value));
  const status = ORDER_STATES.filter((state) => states.every((values) => values.includes(STATUS[state] ?? '')));
  const numbers = search.all('identifier').flatMap(([text = '', ...others]) => {
    const { value } = token(text);
    return value === '' || others.length > 0 ? [] : [value];
  });
  const authored = search.dates('authored').flatMap(([one, ...others]) => (one && others.length === 0 ? [one] : []));
  const from = Math.max(...authored.flatMap(({ prefix, from }) => (FROM.has(prefix) ? [from] : [])));
  const to = Math.min(...authored.flatMap(({ prefix, to }) => (TO.has(prefix) ? [to] : [])));
  // Stored times may be of another zone, and are compared as text.
  const day = (ms: number) => new Date(ms).toISOString();
  return {
    ...(states.length > 0 && { status }),
    ...(numbers[0] !== undefined && { number: numbers[0] }),
    ...(Number.isFinite(from) && { from: day(from - DAY_MS) }),
    ...(Number.isFinite(to) && { to: day(to + DAY_MS) }),
  };
}

function unique(orders: readonly Order[]): Order[] {
  const byName = new Map(orders.map((order) => [JSON.stringify([order.system, order.placerNumber]), order]));
  return [...byName.values()].sort((a, b) => b.orderedAt.localeCompare(a.orderedAt));
}

function matches(resource: ServiceRequest, search: Search): boolean {
  const some = (name: string, fits: (text: string) => boolean) => search.all(name).every((values) => values.some(fits));
  return (
    some('_id', (id) => id === resource.id) &&
    some('identifier', (text) => (resource.identifier ?? []).some((one) => matchesToken(token(text), one))) &&
    some('status', (text) => token(text).value === resource.status) &&
    search.dates('authored').every((any) => any.some((one) => matchesDate(resource.authoredOn, one))) &&
    search.dates('_lastUpdated').every((any) => any.some((one) => matchesDate(resource.meta?.lastUpdated, one)))
  );
}

export async function toRequest(fhir: Fhir, people: People, order: Order): Promise<ServiceRequest> {
  const { code, scheme, text } = order.procedure;
  const coding: Coding[] = code === '' ? [] : [{ ...(scheme === '' ? {} : { system: schemeToSystem(scheme) }), code }];
  const identifier: Identifier[] = [
    { type: typeOf('PLAC'), system: placerSystem(fhir, order.system), value: order.placerNumber },
    ...(order.fillerNumber === '' ? [] : [{ type: typeOf('FILL'), value: order.fillerNumber }]),
    ...(order.accessionNumber === '' ? [] : [accessionIdentifier(fhir, order.accessionNumber)]),
  ];
  const [authoredOn, occurrence] = [fhirInstant(order.orderedAt), fhirInstant(order.scheduledAt)];
  const lastUpdated = fhirInstant(order.history.at(-1)?.at);
  const requester = [order.requestedBy, order.requestingDepartment].filter((part) => part !== '').join(', ');
  const resource: ServiceRequest = {
    resourceType: 'ServiceRequest',
    id: await fhir.ids.encode([order.system, order.placerNumber]),
    identifier,
    status: STATUS[order.status],
    intent: 'order',
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '363679005', display: 'Imaging' }] }],
    priority: order.priority,
    ...(coding.length > 0 || text
      ? { code: { ...(coding.length > 0 ? { coding } : {}), ...(text ? { text } : {}) } }
      : {}),
    ...(order.modality === ''
      ? {}
      : { orderDetail: [{ coding: [{ system: schemeToSystem('DCM'), code: order.modality }] }] }),
    subject: await people.reference(order.patient),
    ...(occurrence ? { occurrenceDateTime: occurrence } : {}),
    ...(authoredOn ? { authoredOn } : {}),
    ...(requester ? { requester: { display: requester } } : {}),
    ...(order.reason === '' ? {} : { reasonCode: [{ text: order.reason }] }),
    ...(order.bodyPart === '' ? {} : { bodySite: [{ text: order.bodyPart }] }),
  };
  const meta = { versionId: contentVersion(resource), ...(lastUpdated ? { lastUpdated } : {}) };
  return { ...resource, meta };
}
