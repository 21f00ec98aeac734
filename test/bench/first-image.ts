import { ctSlices, phantomStudy } from '@filmless/core/phantoms';
import { hasChromium, launchChromium, recordViewerEvents, signIn, waitForViewerEvent } from '../tools/browser.ts';
import { startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';
import { median } from './measure.ts';

const RUNS = 5;
const FIRST_IMAGE_MS = 1_000;
const FULL_FIDELITY_MS = 3_000;

/** From the click on a row of the study list to the first image and to the stored pixels, each time in a browser that has cached nothing. */
export async function measureFirstImage(): Promise<void> {
  if (!hasChromium) return;
  const node = await startNode();
  const firsts: number[] = [];
  const fulls: number[] = [];
  try {
    await storePhantoms(
      node,
      ctSlices({ count: 128, study: phantomStudy({ seed: 'bench-first-image', AccessionNumber: 'BENCH1' }) }),
    );
    for (let run = 0; run < RUNS; run += 1) {
      const browser = await launchChromium();
      try {
        const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
        await recordViewerEvents(page);
        await signIn(page, node.url, 'admin', node.password);
        const row = page.locator('vaadin-grid').getByText('BENCH1');
        await row.waitFor();
        await page.evaluate(() => {
          (globalThis as unknown as EventTarget).addEventListener(
            'dblclick',
            () => Object.assign(globalThis, { clickedAt: performance.now() }),
            {
              capture: true,
              once: true,
            },
          );
        });
        await row.dblclick();
        const first = await waitForViewerEvent(page, 'filmless-first-image');
        const full = await waitForViewerEvent(page, 'filmless-image-change');
        const clickedAt = await page.evaluate(() => (globalThis as unknown as { clickedAt: number }).clickedAt);
        firsts.push(first.at - clickedAt);
        fulls.push(full.at - clickedAt);
      } finally {
        await browser.close();
      }
    }
  } finally {
    await node.stop();
    await node.remove();
  }
  const line = (what: string, value: number, wanted: number) =>
    console.log(
      `${what.padEnd(58)} ${`${value.toFixed(0)} ms`.padStart(9)}   (wanted ${wanted} ms: ${value <= wanted ? 'met' : 'NOT MET'}; median of ${RUNS})`,
    );
  line('click on a study to its first image, cold', median(firsts), FIRST_IMAGE_MS);
  line('click on a study to its stored pixels, cold', median(fulls), FULL_FIDELITY_MS);
}
