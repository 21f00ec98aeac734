import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { makeQueryRecord } from '../../testing/query-records.ts';
import { until } from '../../testing/until.ts';

const SHARED = '2.25.80';
const SAME_PATIENT = '2.25.81';
const OTHER_PATIENT = '2.25.82';
const DAY_MS = 24 * 60 * 60_000;
/** Who shares, unless told otherwise: the account `test-radiologist`. */
const AS = { as: ['radiologist'] };
const ISSUER = '/api/users/test-radiologist';

interface Link {
  id: string;
  secret: string;
  accessCode?: string;
}

describe('shared links', () => {
  let node: ApiTestNode;
  const { ask, importFile } = apiClient(() => node);

  const start = async (...options: Parameters<typeof startApiTestNode>) => {
    node = await startApiTestNode(...options);
    for (const [n, PatientID] of ['A', 'A', 'B'].entries())
      await importFile(makeInstanceFile({ SOPInstanceUID: `2.25.9${n}`, StudyInstanceUID: `2.25.8${n}`, PatientID }));
  };
  beforeEach(() => start());
  afterEach(() => node.stop());

  const share = (body: object = {}, as: object = AS) =>
    ask('POST', '/api/shares', { ...as, body: { studyInstanceUid: SHARED, expiresInDays: 7, ...body } });
  const shared = async (body: object = {}, as: object = AS): Promise<Link> => {
    const { status, json } = await share(body, as);
    expect(status).toBe(201);
    const { pathname, hash } = new URL(String(json['url']));
    const accessCode = json['accessCode'] === undefined ? {} : { accessCode: String(json['accessCode']) };
    return { id: pathname.replace('/share/', ''), secret: hash.slice(1), ...accessCode };
  };
  const redeem = async (body: object) => {
    const response = await fetch(`${node.baseUrl}/api/shares/redeem`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
  };
  const code = async (body: object) => (await redeem(body)).json['code'];
  const tokenOf = async (link: Link) => String((await redeem(link)).json['token']);
  const refusal = async (token: string) => (await ask('GET', '/api/studies', { token })).json['code'];
  const seen = async (token: string) => {
    const { json } = await ask('GET', '/api/studies', { token });
    return [json['total'], ...(json['items'] as Json[]).map((row) => row['StudyInstanceUID'])];
  };
  const listed = async (as: object = AS) => (await ask('GET', '/api/shares', as)).json['shares'] as Json[];
  const audited = async () => (await ask('GET', '/api/audit?limit=500', { as: ['auditor'] })).json['items'] as Json[];
  const store = async (study: string, PatientID: string) => {
    const record = makeQueryRecord({ study, instance: `${study}.1` }, { PatientID });
    await node.catalogue.commit(record);
    await node.tellStored([record], new AbortController().signal);
  };

  it('give out secret and access code once, and keep hashes alone', async () => {
    const { status, json, headers } = await share({ note: '李女士' });
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(json).toMatchObject({ accessCode: expect.stringMatching(/^\d{8}$/), expiresAt: '2026-03-08T08:00:00.000Z' });
    const secret = String(json['url']).split('#')[1] ?? '';
    expect(secret).toMatch(/^[\w-]{43}$/);
    const kept = await node.security.documents.list<{ secretHash: string; codeHash: string }>('share:');
    expect(kept).toMatchObject([{ secretHash: createHash('sha256').update(secret).digest('hex') }]);
    const text = JSON.stringify([kept, await listed(), node.log.lines, await audited()]);
    expect(text).toContain(kept[0]?.codeHash);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(String(json['accessCode']));
    expect(JSON.stringify(node.log.lines)).not.toContain('李女士');
    expect((await share({ accessCode: false })).json).not.toHaveProperty('accessCode');
  });

  it('are for those who may share, people alone, and studies they see', async () => {
    for (const role of ['clinician', 'technician', 'registrar', 'auditor', 'service'])
      expect((await share({}, { as: [role] })).status, role).toBe(403);
    for (const role of ['admin', 'reviewer']) expect((await share({}, { as: [role] })).status, role).toBe(201);
    await ask('POST', '/api/users', {
      body: { name: 'his', displayName: 'H', kind: 'service', roles: ['radiologist'] },
    });
    const { key } = (await ask('POST', '/api/users/his/keys', { body: { title: 'x' } })).json;
    expect((await share({}, { token: key })).json).toMatchObject({ code: 'FORBIDDEN' });
    expect((await share({ studyInstanceUid: '2.25.99' })).json).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    for (const wrong of [{ expiresInDays: 0 }, { expiresInDays: 31 }, { note: 'x'.repeat(201) }, { more: 1 }])
      expect((await share(wrong)).status).toBe(400);
    await store('2.25.83', '');
    expect((await share({ studyInstanceUid: '2.25.83' })).json['detail']).toMatch(/without a patient ID/);
  });

  it('open their one study to whoever has secret and code, for some minutes at a time', async () => {
    const link = await shared();
    const { status, json, headers } = await redeem({
      ...link,
      accessCode: `${link.accessCode?.slice(0, 4)} ${link.accessCode?.slice(4)}`,
    });
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(json).toMatchObject({
      studyInstanceUid: SHARED,
      report: false,
      expiresAt: '2026-03-01T08:10:00.000Z',
      linkExpiresAt: '2026-03-08T08:00:00.000Z',
    });
    const token = String(json['token']);
    expect(await seen(token)).toEqual([1, SHARED]);
    expect((await ask('GET', '/api/embed/tokens')).json).toEqual([]);
    const { json: study } = await ask('GET', `/api/studies/${SHARED}`, { token });
    // The patient's other exams are not part of it.
    expect(study).toMatchObject({ study: { StudyInstanceUID: SHARED }, earlier: [] });
    for (const other of [SAME_PATIENT, OTHER_PATIENT])
      expect((await ask('GET', `/api/studies/${other}`, { token })).json).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    expect((await ask('GET', '/api/facets', { token })).json['modalities']).toEqual({ CT: 1 });
    node.clock.advance(10 * 60_000);
    expect(await refusal(token)).toBe('TOKEN_EXPIRED');
    expect(await seen(await tokenOf(link))).toEqual([1, SHARED]);
  });

  it('carry nothing but looking', async () => {
    const token = await tokenOf(await shared({ report: true }));
    const current = await ask('GET', '/api/sessions/current', { token });
    expect((current.json['user'] as Json)['permissions']).toEqual(['study.read', 'study.search']);
    for (const [method, path] of [
      ['POST', '/api/shares'],
      ['GET', '/api/shares'],
      ['POST', '/api/imports'],
      ['POST', '/api/reports'],
      ['GET', '/api/jobs'],
      ['GET', '/api/patients'],
      ['GET', '/api/orders'],
      ['POST', '/api/emergencies'],
    ] as const)
      expect((await ask(method, path, { token, ...(method === 'POST' ? { body: {} } : {}) })).status, path).toBe(403);
  });

  it('show reports only when they were shared too, and never those of another study', async () => {
    const deliver = (StudyInstanceUID: string, externalId: string, id = 'A') =>
      ask('POST', '/api/reports', {
        as: ['service'],
        body: { patient: { id }, StudyInstanceUID, externalId, status: 'reviewed', text: 'x', title: 't' },
      });
    for (const [study, name, id] of [
      [SHARED, 'R1', 'A'],
      [SAME_PATIENT, 'R2', 'A'],
      [OTHER_PATIENT, 'R3', 'B'],
    ] as const)
      expect((await deliver(study, name, id)).status).toBe(201);
    const reports = async (token: string, query: string) =>
      ((await ask('GET', `/api/reports?${query}`, { token })).json['reports'] as Json[]).length;
    const [without, including] = [await tokenOf(await shared()), await tokenOf(await shared({ report: true }))];
    expect(await reports(without, `study=${SHARED}`)).toBe(0);
    expect(await reports(without, 'patient=A')).toBe(0);
    expect(await reports(including, `study=${SHARED}`)).toBe(1);
    expect(await reports(including, 'patient=A')).toBe(1);
    for (const query of [`study=${SAME_PATIENT}`, `study=${OTHER_PATIENT}`, 'patient=B'])
      expect(await reports(including, query), query).toBe(0);
  });

  it('tell a stranger nothing, and whoever has the secret what is wrong', async () => {
    const { id, secret, accessCode } = await shared();
    const other = await shared();
    const answers = await Promise.all([
      redeem({ id, secret: other.secret, accessCode }),
      redeem({ id: 'AAAAAAAAAAAAAAAA', secret, accessCode }),
      redeem({ id: 'not one', secret }),
      redeem({ id: '__proto__', secret: '' }),
    ]);
    const [first] = answers;
    expect(first).toMatchObject({ status: 404, json: { code: 'SHARE_NOT_FOUND' } });
    for (const { status, json } of answers) {
      const { requestId: _one, instance: _two, ...same } = json;
      const { requestId: _three, instance: _four, ...expected } = first?.json ?? {};
      expect([status, same]).toEqual([404, expected]);
    }
    expect(await redeem({ id, secret })).toMatchObject({ status: 401, json: { code: 'SHARE_CODE_NEEDED' } });
    expect(await redeem({ id, secret, accessCode: '0' })).toMatchObject({ json: { code: 'SHARE_CODE_WRONG' } });
    // Asking for the code and giving none is no guess; a wrong secret does not lock others out.
    expect(await listed()).toMatchObject([{ state: 'active' }, { state: 'active' }]);
    expect((await redeem({ id, secret, accessCode })).status).toBe(201);
  });

  it('are locked for good by ten wrong codes, also at once, and their tokens end', async () => {
    const link = await shared();
    const token = await tokenOf(link);
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, n) => code({ ...link, accessCode: `${n}` })));
    expect(guesses).toContain('TOO_MANY_REQUESTS');
    // Patient guessing, at the pace that is let through.
    while ((await code({ ...link, accessCode: '1' })) !== 'SHARE_LOCKED') node.clock.advance(60_000);
    node.clock.advance(15 * 60_000);
    expect(await code(link)).toBe('SHARE_LOCKED');
    expect(await refusal(token)).toMatch(/TOKEN_/);
    expect(await listed()).toMatchObject([{ state: 'locked' }]);
    const kept = await node.security.documents.get<{ wrongCodes: number }>(`share:${link.id}`);
    expect(kept?.wrongCodes).toBe(10);
  });

  it('end when revoked: the tokens at once, and only by whom they belong to', async () => {
    const link = await shared();
    const token = await tokenOf(link);
    expect((await ask('DELETE', `/api/shares/${link.id}`, { as: ['reviewer'] })).status).toBe(404);
    expect(await listed({ as: ['reviewer'] })).toEqual([]);
    expect(await listed({ as: ['admin'] })).toMatchObject([{ id: link.id, issuer: 'test-radiologist' }]);
    expect(await seen(token)).toEqual([1, SHARED]);
    expect((await ask('DELETE', `/api/shares/${link.id}`, AS)).status).toBe(204);
    expect(await refusal(token)).toBe('TOKEN_REVOKED');
    expect(await redeem(link)).toMatchObject({ status: 410, json: { code: 'SHARE_REVOKED' } });
    const second = await shared();
    expect((await ask('DELETE', `/api/shares/${second.id}`)).status).toBe(204);
    expect((await ask('DELETE', '/api/shares/nothing')).status).toBe(404);
  });

  it('end with their day, and what was given just before with them', async () => {
    const link = await shared({ expiresInDays: 1 });
    node.clock.advance(DAY_MS - 60_000);
    const { json } = await redeem(link);
    expect(json['expiresAt']).toBe('2026-03-02T08:00:00.000Z');
    node.clock.advance(60_000);
    expect(await refusal(String(json['token']))).toMatch(/^TOKEN_(EXPIRED|REVOKED)$/);
    expect(await redeem(link)).toMatchObject({ status: 410, json: { code: 'SHARE_EXPIRED' } });
    expect(await listed()).toMatchObject([{ state: 'expired' }]);
    node.clock.advance(91 * DAY_MS);
    await shared();
    expect(await listed()).toMatchObject([{ state: 'active' }]);
  });

  it.each([
    ['is disabled', () => ask('PUT', ISSUER, { body: { disabled: true } })],
    ['may not share any more', () => ask('PUT', ISSUER, { body: { roles: ['clinician'] } })],
    ['is gone', () => ask('DELETE', ISSUER)],
    [
      'is another of that name',
      async () => {
        await ask('DELETE', ISSUER);
        node.clock.advance(1000);
        return ask('POST', '/api/users', {
          body: { name: 'test-radiologist', displayName: 'x', roles: ['radiologist'], password: 'correct horse' },
        });
      },
    ],
  ])('show nothing once whoever shared them %s', async (_what, change) => {
    const link = await shared();
    const token = await tokenOf(link);
    expect((await change()).status).toBeLessThan(300);
    expect(await refusal(token)).toBe('TOKEN_REVOKED');
    expect(await redeem(link)).toMatchObject({ status: 403, json: { code: 'SHARE_WITHDRAWN' } });
    expect(await listed({ as: ['admin'] })).toMatchObject([{ state: 'withdrawn' }]);
  });

  it('show nothing while whoever shared them may not see the study, and again when he may', async () => {
    const link = await shared();
    const token = await tokenOf(link);
    const expectHidden = async () => {
      expect(await seen(token)).toEqual([0]);
      expect((await ask('GET', `/api/studies/${SHARED}`, { token })).status).toBe(404);
      expect(await code(link)).toBe('SHARE_WITHDRAWN');
    };
    await ask('PUT', ISSUER, { body: { limits: { departments: ['Cardiology'] } } });
    await expectHidden();
    await ask('PUT', ISSUER, { body: { limits: null } });
    expect(await seen(token)).toEqual([1, SHARED]);
    await ask('PUT', '/api/restricted-patients/A', { body: { users: ['somebody'], roles: [] } });
    await expectHidden();
    await ask('PUT', '/api/restricted-patients/A', { body: { users: [], roles: ['radiologist'] } });
    expect(await seen(token)).toEqual([1, SHARED]);
    expect((await redeem(link)).status).toBe(201);
  });

  it('do not follow a study to another patient', async () => {
    for (const id of ['A', 'NEW'])
      await ask('POST', '/api/patients', { as: ['registrar'], body: { identifiers: [{ id }], demographics: {} } });
    const link = await shared();
    const token = await tokenOf(link);
    const id = (one: string) => ({ id: one, issuer: '' });
    await node.patients.merge(id('A'), id('NEW'), 'hl7');
    await node.identitiesSettled();
    expect(await seen(token)).toEqual([0]);
    expect(await code(link)).toBe('SHARE_WITHDRAWN');
    await node.patients.unmerge(id('A'), 'registrar');
    await node.identitiesSettled();
    expect(await seen(token)).toEqual([1, SHARED]);
  });

  it('take nothing of an emergency of whoever shares', async () => {
    const limits = { patientIds: ['B'] };
    await ask('GET', '/api/studies', AS);
    await ask('PUT', ISSUER, { body: { limits } });
    const opened = await ask('POST', '/api/emergencies', {
      ...AS,
      body: { studyInstanceUid: SHARED, reason: 'trauma' },
    });
    expect(opened.status).toBe(201);
    expect((await ask('GET', `/api/studies/${SHARED}`, AS)).status).toBe(200);
    expect((await share()).json).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    await ask('PUT', ISSUER, { body: { limits: null } });
    const token = await tokenOf(await shared());
    await ask('PUT', ISSUER, { body: { limits } });
    expect(await seen(token)).toEqual([0]);
  });

  it('count who opens them, not who goes on looking, and all of it is in the audit log', async () => {
    const link = await shared({ report: true });
    await redeem(link);
    node.clock.advance(9 * 60_000);
    await redeem(link);
    expect(await listed()).toMatchObject([{ opened: 1, lastOpenedAt: '2026-03-01T08:00:00.000Z' }]);
    node.clock.advance(60 * 60_000);
    await redeem(link);
    expect(await listed()).toMatchObject([{ opened: 2, lastOpenedAt: '2026-03-01T09:09:00.000Z' }]);
    await redeem({ ...link, accessCode: '1' });
    await ask('DELETE', `/api/shares/${link.id}`, AS);
    const entries = async () => (await audited()).filter(({ target }) => target === link.id);
    // What nobody waits for is written soon.
    await until(async () => (await entries()).length === 5);
    const about = { target: link.id, address: '127.0.0.1' };
    expect(
      (await entries())
        .map(({ action, outcome, actor, detail, studyInstanceUid }) => [
          action,
          outcome,
          actor,
          detail,
          studyInstanceUid,
        ])
        .reverse(),
    ).toEqual([
      ['token', 'success', 'test-radiologist', 'shared until 2026-03-08T08:00:00.000Z, with reports', SHARED],
      ['sign-in', 'success', `test-radiologist/share:${link.id}`, 'shared link opened', SHARED],
      ['sign-in', 'success', `test-radiologist/share:${link.id}`, 'shared link opened', SHARED],
      ['sign-in', 'refused', '', 'shared link: SHARE_CODE_WRONG', ''],
      ['token', 'success', 'test-radiologist', 'shared link revoked', SHARED],
    ]);
    for (const entry of await entries()) expect(entry).toMatchObject(about);
    expect((await node.audit.verify()).findings).toEqual([]);
  });

  it('are seen by live updates as their study alone', async () => {
    const leaving = new AbortController();
    const token = await tokenOf(await shared());
    const response = await fetch(`${node.baseUrl}/api/events`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    for (const [study, patient] of [
      [OTHER_PATIENT, 'B'],
      [SAME_PATIENT, 'A'],
      [SHARED, 'A'],
    ] as const)
      await store(study, patient);
    await until(() => text.includes(SHARED));
    expect(text).not.toMatch(/2\.25\.8[12]/);
    leaving.abort();
    await reading;
  });

  it('can be shortened and switched off for a site; what is out ends with that', async () => {
    await node.stop();
    await start({ settings: { shares: { enabled: true, maxDays: 3 } } });
    expect((await share()).json).toMatchObject({ code: 'INVALID_REQUEST', detail: 'expiresInDays: at most 3' });
    expect((await ask('GET', '/api/shares', AS)).json).toMatchObject({ maxDays: 3 });
    await node.stop();
    await start({ settings: { shares: { enabled: false, maxDays: 30 } } });
    for (const role of ['admin', 'radiologist']) expect((await share({}, { as: [role] })).status).toBe(403);
    expect((await ask('GET', '/api/roles')).text).not.toContain('share.create');
  });
});
