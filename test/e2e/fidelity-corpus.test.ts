import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import {
  type DicomJson,
  firstNumber,
  firstString,
  readInstanceHeader,
  sourceOfBytes,
  tagOf,
} from '@filmless/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from '../tools/browser.ts';
import { corpusFiles, corpusFolder } from '../tools/corpus.ts';
import { hasDcmtk } from '../tools/dcmtk.ts';
import { transferSyntaxOf } from '../tools/encoded-phantoms.ts';
import { difference, type Picture, referenceRendering } from '../tools/reference-rendering.ts';
import { type Imported, LOSSLESS, LOSSY, LOSSY_SYNTAXES, type OnScreen, TwoScreens } from '../tools/two-screens.ts';

/** Series of equal slices, objects that are no pictures, and damage, which has tests of its own. */
const NOT_COMPARED = /^(dicomdir|charset|sr|rt\/rt[sp]|derived\/(charset|odd|video))|-phantom-.*(?<!\/I10)$|pacsman/;
/** While one image is drawn, others are stored and rendered by the reference programs. */
const AT_ONCE = 4;

interface Kind {
  transferSyntaxUID: string;
  color: boolean;
  frame: number;
  /** The smallest first: what is drawn and compared is the same. */
  files: { path: string; name: string }[];
}

const FAMILIES: readonly { name: string; syntaxes: RegExp; color?: boolean }[] = [
  { name: 'uncompressed grey', syntaxes: /^1\.2\.840\.10008\.1\.2(\.1|\.1\.99|\.2)?$/, color: false },
  { name: 'uncompressed colour', syntaxes: /^1\.2\.840\.10008\.1\.2(\.1|\.1\.99|\.2)?$/, color: true },
  { name: 'RLE', syntaxes: /\.1\.2\.5$/ },
  { name: 'JPEG', syntaxes: /\.4\.(50|51|57|70)$/ },
  { name: 'JPEG-LS', syntaxes: /\.4\.8[01]$/ },
  { name: 'JPEG 2000', syntaxes: /\.4\.9[01]$/ },
  { name: 'any other', syntaxes: /./ },
];

describe.skipIf(!hasChromium || !hasDcmtk || !corpusFolder)(
  'real images on the screen (needs Chromium, DCMTK and the corpus)',
  () => {
    let screens: TwoScreens;
    let kinds: Kind[];
    const compared = new Map<string, number>();
    const leftOut: string[] = [];

    beforeAll(async () => {
      [screens, kinds] = await Promise.all([TwoScreens.open(), kindsOfCorpus(leftOut)]);
    });
    afterAll(async () => {
      await screens?.close();
      const counts = [...compared].map(([family, count]) => `${family} ${count}`).join(', ');
      console.log(`kinds of images compared: ${counts}; left out:\n${leftOut.join('\n')}`);
    });

    const familyOf = ({ transferSyntaxUID, color }: Kind) =>
      FAMILIES.find((one) => one.syntaxes.test(transferSyntaxUID) && (one.color ?? color) === color)?.name;

    it.each(FAMILIES)('every kind of image of the corpus: $name', { timeout: 900_000 }, async ({ name: family }) => {
      const wrong: unknown[] = [];
      await inParallel(
        kinds.filter((kind) => familyOf(kind) === family),
        AT_ONCE,
        async (kind) => {
          for (const { path, name } of kind.files) {
            const place = await stored(path, name);
            // The next file of the kind stands in for one that is refused.
            if (!place) continue;
            const found = await compare(kind, path, place);
            if (typeof found === 'string') leftOut.push(`${name}: ${found}`);
            else {
              compared.set(family, (compared.get(family) ?? 0) + 1);
              wrong.push(...found.map((off) => ({ file: name, ...off })));
            }
            return;
          }
        },
      );
      expect(wrong).toEqual([]);
    });

    it('those were not few', () => {
      expect([...compared.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(50);
      // Whether one of another coding is compared depends on the corpus and the reference programs.
      const named = FAMILIES.slice(0, -1).map(({ name }) => name);
      expect([...compared.keys()]).toEqual(expect.arrayContaining(named));
    });

    async function stored(path: string, name: string): Promise<Imported | undefined> {
      const bytes = await readFile(path);
      let place = await screens.import(bytes);
      // Files of one picture in several codings share its UID: the later ones get another.
      if (!('code' in place) && place.status === 'conflict')
        place = await screens.import(renamed(bytes, place.SOPInstanceUID));
      if (!('code' in place) && place.status === 'stored') return place;
      leftOut.push(`${name}: ${'code' in place ? place.code : place.status}`);
      return undefined;
    }

    /** @returns what is off, or why there is nothing to compare */
    async function compare(kind: Kind, path: string, place: Imported): Promise<object[] | string> {
      const { transferSyntaxUID, frame } = kind;
      const lossy = LOSSY_SYNTAXES.test(transferSyntaxUID);
      let results: OnScreen[];
      try {
        results = await screens.draw(place, { frame });
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
      // Both renderers draw the same window as a rule: one reference does for both.
      const references = new Map<string, Picture>();
      const wrong: object[] = [];
      for (const { name: renderer, drawn: first } of results) {
        // A lossy codec's stored values may be one off already, which a narrow window makes many levels: these are shown whole.
        const { minimum, maximum } = first.range;
        const window = lossy ? { center: (minimum + maximum + 1) / 2, width: maximum - minimum + 1 } : first.window;
        const again = lossy && !first.color ? await screens.draw(place, { frame, window }, renderer) : [];
        const one = again[0]?.drawn ?? first;
        const how = { transferSyntaxUID, frame, voiFunction: one.voiFunction };
        const request = one.color ? how : { ...how, window, ...(one.voiLut ? { voiLut: 1 } : {}) };
        const key = JSON.stringify(request);
        const picture = references.get(key) ?? (await referenceRendering(path, request, screens.scratch));
        if ('refused' in picture) return picture.refused;
        references.set(key, picture);
        const off = difference(picture, one.rgb, lossy ? LOSSY : LOSSLESS, one.saturated);
        if (off.beyond > 0) wrong.push({ renderer, ...off });
      }
      return wrong;
    }
  },
);

async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const run = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}

/** The files of the corpus by what decides how an image is decoded and drawn: one of each kind is enough. */
async function kindsOfCorpus(leftOut: string[]): Promise<Kind[]> {
  const kinds = new Map<string, Kind>();
  const files = corpusFiles().map(({ path }) => ({ path, size: statSync(path).size }));
  for (const { path } of files.sort((one, other) => one.size - other.size)) {
    const name = relative(corpusFolder ?? '', path);
    if (NOT_COMPARED.test(name)) continue;
    const bytes = await readFile(path);
    const transferSyntaxUID = transferSyntaxOf(bytes);
    const header = await readInstanceHeader(sourceOfBytes(bytes)).catch(() => undefined);
    if (!header) {
      leftOut.push(`${name}: no header`);
      continue;
    }
    const { dataset } = header;
    if (!dataset[tagOf('Rows')]) continue;
    const key = kindOf(transferSyntaxUID, dataset);
    const color = (firstNumber(dataset, 'SamplesPerPixel') ?? 1) > 1;
    const frame = (firstNumber(dataset, 'NumberOfFrames') ?? 1) > 1 ? 2 : 1;
    const kind = kinds.get(key) ?? { transferSyntaxUID, color, frame, files: [] };
    if (kind.frame === frame) kind.files.push({ path, name });
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

function kindOf(transferSyntaxUID: string, dataset: DicomJson): string {
  const number = (keyword: string): number | undefined => firstNumber(dataset, keyword);
  const rescale = [number('RescaleSlope'), number('RescaleIntercept')].map((value) =>
    value === undefined ? 'none' : Number.isInteger(value) ? Math.sign(value) : 'fraction',
  );
  return JSON.stringify([
    transferSyntaxUID,
    firstString(dataset, 'PhotometricInterpretation'),
    firstString(dataset, 'VOILUTFunction'),
    ...['SamplesPerPixel', 'PlanarConfiguration', 'BitsAllocated', 'BitsStored', 'HighBit', 'PixelRepresentation'].map(
      number,
    ),
    ...rescale,
    ...['ModalityLUTSequence', 'VOILUTSequence', 'WindowCenter', 'PixelPaddingValue'].map(
      (keyword) => dataset[tagOf(keyword)] !== undefined,
    ),
  ]);
}

let renames = 1;

/** The file under another SOP Instance UID of the same length. */
function renamed(bytes: Buffer, uid: string): Buffer {
  const last = String(renames++ % 10);
  const place = uid.length - 1 - (Math.floor(renames / 10) % 3);
  const other =
    uid.slice(0, place) + (uid[place] === last ? String((Number(last) + 5) % 10) : last) + uid.slice(place + 1);
  return Buffer.from(bytes.toString('latin1').replaceAll(uid, other), 'latin1');
}
