import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { identityOf, param, SIGNED_IN } from '../http/route-parts.ts';
import { normalizeUserName } from '../security/user-rules.ts';
import type { ApiRoutes } from './services.ts';
import { proveOwn } from './users-routes.ts';

const beginBody = z.strictObject({ currentPassword: z.string().max(1024) });
const confirmBody = z.strictObject({ code: z.string().trim().max(32) });

/** The code of an authenticator beside the password; everyone sets up his own. */
export const secondFactorRoutes: ApiRoutes = ({ services }) => [
  {
    method: 'POST',
    path: '/api/users/:name/second-factor',
    policy: SIGNED_IN,
    summary: "Makes a secret for one's own authenticator; it counts once a code was right",
    requestSchema: z.toJSONSchema(beginBody),
    async handle(request) {
      const name = ownName(request);
      const { currentPassword } = beginBody.parse(await request.json());
      const { signIn, secondFactors } = services().security;
      await proveOwn(signIn, name, currentPassword, request.address ?? '');
      return {
        status: 201,
        headers: { 'Cache-Control': 'no-store' },
        body: await secondFactors.begin(name),
        noCompression: true,
      };
    },
  },
  {
    method: 'PUT',
    path: '/api/users/:name/second-factor',
    policy: SIGNED_IN,
    summary: 'Confirms it with a code; answers the recovery codes, this once',
    requestSchema: z.toJSONSchema(confirmBody),
    async handle(request) {
      const name = ownName(request);
      const { code } = confirmBody.parse(await request.json());
      const recoveryCodes = await services().security.secondFactors.confirm(name, code);
      return { headers: { 'Cache-Control': 'no-store' }, body: { recoveryCodes }, noCompression: true };
    },
  },
  {
    method: 'DELETE',
    path: '/api/users/:name/second-factor',
    policy: SIGNED_IN,
    summary: "Takes it away: one's own with a code (header X-Filmless-Code), another's with user.manage",
    async handle(request) {
      const identity = identityOf(request);
      const name = normalizeUserName(param(request, 'name'));
      const { secondFactors, service } = services().security;
      if (identity.kind === 'user' && identity.id === name) {
        const code = request.headers['x-filmless-code'] ?? '';
        if (!(await secondFactors.check(name, code))) throw new FilmlessError('FORBIDDEN', 'the code is wrong');
      } else service.require(identity, 'user.manage');
      await secondFactors.remove(name);
      return { status: 204 };
    },
  },
];

/** @throws FORBIDDEN when it is another's */
function ownName(request: HttpRequest): string {
  const identity = identityOf(request);
  const name = normalizeUserName(param(request, 'name'));
  if (identity.kind !== 'user' || identity.id !== name)
    throw new FilmlessError('FORBIDDEN', 'everyone sets up his own authenticator');
  return name;
}
