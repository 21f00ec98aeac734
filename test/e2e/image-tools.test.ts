import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, mrBrain, type PhantomInstance, phantomStudy, xaRun } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../tools/browser.ts';
import { hasDcmtk } from '../tools/dcmtk.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { embeddedOverlay, withOverlayAndShutter } from '../tools/overlay-phantoms.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';
import { openViewerPage, type ViewerPage } from '../tools/viewer-page.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const MOVEMENT = [3, -2] as const;
const FRAMES = 8;
/** Axial slices 5.5 mm apart, of 240 mm each way. */
const BRAIN_SLICES = 16;
const BRAIN_MM = { across: 240, high: (BRAIN_SLICES - 1) * 5.5 } as const;

describe.skipIf(!hasChromium)('image tools in the viewer (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let chest: PhantomInstance[];
  let run: PhantomInstance[];
  let brain: PhantomInstance[];

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/sdk/filmless-engine.js')))
      throw new Error('the viewer is not built: npm run build');
    mkdirSync(shots, { recursive: true });
    node = await startNode();
    chest = await storePhantoms(node, ctSlices({ count: 12, rows: 128, study: phantomStudy({ seed: 'tools ct' }) }));
    run = await storePhantoms(
      node,
      xaRun({ size: 256, frames: FRAMES, movement: MOVEMENT, study: phantomStudy({ seed: 'tools xa' }) }),
    );
    brain = await storePhantoms(
      node,
      mrBrain({ planes: ['axial'], size: 128, count: BRAIN_SLICES, study: phantomStudy({ seed: 'tools mr' }) }),
    );
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  const shot = (page: Page, name: string) => page.screenshot({ path: join(shots, `${name}.png`) });
  const study = (instances: PhantomInstance[]): string => instances[0]?.StudyInstanceUID ?? '';

  describe.each([
    ['WebGL', 'webgl'],
    ['processor', 'processor'],
  ] as const)('drawn by %s', (name, drawing) => {
    let viewer: ViewerPage;
    let page: Page;
    beforeAll(async () => {
      viewer = await openViewerPage(browser, node, { drawing });
      page = viewer.page;
    });
    afterAll(() => page?.context().close());

    it('bends the grey scale by hand, by numbers and by shapes', async () => {
      await viewer.open(study(chest));
      await page.keyboard.press('\\');
      const panel = page.locator('filmless-viewer-tone-curve');
      await panel.waitFor();
      // The panel takes room from the image: from here on its size stays.
      await viewer.settled();
      const plain = await viewer.average();
      const chart = panel.locator('.chart');
      const box = await chart.boundingBox();
      if (!box) throw new Error('no chart');
      // The curve's upper end, then a new point dragged up to the left: the image becomes brighter.
      const upper = await panel.locator('.point').last().boundingBox();
      const lower = await panel.locator('.point').first().boundingBox();
      if (!upper || !lower) throw new Error('no ends');
      const middle = { x: (upper.x + lower.x) / 2, y: (upper.y + lower.y) / 2 };
      await page.mouse.move(middle.x, middle.y);
      await page.mouse.down();
      await page.mouse.move(middle.x, box.y + 6, { steps: 4 });
      await page.mouse.up();
      await expect.poll(() => panel.locator('.point').count()).toBe(6);
      await expect.poll(() => viewer.average()).toBeGreaterThan(plain + 3);
      expect(await panel.locator('[name="shape"]').inputValue()).toBe('points');
      await shot(page, `tone-curve-${name}`);

      await panel.locator('[name="reset"]').click();
      await expect.poll(() => viewer.average()).toBeCloseTo(plain, 1);
      await panel.locator('[name="shape"]').selectOption('gamma');
      await expect.poll(() => viewer.average()).toBeGreaterThan(plain + 1);
      await panel.locator('[name="shape"]').selectOption('SIGMOID');
      await panel.locator('[name="reset"]').click();
      await expect.poll(() => viewer.average()).toBeCloseTo(plain, 1);

      await panel.locator('[name="width"]').fill('2000');
      await page.keyboard.press('Enter');
      await panel.locator('[name="center"]').fill('-500');
      await page.keyboard.press('Enter');
      await expect.poll(async () => (await viewer.state()).window).toMatchObject({ center: -500, width: 2000 });
      const wide = await viewer.average();
      await panel.locator('[name="inverted"]').check();
      await expect.poll(async () => Math.abs((await viewer.average()) - wide) > 1).toBe(true);
      await panel.locator('[name="reset"]').click();
    });

    it('shows the original pixels under a lens', async () => {
      await viewer.open(study(chest));
      await page.keyboard.press('.');
      const area = await viewer.area();
      await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2);
      const lens = page.locator('filmless-viewer-cell [data-layer="magnifier"]');
      await expect.poll(() => lens.locator('text').textContent()).toBe('3×');
      // In the middle of the lens is what lies under the pointer.
      const [inLens, onImage] = await viewer.lens();
      expect(Math.abs(inLens - onImage)).toBeLessThanOrEqual(12);
      await shot(page, `magnifier-${name}`);
      await page.mouse.down();
      await page.mouse.up();
      await expect.poll(() => lens.locator('text').textContent()).toBe('4×');
      await page.keyboard.press('w');
      await expect.poll(() => lens.locator('text').count()).toBe(0);
    });

    it('takes the mask off a run, and moves it until bones are gone', async () => {
      await viewer.open(study(run));
      await page.keyboard.press('End');
      await expect.poll(async () => (await viewer.state()).index).toBe(FRAMES - 1);
      await page.keyboard.press('-');
      const panel = page.locator('filmless-viewer-subtraction');
      await panel.waitFor();
      await expect.poll(async () => (await viewer.state()).subtracted).toBe(true);
      const unmoved = await viewer.roughness();
      await shot(page, `dsa-unmoved-${name}`);
      await panel.locator('[name="step"]').selectOption('1');
      for (let step = 0; step < MOVEMENT[0]; step += 1) await panel.locator('[name="right"]').click();
      await panel.locator('[name="up"]').focus();
      for (let step = 0; step > MOVEMENT[1]; step -= 1) await page.keyboard.press('ArrowUp');
      await page.locator('filmless-viewer-cell').getByText('3, -2').waitFor();
      await expect.poll(() => viewer.roughness()).toBeLessThan(unmoved * 0.9);
      await shot(page, `dsa-moved-${name}`);
      const matched = await viewer.roughness();

      // The same by dragging: one image pixel back is rougher again.
      await viewer.run('maskShift');
      const area = await viewer.area();
      const { scale } = await viewer.state();
      await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2);
      await page.mouse.down();
      await page.mouse.move(area.x + area.width / 2 - 3 * scale, area.y + area.height / 2, { steps: 3 });
      await page.mouse.up();
      await expect.poll(() => viewer.roughness()).toBeGreaterThan(matched * 1.1);

      // No value of the plain image stands over the subtracted one.
      await page.keyboard.press('c');
      await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2 + 10);
      await page.locator('filmless-viewer-cell').getByText('Subtracted image: no pixel values').waitFor();

      // The first frame as its own mask leaves nothing of it.
      await panel.locator('[name="file"]').click();
      await viewer.focus();
      await page.keyboard.press('Home');
      await panel.locator('[name="here"]').click();
      await expect.poll(() => viewer.roughness()).toBeLessThan(matched * 0.5);
      await panel.locator('[name="on"]').click();
      await expect.poll(async () => (await viewer.state()).subtracted).toBe(false);
    });

    it.skipIf(!hasDcmtk)('draws overlays and closes shutters, and hides overlays when asked', async () => {
      const instance = await withOverlayAndShutter(`overlay ${name}`);
      const [stored] = await storePhantoms(
        node,
        (async function* () {
          yield instance;
        })(),
      );
      await viewer.open(stored?.StudyInstanceUID ?? '');
      const cell = page.locator('filmless-viewer-cell');
      await cell.locator('.overlay-planes image').waitFor({ state: 'attached' });
      const accent = await viewer.pixelOnScreen(20.5, 20.5);
      const shut = await viewer.pixelOnScreen(2.5, 2.5);
      expect(shut).toEqual([0, 0, 0]);
      // The overlay's colour is no grey.
      expect(Math.max(...accent) - Math.min(...accent)).toBeGreaterThan(50);
      await viewer.focus();
      await page.keyboard.press("'");
      await expect.poll(() => cell.locator('.overlay-planes').count()).toBe(0);
      const plain = await viewer.pixelOnScreen(20.5, 20.5);
      expect(Math.max(...plain) - Math.min(...plain)).toBeLessThanOrEqual(2);
      await page.keyboard.press("'");
    });

    it('draws overlays that lie in unused bits of the pixels, and closes a shutter of bits for good', async () => {
      const [embedded, closed] = await storePhantoms(
        node,
        (async function* () {
          yield embeddedOverlay(`embedded ${name}`, {});
          yield embeddedOverlay(`bitmap ${name}`, { ShutterShape: 'BITMAP', ShutterOverlayGroup: 0x6000 });
        })(),
      );
      const cell = page.locator('filmless-viewer-cell');
      const colourful = ([red, green, blue]: number[]): boolean =>
        Math.max(red ?? 0, green ?? 0, blue ?? 0) - Math.min(red ?? 0, green ?? 0, blue ?? 0) > 50;
      await viewer.open(embedded?.StudyInstanceUID ?? '');
      await cell.locator('.overlay-planes image').waitFor({ state: 'attached' });
      expect(colourful(await viewer.pixelOnScreen(20.5, 20.5))).toBe(true);
      expect(colourful(await viewer.pixelOnScreen(30.5, 20.5))).toBe(false);

      await viewer.open(closed?.StudyInstanceUID ?? '');
      await cell.locator('.shutter image').waitFor({ state: 'attached' });
      expect(await viewer.pixelOnScreen(20.5, 20.5)).toEqual([0, 0, 0]);
      expect(await viewer.pixelOnScreen(30.5, 40.5)).not.toEqual([0, 0, 0]);
      expect(await cell.locator('.overlay-planes').count()).toBe(0);
    });
  });

  // Players and planes are the same whatever draws the series.
  describe('drawn by either', () => {
    let viewer: ViewerPage;
    let page: Page;
    beforeAll(async () => {
      viewer = await openViewerPage(browser, node);
      page = viewer.page;
    });
    afterAll(() => page?.context().close());

    it('plays a run at its own pace, to and fro, and by hand', async () => {
      await viewer.open(study(run));
      await page.keyboard.press('Home');
      await expect.poll(async () => (await viewer.state()).index).toBe(0);
      await page.keyboard.press(';');
      const panel = page.locator('filmless-viewer-cine');
      await panel.waitFor();
      expect(await panel.locator('[name="rate"]').inputValue()).toBe('4');
      expect(await panel.locator('.place').textContent()).toBe(`1 / ${FRAMES}`);
      await panel.locator('[name="rate"]').fill('10');
      await page.keyboard.press('Enter');
      await panel.locator('[name="sweep"]').click();
      await panel.locator('[name="play"]').click();
      const seen = await viewer.indices(2 * FRAMES);
      // Space is the same player: it stops what the panel started.
      await viewer.focus();
      await page.keyboard.press(' ');
      await page.locator('filmless-viewer-toolbar [aria-label="Play"]').first().waitFor({ state: 'attached' });
      expect(await panel.locator('[name="play"]').getAttribute('aria-label')).toBe('Play');
      const turns = seen.slice(1).map((index, place) => Math.sign(index - (seen[place] ?? 0)));
      expect(turns).toContain(1);
      expect(turns).toContain(-1);
      // To and fro never jumps from the last frame to the first.
      expect(Math.max(...seen.slice(1).map((index, place) => Math.abs(index - (seen[place] ?? 0))))).toBeLessThan(
        FRAMES - 1,
      );
      await panel.locator('[name="last"]').click();
      await expect.poll(() => panel.locator('.place').textContent()).toBe(`${FRAMES} / ${FRAMES}`);
      await panel.locator('[name="before"]').click();
      await expect.poll(async () => (await viewer.state()).index).toBe(FRAMES - 2);
      await shot(page, `cine`);
    });

    it('cuts three planes with exact values at the cross, and projects slabs', async () => {
      await viewer.open(study(chest));
      await page.keyboard.press('/');
      const mpr = page.locator('filmless-viewer-mpr');
      await expect.poll(async () => (await viewer.mpr())?.means.every((mean) => mean > 0)).toBe(true);
      // A click in the axial plane puts the cross onto the middle of a voxel.
      const axial = await mpr.locator('[data-plane="axial"] canvas').boundingBox();
      if (!axial) throw new Error('no axial plane');
      for (const [x, y] of [
        [0.5, 0.6],
        [0.31, 0.42],
      ] as const) {
        await page.mouse.click(axial.x + axial.width * x, axial.y + axial.height * y);
        await expect.poll(async () => (await viewer.mpr())?.voxel[0]).toBeCloseTo(Math.floor(128 * x), 6);
        const at = await viewer.mpr();
        expect(at?.voxel[1]).toBeCloseTo(Math.floor(128 * y), 6);
        expect(at?.value).toBeCloseTo(at?.stored ?? Number.NaN, 6);
        expect(at?.text).toContain(`${String(at?.stored).replace('-', '−')} HU`);
      }
      // The wheel goes to the next slice: the voxel behind, exactly.
      const before = await viewer.mpr();
      await page.mouse.wheel(0, 100);
      await expect
        .poll(async () => Math.abs(((await viewer.mpr())?.voxel[2] ?? 0) - (before?.voxel[2] ?? 0)))
        .toBeCloseTo(1, 6);
      const next = await viewer.mpr();
      expect(next?.value).toBeCloseTo(next?.stored ?? Number.NaN, 6);
      // Dragged in the coronal plane, the cross moves in the others.
      const coronal = await mpr.locator('[data-plane="coronal"] canvas').boundingBox();
      if (!coronal) throw new Error('no coronal plane');
      await page.mouse.move(coronal.x + coronal.width / 2, coronal.y + coronal.height / 2);
      await page.mouse.down();
      await page.mouse.move(coronal.x + coronal.width * 0.7, coronal.y + coronal.height * 0.3, { steps: 4 });
      await page.mouse.up();
      await expect.poll(async () => (await viewer.mpr())?.voxel[0]).toBeCloseTo(Math.floor(128 * 0.7), 6);
      await shot(page, `mpr`);
      await mpr.locator('[name="slab"]').fill('40');
      await page.keyboard.press('Tab');
      const mean = await viewer.mpr();
      await mpr.locator('[name="maximum"]').click();
      await expect.poll(async () => (await viewer.mpr())?.means[0]).toBeGreaterThan((mean?.means[0] ?? 255) + 1);
      const brightest = await viewer.mpr();
      await mpr.locator('[name="minimum"]').click();
      await expect.poll(async () => (await viewer.mpr())?.means[0]).toBeLessThan((brightest?.means[0] ?? 0) - 2);
      // The window is the one of the series: a preset changes the planes too.
      const dark = (await viewer.mpr())?.means[0] ?? 0;
      await mpr.focus();
      await page.keyboard.press('4');
      await expect.poll(async () => Math.abs(((await viewer.mpr())?.means[0] ?? dark) - dark) > 2).toBe(true);
      await page.keyboard.press('Escape');
      await expect.poll(() => mpr.count()).toBe(0);
    });

    it('measures millimetres and degrees of the patient in any plane, at any zoom', async () => {
      await viewer.open(study(brain));
      await page.keyboard.press('/');
      const mpr = page.locator('filmless-viewer-mpr');
      const coronal = mpr.locator('[data-plane="coronal"]');
      await expect.poll(async () => (await viewer.mpr())?.means.every((mean) => mean > 0)).toBe(true);
      const read = async (place: number): Promise<number> =>
        Number.parseFloat((await coronal.locator('.measure text').nth(place).textContent()) ?? '');
      /** A place of the coronal picture, by shares of it. */
      const at = async (x: number, y: number) => {
        const box = await coronal.locator('canvas').boundingBox();
        if (!box) throw new Error('no coronal plane');
        return { x: box.x + box.width * x, y: box.y + box.height * y, mmPerPixel: BRAIN_MM.across / box.width };
      };
      const drag = async (from: { x: number; y: number }, to: { x: number; y: number }, options = {}) => {
        await page.mouse.move(from.x, from.y);
        await page.mouse.down(options);
        await page.mouse.move(to.x, to.y, { steps: 3 });
        await page.mouse.up(options);
      };
      const finest = BRAIN_MM.across / 128;
      await page.keyboard.press('d');
      const [left, right] = [await at(0.2, 0.5), await at(0.7, 0.5)];
      await drag(left, right);
      expect(Math.abs((await read(0)) - BRAIN_MM.across * 0.5)).toBeLessThan(right.mmPerPixel * 1.5);
      // Down the patient, where slices are farther apart than pixels.
      const [upper, lower] = [await at(0.4, 0.1), await at(0.4, 0.9)];
      await drag(upper, lower);
      expect(Math.abs((await read(1)) - (BRAIN_MM.high + finest) * 0.8)).toBeLessThan(right.mmPerPixel * 1.5);
      // Twice as large about the middle, the picture has other millimetres under the same pixels; the patient has not.
      const middle = await at(0.5, 0.5);
      await page.mouse.move(middle.x, middle.y);
      await page.keyboard.down('Control');
      for (let step = 0; step < 5; step += 1) await page.mouse.wheel(0, -100);
      await page.keyboard.up('Control');
      await expect.poll(async () => (await at(0, 0)).mmPerPixel).toBeLessThan(right.mmPerPixel / 1.9);
      expect(Math.abs((await read(0)) - BRAIN_MM.across * 0.5)).toBeLessThan(right.mmPerPixel * 1.5);
      const [a, b] = [await at(0.45, 0.4), await at(0.55, 0.4)];
      await drag(a, b);
      expect(Math.abs((await read(2)) - BRAIN_MM.across * 0.1)).toBeLessThan(a.mmPerPixel * 1.5);
      // An angle: an arm by dragging, the other by a click.
      await page.keyboard.press('n');
      const vertex = await at(0.5, 0.6);
      await drag({ x: vertex.x + 60, y: vertex.y }, vertex);
      await page.mouse.click(vertex.x + 60, vertex.y - 60);
      expect(Math.abs((await read(3)) - 45)).toBeLessThan(1);
      await shot(page, `mpr-measure`);
      // In another slice they are not to be seen; they come back with theirs.
      await page.mouse.wheel(0, 300);
      await expect.poll(() => coronal.locator('.measure').count()).toBe(0);
      await page.mouse.wheel(0, -300);
      await expect.poll(() => coronal.locator('.measure').count()).toBe(4);
      await page.keyboard.press('Delete');
      await expect.poll(() => coronal.locator('.measure').count()).toBe(3);
      // The volume counts against the page's memory while it is open.
      const held = await viewer.memory();
      await page.keyboard.press('Escape');
      await expect.poll(() => mpr.count()).toBe(0);
      expect(held - (await viewer.memory())).toBe(128 * 128 * BRAIN_SLICES * 2);
      // Whoever comes back to the planes finds what was measured.
      await viewer.focus();
      await page.keyboard.press('/');
      await expect.poll(() => coronal.locator('.measure').count()).toBe(3);
      await page.keyboard.press('Escape');
      await expect.poll(() => mpr.count()).toBe(0);
    });

    it('says why a run makes no planes', async () => {
      await viewer.open(study(run));
      await page.keyboard.press('/');
      await page.getByText('no MPR').first().waitFor();
      expect(await page.locator('filmless-viewer-mpr').count()).toBe(0);
    });
  });
});
