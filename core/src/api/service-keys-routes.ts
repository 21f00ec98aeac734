import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { identityOf, needs, param } from '../http/route-parts.ts';
import { displayNameSchema, normalizeUserName } from '../security/user-rules.ts';
import type { ApiRoutes } from './services.ts';

const createBody = z.strictObject({
  title: displayNameSchema.describe('What it is for'),
  permissions: z
    .array(z.string().max(64))
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .describe("What of the account's permissions the key carries; all when absent"),
  expiresAt: z.iso.datetime().nullable().default(null),
  signsLaunches: z.boolean().default(false).describe('Also gives a secret that signs addresses which open the viewer'),
});

/** Keys of service accounts. */
export const serviceKeysRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'GET',
    path: '/api/users/:name/keys',
    policy: needs('user.manage'),
    summary: 'Keys of a service account, without their secrets',
    handle: async (request) => ({
      body: await services().security.serviceKeys.list(normalizeUserName(param(request, 'name'))),
    }),
  },
  {
    method: 'POST',
    path: '/api/users/:name/keys',
    policy: needs('user.manage'),
    summary: 'Makes a key of a service account; it is shown in this answer and never again',
    requestSchema: z.toJSONSchema(createBody, { io: 'input' }),
    async handle(request) {
      const body = createBody.parse(await request.json());
      const { roles, serviceKeys } = services().security;
      const known = new Set(roles.permissions().map(({ id }) => id));
      if (body.permissions?.some((id) => !known.has(id)))
        throw new FilmlessError('INVALID_REQUEST', 'permissions: some are not known');
      const who = identityOf(request).id;
      const { key, launchSecret, entry } = await serviceKeys.create(
        normalizeUserName(param(request, 'name')),
        body,
        who,
      );
      log.info({ audit: 'key.create', who, target: entry.id }, 'key made');
      return {
        status: 201,
        headers: { 'Cache-Control': 'no-store' },
        body: { key, ...(launchSecret === undefined ? {} : { launchSecret }), ...entry },
        audit: { detail: `key ${entry.id}: ${entry.title}` },
        noCompression: true,
      };
    },
  },
  {
    method: 'DELETE',
    path: '/api/users/:name/keys/:id',
    policy: needs('user.manage'),
    summary: 'Revokes a key at once',
    async handle(request) {
      await services().security.serviceKeys.revoke(normalizeUserName(param(request, 'name')), param(request, 'id'));
      log.info({ audit: 'key.revoke', who: identityOf(request).id, target: param(request, 'id') }, 'key revoked');
      return { status: 204 };
    },
  },
];
