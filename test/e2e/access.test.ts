import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, signIn } from '../tools/browser.ts';
import { imageDoors } from '../tools/image-doors.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const PASSWORD = 'a password of wards';
const SCRIPT = '<img src=x onerror=window.hacked=1>';

const study = (seed: string, PatientID: string, name: string) =>
  ctSlices({
    count: 2,
    rows: 64,
    SeriesDescription: `${SCRIPT}s`,
    study: phantomStudy({
      seed,
      AccessionNumber: `ACC-${PatientID}`,
      StudyDescription: `${SCRIPT}d`,
      patient: {
        PatientName: { Alphabetic: name, Ideographic: `${SCRIPT}^三` },
        PatientID,
        PatientBirthDate: '19700101',
        PatientSex: 'M',
      },
    }),
  });

interface Asked {
  authorization?: string;
  method?: string;
  body?: object;
  accept?: string;
}

describe('who sees whom', () => {
  let node: NodeProcess;
  /** Of patients A and B. */
  let own: PhantomInstance;
  let other: PhantomInstance;
  let serviceKey: string;
  let browser: Browser | undefined;
  let page: Page;

  beforeAll(async () => {
    node = await startNode();
    [own] = (await storePhantoms(node, study('access-a', 'A', 'Zhang^San'))) as [PhantomInstance];
    [other] = (await storePhantoms(node, study('access-b', 'B', 'Li^Si'))) as [PhantomInstance];
    const user = { displayName: '王芳', roles: ['clinician'], password: PASSWORD };
    await ask('/api/users', {
      body: { ...user, name: 'wang', limits: { patientIds: ['A'] }, mustChangePassword: true },
    });
    await ask('/api/users', { body: { ...user, name: 'audit', displayName: '审计员', roles: ['auditor'] } });
    await ask('/api/users', { body: { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] } });
    const made = await ask('/api/users/his/keys', { body: { title: 'HIS' } });
    serviceKey = ((await made.json()) as { key: string }).key;
    if (!hasChromium) return;
    if (!existsSync(join(root, 'dist/web/index.html'))) throw new Error('the web parts are not built: npm run build');
    mkdirSync(shots, { recursive: true });
    browser = await launchChromium();
    page = await (await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' })).newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  const ask = (path: string, { authorization = node.authorization, method, body, accept = '*/*' }: Asked = {}) =>
    fetch(`${node.url}${path}`, {
      method: method ?? (body ? 'POST' : 'GET'),
      headers: { authorization, accept, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const tokenFor = async (body: object) => {
    const issued = await ask('/api/embed/tokens', {
      authorization: `Bearer ${serviceKey}`,
      body: { user: 'zhang', ttlSeconds: 300, ...body },
    });
    expect(issued.status).toBe(201);
    return `Bearer ${((await issued.json()) as { token: string }).token}`;
  };

  it('opens every door to the images of the one patient, study or order a token is for, and none to another’s', async () => {
    for (const target of [
      { patientId: 'A' },
      { studyInstanceUid: own.StudyInstanceUID },
      { accessionNumber: own.AccessionNumber },
    ]) {
      const authorization = await tokenFor(target);
      const open: string[] = [];
      for (const [path, accept] of imageDoors(own)) {
        const response = await ask(path, { authorization, accept });
        if (response.status !== 200) open.push(`own ${path}: ${response.status}`);
        await response.arrayBuffer();
      }
      for (const [path, accept] of imageDoors(other)) {
        const response = await ask(path, { authorization, accept });
        if (response.status !== 404) open.push(`other ${path}: ${response.status}`);
        await response.arrayBuffer();
      }
      expect(open, JSON.stringify(target)).toEqual([]);
    }
  });

  it('counts and lists that patient alone in every search', async () => {
    const authorization = await tokenFor({ patientId: 'A' });
    const uidsOf = async (path: string, tag: string) => {
      const response = await ask(path, { authorization, accept: 'application/dicom+json' });
      if (response.status === 204) return [];
      const found = (await response.json()) as Record<string, { Value?: string[] }>[];
      return [...new Set(found.map((row) => row[tag]?.Value?.[0]))];
    };
    for (const path of ['studies', 'series', 'instances'])
      expect(await uidsOf(`/dicom-web/${path}`, '0020000D'), path).toEqual([own.StudyInstanceUID]);
    for (const query of ['PatientID=B', `StudyInstanceUID=${other.StudyInstanceUID}`, 'PatientName=Li*'])
      expect(await uidsOf(`/dicom-web/studies?${query}`, '0020000D'), query).toEqual([]);
    expect(await uidsOf(`/dicom-web/studies/${other.StudyInstanceUID}/series`, '0020000D')).toEqual([]);
    expect(await (await ask('/api/studies', { authorization })).json()).toMatchObject({ total: 1 });
    expect(await (await ask('/api/facets', { authorization })).json()).toMatchObject({ modalities: { CT: 1 } });
  });

  it('tells of changes to that patient’s studies alone', async () => {
    const leaving = new AbortController();
    const events = await fetch(`${node.url}/api/events`, {
      headers: { authorization: await tokenFor({ patientId: 'A' }) },
      signal: leaving.signal,
    });
    const reader = (events.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    await storePhantoms(node, study('access-b-again', 'B', 'Li^Si'));
    const [again] = (await storePhantoms(node, study('access-a-again', 'A', 'Zhang^San'))) as [PhantomInstance];
    let text = '';
    // B's came first: had it been told, it would stand before A's.
    while (!text.includes(again.StudyInstanceUID)) text += (await reader.read()).value ?? '';
    const told = [...text.matchAll(/"StudyInstanceUID":"([^"]+)"/g)].map(([, uid]) => uid);
    expect(new Set(told)).toEqual(new Set([again.StudyInstanceUID]));
    leaving.abort();
  });

  it('takes instances of that patient with an action for it, and of no other', async () => {
    const stow = async (authorization: string, instance: PhantomInstance) =>
      fetch(`${node.url}/dicom-web/studies`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/dicom', accept: 'application/dicom+json' },
        body: new Blob([instance.bytes as Uint8Array<ArrayBuffer>]),
      });
    expect((await stow(await tokenFor({ patientId: 'A' }), own)).status).toBe(403);
    const store = await tokenFor({ patientId: 'A', actions: ['view', 'store'] });
    expect((await stow(store, own)).status).toBe(200);
    const refused = await stow(store, other);
    // Not authorized. @dicom PS3.7 C.5.18
    expect(refused.status).toBe(403);
    expect(JSON.stringify(await refused.json())).toContain(String(0x0124));
  });

  describe.skipIf(!hasChromium)('in a browser (needs Chromium)', () => {
    const shot = (name: string) => page.screenshot({ path: join(shots, `access-${name}.png`) });
    const signOut = async () => {
      await page.context().clearCookies();
    };
    const hacked = () => page.evaluate(() => 'hacked' in globalThis);

    it('asks for a password of one’s own first', async () => {
      await page.goto(node.url);
      await page.locator('input[autocomplete="username"]').fill('wang');
      await page.locator('input[type="password"]').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByText('请先设置您自己的密码').waitFor();
      await shot('change-first');
      await page.keyboard.press('Escape');
      expect(await page.getByText('请先设置您自己的密码').isVisible()).toBe(true);
      await page.getByLabel('当前密码', { exact: true }).fill(PASSWORD);
      await page.getByLabel('新密码', { exact: true }).fill(`${PASSWORD} 2`);
      await page.getByLabel('再次输入新密码', { exact: true }).fill(`${PASSWORD} 2`);
      await page.keyboard.press('Enter');
      await page.locator('input[autocomplete="username"]').waitFor();
      await signIn(page, node.url, 'wang', `${PASSWORD} 2`);
    });

    it('shows script in names and descriptions as text, everywhere', async () => {
      const list = page.locator('vaadin-grid');
      await list.getByText(SCRIPT).filter({ visible: true }).first().waitFor();
      await list.getByText('ACC-A').filter({ visible: true }).first().click();
      await page.getByText(`${SCRIPT}d`).filter({ visible: true }).first().waitFor();
      expect(await hacked()).toBe(false);
      await page.goto(`${node.url}/studies/${own.StudyInstanceUID}`);
      await page.locator('fl-patient-banner').getByText(SCRIPT).first().waitFor();
      await page.locator('filmless-viewer').getByText(`${SCRIPT}s`).filter({ visible: true }).first().waitFor();
      expect(await hacked()).toBe(false);
    });

    it('hides another patient’s study, and opens it in an emergency for a reason', async () => {
      await page.goto(`${node.url}/studies/${other.StudyInstanceUID}`);
      await page.getByText('不在您的可见范围内').waitFor();
      await shot('hidden');
      await page.getByRole('button', { name: '紧急访问' }).click();
      await page.getByRole('button', { name: '说明理由并打开' }).click();
      await page.getByText('请用几个字说明理由').waitFor();
      await page.locator('textarea').fill(`急诊抢救 ${SCRIPT}`);
      await shot('emergency');
      await page.getByRole('button', { name: '说明理由并打开' }).click();
      await page.locator('fl-patient-banner').getByText('B', { exact: true }).first().waitFor();
      const entries = (await (await ask('/api/audit?action=emergency')).json()) as { items: object[] };
      expect(entries.items).toMatchObject([{ actor: 'wang', patientId: 'B', detail: `急诊抢救 ${SCRIPT}` }]);
    });

    it('shows auditors what happened, as text, and that the log is whole', async () => {
      await signOut();
      await page.goto(`${node.url}/system/audit`);
      await page.locator('input[autocomplete="username"]').fill('audit');
      await page.locator('input[type="password"]').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByText('急诊抢救').filter({ visible: true }).first().waitFor();
      await page.getByRole('button', { name: '校验完整性' }).click();
      await page.getByText('没有被改动').waitFor();
      await page.locator('select[name="action"]').selectOption('emergency');
      await page.getByText('共 1 条').waitFor();
      await shot('audit');
      expect(await hacked()).toBe(false);
    });

    it('lets administrators set roles, limits and keys', async () => {
      await signOut();
      await signIn(page, node.url, 'admin', node.password);
      await page.goto(`${node.url}/system/users`);
      await page.getByText('王芳').filter({ visible: true }).first().waitFor();
      await shot('users');
      await page
        .getByRole('button', { name: '修改 wang' })
        .or(page.getByRole('button', { name: '编辑 wang' }))
        .first()
        .click();
      await page.getByLabel('患者编号（影像号）').waitFor();
      await shot('user-dialog');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: '密钥 his' }).click();
      await page.getByText('HIS', { exact: true }).first().waitFor();
      await page.getByLabel('用途').fill('门诊');
      await page.getByRole('button', { name: '新建密钥' }).click();
      await page.getByText('密钥只显示这一次').waitFor();
      await shot('keys');
      await page.keyboard.press('Escape');
      for (const [tab, ready] of [
        ['roles', '检索检查'],
        ['sessions', '当前会话'],
        ['access', '受限患者'],
      ] as const) {
        await page.goto(`${node.url}/system/${tab}`);
        await page.getByText(ready).filter({ visible: true }).first().waitFor();
        await shot(tab);
      }
      await page.goto(`${node.url}/system/roles`);
      await page.getByRole('checkbox', { name: '允许“临床医生”导入检查' }).check();
      await page.getByText('已改动').waitFor();
      const roles = (await (await ask('/api/roles')).json()) as { id: string; permissions: string[] }[];
      expect(roles.find(({ id }) => id === 'clinician')?.permissions).toContain('study.import');
    });
  });
});
