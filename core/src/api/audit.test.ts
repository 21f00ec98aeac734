import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { TEST_PASSWORD } from '../../testing/http-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';

describe('the audit log over REST', () => {
  let node: ApiTestNode;
  const { ask, importFile } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
  });

  afterEach(() => node.stop());

  const entries = async (query = '') => {
    const { json } = await ask('GET', `/api/audit?limit=500${query}`, { as: ['auditor'] });
    return (json['items'] as Json[]).filter(({ action }) => action !== 'audit.read');
  };
  const said = async (query = '') =>
    (await entries(query)).map(({ action, outcome, actor, target, studyInstanceUid, detail }) =>
      [action, outcome, actor, target || studyInstanceUid || detail].join(' '),
    );
  const signIn = (user: string, password: string) =>
    fetch(`${node.baseUrl}/api/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user, password }),
    });

  it('holds sign-ins, right and wrong, without what was typed', async () => {
    await node.tokenFor('clinician');
    await signIn('test-clinician', TEST_PASSWORD);
    await signIn('test-clinician', 'my-secret-guess');
    await signIn('my-secret-name', TEST_PASSWORD);
    expect(await said()).toEqual([
      'sign-in refused  BAD_CREDENTIALS',
      'sign-in refused test-clinician BAD_CREDENTIALS',
      'sign-in success test-clinician password',
    ]);
    expect(JSON.stringify(await entries())).not.toContain('my-secret');
  });

  it('holds what pages print and save, and tells nobody of studies that are not his', async () => {
    for (const [n, PatientID] of ['A', 'B'].entries())
      await importFile(makeInstanceFile({ SOPInstanceUID: `2.25.9${n}`, StudyInstanceUID: `2.25.8${n}`, PatientID }));
    const output = (what: string, of: string, ...studyInstanceUids: string[]) =>
      ask('POST', '/api/outputs', { as: ['clinician'], body: { what, of, studyInstanceUids } });
    expect((await output('print', 'list', '2.25.80', '2.25.81')).status).toBe(204);
    expect((await output('export', 'images', '2.25.81')).status).toBe(204);
    expect((await output('print', 'report', '2.25.81', '2.25.89')).status).toBe(404);
    expect((await output('burn', 'images', '2.25.81')).status).toBe(400);
    expect((await ask('POST', '/api/outputs', { as: ['auditor'], body: {} })).status).toBe(403);
    await node.security.patients.restrict({ patientId: 'B', users: [], roles: [], setBy: 'admin', setAt: '' });
    expect((await output('print', 'images', '2.25.81')).status).toBe(404);
    const told = (await entries()).filter(({ action }) => action === 'print' || action === 'export');
    expect(told.map(({ action, patientId, detail }) => [action, patientId, detail])).toEqual([
      ['export', 'B', 'images'],
      ['print', 'B', 'list'],
      ['print', 'A', 'list'],
    ]);
  });

  it('holds searches, openings once in a while, what was not found, and refusals', async () => {
    await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.9', StudyInstanceUID: '2.25.8', PatientID: 'A' }));
    const as = ['clinician'];
    await ask('GET', '/api/studies?text=zhang', { as });
    for (let n = 0; n < 3; n += 1) await ask('GET', '/api/studies/2.25.8', { as });
    await ask('GET', '/api/studies/2.25.7', { as });
    await ask('GET', '/api/users', { as });
    await ask('GET', '/api/facets', { as });
    expect(await said()).toEqual([
      'refused refused test-clinician GET /api/users',
      'open failed test-clinician 2.25.7',
      'open success test-clinician 2.25.8',
      'search success test-clinician text=zhang',
    ]);
    node.clock.advance(11 * 60_000);
    await ask('GET', '/api/studies/2.25.8', { as });
    expect(await said('&studyInstanceUid=2.25.8')).toHaveLength(2);
  });

  it('holds changes of accounts, plugins and roles before they are answered', async () => {
    const user = { name: 'li', displayName: 'Li', roles: ['clinician'], password: 'first password' };
    await ask('POST', '/api/users', { body: user });
    await ask('POST', '/api/plugins/print/enable', {});
    await ask('PUT', '/api/users/li', { body: { roles: ['king'] } });
    const token = await node.tokenFor('clinician');
    await ask('POST', '/api/emergencies', { token, body: { patientId: 'A', reason: '急诊抢救' } });
    expect(await said()).toEqual([
      expect.stringContaining('emergency success test-clinician 01'),
      'user failed test-admin PUT /api/users/li',
      'plugin success test-admin POST /api/plugins/print/enable',
      'user success test-admin POST /api/users li',
    ]);
    const [made] = await entries('&action=user&outcome=success');
    expect(made).toMatchObject({ detail: 'roles clinician' });
    const [emergency] = await entries('&action=emergency');
    expect(emergency).toMatchObject({ patientId: 'A', detail: '急诊抢救' });
  });

  it('holds who came with a key, once in a while', async () => {
    await ask('POST', '/api/users', { body: { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] } });
    const { key } = (await ask('POST', '/api/users/his/keys', { body: { title: 'x' } })).json as { key: string };
    for (let n = 0; n < 3; n += 1) await ask('GET', '/api/node', { token: key });
    expect(await said('&actor=his')).toEqual(['sign-in success his key']);
  });

  it('holds credentials that were refused, and not everyone who has none', async () => {
    await fetch(`${node.baseUrl}/api/studies`);
    await fetch(`${node.baseUrl}/api/studies`, { headers: { Cookie: 'filmless_session=old' } });
    await ask('GET', '/api/studies', { token: 'x.y.z' });
    await ask('GET', '/api/studies', { token: 'A'.repeat(43) });
    expect((await entries()).map(({ detail, actorKind }) => [detail, actorKind])).toEqual([
      ['UNAUTHENTICATED', 'unknown'],
      ['TOKEN_INVALID', 'unknown'],
    ]);
  });

  it('is filtered, paged, exported and verified, by auditors alone', async () => {
    for (const text of ['a', 'b', '=HYPERLINK("http://evil")']) {
      await ask('GET', `/api/studies?text=${encodeURIComponent(text)}`, { as: ['clinician'] });
    }
    node.audit.record({ action: 'change', outcome: 'success', actor: { kind: 'user', id: '=1+1' }, address: '' });
    const page = (await ask('GET', '/api/audit?limit=2&action=search', { as: ['auditor'] })).json;
    expect(page['total']).toBe(3);
    const [, second] = page['items'] as Json[];
    const rest = await ask('GET', `/api/audit?action=search&before=${second?.['seq']}`, { as: ['auditor'] });
    expect(rest.json['items']).toHaveLength(1);
    expect((await ask('GET', '/api/audit?action=none', { as: ['auditor'] })).status).toBe(400);
    expect((await ask('GET', '/api/audit?text=text%3Da', { as: ['auditor'] })).json['total']).toBe(1);
    const csv = await ask('GET', '/api/audit/export?format=csv', { as: ['auditor'] });
    expect(csv.headers.get('content-disposition')).toContain('audit.csv');
    expect(csv.text).toContain("'=1+1");
    const lines = await fetch(`${node.baseUrl}/api/audit/export?format=json&action=search`, {
      headers: { Authorization: `Bearer ${await node.tokenFor('auditor')}` },
    });
    expect((await lines.text()).trim().split('\n')).toHaveLength(3);
    expect((await ask('GET', '/api/audit/verify', { as: ['auditor'] })).json).toMatchObject({ findings: [] });
    for (const role of ['radiologist', 'clinician', 'service'])
      expect((await ask('GET', '/api/audit', { as: [role] })).status).toBe(403);
  });

  it('tells once a study what was brought, by whom', async () => {
    await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.9', StudyInstanceUID: '2.25.8', PatientID: 'A' }));
    await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.10', StudyInstanceUID: '2.25.8', PatientID: 'A' }));
    const records = await node.catalogue.getMany(['2.25.9', '2.25.10']);
    await node.tellStored(
      records.filter((record) => record !== undefined),
      new AbortController().signal,
    );
    expect(await entries()).toMatchObject([
      { action: 'receive', actor: 'test-radiology', studyInstanceUid: '2.25.8', patientId: 'A', target: 'import' },
    ]);
  });
});
