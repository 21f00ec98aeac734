import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from './prerequisites.ts';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  // WebGL is imitated in software; the page itself is composed as on any PC without graphics hardware, although Debian's start script wants otherwise.
  '--disable-gpu-compositing',
];

/** Whether a browser is there; says so aloud when not. */
export const hasChromium: boolean = findChromium() !== undefined;
if (!hasChromium)
  console.warn('Chromium is not installed: end-to-end tests are left out (Debian: apt-get install chromium)');

/** The system's Chromium without a window, drawing by software, and without any traffic of its own. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium is not installed');
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

export interface ViewerEvent {
  type: string;
  /** Milliseconds since the page's time origin. */
  at: number;
  detail: Record<string, unknown>;
}

/** Keeps the viewer's events of every page of the context from its first script on, under `viewerEvents`. */
export async function recordViewerEvents(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const events: { type: string; at: number; detail: unknown }[] = [];
    Object.assign(globalThis, { viewerEvents: events });
    for (const type of ['filmless-first-image', 'filmless-study-open', 'filmless-image-change', 'filmless-error']) {
      (globalThis as unknown as EventTarget).addEventListener(type, (event) =>
        events.push({ type, at: performance.now(), detail: (event as CustomEvent).detail }),
      );
    }
  });
}

export const viewerEvents = (page: Page): Promise<ViewerEvent[]> =>
  page.evaluate(() => (globalThis as unknown as { viewerEvents: ViewerEvent[] }).viewerEvents);

/** Waits for a viewer event of this type after the first `seen` ones of all. Throws what the viewer reported when it failed. */
export async function waitForViewerEvent(page: Page, type: string, seen = 0): Promise<ViewerEvent> {
  const handle = await page.waitForFunction(
    ([wanted, from]) => {
      const events = (globalThis as unknown as { viewerEvents: ViewerEvent[] }).viewerEvents.slice(from as number);
      return events.find((event) => event.type === wanted || event.type === 'filmless-error');
    },
    [type, seen] as const,
    { timeout: 60_000, polling: 20 },
  );
  const event = (await handle.jsonValue()) as ViewerEvent;
  if (event.type === 'filmless-error' && type !== 'filmless-error')
    throw new Error(`the viewer failed: ${JSON.stringify(event.detail)}`);
  return event;
}

/** Signs in on the page and waits for the study list. */
export async function signIn(page: Page, url: string, user: string, password: string): Promise<void> {
  await page.goto(url);
  await page.locator('input[autocomplete="username"]').fill(user);
  await page.locator('input[type="password"]').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('vaadin-grid').first().waitFor();
}
