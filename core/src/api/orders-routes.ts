import { z } from 'zod';
import type { Order } from '../clinical/contract.ts';
import { orderStatusSchema } from '../clinical/schema.ts';
import { FilmlessError } from '../errors.ts';
import { countSchema, listSchema, needs, param, parseQuery } from '../http/route-parts.ts';
import type { AccessScope } from '../security/contract.ts';
import { scopeCovers } from '../security/scope.ts';
import { seesPerson } from './person-access.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const listQuery = z.strictObject({
  text: z.string().trim().max(256).default(''),
  status: listSchema.pipe(z.array(orderStatusSchema)).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  limit: countSchema(200).default(50),
  offset: countSchema(100_000_000).default(0),
});

/** Requests for examinations, as the ordering systems sent them. */
export const ordersRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'GET',
    path: '/api/orders',
    policy: needs('order.read'),
    audit: 'search',
    summary: 'Orders by number, accession number, patient, state and time, the newest first',
    async handle(request) {
      const { text, status, from, to, limit, offset } = parseQuery(request, listQuery);
      const asked = {
        text,
        ...(status && status.length > 0 ? { status } : {}),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      };
      const found = await services().orders.search({ ...asked, limit, offset, scope: request.scope });
      return { body: await withPersons(services(), found) };
    },
  },
  {
    method: 'GET',
    path: '/api/orders/:system/:placer',
    policy: needs('order.read'),
    audit: 'open',
    summary: "One order by the ordering system's number, with what became of it",
    async handle(request) {
      const order = await services().orders.get(systemOf(param(request, 'system')), param(request, 'placer'));
      if (!order || !(await seesOrder(services(), order, request.scope)))
        throw new FilmlessError('NOT_FOUND', 'there is no such order');
      const { items } = await withPersons(services(), { total: 1, items: [order] });
      return { body: items[0] ?? order, audit: { patientId: order.patient.id } };
    },
  },
];

/** A path has no empty part: `-` stands for a system without a name. */
const systemOf = (part: string): string => (part === '-' ? '' : part);

async function seesOrder(services: ApiServices, order: Order, scope: AccessScope): Promise<boolean> {
  const { patient, accessionNumber, studyInstanceUids } = order;
  const person = await services.patients.find(patient);
  const identifiers = [patient, ...(person?.identifiers ?? [])];
  if (await seesPerson(services, identifiers, scope)) return true;
  // By accession number or study, unless one of the person's identifiers is hidden.
  return ['', ...studyInstanceUids].some((StudyInstanceUID) =>
    identifiers.every(({ id, issuer }) =>
      scopeCovers(scope, {
        StudyInstanceUID,
        PatientID: id,
        IssuerOfPatientID: issuer,
        AccessionNumber: accessionNumber,
      }),
    ),
  );
}

/** With whom the orders are about, as the register knows him now. */
async function withPersons(
  { patients }: ApiServices,
  { total, items }: { total: number; items: Order[] },
): Promise<{ total: number; items: object[] }> {
  const persons = await Promise.all(items.map(({ patient }) => patients.find(patient)));
  return {
    total,
    items: items.map((order, index) => {
      const person = persons[index];
      return person ? { ...order, person: { key: person.key, demographics: person.demographics } } : order;
    }),
  };
}
