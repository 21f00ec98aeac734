import { randomUUID } from 'node:crypto';
import {
  type AccessScope,
  FilmlessError,
  type HttpReply,
  type HttpRequest,
  type Order,
  type PatientIdentifier,
} from '@filmless/core/plugin';
import { z } from 'zod';
import { coversPerson, shutsOut } from './access.ts';
import { baseOf, type Fhir, issuerOf } from './context.ts';
import { fhirInstant } from './dates.ts';
import { FhirError } from './outcome.ts';
import { People } from './people.ts';
import { resourceReply } from './reply.ts';
import { referencedId, token } from './search.ts';
import { orderOf, systemToScheme, toRequest } from './service-request.ts';

const line = z.string().max(1024);
const coding = z.looseObject({ system: line.optional(), code: line.optional(), display: line.optional() });
const concept = z.looseObject({ coding: z.array(coding).max(20).optional(), text: line.optional() });
const identifier = z.looseObject({ system: line.optional(), value: line.optional(), type: concept.optional() });
const reference = z.looseObject({
  reference: line.optional(),
  display: line.optional(),
  identifier: identifier.optional(),
});
const dateTime = line.refine((text) => fhirInstant(text) !== undefined, 'a dateTime');

/** What of a ServiceRequest makes an order; other elements are not kept. */
const requestSchema = z.looseObject({
  resourceType: z.literal('ServiceRequest'),
  id: line.optional(),
  status: z.enum(['draft', 'active', 'on-hold', 'revoked', 'completed', 'entered-in-error', 'unknown']),
  intent: z.enum([
    'proposal', 'plan', 'directive', 'order', 'original-order', 'reflex-order', 'filler-order', 'instance-order', 'option',
  ]), // biome-ignore format: one list
  identifier: z.array(identifier).max(50).optional(),
  priority: z.enum(['routine', 'urgent', 'asap', 'stat']).optional(),
  code: concept.optional(),
  orderDetail: z.array(concept).max(50).optional(),
  subject: reference,
  authoredOn: dateTime.optional(),
  occurrenceDateTime: dateTime.optional(),
  requester: reference.optional(),
  reasonCode: z.array(concept).max(50).optional(),
  bodySite: z.array(concept).max(50).optional(),
  /** An instruction not to do it is no order. */
  doNotPerform: z.literal(false).optional(),
  modifierExtension: z.array(z.unknown()).max(0, 'not supported').optional(),
});
type Request = z.infer<typeof requestSchema>;

const patchSchema = z
  .array(
    z.discriminatedUnion('op', [
      z.strictObject({ op: z.literal('test'), path: z.literal('/status'), value: z.string() }),
      z.strictObject({ op: z.enum(['replace', 'add']), path: z.literal('/status'), value: z.string() }),
    ]),
  )
  .min(1)
  .max(10);

const PRIORITIES = { routine: 'routine', urgent: 'urgent', asap: 'urgent', stat: 'stat' } as const;

/** An order of its own, under the number that came with it or one made here. */
export async function createRequest(fhir: Fhir, request: HttpRequest): Promise<HttpReply> {
  const given = requestSchema.parse(await request.json());
  if (given.status !== 'active') throw new FhirError(422, 'business-rule', 'status: a new order is active');
  if (!['order', 'original-order', 'filler-order', 'instance-order', 'reflex-order'].includes(given.intent))
    throw new FhirError(422, 'business-rule', 'intent: an order');
  const procedure = procedureOf(given);
  if (procedure.code === '' && procedure.text === '') throw new FhirError(422, 'required', 'code: what is ordered');
  const { scope } = request;
  const people = new People(fhir, scope);
  const patient = await subjectOf(fhir, people, given, baseOf(request));
  await assertWithin(people, scope, patient);
  const by = request.identity?.id ?? '';
  const placer = ofType(given, 'PLAC');
  const [system, placerNumber] = [systemOf(fhir, placer?.system) ?? by, placer?.value?.trim() || randomUUID()];
  const { orders } = fhir.services;
  const existing = await orders.get(system, placerNumber);
  if (existing) return asExisting(fhir, request, people, existing);
  const accessionNumber = (
    ofType(given, 'ACSN') ?? given.identifier?.find((one) => one.system === fhir.config.accessionSystem)
  )?.value?.trim();
  const order = await orders.place(
    {
      system,
      placerNumber,
      patient,
      procedure,
      status: given.occurrenceDateTime ? 'scheduled' : 'ordered',
      priority: PRIORITIES[given.priority ?? 'routine'],
      modality: modalityOf(given),
      bodyPart: textOf(given.bodySite?.[0]),
      reason: (given.reasonCode ?? [])
        .map(textOf)
        .filter((text) => text !== '')
        .join('\n'),
      requestedBy: given.requester?.display ?? '',
      ...(accessionNumber ? { accessionNumber } : {}),
      ...(given.authoredOn ? { orderedAt: fhirInstant(given.authoredOn) ?? '' } : {}),
      ...(given.occurrenceDateTime ? { scheduledAt: fhirInstant(given.occurrenceDateTime) ?? '' } : {}),
    },
    by,
  );
  const resource = await toRequest(fhir, people, order);
  const location = `${baseOf(request)}/ServiceRequest/${resource.id}`;
  return resourceReply(request, resource, { action: 'change', patientId: patient.id }, 201, { location });
}

/** PUT: the whole resource with `revoked`. What else an order says is changed by whoever placed it, over HL7 or by a new one. */
export async function replaceRequest(fhir: Fhir, request: HttpRequest, id: string): Promise<HttpReply> {
  const given = requestSchema.parse(await request.json());
  if (given.id !== id) throw new FhirError(400, 'invalid', 'id: not the one of the address');
  const people = new People(fhir, request.scope);
  const order = await orderOf(fhir, people, request.scope, id);
  const patient = await subjectOf(fhir, people, given, baseOf(request));
  const own = await people.identifiersOf(order.patient);
  if (!own.some((one) => one.id === patient.id && one.issuer === patient.issuer))
    throw new FhirError(422, 'business-rule', 'subject: an order does not change its patient');
  return cancel(fhir, request, people, order, given.status);
}

/** PATCH with `application/json-patch+json`: of the status alone. */
export async function patchRequest(fhir: Fhir, request: HttpRequest, id: string): Promise<HttpReply> {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json-patch+json'))
    throw new FhirError(415, 'not-supported', 'send application/json-patch+json');
  const parsed = patchSchema.safeParse(await request.json());
  if (!parsed.success) throw new FhirError(422, 'not-supported', 'a patch replaces /status and nothing else');
  const people = new People(fhir, request.scope);
  const order = await orderOf(fhir, people, request.scope, id);
  let status: string = (await toRequest(fhir, people, order)).status ?? '';
  for (const { op, value } of parsed.data) {
    if (op === 'test' && value !== status) throw new FhirError(422, 'processing', 'a test of the patch failed');
    if (op !== 'test') status = value;
  }
  return cancel(fhir, request, people, order, status);
}

async function cancel(
  fhir: Fhir,
  request: HttpRequest,
  people: People,
  order: Order,
  status: string,
): Promise<HttpReply> {
  const now = await toRequest(fhir, people, order);
  const asked = request.headers['if-match'];
  if (asked !== undefined && asked.trim() !== `W/"${now.meta?.versionId}"`)
    throw new FhirError(412, 'conflict', 'the order was changed meanwhile; read it again');
  if (status !== 'revoked') throw new FhirError(422, 'not-supported', 'status: revoked is what an order can be set to');
  if (order.status === 'completed' || order.status === 'in-progress')
    throw new FhirError(409, 'business-rule', 'the examination has begun or is over; it cannot be cancelled any more');
  const by = request.identity?.id ?? '';
  const changed = await fhir.services.orders.setStatus(order.system, order.placerNumber, 'cancelled', by);
  return resourceReply(
    { ...request, headers: { ...request.headers, 'if-none-match': undefined } },
    await toRequest(fhir, people, changed),
    { action: 'change', patientId: order.patient.id },
  );
}

/** The same order sent twice: with If-None-Exist the answer is the one that is there. */
async function asExisting(fhir: Fhir, request: HttpRequest, people: People, order: Order): Promise<HttpReply> {
  const resource = await toRequest(fhir, people, order);
  const location = `${baseOf(request)}/ServiceRequest/${resource.id}`;
  const condition = new URLSearchParams(request.headers['if-none-exist'] ?? '').get('identifier');
  const same = condition !== null && token(condition).value === order.placerNumber;
  if (!same) throw new FhirError(409, 'duplicate', 'there is an order with this number', { location });
  // Whose it is must be right before anything of it is told.
  await orderOf(fhir, people, request.scope, resource.id ?? '');
  return resourceReply(request, resource, { action: 'open', patientId: order.patient.id }, 200, { location });
}

/** @throws FhirError unless subject names one patient that may be ordered for. */
async function subjectOf(fhir: Fhir, people: People, { subject }: Request, base: string): Promise<PatientIdentifier> {
  if (subject.reference !== undefined) {
    const id = referencedId(subject.reference, 'Patient', base);
    const found = id === undefined ? undefined : await people.byId(id);
    if (!found) throw new FhirError(422, 'not-found', 'subject: there is no such patient, or you may not see him');
    return found.person.identifiers[0] ?? found.asked;
  }
  const { system, value = '' } = subject.identifier ?? {};
  const issuer = system === undefined ? undefined : issuerOf(fhir, system);
  if (issuer === undefined || value.trim() === '')
    throw new FhirError(
      422,
      'required',
      'subject: a reference to a Patient of this server, or an identifier of a known system',
    );
  return { id: value.trim(), issuer };
}

async function assertWithin(people: People, scope: AccessScope, patient: PatientIdentifier): Promise<void> {
  const identifiers = await people.identifiersOf(patient);
  if (!shutsOut(scope, identifiers) && (coversPerson(scope, identifiers) || (await people.find(patient)))) return;
  throw new FilmlessError('FORBIDDEN', 'another patient');
}

function ofType({ identifier: all }: Request, code: string) {
  return all?.find(({ type }) => type?.coding?.some((one) => one.code === code));
}

/** The ordering system's name in an identifier's system as this server writes it. */
function systemOf({ config }: Fhir, system: string | undefined): string | undefined {
  const prefix = `${config.orderSystem}:`;
  if (!system?.startsWith(prefix)) return undefined;
  try {
    return decodeURIComponent(system.slice(prefix.length)) || undefined;
  } catch {
    throw new FhirError(400, 'value', 'identifier: the system is not well written');
  }
}

function procedureOf({ code }: Request): Order['procedure'] {
  const [first] = code?.coding ?? [];
  return {
    code: first?.code ?? '',
    scheme: first?.system === undefined ? '' : systemToScheme(first.system),
    text: code?.text ?? first?.display ?? '',
  };
}

function modalityOf({ orderDetail }: Request): string {
  const all = (orderDetail ?? []).flatMap((detail) => detail.coding ?? []);
  return all.find(({ system }) => system !== undefined && systemToScheme(system) === 'DCM')?.code ?? '';
}

const textOf = (of: z.infer<typeof concept> | undefined): string => of?.text ?? of?.coding?.[0]?.display ?? '';
