import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ctSlices, mrBrain, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, signIn } from '../tools/browser.ts';
import { hasDcmtk } from '../tools/dcmtk.ts';
import { forwardingOf } from '../tools/forwarding-client.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { type StorageReceiver, startStorageReceiver } from '../tools/storage-receiver.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const SIZES = [
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
];

describe.skipIf(!hasChromium || !hasDcmtk)(
  'the screen of forwarding (needs Chromium and DCMTK)',
  { timeout: 180_000 },
  () => {
    let node: NodeProcess;
    let receiver: StorageReceiver;
    let browser: Browser;

    beforeAll(async () => {
      if (!existsSync(join(root, 'dist/plugins/forwarding/ui.js')))
        throw new Error('the web parts are not built: npm run build');
      await mkdir(shots, { recursive: true });
      receiver = await startStorageReceiver({ aeTitle: 'PACS2' });
      const device = { address: '127.0.0.1' };
      const devices = [
        { ...device, aeTitle: 'PACS2', port: receiver.port, title: '区域影像中心' },
        { ...device, aeTitle: 'CLINIC', port: await freePort(), title: '协作医院' },
      ];
      node = await startNode({ config: { plugins: { dimse: { devices } } } });
      browser = await launchChromium();
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await node?.stop();
      await node?.remove();
      await receiver?.stop();
    });

    const open = async (locale: string): Promise<Page> => {
      const page = await (await browser.newContext({ viewport: SIZES[0] ?? null })).newPage();
      await page.addInitScript((language) => {
        const { localStorage } = globalThis as unknown as { localStorage: { setItem(k: string, v: string): void } };
        localStorage.setItem('filmless.locale', JSON.stringify(language));
      }, locale);
      await signIn(page, node.url, 'admin', node.password);
      await page.goto(`${node.url}/screens/filmless-forwarding`);
      await page.locator('filmless-forwarding').waitFor();
      return page;
    };
    const shoot = async (page: Page, name: string) => {
      for (const size of SIZES) {
        await page.setViewportSize(size);
        await page.screenshot({ path: join(shots, `forwarding-${name}-${size.width}.png`) });
      }
      await page.setViewportSize(SIZES[0] ?? { width: 1366, height: 768 });
    };

    it('makes a rule after a trial, and shows what it sent', async () => {
      await storePhantoms(node, ctSlices({ study: phantomStudy({ seed: 'tried' }), count: 4, rows: 64 }));
      const page = await open('zh-CN');
      await page.getByText('还没有转发过检查').waitFor();
      await page.getByRole('tab', { name: '规则' }).click();
      await page.getByText('还没有规则').waitFor();
      await page.getByRole('button', { name: '新建规则' }).click();
      const editor = page.locator('filmless-forwarding-rule-editor');
      await editor.getByLabel('规则').fill('CT 送区域中心');
      await editor.getByLabel('目的地').selectOption('dimse:PACS2');
      await editor.getByLabel('设备类型').fill('ct');
      await editor.getByRole('button', { name: '添加属性条件' }).click();
      await editor.getByLabel('属性', { exact: true }).fill('NoSuchThing');
      await editor.getByLabel('值', { exact: true }).fill('*CT*');
      await editor.getByRole('button', { name: '试算' }).click();
      await editor.getByRole('alert').waitFor();
      await editor.getByRole('button', { name: '删除' }).click();
      await editor.getByRole('button', { name: '试算' }).click();
      await editor.getByText('最近 4 幅图像中，4 幅（1 个检查）符合此规则').waitFor();
      await shoot(page, 'rule-zh');
      await editor.getByRole('button', { name: '保存' }).click();
      await page.getByText('已保存').waitFor();
      await storePhantoms(node, ctSlices({ study: phantomStudy({ seed: 'sent' }), count: 5, rows: 64 }));
      await page.getByRole('tab', { name: '检查' }).click();
      await page.getByText('5 / 5').waitFor();
      await page.getByText('✓ 完整').waitFor();
      expect((await receiver.received()).size).toBe(5);
      await page.context().close();
    });

    it('says where it goes wrong, and what to do', async () => {
      const forwarding = forwardingOf(node);
      await forwarding.putServer('region', { url: 'https://127.0.0.1:9/dicom-web', authorization: { kind: 'none' } });
      await forwarding.save([
        { id: 'ct', destination: 'dimse:PACS2', when: { modalities: ['CT'] } },
        {
          id: 'mr',
          destination: 'dimse:CLINIC',
          when: { modalities: ['MR'], attributes: [{ attribute: 'SliceThickness', from: 1, to: 10 }] },
        },
        { id: 'paused', destination: 'stow:region', paused: true },
      ]);
      await storePhantoms(node, mrBrain({ study: phantomStudy({ seed: 'waits' }), count: 3 }));
      const page = await open('en');
      await page.getByText('the rule is paused').first().waitFor();
      await shoot(page, 'studies-en');
      await page.getByRole('tab', { name: 'Rules' }).click();
      await page.getByText('Paused').first().waitFor();
      await page.getByRole('button', { name: 'Remove' }).nth(2).click();
      await page.getByRole('alertdialog').waitFor();
      await shoot(page, 'rules-en');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('tab', { name: 'Destinations' }).click();
      await page.getByText('Cannot be reached').first().waitFor();
      await page.getByRole('button', { name: 'Test' }).nth(1).click();
      await page.getByText('Answers').waitFor();
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByLabel('Authentication').selectOption('basic');
      await shoot(page, 'destinations-en');
      await page.context().close();
      const chinese = await open('zh-CN');
      await chinese.getByText('规则已暂停').first().waitFor();
      await shoot(chinese, 'studies-zh');
      await chinese.getByRole('tab', { name: '目的地' }).click();
      await chinese.getByText('无法连接').first().waitFor();
      await shoot(chinese, 'destinations-zh');
      await chinese.context().close();
    });
  },
);
