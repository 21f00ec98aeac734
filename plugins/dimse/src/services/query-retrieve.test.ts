import { Readable } from 'node:stream';
import {
  type DicomJson,
  decodeDataset,
  EXPLICIT_VR_LITTLE_ENDIAN,
  encodeDataset,
  SOP_CLASS,
} from '@filmless/core/plugin';
import { commandPdu, datasetPdus, RawPeer, until } from '@filmless/core/testing';
import { describe, expect, it } from 'vitest';
import { type DimseTestNode, startDimseNode } from '../dimse-node.test-util.ts';
import { CT, EXPLICIT, instanceFile, put } from '../instances.test-util.ts';

const FIND = SOP_CLASS.StudyRootQueryRetrieveInformationModelFind;
const GET = SOP_CLASS.StudyRootQueryRetrieveInformationModelGet;
const CONTEXTS = [
  { id: 1, abstractSyntax: FIND, transferSyntaxes: [EXPLICIT] },
  { id: 3, abstractSyntax: GET, transferSyntaxes: [EXPLICIT] },
  { id: 5, abstractSyntax: CT, transferSyntaxes: [EXPLICIT] },
  { id: 7, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: [EXPLICIT] },
];
const ROLES = [{ sopClassUID: CT, scu: 0, scp: 1 }];
const us = (value: number) => ({ vr: 'US', Value: [value] });
const ui = (value: string) => ({ vr: 'UI', Value: [value] });

const request = (field: number, sopClassUID: string, messageId: number): DicomJson => ({
  '00000002': ui(sopClassUID),
  '00000100': us(field),
  '00000110': us(messageId),
  '00000700': us(0),
  '00000800': us(1),
});
const cancel = (messageId: number): DicomJson => ({
  '00000100': us(0x0fff),
  '00000120': us(messageId),
  '00000800': us(0x0101),
});
const identifier = (dataset: DicomJson, characterSet?: string) =>
  encodeDataset(dataset, { transferSyntaxUID: EXPLICIT, ...(characterSet ? { characterSet } : {}) });

async function find(
  node: DimseTestNode,
  dataset: DicomJson,
  options: { calling?: string; characterSet?: string } = {},
) {
  const peer = await RawPeer.associate(node.dicomPort, {
    contexts: CONTEXTS,
    ...(options.calling ? { calling: options.calling } : {}),
  });
  peer.send(commandPdu(1, request(0x20, FIND, 1)), datasetPdus(1, identifier(dataset, options.characterSet)));
  const matches: { status: number; raw: Buffer; dataset: DicomJson }[] = [];
  for (;;) {
    const { status, dataset: raw, command } = await peer.message();
    if (!raw) return { matches, status, comment: command['00000902']?.Value?.[0] };
    matches.push({ status, raw, dataset: decodeDataset(raw, EXPLICIT_VR_LITTLE_ENDIAN) });
  }
}

const studyLevel = (keys: DicomJson): DicomJson => ({
  '00080052': { vr: 'CS', Value: ['STUDY'] },
  '0020000D': { vr: 'UI' },
  ...keys,
});

describe('C-FIND', () => {
  it('returns what was asked, and what is not known as empty', async () => {
    const node = await startDimseNode({ workers: 0 });
    await put(node, instanceFile({ instance: '1.2.3.1.1' }));
    const { matches, status } = await find(
      node,
      studyLevel({ '00081030': { vr: 'LO' }, '00180050': { vr: 'DS' }, '00100010': { vr: 'PN' } }),
    );
    expect(status).toBe(0);
    expect(matches.map((match) => match.status)).toEqual([0xff00]);
    expect(matches[0]?.dataset).toEqual({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00080052': { vr: 'CS', Value: ['STUDY'] },
      '00080054': { vr: 'AE', Value: ['FILMLESS'] },
      '00081030': { vr: 'LO', Value: ['胸部平扫'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^Xiaoming', Ideographic: '张^小明' }] },
      '00180050': { vr: 'DS' },
      '0020000D': { vr: 'UI', Value: ['1.2.3'] },
    });
  });

  it('says so when a key could not be matched', async () => {
    const node = await startDimseNode({ workers: 0 });
    await put(node, instanceFile({ instance: '1.2.3.1.1' }));
    const { matches } = await find(node, studyLevel({ '00180050': { vr: 'DS', Value: [5] } }));
    expect(matches.map((match) => match.status)).toEqual([0xff01]);
  });

  it('reads keys and writes answers in the character set of the peer', async () => {
    const node = await startDimseNode({
      workers: 0,
      devices: [
        { aeTitle: 'GBK1', address: '127.0.0.1', characterSet: 'GBK' },
        { aeTitle: 'ISO58', address: '127.0.0.1', characterSet: '\\ISO 2022 IR 58' },
      ],
    });
    await put(node, instanceFile({ instance: '1.2.3.1.1' }));
    const keys = studyLevel({ '00100010': { vr: 'PN', Value: [{ Alphabetic: '', Ideographic: '张*' }] } });
    for (const [calling, characterSet] of [
      ['GBK1', 'GBK'],
      ['ISO58', '\\ISO 2022 IR 58'],
      ['ANY', 'GB18030'],
      ['ANY', 'ISO_IR 192'],
    ] as const) {
      const { matches } = await find(node, keys, { calling, characterSet });
      expect(matches).toHaveLength(1);
      expect(matches[0]?.dataset['00080005']?.Value?.map((term) => term ?? '').join('\\')).toBe(characterSet);
      expect(matches[0]?.dataset['00100010']?.Value).toEqual([
        { Alphabetic: 'Zhang^Xiaoming', Ideographic: '张^小明' },
      ]);
    }
  });

  it('refuses what it cannot answer, and the association stays', async () => {
    const node = await startDimseNode({ workers: 0 });
    expect(await find(node, { '00100020': { vr: 'LO' } })).toMatchObject({
      status: 0xa900,
      comment: expect.stringContaining('QueryRetrieveLevel is missing'),
    });
    expect((await find(node, { '00080052': { vr: 'CS', Value: ['PATIENT'] } })).status).toBe(0xa900);
    expect((await find(node, studyLevel({ '00080020': { vr: 'DA', Value: ['yesterday'] } }))).status).toBe(0xa900);
    const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS });
    peer.send(commandPdu(1, request(0x20, FIND, 1)), datasetPdus(1, Buffer.from('no identifier')));
    expect((await peer.message()).status & 0xff00).toBeGreaterThan(0);
    peer.send(commandPdu(1, request(0x21, FIND, 2)), datasetPdus(1, identifier(studyLevel({}))));
    expect((await peer.message()).status).toBe(0x0211);
  });

  it('sends all matches, in pages, and stops when told to', async () => {
    const node = await startDimseNode({ workers: 1, query: { maxResults: 450 } });
    for (let i = 0; i < 500; i++)
      await put(
        { ...node, query: { ...node.query, settled: async () => undefined } },
        instanceFile({ study: `1.2.50.${i}`, instance: `1.2.50.${i}.1.1`, pixelBytes: 8 }),
      );
    await node.query.settled();
    const all = await find(node, studyLevel({}));
    expect(all.status).toBe(0);
    expect(new Set(all.matches.map(({ dataset }) => dataset['0020000D']?.Value?.[0])).size).toBe(450);

    const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS });
    peer.send(
      commandPdu(1, request(0x20, FIND, 9)),
      datasetPdus(1, identifier(studyLevel({}))),
      commandPdu(1, cancel(9)),
    );
    let matches = 0;
    for (;;) {
      const { status, dataset } = await peer.message();
      if (dataset) matches += 1;
      else {
        expect(status).toBe(0xfe00);
        break;
      }
    }
    expect(matches).toBeLessThan(450);
  });
});

describe('C-GET', () => {
  const stored = (messageId: unknown): DicomJson => ({
    '00000002': ui(CT),
    '00000100': us(0x8001),
    '00000120': us(Number(messageId)),
    '00000800': us(0x0101),
    '00000900': us(0),
  });

  it('sends over the same association, tells how many, and can be cancelled', async () => {
    const node = await startDimseNode({ workers: 1 });
    await put(
      node,
      ...[1, 2, 3, 4].map((number) => instanceFile({ instance: `1.2.3.1.${number}`, number, pixelBytes: 700_000 })),
    );
    const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS, roles: ROLES });
    peer.send(
      commandPdu(3, request(0x10, GET, 5)),
      datasetPdus(3, identifier(studyLevel({ '0020000D': ui('1.2.3') }))),
    );
    const received: unknown[] = [];
    for (;;) {
      const { command, dataset, status } = await peer.message();
      // Told when it takes long.
      if (status === 0xff00) continue;
      if (command['00000100']?.Value?.[0] !== 0x0001) {
        expect(status).toBe(0xfe00);
        expect(command['00001021']?.Value).toEqual([2]);
        expect(command['00001020']?.Value).toEqual([2]);
        break;
      }
      expect(dataset?.length).toBeGreaterThan(690_000);
      received.push(command['00001000']?.Value?.[0]);
      if (received.length === 2) peer.send(commandPdu(3, cancel(5)));
      peer.send(commandPdu(5, stored(command['00000110']?.Value?.[0])));
    }
    expect(received).toEqual(['1.2.3.1.1', '1.2.3.1.2']);
  });

  it('ends when the peer does not read any more', async () => {
    const node = await startDimseNode({ workers: 1, limits: { sendTimeoutMs: 100 } });
    await put(node, instanceFile({ instance: '1.2.3.1.1', pixelBytes: 30_000_000 }));
    const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS, roles: ROLES });
    peer.socket.pause();
    peer.send(
      commandPdu(3, request(0x10, GET, 5)),
      datasetPdus(3, identifier(studyLevel({ '0020000D': ui('1.2.3') }))),
    );
    await until(() =>
      node.log.lines.some(
        ({ fields }) => 'detail' in fields && String(fields.detail).includes('takes nothing any more'),
      ),
    );
    peer.destroy();
  });

  it('fails what the peer cannot take, and names it', async () => {
    const node = await startDimseNode({ workers: 1 });
    await put(node, instanceFile({ instance: '1.2.3.1.1', SOPClassUID: '1.2.840.10008.5.1.4.1.1.4' }));
    const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS, roles: ROLES });
    peer.send(
      commandPdu(3, request(0x10, GET, 5)),
      datasetPdus(3, identifier(studyLevel({ '0020000D': ui('1.2.3') }))),
    );
    const { status, command, dataset } = await peer.message();
    expect(status).toBe(0xa702);
    expect(command['00001022']?.Value).toEqual([1]);
    expect(command['00001020']).toBeUndefined();
    expect(decodeDataset(dataset ?? Buffer.alloc(0), EXPLICIT)).toMatchObject({ '00080058': { Value: ['1.2.3.1.1'] } });
  });

  it('never takes an empty key for everything', async () => {
    const node = await startDimseNode({ workers: 0 });
    await put(node, instanceFile({ instance: '1.2.3.1.1' }));
    const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS, roles: ROLES });
    for (const keys of [{}, { '0020000D': ui('*') }] as DicomJson[]) {
      peer.send(commandPdu(3, request(0x10, GET, 5)), datasetPdus(3, identifier(studyLevel(keys))));
      expect((await peer.message()).status).toBe(0xa900);
    }
  });
});

describe('what a device may see', () => {
  const departmentOf = async (node: DimseTestNode, department: string, file: Buffer) => {
    await node.ingest.receiveStream(Readable.from([file]), { via: 'import', name: 'test', department });
    await node.query.settled();
  };
  const counted = async (node: DimseTestNode, calling: string) =>
    (await find(node, studyLevel({}), { calling })).matches
      .map(({ dataset }) => dataset['0020000D']?.Value?.[0])
      .sort();
  const fetched = async (node: DimseTestNode, calling: string, study: string) => {
    const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS, roles: ROLES, calling });
    const keys = identifier(studyLevel({ '0020000D': ui(study) }));
    peer.send(commandPdu(3, request(0x10, GET, 5)), datasetPdus(3, keys));
    const { command } = await peer.message();
    peer.destroy();
    // The first message: an instance on its way, or the end with nothing to send.
    return command['00000100']?.Value?.[0] === 0x0001 ? 'sent' : 'nothing';
  };

  it('is the departments it is limited to, without restricted patients, to find and to fetch', async () => {
    const node = await startDimseNode({
      workers: 0,
      devices: [
        { aeTitle: 'US1', checkAddress: false, departments: ['超声科'] },
        { aeTitle: 'CT1', checkAddress: false },
      ],
    });
    await departmentOf(node, '放射科', instanceFile({ instance: '1.2.3.1.1', study: '1.2.3', patientId: 'P1' }));
    await departmentOf(node, '超声科', instanceFile({ instance: '1.2.4.1.1', study: '1.2.4', patientId: 'P2' }));
    expect([await counted(node, 'US1'), await counted(node, 'CT1')]).toEqual([['1.2.4'], ['1.2.3', '1.2.4']]);
    expect([await fetched(node, 'US1', '1.2.3'), await fetched(node, 'US1', '1.2.4')]).toEqual(['nothing', 'sent']);
    await node.security.patients.restrict({ patientId: 'P2', users: ['device:CT1'], roles: [], setBy: '', setAt: '' });
    expect([await counted(node, 'US1'), await counted(node, 'CT1')]).toEqual([[], ['1.2.3', '1.2.4']]);
    expect([await fetched(node, 'US1', '1.2.4'), await fetched(node, 'CT1', '1.2.4')]).toEqual(['nothing', 'sent']);
  });
});
