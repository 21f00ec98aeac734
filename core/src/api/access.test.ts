import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { TEST_PASSWORD } from '../../testing/http-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';

describe('row limits over REST', () => {
  let node: ApiTestNode;
  const { ask, importFile } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
    for (const [n, PatientID] of ['A', 'A', 'B'].entries())
      await importFile(makeInstanceFile({ SOPInstanceUID: `2.25.9${n}`, StudyInstanceUID: `2.25.8${n}`, PatientID }));
    await ask('POST', '/api/users', {
      body: {
        name: 'wang',
        displayName: '王芳',
        roles: ['clinician'],
        password: TEST_PASSWORD,
        limits: { patientIds: ['B'] },
      },
    });
  });

  afterEach(() => node.stop());

  const wang = async () => {
    const account = await node.security.users.find('wang');
    return node.security.sessions.create(account ?? { name: '', credentialId: '' }).token;
  };
  const seen = async (token: string) => {
    const { json } = await ask('GET', '/api/studies', { token });
    return (json['items'] as { StudyInstanceUID: string }[]).map(({ StudyInstanceUID }) => StudyInstanceUID).sort();
  };

  it('hold for lists, single studies, facets and totals, and say that there is more', async () => {
    const token = await wang();
    expect(await seen(token)).toEqual(['2.25.82']);
    expect((await ask('GET', '/api/studies', { token })).json['total']).toBe(1);
    expect((await ask('GET', '/api/studies/2.25.80', { token })).json).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    expect((await ask('GET', '/api/facets', { token })).json['modalities']).toEqual({ CT: 1 });
    expect((await ask('GET', '/api/sessions/current', { token })).json['user']).toMatchObject({ limited: true });
    expect((await ask('GET', '/api/sessions/current')).json['user']).toMatchObject({ limited: false });
  });

  it('change at once with the account, and with where patients lie', async () => {
    const token = await wang();
    const limits = { wards: ['骨科'] };
    await ask('PUT', '/api/users/wang', { body: { limits } });
    expect(await seen(token)).toEqual([]);
    expect((await ask('PUT', '/api/patients/A/ward', { body: { ward: '骨科' } })).status).toBe(204);
    expect((await ask('GET', '/api/wards')).json).toEqual(['骨科']);
    expect(await seen(token)).toEqual(['2.25.80', '2.25.81']);
    await ask('PUT', '/api/patients/A/ward', { body: { ward: null } });
    expect(await seen(token)).toEqual([]);
    await ask('PUT', '/api/users/wang', { body: { limits: null } });
    expect(await seen(token)).toHaveLength(3);
  });

  it('open one patient in an emergency, with a reason and for a while', async () => {
    const token = await wang();
    const open = (body: object) => ask('POST', '/api/emergencies', { token, body });
    expect((await open({ studyInstanceUid: '2.25.80' })).json).toMatchObject({
      detail: expect.stringContaining('reason'),
    });
    expect((await open({ studyInstanceUid: '2.25.80', reason: ' x ' })).status).toBe(400);
    expect((await open({ studyInstanceUid: '2.25.1', reason: '急诊抢救' })).json).toMatchObject({
      code: 'STUDY_NOT_FOUND',
    });
    const opened = await open({ studyInstanceUid: '2.25.80', reason: '急诊抢救' });
    expect([opened.status, opened.json['expiresAt']]).toEqual([201, '2026-03-01T09:00:00.000Z']);
    // The patient's earlier study is part of it.
    expect(await seen(token)).toEqual(['2.25.80', '2.25.81', '2.25.82']);
    const listed = (await ask('GET', '/api/emergencies', { as: ['auditor'] })).json as unknown as Json[];
    expect(listed).toMatchObject([{ userName: 'wang', reason: '急诊抢救' }]);
    expect((await ask('DELETE', `/api/emergencies/${opened.json['id']}`, { as: ['clinician'] })).status).toBe(404);
    expect((await ask('DELETE', `/api/emergencies/${opened.json['id']}`, { token })).status).toBe(204);
    expect(await seen(token)).toEqual(['2.25.82']);
    for (const role of ['registrar', 'auditor', 'service'])
      expect(
        (await ask('POST', '/api/emergencies', { as: [role], body: { patientId: 'A', reason: '急诊抢救' } })).status,
      ).toBe(403);
    expect(JSON.stringify(node.log.lines)).not.toContain('急诊');
  });

  it('hide restricted patients from whoever is not named', async () => {
    const put = (body: object) => ask('PUT', '/api/restricted-patients/A', { body });
    expect((await put({ roles: ['king'] })).status).toBe(400);
    expect((await put({ users: ['Wang'] })).status).toBe(204);
    await ask('PUT', '/api/users/wang', { body: { limits: null } });
    expect(await seen(await node.tokenFor('admin'))).toEqual(['2.25.82']);
    expect(await seen(await wang())).toHaveLength(3);
    expect((await ask('GET', '/api/restricted-patients')).json).toMatchObject([{ patientId: 'A', users: ['wang'] }]);
    expect((await ask('GET', '/api/restricted-patients', { as: ['radiologist'] })).status).toBe(403);
    expect((await ask('DELETE', '/api/restricted-patients/A')).status).toBe(204);
    expect(await seen(await node.tokenFor('admin'))).toHaveLength(3);
  });

  it('hold for jobs: what others work on is not shown', async () => {
    await ask('PUT', '/api/users/wang', { body: { roles: ['admin'], limits: { patientIds: ['A'] } } });
    const token = await wang();
    const own = await node.jobs.enqueue({ kind: 'later', title: 'Later', payload: {}, createdBy: 'wang' });
    const other = await node.jobs.enqueue({ kind: 'later', title: 'Later', payload: {}, createdBy: 'li' });
    expect((await ask('GET', '/api/jobs', { token })).json).toMatchObject([{ id: own.id }]);
    expect((await ask('GET', '/api/jobs')).json).toHaveLength(2);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/cancel'],
      ['POST', '/retry'],
    ] as const)
      expect((await ask(method, `/api/jobs/${other.id}${path}`, { token })).status, path).toBe(404);
    expect((await ask('POST', `/api/jobs/${own.id}/cancel`, { token })).json).toMatchObject({ state: 'cancelled' });
  });

  it('hold for conflicts and quarantine', async () => {
    await importFile(
      makeInstanceFile({ SOPInstanceUID: '2.25.90', StudyInstanceUID: '2.25.80', PatientID: 'A', salt: 'x' }),
    );
    await importFile(new Uint8Array(200));
    await ask('PUT', '/api/users/wang', { body: { roles: ['technician'] } });
    const token = await wang();
    const [conflict] = (await ask('GET', '/api/conflicts')).json as unknown as Json[];
    const path = `/api/conflicts/${encodeURIComponent(String(conflict?.['id']))}/resolve`;
    expect((await ask('GET', '/api/conflicts', { token })).json).toEqual([]);
    expect((await ask('POST', path, { token, body: { keep: 'existing' } })).status).toBe(404);
    const [entry] = (await ask('GET', '/api/quarantine')).json as unknown as Json[];
    expect((await ask('GET', '/api/quarantine', { token })).json).toEqual([]);
    expect((await ask('GET', `/api/quarantine/${entry?.['id']}/content`, { token })).status).toBe(404);
  });

  it('and roles are set by administrators, at once for everyone who has them', async () => {
    const token = await wang();
    const put = (role: string, permissions: unknown) => ask('PUT', `/api/roles/${role}`, { body: { permissions } });
    expect((await put('clinician', ['study.read'])).status).toBe(204);
    expect((await ask('GET', '/api/studies', { token })).status).toBe(403);
    const roles = (await ask('GET', '/api/roles')).json as unknown as Json[];
    expect(roles.find(({ id }) => id === 'clinician')).toMatchObject({ set: true, permissions: ['study.read'] });
    expect((await put('admin', [])).status).toBe(400);
    expect((await put('clinician', null)).status).toBe(204);
    expect((await ask('GET', '/api/studies', { token })).status).toBe(200);
    expect((await ask('GET', '/api/permissions')).text).toContain('study.search');
  });
});
