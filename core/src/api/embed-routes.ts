import { z } from 'zod';
import { numbersOfOrder } from '../clinical/numbers-of-order.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { identityOf, needs, param } from '../http/route-parts.ts';
import type { Identity } from '../security/contract.ts';
import { type EmbedRequest, embedRequestSchema } from '../security/embed-tokens.ts';
import { MAX_EMBED_TTL_SECONDS } from '../security/open-security.ts';
import type { ApiRoutes, ApiServices } from './services.ts';

const redeemBody = z.strictObject({ code: z.string().max(64) });
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
      const { identity, body, patientIds } = await readEmbedRequest(request, services());
      const { patientId, studyInstanceUid, accessionNumber, user } = body;
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
    method: 'POST',
    path: '/api/embed/launches',
    policy: needs('embed.issue'),
    audit: 'none',
    summary: 'An address that opens the viewer once, within a minute, on one patient, study or order',
    requestSchema: z.toJSONSchema(embedRequestSchema, { io: 'input' }),
    async handle(request) {
      const { identity, body, patientIds } = await readEmbedRequest(request, services());
      const { code, expiresAt } = services().security.launches.create(identity.id, body, patientIds);
      await services().audit.recordDurably({
        action: 'token',
        outcome: 'success',
        actor: { kind: identity.kind, id: identity.id },
        address: request.address ?? '',
        ...(body.patientId === undefined ? {} : { patientId: body.patientId }),
        ...(body.studyInstanceUid === undefined ? {} : { studyInstanceUid: body.studyInstanceUid }),
        detail: `launch for ${body.user}`,
      });
      return {
        status: 201,
        headers: { 'Cache-Control': 'no-store' },
        body: { url: `${request.origin}${launchPath(body, code)}`, expiresAt },
        noCompression: true,
      };
    },
  },
  {
    method: 'POST',
    path: '/api/embed/launches/redeem',
    policy: { access: 'public', why: "carries a launch's code, which counts once" },
    summary: "Exchanges a launch's code for an embed token, once",
    requestSchema: z.toJSONSchema(redeemBody),
    async handle(request) {
      const { code } = redeemBody.parse(await request.json());
      const { security, audit } = services();
      const address = request.address ?? '';
      const opened = await security.launches.redeem(code).catch((error: unknown) => {
        const detail = `launch: ${FilmlessError.from(error).code}`;
        audit.recordOnce(`launch\n${address}\n${detail}`, {
          action: 'sign-in',
          outcome: 'refused',
          actor: { kind: 'unknown', id: '' },
          address,
          detail,
        });
        throw error;
      });
      await audit.recordDurably({
        action: 'sign-in',
        outcome: 'success',
        actor: { kind: 'embed', id: `${opened.service}/${opened.user}` },
        address,
        target: opened.id,
        detail: 'launch',
      });
      log.info({ audit: 'embed.launch', who: opened.service, target: opened.id, address }, 'viewer launched');
      const { token, expiresAt } = opened;
      return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: { token, expiresAt }, noCompression: true };
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
    method: 'GET',
    path: '/api/embed/settings',
    policy: needs('user.manage'),
    summary: 'Whose pages may show images, and how long a token lasts at most',
    handle: () => ({
      body: {
        origins: services().corsOrigins(),
        maxTtlSeconds: services().security.settings.embed?.maxTtlSeconds ?? MAX_EMBED_TTL_SECONDS,
      },
    }),
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

/** @throws FORBIDDEN when it is not a service account that asks */
async function readEmbedRequest(
  request: HttpRequest,
  parts: Pick<ApiServices, 'orders' | 'patients'>,
): Promise<{ identity: Identity; body: EmbedRequest; patientIds: string[] | undefined }> {
  const identity = identityOf(request);
  if (identity.kind !== 'service')
    throw new FilmlessError('FORBIDDEN', 'embed tokens and launches are given to service accounts only');
  const body = embedRequestSchema.parse(await request.json());
  const { accessionNumber } = body;
  return {
    identity,
    body,
    patientIds: accessionNumber === undefined ? undefined : await numbersOfOrder(parts, accessionNumber),
  };
}

/** Invoke Image Display's own words for what a token is good for. */
function launchPath(
  { patientId, issuerOfPatientId, studyInstanceUid, accessionNumber }: EmbedRequest,
  code: string,
): string {
  const query = new URLSearchParams({ requestType: patientId === undefined ? 'STUDY' : 'PATIENT' });
  if (patientId !== undefined)
    query.set('patientID', issuerOfPatientId === undefined ? patientId : `${patientId}^^^${issuerOfPatientId}`);
  if (studyInstanceUid !== undefined) query.set('studyUID', studyInstanceUid);
  if (accessionNumber !== undefined) query.set('accessionNumber', accessionNumber);
  query.set('launch', code);
  return `/IHEInvokeImageDisplay?${query}`;
}
