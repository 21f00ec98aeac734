import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import iconv from 'iconv-lite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkstation, type Workstation } from '../../examples/his-workstation/server.ts';
import { hasChromium, launchChromium, recordViewerEvents, signIn, waitForViewerEvent } from '../tools/browser.ts';
import { inWard } from '../tools/his-ward.ts';
import { imageDoors } from '../tools/image-doors.ts';
import { codeOf, MllpClient } from '../tools/mllp-client.ts';
import { MllpReceiver } from '../tools/mllp-receiver.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const { zhangJianguo: zhang, liXiuying: li } = PHANTOM_PATIENTS;
const SCRIPT = '<img src=x onerror=window.hacked=1>';
const { pid: ZHANG, bed: BED } = inWard(zhang);
const { pid: LI } = inWard(li);
const ACCESSION = 'CT20260001';
const OLD_NUMBER = 'MZ0000091';

interface Wire {
  [key: string]: unknown;
}

describe('a HIS registers, orders, looks and reads', { timeout: 120_000 }, () => {
  let node: NodeProcess;
  let his: MllpClient;
  /** Where the HIS takes reports. */
  const ward = new MllpReceiver();
  let key: string;
  let workstation: Workstation;
  let browser: Browser | undefined;
  /** Zhang's, for the order; Li's; Zhang's of before, under another number. */
  let own: PhantomInstance;
  let other: PhantomInstance;
  let earlier: PhantomInstance;
  let control = 0;

  beforeAll(async () => {
    if (hasChromium && !existsSync(join(root, 'dist/web/index.html')))
      throw new Error('the web parts are not built: npm run build');
    const [pagePort, hl7Port] = [await freePort(), await freePort()];
    const hl7 = {
      port: hl7Port,
      connections: [{ name: 'HIS', address: '127.0.0.1' }],
      receivers: [{ name: 'HIS', host: '127.0.0.1', port: await ward.listen(), characterSet: 'GB18030' }],
    };
    node = await startNode({
      config: { http: { corsOrigins: [`http://127.0.0.1:${pagePort}`] }, plugins: { 'his-bridge': { hl7 } } },
    });
    await json('/api/users', { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] });
    key = String((await json('/api/users/his/keys', { title: 'HIS' }))['key']);
    workstation = await startWorkstation({ pacs: { url: node.url, key }, port: pagePort });
    his = await MllpClient.open(hl7Port);
    if (hasChromium) browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    his?.close();
    ward.close();
    await workstation?.close();
    await node?.stop();
    await node?.remove();
  });

  const json = async (path: string, body?: object): Promise<Wire> => {
    const response = await node.fetch(path, {
      ...(body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    expect(response.ok, `${path}: ${response.status} ${text}`).toBe(true);
    return text === '' ? {} : (JSON.parse(text) as Wire);
  };
  /** In GB18030, as the HIS of a Chinese hospital writes. */
  const send = async (type: string, lines: readonly string[]): Promise<void> => {
    control += 1;
    const head = `MSH|^~\\&|HIS|云岭县人民医院|PACS|放射科|20260102093000||${type}|M${control}|P|2.5.1||||||GB 18030-2000`;
    const answer = await his.send(iconv.encode([head, ...lines, ''].join('\r'), 'gb18030'));
    expect(codeOf(answer), iconv.decode(answer ?? Buffer.alloc(0), 'gb18030')).toBe('AA');
  };
  const obr = (fields: Readonly<Record<number, string>>) =>
    `OBR|${Array.from({ length: 26 }, (_, i) => fields[i + 1] ?? '').join('|')}`;
  const tokenFor = async (body: object): Promise<string> => {
    const issued = await fetch(`${node.url}/api/embed/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'sunwei', ttlSeconds: 300, ...body }),
    });
    expect(issued.status).toBe(201);
    return `Bearer ${((await issued.json()) as { token: string }).token}`;
  };
  const store = async (seed: string, patient: typeof zhang | typeof li, values: object): Promise<PhantomInstance> => {
    const study = phantomStudy({ seed, patient, StudyDescription: `胸部CT ${SCRIPT}`, ...values });
    const [first] = await storePhantoms(node, ctSlices({ count: 3, rows: 64, study }));
    if (!first) throw new Error('nothing was stored');
    return first;
  };
  const itemsOf = (answer: Wire) => answer['items'] as Wire[];
  const order = () => json('/api/orders/HIS/REQ1');
  /** What the HIS was sent of one type, as it reads it. */
  const heard = (type: string) =>
    ward.messages.map((bytes) => iconv.decode(bytes, 'gb18030')).filter((text) => text.includes(`|${type}^`));
  const newPage = async (): Promise<Page> => {
    if (!browser) throw new Error('no browser');
    const page = await (
      await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' })
    ).newPage();
    await recordViewerEvents(page);
    return page;
  };
  const hacked = (page: Page) => page.evaluate(() => 'hacked' in globalThis);

  it('registers a patient and orders a CT, in GB18030', async () => {
    await send('ADT^A01^ADT_A01', ['EVN|A01', ZHANG, `PV1|1|I|内科五病区^502^${BED}`]);
    await send('ADT^A04^ADT_A01', ['EVN|A04', LI]);
    const fields = { 2: 'REQ1', 4: 'CT0101^胸部CT平扫^LOCAL', 18: ACCESSION, 24: 'CT' };
    await send('ORM^O01^ORM_O01', [ZHANG, 'ORC|NW|REQ1', obr(fields)]);
    await expect.poll(async () => (await node.fetch('/api/orders/HIS/REQ1')).status).toBe(200);
    expect(await order()).toMatchObject({
      status: 'ordered',
      accessionNumber: ACCESSION,
      procedure: { text: '胸部CT平扫' },
      person: { demographics: { name: 'Zhang^Jianguo=张^建国' } },
    });
    for (const text of ['张建国', 'zjg', zhang.PatientID])
      expect(await json(`/api/patients?text=${encodeURIComponent(text)}`), text).toMatchObject({
        total: 1,
        items: [{ location: { ward: '内科五病区', bed: BED } }],
      });
  });

  it('sees the order begin with its images, and never with another patient’s', async () => {
    other = await store('story-li', li, { AccessionNumber: ACCESSION });
    earlier = await store('story-old', { ...zhang, PatientID: OLD_NUMBER } as unknown as typeof zhang, {
      StudyDate: '20230102',
    });
    own = await store('story-zhang', zhang, { AccessionNumber: ACCESSION });
    await expect.poll(async () => (await order())['status']).toBe('in-progress');
    expect((await order())['studyInstanceUids']).toEqual([own.StudyInstanceUID]);
    // The HIS hears of it: in progress, by its own number.
    await expect.poll(() => heard('ORM^O01').length).toBe(1);
    expect(heard('ORM^O01')[0]).toMatch(/\rORC\|SC\|REQ1\|\|\|IP\|/);
    const open = itemsOf(await json('/api/reconciliation'));
    const found = Object.fromEntries(
      open.map(({ study, discrepancies }) => [(study as Wire)['StudyInstanceUID'], discrepancies]),
    );
    expect(found).toEqual({
      [other.StudyInstanceUID]: ['accession-of-another-patient'],
      [earlier.StudyInstanceUID]: ['patient-unknown'],
    });
  });

  it('refuses another patient’s study with the page’s token, on every door', async () => {
    const authorization = await tokenFor({ patientId: zhang.PatientID });
    const ask = (path: string, accept: string) =>
      fetch(`${node.url}${path}`, { headers: { authorization, accept } }).then(async (response) => ({
        status: response.status,
        text: await response.text(),
      }));
    const wrong: string[] = [];
    for (const [instance, expected] of [
      [own, 200],
      [other, 404],
    ] as const)
      for (const [path, accept] of imageDoors(instance)) {
        const { status } = await ask(path, accept);
        if (status !== expected) wrong.push(`${path}: ${status}`);
      }
    expect(wrong).toEqual([]);
    for (const [patient, { StudyInstanceUID: uid }, seen] of [
      [zhang, own, true],
      [li, other, false],
    ] as const)
      for (const [path, accept] of [
        [`/dicom-web/studies?StudyInstanceUID=${uid}`, 'application/dicom+json'],
        [`/dicom-web/studies?PatientID=${patient.PatientID}`, 'application/dicom+json'],
        [`/api/studies?text=${patient.PatientID}`, 'application/json'],
        [`/fhir/Patient?identifier=${patient.PatientID}`, 'application/fhir+json'],
        [`/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:${uid}`, 'application/fhir+json'],
      ] as const) {
        const { status, text } = await ask(path, accept);
        expect([200, 204], path).toContain(status);
        expect(/^\[\{|"(entry|items)":\[\{/.test(text), path).toBe(seen);
      }
    for (const path of ['/api/patients', '/api/orders', '/api/reconciliation', '/api/users'])
      expect((await ask(path, 'application/json')).status, path).toBe(403);
  });

  it('has no route that tells a page anything of another patient', async () => {
    const authorization = await tokenFor({ patientId: zhang.PatientID });
    const fhirId = async (type: string, query: string) => {
      const { entry } = (await json(`/fhir/${type}?${query}`)) as { entry?: { resource: { id: string } }[] };
      return entry?.[0]?.resource.id ?? '';
    };
    const resources = [
      `Patient/${await fhirId('Patient', `identifier=${li.PatientID}`)}`,
      `ImagingStudy/${await fhirId('ImagingStudy', `identifier=urn:dicom:uid|urn:oid:${other.StudyInstanceUID}`)}`,
    ];
    const key = itemsOf(await json(`/api/patients?text=${li.PatientID}`))[0]?.['key'];
    const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = other;
    const hers: Record<string, string> = {
      study: StudyInstanceUID,
      series: SeriesInstanceUID,
      instance: SOPInstanceUID,
      frames: '1',
      patientId: li.PatientID,
      key: String(key),
    };
    const query = new URLSearchParams({ study: StudyInstanceUID, StudyInstanceUID, patient: li.PatientID });
    const { paths } = (await json('/api/openapi.json')) as { paths: Record<string, object> };
    const reading = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []));
    const filled = reading.map((path) =>
      path.replace(/\{(\w+)\}/g, (_, name: string) => hers[name] ?? StudyInstanceUID),
    );
    const told: string[] = [];
    for (const path of [
      ...filled,
      ...filled.map((one) => `${one}?${query}`),
      ...resources.map((one) => `/fhir/${one}`),
    ]) {
      // A stream, looked at below.
      if (path.startsWith('/api/events')) continue;
      const answer = await fetch(`${node.url}${path}`, { headers: { authorization }, redirect: 'manual' });
      // A search repeats what it was asked.
      const text = (await answer.text()).replaceAll(`patient=${li.PatientID}`, '');
      if (
        answer.ok &&
        [li.PatientID, SOPInstanceUID, SeriesInstanceUID, '秀英', 'Xiuying'].some((one) => text.includes(one))
      )
        told.push(path);
    }
    expect(told).toEqual([]);
    expect(reading.length).toBeGreaterThan(60);
    for (const one of resources) {
      expect((await node.fetch(`/fhir/${one}`)).status, one).toBe(200);
      expect((await fetch(`${node.url}/fhir/${one}`, { headers: { authorization } })).status, one).toBe(404);
    }
  });

  it('is told of changes to its own patient alone', async () => {
    const authorization = await tokenFor({ patientId: zhang.PatientID });
    const leaving = new AbortController();
    const events = await fetch(`${node.url}/api/events`, { headers: { authorization }, signal: leaving.signal });
    const reader = (events.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    await store('story-li-2', li, {});
    const told = await store('story-zhang-2', zhang, {});
    let announced = '';
    // Li's came first: had it been told, it would stand before Zhang's.
    while (!announced.includes(told.StudyInstanceUID)) announced += (await reader.read()).value ?? '';
    expect([...new Set([...announced.matchAll(/"StudyInstanceUID":"([^"]+)"/g)].map(([, one]) => one))]).toEqual([
      told.StudyInstanceUID,
    ]);
    leaving.abort();
  });

  it('ends a token when its time is over', async () => {
    const authorization = await tokenFor({ patientId: zhang.PatientID, ttlSeconds: 10 });
    const ask = () => fetch(`${node.url}/api/studies`, { headers: { authorization } });
    expect((await ask()).status).toBe(200);
    await expect.poll(async () => (await ask()).status, { timeout: 40_000, interval: 500 }).toBe(401);
    expect(await (await ask()).json()).toMatchObject({ code: 'TOKEN_EXPIRED' });
  });

  it('brings the old studies along when two numbers become one person', async () => {
    const authorization = await tokenFor({ patientId: zhang.PatientID });
    const seen = async () => {
      const response = await fetch(`${node.url}/api/studies`, { headers: { authorization } });
      const { items } = (await response.json()) as { items: { StudyInstanceUID: string }[] };
      return items.map(({ StudyInstanceUID }) => StudyInstanceUID);
    };
    expect(await seen()).not.toContain(earlier.StudyInstanceUID);
    await send('ADT^A40^ADT_A39', ['EVN|A40', ZHANG, `MRG|${OLD_NUMBER}^^^HIS^PI`]);
    await expect.poll(seen).toContain(earlier.StudyInstanceUID);
    const metadata = await fetch(`${node.url}/dicom-web/studies/${earlier.StudyInstanceUID}/metadata`, {
      headers: { authorization, accept: 'application/dicom+json' },
    });
    const [header] = (await metadata.json()) as Record<string, { Value?: unknown[] }>[];
    expect(header?.['00100020']?.Value).toEqual([zhang.PatientID]);
    // For the staff the original stays visible.
    expect(await json(`/api/studies/${earlier.StudyInstanceUID}`)).toMatchObject({
      received: { PatientID: OLD_NUMBER },
    });
  });

  it('takes a report from the RIS: beside the images, over FHIR, and on to the HIS as ORU', async () => {
    await json('/api/users', { name: 'ris', displayName: 'RIS', kind: 'service', roles: ['service'] });
    const ris = String((await json('/api/users/ris/keys', { title: 'RIS' }))['key']);
    const delivered = await fetch(`${node.url}/api/reports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ris}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        patient: { id: zhang.PatientID },
        accessionNumber: ACCESSION,
        status: 'reviewed',
        title: '胸部CT平扫',
        text: `双肺纹理清晰 ${SCRIPT}`,
        conclusion: '未见异常',
        author: '王医生',
        externalId: 'R1',
      }),
    });
    expect(delivered.status).toBe(201);
    const authorization = await tokenFor({ patientId: zhang.PatientID });
    const reports = async () => {
      const response = await fetch(`${node.url}/api/reports?study=${own.StudyInstanceUID}`, {
        headers: { authorization },
      });
      return ((await response.json()) as { reports: Wire[] }).reports;
    };
    await expect.poll(reports).toMatchObject([{ status: 'reviewed', versions: [{ conclusion: '未见异常' }] }]);
    expect(JSON.stringify(await reports())).toContain(SCRIPT);
    // Li's study has the same accession number; the report is not hers.
    expect(await json(`/api/reports?study=${other.StudyInstanceUID}`)).toEqual({ reports: [] });
    const fhir = await fetch(`${node.url}/fhir/DiagnosticReport?patient.identifier=${zhang.PatientID}`, {
      headers: { authorization, accept: 'application/fhir+json' },
    });
    expect(await fhir.json()).toMatchObject({
      total: 1,
      entry: [{ resource: { resourceType: 'DiagnosticReport', status: 'final', conclusion: '未见异常' } }],
    });
    await expect.poll(() => heard('ORU^R01').length).toBe(1);
    const [oru = ''] = heard('ORU^R01');
    expect(oru).toContain('|ORU^R01^ORU_R01|');
    expect(oru).toContain(`|${zhang.PatientID}^`);
    for (const text of [ACCESSION, '未见异常', SCRIPT]) expect(oru).toContain(text);
    // The order is done, for the HIS too.
    await expect.poll(async () => (await order())['status']).toBe('completed');
    await expect.poll(() => heard('ORM^O01')[1]).toMatch(/\rORC\|SC\|REQ1\|\|\|CM\|/);
  });

  describe.skipIf(!hasChromium)('in a browser (needs Chromium)', () => {
    it('shows the physician timeline, images and report on the HIS’s own origin, and script as text', async () => {
      const page = await newPage();
      await page.goto(`${workstation.origin}/?page=images`);
      await waitForViewerEvent(page, 'filmless-first-image');
      const timeline = page.locator('filmless-timeline');
      await timeline.getByText('2023-01-02').first().waitFor();
      await timeline.getByText(SCRIPT).first().waitFor();
      await timeline.getByText(ACCESSION).first().click();
      const report = page.locator('filmless-report').first();
      await report.getByText('未见异常').first().waitFor();
      await report.getByText(SCRIPT).first().waitFor();
      await page.locator('filmless-viewer').getByText(SCRIPT).filter({ visible: true }).first().waitFor();
      expect(await hacked(page)).toBe(false);
      await page.context().close();
    });

    it('shows the staff script in names, descriptions and file names as text', async () => {
      await json('/api/patients', { identifiers: [{ id: `S1${SCRIPT}` }], demographics: { name: `欧阳${SCRIPT}` } });
      const bad = await node.fetch('/api/imports', {
        method: 'POST',
        headers: { 'content-type': 'application/dicom', 'x-file-name': encodeURIComponent(`${SCRIPT}.dcm`) },
        body: 'no DICOM at all',
      });
      expect(bad.ok).toBe(false);
      const page = await newPage();
      await signIn(page, node.url, 'admin', node.password);
      for (const [path, within] of [
        ['/registration', 'fl-patients'],
        ['/registration/reconciliation', 'fl-reconciliation'],
        ['/system/quarantine', 'fl-system-quarantine'],
        [`/studies/${own.StudyInstanceUID}`, 'fl-patient-banner'],
      ] as const) {
        await page.goto(node.url + path);
        await page.locator(within).waitFor();
        if (path === '/registration/reconciliation')
          await page.locator('fl-reconciliation vaadin-grid-cell-content b').first().click();
        await page.getByText('onerror=').filter({ visible: true }).first().waitFor();
        expect(await hacked(page), path).toBe(false);
      }
      await page.context().close();
    });

    it('lets the registrar find, compare and merge two persons, and take it back', async () => {
      await json('/api/patients', { identifiers: [{ id: 'TMP77' }], demographics: { name: '王小明', sex: 'M' } });
      await json('/api/patients', { identifiers: [{ id: 'ZY77' }], demographics: { name: '王小明', sex: 'M' } });
      const page = await newPage();
      await signIn(page, node.url, 'admin', node.password);
      await page.goto(`${node.url}/registration`);
      await page.locator('fl-patients input[type="search"]').fill('TMP77');
      await page.locator('fl-patients').getByText('共 1 条').waitFor();
      await page.locator('fl-patients a').first().click();
      await page.getByRole('button', { name: '合并患者' }).click();
      await page.locator('fl-person-search input').fill('wxm');
      await page.locator('fl-person-search .person').first().click();
      await page.getByRole('button', { name: '将 王小明 (TMP77) 合并到 王小明 (ZY77)' }).click();
      await page.getByText('已合并到该患者').waitFor();
      expect(await json('/api/patients?text=TMP77')).toMatchObject({ items: [{ status: 'merged' }] });
      await page.getByRole('button', { name: '撤销合并' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: '撤销合并' }).click();
      await expect
        .poll(async () => itemsOf(await json('/api/patients?text=TMP77'))[0])
        .toMatchObject({ status: 'active' });
      await page.context().close();
    });
  });
});
