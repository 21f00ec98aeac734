import { z } from 'zod';
import { identityBefore } from '../clinical/received-identity.ts';
import { FilmlessError } from '../errors.ts';
import { countSchema, identityOf, listSchema, needs, param, parseQuery, uidSchema } from '../http/route-parts.ts';
import type { ApiRoutes } from './services.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const text = z.string().trim().max(256);

const listQuery = z.strictObject({
  text: text.optional(),
  patientName: text.optional(),
  patientId: text.optional(),
  accessionNumber: text.optional(),
  studyDate: z
    .string()
    .regex(/^(\d{8}|\d{8}-(\d{8})?|-\d{8})$/, 'a date 20260131 or a range 20260101-20260131')
    .optional(),
  modalities: listSchema.optional(),
  departments: listSchema.optional(),
  orderBy: z.enum(['StudyDate', '-StudyDate', 'PatientName', '-PatientName', 'receivedAt', '-receivedAt']).optional(),
  limit: countSchema(MAX_LIMIT).default(DEFAULT_LIMIT),
  offset: countSchema(100_000_000).default(0),
});

/** The staff's study list. */
export const studiesRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'GET',
    path: '/api/studies',
    policy: needs('study.search'),
    summary: 'Searches studies by text and filters, a page at a time',
    async handle(request) {
      const query = parseQuery(request, listQuery);
      // A filter left empty is no filter.
      const given = Object.fromEntries(
        Object.entries(query).filter(([, value]) => value !== '' && value !== undefined && !isEmptyList(value)),
      );
      const { limit, offset } = query;
      return { body: await services().query.studies({ ...given, limit, offset, scope: request.scope }) };
    },
  },
  {
    method: 'GET',
    path: '/api/studies/:study',
    policy: needs('study.read'),
    summary:
      "One study with its series, the patient's earlier studies, and the identity it came with if that was another",
    async handle(request) {
      const uid = uidSchema.safeParse(param(request, 'study'));
      const found = uid.success ? await services().query.study(uid.data, request.scope) : undefined;
      if (!found) throw new FilmlessError('STUDY_NOT_FOUND');
      const { security } = services();
      // For the staff that keeps identities; a page of another system is shown who it is now.
      const tells = security.service.decide(identityOf(request), 'patient.read').allowed;
      const received = tells ? await identityBefore(services(), found.study) : undefined;
      return { body: { ...found, ...(received ? { received } : {}) } };
    },
  },
  {
    method: 'GET',
    path: '/api/facets',
    policy: needs('study.search'),
    audit: 'none',
    summary: 'Modalities and departments there are, with how many studies each',
    handle: async (request) => ({ body: await services().query.facets(request.scope) }),
  },
];

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
