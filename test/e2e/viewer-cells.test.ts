import { ctSlices, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, recordViewerEvents, viewerEvents } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const SLICES = 8;
const { zhangJianguo, liXiuying } = PHANTOM_PATIENTS;

/** As the node's own pages have them: only windows of one opener policy may speak with each other. */
const PAGE_HEADERS = { 'content-type': 'text/html', 'cross-origin-opener-policy': 'same-origin' };
/** In the page: the addresses of the engines that it has loaded. */
const ENGINES =
  "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /filmless-engine/.test(name))";
/** Decoded: two bytes a pixel. */
const SLICE_BYTES = 128 * 128 * 2;

describe.skipIf(!hasChromium)('cells of the viewer (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let chest: PhantomInstance[];
  let head: PhantomInstance[];

  beforeAll(async () => {
    node = await startNode();
    const series = (seed: string, patient: typeof zhangJianguo, SeriesNumber: number, SeriesDescription: string) =>
      storePhantoms(
        node,
        ctSlices({
          count: SLICES,
          rows: 128,
          SeriesNumber,
          SeriesDescription,
          study: phantomStudy({ seed, patient, AccessionNumber: `CELLS-${seed}` }),
        }),
      );
    chest = [
      ...(await series('zhang', zhangJianguo, 2, '纵隔窗')),
      ...(await series('zhang', zhangJianguo, 3, '肺窗')),
    ];
    head = await series('li', liXiuying, 2, '头颅');
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  const uid = (study: PhantomInstance[]): string => study[0]?.StudyInstanceUID ?? '';

  async function open(body: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    await context.request.post(`${node.url}/api/sessions`, { data: { user: 'admin', password: node.password } });
    const page = await context.newPage();
    await recordViewerEvents(page);
    const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
      <style>html,body{margin:0;height:100%}</style>${body}<script type="module" src="/sdk/filmless-viewer.js"></script>`;
    await page.route('**/cells-page', (route) => route.fulfill({ headers: PAGE_HEADERS, body: html }));
    await page.goto(`${node.url}/cells-page`);
    return page;
  }
  const viewer = (study: PhantomInstance[], more = ''): string =>
    `<filmless-viewer study="${uid(study)}" locale="zh-CN" ${more}></filmless-viewer>`;
  const image = (page: Page, cell: number): Locator => page.locator('filmless-viewer [part="image"]').nth(cell);
  const thumbnail = (page: Page, index: number): Locator => page.locator('filmless-viewer .series').nth(index);
  const changes = async (page: Page) =>
    (await viewerEvents(page)).filter(({ type }) => type === 'filmless-image-change').map(({ detail }) => detail);
  const seriesShown = async (page: Page) => new Set((await changes(page)).map((detail) => detail['SeriesInstanceUID']));

  /** How many decoded slices the page keeps. */
  const slices = async (page: Page): Promise<number> =>
    Number(await page.evaluate(`import(${ENGINES}[0]).then((engine) => engine.memory().bytes)`)) / SLICE_BYTES;

  it('takes a series that is dragged into a cell, and works on the cell that was chosen', async () => {
    const page = await open(viewer(chest, 'layout="1x2"'));
    await expect.poll(() => changes(page).then(({ length }) => length)).toBeGreaterThan(0);
    await expect.poll(() => thumbnail(page, 1).count()).toBe(1);
    const [shown] = await seriesShown(page);
    const other = shown === chest[0]?.SeriesInstanceUID ? 1 : 0;
    await thumbnail(page, other).dragTo(image(page, 1));
    await expect.poll(() => seriesShown(page).then(({ size }) => size)).toBe(2);
    await image(page, 1)
      .getByText(other === 1 ? '肺窗' : '纵隔窗')
      .first()
      .waitFor();
    const [left, right] = [await image(page, 0).screenshot(), await image(page, 1).screenshot()];
    await page.keyboard.press('i');
    await expect.poll(async () => (await image(page, 1).screenshot()).equals(right)).toBe(false);
    await image(page, 0).hover();
    await expect.poll(async () => (await image(page, 0).screenshot()).equals(left)).toBe(true);
    await image(page, 0).click();
    const seen = (await changes(page)).length;
    await page.keyboard.press('End');
    await expect.poll(() => changes(page).then(({ length }) => length)).toBeGreaterThan(seen);
    expect((await changes(page)).at(-1)).toMatchObject({ SeriesInstanceUID: shown, index: SLICES - 1 });
    await page.context().close();
  });

  it('changes the layout by the chooser, shows one cell alone and all again', async () => {
    const page = await open(viewer(chest));
    await page.locator('filmless-viewer .tool.layout').click();
    await page.getByRole('menuitemradio', { name: '2 行 × 2 列' }).click();
    await expect.poll(() => page.locator('filmless-viewer [part="image"]').count()).toBe(4);
    await expect.poll(() => seriesShown(page).then(({ size }) => size)).toBe(2);
    const size = async (cell: number) => (await image(page, cell).boundingBox())?.width ?? 0;
    const small = await size(0);
    await image(page, 0).dblclick();
    await expect.poll(() => size(0)).toBeGreaterThan(small * 1.8);
    expect(await image(page, 1).isVisible()).toBe(false);
    await image(page, 0).dblclick();
    await expect.poll(() => size(0)).toBe(small);
    expect(await image(page, 1).isVisible()).toBe(true);
    await page.context().close();
  });

  it('is moved in the document without loading anything again', async () => {
    const page = await open(`<main style="height:50%"></main>${viewer(chest)}`);
    await expect.poll(() => changes(page).then(({ length }) => length)).toBeGreaterThan(0);
    await expect.poll(() => slices(page)).toBe(SLICES);
    // The tools and the pictures of the series come after the images.
    await expect.poll(() => page.locator('filmless-viewer .series img').count()).toBe(2);
    await page.waitForLoadState('networkidle');
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.evaluate("document.querySelector('main').append(document.querySelector('filmless-viewer'))");
    const seen = (await changes(page)).length;
    await image(page, 0).hover();
    await page.mouse.wheel(0, 100);
    await expect.poll(() => changes(page).then(({ length }) => length)).toBeGreaterThan(seen);
    expect(requests.filter((url) => url.includes('/dicom-web'))).toEqual([]);
    await page.context().close();
  });

  it('shares one engine between two elements, and frees what one held when it goes', async () => {
    const half = 'style="height:50%"';
    const page = await open(`${viewer(chest, half)}${viewer(head, half)}`);
    await expect.poll(() => seriesShown(page).then(({ size }) => size)).toBe(2);
    expect(await page.evaluate(`${ENGINES}.length`)).toBe(1);
    await expect.poll(() => slices(page)).toBe(chest.length / 2 + head.length);
    await page.evaluate("document.querySelector('filmless-viewer').remove()");
    await expect.poll(() => slices(page)).toBe(head.length);
    await page.context().close();
  });

  it('keeps no more than it may, and never gives up what is on the screen', async () => {
    const MOST = 4;
    const page = await open(`<script type="module">
      const { FilmlessViewer } = await import('/sdk/filmless-viewer.js');
      FilmlessViewer.cacheMegabytes = ${(MOST * SLICE_BYTES) / 2 ** 20};
      document.body.innerHTML = '${viewer(chest, 'layout="1x2"')}';
    </script>`);
    await expect.poll(() => changes(page).then(({ length }) => length)).toBeGreaterThan(0);
    const first = (await changes(page))[0]?.['SeriesInstanceUID'];
    const other = first === chest[0]?.SeriesInstanceUID ? 1 : 0;
    await thumbnail(page, other).dragTo(image(page, 1));
    await expect.poll(() => seriesShown(page).then(({ size }) => size)).toBe(2);
    await page.keyboard.press('Home');
    const last = async () => (await changes(page)).at(-1)?.['index'];
    for (let index = 1; index < SLICES; index += 1) {
      await page.keyboard.press('ArrowDown');
      await expect.poll(last).toBe(index);
      expect(await slices(page)).toBeLessThanOrEqual(MOST);
    }
    const kept = await page.locator('filmless-viewer-cell').evaluateAll((elements) =>
      elements.map((element) => {
        const { cell } = element as unknown as { cell: { view: { index: number }; pixels(): object | undefined } };
        return [cell.view.index, cell.pixels() !== undefined];
      }),
    );
    expect(kept).toEqual([
      [expect.any(Number), true],
      [SLICES - 1, true],
    ]);
    await page.context().close();
  });

  it('shows the same patient in a second window, and nobody when the viewer goes on to another', async () => {
    const page = await open(viewer(chest));
    await expect.poll(() => changes(page).then(({ length }) => length)).toBeGreaterThan(0);
    await page.locator('filmless-viewer .tool.more').click();
    const opening = page.waitForEvent('popup');
    await page.getByRole('menuitem', { name: '副屏窗口' }).click();
    const second = await opening;
    expect(new URL(second.url()).search).toBe('');
    await second.locator('filmless-viewer .banner').getByText('张建国').waitFor();
    await page.evaluate(`document.querySelector('filmless-viewer').setAttribute('study', '${uid(head)}')`);
    await second.getByText('主窗口已关闭').waitFor();
    expect(await second.locator('filmless-viewer').count()).toBe(0);
    expect(await second.getByText('张建国').count()).toBe(0);
    await page.context().close();
  });

  it('is not served to whoever opens the second window alone', async () => {
    const page = await open('');
    await page.goto(`${node.url}/sdk/window.html`);
    await page.getByText(/影像浏览器|from the viewer/).waitFor();
    expect(await page.locator('filmless-viewer').count()).toBe(0);
    await page.context().close();
  });
});
