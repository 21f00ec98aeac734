import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Attributes } from '@filmless/core/phantoms';
import {
  type DicomJson,
  firstNumber,
  firstString,
  readInstanceHeader,
  sourceOfBytes,
  tagOf,
} from '@filmless/core/plugin';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../tools/browser.ts';
import { corpusFiles, corpusFolder } from '../tools/corpus.ts';
import { hasDcmtk } from '../tools/dcmtk.ts';
import {
  COLUMNS,
  colorPhantom,
  colors,
  grayPhantom,
  pattern,
  ROWS,
  transferSyntaxOf,
} from '../tools/encoded-phantoms.ts';
import { type Drawn, type DrawRequest, type EnginePage, openEnginePage } from '../tools/engine-page.ts';
import { ENCODINGS, GRAY } from '../tools/fidelity-phantoms.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { difference, type Picture, referenceRendering } from '../tools/reference-rendering.ts';

const root = resolve(import.meta.dirname, '..', '..');
/** Grey levels by which the canvas may be off. */
const LOSSLESS = 1;
const LOSSY = 2;
const LOSSY_SYNTAXES = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|81|91|203|112)$/;

interface Imported {
  status: string;
  StudyInstanceUID: string;
  SeriesInstanceUID: string;
  SOPInstanceUID: string;
}

describe.skipIf(!hasChromium || !hasDcmtk)('what is on the screen (needs Chromium and DCMTK)', () => {
  let node: NodeProcess;
  let browser: Browser;
  let scratch: string;
  let engines: { name: string; engine: EnginePage }[];

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/sdk/filmless-engine.js')))
      throw new Error('the engine is not built: npm run build');
    scratch = await mkdtemp(join(tmpdir(), 'filmless-fidelity-'));
    node = await startNode();
    browser = await launchChromium();
    // A window each: a page behind another one draws late.
    const open = async (forceCpu: boolean): Promise<EnginePage> =>
      openEnginePage(
        await browser.newContext({
          viewport: { width: 2100, height: 1900 },
          extraHTTPHeaders: { authorization: node.authorization },
        }),
        node,
        forceCpu,
      );
    engines = [
      { name: 'WebGL', engine: await open(false) },
      { name: 'processor', engine: await open(true) },
    ];
  });
  afterAll(async () => {
    await browser?.close();
    await node?.stop();
    await node?.remove();
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  async function imported(bytes: Uint8Array): Promise<Imported | { code: string }> {
    const response = await node.fetch('/api/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/dicom' },
      body: new Blob([Uint8Array.from(bytes)]),
    });
    return (await response.json()) as Imported | { code: string };
  }

  /** Draws it both ways. */
  function drawn(place: Imported, how: Partial<DrawRequest> = {}): Promise<{ name: string; drawn: Drawn }[]> {
    const both = engines.map(async ({ name, engine }) => {
      const answer = await engine.draw({
        study: place.StudyInstanceUID,
        series: place.SeriesInstanceUID,
        instance: place.SOPInstanceUID,
        frame: 1,
        ...how,
      });
      if ('refused' in answer) throw new Error(`${name}: ${answer.refused}`);
      return { name, drawn: answer };
    });
    return Promise.all(both);
  }

  /** The reference picture of bytes; throws when the other programs cannot make it. */
  async function reference(
    bytes: Uint8Array,
    how: Omit<Parameters<typeof referenceRendering>[1], 'transferSyntaxUID' | 'frame'>,
  ): Promise<Picture> {
    const file = join(scratch, 'given.dcm');
    await writeFile(file, bytes);
    const picture = await referenceRendering(
      file,
      { transferSyntaxUID: transferSyntaxOf(bytes), frame: 1, ...how },
      scratch,
    );
    if ('refused' in picture) throw new Error(picture.refused);
    return picture;
  }

  async function stored(bytes: Uint8Array): Promise<Imported> {
    const answer = await imported(bytes);
    if ('code' in answer) throw new Error(answer.code);
    return answer;
  }

  it.each(GRAY)('%s', async (_name, instance) => {
    const place = await stored(instance.bytes);
    const results = await drawn(place);
    for (const { name, drawn: one } of results) {
      const picture = await reference(instance.bytes, { window: one.window, voiFunction: one.voiFunction });
      expect({ name, ...difference(picture, one.rgb, LOSSLESS) }).toMatchObject({ name, beyond: 0 });
    }
  });

  const lutOf = (entries: number, first: number, bits: number, curve: (share: number) => number): Attributes => ({
    VOILUTSequence: [
      {
        LUTDescriptor: [entries, first, bits],
        LUTExplanation: 'BONE',
        LUTData: Array.from({ length: entries }, (_, index) =>
          Math.round((2 ** bits - 1) * curve(index / (entries - 1))),
        ),
      },
    ],
  });

  it.each([
    ['of 4096 entries of 12 bits', lutOf(4096, 0, 12, (share) => share ** 2)],
    ['of 1000 entries of 16 bits, beginning at 700', lutOf(1000, 700, 16, (share) => Math.sqrt(share))],
    ['that is not steady', lutOf(2048, 1024, 10, (share) => Math.abs(Math.sin(share * 5)))],
  ])('a VOI LUT %s', async (name, attributes) => {
    const instance = grayPhantom(`vlut ${name}`, { bitsAllocated: 16, bitsStored: 12 }, attributes);
    const place = await stored(instance.bytes);
    const picture = await reference(instance.bytes, { voiLut: 1 });
    for (const { name: renderer, drawn: one } of await drawn(place))
      expect({ renderer, ...difference(picture, one.rgb, LOSSLESS) }).toMatchObject({ renderer, beyond: 0 });
  });

  it('fractions, which DCMTK rounds: as the same window over the stored values', async () => {
    const [slope, intercept, center, width] = [0.0371, -3.25, 60, 90];
    const format = { bitsAllocated: 16, bitsStored: 12 } as const;
    const scaled = { RescaleIntercept: intercept, RescaleSlope: slope, WindowCenter: center, WindowWidth: width };
    const place = await stored(grayPhantom('fractions', format, scaled).bytes);
    const lower = (center - 0.5 - (width - 1) / 2 - intercept) / slope;
    const upper = (center - 0.5 + (width - 1) / 2 - intercept) / slope;
    const plain = grayPhantom('fractions reference', format);
    const picture = await reference(plain.bytes, {
      window: { center: (upper + lower) / 2 + 0.5, width: upper - lower + 1 },
    });
    for (const { name, drawn: one } of await drawn(place))
      expect({ name, ...difference(picture, one.rgb, LOSSLESS) }).toMatchObject({ name, beyond: 0 });
  });

  it('LINEAR_EXACT by its formula, which DCMTK does not know', async () => {
    const center = 2000;
    const width = 300;
    const instance = grayPhantom(
      'exact',
      { bitsAllocated: 16, bitsStored: 12 },
      { WindowCenter: center, WindowWidth: width, VOILUTFunction: 'LINEAR_EXACT' },
    );
    const stretched = grayPhantom('exact reference', { bitsAllocated: 16, bitsStored: 12 });
    const place = await stored(instance.bytes);
    // The same formula as LINEAR's, for a center and a width half a value and a value larger.
    const picture = await reference(stretched.bytes, { window: { center: center + 0.5, width: width + 1 } });
    for (const { name, drawn: one } of await drawn(place)) {
      expect(one.voiFunction).toBe('LINEAR_EXACT');
      expect({ name, ...difference(picture, one.rgb, LOSSLESS) }).toMatchObject({ name, beyond: 0 });
    }
  });

  it('padding is black however the image is shown, and in no range', async () => {
    const padding = {
      PixelPaddingValue: 0,
      RescaleIntercept: -1024,
      RescaleSlope: 1,
      WindowCenter: 500,
      WindowWidth: 4000,
    };
    const instance = grayPhantom('padding', { bitsAllocated: 16, bitsStored: 12 }, padding);
    const place = await stored(instance.bytes);
    const plain = await reference(instance.bytes, { window: { center: 500, width: 4000 } });
    const padded = new Set(pattern(4095).flatMap((value, index) => (value === 0 ? [index] : [])));
    expect(padded.size).toBeGreaterThan(10);
    for (const inverted of [false, true]) {
      for (const { name, drawn: one } of await drawn(place, { inverted })) {
        expect(one.range.minimum).toBeGreaterThan(-1024);
        const data = plain.data.map((level, index) => (padded.has(index) ? 0 : inverted ? 255 - level : level));
        const off = difference({ ...plain, data: Buffer.from(data) }, one.rgb, LOSSLESS);
        expect({ name, inverted, ...off }).toMatchObject({ name, inverted, beyond: 0 });
      }
    }
  });

  it.each([
    ['RGB', colorPhantom('rgb', 'RGB'), LOSSLESS],
    ['RGB in planes', colorPhantom('rgb planes', 'RGB', 1), LOSSLESS],
    // DCMTK takes 127.5 for the middle of the colour differences, the standard 128; the next test holds us to the standard.
    ['YBR_FULL', colorPhantom('ybr', 'YBR_FULL'), 2],
    ['YBR_FULL in planes', colorPhantom('ybr planes', 'YBR_FULL', 1), 2],
    ['YBR_FULL_422', colorPhantom('ybr422', 'YBR_FULL_422'), 2],
  ] as const)('%s', async (_name, instance, allowed) => {
    const place = await stored(instance.bytes);
    const picture = await reference(instance.bytes, {});
    for (const { name, drawn: one } of await drawn(place))
      expect({ name, ...difference(picture, one.rgb, allowed) }).toMatchObject({ name, beyond: 0 });
  });

  it('YBR_FULL by the equations of PS3.3 C.7.6.3.1.2', async () => {
    const place = await stored(colorPhantom('ybr equations', 'YBR_FULL').bytes);
    const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
    const data = Buffer.from(
      colors().flatMap(([y, cb, cr]) => [
        byte(y + 1.402 * (cr - 128)),
        byte(y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128)),
        byte(y + 1.772 * (cb - 128)),
      ]),
    );
    for (const { name, drawn: one } of await drawn(place)) {
      const picture = { columns: COLUMNS, rows: ROWS, samples: 3, data } as const;
      expect({ name, ...difference(picture, one.rgb, LOSSLESS) }).toMatchObject({ name, beyond: 0 });
    }
  });

  it.each(ENCODINGS)('%s', async (title, phantom, encode) => {
    const instance = phantom(`codec ${title}`);
    const bytes = await encode(instance, scratch);
    const place = await stored(bytes);
    expect(place.status).toBe('stored');
    const lossy = LOSSY_SYNTAXES.test(transferSyntaxOf(bytes));
    for (const { name, drawn: one } of await drawn(place)) {
      const window = one.color ? undefined : one.window;
      // What was lost is the encoder's: a lossy picture is compared as another decoder sees it, any other with what went in.
      const picture = await reference(lossy ? bytes : instance.bytes, { window });
      const off = difference(picture, one.rgb, lossy ? LOSSY : LOSSLESS);
      expect({ name, ...off }).toMatchObject({ name, beyond: 0 });
    }
  });

  it.skipIf(!corpusFolder)('every kind of image of the corpus', { timeout: 300_000 }, async () => {
    const seen = new Set<string>();
    const leftOut: string[] = [];
    const wrong: unknown[] = [];
    let compared = 0;
    // Of each kind the smallest: what is drawn and compared is the same.
    const files = corpusFiles().map(({ path }) => ({ path, size: statSync(path).size }));
    for (const { path } of files.sort((one, other) => one.size - other.size)) {
      const name = relative(corpusFolder ?? '', path);
      // Series of equal slices, objects that are no pictures, and damage, which has tests of its own.
      if (/^(dicomdir|charset|sr|rt\/rt[sp]|derived\/(charset|odd|video))|-phantom-.*(?<!\/I10)$|pacsman/.test(name))
        continue;
      const bytes = await readFile(path);
      const transferSyntaxUID = transferSyntaxOf(bytes);
      const header = await readInstanceHeader(sourceOfBytes(bytes)).catch(() => undefined);
      if (header && !header.dataset[tagOf('Rows')]) continue;
      const kind = header && kindOf(transferSyntaxUID, header.dataset);
      if (kind !== undefined && seen.has(kind)) continue;
      let place = await imported(bytes);
      // Files of one picture in several codings share its UID: the later ones get another.
      if (!('code' in place) && place.status === 'conflict')
        place = await imported(renamed(bytes, place.SOPInstanceUID));
      if ('code' in place || place.status !== 'stored') {
        leftOut.push(`${name}: ${'code' in place ? place.code : place.status}`);
        continue;
      }
      if (!header || kind === undefined) {
        leftOut.push(`${name}: no header`);
        continue;
      }
      seen.add(kind);
      const frame = (firstNumber(header.dataset, 'NumberOfFrames') ?? 1) > 1 ? 2 : 1;
      // Both renderers draw the same window as a rule: one reference does for both.
      const references = new Map<string, Picture | { refused: string }>();
      let results: { name: string; drawn: Drawn }[];
      try {
        results = await drawn(place, { frame });
      } catch (error) {
        leftOut.push(`${name}: ${error instanceof Error ? error.message : error}`);
        continue;
      }
      const lossy = LOSSY_SYNTAXES.test(transferSyntaxUID);
      for (const { name: renderer, drawn: first } of results) {
        // A lossy codec's stored values may be one off already, which a narrow window makes many levels: these are shown whole.
        const { minimum, maximum } = first.range;
        const window = lossy ? { center: (minimum + maximum + 1) / 2, width: maximum - minimum + 1 } : first.window;
        const one = lossy && !first.color ? await redrawn(renderer, place, { frame, window }) : first;
        const how = { transferSyntaxUID, frame, voiFunction: one.voiFunction };
        const request = one.color ? how : { ...how, window, ...(one.voiLut ? { voiLut: 1 } : {}) };
        const key = JSON.stringify(request);
        const picture = references.get(key) ?? (await referenceRendering(path, request, scratch));
        references.set(key, picture);
        if ('refused' in picture) {
          leftOut.push(`${name}: ${picture.refused}`);
          break;
        }
        compared += 1;
        const off = difference(picture, one.rgb, lossy ? LOSSY : LOSSLESS, one.saturated);
        if (off.beyond > 0) wrong.push({ name, renderer, ...off });
      }
    }
    console.log(`${compared / 2} kinds of images compared; left out:\n${leftOut.join('\n')}`);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(100);
  });

  /** What decides how an image is decoded and drawn: one of each kind is enough. */
  function kindOf(transferSyntaxUID: string, dataset: DicomJson): string {
    const number = (keyword: string): number | undefined => firstNumber(dataset, keyword);
    const rescale = [number('RescaleSlope'), number('RescaleIntercept')].map((value) =>
      value === undefined ? 'none' : Number.isInteger(value) ? Math.sign(value) : 'fraction',
    );
    return JSON.stringify([
      transferSyntaxUID,
      firstString(dataset, 'PhotometricInterpretation'),
      firstString(dataset, 'VOILUTFunction'),
      ...[
        'SamplesPerPixel',
        'PlanarConfiguration',
        'BitsAllocated',
        'BitsStored',
        'HighBit',
        'PixelRepresentation',
      ].map(number),
      ...rescale,
      ...['ModalityLUTSequence', 'VOILUTSequence', 'WindowCenter', 'PixelPaddingValue'].map(
        (keyword) => dataset[tagOf(keyword)] !== undefined,
      ),
    ]);
  }

  /** The file under another SOP Instance UID of the same length. */
  function renamed(bytes: Buffer, uid: string): Buffer {
    const last = String(renames++ % 10);
    const place = uid.length - 1 - (Math.floor(renames / 10) % 3);
    const other =
      uid.slice(0, place) + (uid[place] === last ? String((Number(last) + 5) % 10) : last) + uid.slice(place + 1);
    return Buffer.from(bytes.toString('latin1').replaceAll(uid, other), 'latin1');
  }
  let renames = 1;

  async function redrawn(renderer: string, place: Imported, how: Partial<DrawRequest>): Promise<Drawn> {
    const found = (await drawn(place, how)).find(({ name }) => name === renderer);
    if (!found) throw new Error(renderer);
    return found.drawn;
  }
});
