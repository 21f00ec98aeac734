import { resolve } from 'node:path';
import { ctSlices, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkstation, type Workstation } from '../../examples/his-workstation/server.ts';
import { hasChromium, launchChromium, recordViewerEvents, viewerEvents, waitForViewerEvent } from '../tools/browser.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const SLICES = 24;
const { zhangJianguo, liXiuying } = PHANTOM_PATIENTS;
const account = { user: 'ward', password: 'ward-test-password' };

/** What the browser did on a page that the user does not see. */
interface Watched {
  readonly urls: string[];
  readonly tokens: string[];
  readonly violations: string[];
}

describe.skipIf(!hasChromium)('a HIS on another origin embeds the viewer (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let workstation: Workstation;
  let chest: PhantomInstance[];
  let head: PhantomInstance[];

  beforeAll(async () => {
    const port = await freePort();
    node = await startNode({ config: { http: { corsOrigins: [`http://127.0.0.1:${port}`] } } });
    const made = await node.fetch('/api/users', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: account.user,
        displayName: '病区',
        roles: ['clinician'],
        password: account.password,
      }),
    });
    expect(made.status).toBe(201);
    const ct = (seed: string, patient: typeof zhangJianguo, AccessionNumber: string) =>
      storePhantoms(
        node,
        ctSlices({ count: SLICES, rows: 128, study: phantomStudy({ seed, patient, AccessionNumber }) }),
      );
    chest = await ct('his-zhang', zhangJianguo, 'HIS0001');
    head = await ct('his-li', liXiuying, 'HIS0002');
    workstation = await startWorkstation({ pacs: { url: node.url, ...account }, port });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await workstation?.close();
    await node?.stop();
    await node?.remove();
  });

  const uid = (study: PhantomInstance[]): string => study[0]?.StudyInstanceUID ?? '';

  async function openPage(path = '/?page=images'): Promise<{ page: Page; watched: Watched }> {
    const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
    const watched: Watched = { urls: [], tokens: [], violations: [] };
    page.on('request', (request) => watched.urls.push(request.url()));
    page.on('response', async (response) => {
      if (response.url().includes('/his/pacs-token') && response.ok()) watched.tokens.push(await response.text());
    });
    await page.exposeFunction('reportViolation', (text: string) => void watched.violations.push(text));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const { violatedDirective, blockedURI, sourceFile, lineNumber, columnNumber } = event;
        const text = `${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}:${columnNumber}`;
        (globalThis as unknown as { reportViolation(text: string): void }).reportViolation(text);
      });
    });
    await recordViewerEvents(page);
    await page.goto(`${workstation.origin}${path}`);
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
    await page.context().close();
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
    await page.context().close();
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
    await page.context().close();
  });

  it('blanks images of another patient than the page names, and says so', async () => {
    const { page } = await openPage();
    await waitForViewerEvent(page, 'filmless-image-change');
    const seen = (await viewerEvents(page)).length;
    await page.locator('filmless-viewer').evaluate((viewer, study) => viewer.setAttribute('study', study), uid(head));
    const failed = await waitForViewerEvent(page, 'filmless-error', seen);
    expect(failed.detail['code']).toBe('VIEWER_PATIENT_MISMATCH');
    await page.locator('filmless-viewer').getByText('患者').filter({ visible: true }).first().waitFor();
    await expect.poll(() => brightness(page)).toBeLessThan(3);
    expect((await viewerEvents(page)).slice(seen).map(({ type }) => type)).not.toContain('filmless-image-change');
    await page.context().close();
  });

  it('asks for another token once when the node no longer takes the first', async () => {
    const { page, watched } = await openPage();
    await waitForViewerEvent(page, 'filmless-image-change');
    expect(watched.tokens).toHaveLength(1);
    const ended = await fetch(`${node.url}/api/sessions/current`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${watched.tokens[0]}` },
    });
    expect(ended.status).toBe(204);
    const seen = (await viewerEvents(page)).length;
    // Opens the same study once more, with the client that has the old token.
    await page.locator('filmless-viewer').evaluate((viewer) => (viewer as unknown as { reload(): void }).reload());
    await waitForViewerEvent(page, 'filmless-image-change', seen);
    expect(watched.tokens.length).toBeGreaterThan(1);
    expectClean(watched);
    await page.context().close();
  });

  it('says what is wrong when the account is not taken, and asks for a token no more than twice', async () => {
    const { page, watched } = await openPage('/');
    const refused = { status: 401, contentType: 'application/problem+json', body: '{"code":"UNAUTHENTICATED"}' };
    const headers = { 'access-control-allow-origin': workstation.origin };
    await page.route('**/dicom-web/**', (route) =>
      route.request().method() === 'OPTIONS' ? route.continue() : route.fulfill({ ...refused, headers }),
    );
    await page.getByRole('tab', { name: '影像检查' }).click();
    const failed = await waitForViewerEvent(page, 'filmless-error');
    expect(failed.detail['code']).toBe('VIEWER_UNAUTHENTICATED');
    expect(watched.tokens).toHaveLength(2);
    await page.context().close();
  });

  it('asks for nothing more once the element is gone', async () => {
    const { page, watched } = await openPage();
    await waitForViewerEvent(page, 'filmless-image-change');
    await page.locator('filmless-viewer').evaluate(async (viewer) => {
      const canvas = viewer.shadowRoot?.querySelector('canvas');
      viewer.remove();
      while (canvas?.isConnected && canvas.getRootNode() === viewer.shadowRoot)
        await new Promise((resolve) => setTimeout(resolve, 20));
    });
    const before = watched.urls.length;
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    expect(watched.urls.length).toBe(before);
    await page.context().close();
  });
});

export const exampleFolder = (name: string): string => resolve(import.meta.dirname, '..', '..', 'examples', name);
