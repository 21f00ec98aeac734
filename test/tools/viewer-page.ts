import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { NodeProcess } from './node-process.ts';

/** What the tests read of the viewer's own view of the active cell. */
export interface ShownState {
  index: number;
  window: { center: number; width: number };
  tone: string;
  inverted: boolean;
  subtracted: boolean;
  /** CSS pixels per image pixel. */
  scale: number;
  toScreen: { a: number; b: number; c: number; d: number; e: number; f: number };
}

export interface MprState {
  value: number;
  stored: number;
  voxel: [number, number, number];
  text: string;
  means: number[];
  sizes: [number, number][];
}

/** A page with one viewer on the node's own origin. */
export interface ViewerPage {
  readonly page: Page;
  /** Opens a study and waits for its stored pixels; the keyboard is the image's then. */
  open(study: string): Promise<void>;
  state(): Promise<ShownState>;
  /** Where the image area lies on the page. */
  area(): Promise<{ x: number; y: number; width: number; height: number }>;
  focus(): Promise<void>;
  /** A tool or command by its id, as its button does. */
  run(id: string): Promise<void>;
  /** Waits until the canvas is as large as its place, and drawn. */
  settled(): Promise<void>;
  /** Mean grey of the canvas. */
  average(): Promise<number>;
  /** Mean difference between pixels four apart, in the middle of the canvas: edges make it large. */
  roughness(): Promise<number>;
  /** Grey in the middle of the lens and in the middle of the canvas. */
  lens(): Promise<[lens: number, image: number]>;
  /** Indices of the images shown one after another, as many as asked for. */
  indices(count: number): Promise<number[]>;
  /** The three planes: value at the cross, the stored value of the nearest voxel, mean greys; `undefined` while they are not shown. */
  mpr(): Promise<MprState | undefined>;
  /** Bytes of pixels, volumes included, that the page keeps. */
  memory(): Promise<number>;
  /** What is painted at a place of the image, layers included. @param x image pixels from its corner */
  pixelOnScreen(x: number, y: number): Promise<[number, number, number]>;
}

const PAGE = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>viewer</title>
<style>html,body{margin:0;height:100%}filmless-viewer{height:100%}</style>
<script type="module" src="/sdk/filmless-viewer.js"></script><body></body></html>`;

/** In the page: reads the viewer by what it draws and by the state of its active cell. */
const HELPERS = `
const viewer = document.createElement('filmless-viewer');
const cellOf = () => viewer.shadowRoot.querySelector('filmless-viewer-cell');
const canvasOf = () => cellOf().shadowRoot.querySelector('.stage canvas');
const greys = () => {
  const { width, height } = canvasOf();
  const { data } = canvasOf().getContext('2d').getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at += 1) grey[at] = data[at * 4];
  return { width, height, grey };
};
const middle = (canvas) =>
  canvas.getContext('2d').getImageData(Math.floor(canvas.width / 2), Math.floor(canvas.height / 2), 1, 1).data[0];
let images = [];
viewer.addEventListener('filmless-image-change', (event) => images.push(event.detail.index));
globalThis.viewerPage = {
  begin(drawing, locale) {
    if (drawing) viewer.setAttribute(drawing === 'webgl' ? 'force-webgl' : 'no-webgl', '');
    viewer.setAttribute('locale', locale);
    document.body.append(viewer);
  },
  open(study) {
    if (viewer.getAttribute('study') === study) return;
    images = [];
    viewer.setAttribute('study', study);
  },
  run(id) {
    viewer.shadowRoot.querySelector('filmless-viewer-toolbar').dispatchEvent(new CustomEvent('viewer-action', { detail: id }));
  },
  forget() {
    images = [];
  },
  images: () => images,
  shown() {
    const view = cellOf()?.cell?.view;
    return view && { index: view.index, window: view.window, tone: view.tone.shape, inverted: view.inverted,
      subtracted: view.subtraction !== undefined, scale: view.scale, toScreen: view.toScreen };
  },
  settled() {
    const { clientWidth } = cellOf().shadowRoot.querySelector('.stage');
    return canvasOf().width === Math.round(clientWidth * devicePixelRatio) && greys().grey.some((grey) => grey > 0);
  },
  average() {
    const { grey } = greys();
    return grey.reduce((sum, value) => sum + value, 0) / grey.length;
  },
  roughness() {
    const { width, height, grey } = greys();
    let sum = 0;
    let count = 0;
    for (let row = Math.floor(height * 0.2); row < height * 0.8; row += 1)
      for (let column = Math.floor(width * 0.35); column < width * 0.65; column += 1, count += 1)
        sum += Math.abs(grey[row * width + column] - grey[row * width + column + 4]);
    return sum / count;
  },
  lens() {
    const lens = cellOf().shadowRoot.querySelector('[data-layer="magnifier"] canvas');
    return [middle(lens), middle(canvasOf())];
  },
  mpr() {
    const mpr = viewer.shadowRoot.querySelector('filmless-viewer-mpr');
    if (!mpr?.geometry || mpr.valueAtCross === undefined) return undefined;
    const { geometry, point } = mpr;
    const { stack } = cellOf().cell;
    const from = point.map((place, axis) => place - geometry.origin[axis]);
    const voxel = geometry.axes.map((axis, at) =>
      (axis[0] * from[0] + axis[1] * from[1] + axis[2] * from[2]) / geometry.spacingMm[at]);
    const [i, j, k] = voxel.map(Math.round);
    const grid = stack.pixels(geometry.order[k]);
    const canvases = [...mpr.shadowRoot.querySelectorAll('canvas')];
    const mean = (canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, value, at) => (at % 4 === 0 ? sum + value : sum), 0) / (data.length / 4);
    };
    return { value: mpr.valueAtCross, stored: grid.data[j * grid.columns + i], voxel, text: mpr.shadowRoot.querySelector('.value').textContent,
      means: canvases.map(mean), sizes: canvases.map(({ width, height }) => [width, height]) };
  },
  async memory() {
    const [{ name }] = performance.getEntriesByType('resource').filter(({ name }) => name.includes('filmless-engine'));
    return (await import(name)).memory().bytes;
  },
  async firstPixel(png) {
    const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  },
};
`;

type PageCall = (...given: unknown[]) => unknown;

/** Calls one of the helpers in the page. */
const call = <T>(page: Page, name: string, ...given: unknown[]): Promise<T> =>
  page.evaluate(
    ([helper, values]) =>
      (globalThis as unknown as { viewerPage: Record<string, PageCall> }).viewerPage[helper]?.(...values),
    [name, given] as const,
  ) as Promise<T>;

export async function openViewerPage(
  browser: Browser,
  node: NodeProcess,
  options: { drawing?: 'webgl' | 'processor'; locale?: string; viewport?: { width: number; height: number } } = {},
): Promise<ViewerPage> {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1366, height: 768 },
    extraHTTPHeaders: { authorization: node.authorization },
  });
  const page = await context.newPage();
  await page.route('**/viewer-page', (route) => route.fulfill({ contentType: 'text/html', body: PAGE }));
  await page.goto(`${node.url}/viewer-page`);
  await page.addScriptTag({ content: HELPERS });
  await call(page, 'begin', options.drawing ?? '', options.locale ?? 'en');
  /** Waits until a helper's answer is what it should be. */
  const until = async <T>(name: string, good: (answer: T) => boolean): Promise<T> => {
    let answer: T | undefined;
    await expect
      .poll(
        async () => {
          answer = await call<T>(page, name);
          return good(answer);
        },
        { timeout: 120_000 },
      )
      .toBe(true);
    return answer as T;
  };
  const state = () => until<ShownState>('shown', (shown) => shown !== undefined);
  const area = async () => {
    const box = await page.locator('filmless-viewer [part="image"]').first().boundingBox();
    if (!box) throw new Error('no image area');
    return box;
  };
  return {
    page,
    state,
    area,
    async open(study) {
      await call(page, 'open', study);
      await until<number[]>('images', (images) => images.length > 0);
      await state();
      // The tools come after the first image.
      await page.locator('filmless-viewer-toolbar [data-id="magnifier"]').first().waitFor({ state: 'attached' });
      await page.locator('filmless-viewer [part="image"]').first().focus();
    },
    focus: () => page.locator('filmless-viewer [part="image"]').first().focus(),
    run: (id) => call(page, 'run', id),
    async settled() {
      await until<boolean>('settled', (good) => good);
    },
    average: () => call(page, 'average'),
    roughness: () => call(page, 'roughness'),
    lens: () => call(page, 'lens'),
    mpr: () => call(page, 'mpr'),
    memory: () => call(page, 'memory'),
    async indices(count) {
      await call(page, 'forget');
      return until<number[]>('images', (images) => images.length >= count);
    },
    async pixelOnScreen(x, y) {
      const { toScreen } = await state();
      const box = await area();
      const at = {
        x: Math.floor(box.x + toScreen.a * x + toScreen.c * y + toScreen.e),
        y: Math.floor(box.y + toScreen.b * x + toScreen.d * y + toScreen.f),
      };
      const png = await page.screenshot({ clip: { ...at, width: 1, height: 1 } });
      return call(page, 'firstPixel', png.toString('base64'));
    },
  };
}
