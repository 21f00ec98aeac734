import { assertEveryRouteRefuses, type PluginTestNode, startPluginTestNode } from '@filmless/core/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { departmentArchivePlugin } from './index.ts';

let node: PluginTestNode;
beforeEach(async () => {
  node = await startPluginTestNode(departmentArchivePlugin, { linkPort: 0 });
});
afterEach(() => node.stop());

const routes = () => node.points.entries('HttpRoute').map(({ value }) => value);

it('refuses whoever has not signed in', async () => {
  expect(routes().filter(({ path }) => path.startsWith('/api/archive'))).toHaveLength(6);
  await assertEveryRouteRefuses(node.baseUrl, routes());
});

it('refuses whoever may not manage the nodes of the hospital', async () => {
  for (const { method, path } of routes().filter((each) => each.path.startsWith('/api/archive'))) {
    const { status } = await node.request(
      method,
      path.replace(/:\w+/, 'x'),
      method === 'GET' ? undefined : {},
      'radiologist',
    );
    expect([path, status]).toEqual([path, 403]);
  }
});

it('becomes the centre with the first code, and takes no code of its own kind', async () => {
  const before = await node.request('GET', '/api/archive/board');
  expect(before.body).toMatchObject({ own: { role: null }, nodes: [], studies: [], total: 0 });
  const made = await node.request('POST', '/api/archive/join-codes', { role: 'department' });
  expect(made).toMatchObject({ status: 201, body: { validForSeconds: 900 } });
  const { code } = made.body as { code: string };
  expect(await node.request('GET', '/api/archive/board')).toMatchObject({ body: { own: { role: 'centre' } } });
  expect((await node.request('POST', '/api/archive/join', { code })).status).toBe(409);
});

it('says what is wrong with a code, a role or a name', async () => {
  const join = await node.request('POST', '/api/archive/join', { code: 'half a code' });
  expect(join).toMatchObject({ status: 400, body: { detail: expect.stringContaining('copy it once more') } });
  expect((await node.request('POST', '/api/archive/join-codes', { role: 'centre' })).status).toBe(400);
  expect((await node.request('DELETE', '/api/archive/nodes/nobody')).status).toBe(404);
});

it('makes no code that leads nowhere', async () => {
  await node.stop();
  node = await startPluginTestNode(departmentArchivePlugin, { linkPort: 0, linkHost: '0.0.0.0' });
  const made = await node.request('POST', '/api/archive/join-codes', { role: 'gateway' });
  expect(made).toMatchObject({ status: 409, body: { detail: expect.stringContaining('linkAddress') } });
});
