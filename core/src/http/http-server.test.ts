import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { httpClient } from '../../testing/http-client.ts';
import type { HttpTestNode } from '../../testing/http-node.ts';
import { startHttpTestNode } from '../../testing/http-node.ts';
import { rawRequest } from '../../testing/raw-request.ts';
import { until } from '../../testing/until.ts';
import { FilmlessError } from '../errors.ts';
import type { HttpRoute } from './contract.ts';

describe('HttpServer', () => {
  let node: HttpTestNode;
  const { get, bearer, route, problem } = httpClient(() => node);

  beforeEach(async () => {
    node = await startHttpTestNode({ limits: { drainMs: 500 } });
  });

  afterEach(() => node.stop());

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
