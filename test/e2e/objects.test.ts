import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ctSlices,
  ecgRecording,
  encapsulatedPdf,
  keyObjectSelection,
  type PhantomInstance,
  phantomStudy,
  presentationState,
  rawData,
  segmentation,
  structuredReport,
  structureSet,
  wholeSlide,
} from '@filmless/core/phantoms';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasChromium,
  launchChromium,
  recordViewerEvents,
  signIn,
  viewerEvents,
  waitForViewerEvent,
} from '../tools/browser.ts';
import { corpusFolder } from '../tools/corpus.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const study = phantomStudy({ seed: 'e2e-objects', AccessionNumber: 'E2EOBJ1', StudyDescription: '胸部CT' });

describe.skipIf(!hasChromium)('everything a study holds is shown (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let page: Page;
  let slices: PhantomInstance[];

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/plugins/ecg/ui.js')))
      throw new Error('the web parts are not built: npm run build');
    mkdirSync(shots, { recursive: true });
    const plugins = ['examples/viewer-plugin/index.ts', 'test/tools/broken-viewer-plugin/index.ts'];
    node = await startNode({ config: { pluginModules: plugins.map((path) => join(root, path)) } });
    slices = await storePhantoms(node, ctSlices({ study, count: 5, rows: 128 }));
    const [, second, third, fourth] = slices as [PhantomInstance, PhantomInstance, PhantomInstance, PhantomInstance];
    const objects = [
      structuredReport(study, [second]),
      keyObjectSelection(study, [second, fourth]),
      encapsulatedPdf(study),
      await segmentation(study, [second, third, fourth]),
      await structureSet(study, [second, third, fourth]),
      await presentationState(study, [third]),
      ecgRecording(study),
      rawData(study),
    ];
    await storePhantoms(
      node,
      (async function* () {
        yield* objects;
        yield* wholeSlide(study);
      })(),
    );
    browser = await launchChromium();
    page = await (await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' })).newPage();
    await recordViewerEvents(page);
    await signIn(page, node.url, 'admin', node.password);
    await page.goto(`${node.url}/studies/${second.StudyInstanceUID}`);
    await waitForViewerEvent(page, 'filmless-image-change');
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  const shot = (name: string) => page.screenshot({ path: join(shots, `object-${name}.png`) });
  /** Opens a series by what its thumbnail says. */
  const open = (description: string): Promise<void> =>
    page.locator('filmless-viewer-thumbnails button.series').filter({ hasText: description }).click();
  const surface = (): Locator => page.locator('.object-surface');
  const shownInstance = async (seen: number): Promise<unknown> =>
    (await waitForViewerEvent(page, 'filmless-image-change', seen)).detail['SOPInstanceUID'];
  const seenEvents = async (): Promise<number> => (await viewerEvents(page)).length;

  it('names a plugin whose viewer part failed, and goes on without it', async () => {
    await page.getByText('插件“损坏的插件”未能加载').waitFor();
    expect((await node.fetch('/api/ui')).status).toBe(200);
    expect(await (await node.fetch('/api/ui')).text()).not.toContain(root);
  });

  it("draws with a plugin's tool, and reads the plugin's panel", async () => {
    await page.locator('filmless-viewer-toolbar').getByRole('button', { name: '更多' }).click();
    await page.locator('filmless-viewer-toolbar').getByText('心胸比').click();
    const box = await page.locator('filmless-viewer [part="image"]').first().boundingBox();
    if (!box) throw new Error('no image area');
    const drag = async (fromX: number, toX: number, y: number) => {
      await page.mouse.move(box.x + fromX, box.y + y);
      await page.mouse.down();
      await page.mouse.move(box.x + toX, box.y + y, { steps: 4 });
      await page.mouse.up();
    };
    await drag(300, 400, 300);
    const panel = page.locator('filmless-viewer').getByText(/^心影横径 \d+ 像素$/);
    await panel.waitFor();
    await drag(250, 450, 340);
    // The panel has opened beside the images and changed their size: a third line begins anew.
    await drag(300, 400, 300);
    await drag(250, 450, 340);
    await page.locator('filmless-viewer').getByText('心胸比 0.50').waitFor();
    expect(await page.locator('filmless-viewer [data-layer="cardiothoracic-ratio"] line').count()).toBe(2);
    await shot('plugin-tool');
  });

  it('reads a structured report, and jumps to its image', async () => {
    await open('结构化报告');
    await surface().getByText('右肺上叶见一实性结节').waitFor();
    await surface().getByRole('heading', { name: '影像测量报告' }).waitFor();
    expect(await surface().locator('script').count()).toBe(0);
    expect(await surface().locator('tbody tr').count()).toBe(2);
    await shot('report');
    const seen = await seenEvents();
    await surface().locator('button[data-instance]').click();
    expect(await shownInstance(seen)).toBe(slices[1]?.SOPInstanceUID);
  });

  it('shows key images, and jumps to one', async () => {
    await open('关键图像');
    await surface().getByText('右上叶结节').waitFor();
    await expect.poll(() => surface().locator('.picture img').count()).toBe(2);
    await shot('key-images');
    const seen = await seenEvents();
    await surface().locator('button[data-instance]').nth(1).click();
    expect(await shownInstance(seen)).toBe(slices[3]?.SOPInstanceUID);
  });

  it('reads a PDF in Chinese, finds in it, and draws its pages', async () => {
    await open('PDF 报告');
    await surface().locator('.textLayer').getByText('胸部CT检查报告').waitFor();
    const find = surface().getByRole('searchbox');
    await find.fill('诊断印象');
    await surface().getByText('第 1 处，共 1 处').waitFor();
    await find.fill('没有这句话');
    await surface().getByText('未找到').waitFor();
    const dark = () =>
      surface()
        .locator('.page canvas')
        .first()
        .evaluate((canvas) => {
          const { width, height } = canvas as unknown as { width: number; height: number };
          const context = (
            canvas as unknown as {
              getContext(kind: string): {
                getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
              };
            }
          ).getContext('2d');
          return context.getImageData(0, 0, width, height).data.filter((value, index) => index % 4 === 0 && value < 100)
            .length;
        });
    // Text was drawn: the font that is not in the file was found all the same.
    await expect.poll(dark).toBeGreaterThan(100);
    await shot('pdf');
  });

  it('lays a segmentation over its images, in the middle of the segment', async () => {
    const seen = await seenEvents();
    await open('结节分割');
    expect(await shownInstance(seen)).toBe(slices[2]?.SOPInstanceUID);
    const mask = page.locator('filmless-viewer g[data-overlay] image');
    await mask.waitFor({ state: 'attached' });
    await shot('segmentation');
    await page.locator('.overlay-panel').getByRole('checkbox').first().uncheck();
    await expect.poll(() => mask.count()).toBe(0);
    await page.locator('.overlay-panel').getByRole('checkbox').first().check();
    await expect.poll(() => mask.count()).toBe(1);
    // The disc is round the middle of the image, a quarter of its width.
    const [box, area] = [
      await mask.boundingBox(),
      await page.locator('filmless-viewer [part="image"]').first().boundingBox(),
    ];
    if (!box || !area) throw new Error('nothing is drawn');
    expect(Math.abs(box.x + box.width / 2 - (area.x + area.width / 2))).toBeLessThan(2);
    expect(Math.abs(box.width - box.height)).toBeLessThan(1);
  });

  it('draws the outlines of a structure set', async () => {
    await open('放疗结构');
    const outline = page.locator('filmless-viewer g[data-overlay] path[fill="#ff4040"]');
    await outline.waitFor({ state: 'attached' });
    await shot('structures');
    const middle = await page.locator('filmless-viewer g[data-overlay] image').boundingBox();
    const box = await outline.boundingBox();
    if (!box || !middle) throw new Error('nothing is drawn');
    // The same disc, once as pixels and once as an outline.
    expect(Math.abs(box.x + box.width / 2 - (middle.x + middle.width / 2))).toBeLessThan(3);
    expect(Math.abs(box.width - middle.width)).toBeLessThan((middle.width / 32) * 2);
  });

  it('applies a presentation state: window, orientation, marks; and takes it away', async () => {
    await open('显示状态');
    await surface().locator('.apply').click();
    const marks = page.locator('filmless-viewer g.annotation');
    await marks.getByText('结节 15 mm').waitFor({ state: 'attached' });
    const overlay = page.locator('filmless-viewer-overlay').first();
    await overlay.getByText(/1200/).first().waitFor();
    await shot('presentation');
    await page.getByRole('radio', { name: '原始显示' }).check();
    await expect.poll(() => marks.count()).toBe(0);
  });

  it('draws an ECG by the plugin, and measures on it', async () => {
    await open('12导联心电图');
    const ecg = page.locator('.ecg-surface');
    const sheet = ecg.locator('svg.sheet');
    await sheet.waitFor();
    for (const text of ['窦性心律', 'RR 间期', '75 bpm', '0.05–150 Hz']) await ecg.getByText(text).first().waitFor();
    expect(await sheet.locator('.trace').count()).toBe(13);
    const box = await sheet.boundingBox();
    const width = Number((await sheet.getAttribute('viewBox'))?.split(' ')[2]);
    if (!box || !width) throw new Error('no sheet');
    const pixelsPerMm = box.width / width;
    await page.mouse.move(box.x + 100, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 100 + 20 * pixelsPerMm, box.y + 40, { steps: 4 });
    await page.mouse.up();
    // 20 mm at 25 mm/s.
    await sheet
      .locator('.caliper')
      .getByText(/^800 ms \(75 bpm\)/)
      .waitFor();
    await shot('ecg');
  });

  it('moves about a whole slide', async () => {
    await open('全切片病理');
    const slide = surface().locator('canvas.slide');
    await slide.waitFor();
    await surface().getByText('3 级，1000 × 700 像素').waitFor();
    const colour = (x: number, y: number) =>
      slide.evaluate(
        (element, [atX, atY]) => {
          const canvas = element as unknown as {
            width: number;
            height: number;
            getContext(kind: string): {
              getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
            };
          };
          const at = [Math.floor(canvas.width * (atX ?? 0)), Math.floor(canvas.height * (atY ?? 0))] as const;
          return [...canvas.getContext('2d').getImageData(at[0], at[1], 1, 1).data.slice(0, 3)].join();
        },
        [x, y],
      );
    await expect.poll(() => colour(0.5, 0.5)).toMatch(/^(226,150,190|92,60,140)$/);
    await shot('slide');
    // What pads the last tiles is green in the file: none of it is drawn.
    const green = await slide.evaluate((element) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext(kind: string): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
        };
      };
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if ((data[at + 1] ?? 0) > 200 && (data[at] ?? 0) < 100) count += 1;
      return count;
    });
    expect(green).toBe(0);
    const power = surface().locator('.zoom');
    const before = await power.textContent();
    await slide.hover();
    await page.mouse.wheel(0, -240);
    await expect.poll(() => power.textContent()).not.toBe(before);
    await surface().getByRole('button', { name: /1:1/ }).click();
    await expect.poll(() => power.textContent()).toBe('20×');
    await slide.focus();
    for (let press = 0; press < 8; press += 1) await page.keyboard.press('ArrowLeft');
    // Glass at the left edge of the slide, at the full resolution.
    await expect.poll(() => colour(0.52, 0.2)).toBe('244,242,245');
  });

  it('says what cannot be shown, by name, and hands it out', async () => {
    await open('原始数据');
    await surface().getByText('暂不能在此显示原始数据').waitFor();
    const download = page.waitForEvent('download');
    await surface().getByRole('button', { name: '下载' }).click();
    expect((await download).suggestedFilename()).toMatch(/^[\d.]+\.dcm$/);
    await shot('other');
  });

  it.skipIf(!corpusFolder)('plays a video frame by frame', async () => {
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(join(corpusFolder ?? '', 'derived/video/h264-high41.dcm'));
    const stored = await node.fetch('/api/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/dicom' },
      body: new Blob([bytes]),
    });
    expect(stored.ok).toBe(true);
    await page.goto(`${node.url}/studies/1.2.826.0.1.3680043.10.1357.103.66`);
    const video = surface().locator('video');
    await surface().getByText('第 1 / 40 帧').waitFor();
    await surface()
      .getByRole('button', { name: /下一帧/ })
      .click();
    await surface().getByText('第 2 / 40 帧').waitFor();
    expect(await video.evaluate((element) => (element as unknown as { videoWidth: number }).videoWidth)).toBe(600);
    await shot('video');
  });

  it('offers ECGs for download where the plugin is switched off', async () => {
    expect((await node.fetch('/api/plugins/ecg/disable', { method: 'POST' })).status).toBe(200);
    expect((await node.fetch('/plugins/ecg/ui.js')).status).toBe(404);
    await page.goto(`${node.url}/studies/${slices[0]?.StudyInstanceUID}`);
    await waitForViewerEvent(page, 'filmless-image-change');
    await open('12导联心电图');
    await surface().getByText('暂不能在此显示12 导联心电图').waitFor();
    expect(await page.locator('.ecg-surface').count()).toBe(0);
  });
});
