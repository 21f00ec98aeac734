import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ctSlices,
  dxChest,
  endoscopyStills,
  type PhantomInstance,
  phantomStudy,
  usCine,
} from '@filmless/core/phantoms';
import { readInstanceHeader, sourceOfBytes } from '@filmless/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusFiles, corpusFolder } from '../tools/corpus.ts';
import { dcmtk, hasDcmtk } from '../tools/dcmtk.ts';
import { findDciodvfy } from '../tools/prerequisites.ts';
import {
  createAnnotation,
  describeFrame,
  type Frame,
  type Json,
  measuredOn,
  type Origin,
  type Point,
  readKept,
  type Written,
  writeKeyObjects,
  writeMeasurementReport,
  writePresentationState,
} from '../tools/viewer-objects.ts';

/** Larger ones take long and say no more. */
const MOST_CORPUS_BYTES = 8_000_000;

const origin: Origin = { author: '张医生', at: new Date('2026-01-02T03:04:05Z'), locale: 'zh-CN' };
const person = { Alphabetic: 'Ouyang^Zhiyuan', Ideographic: '欧阳^志远' };
const study = (seed: string, characterSet: string) =>
  phantomStudy({
    seed: `viewer-objects-${seed}`,
    patient: { PatientID: 'WORK-1', PatientName: person, PatientSex: 'M', PatientBirthDate: '19701203' },
    AccessionNumber: 'ACC1',
    StudyDescription: '胸部',
    characterSet,
  });

/** What a program of DCMTK had to say against a file; that it cannot check the letters of UTF-8 is no complaint. */
const complaints = (output: string) =>
  output.split('\n').filter((line) => /^[EWF]: /.test(line) && !line.includes('VR checker does not support'));

async function firstOf(instances: AsyncIterable<PhantomInstance>): Promise<PhantomInstance> {
  for await (const instance of instances) return instance;
  throw new Error('no instance');
}

/** A CT with a frame of reference, an ultrasound multi-frame in colour, a projection, an endoscopy still. */
const SOURCES = {
  CT: () => firstOf(ctSlices({ count: 1, rows: 128, study: study('ct', 'GB18030') })),
  US: () => firstOf(usCine({ frames: 3, rows: 120, columns: 160, study: study('us', 'GB18030') })),
  DX: () => firstOf(dxChest({ rows: 200, columns: 160, study: study('dx', 'ISO_IR 192') })),
  ES: () => firstOf(endoscopyStills({ count: 1, rows: 120, columns: 160, study: study('es', 'ISO_IR 192') })),
};

const hasDciodvfy = findDciodvfy() !== undefined;
if (!hasDciodvfy)
  console.warn(
    'dicom3tools is not installed: the check of written objects is left out (Debian: apt-get install dicom3tools)',
  );

/** Pixels of a binary PGM. @see https://netpbm.sourceforge.net/doc/pgm.html */
async function readPgm(path: string): Promise<{ width: number; height: number; pixels: Uint8Array }> {
  const bytes = await readFile(path);
  const [, width, height] = /^P5\s(?:#.*\s)?(\d+)\s(\d+)\s\d+\s/.exec(bytes.toString('latin1', 0, 200)) ?? [];
  const size = { width: Number(width), height: Number(height) };
  return { ...size, pixels: bytes.subarray(bytes.length - size.width * size.height) };
}

describe.skipIf(!hasDcmtk)('what the viewer writes (needs DCMTK)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filmless-objects-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function save(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, `${name}.dcm`);
    await writeFile(path, bytes);
    return path;
  }

  /** Patients are recognised by these: they have to say the same as the image's. */
  async function expectSameStudy(written: Written, source: PhantomInstance): Promise<void> {
    const [ours, theirs] = [written, source].map(({ bytes }) => readInstanceHeader(sourceOfBytes(bytes)));
    const [a, b] = [(await ours!).dataset, (await theirs!).dataset];
    for (const tag of ['00100010', '00100020', '00100030', '00100040', '0020000D', '00080050', '00081030', '00080201'])
      expect(a[tag], tag).toEqual(b[tag]);
    expect(a['00080005']?.Value).toEqual(['ISO_IR 192']);
    // 03:04:05 UTC in the images' zone.
    expect(a['00080033']?.Value?.[0] ?? a['00700083']?.Value?.[0]).toBe('110405');
  }

  async function expectValid(path: string): Promise<void> {
    if (!hasDciodvfy) return;
    const { output } = await dcmtk('dciodvfy', [path]);
    expect(output.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
    expect(output).toMatch(/SR|KeyObject|PresentationState|Key|Softcopy/);
  }

  describe.each(Object.keys(SOURCES) as (keyof typeof SOURCES)[])('on %s', (modality) => {
    let source: PhantomInstance;
    let dataset: Json;
    let frame: Frame;
    beforeAll(async () => {
      source = await SOURCES[modality]();
      dataset = (await readInstanceHeader(sourceOfBytes(source.bytes))).dataset as Json;
      const described = describeFrame(dataset, modality === 'US' ? 2 : 1);
      if (!described) throw new Error('no frame');
      frame = described;
    });

    it('a measurement report opens and is valid', async () => {
      const measured = measuredOn(frame);
      const first = writeMeasurementReport(dataset, measured, [], origin);
      const written = writeMeasurementReport(dataset, measured.slice(1), [first], origin);
      await expectSameStudy(first, source);
      for (const report of [first, written]) {
        const path = await save(`${modality}-sr-${report.SOPInstanceUID}`, report.bytes);
        await expectValid(path);
        const dump = await dcmtk('dsrdump', ['+Pc', '+U8', path]);
        expect(dump.code, dump.output).toBe(0);
        expect(complaints(dump.output)).toEqual([]);
      }
      const path = join(folder, `${modality}-sr-${first.SOPInstanceUID}.dcm`);
      const { output } = await dcmtk('dsrdump', ['+Pc', '+U8', path]);
      const text = Buffer.from(output, 'latin1').toString('utf8');
      expect(text).toContain('右肺上叶结节');
      expect(text).toContain('张医生');
      expect(text).toContain('"49.7"');
      expect(text.includes('SCOORD3D')).toBe(modality === 'CT');
    });

    it('a measurement report gives back what was written', async () => {
      const measured = measuredOn(frame);
      const [first, second] = [0, 1].map(() => writeMeasurementReport(dataset, measured, [], origin));
      const calibration = {
        study: frame.StudyInstanceUID,
        series: frame.SeriesInstanceUID,
        instance: undefined,
        rows: 128,
        columns: 96,
        rowMm: 0.123_456_789,
        columnMm: 0.2,
        createdAt: '2026-01-02T03:04:05.000Z',
        author: '王医生',
      };
      const calibrated = [
        { calibration, frame },
        { calibration: { ...calibration, instance: frame.SOPInstanceUID, rowMm: 0.5 }, frame },
      ];
      const { bytes } = writeMeasurementReport(dataset, measured, [first, second], origin, calibrated);
      await expectValid(await save(`${modality}-sr-calibrated`, bytes));
      const kept = readKept((await readInstanceHeader(sourceOfBytes(bytes))).dataset as Json);
      expect(kept).toMatchObject({ type: 'report', ours: true, author: origin.author, unreadable: 0 });
      expect(kept?.predecessors).toEqual([first?.SOPInstanceUID, second?.SOPInstanceUID]);
      expect(kept?.calibrations).toEqual(calibrated.map((one) => one.calibration));
      const seconds = (iso: string) => Math.floor(Date.parse(iso) / 1000);
      for (const [index, { annotation, measurement }] of measured.entries()) {
        const group = kept?.groups[index];
        const { createdAt, frameOfReferenceUID, ...written } = annotation as unknown as Record<string, string>;
        const { createdAt: readAt, ...read } = group!.annotation!;
        expect(read).toEqual(written);
        expect(seconds(readAt)).toBe(seconds(createdAt!));
        const values = (measurement as { values: { name: string; value: number; unit: string }[] }).values;
        const readValues = group!.measurement!.values as typeof values;
        expect(readValues.map(({ name, unit }) => [name, unit])).toEqual(values.map(({ name, unit }) => [name, unit]));
        // 16 characters of DS.
        for (const [at, { value }] of values.entries()) expect(readValues[at]!.value).toBeCloseTo(value, 11);
      }
    });

    it('a report without annotations, as after deleting all, is valid', async () => {
      const first = writeMeasurementReport(dataset, measuredOn(frame), [], origin);
      const path = await save(`${modality}-sr-empty`, writeMeasurementReport(dataset, [], [first], origin).bytes);
      await expectValid(path);
      expect((await dcmtk('dsrdump', [path])).code).toBe(0);
    });

    it('a key object selection opens and is valid', async () => {
      const image = { ...frame, frame: modality === 'US' ? 2 : undefined };
      const written = writeKeyObjects(dataset, [image], 'forReferringProvider', '右肺上叶', origin);
      await expectSameStudy(written, source);
      const path = await save(`${modality}-ko`, written.bytes);
      await expectValid(path);
      const dump = await dcmtk('dsrdump', ['+U8', path]);
      expect(dump.code, dump.output).toBe(0);
      expect(dump.output).toContain('For Referring Provider');
      const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = frame;
      const reference = { study: StudyInstanceUID, series: SeriesInstanceUID, instance: SOPInstanceUID };
      expect(readKept((await readInstanceHeader(sourceOfBytes(written.bytes))).dataset as Json)).toMatchObject({
        type: 'keys',
        titleCode: 'forReferringProvider',
        description: '右肺上叶',
        images: [modality === 'US' ? { ...reference, frame: 2 } : reference],
      });
    });

    it('a presentation state opens with its image and is valid', async () => {
      const written = writePresentationState(
        dataset,
        [
          {
            frame,
            window: { center: 40, width: 400 },
            inverted: false,
            tone: modality === 'DX' ? { shape: 'gamma', gamma: 1.4 } : { shape: 'SIGMOID' },
            // A quarter turn clockwise.
            screen: { right: [0, -1], down: [1, 0] },
            visible: [
              [10, 20],
              [90, 100],
            ],
            annotations: measuredOn(frame).map(({ annotation }) => ({
              annotation,
              label: ['49.7 mm', annotation.text ?? ''],
            })),
          },
        ],
        '肺窗',
        origin,
      );
      await expectSameStudy(written, source);
      const path = await save(`${modality}-gsps`, written.bytes);
      await expectValid(path);
      if (modality === 'US' || modality === 'ES') return;
      const image = await save(`${modality}-image`, source.bytes);
      const rendered = await dcmtk('dcmp2pgm', ['-d', '-p', path, image, join(folder, `${modality}.pgm`)]);
      expect(rendered.code, rendered.output).toBe(0);
      expect(complaints(rendered.output)).toEqual([]);
    });
  });

  it('turns and mirrors as DCMTK does, whichever way the screen stands', async () => {
    const source = await SOURCES.CT();
    const dataset = (await readInstanceHeader(sourceOfBytes(source.bytes))).dataset as Json;
    const frame = describeFrame(dataset, 1);
    const image = await save('turned-image', source.bytes);
    const render = async (screen: { right: Point; down: Point }) => {
      const window = { center: 40, width: 400 };
      const shown = {
        frame,
        window,
        tone: { shape: 'LINEAR' },
        inverted: false,
        screen,
        visible: undefined,
        annotations: [],
      };
      const state = await save('turned', writePresentationState(dataset, [shown], '', origin).bytes);
      const target = join(folder, 'turned.pgm');
      expect((await dcmtk('dcmp2pgm', ['-p', state, image, target])).code).toBe(0);
      return readPgm(target);
    };
    const upright = await render({ right: [1, 0], down: [0, 1] });
    expect(upright.width).toBe(128);
    // Not the same from any side, or nothing would be proven.
    const axes: Point[] = [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ];
    const screens = axes.flatMap((right) =>
      axes.filter((down) => right[0] * down[0] + right[1] * down[1] === 0).map((down) => ({ right, down })),
    );
    const seen = new Set<string>();
    for (const { right, down } of screens) {
      const turned = await render({ right, down });
      const expected = turned.pixels.map((_, index) => {
        const [x, y] = [(index % 128) - 63.5, Math.floor(index / 128) - 63.5];
        const [column, row] = [right[0] * x + down[0] * y + 63.5, right[1] * x + down[1] * y + 63.5];
        return upright.pixels[row * 128 + column] ?? 0;
      });
      expect(Buffer.compare(turned.pixels, expected), JSON.stringify({ right, down })).toBe(0);
      seen.add(Buffer.from(turned.pixels).toString('base64'));
    }
    expect(seen.size).toBe(8);
  });
});

describe.skipIf(!corpusFolder)('what the viewer writes of real images (needs the corpus)', () => {
  it('can be written for every one of them, and read again', async () => {
    let images = 0;
    for (const { path } of corpusFiles()) {
      const { size } = await stat(path);
      if (size > MOST_CORPUS_BYTES) continue;
      const header = await readInstanceHeader(sourceOfBytes(await readFile(path))).catch(() => undefined);
      const frame = header && describeFrame(header.dataset as Json, 1);
      if (!header || !frame) continue;
      images += 1;
      const annotation = createAnnotation(
        'length',
        frame,
        [
          [1, 2],
          [5.5, 9],
        ],
        { text: '结节' },
      );
      const measurement = { values: [{ name: 'length', value: 4.5, unit: 'mm' }], calibration: undefined };
      const written = writeMeasurementReport(header.dataset as Json, [{ annotation, frame, measurement }], [], origin);
      writeKeyObjects(header.dataset as Json, [{ ...frame, frame: undefined }], 'ofInterest', '', origin);
      const again = (await readInstanceHeader(sourceOfBytes(written.bytes))).dataset as Json;
      expect(readKept(again)?.groups[0]?.annotation?.points, path).toEqual(annotation.points);
      const names = [again, header.dataset as Json].map((dataset) => JSON.stringify(dataset['00100010']?.Value ?? []));
      expect(names[0], path).toBe(names[1]);
    }
    expect(images).toBeGreaterThan(100);
  });
});
