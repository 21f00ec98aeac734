import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { credentialsOf, SESSION_COOKIE } from '../http/authenticate.ts';
import type { HttpRequest } from '../http/contract.ts';
import type { Identity, Security } from '../security/contract.ts';
import { identityOf, SIGNED_IN } from './route-parts.ts';
import type { ApiRoutes } from './services.ts';

const COOKIE_MAX_AGE_S = 12 * 3600;
const signInBody = z.strictObject({ user: z.string().min(1).max(128), password: z.string().min(1).max(1024) });

/** Sign-in and sign-out. */
export const sessionsRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'POST',
    path: '/api/sessions',
    policy: { access: 'public', why: 'signing in' },
    summary: 'Signs in; gives a token and sets the session cookie',
    requestSchema: z.toJSONSchema(signInBody),
    async handle(request) {
      const { user, password } = signInBody.parse(await request.json());
      const { signIn, sessions, service, users } = services().security;
      const address = request.address ?? '';
      // Who failed is not written down: people type passwords into the wrong field.
      const account = await signIn.withPassword(user, password, address).catch(async (error: unknown) => {
        const { code } = FilmlessError.from(error);
        log.warn({ audit: 'session.refused', address, code }, 'sign-in refused');
        const known = await users.find(user).catch(() => undefined);
        await services().audit.recordDurably({
          action: 'sign-in',
          outcome: 'refused',
          actor: known ? { kind: known.kind, id: known.name } : { kind: 'unknown', id: '' },
          address,
          detail: code,
        });
        throw error;
      });
      const { token, session } = sessions.create(account);
      log.info({ audit: 'session.create', who: account.name, address }, 'signed in');
      await services().audit.recordDurably({
        action: 'sign-in',
        outcome: 'success',
        actor: { kind: account.kind, id: account.name },
        address,
        detail: 'password',
      });
      return {
        status: 201,
        headers: { 'Set-Cookie': sessionCookie(request, token, COOKIE_MAX_AGE_S) },
        body: { token, expiresAt: session.expiresAt, user: shown(service.userIdentity(account), service) },
        // A secret and what the client chose do not go into one compressed answer.
        noCompression: true,
      };
    },
  },
  {
    method: 'GET',
    path: '/api/sessions/current',
    policy: SIGNED_IN,
    summary: 'Who is signed in, and until when if nothing more is asked',
    async handle(request) {
      const token = tokenOf(request);
      const found = token === undefined ? undefined : await services().security.signIn.withToken(token);
      return {
        body: { user: shown(identityOf(request), services().security.service), expiresAt: found?.expiresAt ?? null },
      };
    },
  },
  {
    method: 'DELETE',
    path: '/api/sessions/current',
    policy: SIGNED_IN,
    audit: 'sign-out',
    summary: 'Signs out',
    handle(request) {
      const token = tokenOf(request);
      if (token !== undefined) services().security.sessions.end(token);
      log.info({ audit: 'session.end', who: identityOf(request).id }, 'signed out');
      return { status: 204, headers: { 'Set-Cookie': sessionCookie(request, '', 0) } };
    },
  },
];

function tokenOf(request: HttpRequest): string | undefined {
  const credentials = credentialsOf(request.headers);
  return credentials?.kind === 'bearer' || credentials?.kind === 'cookie' ? credentials.token : undefined;
}

function sessionCookie(request: HttpRequest, value: string, maxAgeS: number): string {
  const secure = request.origin.startsWith('https:') ? '; Secure' : '';
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${secure}`;
}

function shown(identity: Identity, service: Pick<Security, 'scopeOf'>): object {
  const { kind, id, displayName, roles, permissions } = identity;
  return {
    name: id,
    displayName,
    kind,
    roles,
    permissions: [...permissions].sort(),
    /** There is more than is shown: what is not found may be there. */
    limited: service.scopeOf(identity).kind !== 'all',
  };
}
