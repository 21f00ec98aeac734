import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlices, PHANTOM_PATIENTS, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acknowledgedCount, dcmtk, hasDcmtk } from '../tools/dcmtk.ts';
import { eventually } from '../tools/eventually.ts';
import { find, TAG } from '../tools/find-request.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { searchInstances } from '../tools/web-retrieve.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const ESCAPE = '1b242941';

interface Device {
  aeTitle: string;
  characterSet: string;
  /** Whether filmless.yaml or REST names it. */
  from: 'config' | 'rest';
  /** Names in the bytes of the set, written down by hand. */
  xiaoming: Buffer;
  wang: Buffer;
  whole: Buffer;
}

const gb = { xiaoming: hex('d0a1 c3f7'), wang: hex('cdf5'), whole: hex('cdf5 5e d0a1 c3f7') };
const DEVICES: readonly Device[] = [
  {
    aeTitle: 'UTF8',
    characterSet: 'ISO_IR 192',
    from: 'config',
    xiaoming: Buffer.from('小明'),
    wang: Buffer.from('王'),
    whole: Buffer.from('王^小明'),
  },
  { aeTitle: 'GB18030', characterSet: 'GB18030', from: 'rest', ...gb },
  { aeTitle: 'GBK', characterSet: 'GBK', from: 'config', ...gb },
  {
    aeTitle: 'IR58',
    characterSet: '\\ISO 2022 IR 58',
    from: 'rest',
    xiaoming: hex(`${ESCAPE} d0a1 c3f7`),
    wang: hex(`${ESCAPE} cdf5`),
    whole: hex(`${ESCAPE} cdf5 5e ${ESCAPE} d0a1 c3f7`),
  },
];
const [, GB18030] = DEVICES;
/** 喆 is in GBK, but not in GB 2312, which ISO 2022 IR 58 is. */
const TAO = {
  ...PHANTOM_PATIENTS.wangXiaoming,
  PatientID: 'TAO',
  PatientName: { Alphabetic: 'Tao^Zhe', Ideographic: '陶^喆' },
};

const star = (bytes: Buffer) => Buffer.concat([Buffer.from('*'), bytes, Buffer.from('*')]);

describe.skipIf(!hasDcmtk)(
  'Chinese names in the character set of each device (left out without DCMTK)',
  { timeout: 180_000 },
  () => {
    let node: NodeProcess;
    let work: string;

    beforeAll(async () => {
      work = await mkdtemp(join(tmpdir(), 'filmless-names-'));
      const device = ({ aeTitle, characterSet }: Device) => ({ aeTitle, characterSet, address: '127.0.0.1' });
      const configured = DEVICES.filter(({ from }) => from === 'config').map(device);
      node = await startNode({
        accept: 'known',
        config: { plugins: { dimse: { devices: [...configured, { aeTitle: 'PLAIN' }] } } },
      });
      for (const added of DEVICES.filter(({ from }) => from === 'rest')) {
        const response = await node.fetch('/api/devices', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(device(added)),
        });
        expect(response.status).toBe(201);
      }
      for (const sender of DEVICES) await store(sender, sender.aeTitle, (bytes) => bytes);
      // A device whose files are in GB 18030 but say that they are in the default repertoire; both terms have eight characters.
      await store(GB18030!, 'MISLABELLED', (bytes) => {
        const at = bytes.indexOf('GB18030 ');
        expect(at).toBeGreaterThan(0);
        bytes.write('ISO_IR 6', at, 'latin1');
        return bytes;
      });
      await store(DEVICES[0]!, 'TAO', (bytes) => bytes, TAO);
      await eventually(async () => (await searchInstances(node)).length === DEVICES.length + 2);
    }, 180_000);
    afterAll(async () => {
      await node?.stop();
      await node?.remove();
      await rm(work, { recursive: true, force: true });
    });

    /** One study in the character set of the device, sent by it. */
    async function store(
      device: Device,
      accession: string,
      change: (bytes: Buffer) => Buffer,
      patient = PHANTOM_PATIENTS.wangXiaoming,
    ): Promise<void> {
      const { characterSet, aeTitle } = device;
      const study = phantomStudy({
        seed: `names-${accession}`,
        patient,
        characterSet,
        AccessionNumber: accession,
        StudyDescription: '胸部平扫',
      });
      for await (const { bytes } of ctSlices({ study, rows: 32, count: 1 })) {
        const file = join(work, `${accession}.dcm`);
        await writeFile(file, change(Buffer.from(bytes)));
        const sent = await dcmtk('storescu', [
          '-v',
          '-aet',
          aeTitle,
          '-aec',
          node.aeTitle,
          '127.0.0.1',
          String(node.dicomPort),
          file,
        ]);
        expect({ output: sent.output, acknowledged: acknowledgedCount(sent.output) }).toMatchObject({
          acknowledged: 1,
        });
      }
    }

    const ask = (calling: string, PatientName: Buffer | string, characterSet?: string) =>
      find(
        node,
        {
          ...(characterSet === undefined ? {} : { [TAG.SpecificCharacterSet]: characterSet }),
          [TAG.QueryRetrieveLevel]: 'STUDY',
          [TAG.PatientName]: PatientName,
          [TAG.StudyInstanceUID]: '',
          '00080050': '',
          '00081030': '',
        },
        { calling },
      );
    const EVERY_WANG = [...DEVICES.map(({ aeTitle }) => aeTitle), 'MISLABELLED'].sort();

    describe.each(DEVICES.map((device) => [device.characterSet, device] as const))('%s', (characterSet, device) => {
      it.each([
        ['*小明*', () => star(device.xiaoming)],
        ['王*', () => Buffer.concat([device.wang, Buffer.from('*')])],
        ['王^小明', () => device.whole],
        ['Wang^Xiaoming', () => Buffer.from('Wang^Xiaoming')],
      ])('finds %s from every device, and is answered in its own set', async (name, bytes) => {
        // Many devices declare nothing in their queries: then theirs is assumed.
        for (const declared of name === '*小明*' ? [characterSet, undefined] : [characterSet]) {
          const { answers, raw } = await ask(device.aeTitle, bytes(), declared);
          expect(answers.map((answer) => answer['0008,0050']).sort()).toEqual(EVERY_WANG);
          for (const answer of answers) {
            expect(answer).toMatchObject({ '0010,0010': 'Wang^Xiaoming=王^小明', '0008,1030': '胸部平扫' });
          }
          for (const answer of raw) {
            expect(answer['0008,0005']).toBe(characterSet);
            expect(answer['0010,0010']).toContain(device.xiaoming.toString('latin1'));
          }
        }
      });

      it('finds a name its set may lack, and can read it', async () => {
        const { answers } = await ask(device.aeTitle, 'Tao*', characterSet);
        expect(answers).toEqual([expect.objectContaining({ '0010,0010': 'Tao^Zhe=陶^喆', '0008,1030': '胸部平扫' })]);
      });
    });

    it.each(DEVICES.map(({ characterSet, ...device }) => [characterSet, device] as const))(
      'a device without a set of its own asks in %s, and is answered in that',
      async (characterSet, { xiaoming }) => {
        const { answers, raw } = await ask('PLAIN', star(xiaoming), characterSet);
        expect(answers.map((answer) => answer['0008,0050']).sort()).toEqual(EVERY_WANG);
        expect(new Set(answers.map((answer) => answer['0010,0010']))).toEqual(new Set(['Wang^Xiaoming=王^小明']));
        expect(new Set(raw.map((answer) => answer['0008,0005']))).toEqual(new Set([characterSet]));
      },
    );

    it('over QIDO-RS the same search finds the same', async () => {
      const response = await node.fetch(
        `/dicom-web/studies?PatientName=${encodeURIComponent('*小明*')}&includefield=AccessionNumber`,
      );
      const studies = (await response.json()) as {
        '00080050': { Value: string[] };
        '00100010': { Value: unknown[] };
      }[];
      expect(studies.map((study) => study['00080050'].Value[0]).sort()).toEqual(EVERY_WANG);
      for (const study of studies)
        expect(study['00100010'].Value).toEqual([{ Alphabetic: 'Wang^Xiaoming', Ideographic: '王^小明' }]);
    });
  },
);
