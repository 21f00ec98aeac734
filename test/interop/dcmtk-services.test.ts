import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, dxChest, PHANTOM_PATIENTS, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetBytes, sha256 } from '../tools/data-set-bytes.ts';
import { acknowledgedCount, dcmtk, hasDcmtk } from '../tools/dcmtk.ts';
import { eventually } from '../tools/eventually.ts';
import { type Answer, find, type Identifier, TAG } from '../tools/find-request.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { metaValue, receivedFiles } from '../tools/received-files.ts';
import { type StorageReceiver, startStorageReceiver } from '../tools/storage-receiver.ts';
import { searchInstances } from '../tools/web-retrieve.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';

/** Zhang has a CT study of two series, Li a chest radiograph: two patients, two studies, three series, five instances. */
async function makeInstances(): Promise<{ ct: PhantomInstance[]; dx: PhantomInstance[] }> {
  const study = phantomStudy({ seed: 'interop-ct', AccessionNumber: 'A-CT-1', StudyDescription: '胸部CT平扫' });
  const size = { rows: 64, study };
  const ct: PhantomInstance[] = [];
  for await (const slice of ctSlices({ ...size, count: 3 })) ct.push(slice);
  for await (const slice of ctSlices({ ...size, count: 1, SeriesNumber: 3, SeriesDescription: '定位像' }))
    ct.push(slice);
  const dx: PhantomInstance[] = [];
  const chest = phantomStudy({
    seed: 'interop-dx',
    patient: PHANTOM_PATIENTS.liXiuying,
    AccessionNumber: 'A-DX-1',
    StudyDate: '20240401',
  });
  for await (const image of dxChest({ study: chest, columns: 64 })) dx.push(image);
  return { ct, dx };
}

describe.skipIf(!hasDcmtk)('DCMTK against a node (left out without DCMTK)', { timeout: 180_000 }, () => {
  let node: NodeProcess;
  let receiver: StorageReceiver;
  let work: string;
  let ct: PhantomInstance[];
  let dx: PhantomInstance[];
  const hashes = new Map<string, string>();
  const peer = (calling: string) => ['-aet', calling, '-aec', node.aeTitle, '127.0.0.1', String(node.dicomPort)];

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'filmless-interop-'));
    receiver = await startStorageReceiver({ aeTitle: 'RECEIVER' });
    const device = { aeTitle: 'WORKSTATION', address: '127.0.0.1' };
    node = await startNode({
      accept: 'known',
      config: {
        plugins: { dimse: { devices: [device, { aeTitle: 'RECEIVER', address: '127.0.0.1', port: receiver.port }] } },
      },
    });
    ({ ct, dx } = await makeInstances());
    for (const { SOPInstanceUID, bytes } of [...ct, ...dx]) hashes.set(SOPInstanceUID, sha256(dataSetBytes(bytes)));
  }, 180_000);
  afterAll(async () => {
    await node?.stop();
    await node?.remove();
    await receiver?.stop();
    await rm(work, { recursive: true, force: true });
  });

  describe('an unknown device', () => {
    it('is refused with the reason, shown by echoscu and storescu, and nothing of it is kept', async () => {
      const echo = await dcmtk('echoscu', ['-v', ...peer('NEWCOMER')]);
      expect(echo.code).not.toBe(0);
      expect(echo.output).toMatch(/Result: Rejected Permanent, Source: Service User/);
      expect(echo.output).toMatch(/Reason: Calling AE Title Not Recognized/);
      const file = join(work, 'refused.dcm');
      await writeFile(file, dx[0]!.bytes);
      const store = await dcmtk('storescu', ['-v', ...peer('NEWCOMER'), file]);
      expect(store.code).not.toBe(0);
      expect(store.output).toMatch(/Reason: Calling AE Title Not Recognized/);
      expect(await searchInstances(node)).toEqual([]);
    });

    it('is told when it calls another AE title than the node’s', async () => {
      const echo = await dcmtk('echoscu', [
        '-v',
        '-aet',
        'WORKSTATION',
        '-aec',
        'SOMEBODY',
        '127.0.0.1',
        String(node.dicomPort),
      ]);
      expect(echo.code).not.toBe(0);
      expect(echo.output).toMatch(/Reason: Called AE Title Not Recognized/);
    });

    it('is accepted once it was approved over REST', async () => {
      const pending = (await (await node.fetch('/api/devices/pending')).json()) as {
        aeTitle: string;
        attempts: number;
      }[];
      expect(pending).toEqual([expect.objectContaining({ aeTitle: 'NEWCOMER', attempts: 2 })]);
      const approved = await node.fetch('/api/devices/pending/NEWCOMER/approve', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'CT 2', department: '放射科' }),
      });
      expect(approved.status).toBe(201);
      expect(await dcmtk('echoscu', ['-v', ...peer('NEWCOMER')])).toMatchObject({
        code: 0,
        output: expect.stringContaining('Received Echo Response (Success)'),
      });
      expect(await (await node.fetch('/api/devices/pending')).json()).toEqual([]);
    });
  });

  it('stores what storescu sends, also twice', async () => {
    const files: string[] = [];
    for (const { SOPInstanceUID, bytes } of [...ct, ...dx]) {
      const file = join(work, `${SOPInstanceUID}.dcm`);
      await writeFile(file, bytes);
      files.push(file);
    }
    for (let time = 0; time < 2; time++) {
      const { code, output } = await dcmtk('storescu', ['-v', ...peer('NEWCOMER'), ...files]);
      expect({ code, acknowledged: acknowledgedCount(output) }).toEqual({ code: 0, acknowledged: files.length });
    }
    await eventually(async () => (await searchInstances(node)).length >= files.length);
    expect((await searchInstances(node)).map(({ SOPInstanceUID }) => SOPInstanceUID).sort()).toEqual(
      [...hashes.keys()].sort(),
    );
  });

  describe('findscu', () => {
    const ask = async (model: '-P' | '-S' | '-O', identifier: Identifier): Promise<Answer[]> =>
      (await find(node, { [TAG.SpecificCharacterSet]: 'ISO_IR 192', ...identifier }, { model, calling: 'WORKSTATION' }))
        .answers;
    const column = (answers: Answer[], tag: string) =>
      answers.map((answer) => answer[`${tag.slice(0, 4)},${tag.slice(4)}`]).sort();

    it('finds patients with Patient Root and Patient/Study Only, and is told that Study Root has none', async () => {
      const identifier = {
        [TAG.QueryRetrieveLevel]: 'PATIENT',
        [TAG.PatientID]: '',
        [TAG.PatientName]: '',
        '00100030': '',
        '00100040': '',
      };
      for (const model of ['-P', '-O'] as const) {
        const answers = await ask(model, identifier);
        expect(column(answers, TAG.PatientID)).toEqual(['0002148367', '0002150042']);
        expect(column(answers, TAG.PatientName)).toEqual(['Li^Xiuying=李^秀英', 'Zhang^Jianguo=张^建国']);
        expect(column(answers, '00100040')).toEqual(['F', 'M']);
      }
      await expect(ask('-S', identifier)).rejects.toThrow(
        /Final Find Response \(.*(DataSetDoesNotMatchSOPClass|Data Set does not match SOP Class)/i,
      );
    });

    it.each(['-P', '-S', '-O'] as const)('finds studies (%s)', async (model) => {
      const above: Identifier = model === '-S' ? {} : { [TAG.PatientID]: '0002148367' };
      const answers = await ask(model, {
        ...above,
        [TAG.QueryRetrieveLevel]: 'STUDY',
        [TAG.StudyInstanceUID]: '',
        '00080020': '20240101-20240331',
        '00080050': '',
        '00080061': '',
        '00081030': '',
        '00201206': '',
        '00201208': '',
      });
      expect(answers).toEqual([
        expect.objectContaining({
          '0008,0020': '20240315',
          '0008,0050': 'A-CT-1',
          '0008,0052': 'STUDY',
          '0008,0061': 'CT',
          '0008,1030': '胸部CT平扫',
          '0020,000d': ct[0]?.StudyInstanceUID,
          '0020,1206': '2',
          '0020,1208': '4',
        }),
      ]);
    });

    it.each(['-P', '-S'] as const)('finds series and images (%s)', async (model) => {
      const above = {
        ...(model === '-P' ? { [TAG.PatientID]: '0002148367' } : {}),
        [TAG.StudyInstanceUID]: ct[0]!.StudyInstanceUID,
      };
      const series = await ask(model, {
        ...above,
        [TAG.QueryRetrieveLevel]: 'SERIES',
        [TAG.SeriesInstanceUID]: '',
        '00080060': 'CT',
        '00201209': '',
      });
      expect(column(series, TAG.SeriesInstanceUID)).toEqual(
        [...new Set(ct.map(({ SeriesInstanceUID }) => SeriesInstanceUID))].sort(),
      );
      expect(column(series, '00201209')).toEqual(['1', '3']);
      const first = ct[0]!.SeriesInstanceUID;
      const images = await ask(model, {
        ...above,
        [TAG.QueryRetrieveLevel]: 'IMAGE',
        [TAG.SeriesInstanceUID]: first,
        [TAG.SOPInstanceUID]: '',
        '00200013': '',
      });
      expect(column(images, TAG.SOPInstanceUID)).toEqual(
        ct
          .filter(({ SeriesInstanceUID }) => SeriesInstanceUID === first)
          .map(({ SOPInstanceUID }) => SOPInstanceUID)
          .sort(),
      );
      expect(column(images, '00200013')).toEqual(['1', '2', '3']);
    });

    it('is answered with nothing where nothing matches', async () => {
      expect(
        await ask('-S', { [TAG.QueryRetrieveLevel]: 'STUDY', [TAG.PatientID]: 'NOBODY', [TAG.StudyInstanceUID]: '' }),
      ).toEqual([]);
    });
  });

  /** Every level of both models, its keys, and what must come. */
  const retrievals = (): { name: string; model: string; keys: string[]; expected: PhantomInstance[] }[] => {
    const [one] = ct;
    const { PatientID, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = one!;
    const patient = `PatientID=${PatientID}`;
    const levels = [
      { level: 'STUDY', keys: [`StudyInstanceUID=${StudyInstanceUID}`], expected: ct },
      {
        level: 'SERIES',
        keys: [`StudyInstanceUID=${StudyInstanceUID}`, `SeriesInstanceUID=${SeriesInstanceUID}`],
        expected: ct.filter((slice) => slice.SeriesInstanceUID === SeriesInstanceUID),
      },
      {
        level: 'IMAGE',
        keys: [
          `StudyInstanceUID=${StudyInstanceUID}`,
          `SeriesInstanceUID=${SeriesInstanceUID}`,
          `SOPInstanceUID=${SOPInstanceUID}`,
        ],
        expected: [one!],
      },
    ];
    return [
      { name: 'Patient Root PATIENT', model: '-P', keys: ['QueryRetrieveLevel=PATIENT', patient], expected: ct },
      ...['-S', '-P'].flatMap((model) =>
        levels.map(({ level, keys, expected }) => ({
          name: `${model === '-S' ? 'Study' : 'Patient'} Root ${level}`,
          model,
          keys: [`QueryRetrieveLevel=${level}`, ...(model === '-P' ? [patient] : []), ...keys],
          expected,
        })),
      ),
      {
        name: 'Patient/Study Only STUDY',
        model: '-O',
        keys: ['QueryRetrieveLevel=STUDY', patient, `StudyInstanceUID=${StudyInstanceUID}`],
        expected: ct,
      },
    ];
  };
  const hashesOf = (files: Map<string, Buffer>) =>
    new Map([...files].map(([uid, file]) => [uid, sha256(dataSetBytes(file))]));
  const hashesExpected = (expected: PhantomInstance[]) =>
    new Map(expected.map(({ SOPInstanceUID }) => [SOPInstanceUID, hashes.get(SOPInstanceUID)]));

  it('sends with C-MOVE at every level of every model, byte for byte', async () => {
    for (const { name, model, keys, expected } of retrievals()) {
      await receiver.clear();
      const { code, output } = await dcmtk('movescu', [
        '-v',
        model,
        '-aem',
        'RECEIVER',
        ...keys.flatMap((key) => ['-k', key]),
        ...peer('WORKSTATION'),
      ]);
      expect({ name, code, output }).toMatchObject({
        code: 0,
        output: expect.stringContaining('Received Final Move Response (Success)'),
      });
      expect({ name, files: hashesOf(await receiver.received()) }).toEqual({ name, files: hashesExpected(expected) });
    }
  });

  it('sends to movescu itself', async () => {
    const directory = join(work, 'moved');
    await mkdir(directory);
    // Where movescu listens is known to the node by a device of its AE title.
    const port = receiver.port;
    await receiver.stop();
    const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${dx[0]!.StudyInstanceUID}`];
    const args = ['-v', '-S', '+B', '-aem', 'RECEIVER', '+P', String(port), ...keys, ...peer('WORKSTATION')];
    // With +B movescu writes to the folder it runs in.
    const { code, output } = await dcmtk('movescu', args, { cwd: directory });
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('Received Final Move Response (Success)'),
    });
    expect(hashesOf(await receivedFiles(directory))).toEqual(hashesExpected(dx));
  });

  it('tells movescu that a destination is not known, and that one does not answer', async () => {
    const move = (destination: string) =>
      dcmtk('movescu', [
        '-v',
        '-S',
        '-aem',
        destination,
        '-k',
        'QueryRetrieveLevel=STUDY',
        '-k',
        `StudyInstanceUID=${dx[0]!.StudyInstanceUID}`,
        ...peer('WORKSTATION'),
      ]);
    expect((await move('NOBODY')).output).toMatch(/MoveDestinationUnknown/i);
    // The receiver was stopped above.
    expect((await move('RECEIVER')).output).toMatch(
      /OutOfResourcesNumberOfMatches|UnableToPerformSubOperations|OutOfResources/i,
    );
  });

  it('gives with C-GET at every level of every model, byte for byte', async () => {
    for (const [i, { name, model, keys, expected }] of retrievals().entries()) {
      const directory = join(work, `got-${i}`);
      await mkdir(directory);
      const { code, output } = await dcmtk('getscu', [
        '-v',
        '+B',
        model,
        '-od',
        directory,
        ...keys.flatMap((key) => ['-k', key]),
        ...peer('WORKSTATION'),
      ]);
      expect({ name, code, output }).toMatchObject({
        code: 0,
        output: expect.stringContaining('Received C-GET Response (Success)'),
      });
      const files = await receivedFiles(directory);
      expect({ name, files: hashesOf(files) }).toEqual({ name, files: hashesExpected(expected) });
      for (const file of files.values()) expect(metaValue(file, 0x0010)).toBe(EXPLICIT);
    }
  });
});
