import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Balancer } from '../tools/balancer.ts';
import {
  hasChromium,
  launchChromium,
  recordViewerEvents,
  signIn,
  viewerEvents,
  waitForViewerEvent,
} from '../tools/browser.ts';
import { eventually } from '../tools/eventually.ts';
import { mainJobStory, type StoryPlace } from '../tools/main-job-story.ts';
import type { NodeProcess } from '../tools/node-process.ts';
import { SharedStores } from '../tools/shared-stores.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const SLICES = 300;
/** Slow enough that loading is under way when the gateway is killed. */
const BYTES_A_SECOND = 4_000_000;
const shots = join(resolve(import.meta.dirname, '..', '..'), 'test', 'output', 'screenshots');

/** Two gateways behind a balancer; records and bytes are elsewhere. */
class Gateways implements StoryPlace {
  readonly stores: SharedStores;
  readonly nodes: NodeProcess[];
  readonly balancer: Balancer;

  private constructor(stores: SharedStores, nodes: NodeProcess[], balancer: Balancer) {
    this.stores = stores;
    this.nodes = nodes;
    this.balancer = balancer;
  }

  static async start(): Promise<Gateways> {
    const stores = await SharedStores.start();
    const nodes = [await stores.startNode(), await stores.startNode()];
    return new Gateways(stores, nodes, await Balancer.start(nodes.map(({ httpPort }) => httpPort)));
  }

  get url(): string {
    return this.balancer.url;
  }

  get password(): string {
    return this.nodes[0]?.password ?? '';
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const authorization = this.nodes[0]?.authorization ?? '';
    return fetch(`${this.url}${path}`, { ...init, headers: { authorization, ...init.headers } });
  }

  /** Dies without a word, and comes back on a machine that has never seen anything. */
  async replace(index: number): Promise<void> {
    const node = this.nodes[index];
    if (!node) throw new Error('no such gateway');
    await node.kill();
    await node.remove();
    this.nodes[index] = await this.stores.startNode({ httpPort: node.httpPort, dicomPort: node.dicomPort });
  }

  async end(): Promise<void> {
    await this.balancer.stop();
    for (const node of this.nodes) {
      await node.stop();
      await node.remove();
    }
    await this.stores.stop();
  }
}

mainJobStory('the main job through two gateways that keep nothing', 'gateways-', () => Gateways.start());

describe.skipIf(!hasChromium)('a gateway is killed while somebody views (needs Chromium)', () => {
  let gateways: Gateways;
  let browser: Browser;
  let page: Page;
  let study: string;

  beforeAll(async () => {
    mkdirSync(shots, { recursive: true });
    gateways = await Gateways.start();
    const slices = await storePhantoms(
      gateways,
      ctSlices({ count: SLICES, rows: 256, study: phantomStudy({ seed: 'gateways' }) }),
    );
    study = slices[0]?.StudyInstanceUID ?? '';
    browser = await launchChromium();
    page = await (await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' })).newPage();
    await recordViewerEvents(page);
    await signIn(page, gateways.url, 'admin', gateways.password);
    const network = await page.context().newCDPSession(page);
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 2,
      downloadThroughput: BYTES_A_SECOND,
      uploadThroughput: BYTES_A_SECOND,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await gateways?.end();
  });

  const errors = async () => (await viewerEvents(page)).filter(({ type }) => type === 'filmless-error');

  /** How many slices the viewer marks as there. */
  const loaded = (): Promise<number> =>
    page
      .locator('filmless-viewer-scrollbar')
      .first()
      .evaluate((bar) => {
        const { loaded: marks = [] } = bar as unknown as { loaded?: boolean[] };
        return marks.filter(Boolean).length;
      });

  it('the viewer goes on to the last slice', { timeout: 300_000 }, async () => {
    await page.goto(`${gateways.url}/studies/${study}`);
    await waitForViewerEvent(page, 'filmless-image-change');
    await expect.poll(loaded, { timeout: 120_000 }).toBeGreaterThan(20);
    const [first, second] = gateways.nodes;
    if (!first || !second) throw new Error('two gateways');
    for (const { httpPort } of [first, second]) expect(gateways.balancer.served(httpPort)).toBeGreaterThan(0);
    await first.kill();
    expect(await loaded()).toBeLessThan(SLICES);
    const seen = (await viewerEvents(page)).length;
    await page.locator('filmless-viewer [part="image"]').first().focus();
    await page.keyboard.press('End');
    const last = await waitForViewerEvent(page, 'filmless-image-change', seen);
    expect(last.detail).toMatchObject({ index: SLICES - 1, count: SLICES });
    await expect.poll(loaded, { timeout: 120_000 }).toBe(SLICES);
    expect(await errors()).toEqual([]);
    await page.screenshot({ path: join(shots, 'gateways-after-the-kill.png') });
  });

  it('and after each gateway was replaced by an empty one nobody has to sign in again', async () => {
    await gateways.replace(0);
    await gateways.replace(1);
    await eventually(async () => (await gateways.fetch(`/api/studies/${study}`)).ok);
    await page.goto(`${gateways.url}/studies/${study}`);
    const change = await waitForViewerEvent(page, 'filmless-image-change');
    expect(change.detail).toMatchObject({ StudyInstanceUID: study, count: SLICES });
    expect(await errors()).toEqual([]);
  });
});
