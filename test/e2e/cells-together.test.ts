import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mrBrain, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';
import { openViewerPage, type ViewerPage } from '../tools/viewer-page.ts';

const root = resolve(import.meta.dirname, '..', '..');
/** Limits only end what hangs: the first image comes late on a busy machine. */
const PATIENCE_MS = 300_000;
const POLL = { timeout: 120_000 };

interface Look {
  series: string;
  width: number;
  scale: number;
}

describe.skipIf(!hasChromium)('two series side by side, by hand (needs Chromium)', { timeout: PATIENCE_MS }, () => {
  let node: NodeProcess;
  let browser: Browser;
  let viewer: ViewerPage;
  let page: Page;
  let brain: PhantomInstance[];

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/sdk/filmless-engine.js')))
      throw new Error('the viewer is not built: npm run build');
    [node, browser] = await Promise.all([startNode(), launchChromium()]);
    const study = phantomStudy({ seed: 'side by side', StudyDescription: '头颅MR平扫' });
    brain = await storePhantoms(node, mrBrain({ size: 128, count: 8, study }));
  }, PATIENCE_MS);
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  beforeEach(async () => {
    await page?.context().close();
    viewer = await openViewerPage(browser, node);
    page = viewer.page;
    await viewer.open(brain[0]?.StudyInstanceUID ?? '');
    await layout('1 × 2');
    await expect.poll(() => cells().count(), POLL).toBe(2);
    await expect.poll(async () => (await look(1)).scale, POLL).toBeGreaterThan(0);
    await image(0).click();
  }, PATIENCE_MS);

  const cells = () => page.locator('filmless-viewer-cell');
  const image = (cell: number) => page.locator('filmless-viewer [part="image"]').nth(cell);
  async function layout(name: string): Promise<void> {
    await page.locator('filmless-viewer-toolbar .tool.layout').click();
    await page.getByRole('menuitemradio', { name }).click();
  }
  /** What a cell shows. */
  const look = (index: number): Promise<Look> =>
    cells()
      .nth(index)
      .evaluate((element) => {
        const { cell } = element as unknown as {
          cell: { series?: { SeriesInstanceUID: string }; view?: { window: { width: number }; scale: number } };
        };
        return {
          series: cell.series?.SeriesInstanceUID ?? '',
          width: cell.view?.window.width ?? 0,
          scale: cell.view?.scale ?? 0,
        };
      });
  async function drag(cell: number, x: number, y: number): Promise<void> {
    const box = await image(cell).boundingBox();
    if (!box) throw new Error('no such cell');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + x, box.y + box.height / 2 + y, { steps: 4 });
    await page.mouse.up();
  }
  /** An entry of the menu at the end of the toolbar, or its button where there is room for it. */
  async function menu(id: string): Promise<void> {
    const entry = page.locator(`filmless-viewer-toolbar [data-id="${id}"]`);
    if (!(await entry.isVisible())) await page.locator('filmless-viewer-toolbar .tool.more').click();
    await entry.click();
  }

  it('drags the window of one image alone, or of all together', async () => {
    await page.keyboard.press('w');
    const [first, second] = [await look(0), await look(1)];
    await drag(0, 60, 0);
    await expect.poll(async () => (await look(0)).width, POLL).toBeGreaterThan(first.width);
    expect(await look(1)).toEqual(second);
    const alone = await look(0);
    await menu('windowAll');
    await drag(0, 60, 0);
    await expect.poll(async () => (await look(0)).width, POLL).toBeGreaterThan(alone.width);
    await expect.poll(async () => (await look(1)).width, POLL).toBeGreaterThan(second.width);
    // Each keeps its own width: both were dragged as far.
    expect((await look(1)).width).not.toBe((await look(0)).width);
  });

  it('gives the other image the window of the one that is worked on', async () => {
    await page.keyboard.press('w');
    await menu('sync-window');
    const before = await look(0);
    await drag(0, 60, 0);
    await expect.poll(async () => (await look(0)).width, POLL).toBeGreaterThan(before.width);
    await expect.poll(async () => (await look(1)).width - (await look(0)).width, POLL).toBe(0);
    const { width } = await look(1);
    // The other way round, from the cell that is worked on then.
    await image(1).click();
    await drag(1, 40, 0);
    await expect.poll(async () => (await look(1)).width, POLL).toBeGreaterThan(width);
    await expect.poll(async () => (await look(1)).width - (await look(0)).width, POLL).toBe(0);
    await menu('sync-window');
    const wider = (await look(0)).width;
    await drag(1, 40, 0);
    await expect.poll(async () => (await look(1)).width, POLL).toBeGreaterThan(wider);
    expect((await look(0)).width).toBe(wider);
  });

  it('magnifies both together', async () => {
    await page.keyboard.press('z');
    const [first, second] = [await look(0), await look(1)];
    await drag(0, 0, -60);
    await expect.poll(async () => (await look(0)).scale, POLL).toBeGreaterThan(first.scale);
    expect((await look(1)).scale).toBe(second.scale);
    const alone = await look(0);
    await menu('sync-zoom');
    await drag(0, 0, -60);
    await expect.poll(async () => (await look(0)).scale, POLL).toBeGreaterThan(alone.scale);
    // A millimetre is as long in both: their pixels are of one size.
    const ratio = async () => {
      await drag(0, 0, -2);
      return (await look(1)).scale / (await look(0)).scale;
    };
    await expect.poll(ratio, POLL).toBeCloseTo(1, 1);
    expect((await look(1)).scale).toBeGreaterThan(second.scale);
  });

  it('lays the study out by a protocol that is chosen', async () => {
    await layout('1 × 1');
    await expect.poll(() => cells().count(), POLL).toBe(1);
    await menu('hanging');
    const protocol = page.locator('filmless-hanging-list button.apply[data-id="mr-brain"]');
    await protocol.click();
    await expect.poll(() => protocol.getAttribute('aria-pressed'), POLL).toBe('true');
    await expect.poll(() => cells().count(), POLL).toBe(2);
    const [axial, sagittal] = [brain[0]?.SeriesInstanceUID, brain.at(-1)?.SeriesInstanceUID];
    await expect.poll(async () => [(await look(0)).series, (await look(1)).series], POLL).toEqual([axial, sagittal]);
  });
});
