import { request } from './client.ts';
import { list, num, record, str, strings } from './decode.ts';
import { type ReceivedIdentity, readReceived, readStudy, type StudyRow } from './studies.ts';

export interface Identifier {
  id: string;
  issuer: string;
}

export interface Demographics {
  /** PN */
  name: string;
  sex: string;
  /** DA */
  birthDate: string;
}

export interface Person {
  key: string;
  identifiers: Identifier[];
  demographics: Demographics;
  location: { ward: string; room: string; bed: string };
  merged: boolean;
  changedAt: string;
}

export interface PersonHistory {
  at: string;
  by: string;
  what: string;
  detail: string;
}

export interface PersonPage {
  person: Person;
  history: PersonHistory[];
  /** Of a merged one: whose it is now. */
  now: Person | undefined;
  merged: Person[];
  studies: StudyRow[];
  orders: Order[];
}

export interface Order {
  system: string;
  placerNumber: string;
  accessionNumber: string;
  patient: Identifier;
  person: { key: string; name: string } | undefined;
  status: string;
  procedure: string;
  modality: string;
  bodyPart: string;
  priority: string;
  requestedBy: string;
  requestingDepartment: string;
  orderedAt: string;
  scheduledAt: string;
  studyInstanceUids: string[];
}

export interface StudyToReconcile {
  study: StudyRow;
  received: ReceivedIdentity;
  assigned: Identifier | undefined;
  discrepancies: string[];
  decidedBy: string;
  decidedAt: string;
}

export interface ReconciliationDetail extends StudyToReconcile {
  suggestions: Person[];
  order: Order | undefined;
}

const of = (signal?: AbortSignal) => (signal ? { signal } : {});

function readIdentifier(value: unknown): Identifier {
  const item = record(value);
  return { id: str(item['id']), issuer: str(item['issuer']) };
}

function readPerson(value: unknown): Person {
  const item = record(value);
  const facts = record(item['demographics']);
  const place = record(item['location']);
  return {
    key: str(item['key']),
    identifiers: list(item['identifiers'], readIdentifier),
    demographics: { name: str(facts['name']), sex: str(facts['sex']), birthDate: str(facts['birthDate']) },
    location: { ward: str(place['ward']), room: str(place['room']), bed: str(place['bed']) },
    merged: item['status'] === 'merged',
    changedAt: str(item['changedAt']),
  };
}

function readOrder(value: unknown): Order {
  const item = record(value);
  const person = record(item['person']);
  return {
    system: str(item['system']),
    placerNumber: str(item['placerNumber']),
    accessionNumber: str(item['accessionNumber']),
    patient: readIdentifier(item['patient']),
    person: person['key'] ? { key: str(person['key']), name: str(record(person['demographics'])['name']) } : undefined,
    status: str(item['status']),
    procedure: str(record(item['procedure'])['text']) || str(record(item['procedure'])['code']),
    modality: str(item['modality']),
    bodyPart: str(item['bodyPart']),
    priority: str(item['priority']),
    requestedBy: str(item['requestedBy']),
    requestingDepartment: str(item['requestingDepartment']),
    orderedAt: str(item['orderedAt']),
    scheduledAt: str(item['scheduledAt']),
    studyInstanceUids: strings(item['studyInstanceUids']),
  };
}

function readToReconcile(value: unknown): StudyToReconcile {
  const item = record(value);
  return {
    study: readStudy(item['study']),
    received: readReceived(item['received']),
    assigned: item['assigned'] === undefined ? undefined : readIdentifier(item['assigned']),
    discrepancies: strings(item['discrepancies']),
    decidedBy: str(item['decidedBy']),
    decidedAt: str(item['decidedAt']),
  };
}

export async function searchPersons(
  text: string,
  limit: number,
  signal?: AbortSignal,
): Promise<{ total: number; items: Person[] }> {
  const answer = record(await request('/api/patients', { query: { text, limit }, ...of(signal) }));
  return { total: num(answer['total']), items: list(answer['items'], readPerson) };
}

/** NOT_FOUND. */
export async function getPerson(key: string, signal?: AbortSignal): Promise<PersonPage> {
  const answer = record(await request(`/api/patients/${encodeURIComponent(key)}`, of(signal)));
  return {
    person: readPerson(answer['patient']),
    history: list(record(answer['patient'])['history'], (value) => {
      const item = record(value);
      return { at: str(item['at']), by: str(item['by']), what: str(item['what']), detail: str(item['detail']) };
    }),
    now: answer['now'] === undefined ? undefined : readPerson(answer['now']),
    merged: list(answer['merged'], readPerson),
    studies: list(answer['studies'], readStudy),
    orders: list(answer['orders'], readOrder),
  };
}

export async function registerPerson(
  identifiers: readonly Identifier[],
  demographics: Partial<Demographics>,
): Promise<Person> {
  return readPerson(await request('/api/patients', { method: 'POST', body: { identifiers, demographics } }));
}

export async function mergePersons(from: Identifier, into: Identifier): Promise<void> {
  await request('/api/patients/merge', { method: 'POST', body: { from, into } });
}

export async function unmergePerson(from: Identifier): Promise<void> {
  await request('/api/patients/unmerge', { method: 'POST', body: { from } });
}

/** `null` takes an assignment back. */
export async function assignStudy(studyInstanceUid: string, to: Identifier | null): Promise<void> {
  const path = `/api/studies/${encodeURIComponent(studyInstanceUid)}/patient`;
  await request(path, { method: 'POST', body: { to } });
}

export interface ReconciliationPage {
  items: StudyToReconcile[];
  /** Studies looked at so far; undefined at the end. */
  nextOffset: number | undefined;
  studies: number;
}

export async function listReconciliation(
  state: 'open' | 'assigned',
  offset: number,
  signal?: AbortSignal,
): Promise<ReconciliationPage> {
  const answer = record(await request('/api/reconciliation', { query: { state, offset, limit: 50 }, ...of(signal) }));
  return {
    items: list(answer['items'], readToReconcile),
    nextOffset: typeof answer['nextOffset'] === 'number' ? answer['nextOffset'] : undefined,
    studies: num(answer['studies']),
  };
}

/** How many of the studies from `offset` on wait for a decision: a few hundred are compared at a time. */
export async function countReconciliation(
  offset: number,
  signal?: AbortSignal,
): Promise<{ found: number; nextOffset: number | undefined; studies: number }> {
  const answer = record(await request('/api/reconciliation/count', { query: { offset }, ...of(signal) }));
  return {
    found: num(answer['found']),
    nextOffset: typeof answer['nextOffset'] === 'number' ? answer['nextOffset'] : undefined,
    studies: num(answer['studies']),
  };
}

export async function getReconciliation(studyInstanceUid: string, signal?: AbortSignal): Promise<ReconciliationDetail> {
  const answer = record(await request(`/api/reconciliation/${encodeURIComponent(studyInstanceUid)}`, of(signal)));
  return {
    ...readToReconcile(answer),
    suggestions: list(answer['suggestions'], readPerson),
    order: answer['order'] === undefined ? undefined : readOrder(answer['order']),
  };
}

export async function searchOrders(
  filter: { text: string; status: string },
  limit: number,
  signal?: AbortSignal,
): Promise<{ total: number; items: Order[] }> {
  const answer = record(await request('/api/orders', { query: { ...filter, limit }, ...of(signal) }));
  return { total: num(answer['total']), items: list(answer['items'], readOrder) };
}
