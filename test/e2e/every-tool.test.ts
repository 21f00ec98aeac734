import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';
import { openViewerPage, type ShownState, type ViewerPage } from '../tools/viewer-page.ts';

const root = resolve(import.meta.dirname, '..', '..');

/** Where the SDK's own buttons stand: browser code, whose types are checked elsewhere. */
const BUTTONS = [
  ['elements/actions.ts', 'BASIC_BUTTONS'],
  ['image-tools/buttons.ts', 'IMAGE_TOOLS_BUTTONS'],
  ['measure/buttons.ts', 'MEASURE_BUTTONS'],
  ['compare/buttons.ts', 'COMPARE_BUTTONS'],
  ['work/buttons.ts', 'WORK_BUTTONS'],
] as const;

/** Which test uses a tool as a person does, and how: a key, or what is clicked. */
const USED: Readonly<Record<string, readonly [file: string, mark: string]>> = {
  magnifier: ['image-tools', "press('.')"],
  toneCurve: ['image-tools', "press('\\\\')"],
  overlayPlanes: ['image-tools', 'press("\'")'],
  subtraction: ['image-tools', "press('-')"],
  maskShift: ['image-tools', "run('maskShift')"],
  mpr: ['image-tools', "press('/')"],
  cinePanel: ['image-tools', "press(';')"],
  play: ['image-tools', "press(' ')"],
  length: ['measuring', "press('d')"],
  angle: ['measuring', "press('n')"],
  probe: ['measuring', "press('c')"],
  ellipse: ['measuring', "press('e')"],
  cobb: ['measuring', "press('b')"],
  rectangle: ['measuring', "press('q')"],
  freehand: ['measuring', "press('j')"],
  calibrate: ['measuring', "press('=')"],
  arrow: ['measuring', "press('m')"],
  text: ['measuring', "press('t')"],
  undo: ['measuring', "press('Control+z')"],
  redo: ['measuring', "press('Control+y')"],
  annotationDelete: ['measuring', "press('Delete')"],
  annotationDeleteAll: ['measuring', 'data-id="annotationDeleteAll"'],
  annotationCopy: ['every-tool', "menu('annotationCopy')"],
  annotationsHide: ['every-tool', "menu('annotationsHide')"],
  link: ['compare', "press('y')"],
  localiser: ['compare', "locator('.localiser-current')"],
  cursor3d: ['compare', "command('cursor3d')"],
  'compare-prior': ['compare', "shot('compare-prior')"],
  hanging: ['cells-together', "menu('hanging')"],
  'sync-window': ['cells-together', "menu('sync-window')"],
  'sync-zoom': ['cells-together', "menu('sync-zoom')"],
  'work-key': ['work', "press('k')"],
  'work-save': ['work', '[data-action="save"]'],
  'work-export': ['work', "panel('work-export')"],
  'work-copy': ['every-tool', "menu('work-copy')"],
  'work-print': ['every-tool', "menu('work-print')"],
  thumbnails: ['every-tool', "press('l')"],
  scroll: ['every-tool', "press('s')"],
  zoom: ['every-tool', "press('z')"],
  pan: ['every-tool', "press('p')"],
  fit: ['every-tool', "press('f')"],
  actual: ['every-tool', "press('a')"],
  window: ['every-tool', "press('w')"],
  presets: ['every-tool', '.tool.presets'],
  invert: ['every-tool', "press('i')"],
  windowAll: ['cells-together', "menu('windowAll')"],
  layout: ['viewer-cells', '.tool.layout'],
  overlay: ['every-tool', "press('o')"],
  reset: ['every-tool', "press('x')"],
  fullscreen: ['every-tool', "press('u')"],
  secondWindow: ['viewer-cells', "name: '副屏窗口'"],
  rotate: ['every-tool', "press('r')"],
  flip: ['every-tool', "press('h')"],
  flipVertical: ['every-tool', "press('v')"],
};

it('every tool of the viewer has a test that uses it', async () => {
  const buttons: { id: string }[] = [];
  for (const [file, name] of BUTTONS) {
    const module = (await import(join(root, 'viewer-sdk/src', file))) as Record<string, readonly { id: string }[]>;
    const own = module[name] ?? [];
    expect(own, file).not.toHaveLength(0);
    buttons.push(...own);
  }
  const without = [...new Set(buttons.map(({ id }) => id))].filter((id) => {
    const [file, mark] = USED[id] ?? [];
    if (file === undefined || mark === undefined) return true;
    const text = readFileSync(join(import.meta.dirname, `${file}.test.ts`), 'utf8');
    // Not the line of the table above.
    return !text.slice(file === 'every-tool' ? text.indexOf('describe.skipIf') : 0).includes(mark);
  });
  expect(without).toEqual([]);
});

/** Limits only end what hangs: the first image comes late on a busy machine. */
const PATIENCE_MS = 300_000;

describe.skipIf(!hasChromium)(
  'the tools that no other test uses, by hand (needs Chromium)',
  { timeout: PATIENCE_MS },
  () => {
    let node: NodeProcess;
    let browser: Browser;
    let viewer: ViewerPage;
    let page: Page;
    let chest: PhantomInstance[];
    let begun: ShownState;
    const study = phantomStudy({ seed: 'by hand ct' });

    beforeAll(async () => {
      if (!existsSync(join(root, 'dist/sdk/filmless-engine.js')))
        throw new Error('the viewer is not built: npm run build');
      [node, browser] = await Promise.all([startNode(), launchChromium()]);
      chest = await storePhantoms(node, ctSlices({ count: 12, rows: 128, study }));
      viewer = await openViewerPage(browser, node, {});
      page = viewer.page;
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: node.url });
    }, PATIENCE_MS);
    afterAll(async () => {
      await browser?.close();
      await node?.stop();
      await node?.remove();
    });

    beforeEach(async () => {
      await viewer.open(chest[0]?.StudyInstanceUID ?? '');
      await viewer.settled();
      await viewer.focus();
      await page.keyboard.press('w');
      await page.keyboard.press('x');
      const { width, height } = await viewer.area();
      await becomes(({ scale }) => scale).toBeCloseTo(Math.min(width, height) / 128, 1);
      begun = await viewer.state();
    });

    async function drag(x: number, y: number): Promise<void> {
      const area = await viewer.area();
      const from = { x: Math.round(area.x + area.width / 2), y: Math.round(area.y + area.height / 2) };
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(from.x + x / 2, from.y + y / 2);
      await page.mouse.move(from.x + x, from.y + y);
      await page.mouse.up();
    }
    const becomes = (read: (state: ShownState) => unknown) => expect.poll(async () => read(await viewer.state()));
    /** An entry of the menu at the end of the toolbar, or its button where there is room for it. */
    async function menu(id: string): Promise<void> {
      const entry = page.locator(`filmless-viewer-toolbar [data-id="${id}"]`);
      if ((await entry.count()) === 0) await page.locator('filmless-viewer-toolbar .tool.more').click();
      await entry.click();
    }

    it('scrolls by dragging', async () => {
      await page.keyboard.press('Home');
      await becomes(({ index }) => index).toBe(0);
      await page.keyboard.press('s');
      await drag(0, 90);
      await becomes(({ index }) => index).toBeGreaterThan(2);
    });

    it('zooms, fits, shows pixel by pixel and moves', async () => {
      await page.keyboard.press('z');
      await drag(0, -150);
      await becomes(({ scale }) => scale / begun.scale).toBeCloseTo(2, 1);
      await page.keyboard.press('f');
      await becomes(({ scale }) => scale).toBeCloseTo(begun.scale, 5);
      await page.keyboard.press('a');
      await becomes(({ scale }) => scale).toBeCloseTo(1, 5);
      const before = await viewer.state();
      await page.keyboard.press('p');
      await drag(40, 26);
      await becomes(({ toScreen }) => [toScreen.e - before.toScreen.e, toScreen.f - before.toScreen.f]).toEqual([
        expect.closeTo(40, 1),
        expect.closeTo(26, 1),
      ]);
      await page.keyboard.press('x');
      await becomes(({ toScreen }) => toScreen).toEqual(begun.toScreen);
    });

    it('turns, mirrors and inverts', async () => {
      await page.keyboard.press('r');
      // A column runs to the left after a quarter turn clockwise.
      await becomes(({ toScreen: { a, c } }) => [Math.abs(a) < 1e-6, c < 0]).toEqual([true, true]);
      await page.keyboard.press('x');
      await page.keyboard.press('h');
      await becomes(({ toScreen: { a, d } }) => [a < 0, d > 0]).toEqual([true, true]);
      await page.keyboard.press('v');
      await becomes(({ toScreen: { a, d } }) => [a < 0, d > 0]).toEqual([true, false]);
      await page.keyboard.press('x');
      const grey = await viewer.average();
      await page.keyboard.press('i');
      await becomes(({ inverted }) => inverted).toBe(true);
      await expect.poll(() => viewer.average()).not.toBeCloseTo(grey, 0);
      await page.keyboard.press('i');
      await expect.poll(() => viewer.average()).toBeCloseTo(grey, 3);
    });

    it('changes the window by dragging, and by the menu of presets', async () => {
      await page.keyboard.press('w');
      await drag(80, 0);
      await becomes(({ window }) => window.width).toBeGreaterThan(begun.window.width);
      await page.locator('filmless-viewer-toolbar .tool.presets').click();
      const entry = page.locator('filmless-viewer-toolbar .menu.windows button').nth(2);
      const [width, center] = ((await entry.locator('.secondary').textContent()) ?? '').split(' / ').map(Number);
      await entry.click();
      await becomes(({ window }) => window).toEqual({ center, width });
    });

    it('shows and hides the list of series and the texts on the image', async () => {
      await viewer.focus();
      const list = page.locator('filmless-viewer-thumbnails');
      const shown = await list.isVisible();
      await page.keyboard.press('l');
      await expect.poll(() => list.isVisible()).toBe(!shown);
      await page.keyboard.press('l');
      await expect.poll(() => list.isVisible()).toBe(shown);
      const texts = page.locator('filmless-viewer-overlay .corner').first();
      await expect.poll(() => texts.isVisible()).toBe(true);
      await page.keyboard.press('o');
      await expect.poll(() => texts.isVisible()).toBe(false);
      await page.keyboard.press('o');
      await expect.poll(() => texts.isVisible()).toBe(true);
    });

    it('fills the screen and leaves it again', async () => {
      const full = () => page.evaluate('document.fullscreenElement !== null');
      await viewer.focus();
      await page.keyboard.press('u');
      await expect.poll(full).toBe(true);
      await viewer.focus();
      await page.keyboard.press('u');
      await expect.poll(full).toBe(false);
    });

    it('hides measurements and copies one as text', async () => {
      await page.keyboard.press('d');
      await drag(120, 0);
      const line = page.locator('.layers .measure[data-kind="length"]');
      await expect.poll(() => line.count()).toBe(1);
      await menu('annotationCopy');
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toMatch(/\d mm/);
      await menu('annotationsHide');
      await expect.poll(() => line.count()).toBe(0);
      await menu('annotationsHide');
      await expect.poll(() => line.count()).toBe(1);
      await viewer.focus();
      await page.keyboard.press('Control+z');
      await expect.poll(() => line.count()).toBe(0);
    });

    it('copies the image as it is on the screen, and prints it with its patient', async () => {
      await menu('work-copy');
      const area = await viewer.area();
      const copied = () =>
        page.evaluate(`navigator.clipboard.read().then(async ([item]) => {
        if (!item?.types.includes('image/png')) return undefined;
        const { width, height } = await createImageBitmap(await item.getType('image/png'));
        return [width, height];
      })`);
      await expect.poll(copied).toEqual([Math.round(area.width), Math.round(area.height)]);
      await menu('work-print');
      // What would go to the printer stays in its frame.
      await page.evaluate(`new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes) if (node.localName === 'iframe') node.contentWindow.print = () => undefined;
    }).observe(document.body, { childList: true })`);
      await page.locator('filmless-work-print [data-action="print"]').click();
      const sheet = page.frameLocator('iframe').locator('.sheet');
      await expect.poll(() => sheet.count()).toBe(1);
      expect(await sheet.locator('.head').textContent()).toContain(study.patient.PatientID);
      expect(
        await sheet.locator('img').evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      ).toBeGreaterThan(100);
    });
  },
);
