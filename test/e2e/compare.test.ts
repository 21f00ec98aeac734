import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ctGeometry,
  ctSlices,
  MG_VIEWS,
  mgFourView,
  mrBrain,
  type PhantomInstance,
  type PhantomStudy,
  phantomStudy,
} from '@filmless/core/phantoms';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, recordViewerEvents } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const patient = {
  PatientID: 'CMP-1',
  PatientName: { Alphabetic: 'Wang^Fang', Ideographic: '王^芳' },
  PatientSex: 'F' as const,
  PatientBirthDate: '19660214',
};
const study = (seed: string, StudyDate: string, values: Partial<PhantomStudy> = {}): PhantomStudy =>
  phantomStudy({ seed: `compare-${seed}`, patient, StudyDate, AccessionNumber: `CMP${seed}`, ...values });

/** What a frame's place in the patient is told by. */
interface Placed {
  position: number[];
  spacing: number;
  size: number;
}

describe.skipIf(!hasChromium)('comparing in a browser (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let page: Page;
  let mr: PhantomInstance[];
  let ct: PhantomInstance[];
  let before: PhantomInstance[];
  let someoneElse: PhantomInstance[];
  let mg: PhantomInstance[];
  /** Where the slices of the two series of the CT lie, 16 mm and 40 mm apart. */
  const thin = ctGeometry({ count: 20 }).sliceZMm;
  const thick = ctGeometry({ count: 8 }).sliceZMm;

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/sdk/filmless-viewer.js'))) throw new Error('the SDK is not built: npm run build');
    mkdirSync(shots, { recursive: true });
    node = await startNode();
    mr = await storePhantoms(
      node,
      mrBrain({ study: study('mr', '20260105', { StudyDescription: '头颅MR平扫' }), size: 128, count: 12 }),
    );
    const chest = study('ct', '20260102', { StudyDescription: '胸部CT平扫' });
    ct = [
      ...(await storePhantoms(node, ctSlices({ study: chest, count: 20, rows: 64 }))),
      ...(await storePhantoms(
        node,
        ctSlices({ study: chest, count: 8, rows: 64, SeriesNumber: 3, SeriesDescription: '胸部 40mm 肺窗' }),
      )),
    ];
    const earlier = study('ct-before', '20240301', { StudyDescription: '胸部CT平扫' });
    before = await storePhantoms(node, ctSlices({ study: earlier, count: 10, rows: 64 }));
    const other = { ...patient, PatientName: { Alphabetic: 'Wang^Fen', Ideographic: '王^芬' } };
    someoneElse = await storePhantoms(
      node,
      ctSlices({ study: study('other', '20250101', { patient: other }), count: 2, rows: 64 }),
    );
    mg = await storePhantoms(
      node,
      mgFourView({
        study: study('mg', '20251201', { StudyDescription: '双乳钼靶摄影' }),
        rows: 416,
        mirrored: ['LMLO'],
      }),
    );
    browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
    page = await context.newPage();
    await recordViewerEvents(page);
    const body =
      '<!doctype html><html lang="zh-CN"><body style="margin:0;block-size:100vh;display:flex"><script type="module" src="/sdk/filmless-viewer.js"></script></body></html>';
    await page.route('**/compare-page', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }));
    const signedIn = await context.request.post(`${node.url}/api/sessions`, {
      data: { user: 'admin', password: node.password },
    });
    expect(signedIn.status()).toBe(201);
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });
  beforeEach(async () => {
    await page.goto(`${node.url}/compare-page`);
  });

  /** Puts an element on the page. */
  const put = (name: string, attributes: Record<string, string>, style: string) =>
    page.locator('body').evaluate(
      (body, [tag, given, css]) => {
        const { ownerDocument } = body as unknown as {
          ownerDocument: { createElement(tag: string): { setAttribute(name: string, value: string): void } };
        };
        const element = ownerDocument.createElement(tag);
        for (const [key, value] of Object.entries({ ...given, style: css })) element.setAttribute(key, value);
        (body as unknown as { append(child: unknown): void }).append(element);
      },
      [name, attributes, style] as const,
    );
  const open = (attributes: Record<string, string>) => put('filmless-viewer', attributes, 'flex:1;block-size:100%');
  const uid = (instances: readonly PhantomInstance[]) => instances[0]?.StudyInstanceUID ?? '';
  const cell = (index: number): Locator => page.locator('filmless-viewer-cell').nth(index);
  const shot = (name: string) => page.screenshot({ path: join(shots, `${name}.png`) });
  /** What a cell has on the screen. */
  const shown = (index: number) =>
    cell(index).evaluate((element) => {
      const { view } = (
        element as unknown as {
          cell: { view?: { frame: Record<string, string>; toScreen: Record<string, number>; scale: number } };
        }
      ).cell;
      return view
        ? {
            instance: view.frame['SOPInstanceUID'] ?? '',
            series: view.frame['SeriesInstanceUID'] ?? '',
            study: view.frame['StudyInstanceUID'] ?? '',
          }
        : undefined;
    });
  const seriesButton = (text: string) =>
    page.locator('filmless-viewer-thumbnails button.series').filter({ hasText: text });
  const command = (id: string) => page.locator(`filmless-viewer-toolbar [data-id="${id}"]`).click();
  const placedOf = async (index: number): Promise<Placed> => {
    const at = await shown(index);
    const answer = await node.fetch(
      `/dicom-web/studies/${at?.study}/series/${at?.series}/instances/${at?.instance}/metadata`,
    );
    const [dataset] = (await answer.json()) as Record<string, { Value?: number[] }>[];
    const value = (tag: string) => dataset?.[tag]?.Value ?? [];
    return { position: value('00200032'), spacing: value('00280030')[0] ?? 0, size: value('00280010')[0] ?? 0 };
  };

  describe.each([
    ['WebGL', { 'force-webgl': '' }],
    ['the processor', { 'no-webgl': '' }],
  ])('drawing on %s', (how, attributes) => {
    it('draws the active slice across the other plane, to the pixel', async () => {
      await open({ study: uid(mr), layout: '1x2', ...attributes });
      await expect.poll(() => shown(0)).toBeDefined();
      await cell(1).click();
      await seriesButton('矢状位').click();
      await expect.poll(async () => (await shown(1))?.series).toBe(mr.at(-1)?.SeriesInstanceUID);
      await cell(0).click();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
      const axial = async () => (await placedOf(0)).position[2] ?? Number.NaN;
      // The first slice is the highest, 5.5 mm apart.
      await expect.poll(axial).toBeCloseTo(10 + 4.5 * 5.5, 3);
      const line = cell(1).locator('.localiser-current');
      await line.waitFor({ state: 'attached' });
      const sagittal = await placedOf(1);
      const box = await cell(1).locator('.area').boundingBox();
      if (!box) throw new Error('no image area');
      const scale = Math.min(box.width, box.height) / sagittal.size;
      const row = ((sagittal.position[2] ?? 0) - (await axial())) / sagittal.spacing + 0.5;
      const expectedY = box.height / 2 + (row - sagittal.size / 2) * scale;
      const left = box.width / 2 - (sagittal.size / 2) * scale;
      const ends = async () => {
        const values = await line.evaluate((element) =>
          ['x1', 'y1', 'x2', 'y2'].map((name) => Number(element.getAttribute(name))),
        );
        return values[0]! < values[2]! ? values : [values[2]!, values[3]!, values[0]!, values[1]!];
      };
      const expected = [left, expectedY, left + sagittal.size * scale, expectedY];
      for (const [index, value] of (await ends()).entries()) expect(Math.abs(value - expected[index]!)).toBeLessThan(1);
      expect(await cell(1).locator('.localiser-end').count()).toBe(2);
      expect(await cell(0).locator('.localiser-current').count()).toBe(0);
      await page.keyboard.press('ArrowDown');
      await expect
        .poll(async () => Math.abs((await ends())[1]! - expectedY - (5.5 / sagittal.spacing) * scale))
        .toBeLessThan(1);
      await shot(`compare-localiser-${how === 'WebGL' ? 'gpu' : 'cpu'}`);
    });

    it('shows the place under the 3D cursor in the other plane', async () => {
      await open({ study: uid(mr), layout: '1x2', ...attributes });
      await expect.poll(() => shown(0)).toBeDefined();
      await cell(1).click();
      await seriesButton('矢状位').click();
      await expect.poll(async () => (await shown(1))?.series).toBe(mr.at(-1)?.SeriesInstanceUID);
      await cell(0).click();
      await command('cursor3d');
      const axial = await placedOf(0);
      const box = await cell(0).locator('.area').boundingBox();
      if (!box) throw new Error('no image area');
      const scale = Math.min(box.width, box.height) / axial.size;
      // 20 mm to the patient's left, and a little forward.
      const column = (20 - (axial.position[0] ?? 0)) / axial.spacing + 0.5;
      await page.mouse.click(box.x + box.width / 2 + (column - axial.size / 2) * scale, box.y + box.height * 0.4);
      await cell(1).locator('.cursor3d').waitFor({ state: 'attached' });
      // Sagittal slices lie 5 mm apart: the nearest is at most half of that away.
      await expect.poll(async () => Math.abs(((await placedOf(1)).position[0] ?? 999) - 20)).toBeLessThanOrEqual(2.5);
      await shot(`compare-cursor-${how === 'WebGL' ? 'gpu' : 'cpu'}`);
    });

    it('scrolls two stacks of one frame of reference to the nearest slices', async () => {
      await open({ study: uid(ct), layout: '1x2', ...attributes });
      await expect.poll(() => shown(0)).toBeDefined();
      await seriesButton('纵隔').click();
      await cell(1).click();
      await seriesButton('肺窗').click();
      await expect.poll(async () => (await shown(1))?.series).toBe(ct.at(-1)?.SeriesInstanceUID);
      await cell(0).click();
      await expect.poll(async () => (await shown(0))?.series).toBe(ct[0]?.SeriesInstanceUID);
      await page.keyboard.press('y');
      const nearest = (z: number) =>
        thick.toSorted((one, other) => Math.abs(one - z) - Math.abs(other - z))[0] ?? Number.NaN;
      const depth = async (index: number) => (await placedOf(index)).position[2];
      for (const [key, slice] of [
        ['Home', 0],
        ['ArrowDown', 1],
        ['ArrowDown', 2],
        ['ArrowDown', 3],
        ['End', 19],
        ['PageUp', 9],
      ] as const) {
        await page.keyboard.press(key);
        const z = thin[slice] ?? Number.NaN;
        await expect.poll(() => depth(0)).toBeCloseTo(z, 3);
        await expect.poll(() => depth(1)).toBeCloseTo(nearest(z), 3);
      }
    });
  });

  it('puts the prior beside under its date, and refuses somebody else’s', async () => {
    await open({ study: uid(ct), compare: `${uid(someoneElse)} ${uid(before)}` });
    await expect.poll(async () => (await shown(1))?.study).toBe(uid(before));
    await expect.poll(() => page.locator('filmless-viewer-cell').count()).toBe(2);
    await expect.poll(() => cell(0).locator('.compare-date').textContent()).toBe('当前检查 2026-01-02');
    await expect.poll(() => cell(1).locator('.compare-date').textContent()).toBe('前次 2024-03-01');
    expect(await page.locator('filmless-viewer').getByText('姓名不一致').count()).toBe(1);
    await cell(0).click();
    await page.keyboard.press('End');
    await expect.poll(async () => (await shown(1))?.instance).toBe(before.at(-1)?.SOPInstanceUID);
    await shot('compare-prior');
  });

  it('hangs the four views of a mammography in their places, chest walls together', async () => {
    await open({ study: uid(mg) });
    const places = async () => Promise.all([0, 1, 2, 3].map(async (index) => (await shown(index))?.instance));
    await expect.poll(() => page.locator('filmless-viewer-cell').count()).toBe(4);
    await expect.poll(places).toEqual(MG_VIEWS.map((_, index) => mg[index]?.SOPInstanceUID));
    /** The letters at the edges of the picture, as the reader sees them. */
    const edges = (index: number) =>
      cell(index)
        .locator('filmless-viewer-overlay')
        .evaluate((overlay) => {
          const { shadowRoot } = overlay as unknown as {
            shadowRoot: { querySelector(name: string): { textContent: string } | null };
          };
          return ['left', 'right', 'down'].map((edge) => shadowRoot.querySelector(`.edge.${edge}`)?.textContent.trim());
        });
    const letters = [
      ['A', 'P', 'L'],
      ['P', 'A', 'R'],
      ['A', 'P', 'FL'],
      ['P', 'A', 'FR'],
    ];
    expect(await page.locator('filmless-viewer-cell .mammogram-view').allTextContents()).toEqual([
      'R CC',
      'L CC',
      'R MLO',
      'L MLO',
    ]);
    for (const [index, wanted] of letters.entries()) await expect.poll(() => edges(index)).toEqual(wanted);
    /** Where the image's edge stands in its cell, in CSS pixels from the wall's side. */
    const gap = (index: number) =>
      cell(index).evaluate(
        (element, side) => {
          const { cell } = element as unknown as {
            cell: {
              toScreen(point: [number, number]): [number, number];
              size: { width: number };
              view: { frame: { pixels: { columns: number } } };
            };
          };
          const xs = [0, cell.view.frame.pixels.columns].map((x) => cell.toScreen([x, 0])[0]);
          return side === 'right' ? Math.abs(cell.size.width - Math.max(...xs)) : Math.abs(Math.min(...xs));
        },
        index % 2 === 0 ? 'right' : 'left',
      );
    for (const index of [0, 1, 2, 3]) await expect.poll(() => gap(index)).toBeLessThan(1.5);
    // No text lies over the breast.
    for (const index of [0, 1, 2, 3])
      expect(
        await cell(index)
          .locator(`.corner.${index % 2 === 0 ? 'end' : 'start'}`)
          .count(),
      ).toBe(0);
    await shot('compare-mammography');
    // Another study and back, in the same element.
    const go = (StudyInstanceUID: string) =>
      page
        .locator('filmless-viewer')
        .evaluate((element, value) => Object.assign(element, { study: value }), StudyInstanceUID);
    const views = await places();
    await go(uid(ct));
    await expect.poll(async () => (await shown(0))?.study).toBe(uid(ct));
    await expect.poll(() => page.locator('filmless-viewer-cell').count()).toBe(1);
    await go(uid(mg));
    await expect.poll(places, { timeout: 10_000 }).toEqual(views);
    for (const [index, wanted] of letters.entries()) await expect.poll(() => edges(index)).toEqual(wanted);
    // A place shows its own view, whatever the wheel does.
    await cell(0).hover();
    await page.mouse.wheel(0, 300);
    await page.keyboard.press('End');
    expect(await places()).toEqual(views);
  });

  it('is driven by a timeline on the page', async () => {
    await put('filmless-timeline', { patient: patient.PatientID }, 'inline-size:300px;block-size:100%');
    await open({});
    // As a page of the hospital would: what is chosen there is shown here.
    await page.addScriptTag({
      content: `
        const [timeline, viewer] = document.querySelectorAll('filmless-timeline, filmless-viewer');
        timeline.addEventListener('filmless-study-choose', ({ detail }) => {
          viewer.study = detail.StudyInstanceUID;
          timeline.study = detail.StudyInstanceUID;
        });
        timeline.addEventListener('filmless-study-compare', ({ detail }) => {
          viewer.compare = detail.StudyInstanceUID;
          timeline.compared = [detail.StudyInstanceUID];
        });`,
    });
    // Two people under one ID: the list shows neither.
    await page.getByText('VIEWER_AMBIGUOUS').waitFor();
    await page
      .locator('filmless-timeline')
      .evaluate((element, value) => Object.assign(element, { study: value, patient: '' }), uid(mr));
    const rows = page.locator('filmless-timeline .study');
    await expect
      .poll(() => rows.locator('.date').allTextContents())
      .toEqual(['2026-01-05', '2026-01-02', '2025-12-01', '2024-03-01']);
    await rows.nth(1).locator('.open').click();
    await expect.poll(async () => (await shown(0))?.study).toBe(uid(ct));
    await rows.nth(3).locator('.compare').click();
    await expect.poll(async () => (await shown(1))?.study).toBe(uid(before));
    await shot('compare-timeline');
  });

  it('lists studies on the page', async () => {
    await put('filmless-study-list', {}, 'flex:1;block-size:100%');
    const rows = page.locator('filmless-study-list .row');
    await expect.poll(() => rows.count()).toBe(5);
    await page.locator('filmless-study-list input').fill('zs');
    await expect.poll(() => rows.count()).toBe(0);
    await page.locator('filmless-study-list input').fill('wf');
    await expect.poll(() => rows.count()).toBe(5);
    await page.locator('filmless-study-list input').fill('王芬');
    await expect.poll(() => rows.count()).toBe(1);
    await page.locator('filmless-study-list input').fill('CMPmg');
    await expect.poll(() => rows.allTextContents().then((texts) => texts.join())).toContain('双乳钼靶摄影');
    await shot('study-list-element');
  });
});
