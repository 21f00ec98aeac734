import {
  type GeometryOptions,
  geometrySlices,
  geometryValue,
  type PhantomInstance,
  phantomStudy,
} from '@filmless/core/phantoms';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, recordViewerEvents, waitForViewerEvent } from '../tools/browser.ts';
import { away, Bench, disc, type Place, type Told } from '../tools/measuring-bench.ts';
import { angle, meanInside, polygon, shapeOf, winding } from '../tools/measuring-truth.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const SLICES = 5;

describe.skipIf(!hasChromium)('measuring with a mouse (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  const studies = new Map<string, PhantomInstance>();

  beforeAll(async () => {
    node = await startNode();
    const store = async (name: string, options: GeometryOptions): Promise<void> => {
      const study = phantomStudy({ seed: `measuring-${name}`, AccessionNumber: `M-${name}` });
      const [first] = await storePhantoms(node, geometrySlices({ study, ...options }));
      if (first) studies.set(name, first);
    };
    const region = (minX: number, maxX: number, delta: number) => ({
      RegionSpatialFormat: 1,
      RegionDataType: 1,
      RegionFlags: 2,
      RegionLocationMinX0: minX,
      RegionLocationMinY0: 0,
      RegionLocationMaxX1: maxX,
      RegionLocationMaxY1: 255,
      PhysicalUnitsXDirection: 3,
      PhysicalUnitsYDirection: 3,
      PhysicalDeltaX: delta,
      PhysicalDeltaY: delta,
    });
    await store('stack', { count: SLICES, attributes: { PixelSpacing: [0.5, 0.5] } });
    await store('oblong', { attributes: { PixelSpacing: [0.8, 0.4] } });
    await store('detector', {
      Modality: 'DX',
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.1',
      attributes: { ImagerPixelSpacing: [0.2, 0.2] },
    });
    await store('ultrasound', {
      Modality: 'US',
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.6.1',
      color: true,
      attributes: { SequenceOfUltrasoundRegions: [region(0, 139, 0.05), region(140, 255, 0.1)] },
    });
    await store('capture', { Modality: 'OT', SOPClassUID: '1.2.840.10008.5.1.4.1.1.7' });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  /** A page with nothing but a viewer on it. */
  async function open(
    name: string,
    { drawing = '', locale = 'zh-CN', touch = false }: { drawing?: string; locale?: string; touch?: boolean } = {},
  ): Promise<Bench> {
    const { authorization } = node;
    const context = await browser.newContext({
      viewport: { width: 1366, height: 768 },
      hasTouch: touch,
      extraHTTPHeaders: { authorization },
    });
    const page = await context.newPage();
    const address = `${node.url}/measuring.html`;
    await page.route(address, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><meta charset="utf-8"><script type="module" src="/sdk/filmless-viewer.js"></script>
          <body style="margin:0;height:100vh"><filmless-viewer locale="${locale}" ${drawing}
          study="${studies.get(name)?.StudyInstanceUID}"></filmless-viewer>`,
      }),
    );
    await recordViewerEvents(page);
    await page.addInitScript(() => {
      const told: unknown[] = [];
      Object.assign(globalThis, { told });
      (globalThis as unknown as EventTarget).addEventListener('filmless-measurement', (event) =>
        told.push((event as CustomEvent).detail),
      );
    });
    await page.goto(address);
    await waitForViewerEvent(page, 'filmless-image-change');
    await page.locator('[data-id="length"]:not([disabled])').first().waitFor({ state: 'attached', timeout: 60_000 });
    const bench = new Bench(page);
    // The corner texts are bright, too.
    await bench.press('o');
    return bench;
  }

  for (const [how, drawing] of [
    ['on WebGL', 'force-webgl'],
    ['on the processor', 'no-webgl'],
  ] as const)
    describe(how, () => {
      let bench: Bench;
      beforeAll(async () => {
        bench = await open('stack', { drawing });
      });
      afterAll(() => bench?.close());

      it.each([
        ['as it fits', []],
        ['zoomed and moved', ['zoom']],
        ['turned', ['r']],
        ['turned and mirrored', ['r', 'h']],
        ['mirrored upside down and zoomed', ['v', 'zoom']],
      ] as const)('measures distances and angles within the hand’s half pixel: %s', async (_name, changes) => {
        await bench.press('x');
        for (const change of changes) await (change === 'zoom' ? bench.zoom() : bench.press(change));
        await bench.press('d');
        const spots = await bench.spots();
        for (const [from, to] of [
          [0, 3],
          [1, 2],
        ] as const) {
          const { results } = await bench.tells(() => bench.drag(spots[from], spots[to]));
          const [length] = results?.values ?? [];
          expect(length?.unit).toBe('mm');
          expect(results?.calibration?.kind).toBe('patient');
          expect(Math.abs((length?.value ?? 0) - away(disc(from), disc(to), 0.5, 0.5))).toBeLessThan(0.25);
          // A press on the end of another line would take that.
          await bench.clear();
        }
        await bench.press('n');
        const { results } = await bench.tells(async () => {
          await bench.drag(spots[0], spots[2]);
          await bench.click(spots[3]);
        });
        expect(Math.abs((results?.values[0]?.value ?? 0) - angle(disc(0), disc(2), disc(3)))).toBeLessThan(0.3);
        await bench.clear();
      });

      it('reads exact Hounsfield units on several slices of the stack', async () => {
        await bench.press('x');
        await bench.press('c');
        for (const slice of [0, 1, SLICES - 1]) {
          await bench.showSlice(slice);
          const toPage = await bench.map();
          for (const [column, row] of [
            [20, 31],
            [201, 222],
          ] as const) {
            const place = toPage([column + 0.5, row + 0.5]);
            await bench.page.mouse.move(place[0], place[1]);
            const expected = geometryValue(column, row, slice);
            await expect.poll(() => bench.text('[data-reading]')).toBe(`CT 值 ${expected} HU`.replace('-', '−'));
            const { results } = await bench.tells(() => bench.click({ x: place[0], y: place[1] }));
            expect(results?.values).toEqual([{ name: 'value', value: expected, unit: "[hnsf'U]" }]);
          }
        }
        await bench.clear();
      });

      it('measures area and mean of a rectangle, an ellipse and a closed line', async () => {
        await bench.press('x');
        await bench.showSlice(2);
        const spots = await bench.spots();
        const [width, height] = [disc(3)[0] - disc(0)[0], disc(3)[1] - disc(0)[1]];
        const value = (told: Told, name: string): number =>
          told.results?.values.find((each) => each.name === name)?.value ?? Number.NaN;
        const share = (found: number, expected: number): number => Math.abs(found / expected - 1);

        await bench.press('q');
        const box = await bench.tells(() => bench.drag(spots[0], spots[3]));
        expect(share(value(box, 'area'), width * height * 0.25)).toBeLessThan(0.01);
        const { left, right, top, bottom } = shapeOf(box.annotation.points);
        const inBox = meanInside(2, (x, y) => x >= left && x < right && y >= top && y < bottom);
        expect(value(box, 'count')).toBe(inBox.count);
        expect(value(box, 'mean')).toBeCloseTo(inBox.mean, 6);
        await bench.clear();

        await bench.press('e');
        const round = await bench.tells(() => bench.drag(spots[0], spots[3]));
        expect(share(value(round, 'area'), (Math.PI / 4) * width * height * 0.25)).toBeLessThan(0.01);
        const around = shapeOf(round.annotation.points);
        const [rx, ry] = [(around.right - around.left) / 2, (around.bottom - around.top) / 2];
        const inside = meanInside(
          2,
          (x, y) => ((x - around.left - rx) / rx) ** 2 + ((y - around.top - ry) / ry) ** 2 <= 1,
        );
        expect(value(round, 'count')).toBe(inside.count);
        expect(value(round, 'mean')).toBeCloseTo(inside.mean, 6);
        await bench.clear();

        await bench.press('j');
        const order = [0, 1, 3, 2] as const;
        const closed = await bench.tells(async () => {
          for (const index of order) await bench.click(spots[index]);
          await bench.click(spots[0]);
        });
        expect(share(value(closed, 'area'), polygon(order.map(disc)) * 0.25)).toBeLessThan(0.01);
        const { points } = closed.annotation;
        const filled = meanInside(2, (x, y) => winding(points, x, y));
        expect(value(closed, 'count')).toBe(filled.count);
        expect(value(closed, 'mean')).toBeCloseTo(filled.mean, 6);
        await bench.clear();
      });
    });

  it('measures on pixels that are not square, lengths, angles and areas', async () => {
    const bench = await open('oblong');
    await bench.press('d');
    const spots = await bench.spots();
    const length = await bench.tells(() => bench.drag(spots[0], spots[3]));
    expect(Math.abs((length.results?.values[0]?.value ?? 0) - away(disc(0), disc(3), 0.4, 0.8))).toBeLessThan(0.3);
    await bench.clear();
    await bench.press('n');
    const bend = await bench.tells(async () => {
      for (const index of [0, 2, 3] as const) await bench.click(spots[index]);
    });
    const scaled = (index: number): Place => [disc(index)[0] * 0.4, disc(index)[1] * 0.8];
    expect(Math.abs((bend.results?.values[0]?.value ?? 0) - angle(scaled(0), scaled(2), scaled(3)))).toBeLessThan(0.3);
    await bench.clear();
    await bench.press('q');
    const box = await bench.tells(() => bench.drag(spots[0], spots[3]));
    const area = (disc(3)[0] - disc(0)[0]) * (disc(3)[1] - disc(0)[1]) * 0.4 * 0.8;
    expect(Math.abs((box.results?.values[0]?.value ?? 0) / area - 1)).toBeLessThan(0.01);
    await bench.clear();
    await bench.press('b');
    const cobb = await bench.tells(async () => {
      await bench.drag(spots[0], spots[1]);
      await bench.drag(spots[2], spots[3]);
    });
    const direction = (from: number, to: number): number =>
      Math.atan2(scaled(to)[1] - scaled(from)[1], scaled(to)[0] - scaled(from)[0]);
    const between = (Math.abs(direction(0, 1) - direction(2, 3)) * 180) / Math.PI;
    expect(Math.abs((cobb.results?.values[0]?.value ?? 0) - between)).toBeLessThan(0.3);
    await bench.close();
  });

  it('measures ultrasound in the units of its regions, and in pixels from one to the other', async () => {
    const bench = await open('ultrasound');
    await bench.press('d');
    const spots = await bench.spots();
    const within = await bench.tells(() => bench.drag(spots[0], spots[2]));
    expect(within.results?.calibration?.kind).toBe('region');
    expect(Math.abs((within.results?.values[0]?.value ?? 0) - away(disc(0), disc(2)) * 0.5)).toBeLessThan(0.25);
    await bench.clear();
    const other = await bench.tells(() => bench.drag(spots[1], spots[3]));
    expect(Math.abs((other.results?.values[0]?.value ?? 0) - away(disc(1), disc(3)))).toBeLessThan(0.5);
    await bench.clear();
    const across = await bench.tells(() => bench.drag(spots[0], spots[1]));
    expect(across.results?.calibration).toMatchObject({ kind: 'none', note: 'regionsDiffer' });
    expect(across.results?.values[0]?.unit).toBe('{pixels}');
    await expect.poll(() => bench.text('[data-kind="length"]:last-of-type')).toContain('未校准 · 跨越不同超声区域');
    await bench.press('q');
    const area = await bench.tells(() => bench.drag({ x: spots[0].x + 30, y: spots[0].y }, spots[2]));
    expect(area.results?.values.map(({ name }) => name)).toEqual(['area']);
    await bench.close();
  });

  it('says that the millimetres are those of the detector, and takes a manual calibration instead', async () => {
    const bench = await open('detector');
    await bench.press('d');
    const spots = await bench.spots();
    const { results } = await bench.tells(() => bench.drag(spots[0], spots[3]));
    expect(results?.calibration?.kind).toBe('detector');
    expect(Math.abs((results?.values[0]?.value ?? 0) - away(disc(0), disc(3)) * 0.2)).toBeLessThan(0.1);
    await expect.poll(() => bench.text('.measure')).toContain('探测器平面');
    await bench.press('=');
    await bench.drag(spots[2], spots[1]);
    await bench.answer('6 cm');
    const dialog = bench.page.getByRole('dialog');
    await dialog.getByText('替换现有校准？').waitFor();
    const changed = await bench.tells(() => dialog.locator('button.yes').click());
    const perPixel = 60 / away(disc(2), disc(1));
    expect(changed.action).toBe('changed');
    expect(changed.results?.calibration?.kind).toBe('manual');
    expect(Math.abs((changed.results?.values[0]?.value ?? 0) - away(disc(0), disc(3)) * perPixel)).toBeLessThan(0.5);
    await expect.poll(() => bench.text('.measure')).toContain('手动校准');
    await bench.close();
  });

  it('is drawn and changed by a finger; a second finger gives up what was begun', async () => {
    const bench = await open('stack', { touch: true });
    await bench.press('d');
    const spots = await bench.spots();
    const { results } = await bench.tells(() => bench.swipe([spots[0], spots[3]]));
    expect(Math.abs((results?.values[0]?.value ?? 0) - away(disc(0), disc(3), 0.5, 0.5))).toBeLessThan(0.25);
    // A finger is not put down exactly: 10 pixels beside the end take it, too.
    const moved = await bench.tells(() =>
      bench.swipe([
        { x: spots[3].x + 10, y: spots[3].y },
        { x: spots[1].x + 10, y: spots[1].y },
      ]),
    );
    expect(moved.action).toBe('changed');
    expect(Math.abs((moved.results?.values[0]?.value ?? 0) - away(disc(0), disc(1), 0.5, 0.5))).toBeLessThan(0.5);
    await bench.clear();
    await bench.swipe([spots[2], spots[3]], spots[0]);
    await expect.poll(() => bench.page.locator('.layers .measure').count()).toBe(0);
    await bench.close();
  });

  it('is used like any drawing: arrow, text, label, list, hiding, deleting, undoing', async () => {
    const bench = await open('capture', { locale: 'en' });
    const { page } = bench;
    const spots = await bench.spots();
    await bench.press('d');
    const line = await bench.tells(() => bench.drag(spots[0], spots[3]));
    expect(line.results?.calibration?.kind).toBe('none');
    await expect.poll(() => bench.text('.measure')).toContain('uncalibrated');
    await bench.press('m');
    await bench.drag(spots[1], { x: spots[1].x + 40, y: spots[1].y + 40 });
    const arrow = await bench.tells(() => bench.answer('nodule'));
    expect(arrow.annotation).toMatchObject({ kind: 'arrow', text: 'nodule' });
    expect(away(arrow.annotation.points[0] ?? [0, 0], disc(1))).toBeLessThan(0.5);
    await bench.press('t');
    await bench.click(spots[2]);
    const text = await bench.tells(() => bench.answer('left lobe'));
    expect(text.annotation).toMatchObject({ kind: 'text', text: 'left lobe' });

    await page.locator('filmless-viewer-panels').getByRole('button', { name: 'Measurements' }).click();
    const list = page.locator('filmless-viewer-measurements');
    await expect.poll(() => list.locator('li').count()).toBe(3);
    await list.locator('.open').first().click();
    await expect.poll(() => page.locator('.measure.selected[data-kind="length"]').count()).toBe(1);

    await bench.press('j');
    const around = await bench.tells(async () => {
      const middle = { x: spots[1].x - 130, y: spots[1].y + 60 };
      await page.mouse.move(middle.x + 40, middle.y);
      await page.mouse.down();
      for (let step = 0; step <= 31; step += 1) {
        const turn = (step / 30) * 2 * Math.PI;
        await page.mouse.move(middle.x + 40 * Math.cos(turn), middle.y + 40 * Math.sin(turn));
      }
      await page.mouse.up();
    });
    const perPixel = (spots[1].x - spots[0].x) / (disc(1)[0] - disc(0)[0]);
    const circle = Math.PI * (40 / perPixel) ** 2;
    expect(Math.abs((around.results?.values[0]?.value ?? 0) / circle - 1)).toBeLessThan(0.03);
    await expect.poll(() => list.locator('li').count()).toBe(4);
    await page.keyboard.press('Delete');
    await expect.poll(() => list.locator('li').count()).toBe(3);
    await list.locator('.open').first().click();

    await bench.focus();
    await bench.press('w');
    const nudged = await bench.tells(async () => {
      const end = await page.locator('.measure.selected .grip').first().boundingBox();
      if (!end) throw new Error('no handle');
      await bench.click({ x: end.x + end.width / 2, y: end.y + end.height / 2 });
      await page.keyboard.press('ArrowRight');
    });
    expect((nudged.annotation.points[0]?.[0] ?? 0) - (line.annotation.points[0]?.[0] ?? 0)).toBeCloseTo(1, 6);
    const removed = await bench.tells(() => page.keyboard.press('Delete'));
    expect(removed.action).toBe('removed');
    await expect.poll(() => list.locator('li').count()).toBe(2);
    expect((await bench.tells(() => page.keyboard.press('Control+z'))).action).toBe('added');
    expect((await bench.tells(() => page.keyboard.press('Control+y'))).action).toBe('removed');
    const hide = list.locator('header button').nth(2);
    await hide.click();
    await expect.poll(() => page.locator('.layers .measure').count()).toBe(0);
    await hide.click();
    await expect.poll(() => page.locator('.layers .measure').count()).toBe(2);
    await page.locator('filmless-viewer-toolbar .tool.more').click();
    await page.locator('filmless-viewer-toolbar [data-id="annotationDeleteAll"]').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Delete all measurements?').waitFor();
    await dialog.locator('button.yes').click();
    await list.getByText('No measurements yet').waitFor();
    await bench.close();
  });
});
