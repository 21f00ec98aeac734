import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from './browser.ts';
import { transferSyntaxOf } from './encoded-phantoms.ts';
import { type Drawn, type DrawRequest, type EnginePage, openEnginePage } from './engine-page.ts';
import { type NodeProcess, startNode } from './node-process.ts';
import { type Picture, type ReferenceRequest, referenceRendering } from './reference-rendering.ts';

const root = resolve(import.meta.dirname, '..', '..');

/** Grey levels by which the canvas may be off. */
export const LOSSLESS = 1;
export const LOSSY = 2;
export const LOSSY_SYNTAXES = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|81|91|203|112)$/;

export interface Imported {
  status: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  SOPInstanceUID: string;
}

export interface OnScreen {
  /** Which of the two. */
  name: string;
  drawn: Drawn;
}

/** A node and two pages that draw what it stores: one by WebGL, one on the processor. */
export class TwoScreens {
  /** A folder for files of the test. */
  readonly scratch: string;
  readonly #node: NodeProcess;
  readonly #browser: Browser;
  readonly #engines: readonly { name: string; engine: EnginePage }[];

  private constructor(scratch: string, node: NodeProcess, browser: Browser, engines: [EnginePage, EnginePage]) {
    this.scratch = scratch;
    this.#node = node;
    this.#browser = browser;
    this.#engines = [
      { name: 'WebGL', engine: engines[0] },
      { name: 'processor', engine: engines[1] },
    ];
  }

  static async open(): Promise<TwoScreens> {
    if (!existsSync(join(root, 'dist/sdk/filmless-engine.js')))
      throw new Error('the engine is not built: npm run build');
    const scratch = await mkdtemp(join(tmpdir(), 'filmless-fidelity-'));
    const [node, browser] = await Promise.all([startNode(), launchChromium()]);
    // A window each: a page behind another one draws late. Small ones: the browser need not paint what is read from the canvas.
    const page = async (drawing: 'webgl' | 'processor'): Promise<EnginePage> =>
      openEnginePage(
        await browser.newContext({
          viewport: { width: 320, height: 240 },
          extraHTTPHeaders: { authorization: node.authorization },
        }),
        node,
        drawing,
      );
    return new TwoScreens(scratch, node, browser, [await page('webgl'), await page('processor')]);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#node.stop();
    await this.#node.remove();
    await rm(this.scratch, { recursive: true, force: true });
  }

  async import(bytes: Uint8Array): Promise<Imported | { code: string }> {
    const response = await this.#node.fetch('/api/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/dicom' },
      body: new Blob([Uint8Array.from(bytes)]),
    });
    return (await response.json()) as Imported | { code: string };
  }

  async store(bytes: Uint8Array): Promise<Imported> {
    const answer = await this.import(bytes);
    if ('code' in answer) throw new Error(answer.code);
    return answer;
  }

  /** Draws it on both screens, or on the one named. */
  draw(place: Imported, how: Partial<DrawRequest> = {}, only?: string): Promise<OnScreen[]> {
    const screens = this.#engines.filter(({ name }) => only === undefined || name === only);
    return Promise.all(
      screens.map(async ({ name, engine }) => {
        const answer = await engine.draw({
          study: place.StudyInstanceUID,
          series: place.SeriesInstanceUID,
          instance: place.SOPInstanceUID,
          frame: 1,
          ...how,
        });
        if ('refused' in answer) throw new Error(`${name}: ${answer.refused}`);
        return { name, drawn: answer };
      }),
    );
  }

  /** The reference picture of bytes; throws when the other programs cannot make it. */
  async reference(bytes: Uint8Array, how: Omit<ReferenceRequest, 'transferSyntaxUID' | 'frame'>): Promise<Picture> {
    const file = join(this.scratch, `${randomUUID()}.dcm`);
    await writeFile(file, bytes);
    const request = { transferSyntaxUID: transferSyntaxOf(bytes), frame: 1, ...how };
    const picture = await referenceRendering(file, request, this.scratch);
    if ('refused' in picture) throw new Error(picture.refused);
    return picture;
  }
}
