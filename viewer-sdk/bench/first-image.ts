/**
 * Measures how long a study takes from the click to its first image and to its stored pixels, cold, in headless Chromium.
 * usage: node viewer-sdk/bench/first-image.ts NODE_URL STUDY_UID USER:PASSWORD [RUNS]
 * "cold": a new browser each time, nothing cached; the viewer's element is on the page, its engine is not loaded.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [nodeUrl, study, credentials = '', runs = '5'] = process.argv.slice(2);
if (!nodeUrl || !study) {
  console.error('usage: node viewer-sdk/bench/first-image.ts NODE_URL STUDY_UID USER:PASSWORD [RUNS]');
  process.exit(2);
}
const [user = '', password = ''] = credentials.split(':');
const executablePath = [process.env['CHROME_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
const args = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];
const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>html,body{margin:0;height:100%}</style>
<filmless-viewer></filmless-viewer><script type="module" src="/sdk/filmless-viewer.js"></script>`;

interface Times {
  readonly firstImageMs: number;
  readonly fullMs: number;
  readonly wholeSeriesMs: number;
  readonly count: number;
}

async function measure(): Promise<Times> {
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args });
  try {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    await context.request.post(`${nodeUrl}/api/sessions`, { data: { user, password } });
    const tab = await context.newPage();
    await tab.route('**/measure', (route) => route.fulfill({ contentType: 'text/html', body: page }));
    await tab.goto(`${nodeUrl}/measure`);
    await tab.waitForFunction(() => customElements.get('filmless-viewer'));
    return await tab.evaluate(async (uid) => {
      const viewer = document.querySelector('filmless-viewer') as HTMLElement & { study: string };
      const start = performance.now();
      const when = (type: string) =>
        new Promise<number>((resolve, reject) => {
          viewer.addEventListener(type, () => resolve(performance.now() - start), { once: true });
          viewer.addEventListener('filmless-error', (event) =>
            reject(new Error(JSON.stringify((event as CustomEvent).detail))),
          );
        });
      const times = [when('filmless-first-image'), when('filmless-image-change')];
      viewer.study = uid;
      const [firstImageMs = 0, fullMs = 0] = await Promise.all(times);
      const loaded = () =>
        (viewer.shadowRoot
          ?.querySelector('filmless-viewer-cell')
          ?.shadowRoot?.querySelector('filmless-viewer-scrollbar') as { loaded?: boolean[]; count?: number } | null) ??
        {};
      // The bar comes with the tools, a moment after the first image.
      while ((loaded().loaded?.filter(Boolean).length ?? 0) < (loaded().count ?? 1))
        await new Promise((resolve) => setTimeout(resolve, 20));
      return { firstImageMs, fullMs, wholeSeriesMs: performance.now() - start, count: loaded().count ?? 1 };
    }, study);
  } finally {
    await browser.close();
  }
}

const all: Times[] = [];
for (let run = 0; run < Number(runs); run += 1) {
  const times = await measure();
  all.push(times);
  console.log(
    `run ${run + 1}: first image ${Math.round(times.firstImageMs)} ms, stored pixels ${Math.round(times.fullMs)} ms, all ${times.count} images ${Math.round(times.wholeSeriesMs)} ms`,
  );
}
const median = (pick: (times: Times) => number): number =>
  Math.round([...all].sort((a, b) => pick(a) - pick(b)).map(pick)[Math.floor(all.length / 2)] ?? 0);
console.log(
  `median: first image ${median((times) => times.firstImageMs)} ms, stored pixels ${median((times) => times.fullMs)} ms`,
);
