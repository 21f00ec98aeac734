import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasChromium,
  launchChromium,
  recordViewerEvents,
  signIn,
  viewerEvents,
  waitForViewerEvent,
} from '../tools/browser.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const SLICES = 40;
const person = (Alphabetic: string, Ideographic: string, PatientID: string) => ({
  PatientName: { Alphabetic, Ideographic },
  PatientID,
  PatientBirthDate: '19700101',
  PatientSex: 'M' as const,
});

/** Where the story takes place. */
export interface StoryPlace {
  url: string;
  password: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  end(): Promise<void>;
}

/** Sign in, find, open, scroll, window: what everybody does all day. @param shotPrefix of the names of the screenshots */
export function mainJobStory(title: string, shotPrefix: string, open: () => Promise<StoryPlace>): void {
  describe.skipIf(!hasChromium)(`${title} (needs Chromium)`, () => story(shotPrefix, open));
}

function story(shotPrefix: string, open: () => Promise<StoryPlace>): void {
  let node: StoryPlace;
  let browser: Browser;
  let page: Page;
  let chest: PhantomInstance[];

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/web/index.html'))) throw new Error('the web parts are not built: npm run build');
    mkdirSync(shots, { recursive: true });
    node = await open();
    const patient = person('Zhang^San', '张^三', 'E2E-1');
    chest = await storePhantoms(
      node,
      ctSlices({
        count: SLICES,
        rows: 256,
        study: phantomStudy({ seed: 'e2e-zhang', patient, AccessionNumber: 'E2E0001', StudyDescription: '胸部CT平扫' }),
      }),
    );
    const other = person('Li^Si', '李^四', 'E2E-2');
    await storePhantoms(
      node,
      ctSlices({
        count: 2,
        rows: 64,
        study: phantomStudy({ seed: 'e2e-li', patient: other, AccessionNumber: 'E2E0002' }),
      }),
    );
    browser = await launchChromium();
    page = await (await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' })).newPage();
    await recordViewerEvents(page);
  });
  afterAll(async () => {
    await browser?.close();
    await node?.end();
  });

  const shot = (name: string) => page.screenshot({ path: join(shots, `${shotPrefix}${name}.png`) });
  const rows = () =>
    page
      .locator('vaadin-grid')
      .getByText(/E2E000\d/)
      .filter({ visible: true });

  it('refuses a wrong password in words, then signs in', async () => {
    await page.goto(node.url);
    await page.locator('input[autocomplete="username"]').fill('admin');
    await page.locator('input[type="password"]').fill('not the password');
    await page.keyboard.press('Enter');
    await page.getByText('用户名或密码').first().waitFor();
    await shot('sign-in-refused');
    await signIn(page, node.url, 'admin', node.password);
    await expect.poll(() => rows().count()).toBe(2);
    await shot('study-list');
  });

  it.each([
    ['张', 'E2E0001'],
    ['zs', 'E2E0001'],
    ['zhangsan', 'E2E0001'],
    ['E2E0002', 'E2E0002'],
    ['ls', 'E2E0002'],
  ])('finds by %s', async (text, accession) => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(text);
    await expect.poll(() => rows().allTextContents()).toEqual([accession]);
  });

  it('opens the CT with the first image, then its stored pixels', async () => {
    await page.goto(`${node.url}/studies?text=zs`);
    await rows().first().dblclick();
    const first = await waitForViewerEvent(page, 'filmless-first-image');
    expect(first.detail['ms']).toBeGreaterThan(0);
    await shot('study-first-image');
    const change = await waitForViewerEvent(page, 'filmless-image-change');
    expect(change.detail).toMatchObject({ StudyInstanceUID: chest[0]?.StudyInstanceUID, count: SLICES });
    await page.locator('filmless-viewer').getByText('张三').filter({ visible: true }).first().waitFor();
    await shot('study-full');
  });

  it('scrolls by wheel and by key, to another image each', async () => {
    const image = page.locator('filmless-viewer [part="image"]');
    const before = (await viewerEvents(page)).length;
    await image.hover();
    await page.mouse.wheel(0, 100);
    const byWheel = await waitForViewerEvent(page, 'filmless-image-change', before);
    const seen = (await viewerEvents(page)).length;
    await image.focus();
    await page.keyboard.press('End');
    const byKey = await waitForViewerEvent(page, 'filmless-image-change', seen);
    expect(byKey.detail['SOPInstanceUID']).not.toBe(byWheel.detail['SOPInstanceUID']);
    expect(byKey.detail['index']).toBe(SLICES - 1);
    await shot('study-scrolled');
  });

  it('changes the window by dragging, and the picture with it', async () => {
    const image = page.locator('filmless-viewer [part="image"]');
    await page.keyboard.press('Home');
    const box = await image.boundingBox();
    if (!box) throw new Error('no image area');
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const before = await image.screenshot();
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x + 120, middle.y + 60, { steps: 6 });
    await page.mouse.up();
    await expect.poll(async () => (await image.screenshot()).equals(before)).toBe(false);
    await shot('study-windowed');
  });

  it('goes back to the list where it was, by Escape', async () => {
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/studies\?text=zs/);
    await expect.poll(() => rows().allTextContents()).toEqual(['E2E0001']);
  });

  it('never shows a study without a session', async () => {
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(`${node.url}/studies/${chest[0]?.StudyInstanceUID}`);
    await stranger.locator('input[type="password"]').waitFor();
    expect(await stranger.getByText('张三').count()).toBe(0);
    await stranger.context().close();
  });
}
