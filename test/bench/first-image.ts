import { ctSlices, phantomStudy } from '@filmless/core/phantoms';
import type { Page } from 'playwright-core';
import { hasChromium, launchChromium, recordViewerEvents, signIn, waitForViewerEvent } from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';
import { median } from './measure.ts';

const RUNS = 5;
const SLICES = 300;
const CLICK_MS = 1_000;
const CLICK_PIXELS_MS = 3_000;
const ELEMENT_MS = 300;
const SLOW_LINE_MS = 1_000;
const WHOLE_STACK_MS = 3_000;
/** 20 Mbit/s, and 20 ms from question to answer. */
const SLOW_LINE = {
  offline: false,
  latency: 20,
  downloadThroughput: (20 * 1e6) / 8,
  uploadThroughput: (20 * 1e6) / 8,
} as const;

interface Times {
  firstMs: number;
  pixelsMs: number;
  wholeMs: number;
}

/** How long a CT of 300 slices takes to its first image, its stored pixels and its last slice; each time in a browser that has cached nothing. */
export async function measureFirstImage(): Promise<void> {
  if (!hasChromium) return;
  const node = await startNode();
  try {
    const study = phantomStudy({ seed: 'bench-first-image', AccessionNumber: 'BENCH1' });
    const stored = await storePhantoms(node, ctSlices({ count: SLICES, study }));
    const uid = stored[0]?.StudyInstanceUID ?? '';
    await measureClicks(node);
    await measureElement(node, uid);
  } finally {
    await node.stop();
    await node.remove();
  }
}

/** From the click on a row of the study list. */
async function measureClicks(node: NodeProcess): Promise<void> {
  const firsts: number[] = [];
  const fulls: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await inFreshBrowser(async (page) => {
      await signIn(page, node.url, 'admin', node.password);
      const row = page.locator('vaadin-grid').getByText('BENCH1');
      await row.waitFor();
      await page.evaluate(() => {
        (globalThis as unknown as EventTarget).addEventListener(
          'dblclick',
          () => Object.assign(globalThis, { clickedAt: performance.now() }),
          { capture: true, once: true },
        );
      });
      await row.dblclick();
      const first = await waitForViewerEvent(page, 'filmless-first-image');
      const full = await waitForViewerEvent(page, 'filmless-image-change');
      const clickedAt = await page.evaluate(() => (globalThis as unknown as { clickedAt: number }).clickedAt);
      firsts.push(first.at - clickedAt);
      fulls.push(full.at - clickedAt);
    });
  }
  line('click on a study to its first image, cold', median(firsts), CLICK_MS);
  line('click on a study to its stored pixels, cold', median(fulls), CLICK_PIXELS_MS);
}

/** From the element being connected, its script already there: what an embedding page sees. */
async function measureElement(node: NodeProcess, study: string): Promise<void> {
  const local: Times[] = [];
  const slow: Times[] = [];
  const jumps: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await inFreshBrowser(async (page) => {
      local.push(await openElement(page, node, study, true));
    });
    await inFreshBrowser(async (page) => {
      await prepareElementPage(page, node);
      const devtools = await page.context().newCDPSession(page);
      await devtools.send('Network.enable');
      await devtools.send('Network.emulateNetworkConditions', SLOW_LINE);
      slow.push(await openElement(page, node, study, false));
    });
    await inFreshBrowser(async (page) => {
      jumps.push(await jumpToTheEnd(page, node, study));
    });
  }
  const middle = (of: readonly Times[], pick: (times: Times) => number) => median(of.map(pick));
  line(
    `element connected to first image, ${SLICES} slices`,
    middle(local, ({ firstMs }) => firstMs),
    ELEMENT_MS,
  );
  line(
    'the same at 20 Mbit/s and 20 ms',
    middle(slow, ({ firstMs }) => firstMs),
    SLOW_LINE_MS,
  );
  line('element connected, End pressed at once: last slice shown', median(jumps), WHOLE_STACK_MS);
  line(
    'element connected to all slices there',
    middle(local, ({ wholeMs }) => wholeMs),
    WHOLE_STACK_MS,
  );
}

async function prepareElementPage(page: Page, node: NodeProcess): Promise<void> {
  const html = `<!doctype html><link rel="icon" href="data:,"><style>html,body{margin:0;height:100%}filmless-viewer{height:100%}</style>
    <script type="module" src="/sdk/filmless-viewer.js"></script>`;
  await page.context().request.post(`${node.url}/api/sessions`, { data: { user: 'admin', password: node.password } });
  await page.route('**/bench-page', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(`${node.url}/bench-page`);
  // Else each request of the viewer would wait for a word of the test.
  await page.unroute('**/bench-page');
  await page.waitForFunction("customElements.get('filmless-viewer')");
  // A host's page is on the screen already. A browser that has just started paints its first frame up to a second late.
  await page.evaluate(async () => {
    const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame(done: () => void): void };
    for (let frame = 0; frame < 3; frame += 1) await new Promise<void>((resolve) => requestAnimationFrame(resolve));
  });
}

async function openElement(page: Page, node: NodeProcess, study: string, whole: boolean): Promise<Times> {
  if (!page.url().endsWith('/bench-page')) await prepareElementPage(page, node);
  const start = await connect(page, study);
  const first = await waitForViewerEvent(page, 'filmless-first-image');
  const pixels = await waitForViewerEvent(page, 'filmless-image-change');
  let wholeAt = Number.NaN;
  if (whole) {
    const handle = await page.waitForFunction(
      (count) => {
        return loadedSlices() >= count ? performance.now() : undefined;

        /** What the scroll bar marks as there. */
        function loadedSlices(): number {
          type Node = {
            shadowRoot?: { querySelectorAll(s: string): Iterable<Node> };
            loaded?: boolean[];
            localName?: string;
          };
          const { document } = globalThis as unknown as { document: { querySelectorAll(s: string): Iterable<Node> } };
          const queue = [...document.querySelectorAll('filmless-viewer')];
          let most = 0;
          for (let node = queue.pop(); node; node = queue.pop()) {
            if (node.localName === 'filmless-viewer-scrollbar')
              most = Math.max(most, (node.loaded ?? []).filter(Boolean).length);
            if (node.shadowRoot) queue.push(...node.shadowRoot.querySelectorAll('*'));
          }
          return most;
        }
      },
      SLICES,
      { timeout: 60_000, polling: 50 },
    );
    wholeAt = (await handle.jsonValue()) as number;
  }
  return { firstMs: first.at - start, pixelsMs: pixels.at - start, wholeMs: wholeAt - start };
}

/** Whoever does not wait for the rest of the stack: the last slice is asked for as soon as there are keys. @returns until it is on the screen */
async function jumpToTheEnd(page: Page, node: NodeProcess, study: string): Promise<number> {
  await prepareElementPage(page, node);
  const start = await connect(page, study);
  await waitForViewerEvent(page, 'filmless-image-change');
  const image = page.locator('filmless-viewer [part~="image"]').first();
  for (;;) {
    // The keys come with the tools, shortly after the pixels.
    await image.press('End');
    const shownAt = await page.evaluate((last) => {
      const { viewerEvents } = globalThis as unknown as { viewerEvents: { at: number; detail: { index?: number } }[] };
      return viewerEvents.find(({ detail }) => detail.index === last)?.at;
    }, SLICES - 1);
    if (shownAt !== undefined) return shownAt - start;
  }
}

/** @returns when the element was connected, in the page's time */
const connect = (page: Page, study: string): Promise<number> =>
  page.evaluate((uid) => {
    const { document } = globalThis as unknown as {
      document: { body: { append(element: object): void }; createElement(name: string): object };
    };
    const viewer = Object.assign(document.createElement('filmless-viewer'), { study: uid });
    const now = performance.now();
    document.body.append(viewer);
    return now;
  }, study);

async function inFreshBrowser(work: (page: Page) => Promise<void>): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
    await recordViewerEvents(page);
    await work(page);
  } finally {
    await browser.close();
  }
}

function line(what: string, value: number, wanted: number): void {
  console.log(
    `${what.padEnd(58)} ${`${value.toFixed(0)} ms`.padStart(9)}   (wanted ${wanted} ms: ${value <= wanted ? 'met' : 'NOT MET'}; median of ${RUNS})`,
  );
}
