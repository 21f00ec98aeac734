import { z } from 'zod';
import {
  areOrdersExpected,
  countToReconcile,
  examineStudy,
  isSharedUid,
  studiesToReconcile,
  suggestPersons,
} from '../clinical/reconciliation.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { countSchema, identityOf, needs, param, parseQuery, uidSchema } from '../http/route-parts.ts';
import { identifierBody, toLine } from './patients-routes.ts';
import { requirePerson, seesPerson } from './person-access.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const assignBody = z.strictObject({ to: identifierBody.nullable() });
const listQuery = z.strictObject({
  /** `assigned`: what somebody decided, to be looked at and undone. */
  state: z.enum(['open', 'assigned']).default('open'),
  limit: countSchema(200).default(50),
  offset: countSchema(100_000_000).default(0),
});

const countQuery = z.strictObject({ offset: countSchema(100_000_000).default(0) });

/** Images that match no patient or order, and whose they are. */
export const reconciliationRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'GET',
    path: '/api/reconciliation',
    policy: needs('patient.manage'),
    audit: 'search',
    summary: 'Studies whose patient or order is not known or contradicts what is, a page at a time',
    async handle(request) {
      const { state, limit, offset } = parseQuery(request, listQuery);
      if (state === 'open')
        return { body: await studiesToReconcile(services(), { offset, limit, scope: request.scope }) };
      return { body: await assignedStudies(services(), { offset, limit, scope: request.scope }) };
    },
  },
  {
    method: 'GET',
    path: '/api/reconciliation/count',
    policy: needs('patient.manage'),
    // It tells of nobody, and a total is many such requests.
    audit: 'none',
    summary: 'How many studies wait for a decision, a few hundred compared at a time',
    async handle(request) {
      const { offset } = parseQuery(request, countQuery);
      return { body: await countToReconcile(services(), { offset, scope: request.scope }) };
    },
  },
  {
    method: 'GET',
    path: '/api/reconciliation/:study',
    policy: needs('patient.manage'),
    audit: 'open',
    summary: 'What does not agree in one study, and whose it may be',
    async handle(request) {
      const study = await studyOf(services(), request);
      const found = await examineStudy(services(), study, {
        ordersExpected: await areOrdersExpected(services().orders),
      });
      if (!found) throw new FilmlessError('STUDY_NOT_FOUND');
      const { persons, order } = await suggestPersons(services(), found);
      const suggestions: object[] = [];
      for (const person of persons)
        if (await seesPerson(services(), person.identifiers, request.scope)) suggestions.push(toLine(person));
      const orderSeen = order && (await seesPerson(services(), [order.patient], request.scope));
      return { body: { ...found, suggestions, ...(orderSeen ? { order } : {}) } };
    },
  },
  {
    method: 'POST',
    path: '/api/studies/:study/patient',
    policy: needs('patient.manage'),
    summary: 'The images of a study belong to this registered person; null takes that back',
    requestSchema: z.toJSONSchema(assignBody, { io: 'input' }),
    async handle(request) {
      const { to } = assignBody.parse(await request.json());
      const { StudyInstanceUID } = await studyOf(services(), request);
      if (to) {
        await requirePerson(services(), to, request.scope);
        if (await isSharedUid(services(), StudyInstanceUID))
          throw new FilmlessError('CONFLICT', 'images of several patients share this Study Instance UID');
      }
      await services().patients.assignStudy(StudyInstanceUID, to ?? undefined, identityOf(request).id);
      const detail = to ? `assigned to ${to.id}` : 'assignment taken back';
      return { status: 204, audit: { detail, ...(to ? { patientId: to.id } : {}) } };
    },
  },
];

/** @throws STUDY_NOT_FOUND also for a study outside the scope */
async function studyOf({ query }: ApiServices, request: HttpRequest) {
  const uid = uidSchema.safeParse(param(request, 'study'));
  const found = uid.success ? await query.study(uid.data, request.scope) : undefined;
  if (!found) throw new FilmlessError('STUDY_NOT_FOUND');
  return found.study;
}

async function assignedStudies(
  services: ApiServices,
  { offset, limit, scope }: { offset: number; limit: number; scope: HttpRequest['scope'] },
): Promise<object> {
  const all = await services.patients.assignments();
  const items: object[] = [];
  let at = offset;
  for (const { StudyInstanceUID, by, at: decidedAt } of all.slice(offset)) {
    if (items.length >= limit) break;
    at += 1;
    const study = (await services.query.study(StudyInstanceUID, scope))?.study;
    const found = study && (await examineStudy(services, study, { ordersExpected: false }));
    if (found) items.push({ ...found, decidedBy: by, decidedAt });
  }
  return { items, studies: all.length, ...(at < all.length ? { nextOffset: at } : {}) };
}
