import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient } from '../../testing/api-client.ts';
import type { ApiTestNode } from '../../testing/api-node.ts';
import { startApiTestNode } from '../../testing/api-node.ts';
import { TEST_PASSWORD } from '../../testing/http-node.ts';

describe('settings over REST', () => {
  let node: ApiTestNode;
  const { ask } = apiClient(() => node);
  const own = '/api/settings/user/hanging-protocols';
  const site = '/api/settings/site/hanging-protocols';
  const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;

  const userToken = async (name: string) => {
    if (!(await node.security.users.find(name)))
      await node.security.users.create({ name, displayName: name, roles: ['clinician'], password: TEST_PASSWORD });
    const account = await node.security.users.find(name);
    return node.security.sessions.create(account ?? { name: '', credentialId: '' }).token;
  };

  beforeEach(async () => {
    node = await startApiTestNode();
  });
  afterEach(() => node.stop());

  it('are kept, changed with the revision that was read, and removed', async () => {
    const as = { as: ['clinician'] };
    expect((await ask('GET', own, as)).json).toEqual({ value: null });
    const made = await ask('PUT', own, { ...as, body: { value: { protocols: ['胸部'] } } });
    expect(made.status).toBe(200);
    const read = await ask('GET', own, as);
    expect(read.json).toEqual({ value: { protocols: ['胸部'] }, rev: made.json['rev'] });
    expect(read.headers.get('cache-control')).toBe('no-store');
    const changed = await ask('PUT', own, { ...as, body: { value: 1, rev: made.json['rev'] } });
    expect(changed.status).toBe(200);
    for (const rev of [undefined, made.json['rev']])
      expect((await ask('PUT', own, { ...as, body: { value: 2, rev } })).json).toMatchObject({ code: 'CONFLICT' });
    expect((await ask('PUT', own, { ...as, body: { value: null } })).status).toBe(409);
    expect((await ask('PUT', own, { ...as, body: { value: null, rev: changed.json['rev'] } })).status).toBe(204);
    expect((await ask('GET', own, as)).json).toEqual({ value: null });
    expect((await ask('PUT', own, { ...as, body: { value: 3 } })).status).toBe(200);
  });

  it('of one user are no other’s', async () => {
    const [wang, li] = [await userToken('wang'), await userToken('li')];
    await ask('PUT', own, { token: wang, body: { value: 'mine' } });
    expect((await ask('GET', own, { token: li })).json).toEqual({ value: null });
    expect((await ask('GET', own, { token: wang })).json['value']).toBe('mine');
    // Nor by a key that looks like another's id.
    expect((await ask('GET', '/api/settings/user/..%2Fwang%2Fhanging-protocols', { token: li })).status).toBe(400);
  });

  it('of the site are written by administrators and read by all', async () => {
    for (const role of ['clinician', 'radiology', 'device'])
      expect((await ask('PUT', site, { as: [role], body: { value: 1 } })).json).toMatchObject({ code: 'FORBIDDEN' });
    expect((await ask('GET', site)).json).toEqual({ value: null });
    expect((await ask('PUT', site, { body: { value: 1 } })).status).toBe(200);
    expect((await ask('GET', site, { as: ['clinician'] })).json['value']).toBe(1);
    expect((await ask('GET', own, { as: ['clinician'] })).json).toEqual({ value: null });
    expect(JSON.stringify(node.log.lines)).toContain('setting.site');
  });

  it('refuse what is too large, too deep, too many or no setting at all', async () => {
    const put = async (path: string, body: unknown) => (await ask('PUT', path, { body })).status;
    // Two quotes belong to the JSON; each of the characters takes three bytes.
    expect(await put(own, { value: '影'.repeat(21_844) })).toBe(200);
    expect(await put('/api/settings/user/b', { value: '影'.repeat(21_846) })).toBe(413);
    expect(await put('/api/settings/user/b', { value: nested(31) })).toBe(200);
    expect(await put('/api/settings/user/c', { value: nested(33) })).toBe(400);
    const deepest = new TextEncoder().encode(`{"value":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    const headers = { 'Content-Type': 'application/json' };
    expect((await ask('PUT', '/api/settings/user/c', { body: deepest, headers })).status).toBe(400);
    for (const path of ['/api/settings/user/UPPER', '/api/settings/user/a%00b', '/api/settings/other/a'])
      expect(await put(path, { value: 1 }), path).toBe(400);
    expect(await put('/api/settings/user/c', { value: 1, more: 2 })).toBe(400);
    for (let n = 0; n < 62; n += 1) expect(await put(`/api/settings/user/n${n}`, { value: n })).toBe(200);
    expect(await put('/api/settings/user/one-too-many', { value: 1 })).toBe(400);
  });

  it('are not kept for a page’s token, which may read those of the site', async () => {
    await ask('POST', '/api/users', { body: { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] } });
    const key = (await ask('POST', '/api/users/his/keys', { body: { title: 'HIS' } })).json['key'];
    const wish = { user: 'zhang', patientId: 'A', ttlSeconds: 60 };
    const issued = await ask('POST', '/api/embed/tokens', { token: String(key), body: wish });
    const token = String(issued.json['token']);
    await ask('PUT', site, { body: { value: 'of the site' } });
    expect((await ask('GET', own, { token })).json).toEqual({ value: null, kept: false });
    for (const path of [own, site])
      expect((await ask('PUT', path, { token, body: { value: 1 } })).json, path).toMatchObject({ code: 'FORBIDDEN' });
    expect((await ask('GET', site, { token })).json['value']).toBe('of the site');
  });

  it('need an identity', async () => {
    for (const method of ['GET', 'PUT']) {
      const response = await fetch(`${node.baseUrl}${own}`, {
        method,
        ...(method === 'PUT' ? { headers: { 'Content-Type': 'application/json' }, body: '{"value":1}' } : {}),
      });
      expect(response.status, method).toBe(401);
    }
  });
});
