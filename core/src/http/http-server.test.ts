import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { assertEveryRouteRefuses } from '../../testing/assert-every-route-refuses.ts';
import type { HttpTestNode } from '../../testing/http-node.ts';
import { startHttpTestNode, TEST_PASSWORD } from '../../testing/http-node.ts';
import { rawRequest } from '../../testing/raw-request.ts';
import { until } from '../../testing/until.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpReply, HttpRequest, HttpRoute } from './contract.ts';

const SIGNED_IN = { access: 'signed-in' } as const;
const PUBLIC = { access: 'public', why: 'test' } as const;

describe('HttpServer', () => {
  let node: HttpTestNode;

  beforeEach(async () => {
    node = await startHttpTestNode({
      limits: { drainMs: 500, recheckMs: 20 },
    });
  });

  afterEach(() => node.stop());

  const get = (path: string, init: RequestInit = {}) => fetch(`${node.baseUrl}${path}`, init);
  const bearer = async (...roles: string[]) => ({ Authorization: `Bearer ${await node.tokenFor(...roles)}` });
  const basic = (name: string, password: string) => ({
    Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  });
  const route = (
    method: HttpRoute['method'],
    path: string,
    handle: (request: HttpRequest) => Promise<HttpReply> | HttpReply,
    policy: HttpRoute['policy'] = SIGNED_IN,
  ) => node.route({ method, path, policy, summary: 'test', handle });
  const problem = async (response: Response) => {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    return (await response.json()) as Record<string, unknown>;
  };

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

  describe('routes', () => {
    it('appear and vanish while the node runs', async () => {
      const headers = await bearer('admin');
      expect((await get('/api/thing', { headers })).status).toBe(404);
      const registered = route('GET', '/api/thing', () => ({ body: { ok: true } }));
      expect((await get('/api/thing', { headers })).status).toBe(200);
      await registered.dispose();
      expect(await problem(await get('/api/thing', { headers }))).toMatchObject({ code: 'NOT_FOUND' });
    });

    it('say which methods there are', async () => {
      route('GET', '/api/things/:id', () => ({ body: {} }));
      route('DELETE', '/api/things/:id', () => ({ status: 204 }));
      const response = await get('/api/things/1', { method: 'PUT', headers: await bearer('admin') });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('DELETE, GET, HEAD');
      expect(await problem(response)).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    });

    it('keep the status they give, with a body or without', async () => {
      route('POST', '/api/later', () => ({ status: 202 }));
      route('GET', '/api/none', () => ({ headers: { 'X-Total': '0' } }));
      route('GET', '/api/text', () => ({ body: '<b>not HTML</b>' }));
      const headers = await bearer('admin');
      expect((await get('/api/later', { method: 'POST', headers })).status).toBe(202);
      const none = await get('/api/none', { headers });
      expect([none.status, none.headers.get('x-total')]).toEqual([204, '0']);
      expect((await get('/api/text', { headers })).headers.get('content-type')).toBe('text/plain; charset=utf-8');
    });

    it('answer HEAD by GET, without reading what would be sent', async () => {
      let destroyed = false;
      route('GET', '/api/big', () => ({
        headers: { 'Content-Type': 'text/plain', 'Content-Length': '5' },
        body: new Readable({
          read: () => undefined,
          destroy: (_error, done) => {
            destroyed = true;
            done(null);
          },
        }),
      }));
      const response = await get('/api/big', { method: 'HEAD', headers: await bearer('admin') });
      expect([response.status, response.headers.get('content-length')]).toEqual([200, '5']);
      expect(await response.text()).toBe('');
      await until(() => destroyed);
    });

    it('get decoded parts of the path, the query, the origin and the address', async () => {
      route('GET', '/api/a/:one/b/*rest', ({ params, query, origin, address, path }) => ({
        body: { params, q: query.getAll('q'), origin, address, path },
      }));
      const response = await get('/api/a/%E5%B0%8F%2F/b/x/%20y?q=1&q=%E6%98%8E', { headers: await bearer('admin') });
      expect(await response.json()).toEqual({
        params: { one: '小/', rest: 'x/ y' },
        q: ['1', '明'],
        origin: node.baseUrl,
        address: '127.0.0.1',
        path: '/api/a/%E5%B0%8F%2F/b/x/%20y',
      });
    });

    it('without a policy are not served', async () => {
      node.points.contribute('HttpRoute', 'bad', {
        method: 'GET',
        path: '/api/bad',
        summary: 'bad',
        handle: () => ({ body: {} }),
      } as unknown as HttpRoute);
      expect((await get('/api/bad', { headers: await bearer('admin') })).status).toBe(404);
      expect(node.log.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'route left out' }));
    });
  });

  describe('failures', () => {
    it('show code and remedy, never a stack, a cause or patient data', async () => {
      route('GET', '/api/broken', () => {
        throw new Error('ZHANG^SAN 19700101');
      });
      const response = await get('/api/broken', { headers: await bearer('admin') });
      expect(response.status).toBe(500);
      const text = await response.text();
      expect(text).not.toMatch(/ZHANG|\bat \/|\.ts/);
      expect(JSON.parse(text)).toEqual({
        type: 'urn:filmless:error:internal',
        title: 'Unexpected failure',
        status: 500,
        code: 'INTERNAL',
        remedy: expect.any(String),
        requestId: response.headers.get('x-request-id'),
      });
      const logged = JSON.stringify(node.log.lines);
      expect(logged).not.toContain('ZHANG');
      expect(logged).toContain('http-server.test.ts');
    });

    it('of schemas name the fields and not their values', async () => {
      route('POST', '/api/thing', async (request) => ({
        body: z.object({ patient: z.object({ age: z.number() }) }).parse(await request.json()),
      }));
      const response = await get('/api/thing', {
        method: 'POST',
        headers: { ...(await bearer('admin')), 'Content-Type': 'application/json' },
        body: JSON.stringify({ patient: { age: 'ZHANG' } }),
      });
      expect(response.status).toBe(400);
      const body = await problem(response);
      expect(body).toMatchObject({ code: 'INVALID_REQUEST', detail: expect.stringMatching(/^patient\.age: /) });
      expect(JSON.stringify(body)).not.toContain('ZHANG');
    });

    it('that are planned keep their detail and headers are in order', async () => {
      route('GET', '/api/gone', () => {
        throw new FilmlessError('STUDY_NOT_FOUND', 'not here');
      });
      const response = await get('/api/gone', { headers: await bearer('admin') });
      expect(await problem(response)).toMatchObject({ code: 'STUDY_NOT_FOUND', detail: 'not here', status: 404 });
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('x-powered-by')).toBeNull();
    });

    it('of a handler that answers with an impossible header are a plain 500', async () => {
      route('GET', '/api/split', () => ({ headers: { 'X-Name': 'a\r\nSet-Cookie: x=1' }, body: {} }));
      const response = await get('/api/split', { headers: await bearer('admin') });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([500, null]);
    });

    it('leave a count and a line by route pattern, not by path', async () => {
      route('GET', '/api/studies/:study', () => ({ body: {} }));
      await (await get('/api/studies/1.2.840.99', { headers: await bearer('admin') })).text();
      await until(() => node.log.lines.some(({ message }) => message === 'request'));
      const line = node.log.lines.find(({ message }) => message === 'request');
      expect(line?.fields).toMatchObject({ route: '/api/studies/:study', status: 200, who: 'test-admin' });
      expect(JSON.stringify(node.log.lines)).not.toContain('1.2.840.99');
      const text = await node.metrics.text();
      expect(text).toMatch(
        /filmless_http_requests_total\{method="GET",route="\/api\/studies\/:study",status="200"\} 1/,
      );
      expect(text).not.toContain('1.2.840.99');
    });
  });

  describe('streams', () => {
    const stream = (body: Readable, headers: Record<string, string> = {}) =>
      route('GET', '/api/stream', () => ({
        headers: { 'Content-Type': 'application/octet-stream', ...headers },
        body,
      }));

    it('that fail before the first byte become a problem', async () => {
      stream(
        new Readable({
          read: function read() {
            this.destroy(new FilmlessError('BLOB_MISSING'));
          },
        }),
      );
      const response = await get('/api/stream', { headers: await bearer('admin') });
      expect(response.status).toBe(500);
      expect(await problem(response)).toMatchObject({ code: 'BLOB_MISSING' });
    });

    it.each<Record<string, string>>([{}, { 'Content-Length': '100000' }, { 'Content-Type': 'application/json' }])(
      'that fail half-way cut the connection (%o)',
      async (headers) => {
        let sent = false;
        stream(
          new Readable({
            read() {
              if (sent) setImmediate(() => this.destroy(new Error('disk gone')));
              else this.push(randomText(60_000));
              sent = true;
            },
          }),
          headers,
        );
        await expect(
          get('/api/stream', { headers: await bearer('admin') }).then((response) => {
            // A compressor may not have let anything out yet; then a problem is still possible.
            if (response.status !== 200) throw new Error('a problem');
            return response.arrayBuffer();
          }),
        ).rejects.toThrow();
      },
    );

    it.each(['3', '7'])('that are not as long as they said (%s of 5) cut the connection', async (length) => {
      stream(Readable.from([Buffer.from('12345')]), { 'Content-Length': length });
      const whole = get('/api/stream', { headers: await bearer('admin') }).then(async (response) => {
        if (response.status !== 200) throw new Error('a problem');
        return response.arrayBuffer();
      });
      await expect(whole).rejects.toThrow();
    });

    it('are destroyed, and the signal aborted, when the client leaves', async () => {
      let destroyed = false;
      let aborted = false;
      route('GET', '/api/endless', ({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return {
          headers: { 'Content-Type': 'application/octet-stream' },
          body: new Readable({
            read() {
              this.push(Buffer.alloc(1024));
            },
            destroy: (_error, done) => {
              destroyed = true;
              done(null);
            },
          }),
        };
      });
      const leaving = new AbortController();
      const response = await get('/api/endless', { headers: await bearer('admin'), signal: leaving.signal });
      await response.body?.getReader().read();
      leaving.abort();
      await until(() => destroyed && aborted);
    });

    it('of events end with the session', async () => {
      const token = await node.tokenFor('admin');
      const body = new Readable({ read: () => undefined });
      body.push(':\n\n');
      stream(body, { 'Content-Type': 'text/event-stream' });
      const response = await get('/api/stream', { headers: { Authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
      node.security.sessions.end(token);
      await expect(response.text()).rejects.toThrow();
      await until(() => body.destroyed);
    });
  });

  describe('compression', () => {
    it('is used for JSON and left out where the reply says so', async () => {
      const items = Array.from({ length: 500 }, (_, index) => ({ index }));
      route('GET', '/api/list', () => ({ body: items }));
      route('GET', '/api/raw', () => ({ body: items, noCompression: true }));
      const headers = { ...(await bearer('admin')), 'Accept-Encoding': 'gzip' };
      const list = await get('/api/list', { headers });
      expect(list.headers.get('content-encoding')).toBe('gzip');
      expect(await list.json()).toHaveLength(500);
      const raw = await get('/api/raw', { headers });
      expect(raw.headers.get('content-encoding')).toBeNull();
      expect(await raw.json()).toHaveLength(500);
    });
  });

  describe('bodies', () => {
    beforeEach(() => {
      route('POST', '/api/json', async (request) => ({ body: { got: await request.json() } }));
      route('POST', '/api/bytes', async (request) => {
        let sizeBytes = 0;
        for await (const chunk of request.stream()) sizeBytes += (chunk as Buffer).length;
        return { body: { sizeBytes } };
      });
    });

    const post = async (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
      get('/api/json', { method: 'POST', headers: { ...(await bearer('admin')), 'Content-Type': type }, body });

    it('are read as JSON of any kind', async () => {
      expect(await (await post('{"a":[1,"明"]}')).json()).toEqual({ got: { a: [1, '明'] } });
      expect((await post('[]', 'application/dicom+json; charset=utf-8')).status).toBe(200);
    });

    it('that are not JSON, or not said to be, or too large are refused without being quoted', async () => {
      for (const body of ['', '{"name": ZHANG', new Uint8Array([0x22, 0xff, 0xfe, 0x22])]) {
        const response = await post(body);
        expect(response.status).toBe(400);
        expect(JSON.stringify(await problem(response))).not.toContain('ZHANG');
      }
      expect((await post('{}', 'text/plain')).status).toBe(415);
      expect((await post('{}', 'multipart/form-data; boundary=x')).status).toBe(415);
      expect((await post(`"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413);
      expect((await post('[{"x":'.repeat(100_000))).status).toBe(400);
    });

    it('larger than they said they would be are cut at the limit', async () => {
      const chunks = (function* endless() {
        for (let n = 0; n < 64; n += 1) yield Buffer.alloc(64 * 1024, 0x20);
      })();
      const response = await get('/api/json', {
        method: 'POST',
        headers: { ...(await bearer('admin')), 'Content-Type': 'application/json' },
        body: Readable.toWeb(Readable.from(chunks)) as ReadableStream,
        duplex: 'half',
      } as RequestInit);
      expect(response.status).toBe(413);
    });

    it('that stop coming are given up', async () => {
      const impatient = await startHttpTestNode({ limits: { jsonDeadlineMs: 200, idleTimeoutMs: 1_000 } });
      try {
        const token = await impatient.tokenFor('admin');
        const handlers: Record<string, HttpRoute['handle']> = {
          '/api/json': async (request) => ({ body: { got: await request.json() } }),
          '/api/bytes': async (request) => ({ body: { parts: (await request.stream().toArray()).length } }),
        };
        for (const [path, handle] of Object.entries(handlers))
          impatient.route({ method: 'POST', path, policy: SIGNED_IN, summary: 'test', handle });
        const ask = (path: string) =>
          rawRequest(
            impatient.server.port,
            `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
          );
        expect(await ask('/api/json')).toMatch(/^HTTP\/1.1 400 .*did not come in time/s);
        expect(await ask('/api/bytes')).toBe('');
      } finally {
        await impatient.stop();
      }
    });

    it('of strangers are not asked for', async () => {
      const answer = await rawRequest(
        node.server.port,
        'POST /api/bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n',
      );
      expect(answer).toMatch(/^HTTP\/1.1 401 /);
      const token = await node.tokenFor('admin');
      const asked = await rawRequest(
        node.server.port,
        `POST /api/bytes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 2\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n{}`,
      );
      expect(asked).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 .*\{"sizeBytes":2\}$/s);
    });

    it('of any size stream through', async () => {
      const response = await get('/api/bytes', {
        method: 'POST',
        headers: await bearer('admin'),
        body: Buffer.alloc(20 * 1024 * 1024),
      });
      expect(await response.json()).toEqual({ sizeBytes: 20 * 1024 * 1024 });
    });
  });

  describe('hostile requests', () => {
    it('get a 400, and the node goes on', async () => {
      const headers = `Authorization: Bearer ${await node.tokenFor('admin')}\r\nConnection: close\r\n`;
      route('GET', '/api/things/:id', ({ params }) => ({ body: params }));
      for (const target of [
        '/api/things/%zz',
        '/api/things/%ff',
        '/api/things/a%00b',
        `/${'a/'.repeat(100)}`,
        '*',
        'x',
      ]) {
        expect(await rawRequest(node.server.port, `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)).toMatch(
          /^HTTP\/1.1 400 /,
        );
      }
      expect(
        await rawRequest(node.server.port, `GET /api/things/1 HTTP/1.1\r\nHost: x"><script>\r\n${headers}\r\n`),
      ).toMatch(/^HTTP\/1.1 400 .*Host header/s);
      expect(await rawRequest(node.server.port, `GET /api/things/1 HTTP/1.1\r\n${headers}\r\n`)).toMatch(
        /^HTTP\/1.1 400 /,
      );
      for (const bad of [
        'X-File-Name: a\rSet-Cookie: x=1',
        'X-File-Name: a\0b',
        'X File Name: a',
        'X-A: 1\r\n folded: 2\r\n: 3',
      ])
        expect(await rawRequest(node.server.port, `GET /api/things/1 HTTP/1.1\r\nHost: x\r\n${bad}\r\n\r\n`)).toMatch(
          /^HTTP\/1.1 400 /,
        );
      expect(await rawRequest(node.server.port, 'HELO there\r\n\r\n')).toMatch(
        /^HTTP\/1.1 400 .*problem\+json.*"status":400/s,
      );
      expect(
        await rawRequest(node.server.port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`),
      ).toMatch(/^HTTP\/1.1 431 /);
      expect(
        await rawRequest(
          node.server.port,
          'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
        ),
      ).toMatch(/^HTTP\/1.1 400 (?!.*HTTP\/1.1)/s);
      expect(
        await rawRequest(node.server.port, `GET http://x/api/things/1?a HTTP/1.1\r\nHost: x\r\n${headers}\r\n`),
      ).toMatch(/200 OK/);
    });
  });

  describe('stop', () => {
    it('lets what is in flight end and takes nothing more', async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let began = false;
      route('GET', '/api/slow', async () => {
        began = true;
        await held;
        return { body: { ok: true } };
      });
      const answer = get('/api/slow', { headers: await bearer('admin') });
      await until(() => began);
      const stopped = node.server.stop();
      await expect(get('/api/slow')).rejects.toThrow();
      release();
      expect(await (await answer).json()).toEqual({ ok: true });
      await stopped;
    });

    it('cuts streams of events at once and what does not end after the grace', async () => {
      const events = new Readable({ read: () => undefined });
      let never = false;
      route('GET', '/api/events', () => ({ headers: { 'Content-Type': 'text/event-stream' }, body: events }));
      route('GET', '/api/never', () => {
        never = true;
        return new Promise<never>(() => undefined);
      });
      const headers = await bearer('admin');
      events.push(':\n\n');
      const stream = await get('/api/events', { headers });
      const order: string[] = [];
      const both = [
        stream.text().catch(() => order.push('events')),
        get('/api/never', { headers }).catch(() => order.push('never')),
      ];
      await until(() => never);
      await node.server.stop();
      await Promise.all(both);
      expect(order).toEqual(['events', 'never']);
    });
  });
});

const lines = (headers: Record<string, string>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** Compressible little, so that what is sent fills buffers. */
function randomText(length: number): string {
  let text = '';
  for (let n = 0; text.length < length; n += 1) text += ((n * 2654435761) % 4294967296).toString(36);
  return text.slice(0, length);
}
