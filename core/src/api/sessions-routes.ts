import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { credentialsOf } from '../http/authenticate.ts';
import type { HttpRequest } from '../http/contract.ts';
import { identityOf, param, SIGNED_IN } from '../http/route-parts.ts';
import type { Identity, Security } from '../security/contract.ts';
import { signOutUrl } from './oidc-routes.ts';
import type { ApiRoutes } from './services.ts';
import { sessionCookie } from './session-cookie.ts';

const signInBody = z.strictObject({
  user: z.string().min(1).max(128),
  password: z.string().min(1).max(1024),
  code: z.string().trim().max(32).optional().describe('Of the authenticator, or a recovery code'),
});

/** Sign-in and sign-out. */
export const sessionsRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'POST',
    path: '/api/sessions',
    policy: { access: 'public', why: 'signing in' },
    summary: 'Signs in; gives a token and sets the session cookie',
    requestSchema: z.toJSONSchema(signInBody),
    async handle(request) {
      const { user, password, code } = signInBody.parse(await request.json());
      const { signIn, sessions, service, users } = services().security;
      const address = request.address ?? '';
      // Who failed is not written down: people type passwords into the wrong field.
      const account = await signIn.withPassword(user, password, address, code).catch(async (error: unknown) => {
        const failure = FilmlessError.from(error).code;
        log.warn({ audit: 'session.refused', address, code: failure }, 'sign-in refused');
        const known = await users.find(user).catch(() => undefined);
        await services().audit.recordDurably({
          action: 'sign-in',
          outcome: 'refused',
          actor: known ? { kind: known.kind, id: known.name } : { kind: 'unknown', id: '' },
          address,
          detail: failure,
        });
        throw error;
      });
      const { token, session } = sessions.create(account, { address, agent: request.headers['user-agent'] });
      await sessions.written();
      log.info({ audit: 'session.create', who: account.name, address }, 'signed in');
      await services().audit.recordDurably({
        action: 'sign-in',
        outcome: 'success',
        actor: { kind: account.kind, id: account.name },
        address,
        detail: account.secondFactor ? 'password and code' : 'password',
      });
      return {
        status: 201,
        headers: { 'Set-Cookie': sessionCookie(request, token, services().security.settings) },
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
    summary: 'Signs out; answers where to sign out at the identity provider too, when the session came from there',
    async handle(request) {
      const token = tokenOf(request);
      const found =
        token === undefined ? undefined : await services().security.signIn.withToken(token, { touch: false });
      if (token !== undefined) services().security.sessions.end(token);
      await services().security.sessions.written();
      const elsewhere = found && (await signOutUrl(services(), found.account, found.id, request.origin));
      log.info({ audit: 'session.end', who: identityOf(request).id }, 'signed out');
      const headers = { 'Set-Cookie': sessionCookie(request, '', services().security.settings) };
      return elsewhere === undefined ? { status: 204, headers } : { headers, body: { signOutUrl: elsewhere } };
    },
  },
  {
    method: 'GET',
    path: '/api/sessions',
    policy: SIGNED_IN,
    summary: "One's own sessions; those of all with `?of=all` and user.manage",
    async handle(request) {
      const identity = identityOf(request);
      const { sessions, service, signIn } = services().security;
      const all = request.query.get('of') === 'all';
      if (all) service.require(identity, 'user.manage');
      const token = tokenOf(request);
      const current = token === undefined ? undefined : await signIn.withToken(token);
      const listed = sessions.list(all ? undefined : identity.id);
      return { body: listed.map((session) => ({ ...session, current: session.id === current?.id })) };
    },
  },
  {
    method: 'DELETE',
    path: '/api/sessions/:id',
    policy: SIGNED_IN,
    audit: 'sign-out',
    summary: "Ends a session: one's own, or anyone's with user.manage",
    async handle(request) {
      const identity = identityOf(request);
      const { sessions, service } = services().security;
      const own = service.decide(identity, 'user.manage').allowed ? undefined : identity.id;
      if (sessions.endById(param(request, 'id'), own) === undefined)
        throw new FilmlessError('NOT_FOUND', 'no such session');
      await sessions.written();
      return { status: 204 };
    },
  },
];

function tokenOf(request: HttpRequest): string | undefined {
  const credentials = credentialsOf(request.headers);
  return credentials?.kind === 'bearer' || credentials?.kind === 'cookie' ? credentials.token : undefined;
}

function shown(identity: Identity, service: Pick<Security, 'scopeOf'>): object {
  const { kind, id, displayName, roles, permissions } = identity;
  return {
    name: id,
    displayName,
    kind,
    roles,
    permissions: [...permissions].sort(),
    mustChangePassword: identity.mustChangePassword ?? false,
    /** There is more than is shown: what is not found may be there. */
    limited: service.scopeOf(identity).kind !== 'all',
  };
}
