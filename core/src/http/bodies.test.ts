import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpClient } from '../../testing/http-client.ts';
import type { HttpTestNode } from '../../testing/http-node.ts';
import { startHttpTestNode } from '../../testing/http-node.ts';
import { rawRequest } from '../../testing/raw-request.ts';
import { until } from '../../testing/until.ts';
import { FilmlessError } from '../errors.ts';
import type { BodyWriter, HttpRoute } from './contract.ts';

const SIGNED_IN = { access: 'signed-in' } as const;

describe('bodies over HTTP', () => {
  let node: HttpTestNode;
  const { get, bearer, route, problem } = httpClient(() => node);

  beforeEach(async () => {
    node = await startHttpTestNode({ limits: { recheckMs: 20 } });
  });

  afterEach(() => node.stop());

  describe('writers', () => {
    const writer = (body: BodyWriter, headers: Record<string, string> = {}) =>
      route('GET', '/api/written', () => ({
        headers: { 'Content-Type': 'application/octet-stream', ...headers },
        body,
        noCompression: true,
      }));

    it('may use their memory again once a chunk is written', async () => {
      const buffer = Buffer.alloc(1 << 20);
      writer({
        async writeTo(write) {
          for (let turn = 0; turn < 40; turn++) await write(buffer.fill(turn));
        },
      });
      const response = await get('/api/written', { headers: await bearer('admin') });
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.length).toBe(40 << 20);
      for (let turn = 0; turn < 40; turn++) {
        expect(bytes.subarray(turn << 20, (turn + 1) << 20).equals(Buffer.alloc(1 << 20, turn))).toBe(true);
      }
    });

    it.each(['3', '7'])('that are not as long as they said (%s of 5) cut the connection', async (length) => {
      writer(
        {
          async writeTo(write) {
            await write(Buffer.from('1'));
            await write(Buffer.from('2345'));
          },
        },
        { 'Content-Length': length },
      );
      const reading = get('/api/written', { headers: await bearer('admin') }).then((response) => response.text());
      await expect(reading).rejects.toThrow();
    });

    it('that fail before the first byte become a problem', async () => {
      writer({ writeTo: () => Promise.reject(new FilmlessError('BLOB_MISSING')) });
      const response = await get('/api/written', { headers: await bearer('admin') });
      expect(await problem(response)).toMatchObject({ code: 'BLOB_MISSING' });
    });

    it('are told when the client leaves, and closed once', async () => {
      let closed = 0;
      let failure: unknown;
      writer({
        async writeTo(write) {
          try {
            for (;;) await write(Buffer.alloc(1 << 20));
          } catch (error) {
            failure = error;
            throw error;
          }
        },
        close: () => {
          closed++;
        },
      });
      const gone = new AbortController();
      const response = await get('/api/written', { headers: await bearer('admin'), signal: gone.signal });
      expect(response.status).toBe(200);
      gone.abort();
      await until(() => closed > 0 && failure !== undefined);
      expect(closed).toBe(1);
    });

    it('that lose their client to a reset are no failure in the log', async () => {
      let closed = false;
      writer({
        async writeTo(write) {
          for (;;) await write(Buffer.alloc(1 << 20));
        },
        close() {
          closed = true;
        },
      });
      const { Authorization } = await bearer('admin');
      const socket = connect(node.server.port, '127.0.0.1');
      socket.once('data', () => socket.resetAndDestroy());
      socket.write(`GET /api/written HTTP/1.1\r\nHost: x\r\nAuthorization: ${Authorization}\r\n\r\n`);
      await until(() => closed);
      expect(node.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    });

    it('are closed and not asked to write for HEAD', async () => {
      let closed = 0;
      let written = false;
      writer({
        async writeTo() {
          written = true;
        },
        close: () => {
          closed++;
        },
      });
      await get('/api/written', { method: 'HEAD', headers: await bearer('admin') });
      await until(() => closed === 1);
      expect(written).toBe(false);
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
});

/** Compressible little, so that what is sent fills buffers. */
function randomText(length: number): string {
  let text = '';
  for (let n = 0; text.length < length; n += 1) text += ((n * 2654435761) % 4294967296).toString(36);
  return text.slice(0, length);
}
