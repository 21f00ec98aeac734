import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { ctSlices, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, signIn } from '../tools/browser.ts';
import { Hl7Node, hl7Message, obr } from '../tools/hl7-node.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const shots = join(resolve(import.meta.dirname, '..'), 'output', 'screenshots');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** `all`: in both languages and on a large screen too, for people who look at the pictures. */
const ALL = process.env['FILMLESS_TEST_SCREENS'] === 'all';
const SIZES = ALL ? [[1366, 768] as const, [1920, 1080] as const] : [[1366, 768] as const];
const { zhangJianguo: zhang, liXiuying: li } = PHANTOM_PATIENTS;

interface Screen {
  readonly name: string;
  readonly path: string;
  /** Shown when the screen has what it shows. */
  readonly ready: string;
  /** Brings up a dialog, or what else is to be looked at. */
  readonly act?: (page: Page) => Promise<void>;
}

describe.skipIf(!hasChromium)('every screen of the staff (needs Chromium)', () => {
  let hl7: Hl7Node;
  let browser: Browser;
  let stored: PhantomInstance;
  let person: string;

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    hl7 = await Hl7Node.start();
    const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const answer = await hl7.post(path, body);
      expect(answer.ok, path).toBe(true);
      const text = await answer.text();
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    };
    const study = phantomStudy({ seed: 'screens', patient: zhang, AccessionNumber: 'CT1', StudyDescription: '胸部CT' });
    [stored] = (await storePhantoms(hl7.node, ctSlices({ count: 3, rows: 64, study }))) as [PhantomInstance];
    await storePhantoms(
      hl7.node,
      ctSlices({ count: 2, rows: 64, study: phantomStudy({ seed: 'screens-2', patient: li }) }),
    );
    const user = { password: 'a password of wards', mustChangePassword: false };
    await post('/api/users', { ...user, name: 'wang', displayName: '王芳', roles: ['clinician'] });
    await post('/api/users', { name: 'his', displayName: 'HIS', kind: 'service', roles: ['service'] });
    await post('/api/users/his/keys', { title: 'HIS' });
    for (const [id, name] of [
      [zhang.PatientID, '张^建国'],
      ['MZ77', '张^建国'],
    ])
      await post('/api/patients', { identifiers: [{ id }], demographics: { name, sex: 'M', birthDate: '19560914' } });
    await post('/api/patients/merge', { from: { id: 'MZ77' }, into: { id: zhang.PatientID } });
    await hl7.node.fetch('/api/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/dicom', 'x-file-name': 'README.TXT' },
      body: 'no DICOM at all',
    });
    const his = await hl7.his();
    const pid = `PID|1||${zhang.PatientID}^^^HIS^PI||张^建国`;
    const order = [pid, 'ORC|NW|REQ1', obr({ 2: 'REQ1', 4: 'CT^胸部CT平扫', 18: 'CT1', 24: 'CT' })];
    await his.send(hl7Message('ORM^O01^ORM_O01', 'M1', order, 'UNICODE UTF-8'));
    await his.send(hl7Message('ADT^A04^ADT_A01', 'M2', ['EVN|A04', 'PID|1||^^^HIS^PI||王^五'], 'UNICODE UTF-8'));
    await hl7.workedOff();
    const found = (await (await hl7.node.fetch(`/api/patients?text=${zhang.PatientID}`)).json()) as {
      items: { key: string; status: string }[];
    };
    person = found.items.find(({ status }) => status === 'active')?.key ?? '';
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await hl7?.stop();
  });

  const screens = (t: (zh: string, en: string) => string): Screen[] => {
    const button = (zh: string, en: string) => (page: Page) =>
      page
        .getByRole('button', { name: t(zh, en), exact: true })
        .first()
        .click();
    const tab = (name: string, ready: string, act?: Screen['act']): Screen => ({
      name: act ? `${name}-open` : name,
      path: `/system/${name}`,
      ready,
      ...(act ? { act } : {}),
    });
    const bridge = '/screens/filmless-his-bridge';
    return [
      { name: 'studies', path: '/studies', ready: '胸部CT' },
      { name: 'study', path: `/studies/${stored.StudyInstanceUID}`, ready: 'CT1' },
      { name: 'patients', path: '/registration', ready: zhang.PatientID },
      { name: 'reconciliation', path: '/registration/reconciliation', ready: li.PatientID },
      { name: 'orders', path: '/registration/orders', ready: '胸部CT平扫' },
      { name: 'person', path: `/patients/${person}`, ready: 'MZ77' },
      { name: 'person-edit', path: `/patients/${person}`, ready: 'MZ77', act: button('修改登记信息', 'Correct') },
      { name: 'merge', path: `/patients/${person}`, ready: 'MZ77', act: button('合并患者', 'Merge') },
      {
        name: 'second-factor',
        path: '/import',
        ready: t('选择文件夹', 'folder'),
        async act(page) {
          await page.getByTitle(t('用户菜单', 'User menu')).click();
          await button('账号安全', 'Account security')(page);
          await page.locator('input[type="password"]').fill(hl7.node.password);
          await button('启用', 'Set up')(page);
          await page.locator('svg.qr').waitFor();
        },
      },
      { name: 'import', path: '/import', ready: t('选择文件夹', 'folder') },
      { name: 'devices', path: '/devices', ready: 'FILMLESS' },
      { name: 'device', path: '/devices', ready: 'FILMLESS', act: button('新增设备', 'Add device') },
      tab('overview', t('健康检查', 'ealth')),
      tab('quarantine', 'README.TXT'),
      tab('conflicts', t('冲突', 'onflict')),
      tab('plugins', 'his-bridge'),
      tab('jobs', t('任务', 'ob')),
      tab('users', '王芳'),
      tab('users', '王芳', button('新增用户', 'Add user')),
      tab('roles', t('检索检查', 'earch')),
      tab('sessions', t('当前会话', 'This session')),
      tab('access', t('受限患者', 'estricted')),
      tab('access', t('受限患者', 'estricted'), button('新增受限患者', 'Restrict a patient')),
      tab('embedding', 'HIS'),
      tab('audit', t('改动', 'Change')),
      { name: 'hl7', path: bridge, ready: 'ADT^A04' },
      {
        name: 'hl7-message',
        path: bridge,
        ready: 'ADT^A04',
        act: (page) => page.getByText('ADT^A04').first().click(),
      },
      { name: 'hl7-dry-run', path: bridge, ready: 'ADT^A04', act: tryOut(t('试运行', 'Dry run'), pid()) },
    ];
  };
  const pid = () =>
    hl7Message('ADT^A40^ADT_A39', 'DRY', ['EVN|A40', 'PID|1||A1^^^HIS^PI||赵^六', 'MRG|B1^^^HIS^PI'], '');
  const tryOut = (label: string, message: string) => async (page: Page) => {
    await page.getByRole('tab', { name: label }).click();
    await page.locator('textarea').first().fill(message);
    await page.locator('filmless-his-dry-run button.primary').click();
    await page.getByText('A1').filter({ visible: true }).first().waitFor();
  };

  it.each(ALL ? (['zh-CN', 'en'] as const) : (['zh-CN'] as const))(
    'fits the page, has names for everything and enough contrast, in %s',
    { timeout: 600_000 },
    async (locale) => {
      const context = await browser.newContext({ locale, viewport: { width: 1366, height: 768 } });
      await context.addInitScript((language) => {
        const { localStorage } = globalThis as unknown as { localStorage: { setItem(k: string, v: string): void } };
        localStorage.setItem('filmless.locale', JSON.stringify(language));
      }, locale);
      const page = await context.newPage();
      await signIn(page, hl7.node.url, 'admin', hl7.node.password);
      const wrong: string[] = [];
      for (const { name, path, ready, act } of screens((zh, en) => (locale === 'en' ? en : zh))) {
        await page.setViewportSize({ width: 1366, height: 768 });
        await page.goto(hl7.node.url + path);
        await page.getByText(ready).filter({ visible: true }).first().waitFor();
        await act?.(page);
        wrong.push(...(await faultsOf(page)).map((fault) => `${name}: ${fault}`));
        for (const [width, height] of SIZES) {
          await page.setViewportSize({ width, height });
          const isWide = await page.evaluate(() => {
            const { document } = globalThis as unknown as {
              document: { documentElement: { scrollWidth: number; clientWidth: number } };
            };
            return document.documentElement.scrollWidth > document.documentElement.clientWidth;
          });
          if (isWide) wrong.push(`${name}: wider than ${width}`);
          await page.screenshot({ path: join(shots, `screens-${name}-${locale}-${width}.png`) });
        }
      }
      expect(wrong).toEqual([]);
      await context.close();
    },
  );
});

/** What axe finds that keeps somebody from working. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe, document } = globalThis as unknown as {
      document: object;
      axe: {
        run(
          context: object,
          options: object,
        ): Promise<{ violations: { id: string; impact: string; nodes: { html: string; target: unknown }[] }[] }>;
      };
    };
    const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  });
}
