import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, recordViewerEvents, signIn, waitForViewerEvent } from '../tools/browser.ts';
import { imageDoors } from '../tools/image-doors.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const SCRIPT = '<img src=x onerror=window.hacked=1>';
const PASSWORD = 'a password of readers';

const study = (seed: string, PatientID: string) =>
  ctSlices({
    count: 3,
    rows: 128,
    SeriesDescription: `${SCRIPT}s`,
    study: phantomStudy({
      seed,
      AccessionNumber: `ACC-${seed}`,
      StudyDescription: `${SCRIPT}d`,
      patient: {
        PatientName: { Alphabetic: 'Zhang^San', Ideographic: '张^三' },
        PatientID,
        PatientBirthDate: '19700101',
        PatientSex: 'M',
      },
    }),
  });

describe('studies shared by link', { timeout: 180_000 }, () => {
  let node: NodeProcess;
  let shared: PhantomInstance;
  /** Of the same patient, and of another. */
  let others: PhantomInstance[];
  let browser: Browser | undefined;

  beforeAll(async () => {
    node = await startNode();
    const stored = [];
    for (const [seed, patient] of [
      ['share-a', 'A'],
      ['share-a2', 'A'],
      ['share-b', 'B'],
    ] as const)
      stored.push((await storePhantoms(node, study(seed, patient)))[0] as PhantomInstance);
    [shared, ...others] = stored as [PhantomInstance, ...PhantomInstance[]];
    const account = { name: 'wang', displayName: '王芳', roles: ['radiologist'], password: PASSWORD };
    expect((await post('/api/users', account)).status).toBe(201);
    for (const { StudyInstanceUID, PatientID } of stored) {
      const report = { patient: { id: PatientID }, StudyInstanceUID, status: 'reviewed', title: 'CT', text: '所见' };
      expect((await post('/api/reports', { ...report, externalId: StudyInstanceUID })).status).toBe(201);
    }
    if (!hasChromium) return;
    if (!existsSync(join(root, 'dist/web/index.html'))) throw new Error('the web parts are not built: npm run build');
    mkdirSync(shots, { recursive: true });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  const post = (path: string, body: object, authorization = node.authorization) =>
    fetch(`${node.url}${path}`, {
      method: 'POST',
      headers: { ...(authorization === '' ? {} : { authorization }), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  async function tokenOf(report: boolean): Promise<{ id: string; authorization: string }> {
    const wanted = { studyInstanceUid: shared.StudyInstanceUID, expiresInDays: 1, report, accessCode: false };
    const { id, url } = (await (await post('/api/shares', wanted)).json()) as { id: string; url: string };
    const redeemed = await post('/api/shares/redeem', { id, secret: new URL(url).hash.slice(1) }, '');
    return { id, authorization: `Bearer ${((await redeemed.json()) as { token: string }).token}` };
  }
  const ask = (path: string, authorization: string, accept = '*/*') =>
    fetch(`${node.url}${path}`, { headers: { authorization, accept } });

  it('open every door to their one study and none to another, of the same patient or not', async () => {
    const { id, authorization } = await tokenOf(false);
    const wrong: string[] = [];
    const walk = async (instance: PhantomInstance, expected: number) => {
      for (const [path, accept] of imageDoors(instance)) {
        const response = await ask(path, authorization, accept);
        await response.arrayBuffer();
        if (response.status !== expected) wrong.push(`${path}: ${response.status}`);
      }
    };
    await walk(shared, 200);
    for (const other of others) await walk(other, 404);
    expect(wrong).toEqual([]);
    const found = async (path: string) => (await ask(path, authorization, 'application/dicom+json')).text();
    for (const path of [
      '/dicom-web/studies',
      '/dicom-web/series',
      '/dicom-web/instances',
      '/api/studies',
      '/fhir/ImagingStudy',
      '/fhir/Patient',
    ]) {
      const text = await found(path);
      expect(text.length, path).toBeGreaterThan(2);
      for (const { StudyInstanceUID } of others) expect(text, path).not.toContain(StudyInstanceUID);
    }
    expect(
      (
        await fetch(`${node.url}/api/shares/${id}`, {
          method: 'DELETE',
          headers: { authorization: node.authorization },
        })
      ).status,
    ).toBe(204);
    await walk(shared, 401);
    expect(wrong).toEqual([]);
  });

  it('show reports, over every door, only when they were shared too', async () => {
    const totals = async (authorization: string) => {
      const counts = [];
      for (const { StudyInstanceUID } of [shared, ...others]) {
        const rest = await ask(`/api/reports?study=${StudyInstanceUID}`, authorization);
        counts.push(((await rest.json()) as { reports: unknown[] }).reports.length);
      }
      const fhir = (await (await ask('/fhir/DiagnosticReport', authorization)).json()) as { total: number };
      return [...counts, fhir.total];
    };
    expect(await totals((await tokenOf(false)).authorization)).toEqual([0, 0, 0, 0]);
    expect(await totals((await tokenOf(true)).authorization)).toEqual([1, 0, 0, 1]);
  });

  it('tell browsers to keep nothing, list nothing and say nothing of where they came from', async () => {
    const { status, headers } = await fetch(`${node.url}/share/anything`);
    expect([status, headers.get('cache-control'), headers.get('x-robots-tag'), headers.get('referrer-policy')]).toEqual(
      [200, 'no-store', 'noindex, nofollow', 'no-referrer'],
    );
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  describe.skipIf(!hasChromium)('in a browser (needs Chromium)', () => {
    let staff: Page;
    let url = '';
    let code = '';

    async function open(): Promise<Page> {
      if (!browser) throw new Error('no browser');
      const page = await (
        await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' })
      ).newPage();
      await recordViewerEvents(page);
      return page;
    }
    async function openAsStranger(address = url): Promise<{ page: Page; urls: string[] }> {
      const page = await open();
      const urls: string[] = [];
      page.on('request', (request) => urls.push(request.url()));
      await page.goto(address);
      return { page, urls };
    }
    const enter = async (page: Page, digits: string) => {
      await page.locator('input[inputmode="numeric"]').fill(digits);
      await page.keyboard.press('Enter');
    };
    const shot = (page: Page, name: string) => page.screenshot({ path: join(shots, `share-${name}.png`) });

    it('are made on the study page, link and code apart, and stand in the list', async () => {
      staff = await open();
      await signIn(staff, node.url, 'wang', PASSWORD);
      await staff.goto(`${node.url}/studies/${shared.StudyInstanceUID}`);
      const share = staff.getByRole('button', { name: '分享', exact: true });
      await share.click();
      await staff.getByLabel('分享给谁').waitFor();
      // Closes the dialog, and does not leave the study.
      await staff.keyboard.press('Escape');
      await staff.getByLabel('分享给谁').waitFor({ state: 'detached' });
      expect(staff.url()).toContain(shared.StudyInstanceUID);
      await share.click();
      await staff.getByLabel('分享给谁').fill(SCRIPT);
      await shot(staff, 'dialog');
      await staff.getByRole('button', { name: '生成链接' }).click();
      url = (await staff.locator('[data-link]').textContent()) ?? '';
      code = (await staff.locator('[data-code]').textContent()) ?? '';
      expect(url).toMatch(/\/share\/[\w-]{16}#[\w-]{43}$/);
      expect(code).toMatch(/^\d{8}$/);
      await shot(staff, 'made');
      // What is shown once is not lost by a key.
      await staff.keyboard.press('Escape');
      expect(await staff.locator('[data-code]').textContent()).toBe(code);
      expect(staff.url()).toContain(shared.StudyInstanceUID);
      await staff.getByRole('button', { name: '查看我的分享' }).click();
      const list = staff.locator('fl-shares');
      await list.getByText(SCRIPT, { exact: true }).waitFor();
      await list.getByText('张三').first().waitFor();
      expect(await staff.getByText(code).count()).toBe(0);
      expect(await staff.evaluate(() => 'hacked' in globalThis)).toBe(false);
    });

    it('ask a stranger for the code, and show him the images of that study alone', async () => {
      const { page, urls } = await openAsStranger();
      await page.getByText('查看影像检查').waitFor();
      expect(page.url()).not.toContain('#');
      await shot(page, 'code');
      await enter(page, code === '00000000' ? '11111111' : '00000000');
      await page.locator('[slot="error-message"]').getByText('访问码不正确').waitFor();
      await enter(page, `${code.slice(0, 4)} ${code.slice(4)}`);
      const first = await waitForViewerEvent(page, 'filmless-study-open');
      expect(first.detail['StudyInstanceUID']).toBe(shared.StudyInstanceUID);
      await waitForViewerEvent(page, 'filmless-first-image');
      await shot(page, 'viewer');
      expect(await page.locator('fl-rail, fl-top-bar').count()).toBe(0);
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByText('Valid until').waitFor();
      const secret = new URL(url).hash.slice(1);
      expect(urls.filter((one) => one.includes(secret) || one.includes(code))).toEqual([]);
      for (const { StudyInstanceUID } of others) expect(urls.join('\n')).not.toContain(StudyInstanceUID);
      // After a reload the link is known in this tab, the code is not.
      await page.reload();
      await page.getByText('View an imaging exam').waitFor();
      await page.context().close();
      // Without the fragment there is nothing to open.
      const bare = await openAsStranger(url.split('#')[0]);
      await bare.page.getByText('链接不完整').waitFor();
      await bare.page.context().close();
    });

    it('end at once for an open page when they are revoked', async () => {
      const { page } = await openAsStranger();
      await page.getByText('查看影像检查').waitFor();
      await enter(page, code);
      await waitForViewerEvent(page, 'filmless-first-image');
      await staff.goto(`${node.url}/system/shares`);
      await staff.locator('fl-shares').getByRole('button', { name: '撤销' }).first().click();
      await staff.locator('vaadin-confirm-dialog').getByRole('button', { name: '撤销' }).click();
      await staff.getByText('已撤销').first().waitFor();
      await shot(staff, 'list');
      // Whatever the page asks next is refused; it may have asked by itself.
      await page.evaluate(() => {
        const viewer = (
          globalThis as unknown as { document: { querySelector(name: string): unknown } }
        ).document.querySelector('fl-share-page') as {
          renderRoot: { querySelector(name: string): { reload(): void } | null };
        };
        viewer.renderRoot.querySelector('filmless-viewer')?.reload();
      });
      await page.getByText('链接已被撤销').waitFor();
      expect(await page.locator('filmless-viewer').count()).toBe(0);
      await shot(page, 'revoked');
      await page.reload();
      await page.getByText('链接已被撤销').waitFor();
      await page.context().close();
    });
  });
});
