import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Json } from '../../testing/api-client.ts';
import { type ApiTestNode, startApiTestNode } from '../../testing/api-node.ts';
import { makeInstanceFile } from '../../testing/instance-file.ts';
import { makeQueryRecord } from '../../testing/query-records.ts';

const REGISTRAR = { as: ['registrar'] };
const REASONS_OF_NOBODY = ['patient-unknown', 'accession-unknown'];
const id = (value: string, issuer = '') => ({ id: value, issuer });

describe('the register of persons over REST', () => {
  let node: ApiTestNode;
  const { ask, importFile } = apiClient(() => node);

  beforeEach(async () => {
    node = await startApiTestNode();
  });

  afterEach(() => node.stop());

  const register = (identifier: string, demographics: object = {}) =>
    ask('POST', '/api/patients', { ...REGISTRAR, body: { identifiers: [{ id: identifier }], demographics } });
  const store = async (study: string, values: Record<string, string>) => {
    const record = makeQueryRecord({ study, instance: `${study}.1` }, values);
    await node.catalogue.commit(record);
    await node.tellStored([record], new AbortController().signal);
  };
  const items = (json: Json) => json['items'] as Json[];
  const open = async (query = '') => items((await ask('GET', `/api/reconciliation${query}`, REGISTRAR)).json);
  const reasons = async () =>
    Object.fromEntries((await open()).map((one) => [(one['study'] as Json)['StudyInstanceUID'], one['discrepancies']]));

  it('registers, corrects, is searched by name, pinyin and number, and says what was done', async () => {
    const made = await register('P1', { name: 'ZHANG^SAN=张^三', sex: 'M', birthDate: '19700101' });
    expect(made).toMatchObject({ status: 201, json: { status: 'active', identifiers: [id('P1')] } });
    expect(await register('P1', { birthDate: '19700201' })).toMatchObject({ status: 200 });
    await register('P2', { name: '李^四' });
    for (const text of ['张', 'zhangs', 'P1', 'ZHANG SAN'])
      expect((await ask('GET', `/api/patients?text=${encodeURIComponent(text)}`)).json, text).toMatchObject({
        total: 1,
        items: [{ key: made.json['key'], demographics: { birthDate: '19700201' } }],
      });
    await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.11', StudyInstanceUID: '2.25.1' }));
    await importFile(makeInstanceFile({ SOPInstanceUID: '2.25.12', StudyInstanceUID: '2.25.12', PatientID: 'P11' }));
    const page = await ask('GET', `/api/patients/${made.json['key']}`, { as: ['clinician'] });
    expect(page.json).toMatchObject({
      patient: {
        history: [
          { what: 'registered', by: 'test-registrar' },
          { what: 'updated', detail: 'birthDate' },
        ],
      },
      studies: [{ StudyInstanceUID: '2.25.1', PatientNameIdeographic: '张^三' }],
    });
    expect(page.json['studies']).toHaveLength(1);
    const study = await ask('GET', '/api/studies/2.25.1', { as: ['clinician'] });
    expect(study.json).toMatchObject({ received: { PatientName: 'Phantom^One=模^体', PatientBirthDate: '' } });
    expect((await ask('GET', '/api/studies/2.25.12')).json).not.toHaveProperty('received');
  });

  it('refuses what is not a person, and who may not', async () => {
    const good = { identifiers: [{ id: 'P1' }], demographics: {} };
    for (const body of [
      { ...good, identifiers: [] },
      { ...good, identifiers: [{ id: 'a\\b' }] },
      { ...good, identifiers: [{ id: 'x'.repeat(65) }] },
      { ...good, demographics: { birthDate: '19700231' } },
      { ...good, demographics: { name: 'A\u0007' } },
      { ...good, more: 1 },
    ])
      expect((await ask('POST', '/api/patients', { ...REGISTRAR, body })).status).toBe(400);
    for (const role of ['clinician', 'technician', 'auditor', 'service'])
      for (const path of [
        '/api/patients',
        '/api/patients/merge',
        '/api/patients/unmerge',
        '/api/studies/2.25.1/patient',
      ])
        expect((await ask('POST', path, { as: [role], body: good })).status, `${role} ${path}`).toBe(403);
    expect((await ask('GET', '/api/patients', { as: ['auditor'] })).status).toBe(403);
    expect((await ask('GET', '/api/reconciliation', { as: ['clinician'] })).status).toBe(403);
    expect((await ask('GET', '/api/orders', { as: ['auditor'] })).status).toBe(403);
    expect((await ask('GET', '/api/patients/nobody', REGISTRAR)).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await ask('GET', '/api/orders/his/none', REGISTRAR)).status).toBe(404);
  });

  it('merges two persons and takes it back; the audit log says so', async () => {
    const lost = await register('OLD', { name: 'ZHANG^SAN' });
    const kept = await register('NEW', { name: '张^三' });
    await store('2.25.5', { PatientID: 'OLD' });
    const both = { from: { id: 'OLD' }, into: { id: 'NEW' } };
    expect(await ask('POST', '/api/patients/merge', { ...REGISTRAR, body: both })).toMatchObject({ status: 200 });
    await node.identitiesSettled();
    const page = await ask('GET', `/api/patients/${kept.json['key']}`, REGISTRAR);
    expect(page.json).toMatchObject({
      merged: [{ key: lost.json['key'], status: 'merged' }],
      studies: [{ StudyInstanceUID: '2.25.5', PatientID: 'NEW' }],
    });
    expect((await ask('GET', `/api/patients/${lost.json['key']}`, REGISTRAR)).json).toMatchObject({
      patient: { status: 'merged' },
      now: { key: kept.json['key'] },
    });
    const again = { ...REGISTRAR, body: { from: { id: 'OLD' } } };
    expect((await ask('POST', '/api/patients/unmerge', again)).status).toBe(200);
    expect((await ask('POST', '/api/patients/unmerge', again)).status).toBe(409);
    const unknown = { ...REGISTRAR, body: { from: { id: 'OLD' }, into: { id: 'NONE' } } };
    expect((await ask('POST', '/api/patients/merge', unknown)).status).toBe(404);
    const audit = await ask('GET', '/api/audit?patientId=NEW');
    expect(items(audit.json)).toContainEqual(
      expect.objectContaining({ action: 'change', actor: 'test-registrar', detail: 'merged from OLD' }),
    );
  });

  it('lists the studies that match no person or order, and whose they were decided to be', async () => {
    await register('P1', { name: '张^三', sex: 'M', birthDate: '19700101' });
    await register('P2', { name: '李^四' });
    await node.orders.place({ system: 'HIS', placerNumber: 'O1', patient: id('P1'), accessionNumber: 'A1' }, 'his');
    const agrees = { PatientName: 'ZHANG^SAN', PatientSex: 'M', PatientBirthDate: '19700101' };
    await store('2.25.1', { ...agrees, PatientID: 'P1', AccessionNumber: 'A1' });
    await store('2.25.2', { PatientID: 'X9', AccessionNumber: 'A9' });
    await store('2.25.3', { PatientID: 'P2', PatientName: 'LI^SI', AccessionNumber: 'A1' });
    await store('2.25.4', {
      PatientName: 'WANG^WU',
      PatientSex: 'F',
      PatientBirthDate: '19710101',
      PatientID: 'P1',
      AccessionNumber: '',
    });
    await store('2.25.5', { PatientID: '', PatientName: 'ZHANG^SAN', PatientBirthDate: '', AccessionNumber: 'A1' });
    expect(await reasons()).toEqual({
      '2.25.2': REASONS_OF_NOBODY,
      '2.25.3': ['accession-of-another-patient'],
      '2.25.4': ['name-differs', 'birth-date-differs', 'sex-differs'],
      '2.25.5': ['patient-id-missing', 'accession-of-another-patient'],
    });
    // The order was begun by its own patient's images alone.
    expect((await ask('GET', '/api/orders/HIS/O1', { as: ['clinician'] })).json).toMatchObject({
      status: 'in-progress',
      studyInstanceUids: ['2.25.1'],
      person: { demographics: { name: '张^三' } },
    });
    expect((await ask('GET', '/api/reconciliation/2.25.5', REGISTRAR)).json).toMatchObject({
      suggestions: [{ identifiers: [id('P1')] }],
      order: { placerNumber: 'O1' },
    });
    const assign = (to: object | null) => ask('POST', '/api/studies/2.25.5/patient', { ...REGISTRAR, body: { to } });
    expect((await assign({ id: 'NONE' })).status).toBe(404);
    expect((await assign({ id: 'P1' })).status).toBe(204);
    await node.identitiesSettled();
    expect(await reasons()).not.toHaveProperty(['2.25.5']);
    const imagesOfOrder = async () => (await node.orders.get('HIS', 'O1'))?.studyInstanceUids;
    expect(await imagesOfOrder()).toEqual(['2.25.1', '2.25.5']);
    expect(await open('?state=assigned')).toMatchObject([
      { study: { PatientID: 'P1' }, received: { PatientID: '' }, decidedBy: 'test-registrar' },
    ]);
    expect((await assign(null)).status).toBe(204);
    await node.identitiesSettled();
    expect(await reasons()).toHaveProperty(['2.25.5']);
    expect(await imagesOfOrder()).toEqual(['2.25.1']);
  });

  it('gives an order the images that a merge brings to its patient, and takes them when it is undone', async () => {
    for (const one of ['OLD', 'NEW']) await register(one);
    await node.orders.place({ system: 'HIS', placerNumber: 'O1', patient: id('NEW'), accessionNumber: 'A1' }, 'his');
    await store('2.25.1', { PatientID: 'OLD', AccessionNumber: 'A1' });
    const order = () => node.orders.get('HIS', 'O1');
    expect(await order()).toMatchObject({ status: 'ordered', studyInstanceUids: [] });
    expect(await reasons()).toEqual({ '2.25.1': ['accession-of-another-patient'] });
    await node.patients.merge(id('OLD'), id('NEW'), 'hl7');
    await node.identitiesSettled();
    expect(await order()).toMatchObject({ status: 'in-progress', studyInstanceUids: ['2.25.1'] });
    expect(await reasons()).toEqual({});
    await node.patients.unmerge(id('OLD'), 'registrar');
    await node.identitiesSettled();
    expect(await order()).toMatchObject({ status: 'ordered', studyInstanceUids: [] });
    expect(await reasons()).toEqual({ '2.25.1': ['accession-of-another-patient'] });
  });

  it('gives no images to a person while several patients share their Study Instance UID', async () => {
    await register('P1');
    await store('2.25.7', { PatientID: 'P1' });
    const other = makeQueryRecord({ study: '2.25.7', series: '2.25.78', instance: '2.25.79' }, { PatientID: 'P2' });
    await node.catalogue.commit(other);
    const answer = await ask('POST', '/api/studies/2.25.7/patient', { ...REGISTRAR, body: { to: { id: 'P1' } } });
    expect(answer).toMatchObject({ status: 409 });
    expect((await reasons())['2.25.7']).toContain('several-patients');
  });

  it('is walked in pages, each study looked at once', async () => {
    for (let n = 1; n <= 5; n += 1) await store(`2.25.3${n}`, { PatientID: `N${n}` });
    const seen: string[] = [];
    let offset: number | undefined = 0;
    while (offset !== undefined) {
      const page = await ask('GET', `/api/reconciliation?limit=2&offset=${offset}`, REGISTRAR);
      seen.push(...items(page.json).map((one) => String((one['study'] as Json)['StudyInstanceUID'])));
      offset = page.json['nextOffset'] as number | undefined;
    }
    expect(seen.sort()).toEqual(['2.25.31', '2.25.32', '2.25.33', '2.25.34', '2.25.35']);
  });

  it('is counted as a whole, the part from an offset on, and for nobody else', async () => {
    await register('P1');
    for (const [n, PatientID] of ['N1', 'P1', 'N2', 'N3'].entries()) await store(`2.25.4${n}`, { PatientID });
    const count = async (query = '') => (await ask('GET', `/api/reconciliation/count${query}`, REGISTRAR)).json;
    expect(await count()).toEqual({ found: 3, studies: 4 });
    const { items: first } = (await ask('GET', '/api/reconciliation?limit=1', REGISTRAR)).json as { items: Json[] };
    expect(first).toHaveLength(1);
    const after = (await ask('GET', '/api/reconciliation?limit=1', REGISTRAR)).json['nextOffset'];
    expect(await count(`?offset=${after}`)).toEqual({ found: 2, studies: 4 });
    expect((await ask('GET', '/api/reconciliation/count', { as: ['clinician'] })).status).toBe(403);
  });

  it('keeps a restricted person hidden under every number that becomes his', async () => {
    for (const one of ['VIP', 'NEW', 'P1']) await register(one);
    await store('2.25.61', { PatientID: 'VIP' });
    await store('2.25.62', { PatientID: 'P1' });
    const rule = { body: { users: ['li'], roles: [] } };
    expect((await ask('PUT', '/api/restricted-patients/VIP', rule)).status).toBe(204);
    await node.patients.merge(id('VIP'), id('NEW'), 'hl7');
    await node.identitiesSettled();
    const found = (await ask('GET', '/api/studies', { as: ['clinician'] })).json;
    expect(found).toMatchObject({ total: 1, items: [{ PatientID: 'P1' }] });
    expect((await ask('GET', '/api/patients?text=NEW', REGISTRAR)).json).toMatchObject({ total: 0 });
    // A number that was merged away before it is restricted.
    await register('AGAIN');
    await node.patients.merge(id('P1'), id('AGAIN'), 'hl7');
    await ask('PUT', '/api/restricted-patients/P1', rule);
    await node.identitiesSettled();
    expect((await ask('GET', '/api/studies', { as: ['clinician'] })).json).toMatchObject({ total: 0 });
  });

  it('gives tokens for an order its own patient’s images alone, whoever else has the accession number', async () => {
    await store('2.25.71', { PatientID: 'P1', AccessionNumber: 'A1' });
    await store('2.25.72', { PatientID: 'P2', AccessionNumber: 'A1' });
    await ask('POST', '/api/users', { body: { name: 'his', displayName: 'H', kind: 'service', roles: ['service'] } });
    const key = String((await ask('POST', '/api/users/his/keys', { body: { title: 'k' } })).json['key']);
    const seen = async () => {
      const body = { user: 'zhang', ttlSeconds: 60, accessionNumber: 'A1' };
      const token = String((await ask('POST', '/api/embed/tokens', { token: key, body })).json['token']);
      return items((await ask('GET', '/api/studies', { token })).json).map((one) => one['PatientID']);
    };
    expect(await seen()).toHaveLength(2);
    await node.orders.place({ system: 'HIS', placerNumber: 'O1', patient: id('P1'), accessionNumber: 'A1' }, 'his');
    expect(await seen()).toEqual(['P1']);
  });

  it('shows nobody what is not his', async () => {
    for (const one of ['P1', 'P2', 'VIP']) await register(one, { name: `N^${one}` });
    for (const [n, PatientID] of ['P1', 'P2', 'VIP'].entries()) await store(`2.25.4${n}`, { PatientID });
    for (const [n, one] of ['P1', 'P2', 'VIP'].entries())
      await node.orders.place({ system: 'HIS', placerNumber: `O${n}`, patient: id(one) }, 'his');
    await node.security.patients.restrict({ patientId: 'VIP', users: ['li'], roles: [], setBy: 'admin', setAt: '' });
    const names = async (path: string, token?: string) => {
      const { json } = await ask('GET', path, token ? { token } : REGISTRAR);
      return {
        total: json['total'],
        ids: items(json)
          .map((one) => identifierOf(one))
          .sort(),
      };
    };
    expect(await names('/api/patients')).toEqual({ total: 2, ids: ['P1', 'P2'] });
    expect(await names('/api/orders')).toEqual({ total: 2, ids: ['P1', 'P2'] });
    const vip = await node.patients.find(id('VIP'));
    for (const [method, path, body] of [
      ['GET', `/api/patients/${vip?.key}`, undefined],
      ['GET', '/api/orders/HIS/O2', undefined],
      ['GET', '/api/reconciliation/2.25.42', undefined],
      ['POST', '/api/patients/merge', { from: { id: 'VIP' }, into: { id: 'P1' } }],
      ['POST', '/api/studies/2.25.42/patient', { to: { id: 'P1' } }],
      ['POST', '/api/studies/2.25.40/patient', { to: { id: 'VIP' } }],
    ] as const)
      expect((await ask(method, path, { ...REGISTRAR, body })).status, path).toBe(404);
    expect((await register('VIP', { name: 'OTHER' })).status).toBe(403);
    expect(Object.keys(await reasons())).not.toContain('2.25.42');
    // Limited to the studies named: their persons alone, counted right.
    const limits = { studyInstanceUids: ['2.25.41'] };
    await ask('POST', '/api/users', {
      body: { name: 'his', displayName: 'H', kind: 'service', roles: ['service'], limits },
    });
    const key = String((await ask('POST', '/api/users/his/keys', { body: { title: 'k' } })).json['key']);
    expect(await names('/api/patients', key)).toEqual({ total: 1, ids: ['P2'] });
    expect(await names('/api/orders', key)).toEqual({ total: 1, ids: ['P2'] });
  });
});

function identifierOf(item: Json): string {
  const { patient, identifiers } = item as { patient?: { id: string }; identifiers?: { id: string }[] };
  return patient?.id ?? identifiers?.[0]?.id ?? '';
}
