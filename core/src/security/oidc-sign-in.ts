import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import * as client from 'openid-client';
import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { normalizeUserName } from './user-rules.ts';

export const oidcSettingsSchema = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/ })
    .describe('As the provider names itself, e.g. https://sso.hospital/realms/staff'),
  clientId: z.string().min(1),
  clientSecretFile: z.string().optional().describe('File with the secret of this client; none for a public client'),
  title: z.string().max(64).default('').describe('On the button of the sign-in page, e.g. 医院统一认证'),
  scope: z.string().default('openid profile'),
  nameClaim: z.string().default('preferred_username').describe('Claim that becomes the user name'),
  displayNameClaim: z.string().default('name'),
  roleClaim: z.string().default('groups').describe('Claim with the groups of the user: a text or a list'),
  roles: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .describe('Roles by group, e.g. { "radiology-doctors": ["radiologist"] }'),
  defaultRoles: z
    .array(z.string())
    .default([])
    .describe('For whoever the provider lets in; none: only those with a group'),
});
export type OidcSettings = z.infer<typeof oidcSettingsSchema>;

/** Who somebody is, as the provider says. */
export interface ExternalIdentity {
  /** `<issuer> <subject>`: stable, whatever becomes of the name. */
  external: string;
  name: string;
  displayName: string;
  roles: string[];
  idToken: string | undefined;
}

interface Pending {
  codeVerifier: string;
  state: string;
  nonce: string;
  redirectUri: string;
}

const PENDING_FOR_MS = 10 * 60_000;
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)([:/]|$)/;

/** Sign-in with the hospital's OpenID Connect provider: authorization code with PKCE, state and nonce. @see OpenID Connect Core 3.1 */
export class OidcSignIn {
  readonly settings: OidcSettings;
  readonly #pending: LRUCache<string, Pending>;
  #configuration: Promise<client.Configuration> | undefined;

  constructor(settings: OidcSettings, options: { now?: () => number } = {}) {
    if (!settings.issuer.startsWith('https:') && !LOOPBACK.test(settings.issuer))
      throw new FilmlessError('CONFIG_INVALID', 'security.oidc.issuer: must be https');
    this.settings = settings;
    this.#pending = new LRUCache({
      max: 10_000,
      ttl: PENDING_FOR_MS,
      ttlResolution: 0,
      perf: { now: options.now ?? Date.now },
    });
  }

  /** Where the browser goes; `ticket` comes back with it, in a cookie. @throws UNAVAILABLE when the provider does not answer */
  async begin(redirectUri: string): Promise<{ url: string; ticket: string }> {
    const configuration = await this.#discovered();
    const pending: Pending = {
      codeVerifier: client.randomPKCECodeVerifier(),
      state: client.randomState(),
      nonce: client.randomNonce(),
      redirectUri,
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.settings.scope,
      code_challenge: await client.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
    });
    const ticket = randomBytes(24).toString('base64url');
    this.#pending.set(ticket, pending);
    return { url: url.href, ticket };
  }

  /** What the provider sent back. @throws BAD_CREDENTIALS when it does not fit what was begun here, FORBIDDEN without a role */
  async finish(query: URLSearchParams, ticket: string): Promise<ExternalIdentity> {
    const pending = this.#pending.get(ticket);
    this.#pending.delete(ticket);
    if (!pending) throw new FilmlessError('BAD_CREDENTIALS', 'this sign-in was not begun here, or took too long');
    const configuration = await this.#discovered();
    const url = new URL(pending.redirectUri);
    url.search = query.toString();
    let tokens: Awaited<ReturnType<typeof client.authorizationCodeGrant>>;
    try {
      tokens = await client.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: pending.codeVerifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      });
    } catch (error) {
      throw new FilmlessError('BAD_CREDENTIALS', 'the identity provider did not confirm the sign-in', { cause: error });
    }
    const claims = tokens.claims();
    if (!claims) throw new FilmlessError('BAD_CREDENTIALS', 'the identity provider sent no identity');
    return { ...this.#identityOf(claims), idToken: tokens.id_token };
  }

  /** Where the browser goes to sign out there too; undefined when the provider has no such page. */
  async signOutUrl(idToken: string | undefined, returnTo: string): Promise<string | undefined> {
    const configuration = await this.#discovered();
    if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
    return client.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: returnTo,
      ...(idToken === undefined ? {} : { id_token_hint: idToken }),
    }).href;
  }

  #identityOf(
    claims: Readonly<Record<string, unknown>> & { iss: string; sub: string },
  ): Omit<ExternalIdentity, 'idToken'> {
    const { nameClaim, displayNameClaim, roleClaim, roles, defaultRoles } = this.settings;
    const name = normalizeUserName(textOf(claims[nameClaim]) || claims.sub);
    const groups = [claims[roleClaim]].flat().map(textOf);
    const granted = [
      ...new Set([
        ...defaultRoles,
        ...groups.flatMap((group) => (Object.hasOwn(roles, group) ? (roles[group] ?? []) : [])),
      ]),
    ];
    if (granted.length === 0)
      throw new FilmlessError('FORBIDDEN', 'the identity provider names no group that has a role here');
    return {
      external: `${claims.iss} ${claims.sub}`,
      name,
      displayName: textOf(claims[displayNameClaim]) || name,
      roles: granted,
    };
  }

  async #discovered(): Promise<client.Configuration> {
    this.#configuration ??= this.#discover();
    try {
      return await this.#configuration;
    } catch (error) {
      // Asked again at the next sign-in.
      this.#configuration = undefined;
      throw new FilmlessError('UNAVAILABLE', 'the identity provider does not answer', { cause: error });
    }
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecretFile } = this.settings;
    const secret = clientSecretFile === undefined ? undefined : (await readFile(clientSecretFile, 'utf8')).trim();
    return client.discovery(
      new URL(issuer),
      clientId,
      undefined,
      secret === undefined ? client.None() : client.ClientSecretBasic(secret),
      LOOPBACK.test(issuer) ? { execute: [client.allowInsecureRequests] } : {},
    );
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
