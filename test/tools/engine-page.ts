import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import type { NodeProcess } from './node-process.ts';

const root = resolve(import.meta.dirname, '..', '..');

/**
 * In the page: the viewer's engine without the viewer around it, on an element as large as the image, one device pixel to an image pixel.
 * Pixels that are not square are drawn square, so that each of them can be read.
 */
const PAGE_SCRIPT = `
import { DicomWebClient } from './client/dicomweb-client.ts';
import { RequestQueue } from './client/request-queue.ts';
import { DicomWebUrls } from './client/urls.ts';
import { describeFrame } from './dicom/frame.ts';
import { ClientFrameSource } from './session/client-frame-source.ts';

const client = new DicomWebClient(new DicomWebUrls('', location.href), new RequestQueue(), undefined);
const stage = document.createElement('div');
stage.style.cssText = 'position:fixed;inset:0 auto auto 0;width:64px;height:64px';
document.body.replaceChildren(stage);
let view;

globalThis.openEngine = async (drawing) => {
  const { openEngine } = await import(location.origin + '/sdk/filmless-engine.js');
  const engine = await openEngine({ assetBase: location.origin + '/sdk/', drawing });
  view = engine.createView(stage);
  return engine.rendering;
};

const toText = (bytes) => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
};

globalThis.draw = async ({ study, series, instance, frame, window, tone, inverted, patch }) => {
  const dataset = { ...(await client.instanceMetadata(study, series, instance, {})), ...patch };
  const described = describeFrame(dataset, frame);
  if (!described) return { refused: 'no image' };
  const square = { ...described, spacing: undefined, pixelAspect: 1 };
  const { rows, columns } = square.pixels;
  stage.style.width = columns + 'px';
  stage.style.height = rows + 'px';
  let state;
  view.onRendered = (shown) => (state = shown);
  view.setFrames([square], new ClientFrameSource(client), false);
  try {
    await view.show(0);
  } catch (error) {
    return { refused: error.code + ': ' + error.detail };
  }
  const canvas = () => stage.querySelector('canvas');
  const settled = async (ready) => {
    for (let turns = 0; turns < 2000 && !ready(); turns += 1) await new Promise((done) => setTimeout(done, 4));
  };
  await settled(() => canvas().width === columns && canvas().height === rows);
  state = undefined;
  if (window) view.setWindow(window);
  if (tone) view.setTone(tone);
  if (inverted) view.setInverted(true);
  view.actualSize();
  await settled(() => state !== undefined);
  const { a, d, e, f } = state.toScreen;
  if (canvas().width !== columns || a !== 1 || d !== 1 || e !== 0 || f !== 0)
    return { refused: 'not at native size: ' + JSON.stringify(state.toScreen) + ' on ' + canvas().width + ' x ' + canvas().height };
  const { data } = canvas().getContext('2d').getImageData(0, 0, columns, rows);
  const rgb = new Uint8Array(rows * columns * 3);
  for (let at = 0, out = 0; at < data.length; at += 4) {
    rgb[out++] = data[at];
    rgb[out++] = data[at + 1];
    rgb[out++] = data[at + 2];
  }
  const highest = 2 ** (square.pixels.bitsStored - square.pixels.pixelRepresentation) - 1;
  const lowest = square.pixels.pixelRepresentation === 1 ? -highest - 1 : 0;
  const { slope, intercept } = square.rescale ?? { slope: 1, intercept: 0 };
  const [first, last] = [lowest * slope + intercept, highest * slope + intercept];
  const saturated = Uint8Array.from(view.pixels(0).data, (value) => (value === first || value === last ? 1 : 0));
  return {
    rows,
    columns,
    saturated: toText(saturated),
    voiLut: state.tone.shape === 'table',
    window: state.window,
    range: state.range,
    voiFunction: square.voiFunction,
    color: square.pixels.samplesPerPixel > 1 || square.palette !== undefined,
    rgb: toText(rgb),
  };
};
`;

/** What is drawn, and how. */
export interface DrawRequest {
  study: string;
  series: string;
  instance: string;
  /** From 1. */
  frame: number;
  window?: { center: number; width: number };
  tone?: unknown;
  inverted?: boolean;
  /** Elements laid over the instance's metadata. */
  patch?: Record<string, unknown>;
}

export interface Drawn {
  rows: number;
  columns: number;
  window: { center: number; width: number };
  range: { minimum: number; maximum: number };
  voiFunction: string;
  color: boolean;
  /** Whether the file's VOI LUT is shown and no window. */
  voiLut: boolean;
  /** 1 for each pixel with the lowest or highest value that Bits Stored can hold, else 0. */
  saturated: Buffer;
  /** Red, green and blue of every pixel, row after row. */
  rgb: Buffer;
}

/** An engine in a page of its own. */
export interface EnginePage {
  readonly page: Page;
  /** One after another, whoever asks. @returns the pixels on the canvas, or why there are none */
  draw(request: DrawRequest): Promise<Drawn | { refused: string }>;
}

/** Opens the engine of a node's build in a page, drawing by WebGL or on the processor. */
export async function openEnginePage(
  context: BrowserContext,
  node: NodeProcess,
  drawing: 'webgl' | 'processor',
): Promise<EnginePage> {
  const { outputFiles } = await build({
    stdin: { contents: PAGE_SCRIPT, resolveDir: resolve(root, 'viewer-sdk/src'), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
  });
  const page = await context.newPage();
  await page.route('**/engine-page', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>engine</title><body></body>' }),
  );
  await page.goto(`${node.url}/engine-page`);
  await page.addScriptTag({ type: 'module', content: outputFiles[0]?.text ?? '' });
  await page.waitForFunction(() => 'draw' in globalThis);
  const rendering = await page.evaluate(
    (how) => (globalThis as unknown as { openEngine(how: string): Promise<string> }).openEngine(how),
    drawing,
  );
  if (rendering !== (drawing === 'processor' ? 'cpu' : 'gpu')) throw new Error(`the engine draws on the ${rendering}`);
  const bytes = (text: unknown): Buffer => Buffer.from(String(text), 'base64');
  const draw = async (request: DrawRequest): Promise<Drawn | { refused: string }> => {
    const drawn = await page.evaluate(
      (wanted) => (globalThis as unknown as { draw(request: unknown): Promise<Record<string, unknown>> }).draw(wanted),
      request as unknown,
    );
    if (typeof drawn['refused'] === 'string') return { refused: drawn['refused'] };
    return { ...drawn, rgb: bytes(drawn['rgb']), saturated: bytes(drawn['saturated']) } as unknown as Drawn;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    page,
    draw(request) {
      const drawn = last.then(() => draw(request));
      last = drawn.catch(() => undefined);
      return drawn;
    },
  };
}
