import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../testing/api-client.ts';
import { apiClient } from '../../testing/api-client.ts';
import type { ApiTestNode } from '../../testing/api-node.ts';
import { startApiTestNode } from '../../testing/api-node.ts';
import { assertEveryRouteRefuses } from '../../testing/assert-every-route-refuses.ts';
import { makeInstanceRecord } from '../../testing/instance-record.ts';
import { until } from '../../testing/until.ts';
import { FilmlessError } from '../errors.ts';

describe("core's REST", () => {
  let node: ApiTestNode;
  const { ask } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
  });

  afterEach(() => node.stop());

  it('opens no door to strangers', async () => {
    const routes = node.points.entries('HttpRoute').map(({ value }) => value);
    expect(routes.length).toBeGreaterThan(30);
    await assertEveryRouteRefuses(node.baseUrl, routes);
  });

  it('opens to each role what is its own', async () => {
    const status = async (method: string, path: string, role: string) =>
      (await ask(method, path, { as: [role] })).status;
    for (const [path, clinician, radiology, device] of [
      ['/api/studies', 200, 200, 200],
      ['/api/node', 200, 200, 200],
      ['/api/storage', 403, 200, 403],
      ['/api/quarantine', 403, 200, 403],
      ['/api/conflicts', 403, 200, 403],
      ['/api/jobs', 403, 200, 403],
      ['/api/users', 403, 403, 403],
      ['/metrics', 403, 403, 403],
    ] as const) {
      expect(
        [
          await status('GET', path, 'clinician'),
          await status('GET', path, 'radiology'),
          await status('GET', path, 'device'),
        ],
        path,
      ).toEqual([clinician, radiology, device]);
      expect(await status('GET', path, 'admin'), path).toBe(200);
    }
    expect(await status('POST', '/api/imports', 'clinician')).toBe(403);
    expect(await status('POST', '/api/plugins/print/enable', 'radiology')).toBe(403);
  });

  describe('the rest', () => {
    it('tells of the node, its metrics and its health', async () => {
      node.clock.advance(61_000);
      expect((await ask('GET', '/api/node')).json).toEqual({
        name: 'centre',
        version: '0.0.0',
        aeTitle: 'CENTRE',
        dicomPort: null,
        httpPort: node.server.port,
        startedAt: '2026-03-01T08:00:00.000Z',
        uptimeSeconds: 61,
        locale: 'zh-CN',
      });
      expect((await ask('GET', '/metrics')).text).toContain('filmless_http_requests_total');
      const probe = (path: string) => fetch(`${node.baseUrl}${path}`);
      expect([(await probe('/healthz')).status, (await probe('/readyz')).status]).toEqual([200, 200]);
      const title = { 'zh-CN': '磁盘', en: 'Disk' };
      let ready = true;
      node.points.contribute('HealthCheck', 'disk', {
        title,
        check: async () => ({ state: 'warning', detail: { 'zh-CN': '可用 12 %', en: '12 % free' }, ready }),
      });
      node.points.contribute('HealthCheck', 'broken', { title, check: () => Promise.reject(new Error('ZHANG^SAN')) });
      node.clock.advance(1_000);
      const health = await ask('GET', '/api/health');
      expect(health.json).toMatchObject({
        state: 'failed',
        checks: [
          { key: 'audit', state: 'ok' },
          { key: 'disk', state: 'warning', detail: { en: '12 % free' } },
          { key: 'broken', state: 'failed' },
        ],
      });
      expect(health.text).not.toContain('ZHANG');
      ready = false;
      node.clock.advance(1_000);
      const notReady = await probe('/readyz');
      expect([notReady.status, await notReady.json()]).toEqual([503, { ready: false }]);
    });

    it('shows users the screens they may see', async () => {
      const screen = (permission: string) => ({
        slot: 'admin' as const,
        title: { 'zh-CN': '', en: '' },
        element: 'x-y',
        module: '/plugins/x/ui.js',
        permission,
      });
      node.points.contribute('Ui', 'devices', screen('device.read'));
      node.points.contribute('Ui', 'list', screen('study.search'));
      const keys = async (role: string) =>
        ((await ask('GET', '/api/ui', { as: [role] })).json as unknown as Json[]).map(({ key }) => key);
      expect([await keys('clinician'), await keys('radiology')]).toEqual([['list'], ['devices', 'list']]);
    });

    it('describes every route', async () => {
      const { json } = await ask('GET', '/api/openapi.json');
      const paths = json['paths'] as Record<string, Json>;
      expect(paths['/api/studies/{study}']?.['get']).toMatchObject({
        'x-permission': 'study.read',
        parameters: [{ name: 'study' }],
      });
      expect(paths['/api/users']?.['post']).toMatchObject({ requestBody: { required: true } });
      expect(paths['/healthz']?.['get']).toMatchObject({ security: [] });
    });

    it('switches plugins', async () => {
      expect((await ask('POST', '/api/plugins/print/enable')).json).toMatchObject({ id: 'print', state: 'active' });
      expect((await ask('POST', '/api/plugins/print/disable')).json).toMatchObject({ state: 'disabled' });
      expect((await ask('POST', '/api/plugins/none/enable')).json).toMatchObject({ code: 'PLUGIN_UNKNOWN' });
      expect((await ask('GET', '/api/plugins/print/config-schema')).json).toEqual({ type: 'object' });
      expect((await ask('GET', '/api/plugins')).json).toMatchObject([{ id: 'print' }]);
      expect(node.log.lines).toContainEqual(
        expect.objectContaining({ fields: { audit: 'plugin.enable', who: 'test-admin', target: 'print' } }),
      );
    });

    it('shows, cancels and retries jobs, without their payload', async () => {
      node.points.contribute('Job', 'fails', {
        maxAttempts: 1,
        run: () => Promise.reject(new FilmlessError('DEVICE_UNREACHABLE', 'X')),
      });
      const failing = await node.jobs.enqueue({
        kind: 'fails',
        title: 'Copy',
        payload: { secret: 1 },
        createdBy: 'wang',
      });
      const waiting = await node.jobs.enqueue({ kind: 'later', title: 'Later', payload: {}, createdBy: 'wang' });
      await until(async () => (await node.jobs.get(failing.id))?.state === 'failed');
      const list = await ask('GET', '/api/jobs?state=failed');
      expect(list.json).toMatchObject([{ id: failing.id, error: { code: 'DEVICE_UNREACHABLE', detail: 'X' } }]);
      expect(list.text).not.toMatch(/payload|secret/);
      expect((await ask('GET', '/api/jobs?kind=later')).json).toMatchObject([{ id: waiting.id }]);
      expect((await ask('POST', `/api/jobs/${waiting.id}/cancel`)).json).toMatchObject({ state: 'cancelled' });
      expect((await ask('POST', `/api/jobs/${waiting.id}/retry`)).json).toMatchObject({ state: 'waiting' });
      expect((await ask('POST', `/api/jobs/${waiting.id}/cancel`, { as: ['radiology'] })).status).toBe(403);
      expect((await ask('GET', '/api/jobs/none')).status).toBe(404);
      expect((await ask('GET', '/api/jobs?state=odd')).json).toMatchObject({
        detail: expect.stringMatching(/^state: /),
      });
    });
  });

  describe('events', () => {
    it('tell of a study at once and then twice a second at most', async () => {
      const leaving = new AbortController();
      const response = await fetch(`${node.baseUrl}/api/events`, {
        headers: { Authorization: `Bearer ${await node.tokenFor('clinician')}`, 'Accept-Encoding': 'gzip' },
        signal: leaving.signal,
      });
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      expect(response.headers.get('content-encoding')).toBeNull();
      let text = '';
      const reading = (async () => {
        for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
      })().catch(() => undefined);
      const events = () =>
        [...text.matchAll(/event: study\ndata: (.*)\n\n/g)].map(([, data]) => JSON.parse(data ?? '') as Json);
      const stored = (StudyInstanceUID: string) =>
        node.tellStored([makeInstanceRecord(`${StudyInstanceUID}.1`, '', { StudyInstanceUID })], leaving.signal);
      for (let n = 0; n < 100; n += 1) await stored('2.25.1');
      await stored('2.25.2');
      await until(() => events().length === 2);
      expect(events()[0]).toEqual({ StudyInstanceUID: '2.25.1', at: '2026-03-01T08:00:00.000Z' });
      node.clock.advance(500);
      await until(() => events().length === 3);
      expect(events()[2]).toMatchObject({ StudyInstanceUID: '2.25.1' });
      node.clock.advance(5_000);
      await stored('2.25.3');
      await until(() => events().length === 4);
      leaving.abort();
      await reading;
    });
  });
});
