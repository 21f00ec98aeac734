import {
  GEOMETRY_DISCS,
  type GeometryOptions,
  geometrySlices,
  geometryValue,
  type PhantomInstance,
  phantomStudy,
} from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, recordViewerEvents, waitForViewerEvent } from '../tools/browser.ts';
import { affine, brightSpots } from '../tools/discs.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

type Place = readonly [x: number, y: number];

interface Told {
  readonly action: string;
  readonly annotation: { readonly kind: string; readonly points: readonly Place[]; readonly text?: string };
  readonly results?: {
    readonly values: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
    readonly calibration?: { readonly kind: string; readonly note?: string };
  };
}

const SLICES = 5;
const disc = (index: number): Place => [GEOMETRY_DISCS[index]?.x ?? 0, GEOMETRY_DISCS[index]?.y ?? 0];
const away = (a: Place, b: Place, columnMm = 1, rowMm = 1): number =>
  Math.hypot((a[0] - b[0]) * columnMm, (a[1] - b[1]) * rowMm);
const shapeOf = (points: readonly Place[]): { left: number; right: number; top: number; bottom: number } => ({
  left: Math.min(...points.map(([x]) => x)),
  right: Math.max(...points.map(([x]) => x)),
  top: Math.min(...points.map(([, y]) => y)),
  bottom: Math.max(...points.map(([, y]) => y)),
});

/** Mean over the pixels whose middle lies inside, counted one by one. */
function meanInside(slice: number, inside: (x: number, y: number) => boolean): { count: number; mean: number } {
  let [count, sum] = [0, 0];
  for (let row = 0; row < 256; row += 1)
    for (let column = 0; column < 256; column += 1)
      if (inside(column + 0.5, row + 0.5)) {
        count += 1;
        sum += geometryValue(column, row, slice);
      }
  return { count, mean: sum / count };
}

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
  async function open(name: string, { webgl = true, locale = 'zh-CN', touch = false } = {}): Promise<Bench> {
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
          <body style="margin:0;height:100vh"><filmless-viewer locale="${locale}" ${webgl ? '' : 'no-webgl'}
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
    await page.locator('[data-id="length"]:not([disabled])').first().waitFor({ state: 'attached' });
    const bench = new Bench(page);
    // The corner texts are bright, too.
    await bench.press('o');
    return bench;
  }

  for (const webgl of [true, false])
    describe(webgl ? 'on WebGL' : 'on the processor', () => {
      let bench: Bench;
      beforeAll(async () => {
        bench = await open('stack', { webgl });
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

/** One page with one viewer, and the hand that works on it. */
class Bench {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  get area() {
    return this.page.locator('filmless-viewer [part~="image"]').first();
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  focus(): Promise<void> {
    return this.area.focus();
  }

  async press(key: string): Promise<void> {
    await this.focus();
    await this.page.keyboard.press(key);
  }

  /** Where the discs are on the screen, found in the picture. */
  async spots(): Promise<[Spot, Spot, Spot, Spot]> {
    let found: Spot[] = [];
    const find = async (): Promise<number> => {
      found = await brightSpots(this.area);
      return found.length;
    };
    await expect.poll(find).toBe(GEOMETRY_DISCS.length);
    const [a, b, c, d] = found;
    if (!a || !b || !c || !d) throw new Error('no discs');
    return [a, b, c, d];
  }

  /** From pixels of the image to the page, by the discs that are seen. */
  async map(): Promise<(place: Place) => [number, number]> {
    await this.hide(true);
    const spots = await this.spots();
    await this.hide(false);
    return affine(
      [0, 1, 2].map((index) => disc(index)),
      spots.slice(0, 3).map(({ x, y }) => [x, y] as const),
    );
  }

  /** Annotations and what reads values are bright, too. */
  async hide(hidden: boolean): Promise<void> {
    await this.page.mouse.move(2, 2);
    await this.page
      .locator('.layers')
      .first()
      .evaluate((layers, value) => {
        (layers as unknown as { style: { visibility: string } }).style.visibility = value ? 'hidden' : '';
      }, hidden);
  }

  async zoom(): Promise<void> {
    const box = await this.area.boundingBox();
    if (!box) throw new Error('no image area');
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.keyboard.down('Control');
    await this.page.mouse.wheel(0, -100);
    await this.page.keyboard.up('Control');
    await this.press('p');
    await this.drag(
      { x: box.x + box.width / 2, y: box.y + box.height / 2 },
      { x: box.x + box.width / 2 + 33, y: box.y + box.height / 2 - 17 },
    );
  }

  async drag(from: Point, to: Point): Promise<void> {
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 2 });
    await this.page.mouse.move(to.x, to.y);
    await this.page.mouse.up();
  }

  /** One finger from place to place; a second one comes down before the first is lifted. */
  async swipe([from, to]: readonly [Point, Point], second?: Point): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints });
    await send('touchStart', [from]);
    await send('touchMove', [{ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }]);
    await send('touchMove', [to]);
    if (second) await send('touchStart', [to, second]);
    await send('touchEnd', []);
    await session.detach();
  }

  async click({ x, y }: Point): Promise<void> {
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.up();
  }

  /** What the page is told after an action, the last of it. */
  async tells(action: () => Promise<unknown>): Promise<Told> {
    const told = (): Promise<Told[]> =>
      this.page.evaluate(() => (globalThis as unknown as { told: Told[] }).told.splice(0));
    await told();
    await action();
    let last: Told | undefined;
    const next = async (): Promise<boolean> => {
      last = (await told()).at(-1);
      return last !== undefined;
    };
    await expect.poll(next).toBe(true);
    if (!last) throw new Error('nothing was told');
    return last;
  }

  async showSlice(slice: number): Promise<void> {
    await this.press('Home');
    for (let step = 0; step < slice; step += 1) await this.press('ArrowDown');
    await expect
      .poll(() =>
        this.page.evaluate(
          () =>
            (globalThis as unknown as { viewerEvents: { type: string; detail: { index: number } }[] }).viewerEvents
              .filter(({ type }) => type === 'filmless-image-change')
              .at(-1)?.detail.index,
        ),
      )
      .toBe(slice);
  }

  async text(selector: string): Promise<string> {
    const lines = await this.page.locator(`.layers ${selector} text`).allTextContents();
    return lines.join(' ');
  }

  async answer(text: string): Promise<void> {
    const field = this.page.getByRole('dialog').locator('input');
    await field.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Takes all drawings away. */
  async clear(): Promise<void> {
    await this.focus();
    const drawn = this.page.locator('.layers .measure[data-id]');
    while ((await drawn.count()) > 0) await this.tells(() => this.page.keyboard.press('Control+z'));
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}
type Spot = Point & { readonly area: number };

function angle(a: Place, vertex: Place, b: Place): number {
  const one = Math.atan2(a[1] - vertex[1], a[0] - vertex[0]);
  const other = Math.atan2(b[1] - vertex[1], b[0] - vertex[0]);
  const degrees = (Math.abs(one - other) * 180) / Math.PI;
  return degrees > 180 ? 360 - degrees : degrees;
}

function polygon(points: readonly Place[]): number {
  const twice = points.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length] ?? [0, 0];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Whether a closed line goes around a place: the sum of the angles under which it sees the corners. */
function winding(points: readonly Place[], x: number, y: number): boolean {
  const turned = points.reduce((sum, [x1, y1], index) => {
    const [x2, y2] = points[(index + 1) % points.length] ?? [0, 0];
    const by = Math.atan2((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y), (x1 - x) * (x2 - x) + (y1 - y) * (y2 - y));
    return sum + by;
  }, 0);
  return Math.abs(turned) > Math.PI;
}
