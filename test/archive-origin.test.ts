import { join } from 'node:path';
import { ctSlices, encapsulatedPdf, type PhantomInstance, phantomStudy } from '@filmless/core/phantoms';
import { makeInstanceFile } from '@filmless/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PouchCatalogue } from '../core/src/catalogue/pouch-catalogue.ts';
import { HospitalNode, isComplete } from './tools/hospital.ts';
import { codeOf, MllpClient } from './tools/mllp-client.ts';
import { freePort } from './tools/node-process.ts';
import { storePhantoms } from './tools/store-phantoms.ts';

const WAIT = { timeout: 120_000, interval: 100 };
const TIMEOUT = 300_000;
const ACCESSION = 'ORIGIN1';

interface Order {
  status: string;
  studyInstanceUids: string[];
}
interface Reports {
  reports: { versions: { status: string }[] }[];
}

/** Orders, reports and decisions are made at one node; a gateway shows them, and makes none itself of what comes to it. */
describe('what only the node of origin does', () => {
  let centre: HospitalNode;
  let radiology: HospitalNode;
  let ultrasound: HospitalNode;
  let gateway: HospitalNode;
  let hl7Port: number;

  beforeAll(async () => {
    hl7Port = await freePort();
    const his = { hl7: { port: hl7Port, connections: [{ name: 'HIS', address: '127.0.0.1' }] } };
    const withHis = { config: { disabledPlugins: [], plugins: { 'his-bridge': his } } };
    [centre, radiology, ultrasound, gateway] = await Promise.all([
      HospitalNode.start('centre', {}, withHis),
      HospitalNode.start('radiology'),
      HospitalNode.start('ultrasound'),
      HospitalNode.start('gateway'),
    ]);
    await radiology.joinTo(centre, 'department');
    await ultrasound.joinTo(centre, 'department');
    await gateway.joinTo(centre, 'gateway');
  }, TIMEOUT);
  afterAll(async () => {
    for (const node of [gateway, ultrasound, radiology, centre]) await node?.end();
  }, TIMEOUT);

  const order = (node: HospitalNode) => node.json<Order>('GET', '/api/orders/HIS/PL1');

  it('an order is begun and completed at the centre, and the gateway has the very same', {
    timeout: TIMEOUT,
  }, async () => {
    const study = phantomStudy({ seed: 'origin', StudyDate: '20260108', AccessionNumber: ACCESSION });
    await placeOrder(hl7Port, study.patient.PatientID);
    const stored = await storePhantoms(radiology.process, ctSlices({ study, count: 3, rows: 64 }));
    const StudyInstanceUID = stored[0]?.StudyInstanceUID ?? '';
    await expect
      .poll(() => order(gateway).catch(() => undefined), WAIT)
      .toMatchObject({
        status: 'in-progress',
        studyInstanceUids: [StudyInstanceUID],
      });
    const report = {
      patient: { id: study.patient.PatientID },
      StudyInstanceUID,
      accessionNumber: ACCESSION,
      status: 'reviewed',
      text: '两肺未见异常',
      externalId: 'R1',
    };
    await centre.json('POST', '/api/reports', report);
    await expect.poll(() => order(gateway), WAIT).toMatchObject({ status: 'completed' });
    await expect(gateway.json('POST', '/api/reports', { ...report, externalId: 'R2' })).rejects.toThrow(
      'KEPT_ELSEWHERE',
    );
  });

  it('a report that comes as a DICOM object is delivered once, where it was received', {
    timeout: TIMEOUT,
  }, async () => {
    const object = encapsulatedPdf(phantomStudy({ seed: 'origin-pdf', AccessionNumber: 'ORIGIN2' }));
    const [stored] = await storePhantoms(radiology.process, once(object));
    const path = `/api/reports?study=${stored?.StudyInstanceUID}`;
    for (const node of [radiology, centre, gateway])
      await expect.poll(async () => (await node.json<Reports>('GET', path)).reports.length, WAIT).toBe(1);
  });

  it('which of two data sets counts is decided at the centre, and the gateway follows', {
    timeout: TIMEOUT,
  }, async () => {
    const make = (uid: string, more: object = {}) =>
      new Instance(makeInstanceFile({ SOPInstanceUID: uid, StudyInstanceUID: '2.25.71', ...more }), uid);
    const [other, kept, equal] = [make('2.25.711'), make('2.25.712'), make('2.25.713')];
    const [otherNew, keptNew] = [make('2.25.711', { salt: 'new' }), make('2.25.712', { salt: 'new' })];
    // The same instance in other bytes: nothing to decide.
    const equalNew = make('2.25.713', { otherMeta: true });
    await storePhantoms(radiology.process, all([other, kept, equal]));
    await expect.poll(() => gateway.count('2.25.71'), WAIT).toBe(3);
    await storePhantoms(ultrasound.process, all([otherNew, keptNew, equalNew]));

    interface Conflict {
      id: string;
      SOPInstanceUID: string;
      status: string;
    }
    const conflicts = () => centre.json<Conflict[]>('GET', '/api/conflicts');
    await expect
      .poll(async () => (await conflicts()).map((each) => each.SOPInstanceUID).sort(), WAIT)
      .toEqual(['2.25.711', '2.25.712']);
    await expect.poll(() => isComplete(centre, 3 + 1 + 3 + 3), WAIT).toBe(true);
    expect(await gateway.differing([other, kept])).toEqual([]);
    for (const { id, SOPInstanceUID } of await conflicts())
      await centre.json('POST', `/api/conflicts/${encodeURIComponent(id)}/resolve`, {
        keep: SOPInstanceUID === '2.25.711' ? 'received' : 'existing',
      });
    await expect.poll(() => gateway.differing([otherNew]), WAIT).toEqual([]);
    expect(await gateway.differing([kept])).toEqual([]);
    expect(await centre.differing([otherNew, kept])).toEqual([]);
    // One of the two, the same at both.
    const [there, here] = await Promise.all([centre, gateway].map((node) => node.differing([equal])));
    expect(here).toEqual(there);
    // What was decided is decided: the gateway has nothing open, and decides nothing.
    const open = (await gateway.json<Conflict[]>('GET', '/api/conflicts')).filter(({ status }) => status === 'open');
    expect(open).toEqual([]);
  });

  it('what is stored at the gateway itself, such as measurements, reaches the centre with its bytes', {
    timeout: TIMEOUT,
  }, async () => {
    const slices: PhantomInstance[] = [];
    for await (const slice of ctSlices({ study: phantomStudy({ seed: 'read at the gateway' }), count: 3, rows: 64 }))
      slices.push(slice);
    await storePhantoms(gateway.process, all(slices));
    const study = slices[0]?.StudyInstanceUID ?? '';
    await expect.poll(() => centre.differing(slices).catch(() => undefined), WAIT).toEqual([]);
    const states = async () =>
      (await centre.board()).studies.filter((each) => each.study === study).map(({ node, state }) => [node, state]);
    await expect.poll(states, WAIT).toEqual([['gateway', 'complete']]);
    // It comes back to the gateway as every record of the centre does: nothing changes there.
    expect(await gateway.differing(slices)).toEqual([]);
    expect(await gateway.count(study)).toBe(3);
  });

  it('the gateway ends with the documents of the centre, and no revision of its own', {
    timeout: TIMEOUT,
  }, async () => {
    const databases = ['orders', 'reports', 'patients'];
    const all = async (node: HospitalNode) => {
      await node.process.stop();
      const catalogue = await PouchCatalogue.open({ location: join(node.process.dataDirectory, 'catalogue') });
      try {
        return await Promise.all(databases.map((name) => revisionsIn(catalogue, name)));
      } finally {
        await catalogue.close();
      }
    };
    const [there, here] = await Promise.all([all(centre), all(gateway)]);
    expect(here).toEqual(there);
    expect(there.map((documents) => documents.length > 0)).toEqual([true, true, true]);
  });
});

/** Every leaf of every document: a revision of one's own would be another. */
async function revisionsIn(catalogue: PouchCatalogue, name: string): Promise<string[]> {
  const database = await catalogue.databaseOf(name);
  const { rows } = await database.read((db) => db.allDocs({ include_docs: true, conflicts: true }));
  // Each node notes for itself, before it is anything in a hospital, that its ways to reports are made.
  return rows
    .filter(({ id }) => id !== 'doc:links:received')
    .map(({ id, doc }) => {
      const { _rev, _conflicts = [] } = doc as unknown as { _rev: string; _conflicts?: string[] };
      return [id, _rev, ..._conflicts].join(' ');
    });
}

class Instance implements PhantomInstance {
  readonly bytes: Uint8Array;
  readonly SOPInstanceUID: string;
  readonly SOPClassUID = '1.2.840.10008.5.1.4.1.1.2';
  readonly StudyInstanceUID = '2.25.71';
  readonly SeriesInstanceUID = '2.25.2';
  readonly PatientID = 'P1';
  readonly AccessionNumber = '';
  readonly Modality = 'CT';
  readonly transferSyntaxUID = '1.2.840.10008.1.2.1';

  constructor(bytes: Uint8Array, SOPInstanceUID: string) {
    this.bytes = bytes;
    this.SOPInstanceUID = SOPInstanceUID;
  }
}

async function* once(instance: PhantomInstance): AsyncGenerator<PhantomInstance> {
  yield instance;
}

async function* all(instances: readonly PhantomInstance[]): AsyncGenerator<PhantomInstance> {
  yield* instances;
}

/** As the HIS does, over MLLP. */
async function placeOrder(port: number, PatientID: string): Promise<void> {
  const field = (name: string, values: Record<number, string>) =>
    `${name}|${Array.from({ length: 30 }, (_, index) => values[index + 1] ?? '').join('|')}`;
  const message = [
    'MSH|^~\\&|HIS|A|PACS|B|20260108093000+0800||ORM^O01|M1|P|2.5.1||||||UNICODE UTF-8',
    `PID|1||${PatientID}||Zhang^Jianguo||19560914|M`,
    'ORC|NW|PL1',
    field('OBR', { 2: 'PL1', 4: 'CT01^CT^L', 18: ACCESSION, 24: 'CT' }),
  ].join('\r');
  const answer = await MllpClient.ask(port, Buffer.from(message));
  if (codeOf(answer) !== 'AA') throw new Error(`the order was refused: ${answer}`);
}
