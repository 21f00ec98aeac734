import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningSocket, listeningSockets } from './tools/listening-sockets.ts';
import { type NodeProcess, startNode } from './tools/node-process.ts';

/** Routes that answer without an identity, and why each may. A new public route fails this test until somebody has thought about it. */
const PUBLIC: Readonly<Record<string, string>> = {
  'post /api/sessions': 'sign-in',
  'post /api/control/sessions': 'carries the secret of control.json',
  'get /healthz': 'liveness',
  'get /readyz': 'readiness',
  'get /': 'program of the pages',
  'get /sign-in': 'program of the pages',
  'get /studies': 'program of the pages',
  'get /studies/{study}': 'program of the pages',
  'get /import': 'program of the pages',
  'get /devices': 'program of the pages',
  'get /system': 'program of the pages',
  'get /system/{tab}': 'program of the pages',
  'get /screens/{element}': 'program of the pages',
  'get /assets/{rest}': 'program of the pages',
  'get /sdk/{rest}': 'viewer SDK',
};

interface OpenApi {
  paths: Record<string, Record<string, { 'x-permission'?: string; security?: unknown[] }>>;
}

describe('no door is open', () => {
  let node: NodeProcess;
  let routes: { method: string; path: string; name: string }[];

  beforeAll(async () => {
    node = await startNode({ accept: 'known' });
    const openApi = (await (await node.fetch('/api/openapi.json')).json()) as OpenApi;
    routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path, name: `${method} ${path}` })),
    );
  });
  afterAll(async () => {
    await node.stop();
    await node.remove();
  });

  const ask = ({ method, path }: { method: string; path: string }, headers: Record<string, string> = {}) =>
    fetch(`${node.url}${path.replace(/\{[^}]+\}/g, '1.2.3')}`, {
      method,
      headers: { ...headers, ...(method === 'GET' || method === 'HEAD' ? {} : { 'content-type': 'application/json' }) },
      redirect: 'manual',
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: '{}' }),
    });

  it('knows the routes of core and of every plugin', () => {
    const names = routes.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(60);
    for (const known of [
      'get /api/studies',
      'get /dicom-web/studies',
      'post /dicom-web/studies',
      'get /wado',
      'get /api/devices',
      'get /metrics',
    ]) {
      expect(names).toContain(known);
    }
  });

  it.each([
    ['no identity', {}],
    ['a made-up token', { authorization: `Bearer ${'A'.repeat(43)}` }],
    ['a made-up cookie', { cookie: `filmless_session=${'A'.repeat(43)}`, 'x-filmless-csrf': '1' }],
    ['a wrong password', { authorization: `Basic ${Buffer.from('nobody:wrong-password').toString('base64')}` }],
  ] as [string, Record<string, string>][])('every route refuses %s', async (_kind, headers) => {
    const open: string[] = [];
    for (const route of routes) {
      if (route.name in PUBLIC) continue;
      const response = await ask(route, headers);
      await response.body?.cancel();
      // A wrong password tried too often is slowed down, which refuses as well.
      if (response.status !== 401 && !(response.status === 429 && headers['authorization']?.startsWith('Basic'))) {
        open.push(`${route.name}: ${response.status}`);
      }
    }
    expect(open).toEqual([]);
  });

  it('a path that nothing answers refuses too, so that nobody learns what there is', async () => {
    for (const path of ['/api/nothing', '/dicom-web/nothing', '/nothing', '/fhir/Patient'])
      expect((await ask({ method: 'GET', path })).status).toBe(401);
  });

  it('a public route gives no data away', async () => {
    for (const name of Object.keys(PUBLIC)) {
      const [method = '', path = ''] = name.split(' ');
      const text = await (await ask({ method: method.toUpperCase(), path })).text();
      expect(text).not.toMatch(/PatientName|00100010|StudyInstanceUID/);
    }
  });

  it('listens only where the configuration says, on loopback', () => {
    const sockets: ListeningSocket[] = listeningSockets(node.pid);
    expect([...new Set(sockets.map(({ port }) => port))].sort()).toEqual([node.httpPort, node.dicomPort].sort());
    expect(new Set(sockets.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
  });

  it('rejects an association of an unknown device, with the reason of the standard, and lists it for approval', async () => {
    const answer = await associate(node.dicomPort, 'STRANGER', node.aeTitle);
    // A-ASSOCIATE-RJ: rejected permanently, by the service user, calling AE title not recognized. @dicom PS3.8 9.3.4
    expect([...answer.subarray(0, 1), ...answer.subarray(7, 10)]).toEqual([3, 1, 1, 3]);
    const pending = (await (await node.fetch('/api/devices/pending')).json()) as { aeTitle: string }[];
    expect(pending.map(({ aeTitle }) => aeTitle)).toContain('STRANGER');
  });

  it('does not take DICOM messages before an association', async () => {
    // P-DATA-TF with nothing agreed: answered by A-ABORT or the end of the connection, never by data.
    const answer = await exchange(node.dicomPort, Buffer.from([4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3]));
    expect(answer.length === 0 || answer[0] === 7).toBe(true);
  });
});

/** Sends an A-ASSOCIATE-RQ for Verification and gives the whole answer. */
function associate(port: number, calling: string, called: string): Promise<Buffer> {
  const item = (type: number, body: Buffer) =>
    Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 0xff]), body]);
  const context = Buffer.concat([
    Buffer.from([1, 0, 0, 0]),
    item(0x30, Buffer.from('1.2.840.10008.1.1')),
    item(0x40, Buffer.from('1.2.840.10008.1.2')),
  ]);
  const user = item(0x50, item(0x51, Buffer.from([0, 0, 0x40, 0])));
  const body = Buffer.concat([
    Buffer.from([0, 1, 0, 0]),
    Buffer.from(called.padEnd(16)),
    Buffer.from(calling.padEnd(16)),
    Buffer.alloc(32),
    item(0x10, Buffer.from('1.2.840.10008.3.1.1.1')),
    item(0x20, context),
    user,
  ]);
  const head = Buffer.alloc(6);
  head[0] = 1;
  head.writeUInt32BE(body.length, 2);
  return exchange(port, Buffer.concat([head, body]));
}

function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      socket.end();
    });
    socket.once('error', fail);
    socket.once('close', () => done(Buffer.concat(chunks)));
  });
}
