import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, PHANTOM_PATIENTS, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, signIn } from '../tools/browser.ts';
import { HospitalNode } from '../tools/hospital.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const shots = join(resolve(import.meta.dirname, '..'), 'output', 'screenshots');
/** `all`: in English and on a large screen too, for people who look at the pictures. */
const ALL = process.env['FILMLESS_TEST_SCREENS'] === 'all';
const TIMEOUT = 240_000;
const WAIT = 60_000;
const BOARD = '/screens/filmless-archive';

/** IT makes a hospital of two nodes in the browser and watches its board. */
describe.skipIf(!hasChromium)('the screen of the hospital (needs Chromium)', () => {
  let browser: Browser;
  let centre: HospitalNode;
  let radiology: HospitalNode;

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    [browser, centre, radiology] = await Promise.all([
      launchChromium(),
      HospitalNode.start('centre'),
      HospitalNode.start('radiology'),
    ]);
  }, TIMEOUT);
  afterAll(async () => {
    await browser?.close();
    for (const node of [radiology, centre]) await node?.end();
  }, TIMEOUT);

  const boardOf = async ({ process: { url, password } }: HospitalNode): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
    await context.grantPermissions(['clipboard-write'], { origin: url });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    await signIn(page, url, 'admin', password);
    await page.goto(url + BOARD);
    return page;
  };
  const picture = async (page: Page, name: string) => {
    await page.screenshot({ path: join(shots, `hospital-${name}.png`) });
    if (!ALL) return;
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.screenshot({ path: join(shots, `hospital-${name}-1920.png`) });
    await page.setViewportSize({ width: 1366, height: 768 });
  };

  it('a department is added with a code, and its studies show until their hashes agree', {
    timeout: TIMEOUT,
  }, async () => {
    const atCentre = await boardOf(centre);
    await atCentre.getByText('还没有其他节点。请').waitFor();
    await picture(atCentre, 'empty');
    await atCentre.getByRole('button', { name: '添加科室' }).click();
    const code = atCentre.getByRole('textbox', { name: '加入码' });
    await expect.poll(() => code.inputValue(), { timeout: WAIT }).toMatch(/^[\w-]{100,}$/);
    await picture(atCentre, 'code');
    await atCentre.getByRole('button', { name: '复制' }).click();
    await atCentre.getByRole('button', { name: '已复制' }).waitFor();
    const copied = await code.inputValue();
    await atCentre.getByRole('button', { name: '关闭' }).click();

    const atRadiology = await boardOf(radiology);
    await atRadiology.getByRole('button', { name: '加入医院' }).click();
    await atRadiology.getByRole('textbox', { name: '加入码' }).fill('half a code');
    await atRadiology.getByRole('button', { name: '加入', exact: true }).click();
    await atRadiology.getByRole('alert').waitFor();
    await picture(atRadiology, 'join-failed');
    await atRadiology.getByRole('textbox', { name: '加入码' }).fill(copied);
    await atRadiology.getByRole('button', { name: '加入', exact: true }).click();
    await atRadiology.getByText('已加入 centre').waitFor();
    await atRadiology.getByText('已连接').waitFor();
    await picture(atRadiology, 'department');

    const study = phantomStudy({ seed: 'board', patient: PHANTOM_PATIENTS.liXiuying, StudyDescription: '胸部CT' });
    await storePhantoms(radiology.process, ctSlices({ study, count: 5, rows: 64 }));
    const row = atCentre.getByRole('row').filter({ hasText: PHANTOM_PATIENTS.liXiuying.PatientID });
    await row.filter({ hasText: '完整' }).waitFor();
    const text = await row.textContent();
    expect(text).toContain('李秀英');
    expect(text).not.toContain('^');
    await atCentre.getByText('全部完整').waitFor();
    await picture(atCentre, 'complete');

    await radiology.process.kill();
    await atCentre.getByText('无法连接').waitFor();
    await radiology.startAgain();
    await atCentre.getByText('已连接').waitFor();
    await atCentre.getByRole('button', { name: '移除' }).click();
    await atCentre.getByText('确定移除 radiology？').waitFor();
    await picture(atCentre, 'remove');
    await atCentre.getByRole('button', { name: '取消' }).click();
    if (!ALL) return;
    await atCentre.evaluate(`localStorage.setItem('filmless.locale', '"en"')`);
    await atCentre.reload();
    await atCentre.getByText('Everything is complete').waitFor();
    await picture(atCentre, 'english');
  });
});
