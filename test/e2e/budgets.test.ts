import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, recordViewerEvents, viewerEvents, waitForViewerEvent } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const KIB = 1024;
const MIB = 1024 * KIB;
const FIRST_IMAGE_SCRIPTS = 40 * KIB;
const STUDIES = 20;
const SLICES = 16;
const ROWS = 256;
const STUDY_PIXELS = SLICES * ROWS * ROWS * 2;

/** What a page may cost, in bytes and requests, never in time. */
describe.skipIf(!hasChromium)('budgets of the viewer (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let token: string;
  const studies: string[] = [];

  beforeAll(async () => {
    node = await startNode();
    for (let index = 0; index < STUDIES; index += 1) {
      const study = phantomStudy({ seed: `budget-${index}`, AccessionNumber: `BUDGET${index}` });
      const stored: PhantomInstance[] = await storePhantoms(node, ctSlices({ count: SLICES, rows: ROWS, study }));
      studies.push(stored[0]?.StudyInstanceUID ?? '');
    }
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ user: 'admin', password: node.password });
    const signedIn = await fetch(`${node.url}/api/sessions`, { method: 'POST', headers, body });
    ({ token } = (await signedIn.json()) as { token: string });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  /** A page of the node's own origin with the SDK and nothing else. */
  async function openPage(): Promise<{ page: Page; devtools: CDPSession }> {
    const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
    await recordViewerEvents(page);
    // Browsers keep the timings of 250 requests unless they are told otherwise.
    await page.addInitScript(() => performance.setResourceTimingBufferSize(20_000));
    const html = `<!doctype html><style>filmless-viewer{height:600px}</style><main></main>
      <script type="module" src="/sdk/filmless-viewer.js"></script>`;
    await page.route('**/budget-page', (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await page.goto(`${node.url}/budget-page`);
    await page.waitForFunction(() =>
      (globalThis as unknown as { customElements: { get(name: string): unknown } }).customElements.get(
        'filmless-viewer',
      ),
    );
    return { page, devtools: await page.context().newCDPSession(page) };
  }
  /** Adds a viewer that has everything it needs, and opens a study in it. */
  const addViewer = (page: Page, study: string) =>
    page.evaluate(
      ([uid, secret]) => {
        const { document } = globalThis as unknown as {
          document: {
            createElement(name: string): object;
            querySelector(name: string): { append(element: object): void };
          };
        };
        const viewer = document.createElement('filmless-viewer');
        Object.assign(viewer, { study: uid, tokenProvider: () => secret });
        document.querySelector('main').append(viewer);
      },
      [study, token],
    );
  /** Memory of the page's scripts after garbage collection: objects and the buffers that they hold, in bytes. */
  async function heapBytes(devtools: CDPSession): Promise<number> {
    await devtools.send('HeapProfiler.collectGarbage');
    const usage = (await devtools.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
    return usage.usedSize + (usage.backingStorageSize ?? 0);
  }
  /** How many objects of the element's class live, after garbage collection. */
  async function livingViewers(devtools: CDPSession): Promise<number> {
    await devtools.send('HeapProfiler.collectGarbage');
    const expression = "customElements.get('filmless-viewer').prototype";
    const { result } = await devtools.send('Runtime.evaluate', { expression });
    const { objects } = await devtools.send('Runtime.queryObjects', { prototypeObjectId: result.objectId ?? '' });
    const counted = await devtools.send('Runtime.callFunctionOn', {
      objectId: objects.objectId ?? '',
      functionDeclaration: 'function () { return this.length; }',
      returnByValue: true,
    });
    await devtools.send('Runtime.releaseObject', { objectId: objects.objectId ?? '' });
    return counted.result.value as number;
  }

  it('needs at most 40 KB of scripts, gzip, before the first image', async () => {
    const { page } = await openPage();
    await addViewer(page, studies[0] ?? '');
    const first = await waitForViewerEvent(page, 'filmless-first-image');
    await waitForViewerEvent(page, 'filmless-image-change');
    const scripts = await page.evaluate(
      (at) =>
        (performance.getEntriesByType('resource') as unknown as { name: string; startTime: number }[])
          .filter(({ name, startTime }) => name.includes('/sdk/') && startTime < at)
          .map(({ name }) => new URL(name).pathname),
      first.at,
    );
    expect(scripts).toContain('/sdk/filmless-viewer.js');
    const sizes = scripts.map((path) => [path, gzipBytes(join(root, 'dist', path))] as const);
    const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
    expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(FIRST_IMAGE_SCRIPTS);
    await page.context().close();
  });

  it('shows the first image and its stored pixels without waiting for the metadata of a series', async () => {
    const { page } = await openPage();
    const held: (() => void)[] = [];
    await page.route(/\/series\/[^/]+\/metadata|\/studies\/[^/]+\/metadata/, async (route) => {
      await new Promise<void>((go) => held.push(go));
      await route.continue().catch(() => undefined);
    });
    await addViewer(page, studies[1] ?? '');
    await waitForViewerEvent(page, 'filmless-first-image');
    const change = await waitForViewerEvent(page, 'filmless-image-change');
    expect(held.length).toBeGreaterThan(0);
    expect(change.detail['count']).toBe(1);
    const seen = (await viewerEvents(page)).length;
    for (const go of held.splice(0)) go();
    // With the metadata there, the whole stack can be scrolled.
    await page.locator('filmless-viewer').evaluate((viewer) => (viewer as unknown as { focus(): void }).focus());
    await expect
      .poll(async () => {
        await page.locator('filmless-viewer [part~="image"]').first().press('End');
        return (await viewerEvents(page)).slice(seen).some(({ detail }) => detail['index'] === SLICES - 1);
      })
      .toBe(true);
    await page.context().close();
  });

  it('holds its memory while 20 studies are opened one after another', { timeout: 120_000 }, async () => {
    const { page, devtools } = await openPage();
    await addViewer(page, studies[0] ?? '');
    const sizes: number[] = [];
    for (const study of studies) {
      const seen = (await viewerEvents(page)).length;
      await page.locator('filmless-viewer').evaluate((viewer, uid) => viewer.setAttribute('study', uid), study);
      if (study !== studies[0]) await waitForViewerEvent(page, 'filmless-study-open', seen);
      await waitForLoaded(page, study);
      sizes.push(await heapBytes(devtools));
    }
    const early = Math.max(...sizes.slice(2, 6));
    const late = Math.min(...sizes.slice(-4));
    // What is left of a study that was closed is far less than its pixels.
    expect(late - early, sizes.map((size) => (size / MIB).toFixed(1)).join(' ')).toBeLessThan(2 * STUDY_PIXELS);
    await page.context().close();
  });

  it('frees an element that was removed', async () => {
    const { page, devtools } = await openPage();
    for (const study of studies.slice(0, 3)) {
      await addViewer(page, study);
      await waitForLoaded(page, study);
    }
    expect(await livingViewers(devtools)).toBe(3);
    const before = await heapBytes(devtools);
    await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { querySelector(n: string): { replaceChildren(): void } };
      };
      document.querySelector('main').replaceChildren();
    });
    await expect.poll(() => livingViewers(devtools)).toBe(0);
    expect(before - (await heapBytes(devtools))).toBeGreaterThan(2 * STUDY_PIXELS);
    await page.context().close();
  });

  /** Waits until every slice of the study is marked as there. */
  async function waitForLoaded(page: Page, study: string): Promise<void> {
    await page.waitForFunction(
      ([uid, count]) => {
        type Found = { study?: string; localName: string; loaded?: boolean[]; shadowRoot?: Parent };
        type Parent = { querySelectorAll(selector: string): Iterable<Found> };
        const { document } = globalThis as unknown as { document: Parent };
        const queue = [...document.querySelectorAll('filmless-viewer')].filter((viewer) => viewer.study === uid);
        for (let found = queue.pop(); found; found = queue.pop()) {
          const marks = found.localName === 'filmless-viewer-scrollbar' ? (found.loaded ?? []) : [];
          if (marks.filter(Boolean).length >= Number(count)) return true;
          queue.push(...(found.shadowRoot?.querySelectorAll('*') ?? []));
        }
        return false;
      },
      [study, SLICES] as const,
      { polling: 50, timeout: 60_000 },
    );
  }
});

/** The size on the wire to a browser that takes gzip alone. */
function gzipBytes(file: string): number {
  try {
    return readFileSync(`${file}.gz`).length;
  } catch {
    return readFileSync(file).length;
  }
}
