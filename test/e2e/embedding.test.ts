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
    workstation = await startWorkstation({ pacs: { url: node.url, key }, port });
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
      (globalThis as unknown as EventTarget).addEventListener('securitypolicyviolation', (event) => {
        const { violatedDirective, blockedURI, sourceFile, lineNumber } = event as unknown as Record<string, unknown>;
        const text = `${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`;
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
    await page.context().close();
  });

  it('asks for another token once when the node no longer takes the first', async () => {
    const { page, watched } = await openPage();
    await waitForViewerEvent(page, 'filmless-image-change');
    expect(watched.tokens).toHaveLength(1);
    const issued = (await (await node.fetch('/api/embed/tokens')).json()) as { id: string }[];
    for (const { id } of issued)
      expect((await node.fetch(`/api/embed/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    const seen = (await viewerEvents(page)).length;
    // Another series has to be asked for, with the token that the viewer has.
    await image(page).focus();
    await page.keyboard.press('ArrowRight');
    await waitForViewerEvent(page, 'filmless-image-change', seen);
    expect(watched.tokens).toHaveLength(2);
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
    await page.context().close();
  });
});

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
