import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ecgRecording, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, signIn } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const RADIOLOGIST = { name: 'radiology', password: 'a-password-of-the-test-7' };

describe.skipIf(!hasChromium)('a study that holds an ECG alone, on the page of the staff (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/plugins/ecg/ui.js')))
      throw new Error('the web parts are not built: npm run build');
    mkdirSync(shots, { recursive: true });
    node = await startNode();
    const created = await node.fetch('/api/users', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...RADIOLOGIST, displayName: '放射科', roles: ['radiologist'] }),
    });
    expect(created.status, await created.clone().text()).toBeLessThan(300);
    const study = phantomStudy({ seed: 'e2e-ecg', AccessionNumber: 'E2EECG1', StudyDescription: '十二导联心电图' });
    const [ecg] = await storePhantoms(
      node,
      (async function* () {
        yield ecgRecording(study);
      })(),
    );
    address = `${node.url}/studies/${ecg?.StudyInstanceUID}`;
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  async function openPage(locale: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale });
    const page = await context.newPage();
    await signIn(page, node.url, RADIOLOGIST.name, RADIOLOGIST.password);
    return page;
  }

  it('is drawn by the plugin, and drawn again when the page is loaded once more', async () => {
    const page = await openPage('zh-CN');
    await page.goto(address);
    const sheet = page.locator('.ecg-surface svg.sheet');
    await sheet.waitFor();
    expect(await sheet.locator('.trace').count()).toBe(13);
    await page.screenshot({ path: join(shots, 'ecg-alone.png') });
    // Now the plugin's script comes from the browser's cache, and much else before it.
    await page.reload();
    await sheet.waitFor();
    expect(await page.getByText('暂不能在此显示').count()).toBe(0);
    await page.context().close();
  });

  it('is drawn although the plugin comes long after everything else', async () => {
    const page = await openPage('zh-CN');
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    await page.route('**/plugins/ecg/ui.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(address);
    // Everything of the viewer's own is there.
    await page.locator('filmless-viewer-toolbar').waitFor();
    await page.locator('filmless-viewer-panels').waitFor();
    expect(await page.getByText('暂不能在此显示').count()).toBe(0);
    letGo();
    await page.locator('.ecg-surface svg.sheet').waitFor();
    await page.context().close();
  });

  it('is offered for download where the plugin cannot be loaded, which the viewer says', async () => {
    const page = await openPage('zh-CN');
    await page.route('**/plugins/ecg/ui.js', (route) => route.abort());
    await page.goto(address);
    await page.getByText('插件“心电图”未能加载').waitFor();
    await page.locator('.object-surface').getByText('暂不能在此显示12 导联心电图').waitFor();
    await page.screenshot({ path: join(shots, 'ecg-not-loaded.png') });
    await page.context().close();
  });
});
