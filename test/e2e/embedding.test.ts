import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage as buildReactPage } from '../../examples/his-react/build.ts';
import { buildPage as buildVuePage } from '../../examples/his-vue/build.ts';
import { startWorkstation, type Workstation } from '../../examples/his-workstation/server.ts';
import { hasChromium, launchChromium, recordViewerEvents, viewerEvents, waitForViewerEvent } from '../tools/browser.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const SLICES = 24;
const { zhangJianguo, liXiuying } = PHANTOM_PATIENTS;

/** What the browser did on a page that the user does not see. */
interface Watched {
  readonly urls: string[];
  readonly tokens: string[];
  readonly violations: string[];
}

describe.skipIf(!hasChromium)(
  'a HIS on another origin embeds the viewer (needs Chromium)',
  { timeout: 120_000 },
  () => {
    let node: NodeProcess;
    let browser: Browser;
    /** One for all: scripts that were loaded once are not loaded again. */
    let context: BrowserContext;
    let workstation: Workstation;
    let react: Workstation;
    let vue: Workstation;
    let folder: string;
    let chest: PhantomInstance[];
    let head: PhantomInstance[];

    beforeAll(async () => {
      const ports = [await freePort(), await freePort(), await freePort()] as const;
      node = await startNode({ config: { http: { corsOrigins: ports.map((port) => `http://127.0.0.1:${port}`) } } });
      const key = await serviceKey(node);
      const ct = (seed: string, patient: typeof zhangJianguo, AccessionNumber: string) =>
        storePhantoms(
          node,
          ctSlices({ count: SLICES, rows: 128, study: phantomStudy({ seed, patient, AccessionNumber }) }),
        );
      chest = await ct('his-zhang', zhangJianguo, 'HIS0001');
      const second = { seed: 'his-zhang', patient: zhangJianguo, AccessionNumber: 'HIS0001' };
      await storePhantoms(node, ctSlices({ count: 4, rows: 128, SeriesNumber: 3, study: phantomStudy(second) }));
      head = await ct('his-li', liXiuying, 'HIS0002');
      const pacs = { url: node.url, key };
      folder = await mkdtemp(join(tmpdir(), 'filmless-his-'));
      await buildReactPage(join(folder, 'react'));
      await buildVuePage(join(folder, 'vue'));
      workstation = await startWorkstation({ pacs, port: ports[0] });
      react = await startWorkstation({ pacs, port: ports[1], publicDirectory: join(folder, 'react') });
      vue = await startWorkstation({ pacs, port: ports[2], publicDirectory: join(folder, 'vue') });
      browser = await launchChromium();
      context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    });
    afterAll(async () => {
      await browser?.close();
      for (const site of [workstation, react, vue]) await site?.close();
      if (folder) await rm(folder, { recursive: true });
      await node?.stop();
      await node?.remove();
    });

    const uid = (study: PhantomInstance[]): string => study[0]?.StudyInstanceUID ?? '';

    async function openPage(path = '/?page=images', site = workstation): Promise<{ page: Page; watched: Watched }> {
      const page = await context.newPage();
      const watched: Watched = { urls: [], tokens: [], violations: [] };
      page.on('request', (request) => watched.urls.push(request.url()));
      page.on('response', (response) => {
        if (!response.url().includes('/his/pacs-token') || !response.ok()) return;
        // The page may be closed before the last of them is read.
        response.text().then(
          (token) => watched.tokens.push(token),
          () => undefined,
        );
      });
      await page.exposeFunction('reportViolation', (text: string) => void watched.violations.push(text));
      await page.addInitScript(() => {
        (globalThis as unknown as EventTarget).addEventListener('securitypolicyviolation', (event) => {
          const { violatedDirective, blockedURI, sourceFile, lineNumber } = event as unknown as Record<string, unknown>;
          const text = `${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`;
          (globalThis as unknown as { reportViolation(text: string): void }).reportViolation(text);
        });
      });
      await recordViewerEvents(page);
      await page.goto(`${site.origin}${path}`);
      return { page, watched };
    }
    const image = (page: Page) => page.locator('filmless-viewer [part~="image"]').first();
    const choose = (page: Page, patient: { PatientID: string }) =>
      page.locator(`[data-patient="${patient.PatientID}"]`).click();
    /** The share of pixels of the image area that are not black, in percent. */
    async function brightness(page: Page): Promise<number> {
      const { data } = await sharp(await image(page).screenshot())
        .greyscale()
        .raw()
        .toBuffer({ resolveWithObject: true });
      return (data.filter((value) => value > 40).length / data.length) * 100;
    }
    /** No token in any address, no violation of the page's policy, and no failure. */
    function expectClean({ urls, tokens, violations }: Watched): void {
      expect(violations).toEqual([]);
      expect(tokens.length).toBeGreaterThan(0);
      expect(urls.filter((url) => tokens.some((token) => url.includes(token)))).toEqual([]);
    }

    it('opens a patient, shows images, scrolls, and keeps the page’s own keys', async () => {
      const { page, watched } = await openPage();
      const first = await waitForViewerEvent(page, 'filmless-first-image');
      // The server's picture is there before the stored pixels, from another origin, too.
      expect(first.detail['source']).toBe('preview');
      const opened = await waitForViewerEvent(page, 'filmless-study-open');
      expect(opened.detail['StudyInstanceUID']).toBe(uid(chest));
      await waitForViewerEvent(page, 'filmless-image-change');
      // The page's old rules hide every canvas and shrink every picture of its own.
      await expect.poll(() => brightness(page)).toBeGreaterThan(5);
      const seen = (await viewerEvents(page)).length;
      await image(page).hover();
      await page.mouse.wheel(0, 100);
      await waitForViewerEvent(page, 'filmless-image-change', seen);
      await image(page).focus();
      await page.keyboard.press('Alt+1');
      await page.getByText('胸部 CT 增强扫描').waitFor();
      // Another page of the screen and back: the element was out of the document for a while, and shows its images again.
      await page.keyboard.press('Alt+4');
      await expect.poll(() => brightness(page)).toBeGreaterThan(5);
      expectClean(watched);
      await page.close();
    });

    it.each(['React', 'Vue'] as const)('works in a page made with %s', async (library) => {
      const { page, watched } = await openPage('/', library === 'React' ? react : vue);
      const opened = await waitForViewerEvent(page, 'filmless-study-open');
      expect(opened.detail['StudyInstanceUID']).toBe(uid(chest));
      await waitForViewerEvent(page, 'filmless-image-change');
      await page.getByText('共 2 个序列').waitFor();
      const seen = (await viewerEvents(page)).length;
      await choose(page, liXiuying);
      await waitForViewerEvent(page, 'filmless-image-change', seen);
      await page.getByText('共 1 个序列').waitFor();
      const shown = (await viewerEvents(page)).slice(seen).filter(({ type }) => type === 'filmless-image-change');
      expect(new Set(shown.map(({ detail }) => detail['StudyInstanceUID']))).toEqual(new Set([uid(head)]));
      expectClean(watched);
      await page.close();
    });

    it('tells IT that this page has all that the viewer needs', async () => {
      const { page, watched } = await openPage();
      await waitForViewerEvent(page, 'filmless-image-change');
      await page.addScriptTag({ type: 'module', url: `${node.url}/sdk/filmless-doctor.js` });
      const states = await page.locator('body').evaluate(async (body, server) => {
        const { customElements } = globalThis as unknown as {
          customElements: { whenDefined(n: string): Promise<unknown> };
        };
        await customElements.whenDefined('filmless-doctor');
        const append = body as unknown as {
          append(element: object): void;
          ownerDocument: { createElement(n: string): object };
        };
        const doctor = append.ownerDocument.createElement('filmless-doctor') as {
          report?: { findings: { id: string; state: string }[]; toText(locale: string): string };
        };
        Object.assign(doctor, { server, tokenProvider: async () => 'not a token' });
        append.append(doctor);
        while (!doctor.report) await new Promise((resolve) => setTimeout(resolve, 20));
        return {
          states: Object.fromEntries(doctor.report.findings.map(({ id, state }) => [id, state])),
          text: doctor.report.toText('zh-CN'),
        };
      }, node.url);
      for (const id of ['reach', 'cors', 'wasm', 'worker', 'picture', 'codecs', 'clock'])
        expect(states.states[id], id).toBe('ok');
      expect(states.states['identity']).toBe('failed');
      expect(states.text).toContain('tokenProvider');
      expect(states.text).not.toContain('not a token');
      expect(watched.violations).toEqual([]);
      await page.close();
    });

    it('changes the window by a drag although the page stops pointer events on their way up', async () => {
      const { page } = await openPage();
      await waitForViewerEvent(page, 'filmless-image-change');
      const before = await image(page).screenshot();
      const box = await image(page).boundingBox();
      if (!box) throw new Error('no image area');
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2 + 150, box.y + box.height / 2 + 90, { steps: 6 });
      await page.mouse.up();
      await expect.poll(async () => (await image(page).screenshot()).equals(before)).toBe(false);
      await page.close();
    });

    it('shows nothing of a patient that the page has left, however late his images come', async () => {
      const { page, watched } = await openPage('/');
      const held: (() => void)[] = [];
      await page.route(`**/dicom-web/studies/${uid(chest)}/**`, async (route) => {
        if (route.request().method() !== 'OPTIONS') await new Promise<void>((go) => held.push(go));
        await route.continue().catch(() => undefined);
      });
      await page.getByRole('tab', { name: '影像检查' }).click();
      await expect.poll(() => held.length).toBeGreaterThan(0);
      await choose(page, liXiuying);
      await waitForViewerEvent(page, 'filmless-image-change');
      for (const go of held.splice(0)) go();
      await page.unroute(`**/dicom-web/studies/${uid(chest)}/**`);
      const seen = (await viewerEvents(page)).length;
      await image(page).hover();
      await page.mouse.wheel(0, 100);
      await waitForViewerEvent(page, 'filmless-image-change', seen);
      const shown = (await viewerEvents(page)).filter(({ type }) => type === 'filmless-image-change');
      expect(new Set(shown.map(({ detail }) => detail['StudyInstanceUID']))).toEqual(new Set([uid(head)]));
      await page.locator('filmless-viewer').getByText('李秀英').filter({ visible: true }).first().waitFor();
      expect(await page.locator('filmless-viewer').getByText('张建国').filter({ visible: true }).count()).toBe(0);
      expectClean(watched);
      await page.close();
    });

    it('blanks images of another patient than the page names, and says so', async () => {
      const { page } = await openPage();
      await waitForViewerEvent(page, 'filmless-image-change');
      const seen = (await viewerEvents(page)).length;
      // The HIS's token shows no other patient at all; this one does, and it is the viewer that refuses.
      const { token } = (await (
        await fetch(`${node.url}/api/sessions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ user: 'admin', password: node.password }),
        })
      ).json()) as { token: string };
      await page.locator('filmless-viewer').evaluate(
        (viewer, [study, other]) => {
          Object.assign(viewer, { tokenProvider: () => other });
          viewer.setAttribute('study', study ?? '');
        },
        [uid(head), token],
      );
      const failed = await waitForViewerEvent(page, 'filmless-error', seen);
      expect(failed.detail['code']).toBe('VIEWER_PATIENT_MISMATCH');
      await page.locator('filmless-viewer').getByText('患者').filter({ visible: true }).first().waitFor();
      await expect.poll(() => brightness(page)).toBeLessThan(5);
      expect((await viewerEvents(page)).slice(seen).map(({ type }) => type)).not.toContain('filmless-image-change');
      await page.close();
    });

    it('asks for another token once when the node no longer takes the first', async () => {
      const { page, watched } = await openPage();
      await waitForViewerEvent(page, 'filmless-image-change');
      const before = watched.tokens.length;
      const issued = (await (await node.fetch('/api/embed/tokens')).json()) as { id: string }[];
      for (const { id } of issued)
        expect((await node.fetch(`/api/embed/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
      const seen = (await viewerEvents(page)).length;
      // Another series has to be asked for, with the token that the viewer has.
      await image(page).focus();
      await page.keyboard.press('ArrowRight');
      await waitForViewerEvent(page, 'filmless-image-change', seen);
      expect(watched.tokens.length).toBeGreaterThan(before);
      expectClean(watched);
      await page.close();
    });

    it('says what is wrong when the token is not taken, and asks for another no more than once', async () => {
      const { page, watched } = await openPage('/');
      const refused = { status: 401, contentType: 'application/problem+json', body: '{"code":"UNAUTHENTICATED"}' };
      const headers = { 'access-control-allow-origin': workstation.origin };
      await page.route('**/dicom-web/**', (route) =>
        route.request().method() === 'OPTIONS' ? route.continue() : route.fulfill({ ...refused, headers }),
      );
      await page.getByRole('tab', { name: '影像检查' }).click();
      const failed = await waitForViewerEvent(page, 'filmless-error');
      expect(failed.detail['code']).toBe('VIEWER_UNAUTHENTICATED');
      // Viewer, timeline and report: each asks at first, and once more.
      expect(watched.tokens.length).toBeLessThanOrEqual(6);
      await page.close();
    });

    it('gives up what it waits for once the element is gone', async () => {
      const { page } = await openPage('/');
      const asked: string[] = [];
      const givenUp: string[] = [];
      page.on('requestfailed', (request) => {
        if (request.url().includes('/frames/') && request.method() === 'GET') givenUp.push(request.url());
      });
      // Frames that never come.
      await page.route('**/frames/**', (route) => {
        if (route.request().method() === 'OPTIONS') return route.continue();
        asked.push(route.request().url());
        return undefined;
      });
      await page.getByRole('tab', { name: '影像检查' }).click();
      await waitForViewerEvent(page, 'filmless-first-image');
      await expect.poll(() => asked.length).toBeGreaterThan(0);
      await page.locator('filmless-viewer').evaluate((viewer) => viewer.remove());
      await expect.poll(() => givenUp.length).toBe(asked.length);
      await page.close();
    });
  },
);

/** A key of a service account that may ask for tokens, as IT makes one for a HIS. */
async function serviceKey(node: NodeProcess): Promise<string> {
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await node.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  await post('/api/users', { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] });
  const { key } = (await post('/api/users/his/keys', { title: 'test' })) as { key: string };
  return key;
}
