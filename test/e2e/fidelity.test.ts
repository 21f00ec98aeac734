import type { Attributes } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from '../tools/browser.ts';
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
import { ENCODINGS, GRAY } from '../tools/fidelity-phantoms.ts';
import { difference } from '../tools/reference-rendering.ts';
import { LOSSLESS, LOSSY, LOSSY_SYNTAXES, TwoScreens } from '../tools/two-screens.ts';

describe.skipIf(!hasChromium || !hasDcmtk)('what is on the screen (needs Chromium and DCMTK)', () => {
  let screens: TwoScreens;

  beforeAll(async () => {
    screens = await TwoScreens.open();
  });
  afterAll(() => screens?.close());

  it.concurrent.each(GRAY)('%s', async (_name, instance) => {
    const place = await screens.store(instance.bytes);
    const results = await screens.draw(place);
    for (const { name, drawn: one } of results) {
      const picture = await screens.reference(instance.bytes, { window: one.window, voiFunction: one.voiFunction });
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
    const place = await screens.store(instance.bytes);
    const picture = await screens.reference(instance.bytes, { voiLut: 1 });
    for (const { name: renderer, drawn: one } of await screens.draw(place))
      expect({ renderer, ...difference(picture, one.rgb, LOSSLESS) }).toMatchObject({ renderer, beyond: 0 });
  });

  it('fractions, which DCMTK rounds: as the same window over the stored values', async () => {
    const [slope, intercept, center, width] = [0.0371, -3.25, 60, 90];
    const format = { bitsAllocated: 16, bitsStored: 12 } as const;
    const scaled = { RescaleIntercept: intercept, RescaleSlope: slope, WindowCenter: center, WindowWidth: width };
    const place = await screens.store(grayPhantom('fractions', format, scaled).bytes);
    const lower = (center - 0.5 - (width - 1) / 2 - intercept) / slope;
    const upper = (center - 0.5 + (width - 1) / 2 - intercept) / slope;
    const plain = grayPhantom('fractions reference', format);
    const picture = await screens.reference(plain.bytes, {
      window: { center: (upper + lower) / 2 + 0.5, width: upper - lower + 1 },
    });
    for (const { name, drawn: one } of await screens.draw(place))
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
    const place = await screens.store(instance.bytes);
    // The same formula as LINEAR's, for a center and a width half a value and a value larger.
    const picture = await screens.reference(stretched.bytes, { window: { center: center + 0.5, width: width + 1 } });
    for (const { name, drawn: one } of await screens.draw(place)) {
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
    const place = await screens.store(instance.bytes);
    const plain = await screens.reference(instance.bytes, { window: { center: 500, width: 4000 } });
    const padded = new Set(pattern(4095).flatMap((value, index) => (value === 0 ? [index] : [])));
    expect(padded.size).toBeGreaterThan(10);
    for (const inverted of [false, true]) {
      for (const { name, drawn: one } of await screens.draw(place, { inverted })) {
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
    const place = await screens.store(instance.bytes);
    const picture = await screens.reference(instance.bytes, {});
    for (const { name, drawn: one } of await screens.draw(place))
      expect({ name, ...difference(picture, one.rgb, allowed) }).toMatchObject({ name, beyond: 0 });
  });

  it('YBR_FULL by the equations of PS3.3 C.7.6.3.1.2', async () => {
    const place = await screens.store(colorPhantom('ybr equations', 'YBR_FULL').bytes);
    const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
    const data = Buffer.from(
      colors().flatMap(([y, cb, cr]) => [
        byte(y + 1.402 * (cr - 128)),
        byte(y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128)),
        byte(y + 1.772 * (cb - 128)),
      ]),
    );
    for (const { name, drawn: one } of await screens.draw(place)) {
      const picture = { columns: COLUMNS, rows: ROWS, samples: 3, data } as const;
      expect({ name, ...difference(picture, one.rgb, LOSSLESS) }).toMatchObject({ name, beyond: 0 });
    }
  });

  it.concurrent.each(ENCODINGS)('%s', async (title, phantom, encode) => {
    const instance = phantom(`codec ${title}`);
    const bytes = await encode(instance, screens.scratch);
    const place = await screens.store(bytes);
    expect(place.status).toBe('stored');
    const lossy = LOSSY_SYNTAXES.test(transferSyntaxOf(bytes));
    for (const { name, drawn: one } of await screens.draw(place)) {
      const window = one.color ? undefined : one.window;
      // What was lost is the encoder's: a lossy picture is compared as another decoder sees it, any other with what went in.
      const picture = await screens.reference(lossy ? bytes : instance.bytes, { window });
      const off = difference(picture, one.rgb, lossy ? LOSSY : LOSSLESS);
      expect({ name, ...off }).toMatchObject({ name, beyond: 0 });
    }
  });
});
