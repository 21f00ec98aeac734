import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ctSlices, mrBrain, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, signIn } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const SIZES = [
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
];

/** IT prepares a disk in the browser, finds a study on it, and takes it out. */
describe.skipIf(!hasChromium)('the screen of backups (needs Chromium)', { timeout: 480_000 }, () => {
  let folder: string;
  let node: NodeProcess;
  let browser: Browser;

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/plugins/backup/ui.js')))
      throw new Error('the web parts are not built: npm run build');
    await mkdir(shots, { recursive: true });
    folder = await mkdtemp(join(tmpdir(), 'filmless-disks-'));
    for (const name of ['A1', 'B1', 'new']) await mkdir(join(folder, 'mount', name), { recursive: true });
    const backup = { mounts: [join(folder, 'mount')], allowSameDevice: true, scanSeconds: 0.5, keepFreeMiB: 0 };
    node = await startNode({ config: { plugins: { backup } } });
    browser = await launchChromium();
  }, 480_000);
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (locale: string): Promise<Page> => {
    const page = await (await browser.newContext({ viewport: SIZES[0] ?? null, locale })).newPage();
    page.setDefaultTimeout(120_000);
    await page.addInitScript((language) => {
      const { localStorage } = globalThis as unknown as { localStorage: { setItem(k: string, v: string): void } };
      localStorage.setItem('filmless.locale', JSON.stringify(language));
    }, locale);
    await signIn(page, node.url, 'admin', node.password);
    await page.goto(`${node.url}/screens/filmless-backup`);
    await page.locator('filmless-backup').waitFor();
    return page;
  };
  const shoot = async (page: Page, name: string) => {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: join(shots, `backup-${name}-${size.width}.png`) });
    }
    await page.setViewportSize(SIZES[0] ?? { width: 1366, height: 768 });
  };
  const prepare = async (page: Page, label: string, set: string) => {
    await page.getByRole('button', { name: `启用… ${join(folder, 'mount', label)}` }).click();
    await page.getByLabel('标签').fill(label);
    await page.getByLabel('组', { exact: false }).last().fill(set);
  };

  it('makes disks of folders, which fill themselves', async () => {
    await storePhantoms(
      node,
      ctSlices({ study: phantomStudy({ seed: 'screen-ct', StudyDate: '20260105' }), count: 8, rows: 64 }),
    );
    const page = await open('zh-CN');
    await page.getByText('还没有备份盘').waitFor();
    await shoot(page, 'empty-zh');
    await prepare(page, 'A1', 'A');
    await shoot(page, 'prepare-zh');
    await page.getByRole('button', { name: '启用此盘' }).click();
    await page.getByText('1 次检查，8 个文件').waitFor();
    await prepare(page, 'B1', 'B');
    await page.getByRole('button', { name: '启用此盘' }).click();
    await expect.poll(() => page.getByText('1 次检查，8 个文件').count(), { timeout: 60_000 }).toBe(2);
    await rename(join(folder, 'mount', 'B1'), join(folder, 'B1'));
    await page.getByText('未接入').first().waitFor();
    await storePhantoms(node, mrBrain({ study: phantomStudy({ seed: 'screen-mr', StudyDate: '20260106' }) }));
    await page.getByText(/2 次检查/).waitFor();
    await shoot(page, 'disks-zh');
    await page.context().close();
  });

  it('says which disk holds a study, and lets go of a disk', async () => {
    const page = await open('en');
    await page.getByText('Other folders').waitFor();
    await shoot(page, 'disks-en');
    await page.getByRole('tab', { name: 'Find a study' }).click();
    await page.getByRole('searchbox').fill('20260105');
    const { items } = (await (await node.fetch('/api/studies?limit=10')).json()) as { items: { PatientID: string }[] };
    await page.getByRole('searchbox').fill(items[0]?.PatientID ?? '');
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByText('A1').first().waitFor();
    await shoot(page, 'find-en');
    await page.getByRole('tab', { name: 'Snapshots and restoring' }).click();
    await page.getByRole('button', { name: 'Snapshot now' }).click();
    await page.getByText('The snapshot is on the attached disks').waitFor();
    await page.getByRole('button', { name: 'Drill now' }).click();
    await page.getByText('Last drill').waitFor();
    await shoot(page, 'safety-en');
    await page.getByRole('tab', { name: 'Disks' }).click();
    await page.getByRole('button', { name: 'Remove safely A1' }).click();
    await page.getByText('Safe to remove').waitFor();
    expect(existsSync(join(folder, 'mount', 'A1', 'DICOMDIR'))).toBe(true);
    await page.getByRole('button', { name: 'Retire B1' }).click();
    await page.getByText('Retire disk B1?').waitFor();
    await shoot(page, 'retire-en');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.context().close();
  });
});
