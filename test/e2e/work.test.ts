import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ctSlices, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasChromium,
  launchChromium,
  recordViewerEvents,
  signIn,
  viewerEvents,
  waitForViewerEvent,
} from '../tools/browser.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

const root = resolve(import.meta.dirname, '..', '..');
const shots = join(root, 'test', 'output', 'screenshots');
const ROWS = 256;
type Json = Record<string, { Value?: unknown[] }>;

describe.skipIf(!hasChromium)('work that is kept (needs Chromium)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let slices: PhantomInstance[];
  let study: string;

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/sdk/filmless-viewer.js'))) throw new Error('the SDK is not built: npm run build');
    mkdirSync(shots, { recursive: true });
    node = await startNode();
    slices = await storePhantoms(
      node,
      ctSlices({
        count: 6,
        rows: ROWS,
        study: phantomStudy({
          seed: 'e2e-work',
          patient: {
            PatientName: { Alphabetic: 'Zhang^San', Ideographic: '张^三' },
            PatientID: 'WORK-E2E',
            PatientBirthDate: '19700101',
            PatientSex: 'M',
          },
          AccessionNumber: 'WORK0001',
          StudyDescription: '胸部CT平扫',
          characterSet: 'GB18030',
        }),
      }),
    );
    study = slices[0]!.StudyInstanceUID;
    browser = await launchChromium();
    context = await browser.newContext({
      viewport: { width: 1366, height: 768 },
      locale: 'zh-CN',
      acceptDownloads: true,
    });
    page = await context.newPage();
    await recordViewerEvents(page);
    // A page of the node's own origin with the elements alone.
    await page.route('**/work-page*', (route) =>
      route.fulfill({ contentType: 'text/html', body: pageOf(route.request().url()) }),
    );
    await signIn(page, node.url, 'admin', node.password);
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
  });

  const pageOf = (address: string): string => {
    const query = new URL(address).searchParams;
    const attributes = `study="${study}" locale="${query.get('locale') ?? 'zh-CN'}"`;
    const report = query.has('report')
      ? `<filmless-report for="viewer" style="width: 400px" ${attributes}></filmless-report>`
      : '';
    return `<!doctype html><meta charset="utf-8"><style>body { display: flex; height: 100vh; margin: 0 } filmless-viewer { flex: 1; min-width: 0 }</style>
      <script type="module" src="/sdk/filmless-viewer.js"></script><filmless-viewer id="viewer" ${attributes}></filmless-viewer>${report}`;
  };
  /** The next version of the study's report, as the system that writes it sends it. */
  async function deliver(report: object): Promise<void> {
    const patient = { id: 'WORK-E2E' };
    const body = JSON.stringify({ ...report, patient, StudyInstanceUID: study, externalId: 'R1' });
    const response = await node.fetch('/api/reports', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (!response.ok) throw new Error(`not delivered: ${response.status} ${await response.text()}`);
  }
  const shot = (name: string) => page.screenshot({ path: join(shots, `${name}.png`) });
  const panel = (id: string): Locator => page.locator(`filmless-viewer button[data-id="${id}"]`);
  const drawn = (): Locator => page.locator('filmless-viewer-cell [data-layer="measurements"] [data-kind]');

  async function open(query = ''): Promise<void> {
    await page.goto(`${node.url}/work-page?${query}`);
    await waitForViewerEvent(page, 'filmless-image-change');
    await panel('work').waitFor();
  }

  async function imageBox(): Promise<{ x: number; y: number; width: number; height: number }> {
    const box = await page.locator('filmless-viewer-cell').first().boundingBox();
    if (!box) throw new Error('no image area');
    return box;
  }

  async function drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const { x, y, width, height } = await imageBox();
    await page.mouse.move(x + from[0] * width, y + from[1] * height);
    await page.mouse.down();
    await page.mouse.move(x + to[0] * width, y + to[1] * height, { steps: 5 });
    await page.mouse.up();
  }

  /** The data sets of the study's series of one modality. */
  async function stored(modality: string): Promise<Json[]> {
    const read = async (path: string) =>
      (await (await node.fetch(path, { headers: { accept: 'application/dicom+json' } })).json()) as Json[];
    const all = await read(`/dicom-web/studies/${study}/metadata`);
    return all.filter((dataset) => dataset['00080060']?.Value?.[0] === modality);
  }

  /** Every coordinate of the lines as they are drawn, in CSS pixels: the same in a window of the same size. */
  const places = async (): Promise<number[]> => {
    const lines = page.locator('filmless-viewer-cell [data-layer="measurements"] [data-kind] .line');
    const paths = await lines.evaluateAll((all) => all.map((line) => line.getAttribute('d') ?? ''));
    return paths.flatMap((path) => path.match(/-?[\d.]+/g) ?? []).map(Number);
  };

  let before: number[];

  it('stores measurements and key images', async () => {
    await open();
    await page.locator('filmless-viewer [part="image"]').first().focus();
    await page.keyboard.press('d');
    await drag([0.3, 0.4], [0.6, 0.5]);
    await expect.poll(() => drawn().count()).toBe(1);
    await page.keyboard.press('e');
    await drag([0.4, 0.55], [0.5, 0.65]);
    await expect.poll(() => drawn().count()).toBe(2);
    await page.keyboard.press('k');
    before = await places();
    await panel('work').click();
    await page.locator('filmless-work-panel').getByText('测量有更改').waitFor();
    await page.locator('filmless-work-panel').getByText('关键图像有更改').waitFor();
    await shot('work-unsaved');
    await page.locator('[data-action="save"]').click();
    await page.locator('filmless-work-panel').getByText('已全部保存').waitFor();
    await shot('work-saved');
    // What was stored stands in the list, and its images are marked there.
    const series = page.locator('filmless-viewer-thumbnails button.series');
    await expect.poll(() => series.locator('.kind').allTextContents()).toEqual(['CT', 'SR', 'KO']);
    expect(await series.first().locator('.keys').getAttribute('title')).toBe('关键图像 1 幅');
    const [report] = await stored('SR');
    expect(report?.['00100010']?.Value).toEqual([{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }]);
    expect(report?.['00100020']?.Value).toEqual(['WORK-E2E']);
    const [keys] = await stored('KO');
    const shown = (await viewerEvents(page)).findLast(({ type }) => type === 'filmless-image-change')?.detail[
      'SOPInstanceUID'
    ];
    const evidence = JSON.stringify(keys?.['0040A375']);
    expect(evidence).toContain(String(shown));
  });

  it('draws them again at the same place when the study is opened anew', async () => {
    await open();
    await expect.poll(() => drawn().count()).toBe(2);
    // The file keeps coordinates in 32 bits; the screen shows hundredths. The image finds its place once the panels are there.
    const furthest = async () => {
      const after = await places();
      if (after.length !== before.length) return Number.POSITIVE_INFINITY;
      return Math.max(...after.map((place, index) => Math.abs(place - before[index]!)));
    };
    await expect.poll(furthest).toBeLessThan(0.02);
    await panel('work').click();
    await page.locator('filmless-work-panel').getByText('已全部保存').waitFor();
    await page.locator('filmless-work-panel .key img').waitFor();
    await page.locator('filmless-work-panel details[data-type="report"] summary').click();
    await shot('work-restored');
  });

  it('keeps what could not be stored, and offers it again', async () => {
    await page.locator('filmless-viewer [part="image"]').first().focus();
    await page.keyboard.press('d');
    await drag([0.3, 0.7], [0.6, 0.75]);
    await expect.poll(() => drawn().count()).toBe(3);
    await page.route('**/dicom-web/studies/*', (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 503, json: {} }) : route.fallback(),
    );
    await page.locator('[data-action="save"]').click();
    await page.locator('filmless-work-panel').getByText('VIEWER_SERVER_FAILED').waitFor();
    await shot('work-failed');
    await page.unroute('**/dicom-web/studies/*');
    page.once('dialog', (dialog) => void dialog.accept());
    await open();
    await panel('work').click();
    await page.locator('[data-action="restore"]').click();
    await expect.poll(() => drawn().count()).toBe(3);
    await page.locator('[data-action="save"]').click();
    await page.locator('filmless-work-panel').getByText('已全部保存').waitFor();
    const reports = await stored('SR');
    expect(reports).toHaveLength(2);
    const uids = reports.map((dataset) => dataset['00080018']?.Value?.[0]);
    const newer = reports.find((dataset) => dataset['0040A360']);
    expect(JSON.stringify(newer?.['0040A360'])).toContain(
      String(uids.find((uid) => uid !== newer?.['00080018']?.Value?.[0])),
    );
    await open();
    await expect.poll(() => drawn().count()).toBe(3);
  });

  it('keeps how an image was shown, and shows it so again', async () => {
    await open();
    const shownWindow = page.locator('filmless-viewer-cell').getByText('窗宽 1500 窗位 -600');
    await page.locator('filmless-viewer [part="image"]').first().focus();
    await page.keyboard.press('4');
    await shownWindow.waitFor();
    await panel('work').click();
    await page.locator('filmless-work-panel').getByText('保存显示状态').click();
    await page.locator('filmless-viewer-dialog button.yes').click();
    const states = page.locator('filmless-work-panel details[data-type="presentation"]');
    await states.locator('summary').click();
    await page.locator('filmless-viewer-thumbnails button.series .kind', { hasText: 'PR' }).waitFor();
    await page.locator('filmless-viewer [part="image"]').first().focus();
    await page.keyboard.press('1');
    await shownWindow.waitFor({ state: 'detached' });
    await states.locator('button.plain').click();
    await shownWindow.waitFor();
    await shot('work-presentation');
    await page.locator('filmless-viewer [part="image"]').first().focus();
    await page.keyboard.press('1');
    await shownWindow.waitFor({ state: 'detached' });
  });

  it('exports the image with the very grey levels of its window', async () => {
    await panel('work-export').click();
    await page.locator('[data-check="export.patient"]').uncheck();
    await page.locator('[data-check="export.annotations"]').uncheck();
    await shot('work-export');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-action="export"]').click(),
    ]);
    // Without the patient's name in it.
    expect(download.suggestedFilename()).toMatch(/^CT_2_\d+\.png$/);
    const { data, info } = await sharp(readFileSync(await download.path()))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([ROWS, ROWS]);
    const shown = (await viewerEvents(page)).findLast(({ type }) => type === 'filmless-image-change');
    const slice = slices.find(({ SOPInstanceUID }) => SOPInstanceUID === shown?.detail['SOPInstanceUID'])!;
    const values = new Uint16Array(Uint8Array.from(slice.bytes.subarray(-ROWS * ROWS * 2)).buffer);
    // 400 / 40 on Hounsfield units that are stored 1024 higher. @dicom PS3.3 C.11.2.1.2.1
    let worst = 0;
    for (let index = 0; index < ROWS * ROWS; index += 1) {
      const level = ((values[index]! - 1024 - 39.5) / 399 + 0.5) * 255;
      worst = Math.max(worst, Math.abs(data[index * 3]! - Math.min(255, Math.max(0, level))));
    }
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('exports the stack as a film', async () => {
    await page.locator('[data-choice="export.what"]').selectOption('cine');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-action="export"]').click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.(mp4|webm)$/);
    const bytes = readFileSync(await download.path());
    const head = bytes.toString('latin1', 0, 64);
    expect(head.includes('ftyp') || bytes.readUInt32BE(0) === 0x1a45dfa3).toBe(true);
    // It plays, at the images' own size and for as long as there are images: 12 in a second.
    const type = download.suggestedFilename().endsWith('mp4') ? 'video/mp4' : 'video/webm';
    const film = await context.newPage();
    await film.setContent(`<video muted src="data:${type};base64,${bytes.toString('base64')}"></video>`);
    const property = (name: string) =>
      film.locator('video').evaluate((video, key) => Reflect.get(video, key) as unknown, name);
    await expect.poll(() => property('readyState')).toBeGreaterThan(1);
    const played = {
      width: await property('videoWidth'),
      height: await property('videoHeight'),
      seconds: await property('duration'),
    };
    await film.close();
    expect(played).toEqual({ width: ROWS, height: ROWS, seconds: expect.closeTo(slices.length / 12, 1) });
  });

  it('jumps from the report to the measurement that it speaks of', async () => {
    const at = (await viewerEvents(page)).findLast(({ type }) => type === 'filmless-image-change')?.detail ?? {};
    const reports = await stored('SR');
    const newest = reports.find((dataset) => dataset['0040A360']);
    const [, tracking = ''] = /"0040A124":[^}]*?"Value":\["([\d.]+)"\]/.exec(JSON.stringify(newest)) ?? [];
    const image = { series: at['SeriesInstanceUID'], instance: at['SOPInstanceUID'], annotation: tracking, study };
    await deliver({ status: 'reported', title: '测量', author: '李医生', text: '见图1。', keyImages: [image] });
    await open('report=1');
    await expect.poll(() => drawn().count()).toBe(3);
    expect(await page.locator('filmless-viewer-cell .measure.selected').count()).toBe(0);
    await page.locator('filmless-report').getByRole('button', { name: '图1', exact: true }).click();
    await page.locator('filmless-viewer-cell .measure.selected').waitFor();
  });

  it('jumps from the report to the image, and marks the sentence that speaks of it', async () => {
    const [first, last] = [slices[0]!, slices.at(-1)!];
    const image = ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: PhantomInstance, window: object) => ({
      study: StudyInstanceUID,
      series: SeriesInstanceUID,
      instance: SOPInstanceUID,
      window,
    });
    const version = {
      title: '胸部CT平扫报告',
      author: '李医生',
      reviewer: '王主任',
      issuedAt: '2026-01-02T02:11:00Z',
      text: '影像所见：\n右肺上叶见磨玻璃结节，约 8.5 mm（图1）。左肺未见异常，见图 2。\n诊断意见：\n右肺上叶结节，建议随访。<b>不是标记</b>',
      keyImages: [image(first, { center: -600, width: 1500 }), image(last, { center: 40, width: 350 })],
    };
    await deliver({ ...version, status: 'reported', title: '初稿', reviewer: '' });
    await deliver({ ...version, status: 'reviewed' });
    await open('report=1');
    const report = page.locator('filmless-report');
    await report.getByText('已审核').waitFor();
    // Text is text.
    await report.getByText('<b>不是标记</b>').waitFor();
    const seen = (await viewerEvents(page)).length;
    await report.getByRole('button', { name: '图1', exact: true }).click();
    const change = await waitForViewerEvent(page, 'filmless-image-change', seen);
    expect(change.detail['SOPInstanceUID']).toBe(first.SOPInstanceUID);
    await expect
      .poll(() => report.locator('.sentence.current').allTextContents())
      .toEqual([expect.stringContaining('磨玻璃结节，约 8.5 mm')]);
    await page.locator('filmless-viewer').getByText('窗宽 1500 窗位 -600').first().waitFor();
    await shot('report-beside');
    // And back: scrolling to the other image marks the other sentence.
    await page.locator('filmless-viewer [part="image"]').first().focus();
    await page.keyboard.press('End');
    await expect
      .poll(() => report.locator('.sentence.current').allTextContents())
      .toEqual([expect.stringContaining('左肺未见异常')]);
  });
});
