import { connect } from 'node:net';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningSocket, listeningSockets } from './tools/listening-sockets.ts';
import { type NodeProcess, startNode } from './tools/node-process.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

/** Routes that answer without an identity, and why each may. A new public route fails this test until somebody has thought about it. */
const PUBLIC: Readonly<Record<string, string>> = {
  'post /api/sessions': 'sign-in',
  'get /api/sign-in': 'ways to sign in',
  'get /api/oidc/start': 'sign-in',
  'get /api/oidc/callback': 'sign-in',
  'post /api/control/sessions': 'carries the secret of control.json',
  'get /healthz': 'liveness',
  'get /readyz': 'readiness',
  'get /': 'program of the pages',
  'get /sign-in': 'program of the pages',
  'get /studies': 'program of the pages',
  'get /studies/{study}': 'program of the pages',
  'get /registration': 'program of the pages',
  'get /registration/{tab}': 'program of the pages',
  'get /patients/{key}': 'program of the pages',
  'get /import': 'program of the pages',
  'get /devices': 'program of the pages',
  'get /system': 'program of the pages',
  'get /system/{tab}': 'program of the pages',
  'get /screens/{element}': 'program of the pages',
  'get /assets/{rest}': 'program of the pages',
  'get /sdk/{rest}': 'viewer SDK',
  'get /sdk/docs': 'documents of the viewer SDK',
  'get /sdk/doctor': 'page that tries a site out; asks with what the user gives it',
  'post /api/embed/launches/redeem': "carries a launch's code, which counts once",
  'post /api/shares/redeem': "carries a shared link's secret, and its access code",
  'get /share/{id}': 'program of the pages',
  'get /viewer': 'program of the pages',
  'get /embed': 'program of the pages',
  'get /IHEInvokeImageDisplay': 'leads to the viewer, which asks with its own identity',
  'get /plugins/{id}/{rest}': "programs of plugins' screens and viewer parts, which pages of other origins load",
};

/**
 * Routes for whoever is signed in, without a permission, and why. A new one fails this test until somebody has thought about it: what it
 * shows must be nobody's images.
 */
const SIGNED_IN: Readonly<Record<string, string>> = {
  'get /api/node': 'name and version',
  'get /api/ui': 'screens, by permission',
  'get /api/openapi.json': 'this description',
  'get /api/sessions/current': 'who one is',
  'delete /api/sessions/current': 'signing out',
  'get /api/sessions': "one's own, or user.manage",
  'delete /api/sessions/{id}': "one's own, or user.manage",
  'post /api/users/{name}/second-factor': "one's own",
  'put /api/users/{name}/second-factor': "one's own",
  'delete /api/users/{name}/second-factor': "one's own, or user.manage",
  'put /api/users/{name}/password': "one's own, or user.manage",
  'get /api/settings/{scope}/{key}': "one's own, or the site's; neither holds patients",
  'put /api/settings/{scope}/{key}': "one's own; the site's with plugin.manage",
};

/** Not walked by those who may: they end the session they are asked with, or the node's work. Who may not is refused there too. */
const NOT_WALKED: readonly string[] = ['delete /api/sessions/current'];

interface OpenApi {
  paths: Record<string, Record<string, { 'x-permission'?: string; 'x-public'?: string }>>;
}

interface Route {
  method: string;
  path: string;
  name: string;
  permission: string | undefined;
  isPublic: boolean;
}

const ROLES = [
  'admin',
  'registrar',
  'technician',
  'radiologist',
  'reviewer',
  'clinician',
  'auditor',
  'service',
] as const;

describe('no door is open', { timeout: 180_000 }, () => {
  let node: NodeProcess;
  let routes: Route[];
  let stored: PhantomInstance;

  beforeAll(async () => {
    node = await startNode({ accept: 'known' });
    const patient = {
      PatientName: { Alphabetic: 'Doors^Patient' },
      PatientID: 'DOORS-1',
      PatientBirthDate: '19700101',
      PatientSex: 'F' as const,
    };
    const study = phantomStudy({ seed: 'doors', patient });
    [stored] = (await storePhantoms(node, ctSlices({ count: 1, rows: 32, study }))) as [PhantomInstance];
    const openApi = (await (await node.fetch('/api/openapi.json')).json()) as OpenApi;
    routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        name: `${method} ${path}`,
        permission: operation['x-permission'],
        isPublic: operation['x-public'] !== undefined,
      })),
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

  /** Several at once: most of the time is waiting. */
  const walk = async (visit: (route: Route) => Promise<void>): Promise<void> => {
    const left = [...routes];
    const visitor = async () => {
      for (let route = left.shift(); route; route = left.shift()) await visit(route);
    };
    await Promise.all(Array.from({ length: 8 }, visitor));
  };

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
    await walk(async (route) => {
      if (route.name in PUBLIC) return;
      const response = await ask(route, headers);
      await response.body?.cancel();
      // A wrong password tried too often is slowed down, which refuses as well.
      if (response.status !== 401 && !(response.status === 429 && headers['authorization']?.startsWith('Basic'))) {
        open.push(`${route.name}: ${response.status}`);
      }
    });
    expect(open).toEqual([]);
  });

  it('every route names a permission that exists, or stands on a list that says why not', async () => {
    const permissions = (await (await node.fetch('/api/permissions')).json()) as { id: string }[];
    const known = new Set(permissions.map(({ id }) => id));
    expect(routes.filter(({ permission }) => permission !== undefined && !known.has(permission))).toEqual([]);
    const open = routes.filter(({ permission }) => permission === undefined);
    expect(open.filter(({ isPublic, name }) => !(name in (isPublic ? PUBLIC : SIGNED_IN)))).toEqual([]);
  });

  it('every role is let in where its permissions say, and nowhere else', async () => {
    const roles = (await (await node.fetch('/api/roles')).json()) as { id: string; permissions: string[] }[];
    const wrong: string[] = [];
    for (const role of ROLES) {
      const has = new Set(roles.find(({ id }) => id === role)?.permissions);
      expect(has.size, role).toBeGreaterThan(0);
      const token = await tokenOf(role);
      await walk(async (route) => {
        if (route.isPublic || NOT_WALKED.includes(route.name)) return;
        const may = route.permission === undefined || has.has(route.permission);
        // What an administrator may do to the node is tried by who may not, and by the tests of those routes.
        if (may && role === 'admin' && route.method !== 'GET') return;
        const response = await ask(route, { authorization: `Bearer ${token}` });
        const refused = response.status === 403 ? await reasonOf(response) : undefined;
        if (refused === undefined) await response.body?.cancel();
        const expected = may ? undefined : `needs permission ${route.permission}`;
        // Routes that decide once more (people alone, one's own account) say another reason.
        const agrees = may ? !refused?.startsWith('needs permission') || route.name in SIGNED_IN : refused === expected;
        if (!agrees || response.status === 401)
          wrong.push(`${role} ${route.name}: ${response.status} ${refused ?? ''}`);
      });
    }
    expect(wrong).toEqual([]);
  });

  it('a token for one patient opens only what pages need', async () => {
    const token = await embedToken();
    const allowed = new Set(['study.search', 'study.read']);
    const wrong: string[] = [];
    await walk(async (route) => {
      if (route.isPublic || NOT_WALKED.includes(route.name)) return;
      const response = await ask(route, { authorization: `Bearer ${token}` });
      await response.body?.cancel();
      const may = route.permission === undefined || allowed.has(route.permission);
      if (may ? response.status === 401 : response.status !== 403) wrong.push(`${route.name}: ${response.status}`);
    });
    expect(wrong).toEqual([]);
  });

  it('a shared link opens only what looking at its study needs', async () => {
    const authorization = `Bearer ${await shareToken()}`;
    const allowed = new Set(['study.search', 'study.read']);
    const wrong: string[] = [];
    await walk(async (route) => {
      if (route.isPublic || NOT_WALKED.includes(route.name)) return;
      const response = await ask(route, { authorization });
      await response.body?.cancel();
      const may = route.permission === undefined || allowed.has(route.permission);
      if (may ? response.status === 401 : response.status !== 403) wrong.push(`${route.name}: ${response.status}`);
    });
    expect(wrong).toEqual([]);
  });

  /** Signs somebody in who has this role. */
  async function tokenOf(role: (typeof ROLES)[number]): Promise<string> {
    const account = { name: `door-${role}`, displayName: role, roles: [role], password: 'a password of doors' };
    expect((await post('/api/users', account)).status).toBe(201);
    const signedIn = await fetch(`${node.url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: account.name, password: account.password }),
    });
    return ((await signedIn.json()) as { token: string }).token;
  }

  async function embedToken(): Promise<string> {
    await post('/api/users', { name: 'door-his', displayName: 'HIS', kind: 'service', roles: ['service'] });
    const { key } = (await (await post('/api/users/door-his/keys', { title: 'doors' })).json()) as { key: string };
    const asked = { user: 'zhang', patientId: 'NOBODY', ttlSeconds: 900 };
    const issued = await post('/api/embed/tokens', asked, `Bearer ${key}`);
    return ((await issued.json()) as { token: string }).token;
  }

  async function shareToken(): Promise<string> {
    const { StudyInstanceUID: studyInstanceUid } = stored;
    const shared = await post('/api/shares', { studyInstanceUid, expiresInDays: 1 });
    const { id, url, accessCode } = (await shared.json()) as Record<'id' | 'url' | 'accessCode', string>;
    const redeemed = await post('/api/shares/redeem', { id, secret: new URL(url).hash.slice(1), accessCode }, 'none');
    expect(redeemed.status).toBe(201);
    return ((await redeemed.json()) as { token: string }).token;
  }

  const post = (path: string, body: object, authorization = node.authorization) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** FHIR says it in its own words, with the title of the refusal before. */
  const reasonOf = async (response: Response): Promise<string> => {
    const body = (await response.json()) as { detail?: string; issue?: { diagnostics?: string }[] };
    return body.detail ?? body.issue?.[0]?.diagnostics?.replace(/^Not allowed: /, '') ?? '';
  };

  it('a path that nothing answers refuses too, so that nobody learns what there is', async () => {
    for (const path of ['/api/nothing', '/dicom-web/nothing', '/nothing', '/fhir/Patient'])
      expect((await ask({ method: 'GET', path })).status).toBe(401);
  });

  it('a public route gives no data away', async () => {
    for (const name of Object.keys(PUBLIC)) {
      const [method = '', path = ''] = name.split(' ');
      const text = await (await ask({ method: method.toUpperCase(), path })).text();
      expect(text).not.toMatch(/Doors\^Patient|DOORS-1/);
      expect(text).not.toContain(stored.StudyInstanceUID);
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
