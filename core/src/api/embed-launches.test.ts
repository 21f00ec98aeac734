import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { invokeImageDisplayRoute } from '../web/invoke-image-display.ts';

describe('launches by another system', () => {
  let node: ApiTestNode;
  let key: string;
  let keyID: string;
  let launchSecret: string;
  const { ask, importFile } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
    const { audit, orders, patients, query, security } = node;
    const parts = { audit, orders, patients, query, security: security.service };
    node.route(invokeImageDisplayRoute(() => parts, () => security.launches)); // biome-ignore format: one line
    await ask('POST', '/api/users', { body: { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] } });
    const made = await ask('POST', '/api/users/his/keys', { body: { title: 'HIS', signsLaunches: true } });
    key = String(made.json['key']);
    keyID = String(made.json['id']);
    launchSecret = String(made.json['launchSecret']);
    for (const [n, PatientID] of ['A', 'A', 'B'].entries())
      await importFile(makeInstanceFile({ SOPInstanceUID: `2.25.9${n}`, StudyInstanceUID: `2.25.8${n}`, PatientID }));
  });
  afterEach(() => node.stop());

  /** As a browser that is not signed in. */
  const open = async (pathAndQuery: string) => {
    const answer = await fetch(`${node.baseUrl}${pathAndQuery}`, { redirect: 'manual' });
    const text = await answer.text();
    return { status: answer.status, text, to: new URL(answer.headers.get('location') ?? '/', node.baseUrl) };
  };
  const redeem = (code: string) =>
    fetch(`${node.baseUrl}/api/embed/launches/redeem`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    });
  const launch = async (target: object) => {
    const { json } = await ask('POST', '/api/embed/launches', {
      token: key,
      body: { user: '张医生', ttlSeconds: 300, ...target },
    });
    const { pathname, search } = new URL(String(json['url']));
    return pathname + search;
  };
  const seenWith = async (token: string) => {
    const { json } = await ask('GET', '/api/studies', { token });
    return (json['items'] as { StudyInstanceUID: string }[]).map(({ StudyInstanceUID }) => StudyInstanceUID).sort();
  };
  const sign = (parameters: Record<string, string>, secret = launchSecret) => {
    const text = Object.entries(parameters)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join('\n');
    const signature = createHmac('sha256', secret).update(text).digest('hex');
    return `/IHEInvokeImageDisplay?${new URLSearchParams({ ...parameters, signature })}`;
  };
  const parameters = (change: Record<string, string> = {}) => ({
    requestType: 'PATIENT',
    patientID: 'A',
    user: '张医生',
    keyID,
    expires: String(Math.floor(node.clock.now() / 1000) + 60),
    nonce: '0123456789abcdef',
    ...change,
  });

  it('open one patient once, with a code that is exchanged for a token', async () => {
    const address = await launch({ patientId: 'A' });
    const { status, to } = await open(address);
    expect([status, to.pathname, to.searchParams.get('patient')]).toEqual([302, '/viewer', 'A']);
    const code = to.searchParams.get('launch') ?? '';
    const answer = await redeem(code);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { token } = (await answer.json()) as { token: string };
    expect(await seenWith(token)).toEqual(['2.25.80', '2.25.81']);
    const current = await ask('GET', '/api/sessions/current', { token });
    expect(current.json['user']).toMatchObject({ name: 'his/张医生' });
    // Used up, for the page and for the address.
    expect((await redeem(code)).status).toBe(401);
    expect(await open(address)).toMatchObject({ status: 401, text: expect.stringContaining('TOKEN_INVALID') });
    const { items } = (await ask('GET', '/api/audit', { as: ['auditor'] })).json as { items: { detail: string }[] };
    const details = items.map(({ detail }) => detail);
    expect(details).toEqual(expect.arrayContaining(['launch for 张医生', 'launch', 'launch: TOKEN_INVALID']));
    expect(JSON.stringify(node.log.lines)).not.toContain(code);
  });

  it('show nothing of another patient, whatever the address is changed into', async () => {
    const address = await launch({ patientId: 'A' });
    const changed = await open(address.replace('patientID=A', 'patientID=B'));
    expect([changed.status, changed.text.includes('STUDY_NOT_FOUND')]).toEqual([404, true]);
    const [, code = ''] = address.split('launch=');
    expect((await open(`/IHEInvokeImageDisplay?requestType=STUDY&studyUID=2.25.82&launch=${code}`)).status).toBe(404);
    const { token } = (await (await redeem(code)).json()) as { token: string };
    expect((await ask('GET', '/api/studies/2.25.82', { token })).status).toBe(404);
  });

  it('last a minute, and end with the account', async () => {
    const late = await launch({ studyInstanceUid: '2.25.82' });
    const [, lateCode = ''] = late.split('launch=');
    node.clock.advance(61_000);
    expect((await open(late)).status).toBe(401);
    expect((await redeem(lateCode)).status).toBe(401);
    const other = await launch({ studyInstanceUid: '2.25.82' });
    const [, code = ''] = other.split('launch=');
    await ask('PUT', '/api/users/his', { body: { disabled: true } });
    expect((await open(other)).text).toContain('TOKEN_REVOKED');
    expect((await redeem(code)).status).toBe(401);
  });

  it('are given to service accounts alone', async () => {
    const body = { user: 'x', patientId: 'A', ttlSeconds: 60 };
    for (const role of ['admin', 'radiologist', 'clinician', 'auditor'])
      expect((await ask('POST', '/api/embed/launches', { as: [role], body })).status, role).toBe(403);
    expect((await redeem('A'.repeat(43))).status).toBe(401);
    expect((await redeem('')).status).toBe(401);
  });

  it('may be signed instead of asked for', async () => {
    for (const [target, uids] of [
      [{}, ['2.25.80', '2.25.81']],
      [{ requestType: 'STUDY', patientID: '', studyUID: '2.25.82', nonce: 'fedcba9876543210' }, ['2.25.82']],
    ] as const) {
      const { status, to } = await open(sign(parameters(target)));
      expect([status, to.pathname]).toEqual([302, '/viewer']);
      const answer = await redeem(to.searchParams.get('launch') ?? '');
      const { token } = (await answer.json()) as { token: string };
      expect(await seenWith(token)).toEqual(uids);
    }
  });

  it('are refused when signed by somebody else, altered, expired, or opened before', async () => {
    const good = sign(parameters());
    const now = Math.floor(node.clock.now() / 1000);
    const refused: [about: string, address: string, code: string][] = [
      ['another patient', good.replace('patientID=A', 'patientID=B'), 'TOKEN_INVALID'],
      ['another user', good.replace('user=', 'user=x'), 'TOKEN_INVALID'],
      ['a later end', good.replace(/expires=\d+/, `expires=${now + 200}`), 'TOKEN_INVALID'],
      ['one parameter more', `${good}&studyUID=2.25.82`, 'TOKEN_INVALID'],
      ['a parameter twice', `${good}&patientID=B`, 'TOKEN_INVALID'],
      ['another secret', sign(parameters(), 'x'), 'TOKEN_INVALID'],
      ['the key instead of its secret', sign(parameters(), key), 'TOKEN_INVALID'],
      ['an unknown key', sign(parameters({ keyID: 'nobody' })), 'TOKEN_INVALID'],
      ['no nonce', sign(parameters({ nonce: '' })), 'TOKEN_INVALID'],
      ['too far ahead', sign(parameters({ expires: String(now + 3600) })), 'TOKEN_INVALID'],
      ['expired', sign(parameters({ expires: String(now - 1) })), 'TOKEN_EXPIRED'],
      ['lines in a name', sign(parameters({ user: 'x\npatientID=B' })), 'TOKEN_INVALID'],
    ];
    for (const [about, address, code] of refused) {
      const { status, text } = await open(address);
      expect([status, text.includes(code)], about).toEqual([401, true]);
    }
    expect((await open(good)).status).toBe(302);
    expect(await open(good)).toMatchObject({ status: 401, text: expect.stringContaining('opened already') });
    const unnamed = await open(sign(parameters({ user: '', nonce: 'aaaaaaaaaaaaaaaa' })));
    expect(unnamed.status).toBe(400);
  });

  it('need a key that was made for signing and still counts', async () => {
    const plain = (await ask('POST', '/api/users/his/keys', { body: { title: 'plain' } })).json;
    expect(plain['launchSecret']).toBeUndefined();
    expect((await open(sign(parameters({ keyID: String(plain['id']) })))).status).toBe(401);
    const listed = await ask('GET', '/api/users/his/keys');
    expect(listed.text).not.toContain(launchSecret);
    const signers = (listed.json as unknown as Json[]).filter(({ signsLaunches }) => signsLaunches === true);
    expect(signers).toMatchObject([{ id: keyID }]);
    expect((await ask('GET', '/api/studies', { token: launchSecret })).status).toBe(401);
    const good = sign(parameters());
    await ask('DELETE', `/api/users/his/keys/${keyID}`);
    expect((await open(good)).status).toBe(401);
  });

  it('are refused when one address redeems too many in a minute', async () => {
    await node.stop();
    node = await startApiTestNode({ limits: { launchesPerMinute: 2 } });
    expect([(await redeem('no')).status, (await redeem('no')).status]).toEqual([401, 401]);
    const refused = await redeem('no');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    // Others of the address are not held up by it.
    expect((await fetch(`${node.baseUrl}/healthz`)).status).toBe(200);
  });

  it('show the one who opens it what happened, as text', async () => {
    const { status, text } = await open('/IHEInvokeImageDisplay?requestType=STUDY&launch=%3Cscript%3Ealert(1)');
    expect(status).toBe(401);
    expect(text).toContain('无法打开影像');
    expect(text).not.toContain('<script');
  });
});
