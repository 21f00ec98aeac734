import { ctSlices, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy, usCine } from '@filmless/core/phantoms';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../tools/browser.ts';
import { dataSetBytes, sha256 } from '../tools/data-set-bytes.ts';
import { eventually } from '../tools/eventually.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { askInPage, type Binary, bytesOf, type ClientPage, serveClientPage } from '../tools/web-client-page.ts';
import { searchInstances } from '../tools/web-retrieve.ts';

type Dataset = Record<string, { vr: string; Value?: unknown[]; BulkDataURI?: string } | undefined>;

const FRAMES = 4;
const SIZE = 64;
const firstOf = (dataset: Dataset | undefined, tag: string) => dataset?.[tag]?.Value?.[0];

describe.skipIf(!hasChromium)(
  'dicomweb-client in Chromium, in a page of another origin (left out without Chromium)',
  { timeout: 180_000 },
  () => {
    let node: NodeProcess;
    let site: ClientPage;
    let browser: Browser;
    let page: Page;
    let authorization: string;
    const ct: PhantomInstance[] = [];
    const us: PhantomInstance[] = [];
    const ask = <T>(method: string, options: object = {}, files?: Uint8Array[]) =>
      askInPage<T>(
        page,
        { url: `${node.url}/dicom-web`, headers: { Authorization: authorization } },
        method,
        options,
        files,
      );
    const of = ({ StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID }: PhantomInstance) => ({
      studyInstanceUID: StudyInstanceUID,
      seriesInstanceUID: SeriesInstanceUID,
      sopInstanceUID: SOPInstanceUID,
    });
    const hash = (file: Uint8Array) => sha256(dataSetBytes(file));
    /** Native pixels are the end of the file. */
    const frameOf = ({ bytes }: PhantomInstance, index: number, count: number, sizeBytes: number) =>
      Buffer.from(
        bytes.subarray(bytes.length - (count - index) * sizeBytes, bytes.length - (count - index - 1) * sizeBytes),
      );

    beforeAll(async () => {
      site = await serveClientPage();
      node = await startNode({ config: { http: { corsOrigins: [site.origin] } } });
      const session = await fetch(`${node.url}/api/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user: 'admin', password: node.password }),
      });
      authorization = `Bearer ${((await session.json()) as { token: string }).token}`;
      const study = phantomStudy({
        seed: 'web-ct',
        patient: PHANTOM_PATIENTS.wangXiaoming,
        characterSet: 'GB18030',
        StudyDescription: '胸部平扫',
      });
      for await (const slice of ctSlices({ study, rows: SIZE, count: 3 })) ct.push(slice);
      for await (const cine of usCine({ columns: SIZE, rows: SIZE, frames: FRAMES })) us.push(cine);
      browser = await launchChromium();
      page = await (await browser.newContext()).newPage();
      await page.goto(site.origin);
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await site?.close();
      await node?.stop();
      await node?.remove();
    });

    it('stores instances', async () => {
      const files = [...ct, ...us];
      const answer = JSON.parse(
        await ask<string>(
          'storeInstances',
          {},
          files.map(({ bytes }) => bytes),
        ),
      ) as Dataset;
      expect(answer['00081199']?.Value).toHaveLength(files.length);
      expect(answer['00081198']).toBeUndefined();
      await eventually(async () => (await searchInstances(node)).length === files.length);
    });

    it('is refused without an identity, and what it asked for stays unseen', async () => {
      const stranger = { url: `${node.url}/dicom-web` };
      await expect(askInPage(page, stranger, 'searchForStudies')).rejects.toThrow(
        /searchForStudies: request failed 401/,
      );
      await expect(askInPage(page, stranger, 'retrieveInstance', of(ct[0]!))).rejects.toThrow(/request failed 401/);
    });

    it('searches studies by a Chinese name, series and instances', async () => {
      const [study, ...others] = await ask<Dataset[]>('searchForStudies', {
        queryParams: { PatientName: '*小明*', includefield: 'StudyDescription' },
      });
      expect(others).toEqual([]);
      expect(firstOf(study, '0020000D')).toBe(ct[0]!.StudyInstanceUID);
      expect(firstOf(study, '00100010')).toEqual({ Alphabetic: 'Wang^Xiaoming', Ideographic: '王^小明' });
      expect(firstOf(study, '00081030')).toBe('胸部平扫');
      const { studyInstanceUID, seriesInstanceUID } = of(ct[0]!);
      const series = await ask<Dataset[]>('searchForSeries', { studyInstanceUID });
      expect(series.map((one) => firstOf(one, '0020000E'))).toEqual([seriesInstanceUID]);
      const instances = await ask<Dataset[]>('searchForInstances', { studyInstanceUID, seriesInstanceUID });
      expect(instances.map((one) => firstOf(one, '00080018')).sort()).toEqual(
        ct.map(({ SOPInstanceUID }) => SOPInstanceUID).sort(),
      );
      expect(await ask<Dataset[]>('searchForStudies', { queryParams: { PatientID: 'NOBODY' } })).toEqual([]);
    });

    it('retrieves metadata of a study, a series and an instance, and the bulk data they refer to', async () => {
      const { studyInstanceUID, seriesInstanceUID, sopInstanceUID } = of(ct[0]!);
      for (const [method, options, count] of [
        ['retrieveStudyMetadata', { studyInstanceUID }, ct.length],
        ['retrieveSeriesMetadata', { studyInstanceUID, seriesInstanceUID }, ct.length],
        ['retrieveInstanceMetadata', { studyInstanceUID, seriesInstanceUID, sopInstanceUID }, 1],
      ] as const) {
        const answer = await ask<Dataset[] | Dataset>(method, options);
        const datasets = Array.isArray(answer) ? answer : [answer];
        expect(datasets).toHaveLength(count);
        const first = datasets.find((dataset) => firstOf(dataset, '00080018') === sopInstanceUID);
        expect([firstOf(first, '00280010'), firstOf(first, '00280011')]).toEqual([SIZE, SIZE]);
        expect(firstOf(first, '00100010')).toMatchObject({ Ideographic: '王^小明' });
        const uri = first?.['7FE00010']?.BulkDataURI ?? '';
        const parts = await ask<Binary[]>('retrieveBulkData', { BulkDataURI: new URL(uri, node.url).href });
        expect(bytesOf(parts[0]!).equals(frameOf(ct[0]!, 0, 1, SIZE * SIZE * 2))).toBe(true);
      }
    });

    it('retrieves an instance, a series and a study, byte for byte', async () => {
      const { studyInstanceUID, seriesInstanceUID } = of(ct[0]!);
      const expected = ct.map(({ bytes }) => hash(bytes)).sort();
      expect(hash(bytesOf(await ask<Binary>('retrieveInstance', of(ct[0]!))))).toBe(hash(ct[0]!.bytes));
      const series = await ask<Binary[]>('retrieveSeries', { studyInstanceUID, seriesInstanceUID });
      expect(series.map((file) => hash(bytesOf(file))).sort()).toEqual(expected);
      const study = await ask<Binary[]>('retrieveStudy', { studyInstanceUID });
      expect(study.map((file) => hash(bytesOf(file))).sort()).toEqual(expected);
    });

    it('retrieves frames', async () => {
      const [slice] = await ask<Binary[]>('retrieveInstanceFrames', { ...of(ct[1]!), frameNumbers: [1] });
      expect(bytesOf(slice!).equals(frameOf(ct[1]!, 0, 1, SIZE * SIZE * 2))).toBe(true);
      const frames = await ask<Binary[]>('retrieveInstanceFrames', { ...of(us[0]!), frameNumbers: [2, FRAMES] });
      expect(frames).toHaveLength(2);
      for (const [i, index] of [1, FRAMES - 1].entries()) {
        expect(bytesOf(frames[i]!).equals(frameOf(us[0]!, index, FRAMES, SIZE * SIZE * 3))).toBe(true);
      }
      await expect(ask('retrieveInstanceFrames', { ...of(us[0]!), frameNumbers: [FRAMES + 1] })).rejects.toThrow(
        /request failed 404/,
      );
    });

    it('retrieves rendered instances and frames', async () => {
      const png = async (method: string, options: object) => {
        const answer = await ask<Binary | Binary[]>(method, { ...options, mediaTypes: [{ mediaType: 'image/png' }] });
        const image = bytesOf(Array.isArray(answer) ? answer[0]! : answer);
        expect(image.subarray(1, 4).toString('latin1')).toBe('PNG');
        return { columns: image.readUInt32BE(16), rows: image.readUInt32BE(20), image };
      };
      expect(await png('retrieveInstanceRendered', of(ct[0]!))).toMatchObject({ columns: SIZE, rows: SIZE });
      const first = await png('retrieveInstanceFramesRendered', { ...of(us[0]!), frameNumbers: [1] });
      const last = await png('retrieveInstanceFramesRendered', { ...of(us[0]!), frameNumbers: [FRAMES - 1] });
      expect(first).toMatchObject({ columns: SIZE, rows: SIZE });
      expect(first.image.equals(last.image)).toBe(false);
      const jpeg = await ask<Binary | Binary[]>('retrieveInstanceRendered', {
        ...of(ct[0]!),
        mediaTypes: [{ mediaType: 'image/jpeg' }],
      });
      expect(bytesOf(Array.isArray(jpeg) ? jpeg[0]! : jpeg).readUInt16BE(0)).toBe(0xffd8);
    });
  },
);
