import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { BrowserSession } from '../../testing/browser-session.ts';
import { OidcSignIn, oidcSettingsSchema } from '../security/oidc-sign-in.ts';

/** What the provider says of those who sign in there. */
const PEOPLE: Readonly<Record<string, { name: string; groups: string[] }>> = {
  zhang: { name: '张医生', groups: ['radiology-doctors', 'everyone'] },
  li: { name: '李护士', groups: ['everyone'] },
  admin: { name: 'not the administrator', groups: ['radiology-doctors'] },
};

describe('sign-in with an identity provider', () => {
  let provider: Server;
  let issuer: string;
  let node: ApiTestNode;
  const { ask } = apiClient(() => node);

  beforeEach(async () => {
    // The provider warns that it is set up for tests.
    vi.spyOn(console, 'info').mockReturnValue(undefined);
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
    provider = createServer();
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    const oidc = oidcSettingsSchema.parse({
      issuer,
      clientId: 'filmless',
      title: '统一认证',
      roles: { 'radiology-doctors': ['radiologist'] },
    });
    node = await startApiTestNode({ settings: { oidc } });
    const authority = new Provider(issuer, {
      clients: [
        {
          client_id: 'filmless',
          token_endpoint_auth_method: 'none',
          redirect_uris: [`${node.baseUrl}/api/oidc/callback`],
          post_logout_redirect_uris: [`${node.baseUrl}/sign-in`],
        },
      ],
      claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['a key of the test'] },
      findAccount: (_context: unknown, id: string) => ({
        accountId: id,
        claims: () => ({ sub: `id-of-${id}`, preferred_username: id, ...PEOPLE[id] }),
      }),
    });
    provider.on('request', authority.callback());
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await node.stop();
    provider.closeAllConnections();
    await new Promise((resolve) => provider.close(resolve));
  });

  /** Goes through the provider's pages; stops at its redirect back when told so. */
  const signIn = async (who: string, browser = new BrowserSession()) => {
    const form = await browser.open(`${node.baseUrl}/api/oidc/start`);
    const consent = await browser.submit(form, { prompt: 'login', login: who, password: 'x' });
    const end = await browser.submit(consent, { prompt: 'consent' });
    return { browser, end, token: browser.cookie(node.baseUrl, 'filmless_session') };
  };

  it('is offered where it is set up', async () => {
    const offered = (await (await fetch(`${node.baseUrl}/api/sign-in`)).json()) as Json;
    expect(offered).toEqual({ password: true, oidc: { title: '统一认证', start: '/api/oidc/start' } });
  });

  it('makes the account, with the roles of its groups, and signs out there too', async () => {
    const { token, end, browser } = await signIn('zhang');
    expect(end).toMatchObject({ status: 200, text: expect.stringContaining('url=/') });
    expect(browser.cookie(node.baseUrl, 'filmless_oidc')).toBeUndefined();
    const current = await ask('GET', '/api/sessions/current', { token: token ?? '' });
    expect(current.json['user']).toMatchObject({ name: 'zhang', displayName: '张医生', roles: ['radiologist'] });
    expect(await node.security.users.find('zhang')).toMatchObject({ source: 'oidc', secondFactor: false });
    // It has no password here, and gets none.
    expect((await ask('PUT', '/api/users/zhang/password', { body: { password: 'a new password' } })).status).toBe(400);
    const [entry] = (await ask('GET', '/api/audit?action=sign-in')).json['items'] as Json[];
    expect(entry).toMatchObject({ actor: 'zhang', outcome: 'success', detail: 'identity provider' });
    const out = await ask('DELETE', '/api/sessions/current', { token: token ?? '' });
    expect(String(out.json['signOutUrl'])).toMatch(
      new RegExp(`^${issuer}/session/end\\?.*post_logout_redirect_uri=.*id_token_hint=`),
    );
    expect((await ask('GET', '/api/studies', { token: token ?? '' })).status).toBe(401);
  });

  it('follows the groups at each sign-in, and refuses who has none that counts, or is disabled', async () => {
    const refused = await signIn('li');
    expect([refused.token, refused.end.url]).toEqual([undefined, `${node.baseUrl}/sign-in?failed=FORBIDDEN`]);
    await signIn('zhang');
    await ask('PUT', '/api/users/zhang', { body: { roles: ['admin'] } });
    await signIn('zhang');
    expect(await node.security.users.find('zhang')).toMatchObject({ roles: ['radiologist'] });
    await ask('PUT', '/api/users/zhang', { body: { disabled: true } });
    expect((await signIn('zhang')).end.url).toContain('failed=FORBIDDEN');
  });

  it('does not take over an account of another name’s owner', async () => {
    await ask('POST', '/api/users', {
      body: { name: 'admin', displayName: 'Administrator', roles: ['admin'], password: 'a good password' },
    });
    const { token, end } = await signIn('admin');
    expect([token, end.url]).toEqual([undefined, `${node.baseUrl}/sign-in?failed=CONFLICT`]);
  });

  it('takes an answer once, for who began it, and only what the provider signed for it', async () => {
    const browser = new BrowserSession();
    const { url } = await browser.open(`${node.baseUrl}/api/oidc/start`, { follow: false });
    const state = new URL(url).searchParams.get('state') ?? '';
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      code_challenge_method: 'S256',
      response_type: 'code',
      nonce: expect.any(String),
    });
    const callback = (query: string) => `${node.baseUrl}/api/oidc/callback?${query}`;
    const failed = `${node.baseUrl}/sign-in?failed=BAD_CREDENTIALS`;
    // Another browser, which began nothing.
    expect((await new BrowserSession().open(callback(`code=x&state=${state}`))).url).toBe(failed);
    // A code that the provider never gave.
    expect((await browser.open(callback(`code=x&state=${state}&iss=${encodeURIComponent(issuer)}`))).url).toBe(failed);
    // Begun, and answered for another beginning.
    await browser.open(`${node.baseUrl}/api/oidc/start`, { follow: false });
    expect((await browser.open(callback(`code=x&state=other&iss=${encodeURIComponent(issuer)}`))).url).toBe(failed);
    expect(browser.cookie(node.baseUrl, 'filmless_session')).toBeUndefined();
  });

  it('says so when the provider is away, and wants TLS unless it is on this machine', async () => {
    provider.closeAllConnections();
    await new Promise((resolve) => provider.close(resolve));
    const response = await fetch(`${node.baseUrl}/api/oidc/start`, { redirect: 'manual' });
    expect([response.status, ((await response.json()) as Json)['code']]).toEqual([503, 'UNAVAILABLE']);
    const open = oidcSettingsSchema.parse({ issuer: 'http://sso.hospital', clientId: 'x' });
    expect(() => new OidcSignIn(open)).toThrow(/must be https/);
  });
});
