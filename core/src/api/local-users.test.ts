import { generateSync } from 'otplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';

const PASSWORD = 'first password';

describe('local users', () => {
  let node: ApiTestNode;
  const { ask } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
  });

  afterEach(() => node.stop());

  const make = (change: object = {}) =>
    ask('POST', '/api/users', {
      body: { name: 'wang', displayName: '王芳', roles: ['clinician'], password: PASSWORD, ...change },
    });
  const signIn = async (body: object = {}, headers: Record<string, string> = {}) => {
    const response = await fetch(`${node.baseUrl}/api/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'Ward PC 7', ...headers },
      body: JSON.stringify({ user: 'wang', password: PASSWORD, ...body }),
    });
    const json = (await response.json()) as Json;
    return { status: response.status, json, token: String(json['token']), cookie: response.headers.get('set-cookie') };
  };

  it('must change a password somebody else chose before they do anything else', async () => {
    await make({ mustChangePassword: true });
    const { token, json } = await signIn();
    expect(json['user']).toMatchObject({ mustChangePassword: true, limited: true });
    for (const path of ['/api/studies', '/api/facets'])
      expect((await ask('GET', path, { token })).json, path).toMatchObject({ code: 'PASSWORD_CHANGE_NEEDED' });
    const set = (password: string) =>
      ask('PUT', '/api/users/wang/password', { token, body: { password, currentPassword: PASSWORD } });
    expect((await set(PASSWORD)).json).toMatchObject({ detail: expect.stringContaining('another') });
    expect((await set('second password')).status).toBe(204);
    const again = await signIn({ password: 'second password' });
    expect((await ask('GET', '/api/studies', { token: again.token })).status).toBe(200);
    // An administrator may ask for it again.
    await ask('PUT', '/api/users/wang/password', { body: { password: 'third password', mustChange: true } });
    expect((await signIn({ password: 'third password' })).json['user']).toMatchObject({ mustChangePassword: true });
  });

  it('cannot have passwords that are guessed first', async () => {
    for (const password of [
      '12345678',
      '87654321',
      'password123',
      'P@ssw0rd',
      'aaaaaaaa',
      'qwertyuiop1',
      'my wang pass',
      'Admin@2026',
    ])
      expect((await make({ password })).json, password).toMatchObject({
        code: 'INVALID_REQUEST',
        detail: expect.stringMatching(/^password: /),
      });
    expect((await make({ password: '一二三四五六七八' })).status).toBe(201);
  });

  describe('with an authenticator', () => {
    let token: string;
    let secret: string;
    let recovery: string[];
    const code = () => generateSync({ secret, epoch: Math.floor(node.clock.now() / 1000) });

    beforeEach(async () => {
      await make();
      token = (await signIn()).token;
      const path = '/api/users/wang/second-factor';
      expect((await ask('POST', path, { token, body: { currentPassword: 'wrong one' } })).status).toBe(403);
      expect((await ask('POST', path, { body: { currentPassword: PASSWORD } })).status).toBe(403);
      const begun = await ask('POST', path, { token, body: { currentPassword: PASSWORD } });
      expect(begun.json['uri']).toMatch(/^otpauth:\/\/totp\//);
      secret = String(begun.json['secret']);
      // Nothing is asked for until the first code was right.
      expect((await signIn()).status).toBe(201);
      expect((await ask('PUT', path, { token, body: { code: '000000' } })).status).toBe(400);
      const confirmed = await ask('PUT', path, { token, body: { code: code() } });
      recovery = confirmed.json['recoveryCodes'] as string[];
      node.clock.advance(60_000);
    });

    it('sign in with password and code, each code once', async () => {
      expect(await signIn()).toMatchObject({ status: 401, json: { code: 'SECOND_FACTOR_NEEDED' } });
      expect(await signIn({ password: 'wrong one' })).toMatchObject({ json: { code: 'BAD_CREDENTIALS' } });
      expect(await signIn({ code: '000000' })).toMatchObject({ status: 401, json: { code: 'SECOND_FACTOR_NEEDED' } });
      const now = code();
      expect((await signIn({ code: now })).status).toBe(201);
      expect(await signIn({ code: now })).toMatchObject({ status: 401 });
      const listed = (await ask('GET', '/api/users')).json as unknown as Json[];
      expect(listed.find(({ name }) => name === 'wang')).toMatchObject({ secondFactor: true });
      expect(JSON.stringify(listed)).not.toContain(secret);
    });

    it('sign in with a recovery code, once', async () => {
      expect(recovery).toHaveLength(10);
      expect((await signIn({ code: recovery[0] })).status).toBe(201);
      expect((await signIn({ code: recovery[0] })).status).toBe(401);
      expect((await signIn({ code: recovery[1]?.toUpperCase() })).status).toBe(201);
    });

    it('are slowed down when codes are tried', async () => {
      for (let n = 0; n < 5; n += 1) await signIn({ code: `00000${n}` });
      expect((await signIn({ code: code() })).status).toBe(429);
    });

    it('cannot come by Basic, which has no place for a code', async () => {
      const headers = { Authorization: `Basic ${Buffer.from(`wang:${PASSWORD}`).toString('base64')}` };
      const response = await fetch(`${node.baseUrl}/api/studies`, { headers });
      expect(await response.json()).toMatchObject({ code: 'SECOND_FACTOR_NEEDED' });
    });

    it('take it away with a code, and administrators for who lost it', async () => {
      const path = '/api/users/wang/second-factor';
      expect((await ask('DELETE', path, { token })).status).toBe(403);
      expect((await ask('DELETE', path, { token, headers: { 'X-Filmless-Code': code() } })).status).toBe(204);
      expect((await signIn()).status).toBe(201);
      expect((await ask('DELETE', path, { as: ['radiologist'] })).status).toBe(403);
      expect((await ask('DELETE', path)).status).toBe(204);
    });
  });

  it('see and end their own sessions, and administrators those of all', async () => {
    await make();
    const here = await signIn();
    const there = await signIn({}, { 'User-Agent': 'Reading room' });
    const own = (await ask('GET', '/api/sessions', { token: here.token })).json as unknown as Json[];
    expect(own.map(({ agent, current, address }) => [agent, current, address]).sort()).toEqual([
      ['Reading room', false, '127.0.0.1'],
      ['Ward PC 7', true, '127.0.0.1'],
    ]);
    expect(JSON.stringify(own)).not.toContain(there.token);
    expect((await ask('GET', '/api/sessions?of=all', { token: here.token })).status).toBe(403);
    const other = own.find(({ current }) => current === false);
    const admins = (await ask('GET', '/api/sessions')).json as unknown as Json[];
    expect((await ask('DELETE', `/api/sessions/${admins[0]?.['id']}`, { token: here.token })).status).toBe(404);
    expect((await ask('DELETE', `/api/sessions/${other?.['id']}`, { token: here.token })).status).toBe(204);
    expect((await ask('GET', '/api/studies', { token: there.token })).status).toBe(401);
    const all = (await ask('GET', '/api/sessions?of=all')).json as unknown as Json[];
    const mine = all.find(({ userName }) => userName === 'wang');
    expect((await ask('DELETE', `/api/sessions/${mine?.['id']}`)).status).toBe(204);
    expect((await ask('GET', '/api/studies', { token: here.token })).status).toBe(401);
  });

  it('are not made to do things by pages of other sites', async () => {
    await make();
    const { token } = await signIn();
    const post = async (headers: Record<string, string>) =>
      (
        await fetch(`${node.baseUrl}/api/emergencies`, {
          method: 'POST',
          headers: {
            Cookie: `filmless_session=${token}`,
            'Content-Type': 'application/json',
            'X-Filmless-CSRF': '1',
            ...headers,
          },
          body: JSON.stringify({ patientId: 'A', reason: '急诊抢救' }),
        })
      ).status;
    expect(await post({})).toBe(201);
    expect(await post({ Origin: node.baseUrl, 'Sec-Fetch-Site': 'same-origin' })).toBe(201);
    for (const site of ['cross-site', 'same-site']) expect(await post({ 'Sec-Fetch-Site': site }), site).toBe(403);
    expect(await post({ Origin: 'https://evil.example' })).toBe(403);
    expect(await post({ Origin: 'null' })).toBe(403);
  });
});
