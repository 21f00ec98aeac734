import { LRUCache } from 'lru-cache';
import { FilmlessError } from '../errors.ts';
import type { HttpReply, HttpRequest } from '../http/contract.ts';
import type { OidcSignIn } from '../security/oidc-sign-in.ts';
import type { UserAccount } from '../security/users.ts';
import type { ApiRoutes, ApiServices } from './services.ts';
import { sessionCookie } from './session-cookie.ts';

const CALLBACK = '/api/oidc/callback';
const TICKET_COOKIE = 'filmless_oidc';
const TICKET = /^[A-Za-z0-9_-]{32}$/;

/** Identity tokens by session, to sign out at the provider; after a restart it asks the user there. */
const idTokens = new LRUCache<string, string>({ max: 10_000, ttl: 24 * 3600_000 });

/** Sign-in with the hospital's identity provider. */
export const oidcRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'GET',
    path: '/api/sign-in',
    policy: { access: 'public', why: 'which ways there are to sign in' },
    summary: 'Ways to sign in: by password, and with the identity provider when there is one',
    handle() {
      const { oidc } = services().security;
      return {
        headers: { 'Cache-Control': 'no-store' },
        body: { password: true, oidc: oidc ? { title: oidc.settings.title, start: '/api/oidc/start' } : null },
      };
    },
  },
  {
    method: 'GET',
    path: '/api/oidc/start',
    policy: { access: 'public', why: 'signing in' },
    summary: 'Sends the browser to the identity provider',
    async handle(request) {
      const { url, ticket } = await provider(services()).begin(`${request.origin}${CALLBACK}`);
      return {
        status: 302,
        headers: { Location: url, 'Set-Cookie': ticketCookie(request, ticket), 'Cache-Control': 'no-store' },
      };
    },
  },
  {
    method: 'GET',
    path: CALLBACK,
    policy: { access: 'public', why: 'signing in' },
    summary: 'Where the identity provider sends the browser back to',
    async handle(request) {
      const { security, audit } = services();
      const address = request.address ?? '';
      try {
        const found = await provider(services()).finish(request.query, ticketOf(request));
        const account = await security.users.ensureExternal(found);
        const { token, session } = security.sessions.create(account, {
          address,
          agent: request.headers['user-agent'],
        });
        await security.sessions.written();
        if (found.idToken !== undefined) idTokens.set(session.id, found.idToken);
        await audit.recordDurably({
          action: 'sign-in',
          outcome: 'success',
          actor: { kind: account.kind, id: account.name },
          address,
          detail: 'identity provider',
        });
        log.info({ audit: 'session.create', who: account.name, address }, 'signed in with the identity provider');
        return arrived(request, sessionCookie(request, token, security.settings));
      } catch (error) {
        const { code, detail } = FilmlessError.from(error);
        log.warn({ audit: 'session.refused', address, code, detail }, 'sign-in with the identity provider refused');
        await audit.recordDurably({
          action: 'sign-in',
          outcome: 'refused',
          actor: { kind: 'unknown', id: '' },
          address,
          detail: `identity provider: ${code}`,
        });
        return {
          status: 302,
          headers: { Location: `/sign-in?failed=${code}`, 'Set-Cookie': ticketCookie(request, '') },
        };
      }
    },
  },
];

/** Where to sign out at the provider too; undefined when the session did not come from there. */
export async function signOutUrl(
  { security }: ApiServices,
  account: UserAccount,
  sessionId: string,
  origin: string,
): Promise<string | undefined> {
  if (account.source !== 'oidc' || !security.oidc) return undefined;
  const idToken = idTokens.get(sessionId);
  idTokens.delete(sessionId);
  // A provider that is away must not keep anyone from signing out here.
  return security.oidc.signOutUrl(idToken, `${origin}/sign-in`).catch(() => undefined);
}

function provider({ security }: ApiServices): OidcSignIn {
  if (!security.oidc) throw new FilmlessError('NOT_FOUND', 'no identity provider is set up');
  return security.oidc;
}

/**
 * A page that goes on by itself: a redirect would count as coming from the provider's site, and the browser would keep the session cookie
 * back.
 */
function arrived(request: HttpRequest, cookie: string): HttpReply {
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Set-Cookie': [cookie, ticketCookie(request, '')],
    },
    body: '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>Filmless</title>',
  };
}

/** Lax: it must come along when the provider sends the browser back. */
function ticketCookie(request: HttpRequest, ticket: string): string {
  const secure = request.origin.startsWith('https:') ? '; Secure' : '';
  const maxAgeS = ticket === '' ? 0 : 600;
  return `${TICKET_COOKIE}=${ticket}; Path=/api/oidc; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`;
}

function ticketOf(request: HttpRequest): string {
  for (const part of request.headers['cookie']?.split(';') ?? []) {
    const [name = '', value = ''] = part.trim().split('=', 2);
    if (name === TICKET_COOKIE && TICKET.test(value)) return value;
  }
  throw new FilmlessError('BAD_CREDENTIALS', 'this sign-in was not begun in this browser');
}
