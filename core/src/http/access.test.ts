import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertEveryRouteRefuses } from '../../testing/assert-every-route-refuses.ts';
import { httpClient } from '../../testing/http-client.ts';
import type { HttpTestNode } from '../../testing/http-node.ts';
import { startHttpTestNode, TEST_PASSWORD } from '../../testing/http-node.ts';
import { rawRequest } from '../../testing/raw-request.ts';
import type { HttpRequest } from './contract.ts';

const SIGNED_IN = { access: 'signed-in' } as const;
const PUBLIC = { access: 'public', why: 'test' } as const;

describe('access over HTTP', () => {
  let node: HttpTestNode;
  const { get, bearer, basic, route, problem } = httpClient(() => node);

  beforeEach(async () => {
    node = await startHttpTestNode();
  });

  afterEach(() => node.stop());

  describe('who may', () => {
    it('answers 401 with a problem to strangers, whether the path exists or not', async () => {
      route('GET', '/api/thing', () => ({ body: {} }));
      for (const path of ['/api/thing', '/api/nothing', '/dicom-web/studies', '/..%2f..%2fetc/passwd']) {
        const response = await get(path);
        expect(response.status).toBe(401);
        expect(await problem(response)).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
      }
      expect((await get('/api/thing', { method: 'DELETE' })).status).toBe(401);
    });

    it('lets Bearer, cookie and Basic in', async () => {
      route('GET', '/api/thing', ({ identity }) => ({ body: { who: identity?.id, kind: identity?.kind } }));
      const token = await node.tokenFor('clinician');
      for (const headers of [
        { Authorization: `Bearer ${token}` },
        { Cookie: `other=1; filmless_session=${token}` },
        basic('test-clinician', TEST_PASSWORD),
      ]) {
        const response = await get('/api/thing', { headers });
        expect(await response.json()).toEqual({ who: 'test-clinician', kind: 'user' });
      }
    });

    it('refuses wrong, expired and malformed credentials', async () => {
      route('GET', '/api/thing', () => ({ body: {} }));
      const token = await node.tokenFor('clinician');
      const status = async (headers: Record<string, string>) => (await get('/api/thing', { headers })).status;
      expect(await status(basic('test-clinician', 'wrong'))).toBe(401);
      expect(await status({ Authorization: 'Basic !!!' })).toBe(401);
      expect(await status({ Authorization: `Bearer ${token}x` })).toBe(401);
      expect(await status({ Authorization: token })).toBe(401);
      expect(await status({ Authorization: 'Bearer nonsense', Cookie: `filmless_session=${token}` })).toBe(401);
      node.clock.advance(31 * 60_000);
      expect(await status({ Authorization: `Bearer ${token}` })).toBe(401);
    });

    it('throttles guesses by Basic and says when to come back', async () => {
      route('GET', '/api/thing', () => ({ body: {} }));
      for (let n = 0; n < 5; n += 1) await get('/api/thing', { headers: basic('wang', `guess ${n}`) });
      const response = await get('/api/thing', { headers: basic('wang', 'another') });
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('1');
    });

    it('wants the CSRF header for unsafe methods by cookie, and not by Bearer', async () => {
      route('POST', '/api/thing', () => ({ status: 204 }));
      const token = await node.tokenFor('clinician');
      const post = async (headers: Record<string, string>) =>
        (await get('/api/thing', { method: 'POST', headers })).status;
      const cookie = { Cookie: `filmless_session=${token}` };
      expect(await post(cookie)).toBe(403);
      expect(await post({ ...cookie, 'X-Filmless-CSRF': '1' })).toBe(204);
      expect(await post({ Authorization: `Bearer ${token}` })).toBe(204);
    });

    it('offers Basic to DICOMweb tools alone, never to the requests of a page', async () => {
      const challenge = async (path: string, headers: Record<string, string> = {}) =>
        (
          await rawRequest(
            node.server.port,
            `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines(headers)}Connection: close\r\n\r\n`,
          )
        ).match(/www-authenticate: (.*)/i)?.[1];
      expect(await challenge('/dicom-web/studies')).toMatch(/^Basic realm="filmless"/);
      expect(await challenge('/wado?x=1')).toMatch(/^Basic/);
      expect(await challenge('/wadox')).not.toMatch(/Basic/);
      expect(await challenge('/api/studies')).not.toMatch(/Basic/);
      expect(await challenge('/dicom-web/studies', { 'Sec-Fetch-Mode': 'cors' })).not.toMatch(/Basic/);
      expect(await challenge('/dicom-web/studies', { 'Sec-Fetch-Mode': 'no-cors' })).not.toMatch(/Basic/);
      expect(await challenge('/dicom-web/studies', { 'X-Requested-With': 'fetch' })).not.toMatch(/Basic/);
    });

    it('takes Basic over loopback only when nothing forwarded it', async () => {
      await node.tokenFor('clinician');
      const headers = { ...basic('test-clinician', TEST_PASSWORD), 'X-Forwarded-For': '10.0.0.9' };
      const response = await get('/api/thing', { headers });
      expect(response.status).toBe(401);
      expect(await problem(response)).toMatchObject({ code: 'UNAUTHENTICATED', detail: expect.stringMatching(/TLS/) });
    });

    it('believes a trusted proxy about TLS and who is in front of it', async () => {
      const behind = await startHttpTestNode({ trustProxy: ['127.0.0.1'] });
      try {
        const seen = ({ origin, address }: HttpRequest) => ({ body: { origin, address } });
        behind.route({ method: 'GET', path: '/api/thing', policy: SIGNED_IN, summary: 'test', handle: seen });
        await behind.tokenFor('clinician');
        const ask = (proto: string) =>
          fetch(`${behind.baseUrl}/api/thing`, {
            headers: {
              ...basic('test-clinician', TEST_PASSWORD),
              'X-Forwarded-For': '10.0.0.9',
              'X-Forwarded-Proto': proto,
              'X-Forwarded-Host': 'pacs.hospital',
            },
          });
        expect((await ask('http')).status).toBe(401);
        expect(await (await ask('https')).json()).toEqual({ origin: 'https://pacs.hospital', address: '10.0.0.9' });
      } finally {
        await behind.stop();
      }
    });

    it('lets pages of the origins named ask with a token, never with the cookie', async () => {
      const open = await startHttpTestNode({ corsOrigins: ['https://his.hospital'] });
      try {
        open.route({
          method: 'GET',
          path: '/api/thing',
          policy: SIGNED_IN,
          summary: 'test',
          handle: () => ({ body: {} }),
        });
        const ask = (origin: string, init: RequestInit = {}) =>
          fetch(`${open.baseUrl}/api/thing`, { ...init, headers: { Origin: origin, ...init.headers } });
        const preflight = { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'GET' } };
        const allowed = await ask('https://his.hospital', preflight);
        expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
          204,
          'https://his.hospital',
        ]);
        expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
        expect((await ask('https://evil.example', preflight)).status).toBe(401);
        const token = await open.tokenFor('clinician');
        const answer = await ask('https://his.hospital', { headers: { Authorization: `Bearer ${token}` } });
        expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
          200,
          'https://his.hospital',
        ]);
        const other = await ask('https://evil.example', { headers: { Authorization: `Bearer ${token}` } });
        expect(other.headers.get('access-control-allow-origin')).toBeNull();
      } finally {
        await open.stop();
      }
    });

    it('answers 403 naming the permission that is missing', async () => {
      route('GET', '/api/thing', () => ({ body: {} }), { access: 'permission', permission: 'device.manage' });
      const response = await get('/api/thing', { headers: await bearer('radiology') });
      expect(response.status).toBe(403);
      expect(await problem(response)).toMatchObject({ code: 'FORBIDDEN', detail: 'needs permission device.manage' });
      expect((await get('/api/thing', { headers: await bearer('admin') })).status).toBe(200);
    });

    it('gives routes the scope of who asks, and nothing to strangers on public ones', async () => {
      route('GET', '/api/scope', ({ scope }) => ({ body: scope }));
      route('GET', '/public', ({ scope, identity }) => ({ body: { scope, who: identity?.id ?? null } }), PUBLIC);
      expect(await (await get('/api/scope', { headers: await bearer('clinician') })).json()).toEqual({ kind: 'all' });
      expect(await (await get('/api/scope', { headers: await bearer() })).json()).toEqual({ kind: 'none' });
      expect(await (await get('/public')).json()).toEqual({ scope: { kind: 'none' }, who: null });
      const stale = await get('/public', { headers: { Authorization: 'Bearer stale' } });
      expect(await stale.json()).toEqual({ scope: { kind: 'none' }, who: null });
    });

    it('finds doors that stand open', async () => {
      route('GET', '/api/thing', () => ({ body: {} }));
      route('POST', '/api/things/:id', () => ({ body: {} }));
      route('GET', '/healthz', () => ({ body: {} }), PUBLIC);
      const routes = () => node.points.entries('HttpRoute').map(({ value }) => value);
      await assertEveryRouteRefuses(node.baseUrl, routes());
      route('GET', '/api/open/*rest', () => ({ body: {} }), PUBLIC);
      await expect(assertEveryRouteRefuses(node.baseUrl, routes())).rejects.toThrow(/GET \/api\/open\/\*rest/);
      await expect(assertEveryRouteRefuses(node.baseUrl, [])).rejects.toThrow(/no routes/);
    });
  });
});

const lines = (headers: Record<string, string>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
