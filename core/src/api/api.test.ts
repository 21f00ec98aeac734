import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiTestNode } from '../../testing/api-node.ts';
import { startApiTestNode } from '../../testing/api-node.ts';
import { assertEveryRouteRefuses } from '../../testing/assert-every-route-refuses.ts';
import { TEST_PASSWORD } from '../../testing/http-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { makeInstanceRecord } from '../../testing/instance-record.ts';
import { until } from '../../testing/until.ts';
import { FilmlessError } from '../errors.ts';
import { fileNameOf } from './imports-routes.ts';

type Json = Record<string, unknown>;

describe("core's REST", () => {
  let node: ApiTestNode;

  beforeEach(async () => {
    node = await startApiTestNode();
  });

  afterEach(() => node.stop());

  interface Asked {
    as?: string[];
    token?: string;
    body?: unknown;
    headers?: Record<string, string>;
  }

  async function ask(method: string, path: string, { as = ['admin'], token, body, headers }: Asked = {}) {
    const response = await fetch(`${node.baseUrl}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token ?? (await node.tokenFor(...as))}`,
        ...(body instanceof Uint8Array ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, text, json: (isJson ? JSON.parse(text) : {}) as Json };
  }

  const importFile = (bytes: Uint8Array, headers: Record<string, string> = {}, as = ['radiology']) =>
    ask('POST', '/api/imports', { as, body: bytes, headers: { 'Content-Type': 'application/dicom', ...headers } });

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

  describe('studies', () => {
    it('come in as files and are found', async () => {
      const file = makeInstanceFile({ SOPInstanceUID: '2.25.11', StudyInstanceUID: '2.25.1' });
      const stored = await importFile(file, { 'X-File-Name': encodeURIComponent('C:\\片子\\IM 1.dcm') });
      expect(stored.json).toEqual({
        status: 'stored',
        SOPInstanceUID: '2.25.11',
        StudyInstanceUID: '2.25.1',
        SeriesInstanceUID: '2.25.2',
      });
      expect((await importFile(file)).json).toMatchObject({ status: 'duplicate' });
      const received = (await node.catalogue.get('2.25.11'))?.received;
      expect(received).toMatchObject({ via: 'import', source: 'test-radiology', address: '127.0.0.1' });
      const list = await ask('GET', '/api/studies?text=Phantom&modalities=CT,MR&limit=10', { as: ['clinician'] });
      expect(list.json).toMatchObject({ total: 1, items: [{ StudyInstanceUID: '2.25.1', instanceCount: 1 }] });
      expect((await ask('GET', '/api/studies?text=&modalities=&accessionNumber=')).json).toMatchObject({ total: 1 });
      expect((await ask('GET', '/api/studies?modalities=MR')).json).toMatchObject({ total: 0 });
      const study = await ask('GET', '/api/studies/2.25.1');
      expect(study.json).toMatchObject({
        study: { PatientID: 'P1' },
        series: [{ SeriesInstanceUID: '2.25.2' }],
        earlier: [],
      });
      expect((await ask('GET', '/api/facets')).json).toMatchObject({ modalities: { CT: 1 } });
    });

    it('that are not there are 404, whatever is asked for', async () => {
      for (const uid of ['2.25.404', 'x', '..', '%00', "'; DROP TABLE study; --", '1'.repeat(65)]) {
        const answer = await ask('GET', `/api/studies/${encodeURIComponent(uid).replaceAll('.', '%2e')}`);
        expect([400, 404]).toContain(answer.status);
      }
      expect((await ask('GET', '/api/studies/2.25.404')).json).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    });

    it('are not shown to who may see nothing', async () => {
      await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.11' }));
      expect((await ask('GET', '/api/studies', { as: [] })).status).toBe(403);
      expect((await ask('GET', '/api/studies/2.25.1', { as: [] })).status).toBe(403);
    });

    it('are searched with keys there are, each once and well formed', async () => {
      for (const [search, field] of [
        ['limit=x', 'limit'],
        ['limit=501', 'limit'],
        ['offset=-1', 'offset'],
        ['studyDate=2026-01-01', 'studyDate'],
        ['orderBy=name', 'orderBy'],
        ['text=a&text=b', 'text'],
        ['patient=x', 'patient'],
        [`text=${'x'.repeat(300)}`, 'text'],
        ['__proto__=x', '__proto__'],
      ] as const) {
        const answer = await ask('GET', `/api/studies?${search}`);
        expect(answer.status, search).toBe(400);
        expect(answer.json['detail'], search).toContain(field);
      }
    });
  });

  describe('imports', () => {
    it('of what is not DICOM are refused and kept aside', async () => {
      const refused = await importFile(Buffer.from('not a dicom file at all'), { 'X-File-Name': 'letter.txt' });
      expect(refused.status).toBe(400);
      expect(refused.json).toMatchObject({ code: 'NOT_DICOM' });
      const [entry] = (await ask('GET', '/api/quarantine')).json as unknown as Json[];
      expect(entry).toMatchObject({
        code: 'NOT_DICOM',
        via: 'import',
        source: 'test-radiology',
        fileName: 'letter.txt',
      });
      expect((await ask('GET', '/api/storage')).json).toMatchObject({ quarantineCount: 1, conflictCount: 0 });
      const content = await ask('GET', `/api/quarantine/${entry?.['id']}/content`);
      expect(content.text).toBe('not a dicom file at all');
      expect(content.headers.get('content-disposition')).toMatch(/^attachment; filename="[0-9A-Z]+\.bin"$/);
      const again = await ask('POST', `/api/quarantine/${entry?.['id']}/retry`);
      expect(again.json).toMatchObject({ code: 'NOT_DICOM' });
      expect((await ask('GET', '/api/quarantine')).json).toEqual([entry]);
      expect((await ask('DELETE', `/api/quarantine/${entry?.['id']}`)).status).toBe(204);
      for (const [method, path] of [
        ['DELETE', ''],
        ['POST', '/retry'],
        ['GET', '/content'],
      ] as const)
        expect((await ask(method, `/api/quarantine/${entry?.['id']}${path}`)).status).toBe(404);
    });

    it('take a mended file out of the quarantine', async () => {
      const file = makeInstanceFile({ SOPInstanceUID: '2.25.12' });
      const refused = await importFile(file.subarray(0, file.length - 300));
      expect(refused.json).toMatchObject({ code: 'DICOM_TRUNCATED' });
      const [entry] = await node.storage.listQuarantine();
      // As if the reader had learnt to read it since.
      node.storage.streamQuarantine = async () => (await import('node:stream')).Readable.from([file]);
      const again = await ask('POST', `/api/quarantine/${entry?.id}/retry`);
      expect(again.json).toMatchObject({ status: 'stored', SOPInstanceUID: '2.25.12' });
      expect(await node.storage.listQuarantine()).toEqual([]);
    });

    it('want a media type and a well-formed name', async () => {
      const file = makeInstanceFile({ SOPInstanceUID: '2.25.13' });
      expect((await importFile(file, { 'Content-Type': 'text/plain' })).status).toBe(415);
      const badName = await importFile(file, { 'X-File-Name': '%E0%A4%A' });
      expect(badName.json).toMatchObject({ code: 'INVALID_REQUEST', detail: expect.stringContaining('X-File-Name') });
      expect(await node.catalogue.count()).toBe(0);
    });

    it('keep of a name only what is a name', () => {
      expect(fileNameOf(encodeURIComponent('../../etc/片 1.dcm'))).toBe('片 1.dcm');
      expect(fileNameOf('a%0D%0ASet-Cookie:%20x=1%00')).toBe('aSet-Cookie: x=1');
      expect(fileNameOf('%E2%80%AEmcd.exe')).toBe('mcd.exe');
      expect([fileNameOf('..'), fileNameOf('%20'), fileNameOf('/'), fileNameOf(undefined)]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(fileNameOf('x'.repeat(5000))).toHaveLength(255);
    });

    it('that conflict wait for a decision with both sides shown', async () => {
      await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.14', salt: 'first' }));
      const second = await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.14', salt: 'second' }));
      expect(second.json).toMatchObject({ status: 'conflict' });
      const list = await ask('GET', '/api/conflicts');
      expect(list.text).not.toContain('"dataset"');
      const [conflict] = list.json as unknown as Json[];
      expect(conflict).toMatchObject({
        status: 'open',
        summary: {
          existing: { PatientID: 'P1', StudyDescription: 'Phantom first' },
          received: { PatientID: 'P1', StudyDescription: 'Phantom second' },
        },
      });
      expect((await ask('GET', '/api/storage')).json).toMatchObject({ conflictCount: 1 });
      const path = `/api/conflicts/${encodeURIComponent(String(conflict?.['id']))}/resolve`;
      expect((await ask('POST', path, { body: { keep: 'both' } })).json).toMatchObject({
        detail: expect.stringMatching(/^keep: /),
      });
      expect((await ask('POST', path, { as: ['clinician'], body: { keep: 'received' } })).status).toBe(403);
      expect((await ask('POST', path, { body: { keep: 'received' } })).json).toMatchObject({ status: 'kept-received' });
      expect((await ask('GET', '/api/studies/2.25.1')).json).toMatchObject({
        study: { StudyDescription: 'Phantom second' },
      });
      const [decided] = (await ask('GET', '/api/conflicts')).json as unknown as Json[];
      expect(decided).toMatchObject({ status: 'kept-received', decidedBy: 'test-admin', summary: { existing: null } });
      expect((await ask('POST', '/api/conflicts/none/resolve', { body: { keep: 'existing' } })).status).toBe(404);
    });
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
        check: async () => ({ state: 'warning', detail: '12 % free', ready }),
      });
      node.points.contribute('HealthCheck', 'broken', { title, check: () => Promise.reject(new Error('ZHANG^SAN')) });
      node.clock.advance(1_000);
      const health = await ask('GET', '/api/health');
      expect(health.json).toMatchObject({
        state: 'failed',
        checks: [
          { key: 'disk', state: 'warning', detail: '12 % free' },
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
