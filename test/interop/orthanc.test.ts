import { demoStudies, type PhantomInstance } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetBytes, sha256 } from '../tools/data-set-bytes.ts';
import { eventually } from '../tools/eventually.ts';
import { runJob } from '../tools/node-jobs.ts';
import { type NodeProcess, startNode } from '../tools/node-process.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../tools/orthanc.ts';
import { retrieveAsStored, searchInstances } from '../tools/web-retrieve.ts';

interface Study {
  StudyInstanceUID: string;
  PatientID: string;
  instances: PhantomInstance[];
}

/** Hash of each data set by SOP Instance UID. */
type Hashes = Map<string, string>;

const WAYS = ['store', 'stow', 'move', 'wado', 'send', 'retrieve'] as const;

describe.skipIf(!hasOrthanc)('Orthanc and a node (left out without Orthanc)', { timeout: 180_000 }, () => {
  let node: NodeProcess;
  let orthanc: Orthanc;
  /** Studies of their own for every way between the two. */
  const studies = Object.fromEntries(WAYS.map((way): [string, Study[]] => [way, []]));
  const of = (way: (typeof WAYS)[number]) => studies[way] ?? [];

  beforeAll(async () => {
    node = await startNode({ accept: 'known' });
    const { aeTitle, dicomPort, url, password } = node;
    orthanc = await startOrthanc({ aeTitle, dicomPort, url, user: 'admin', password });
    const added = await node.fetch('/api/devices', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        aeTitle: orthanc.aeTitle,
        address: '127.0.0.1',
        port: orthanc.dicomPort,
        capabilities: { store: true, find: true, retrieve: true },
      }),
    });
    expect(added.status).toBe(201);
    let next = 0;
    for (const { study, instances } of demoStudies({ today: '20260301', isSmall: true })) {
      const list: PhantomInstance[] = [];
      for await (const instance of instances()) list.push(instance);
      const way = WAYS[next++ % WAYS.length]!;
      of(way).push({
        StudyInstanceUID: list[0]!.StudyInstanceUID,
        PatientID: study.patient.PatientID,
        instances: list,
      });
    }
    for (const way of WAYS) expect(of(way).length).toBeGreaterThan(0);
    for (const way of ['store', 'stow', 'retrieve'] as const) await toOrthanc(of(way));
    for (const way of ['move', 'wado', 'send'] as const) await toNode(of(way));
  }, 180_000);
  afterAll(async () => {
    await orthanc?.stop();
    await node?.stop();
    await node?.remove();
  });

  const files = (list: readonly Study[]) => list.flatMap(({ instances }) => instances);
  async function toOrthanc(list: readonly Study[]): Promise<void> {
    for (const { bytes } of files(list)) {
      const response = await fetch(`${orthanc.url}/instances`, { method: 'POST', body: Buffer.from(bytes) });
      expect(response.status).toBe(200);
    }
  }
  async function toNode(list: readonly Study[]): Promise<void> {
    for (const { bytes } of files(list)) {
      const response = await node.fetch('/api/imports', {
        method: 'POST',
        headers: { 'content-type': 'application/dicom' },
        body: Buffer.from(bytes),
      });
      expect(response.status).toBe(200);
    }
    await eventually(async () => {
      const there = new Set((await searchInstances(node)).map(({ SOPInstanceUID }) => SOPInstanceUID));
      return files(list).every(({ SOPInstanceUID }) => there.has(SOPInstanceUID));
    });
  }

  const hash = (file: Uint8Array) => sha256(dataSetBytes(file));
  const asMade = (list: readonly Study[]): Hashes =>
    new Map(files(list).map(({ SOPInstanceUID, bytes }) => [SOPInstanceUID, hash(bytes)]));
  async function atNode(list: readonly Study[]): Promise<Hashes> {
    const hashes: Hashes = new Map();
    for (const { StudyInstanceUID } of list) {
      for (const [uid, { file }] of await retrieveAsStored(node, `/studies/${StudyInstanceUID}`))
        hashes.set(uid, hash(file));
    }
    return hashes;
  }
  const orthancStudy = async ({ StudyInstanceUID }: Study) =>
    (
      (await orthanc.rest<string[]>('POST', '/tools/lookup', StudyInstanceUID)) as unknown as {
        ID: string;
        Type: string;
      }[]
    )[0]?.ID ?? '';
  async function atOrthanc(list: readonly Study[]): Promise<Hashes> {
    const hashes: Hashes = new Map();
    for (const study of list) {
      const id = await orthancStudy(study);
      if (id === '') continue;
      const instances = await orthanc.rest<{ ID: string; MainDicomTags: { SOPInstanceUID: string } }[]>(
        'GET',
        `/studies/${id}/instances`,
      );
      for (const { ID, MainDicomTags } of instances) {
        const file = await (await fetch(`${orthanc.url}/instances/${ID}/file`)).arrayBuffer();
        hashes.set(MainDicomTags.SOPInstanceUID, hash(new Uint8Array(file)));
      }
    }
    return hashes;
  }
  const resources = (list: readonly Study[]) => Promise.all(list.map(orthancStudy));

  it('each answers the other’s C-ECHO', async () => {
    await orthanc.rest('POST', '/modalities/filmless/echo', {});
    const echo = await node.fetch('/api/devices/ORTHANC/echo', { method: 'POST' });
    expect(await echo.json()).toMatchObject({ ok: true });
  });

  it('Orthanc sends with C-STORE', async () => {
    const list = of('store');
    await orthanc.rest('POST', '/modalities/filmless/store', { Resources: await resources(list), Synchronous: true });
    await eventually(
      async () =>
        (await searchInstances(node, `&StudyInstanceUID=${list[0]!.StudyInstanceUID}`)).length ===
        list[0]!.instances.length,
    );
    expect(await atNode(list)).toEqual(await atOrthanc(list));
  });

  it('Orthanc sends over STOW-RS', async () => {
    const list = of('stow');
    await orthanc.rest('POST', '/dicom-web/servers/filmless/stow', {
      Resources: await resources(list),
      Synchronous: true,
    });
    await eventually(
      async () =>
        (await searchInstances(node, `&StudyInstanceUID=${list[0]!.StudyInstanceUID}`)).length ===
        list[0]!.instances.length,
    );
    expect(await atNode(list)).toEqual(await atOrthanc(list));
  });

  it('is told with storage commitment what the node keeps, and what it does not', async () => {
    const kept = files(of('store')).map(({ SOPClassUID, SOPInstanceUID }) => ({ SOPClassUID, SOPInstanceUID }));
    const missing = { SOPClassUID: kept[0]!.SOPClassUID, SOPInstanceUID: '1.2.3.4.5.6.7' };
    interface Report {
      Status: string;
      Success: { SOPInstanceUID: string }[];
      Failures: { SOPInstanceUID: string; FailureReason: number }[];
    }
    const commit = async (instances: { SOPClassUID: string; SOPInstanceUID: string }[]): Promise<Report> => {
      const { Path } = await orthanc.rest<{ Path: string }>('POST', '/modalities/filmless/storage-commitment', {
        DicomInstances: instances,
      });
      let report = await orthanc.rest<Report>('GET', Path);
      await eventually(async () => {
        report = await orthanc.rest<Report>('GET', Path);
        return report.Status !== 'Pending';
      });
      return report;
    };
    const uids = (list: readonly { SOPInstanceUID: string }[]) =>
      list.map(({ SOPInstanceUID }) => SOPInstanceUID).sort();
    const whole = await commit(kept);
    expect({ status: whole.Status, success: uids(whole.Success), failures: whole.Failures }).toEqual({
      status: 'Success',
      success: uids(kept),
      failures: [],
    });
    const part = await commit([...kept, missing]);
    expect({ status: part.Status, success: uids(part.Success), failures: uids(part.Failures) }).toEqual({
      status: 'Failure',
      success: uids(kept),
      failures: [missing.SOPInstanceUID],
    });
    // No such object instance. @dicom PS3.4 J.3.3.2
    expect(part.Failures[0]?.FailureReason).toBe(0x0112);
  });

  it('Orthanc finds with C-FIND, and retrieves with C-MOVE', async () => {
    for (const study of of('move')) {
      const { StudyInstanceUID, PatientID } = study;
      const query = await orthanc.rest<{ ID: string; Path: string }>('POST', '/modalities/filmless/query', {
        Level: 'Study',
        Query: { PatientID, StudyInstanceUID, PatientName: '' },
      });
      const answers = await orthanc.rest<Record<string, { Value: string }>[]>('GET', `${query.Path}/answers?expand`);
      expect(answers).toHaveLength(1);
      expect(answers[0]?.['0020,000d']?.Value).toBe(StudyInstanceUID);
      expect(answers[0]?.['0010,0010']?.Value).toMatch(/^\w+\^\w+=[\u4e00-\u9fff]+\^[\u4e00-\u9fff]+$/);
      await orthanc.rest('POST', `${query.Path}/retrieve`, { TargetAet: orthanc.aeTitle, Synchronous: true });
    }
    expect(await atOrthanc(of('move'))).toEqual(asMade(of('move')));
  });

  it('Orthanc finds over QIDO-RS, and retrieves over WADO-RS', async () => {
    for (const { StudyInstanceUID, PatientID } of of('wado')) {
      const found = await orthanc.rest<Record<string, { Value: string }>[]>(
        'POST',
        '/dicom-web/servers/filmless/qido',
        { Uri: '/studies', Arguments: { PatientID, StudyInstanceUID } },
      );
      expect(found).toHaveLength(1);
      expect(found[0]?.['0020000D']?.Value).toBe(StudyInstanceUID);
    }
    await orthanc.rest('POST', '/dicom-web/servers/filmless/retrieve', {
      Resources: of('wado').map(({ StudyInstanceUID }) => ({ Study: StudyInstanceUID })),
      Synchronous: true,
    });
    expect(await atOrthanc(of('wado'))).toEqual(asMade(of('wado')));
  });

  it('the node sends, and Orthanc has it byte for byte', async () => {
    for (const { StudyInstanceUID } of of('send'))
      await runJob(node, '/api/devices/ORTHANC/send', { studyInstanceUid: StudyInstanceUID });
    expect(await atOrthanc(of('send'))).toEqual(asMade(of('send')));
  });

  it('the node queries Orthanc and retrieves from it', async () => {
    for (const { StudyInstanceUID, PatientID, instances } of of('retrieve')) {
      const response = await node.fetch('/api/devices/ORTHANC/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ keys: { PatientID, StudyInstanceUID } }),
      });
      const { items } = (await response.json()) as { items: Record<string, { Value?: unknown[] }>[] };
      expect(items).toHaveLength(1);
      expect(items[0]).toMatchObject({ '0020000D': { Value: [StudyInstanceUID] }, '00100020': { Value: [PatientID] } });
      expect(JSON.stringify(items[0]?.['00100010'])).toMatch(/[\u4e00-\u9fff]\^[\u4e00-\u9fff]/);
      await runJob(node, '/api/devices/ORTHANC/retrieve', { studyInstanceUid: StudyInstanceUID });
      await eventually(
        async () => (await searchInstances(node, `&StudyInstanceUID=${StudyInstanceUID}`)).length === instances.length,
      );
    }
    expect(await atNode(of('retrieve'))).toEqual(await atOrthanc(of('retrieve')));
  });
});
