import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  type DicomJson,
  decodeDataset,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  readInstanceHeader,
  sourceOfBytes,
} from '@filmless/core/plugin';
import { RawPeer, until } from '@filmless/core/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type DimseTestNode,
  filesOf,
  havePrograms,
  run,
  startDimseNode,
  temporaryDirectory,
} from './dimse-node.test-util.ts';
import { encapsulatedFile, instanceFile, put } from './instances.test-util.ts';

const PROGRAMS = ['echoscu', 'storescu', 'findscu', 'movescu', 'getscu', 'storescp', 'dcmqrscp'];
const have = havePrograms(...PROGRAMS);
const aec = (node: DimseTestNode, calling = 'DCMTK') => [
  '-aet',
  calling,
  '-aec',
  'FILMLESS',
  '127.0.0.1',
  String(node.dicomPort),
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

/** A program that listens until the test ends. */
async function listening(program: string, args: readonly string[], port: number, cwd: string): Promise<ChildProcess> {
  const child = spawn(program, args, { cwd, stdio: 'ignore', env: { ...process.env, TCP_NODELAY: '1' } });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await until(async () => {
    const peer = await RawPeer.connect(port).catch(() => undefined);
    peer?.destroy();
    return peer !== undefined;
  });
  return child;
}

/** The data sets DCMTK wrote, as headers. */
async function responses(directory: string, prefix: string) {
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix)).sort();
  return Promise.all(names.map(async (name) => readFile(join(directory, name))));
}

const afterMeta = async (file: Uint8Array) =>
  Buffer.from(file.subarray((await readInstanceHeader(sourceOfBytes(file))).datasetOffsetBytes));

const STUDY = [
  instanceFile({ instance: '1.2.3.1.1', number: 1 }),
  instanceFile({ instance: '1.2.3.1.2', number: 2 }),
  instanceFile({ instance: '1.2.3.2.1', series: '1.2.3.2', number: 1, transferSyntaxUID: '1.2.840.10008.1.2' }),
];
const OTHER = instanceFile({
  study: '1.2.4',
  instance: '1.2.4.1.1',
  name: 'Li^Xiuying=李^秀英',
  patientId: 'P2',
  date: '20251231',
});

describe.skipIf(!have)(`with DCMTK (left out when one of ${PROGRAMS.join(', ')} is missing)`, () => {
  it('answers echoscu', async () => {
    const node = await startDimseNode();
    expect((await run('echoscu', aec(node))).code).toBe(0);
  });

  it('keeps what storescu sends, bit for bit', async () => {
    const node = await startDimseNode({ workers: 2 });
    const files = await filesOf(...STUDY, OTHER);
    const sent = await run('storescu', [...aec(node), ...files]);
    expect(sent).toMatchObject({ code: 0, output: expect.not.stringContaining('Failed') });
    expect(await node.catalogue.count()).toBe(4);
    for (const uid of ['1.2.3.1.1', '1.2.3.1.2']) {
      const record = await node.catalogue.get(uid);
      const blob = await node.storage.open(record?.sha256 ?? '');
      const stored = await afterMeta(await blob.read(0, blob.sizeBytes));
      expect(stored.equals(await afterMeta(STUDY[uid.endsWith('1') ? 0 : 1] ?? OTHER))).toBe(true);
    }
  });

  it('is searched with findscu at every level', async () => {
    const node = await startDimseNode();
    await put(node, ...STUDY, OTHER);
    const find = async (model: string, ...keys: string[]) => {
      const directory = await temporaryDirectory();
      const { code, output } = await run('findscu', [
        ...aec(node),
        model,
        '-X',
        '-od',
        directory,
        ...keys.flatMap((key) => ['-k', key]),
      ]);
      expect(code, output).toBe(0);
      return Promise.all((await responses(directory, 'rsp')).map(async (bytes) => decodeResponse(bytes)));
    };
    const studies = await find(
      '-S',
      'QueryRetrieveLevel=STUDY',
      'PatientName',
      'StudyInstanceUID',
      'StudyDate=20260101-',
      'ModalitiesInStudy',
      'NumberOfStudyRelatedInstances',
      'InstanceAvailability',
    );
    expect(studies).toHaveLength(1);
    expect(studies[0]).toMatchObject({
      '00080052': { Value: ['STUDY'] },
      '00080054': { Value: ['FILMLESS'] },
      '00080056': { Value: ['ONLINE'] },
      '00080061': { Value: ['CT'] },
      '0020000D': { Value: ['1.2.3'] },
      '00201208': { Value: [3] },
    });
    expect(await find('-P', 'QueryRetrieveLevel=PATIENT', 'PatientID', 'PatientName=li*')).toMatchObject([
      { '00100020': { Value: ['P2'] } },
    ]);
    expect(
      await find('-S', 'QueryRetrieveLevel=SERIES', 'StudyInstanceUID=1.2.3', 'SeriesInstanceUID', 'Modality'),
    ).toHaveLength(2);
    expect(
      await find(
        '-S',
        'QueryRetrieveLevel=IMAGE',
        'StudyInstanceUID=1.2.3',
        'SeriesInstanceUID=1.2.3.1',
        'SOPInstanceUID',
        'InstanceNumber',
      ),
    ).toHaveLength(2);
    expect(await find('-O', 'QueryRetrieveLevel=STUDY', 'PatientID=P1', 'StudyInstanceUID')).toHaveLength(1);
  });

  it('answers in the character set of the device', async () => {
    const node = await startDimseNode({ devices: [{ aeTitle: 'OLD', address: '127.0.0.1', characterSet: 'GB18030' }] });
    await put(node, ...STUDY);
    const directory = await temporaryDirectory();
    const args = [
      '-S',
      '-X',
      '-od',
      directory,
      '-k',
      'QueryRetrieveLevel=STUDY',
      '-k',
      'PatientName',
      '-k',
      'StudyInstanceUID',
    ];
    await run('findscu', [...aec(node, 'OLD'), ...args]);
    const [bytes] = await responses(directory, 'rsp');
    expect(bytes?.includes(Buffer.from('GB18030'))).toBe(true);
    // 张 in GB18030.
    expect(bytes?.includes(Buffer.from([0xd5, 0xc5]))).toBe(true);
  });

  it('says what is wrong with a query', async () => {
    const node = await startDimseNode();
    const { output } = await run('findscu', [
      ...aec(node),
      '-v',
      '-S',
      '-k',
      'QueryRetrieveLevel=PATIENT',
      '-k',
      'PatientID',
    ]);
    expect(output).toMatch(/DataSetDoesNotMatchSOPClass/);
    await put(node, ...STUDY);
    const unsupported = await run('findscu', [
      ...aec(node),
      '-d',
      '-S',
      '-k',
      'QueryRetrieveLevel=STUDY',
      '-k',
      'StudyInstanceUID',
      '-k',
      'SlabThickness=7',
    ]);
    expect(unsupported.output).toMatch(/0xff01/i);
  });

  it('gives a study to getscu, byte for byte as stored', async () => {
    const node = await startDimseNode();
    await put(node, ...STUDY.slice(0, 2), OTHER);
    const directory = await temporaryDirectory();
    const got = await run('getscu', [
      ...aec(node),
      '-S',
      '-od',
      directory,
      '-k',
      'QueryRetrieveLevel=STUDY',
      '-k',
      'StudyInstanceUID=1.2.3',
      '-v',
    ]);
    expect(got.code, got.output).toBe(0);
    const files = await Promise.all((await readdir(directory)).sort().map((name) => readFile(join(directory, name))));
    expect(files).toHaveLength(2);
    for (const [i, file] of files.entries())
      expect((await afterMeta(file)).equals(await afterMeta(STUDY[i] ?? OTHER))).toBe(true);
  });

  it('gives getscu what it takes, and counts what it does not as failed', async () => {
    const node = await startDimseNode();
    await put(node, ...STUDY, encapsulatedFile({ instance: '1.2.3.1.9' }));
    const directory = await temporaryDirectory();
    const got = await run('getscu', [
      ...aec(node),
      '-d',
      '-S',
      '-od',
      directory,
      '-k',
      'QueryRetrieveLevel=STUDY',
      '-k',
      'StudyInstanceUID=1.2.3',
    ]);
    // What is stored without VRs goes with them; what is compressed would have to be decompressed.
    expect(await readdir(directory)).toHaveLength(3);
    expect(got.output).toMatch(/0xb000/i);
    expect(got.output).toMatch(/Failed Suboperations\s+: 1/);
  });

  it('moves a study to storescp for movescu, byte for byte as stored', async () => {
    const port = await freePort();
    const directory = await temporaryDirectory();
    const node = await startDimseNode({ devices: [{ aeTitle: 'WS', address: '127.0.0.1', port }] });
    await put(node, ...STUDY, OTHER);
    await listening('storescp', ['+xa', '+B', '-aet', 'WS', String(port)], port, directory);
    const move = ['-d', '-aem', 'WS', '-S', '-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID=1.2.3'];
    const moved = await run('movescu', [...aec(node), ...move]);
    expect(moved.code, moved.output).toBe(0);
    expect(moved.output).toMatch(/Completed Suboperations\s+: 3/);
    const files = await readdir(directory);
    expect(files).toHaveLength(3);
    for (const file of files) {
      const bytes = await readFile(join(directory, file));
      const { SOPInstanceUID } = await readInstanceHeader(sourceOfBytes(bytes));
      const sent = STUDY[['1.2.3.1.1', '1.2.3.1.2', '1.2.3.2.1'].indexOf(SOPInstanceUID)];
      expect((await afterMeta(bytes)).equals(await afterMeta(sent ?? OTHER))).toBe(true);
    }
  });

  it('tells movescu that a destination is unknown, or does not answer', async () => {
    const node = await startDimseNode({ devices: [{ aeTitle: 'OFF', address: '127.0.0.1', port: 1 }] });
    await put(node, ...STUDY);
    const move = async (destination: string) =>
      (
        await run('movescu', [
          ...aec(node),
          '-d',
          '-aem',
          destination,
          '-S',
          '-k',
          'QueryRetrieveLevel=STUDY',
          '-k',
          'StudyInstanceUID=1.2.3',
        ])
      ).output;
    expect(await move('NOBODY')).toMatch(/0xa801/i);
    const off = await move('OFF');
    expect(off).toMatch(/0xa702/i);
    expect(off).toMatch(/Failed Suboperations\s+: 3/);
  });

  it('asks dcmqrscp for studies, has them sent here, and sends them there', async () => {
    const port = await freePort();
    const directory = await temporaryDirectory();
    const node = await startDimseNode({ devices: [{ aeTitle: 'QRSCP', address: '127.0.0.1', port }] });
    await writeFile(
      join(directory, 'dcmqrscp.cfg'),
      [
        `NetworkTCPPort = ${port}`,
        'MaxPDUSize = 16384',
        'MaxAssociations = 16',
        'HostTable BEGIN',
        `filmless = (FILMLESS, 127.0.0.1, ${node.dicomPort})`,
        'HostTable END',
        'VendorTable BEGIN',
        'VendorTable END',
        'AETable BEGIN',
        `QRSCP ${directory} RW (200, 1024mb) ANY`,
        'AETable END',
        '',
      ].join('\n'),
    );
    await listening('dcmqrscp', ['-c', join(directory, 'dcmqrscp.cfg')], port, directory);
    await put(node, ...STUDY.slice(0, 2));
    const sent = await node.request('POST', '/api/devices/QRSCP/send', { studyInstanceUid: '1.2.3' });
    expect(sent.status).toBe(202);
    await jobDone(node, sent.body);

    const query = async (keys: object) => node.request('POST', '/api/devices/QRSCP/query', { keys });
    expect(await query({ PatientID: 'P1' })).toMatchObject({
      status: 200,
      body: { items: [{ '0020000D': { Value: ['1.2.3'] } }] },
    });
    expect((await query({ PatientID: 'P9' })).body).toEqual({ items: [] });

    const files = await filesOf(OTHER);
    await run('storescu', ['-aet', 'X', '-aec', 'QRSCP', '127.0.0.1', String(port), ...files]);
    const retrieved = await node.request('POST', '/api/devices/QRSCP/retrieve', { studyInstanceUid: '1.2.4' });
    expect(retrieved.status).toBe(202);
    await jobDone(node, retrieved.body);
    expect((await node.catalogue.get('1.2.4.1.1'))?.received).toMatchObject({ via: 'dimse', source: 'QRSCP' });
  });
});

async function jobDone(node: DimseTestNode, job: unknown): Promise<void> {
  const id = job && typeof job === 'object' && 'id' in job ? String(job.id) : '';
  await until(async () => {
    const { state, error } = (await node.jobs.get(id)) ?? {};
    if (error) throw new Error(`${error.code} ${error.detail}`);
    return state === 'done';
  });
}

/** findscu writes Part 10 files of explicit little endian, after 144 bytes to the group length's end and the group itself. */
function decodeResponse(bytes: Buffer): DicomJson {
  const end = 144 + bytes.readUInt32LE(140);
  const implicit = bytes.subarray(0, end).includes(Buffer.from('1.2.840.10008.1.2\0'));
  return decodeDataset(bytes.subarray(end), implicit ? IMPLICIT_VR_LITTLE_ENDIAN : EXPLICIT_VR_LITTLE_ENDIAN);
}
