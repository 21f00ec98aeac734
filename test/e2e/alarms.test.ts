import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, signIn } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const SIZES = [
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
];

/** A node whose disk is nearly full by its own rule: the bell counts the alarm, and somebody acknowledges it. */
describe.skipIf(!hasChromium)('alarms on the screen (needs Chromium)', { timeout: 480_000 }, () => {
  let node: NodeProcess;
  let browser: Browser;
  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/web/index.html'))) throw new Error('the web parts are not built: npm run build');
    await mkdir(shots, { recursive: true });
    node = await startNode({
      config: {
        plugins: {
          'storage-file-system': { freeSpaceFloorGiB: 1_000_000 },
          alarms: {
            webhooks: [{ name: 'duty', url: 'http://127.0.0.1:9/alarms', secret: 'sixteen letters and more' }],
          },
        },
      },
    });
    browser = await launchChromium();
  }, 480_000);
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  it.each(['zh-CN', 'en'])('are counted, listed and acknowledged (%s)', async (locale) => {
    const page = await (await browser.newContext({ viewport: SIZES[0] ?? null, locale })).newPage();
    page.setDefaultTimeout(240_000);
    await page.addInitScript((language) => {
      const { localStorage } = globalThis as unknown as { localStorage: { setItem(k: string, v: string): void } };
      localStorage.setItem('filmless.locale', JSON.stringify(language));
    }, locale);
    await signIn(page, node.url, 'admin', node.password);
    // Health is not well for a minute before it alarms.
    await page.locator('fl-alarm-bell a.critical, fl-alarm-bell a.warning, fl-system-alarms').first().waitFor();
    await page.locator('fl-alarm-bell a').click();
    const list = page.locator('fl-system-alarms');
    await list.locator('tbody tr').first().waitFor();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: join(shots, `alarms-${locale}-${size.width}.png`) });
    }
    const open = list.locator('tbody tr td.who vaadin-button');
    const before = await open.count();
    await open.first().click();
    await expect.poll(() => open.count(), { timeout: 120_000 }).toBeLessThan(before);
  });
});
