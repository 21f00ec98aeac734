import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../testing/api-client.ts';
import { apiClient } from '../../testing/api-client.ts';
import type { ApiTestNode } from '../../testing/api-node.ts';
import { startApiTestNode } from '../../testing/api-node.ts';
import { TEST_PASSWORD } from '../../testing/http-node.ts';

describe('accounts over REST', () => {
  let node: ApiTestNode;
  const { ask } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
  });

  afterEach(() => node.stop());

  describe('sessions', () => {
    const signIn = (user: unknown, password: unknown, headers: Record<string, string> = {}) =>
      fetch(`${node.baseUrl}/api/sessions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ user, password }),
      });

    beforeEach(async () => {
      await node.security.users.create({
        name: 'wang',
        displayName: '王芳',
        roles: ['radiology'],
        password: TEST_PASSWORD,
      });
    });

    it('are signed into with a cookie and a token, and out again', async () => {
      const response = await signIn('Wang', TEST_PASSWORD);
      expect(response.status).toBe(201);
      const cookie = response.headers.get('set-cookie') ?? '';
      const body = (await response.json()) as { token: string; user: Json };
      expect(cookie).toBe(`filmless_session=${body.token}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict`);
      expect(body.user).toMatchObject({ name: 'wang', displayName: '王芳', roles: ['radiology'] });
      expect(body.user['permissions']).toContain('study.decide');
      const headers = { Cookie: `filmless_session=${body.token}` };
      const current = await fetch(`${node.baseUrl}/api/sessions/current`, { headers });
      expect(await current.json()).toMatchObject({ user: { name: 'wang' }, expiresAt: '2026-03-01T08:30:00.000Z' });
      const out = await fetch(`${node.baseUrl}/api/sessions/current`, {
        method: 'DELETE',
        headers: { ...headers, 'X-Filmless-CSRF': '1' },
      });
      expect(out.status).toBe(204);
      expect(out.headers.get('set-cookie')).toMatch(/^filmless_session=; .*Max-Age=0/);
      expect((await fetch(`${node.baseUrl}/api/sessions/current`, { headers })).status).toBe(401);
    });

    it('are refused the same way for a wrong password and an unknown name, and leave no password in the log', async () => {
      const answers = [];
      for (const [user, password] of [
        ['wang', 'my-secret-guess'],
        ['my-secret-name', TEST_PASSWORD],
      ]) {
        const response = await signIn(user, password);
        const { requestId: _, ...body } = (await response.json()) as Json;
        answers.push({ status: response.status, body });
      }
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]).toMatchObject({ status: 401, body: { code: 'BAD_CREDENTIALS' } });
      expect(JSON.stringify(node.log.lines)).not.toMatch(/my-secret|correct horse/);
    });

    it('are throttled, per user and in number', async () => {
      for (let n = 0; n < 5; n += 1) expect((await signIn('wang', `guess ${n}`)).status).toBe(401);
      const throttled = await signIn('wang', TEST_PASSWORD);
      expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '1']);
      node.clock.advance(1_000);
      expect((await signIn('wang', TEST_PASSWORD)).status).toBe(201);
      const statuses = await Promise.all(
        Array.from({ length: 70 }, async (_, n) => (await signIn(`user${n}`, 'a guess')).status),
      );
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    });

    it('name the field that is wrong', async () => {
      expect(await (await signIn('', TEST_PASSWORD)).json()).toMatchObject({
        code: 'INVALID_REQUEST',
        detail: expect.stringMatching(/^user: /),
      });
      expect(await (await signIn({ $ne: null }, 'x')).json()).toMatchObject({
        detail: expect.stringMatching(/^user: /),
      });
    });

    it('do not hold a bad session against who signs in anew', async () => {
      const response = await signIn('wang', TEST_PASSWORD, { Cookie: 'filmless_session=stale' });
      expect(response.status).toBe(201);
    });
  });

  describe('users', () => {
    const li = { name: 'Li.Na', displayName: '李娜', roles: ['clinician'], password: 'first password' };

    it('are made, changed, listed and removed without showing a hash', async () => {
      const made = await ask('POST', '/api/users', { body: li });
      expect(made.status).toBe(201);
      expect(made.json).toMatchObject({ name: 'li.na', displayName: '李娜', roles: ['clinician'], disabled: false });
      const changed = await ask('PUT', '/api/users/li.na', { body: { roles: ['radiology'] } });
      expect(changed.json).toMatchObject({ roles: ['radiology'] });
      const listed = await ask('GET', '/api/users');
      expect(listed.text).toContain('li.na');
      expect(listed.text).not.toMatch(/salt|hash|credential|scrypt/i);
      expect((await ask('DELETE', '/api/users/li.na')).status).toBe(204);
      expect((await ask('PUT', '/api/users/li.na', { body: {} })).json).toMatchObject({ code: 'NOT_FOUND' });
      expect((await ask('GET', '/api/roles')).text).toContain('"radiology"');
    });

    it('lose their sessions when removed, disabled or given a new password', async () => {
      await ask('POST', '/api/users', { body: li });
      const session = async () => {
        const account = await node.security.users.find('li.na');
        return node.security.sessions.create(account ?? { name: '', credentialId: '' }).token;
      };
      const alive = async (token: string) => (await ask('GET', '/api/node', { token })).status === 200;
      for (const [method, path, body] of [
        ['PUT', '/api/users/li.na/password', { password: 'second password' }],
        ['PUT', '/api/users/li.na', { disabled: true }],
        ['PUT', '/api/users/li.na', { disabled: false }],
        ['DELETE', '/api/users/li.na', undefined],
      ] as const) {
        const token = await session();
        expect(await alive(token)).toBe(method !== 'PUT' || body?.['disabled' as never] !== false);
        await ask(method, path, body === undefined ? {} : { body });
        expect(await alive(token), `${method} ${path}`).toBe(false);
      }
    });

    it('change their own password with the one they have, and nobody else’s', async () => {
      await ask('POST', '/api/users', { body: li });
      await ask('POST', '/api/users', { body: { ...li, name: 'zhao' } });
      const token = async () => {
        const account = await node.security.users.find('li.na');
        return node.security.sessions.create(account ?? { name: '', credentialId: '' }).token;
      };
      const put = async (name: string, body: object) =>
        ask('PUT', `/api/users/${name}/password`, { token: await token(), body });
      expect((await put('zhao', { password: 'new password' })).json).toMatchObject({ code: 'FORBIDDEN' });
      expect((await put('li.na', { password: 'new password' })).json).toMatchObject({
        detail: expect.stringContaining('currentPassword'),
      });
      expect((await put('li.na', { password: 'new password', currentPassword: 'no' })).json).toMatchObject({
        code: 'FORBIDDEN',
      });
      expect((await put('LI.NA', { password: 'short', currentPassword: li.password })).json).toMatchObject({
        detail: expect.stringMatching(/^password: /),
      });
      expect((await put('LI.NA', { password: 'new password', currentPassword: li.password })).status).toBe(204);
      expect(await node.security.users.verify('li.na', 'new password')).toBeDefined();
    });

    it('are refused with the fields that are wrong', async () => {
      const refused = await ask('POST', '/api/users', { body: { ...li, name: 'a:b', password: 'x', extra: 1 } });
      expect(refused.status).toBe(400);
      expect(refused.json['detail']).toMatch(/name: .*password: .*extra/);
      expect((await ask('POST', '/api/users', { body: { ...li, roles: ['king'] } })).json).toMatchObject({
        detail: expect.stringMatching(/^roles: /),
      });
      expect((await ask('PUT', '/api/users/test-admin', { body: { roles: [] } })).json).toMatchObject({
        code: 'CONFLICT',
      });
    });
  });
});
