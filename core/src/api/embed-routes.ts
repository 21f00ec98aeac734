import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { embedRequestSchema } from '../security/embed-tokens.ts';
import { identityOf, needs, param } from './route-parts.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const rotateBody = z.strictObject({ forget: z.boolean().default(false) });

/** Tokens for the pages of a HIS. */
export const embedRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'POST',
    path: '/api/embed/tokens',
    policy: needs('embed.issue'),
    // Written below, with whom and what for.
    audit: 'none',
    summary: "A short-lived token for another system's page: good for one patient, study or order alone",
    requestSchema: z.toJSONSchema(embedRequestSchema, { io: 'input' }),
    async handle(request) {
      const identity = identityOf(request);
      if (identity.kind !== 'service')
        throw new FilmlessError('FORBIDDEN', 'embed tokens are given to service accounts only');
      const body = embedRequestSchema.parse(await request.json());
      const { patientId, studyInstanceUid, accessionNumber, user } = body;
      const patientIds = accessionNumber === undefined ? undefined : await orderedFor(services(), accessionNumber);
      const { id, token, expiresAt } = await services().security.embedTokens.issue(identity, body, {
        ...(patientIds ? { patientIds } : {}),
      });
      await services().audit.recordDurably({
        action: 'token',
        outcome: 'success',
        actor: { kind: identity.kind, id: identity.id },
        address: request.address ?? '',
        target: id,
        ...(patientId === undefined ? {} : { patientId }),
        ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
        detail: accessionNumber === undefined ? `for ${user}` : `for ${user}, accession number ${accessionNumber}`,
      });
      log.info({ audit: 'embed.issue', who: identity.id, target: id }, 'embed token issued');
      return {
        status: 201,
        headers: { 'Cache-Control': 'no-store' },
        body: { token, id, expiresAt },
        noCompression: true,
      };
    },
  },
  {
    method: 'GET',
    path: '/api/embed/tokens',
    policy: needs('user.manage'),
    summary: 'Embed tokens that have not expired, without the tokens themselves',
    handle: () => ({ body: services().security.embedTokens.list() }),
  },
  {
    method: 'POST',
    path: '/api/embed/keys/rotate',
    policy: needs('user.manage'),
    summary: 'A new signing key; with `forget` the tokens there are end at once',
    requestSchema: z.toJSONSchema(rotateBody, { io: 'input' }),
    async handle(request) {
      const { forget } = rotateBody.parse(await request.json());
      const kid = services().security.keys.rotate({ forget });
      log.info({ audit: 'keys.rotate', who: identityOf(request).id, target: kid }, 'signing key replaced');
      return { status: 201, body: { kid } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/embed/tokens/:id',
    policy: needs('embed.issue'),
    summary: 'Revokes an embed token at once: its own of a service account, any of an administrator',
    handle(request) {
      const identity = identityOf(request);
      const { embedTokens, service } = services().security;
      const own = service.decide(identity, 'user.manage').allowed ? undefined : identity.id;
      if (!embedTokens.revoke(param(request, 'id'), own)) throw new FilmlessError('NOT_FOUND', 'no such token');
      log.info({ audit: 'embed.revoke', who: identity.id, target: param(request, 'id') }, 'embed token revoked');
      return { status: 204 };
    },
  },
];

/** Numbers of the patient an accession number was given out for; undefined where no order is known. */
async function orderedFor(
  { orders, patients }: Pick<ApiServices, 'orders' | 'patients'>,
  accessionNumber: string,
): Promise<string[] | undefined> {
  const order = await orders.byAccession(accessionNumber);
  if (!order) return undefined;
  const person = await patients.find(order.patient);
  return [...new Set([order.patient, ...(person?.identifiers ?? [])].map(({ id }) => id))];
}
