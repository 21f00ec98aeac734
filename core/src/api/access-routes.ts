import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { identityOf, needs, param, uidSchema } from '../http/route-parts.ts';
import type { AccessScope } from '../security/contract.ts';
import type { Emergency } from '../security/emergency-access.ts';
import { EVERYTHING } from '../security/scope.ts';
import { normalizeUserName } from '../security/user-rules.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const patientIdSchema = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^\P{Cc}+$/u, 'no control characters');
const emergencyBody = z
  .strictObject({
    patientId: patientIdSchema.optional(),
    studyInstanceUid: uidSchema.optional(),
    reason: z
      .string()
      .trim()
      .min(4, 'say why, in a few words')
      .max(500)
      .regex(/^\P{Cc}+$/u, 'no control characters'),
  })
  .refine(
    ({ patientId, studyInstanceUid }) => (patientId === undefined) !== (studyInstanceUid === undefined),
    'name one of patientId, studyInstanceUid',
  );
const restrictBody = z.strictObject({
  users: z.array(z.string().max(80)).max(500).default([]).describe('User names; `device:AET` for a device'),
  roles: z.array(z.string().max(64)).max(32).default([]),
});
const wardBody = z.strictObject({ ward: z.string().trim().min(1).max(64).nullable() });

/** Row limits: emergencies, restricted patients, wards. */
export const accessRoutes: ApiRoutes = ({ services, log, clock }) => [
  {
    method: 'POST',
    path: '/api/emergencies',
    policy: needs('access.break-glass'),
    // Written below, with whose images and why.
    audit: 'none',
    summary: 'Opens a patient outside the row limits for a while; the reason goes into the audit log',
    requestSchema: z.toJSONSchema(emergencyBody),
    async handle(request) {
      const identity = identityOf(request);
      if (identity.kind !== 'user') throw new FilmlessError('FORBIDDEN', 'emergencies are for people');
      const { patientId, studyInstanceUid, reason } = emergencyBody.parse(await request.json());
      const scope = await scopeToOpen(services(), patientId, studyInstanceUid);
      const emergency = services().security.emergencies.grant(identity, scope, reason);
      await services().audit.recordDurably({
        action: 'emergency',
        outcome: 'success',
        actor: { kind: identity.kind, id: identity.id },
        address: request.address ?? '',
        ...(scope.kind === 'patients' ? { patientId: scope.patientIds.join(' ') } : {}),
        ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
        target: emergency.id,
        detail: reason,
      });
      log.warn({ audit: 'emergency.open', who: identity.id, target: emergency.id }, 'emergency access');
      return { status: 201, body: shown(emergency) };
    },
  },
  {
    method: 'GET',
    path: '/api/emergencies',
    policy: needs('audit.read'),
    summary: 'Emergency accesses that last',
    handle: () => ({ body: services().security.emergencies.list() }),
  },
  {
    method: 'DELETE',
    path: '/api/emergencies/:id',
    policy: needs('access.break-glass'),
    summary: 'Ends an emergency access: one’s own, any of an administrator',
    handle(request) {
      const identity = identityOf(request);
      const { emergencies, service } = services().security;
      const id = param(request, 'id');
      const found = emergencies.list().find((one) => one.id === id);
      const may = found?.userName === identity.id || service.decide(identity, 'access.manage').allowed;
      if (!found || !may || !emergencies.end(id)) throw new FilmlessError('NOT_FOUND', 'no such emergency access');
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/api/restricted-patients',
    policy: needs('access.manage'),
    summary: 'Patients that only those named may see',
    handle: () => ({ body: services().security.patients.restricted() }),
  },
  {
    method: 'PUT',
    path: '/api/restricted-patients/:patientId',
    policy: needs('access.manage'),
    summary: 'Restricts a patient to the users and roles named',
    requestSchema: z.toJSONSchema(restrictBody, { io: 'input' }),
    async handle(request) {
      const { users, roles } = restrictBody.parse(await request.json());
      const { patients, roles: known } = services().security;
      if (roles.some((role) => !known.isRole(role)))
        throw new FilmlessError('INVALID_REQUEST', 'roles: some are not known');
      const patientId = patientIdSchema.parse(param(request, 'patientId'));
      await patients.restrict({
        patientId,
        users: users.map((name) => (name.startsWith('device:') ? name : normalizeUserName(name))),
        roles,
        setBy: identityOf(request).id,
        setAt: new Date(clock.now()).toISOString(),
      });
      // His images may be under another of his numbers.
      const person = await services().patients.find({ id: patientId, issuer: '' });
      await patients.keepTogether([patientId, ...(person?.identifiers ?? []).map(({ id }) => id)]);
      return { status: 204, audit: { detail: `for ${[...users, ...roles].join(', ')}` } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/restricted-patients/:patientId',
    policy: needs('access.manage'),
    summary: 'Lifts the restriction of a patient',
    async handle(request) {
      await services().security.patients.release(patientIdSchema.parse(param(request, 'patientId')));
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: '/api/wards',
    policy: needs('access.manage'),
    summary: 'Wards in which patients lie',
    handle: () => ({ body: services().security.patients.wards() }),
  },
  {
    method: 'PUT',
    path: '/api/patients/:patientId/ward',
    policy: needs('access.manage'),
    summary: 'Says where a patient lies, for accounts limited to wards; null when in none',
    requestSchema: z.toJSONSchema(wardBody),
    async handle(request) {
      const { ward } = wardBody.parse(await request.json());
      const patientId = patientIdSchema.parse(param(request, 'patientId'));
      await services().security.patients.place(patientId, ward ?? undefined);
      return { status: 204 };
    },
  },
];

/** A study opens its patient: the earlier images are part of the emergency. STUDY_NOT_FOUND. */
async function scopeToOpen(
  { query }: ApiServices,
  patientId: string | undefined,
  studyInstanceUid: string | undefined,
): Promise<Extract<AccessScope, { kind: 'patients' | 'studies' }>> {
  if (patientId !== undefined) return { kind: 'patients', patientIds: [patientId] };
  const uid = studyInstanceUid ?? '';
  const found = await query.study(uid, EVERYTHING);
  if (!found) throw new FilmlessError('STUDY_NOT_FOUND');
  const owner = found.study.PatientID.trim();
  return owner === '' ? { kind: 'studies', studyInstanceUids: [uid] } : { kind: 'patients', patientIds: [owner] };
}

/** Whose patient it is shows once the patient is open. */
function shown({ id, reason, grantedAt, expiresAt }: Emergency): object {
  return { id, reason, grantedAt, expiresAt };
}
