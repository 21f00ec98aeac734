import { generateKeyPairSync } from 'node:crypto';
import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { base64url, decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { SigningKeys } from '../security/signing-keys.ts';

describe('tokens for pages of other systems', () => {
  let node: ApiTestNode;
  let key: string;
  const { ask, importFile } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
    const his = { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] };
    expect((await ask('POST', '/api/users', { body: his })).status).toBe(201);
    const made = await ask('POST', '/api/users/his/keys', { body: { title: 'HIS server' } });
    key = String(made.json['key']);
  });

  afterEach(() => node.stop());

  const issue = (body: object, token = key) => ask('POST', '/api/embed/tokens', { token, body });
  const tokenFor = async (body: object) =>
    String((await issue({ user: 'zhang', ttlSeconds: 300, ...body })).json['token']);
  const refusal = async (token: string) => {
    const { status, headers, json } = await ask('GET', '/api/studies', { token });
    expect(headers.get('content-type')).toContain('application/problem+json');
    return { status, code: json['code'], detail: json['detail'] };
  };
  /** Three studies; the file's study is told by the salt of the maker. */
  const studies = async () => {
    for (const [n, PatientID] of ['A', 'A', 'B'].entries())
      await importFile(makeInstanceFile({ SOPInstanceUID: `2.25.9${n}`, StudyInstanceUID: `2.25.8${n}`, PatientID }));
  };
  const seen = async (token: string) => {
    const { json } = await ask('GET', '/api/studies', { token });
    const items = json['items'] as { StudyInstanceUID: string }[];
    return { total: json['total'], uids: items.map(({ StudyInstanceUID }) => StudyInstanceUID).sort() };
  };

  it('are given to service accounts alone, for one patient, study or order', async () => {
    const { status, json, headers } = await issue({ user: '张医生', patientId: 'A', ttlSeconds: 300 });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(json['expiresAt']).toBe('2026-03-01T08:05:00.000Z');
    expect(decodeProtectedHeader(String(json['token']))).toMatchObject({ alg: 'EdDSA', typ: 'filmless-embed+jwt' });
    expect(decodeJwt(String(json['token']))).toMatchObject({ iss: 'his', sub: '张医生', jti: json['id'] });
    const wrong: [object, string][] = [
      [{ user: 'zhang', ttlSeconds: 300 }, 'name one of'],
      [{ user: 'zhang', ttlSeconds: 300, patientId: 'A', studyInstanceUid: '1.2' }, 'name one of'],
      [{ user: 'zhang', ttlSeconds: 300, studyInstanceUid: '1.2', issuerOfPatientId: 'X' }, 'issuerOfPatientId'],
      [{ user: '', ttlSeconds: 300, patientId: 'A' }, 'user'],
      [{ user: 'zhang', ttlSeconds: 1, patientId: 'A' }, 'ttlSeconds'],
      [{ user: 'zhang', ttlSeconds: 300, patientId: ' ' }, 'patientId'],
      [{ user: 'zhang', ttlSeconds: 300, patientId: 'A', actions: ['delete'] }, 'actions'],
    ];
    for (const [body, detail] of wrong)
      expect((await issue(body)).json, detail).toMatchObject({
        code: 'INVALID_REQUEST',
        detail: expect.stringContaining(detail),
      });
    expect((await issue({ user: 'zhang', patientId: 'A', ttlSeconds: 3600 })).json['expiresAt']).toBe(
      '2026-03-01T08:15:00.000Z',
    );
    for (const role of ['admin', 'radiologist', 'clinician'])
      expect((await issue({ user: 'x', patientId: 'A', ttlSeconds: 60 }, await node.tokenFor(role))).status).toBe(403);
  });

  it('show that patient, study or order alone, with totals that are right, and change nothing', async () => {
    await studies();
    expect(await seen(await tokenFor({ patientId: 'A' }))).toEqual({ total: 2, uids: ['2.25.80', '2.25.81'] });
    expect(await seen(await tokenFor({ studyInstanceUid: '2.25.82' }))).toEqual({ total: 1, uids: ['2.25.82'] });
    expect(await seen(await tokenFor({ accessionNumber: 'NONE' }))).toEqual({ total: 0, uids: [] });
    expect(await seen(await tokenFor({ patientId: 'A', issuerOfPatientId: 'X' }))).toEqual({ total: 0, uids: [] });
    const token = await tokenFor({ patientId: 'A' });
    expect((await ask('GET', '/api/studies/2.25.80', { token })).status).toBe(200);
    expect((await ask('GET', '/api/studies/2.25.82', { token })).json).toMatchObject({ code: 'STUDY_NOT_FOUND' });
    expect((await ask('GET', '/api/facets', { token })).json['modalities']).toEqual({ CT: 2 });
    for (const [method, path] of [
      ['GET', '/api/users'],
      ['GET', '/api/conflicts'],
      ['GET', '/api/jobs'],
      ['POST', '/api/embed/tokens'],
      ['POST', '/api/imports'],
    ] as const)
      expect((await ask(method, path, { token, ...(method === 'POST' ? { body: {} } : {}) })).status, path).toBe(403);
    const current = await ask('GET', '/api/sessions/current', { token });
    expect(current.json['user']).toMatchObject({ name: 'his/zhang', displayName: 'zhang' });
  });

  it('never show more than the account that asked for them may see', async () => {
    await studies();
    const token = await tokenFor({ patientId: 'A' });
    const limits = { studyInstanceUids: ['2.25.81'] };
    expect((await ask('PUT', '/api/users/his', { body: { limits } })).status).toBe(200);
    expect(await seen(token)).toEqual({ total: 1, uids: ['2.25.81'] });
    await ask('PUT', '/api/users/his', { body: { limits: null } });
    await node.security.patients.restrict({ patientId: 'A', users: ['li'], roles: [], setBy: 'admin', setAt: '' });
    expect(await seen(token)).toEqual({ total: 0, uids: [] });
    expect(await seen(await tokenFor({ user: 'li', patientId: 'A' }))).toMatchObject({ total: 2 });
  });

  it('are refused once expired, revoked, or their account is disabled', async () => {
    const body = { user: 'zhang', patientId: 'A', ttlSeconds: 60 };
    const first = (await issue(body)).json as { token: string; id: string };
    const second = (await issue(body)).json as { token: string; id: string };
    await ask('POST', '/api/users', { body: { name: 'other', displayName: 'x', kind: 'service', roles: ['service'] } });
    const otherKey = String((await ask('POST', '/api/users/other/keys', { body: { title: 'x' } })).json['key']);
    const path = `/api/embed/tokens/${first.id}`;
    expect((await ask('DELETE', path, { token: otherKey })).status).toBe(404);
    expect((await ask('DELETE', path, { token: key })).status).toBe(204);
    expect(await refusal(first.token)).toMatchObject({ status: 401, code: 'TOKEN_REVOKED' });
    const listed = (await ask('GET', '/api/embed/tokens')).json as unknown as Json[];
    expect(listed.map(({ id, revokedAt }) => [id, revokedAt !== null])).toEqual([
      [second.id, false],
      [first.id, true],
    ]);
    expect((await ask('GET', '/api/studies', { token: second.token })).status).toBe(200);
    await ask('PUT', '/api/users/his', { body: { disabled: true } });
    expect(await refusal(second.token)).toMatchObject({ code: 'TOKEN_REVOKED' });
    await ask('PUT', '/api/users/his', { body: { disabled: false, roles: ['clinician'] } });
    expect(await refusal(second.token)).toMatchObject({ code: 'TOKEN_REVOKED' });
    await ask('PUT', '/api/users/his', { body: { roles: ['service'] } });
    node.clock.advance(61_000);
    expect(await refusal(second.token)).toMatchObject({ status: 401, code: 'TOKEN_EXPIRED' });
  });

  it('are refused when anybody else made them, clearly and in every way', async () => {
    const good = await tokenFor({ patientId: 'A' });
    const claims = decodeJwt(good);
    const { kid = '' } = decodeProtectedHeader(good);
    const own = node.security.keys.current();
    const { privateKey: stranger } = generateKeyPairSync('ed25519');
    const sign = (change: object, header: object = {}, by = own.privateKey) =>
      new SignJWT({ ...claims, ...change })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'filmless-embed+jwt', ...header })
        .sign(by);
    const [head = '', payload = '', signature = ''] = good.split('.');
    const withAll = base64url.encode(JSON.stringify({ ...claims, target: { patientId: 'B' } }));
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid, typ: 'filmless-embed+jwt' })
      .sign(new TextEncoder().encode(String(own.publicKey.export({ type: 'spki', format: 'pem' }))));
    const bad: [string, string, string | RegExp][] = [
      ['nobody signed', new UnsecuredJWT(claims).encode(), /not signed as this node signs|not a token/],
      ['alg none by hand', `${base64url.encode('{"alg":"none"}')}.${payload}.`, /not signed|not a token/],
      ['the public key as a secret', hmac, 'not signed as this node signs'],
      ['another key under our name', await sign({}, {}, stranger), 'its signature does not fit'],
      ['a key we do not have', await sign({}, { kid: 'other' }, stranger), /not of this node/],
      ['no key named', await sign({}, { kid: undefined }), /not of this node/],
      ['another patient', `${head}.${withAll}.${signature}`, 'its signature does not fit'],
      ['another audience', await sign({ aud: 'urn:filmless:elsewhere' }), /aud/],
      ['another kind of token', await sign({}, { typ: 'JWT' }), /typ/],
      ['no expiry', await sign({ exp: undefined }), /exp/],
      ['another target', await sign({ target: { everything: true } }), /claims/],
      ['not JSON', `${base64url.encode('{')}.${payload}.${signature}`, /not a token/],
      ['far too long', `${'a'.repeat(5000)}.b.c`, 'too long'],
    ];
    for (const [about, token, detail] of bad) {
      const refused = await refusal(token);
      expect(refused, about).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
      expect(refused.detail, about).toEqual(typeof detail === 'string' ? detail : expect.stringMatching(detail));
    }
    // Signed by this very node, but never given out.
    expect(await refusal(await sign({ jti: '01J00000000000000000000000' }))).toMatchObject({ code: 'TOKEN_REVOKED' });
    expect((await ask('GET', '/api/studies', { token: good })).status).toBe(200);
    expect(JSON.stringify(node.log.lines)).not.toContain('"A"');
  });

  it('are listed with the origins that may use them, for administrators alone', async () => {
    expect((await ask('GET', '/api/embed/settings')).json).toEqual({
      origins: ['https://his.hospital'],
      maxTtlSeconds: 900,
    });
    for (const path of ['/api/embed/settings', '/api/embed/tokens'])
      expect((await ask('GET', path, { as: ['radiologist'] })).status, path).toBe(403);
  });

  it('are signed by a key only the owner can read, that can be replaced', async () => {
    const before = await tokenFor({ patientId: 'A' });
    const file = join(node.dataDirectory, 'signing-keys.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    node.security.keys.rotate();
    const after = await tokenFor({ patientId: 'A' });
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    for (const token of [before, after]) expect((await ask('GET', '/api/studies', { token })).status).toBe(200);
    expect(new SigningKeys(file).current().kid).toBe(decodeProtectedHeader(after).kid);
    for (let n = 0; n < 3; n += 1) node.security.keys.rotate();
    expect(await refusal(before)).toMatchObject({ code: 'TOKEN_INVALID' });
    const last = await tokenFor({ patientId: 'A' });
    expect((await ask('POST', '/api/embed/keys/rotate', { body: { forget: true } })).status).toBe(201);
    expect(await refusal(last)).toMatchObject({ code: 'TOKEN_INVALID' });
    expect((await node.audit.verify()).findings).toEqual([]);
    await chmod(file, 0o644);
    expect(() => new SigningKeys(file)).toThrow(/can be read by others/);
    expect(await readFile(file, 'utf8')).toContain('PRIVATE KEY');
  });
});

describe('keys of service accounts', () => {
  let node: ApiTestNode;
  const { ask } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
    await ask('POST', '/api/users', {
      body: { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service', 'clinician'] },
    });
  });

  afterEach(() => node.stop());

  const create = async (body: object) =>
    (await ask('POST', '/api/users/his/keys', { body: { title: 'HIS', ...body } })).json as Json & { key: string };

  it('are shown once, carry what they were made for, and tell when they were used', async () => {
    const { key, id } = await create({ permissions: ['study.search', 'user.manage'] });
    expect((await ask('GET', '/api/studies', { token: key })).status).toBe(200);
    // Neither what the account has not, nor what the key was not made for.
    expect((await ask('GET', '/api/users', { token: key })).status).toBe(403);
    expect((await ask('GET', '/api/studies/1.2', { token: key })).status).toBe(403);
    const listed = await ask('GET', '/api/users/his/keys');
    expect(listed.json).toMatchObject([{ id, title: 'HIS', lastUsedAt: '2026-03-01T08:00:00.000Z' }]);
    expect(listed.text).not.toContain(key.split('_')[2]);
    expect(listed.text).not.toContain('hash');
  });

  it('work as the password of tools that know Basic alone, under their own name', async () => {
    const { key } = await create({});
    const basic = (name: string) =>
      fetch(`${node.baseUrl}/api/studies`, {
        headers: { Authorization: `Basic ${Buffer.from(`${name}:${key}`).toString('base64')}` },
      });
    expect((await basic('HIS')).status).toBe(200);
    expect((await basic('test-admin')).status).toBe(401);
  });

  it('end when revoked, expired, or their account is disabled or made anew', async () => {
    const works = async (key: string) => (await ask('GET', '/api/studies', { token: key })).status;
    const revoked = await create({});
    const expiring = await create({ expiresAt: '2026-03-01T09:00:00Z' });
    const third = await create({});
    expect(await works(revoked.key)).toBe(200);
    expect((await ask('DELETE', `/api/users/his/keys/${revoked['id']}`)).status).toBe(204);
    expect(await works(revoked.key)).toBe(401);
    expect(await works(`${third.key.slice(0, -1)}${third.key.endsWith('A') ? 'B' : 'A'}`)).toBe(401);
    expect(await works(expiring.key)).toBe(200);
    node.clock.advance(61 * 60_000);
    expect([await works(expiring.key), await works(third.key)]).toEqual([401, 200]);
    await ask('PUT', '/api/users/his', { body: { disabled: true } });
    expect(await works(third.key)).toBe(401);
    await ask('DELETE', '/api/users/his');
    await ask('POST', '/api/users', { body: { name: 'his', displayName: 'x', kind: 'service', roles: ['service'] } });
    expect(await works(third.key)).toBe(401);
  });

  it('are for service accounts alone', async () => {
    const refused = await ask('POST', '/api/users/test-admin/keys', { body: { title: 'x' } });
    expect(refused.json).toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await ask('POST', '/api/users/nobody/keys', { body: { title: 'x' } })).status).toBe(404);
    expect((await ask('POST', '/api/users/his/keys', { body: { title: 'x', permissions: ['no.such'] } })).status).toBe(
      400,
    );
    expect(
      (await ask('POST', '/api/users', { body: { name: 'li', displayName: 'x', roles: ['clinician'] } })).json,
    ).toMatchObject({ detail: expect.stringContaining('password') });
  });
});
