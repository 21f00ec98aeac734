import type { IncomingHttpHeaders } from 'node:http';
import { FilmlessError } from '../errors.ts';
import type { Identity } from '../security/contract.ts';
import { EmbedTokens } from '../security/embed-tokens.ts';
import type { SecurityParts } from '../security/open-security.ts';
import { ServiceKeys } from '../security/service-keys.ts';
import { normalizeUserName } from '../security/user-rules.ts';
import type { ClientInfo } from './client-info.ts';

export const SESSION_COOKIE = 'filmless_session';
const CSRF_HEADER = 'x-filmless-csrf';
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The parts of security that tell who asks. */
export type AuthenticatorParts = Pick<
  SecurityParts,
  'signIn' | 'service' | 'embedTokens' | 'serviceKeys' | 'shares' | 'users'
>;

type Headers = Readonly<Record<string, string | undefined>> | IncomingHttpHeaders;

export type Credentials =
  | { kind: 'bearer' | 'cookie'; token: string }
  | { kind: 'basic'; userName: string; password: string }
  | { kind: 'unreadable' };

/** What a request offers to prove who it is. `Authorization` counts before the cookie. */
export function credentialsOf(headers: Headers): Credentials | undefined {
  const authorization = headers['authorization'];
  if (typeof authorization === 'string') return fromAuthorization(authorization);
  const token = cookieOf(headers['cookie']);
  return token === undefined ? undefined : { kind: 'cookie', token };
}

/** Finds out who asks. */
export class Authenticator {
  readonly #security: AuthenticatorParts;

  constructor(security: AuthenticatorParts) {
    this.#security = security;
  }

  /**
   * Undefined when nobody is signed in. Throws BAD_CREDENTIALS, TOO_MANY_REQUESTS, UNAUTHENTICATED (Basic over an open line), what is
   * wrong with an embed token, and FORBIDDEN (an unsafe method by cookie without the header that other sites cannot send).
   */
  async authenticate(method: string, headers: Headers, client: ClientInfo): Promise<Identity | undefined> {
    const credentials = credentialsOf(headers);
    if (!credentials || credentials.kind === 'unreadable') return undefined;
    if (credentials.kind === 'basic') {
      if (!client.encrypted && !client.loopback)
        throw new FilmlessError('UNAUTHENTICATED', 'HTTP Basic is taken over TLS only');
      if (ServiceKeys.looksLikeOne(credentials.password)) {
        const service = await this.#byKey(credentials.password, client.address);
        // For tools that can do nothing else; the name must be that of the account.
        if (service?.id === normalizeUserName(credentials.userName)) return service;
        throw new FilmlessError('BAD_CREDENTIALS');
      }
      const account = await this.#security.signIn.withBasic(credentials.userName, credentials.password, client.address);
      return this.#security.service.userIdentity(account);
    }
    if (credentials.kind === 'bearer' && EmbedTokens.looksLikeOne(credentials.token))
      return this.#byEmbedToken(credentials.token);
    if (credentials.kind === 'bearer' && ServiceKeys.looksLikeOne(credentials.token))
      return this.#byKey(credentials.token, client.address);
    const found = await this.#security.signIn.withToken(credentials.token);
    if (!found) return undefined;
    if (credentials.kind === 'cookie' && !SAFE_METHODS.has(method)) refuseOtherSites(headers, client);
    return this.#security.service.userIdentity(found.account);
  }

  /** For routes open to all: a session is recognised, and whatever is wrong with the credentials does not matter. */
  async recognise(headers: Headers): Promise<Identity | undefined> {
    return this.#bySession(headers, true);
  }

  /** Whether a long answer may go on: false once its session has ended or its account changed. Does not count as use. */
  async stillSignedIn(headers: Headers, client: ClientInfo): Promise<boolean> {
    const credentials = credentialsOf(headers);
    if (credentials?.kind === 'cookie' || (credentials?.kind === 'bearer' && isSessionToken(credentials.token)))
      return (await this.#bySession(headers, false)) !== undefined;
    try {
      return (await this.authenticate('GET', headers, client)) !== undefined;
    } catch (error) {
      if (error instanceof FilmlessError) return error.code === 'UNAVAILABLE';
      throw error;
    }
  }

  async #byKey(key: string, address: string): Promise<Identity | undefined> {
    const found = await this.#security.serviceKeys.find(key, address);
    return found && this.#security.service.userIdentity(found.account, found.permissions);
  }

  async #byEmbedToken(token: string): Promise<Identity> {
    const claims = await this.#security.embedTokens.verify(token);
    if (claims.share !== undefined) return this.#security.shares.identityOf(claims.share);
    return this.#security.service.embedIdentity(claims, await this.#security.users.find(claims.service));
  }

  async #bySession(headers: Headers, touch: boolean): Promise<Identity | undefined> {
    const credentials = credentialsOf(headers);
    if (credentials?.kind !== 'bearer' && credentials?.kind !== 'cookie') return undefined;
    const found = await this.#security.signIn.withToken(credentials.token, { touch });
    return found && this.#security.service.userIdentity(found.account);
  }
}

/**
 * `WWW-Authenticate` of a 401. Basic is offered to DICOMweb tools alone: offered to a page's own requests it makes browsers ask for a
 * password over the page.
 */
export function challengeFor(path: string, headers: Headers): string {
  const forTools = /^\/(dicom-web|wado)(\/|$)/.test(path);
  const mode = headers['sec-fetch-mode'];
  const fromPage = headers['x-requested-with'] !== undefined || (mode !== undefined && mode !== 'navigate');
  return forTools && !fromPage
    ? 'Basic realm="filmless", charset="UTF-8", Bearer realm="filmless"'
    : 'Bearer realm="filmless"';
}

/**
 * What changes something by cookie must come from a page of this node: it sends a header that other sites cannot, and the browser says so.
 * @throws FORBIDDEN
 */
function refuseOtherSites(headers: Headers, client: ClientInfo): void {
  if (headers[CSRF_HEADER] === undefined) throw new FilmlessError('FORBIDDEN', 'needs the header X-Filmless-CSRF');
  const site = headers['sec-fetch-site'];
  const origin = headers['origin'];
  // A browser that says where it comes from is believed; an older one names the origin.
  const same = typeof site === 'string' ? site === 'same-origin' || site === 'none' : sameOrigin(origin, client);
  if (!same) throw new FilmlessError('FORBIDDEN', 'asked by a page of another site');
}

function sameOrigin(origin: unknown, client: ClientInfo): boolean {
  return typeof origin !== 'string' || origin === client.origin;
}

function isSessionToken(token: string): boolean {
  return !EmbedTokens.looksLikeOne(token) && !ServiceKeys.looksLikeOne(token);
}

function fromAuthorization(header: string): Credentials {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(header.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer', token: value };
  if (scheme.toLowerCase() !== 'basic') return { kind: 'unreadable' };
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return { kind: 'unreadable' };
  return { kind: 'basic', userName: text.slice(0, colon), password: text.slice(colon + 1) };
}

function cookieOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name = '', value = ''] = part.trim().split('=', 2);
    if (name === SESSION_COOKIE && value !== '') return value;
  }
  return undefined;
}
