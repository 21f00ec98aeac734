import { ctSlices, phantomStudy } from '@filmless/core/phantoms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../tools/eventually.ts';
import { codeOf, MllpClient } from '../tools/mllp-client.ts';
import { MllpReceiver } from '../tools/mllp-receiver.ts';
import { freePort, type NodeProcess, startNode } from '../tools/node-process.ts';
import { storePhantoms } from '../tools/store-phantoms.ts';

let node: NodeProcess;
let his: MllpClient;
/** The ordering system, one that wants to know of all orders in OMG^O19, and one that wants to know of none. */
const [ordering, other, silent] = [new MllpReceiver(), new MllpReceiver(), new MllpReceiver()];

beforeAll(async () => {
  const port = await freePort();
  const at = async (receiver: MllpReceiver) => ({ host: '127.0.0.1', port: await receiver.listen() });
  const hl7 = {
    port,
    connections: [{ name: 'HIS', address: '127.0.0.1' }],
    receivers: [
      { name: 'HIS', ...(await at(ordering)) },
      { name: 'RIS', ...(await at(other)), orderStatus: 'all', orderMessage: 'OMG^O19' },
      { name: 'EMR', ...(await at(silent)) },
    ],
  };
  node = await startNode({ config: { plugins: { 'his-bridge': { hl7 } } } });
  his = await MllpClient.open(port);
});
afterAll(async () => {
  his.close();
  for (const receiver of [ordering, other, silent]) receiver.close();
  await node.stop();
  await node.remove();
});

async function order(control: string, number: string): Promise<void> {
  const answer = await his.send(
    [
      `MSH|^~\\&|HIS||PACS||20260102093000||ORM^O01^ORM_O01|${control}-${number}|P|2.5.1||||||UNICODE UTF-8`,
      'PID|1||ORD1^^^HIS^PI||Zhang^San',
      `ORC|${control}|${number}`,
      `OBR|1|${number}||CT0101^Chest CT^LOCAL||||||||||||||ACC-${number}||||||CT`,
      '',
    ].join('\r'),
  );
  expect(codeOf(answer)).toBe('AA');
}

const report = (accessionNumber: string, status: string) =>
  node.fetch('/api/reports', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      patient: { id: 'ORD1' },
      accessionNumber,
      status,
      text: 'Text',
      externalId: accessionNumber,
    }),
  });

/** Type, ORC-1 and ORC-5 of what came about an order. */
const told = (receiver: MllpReceiver, number: string) =>
  receiver.messages
    .map(String)
    .filter((text) => text.includes(`\rORC|`) && text.includes(`|${number}`) && !text.includes('|ORU^'))
    .map((text) => {
      const orc = /\rORC\|(.*)/.exec(text)?.[1]?.split('|') ?? [];
      return `${text.split('|')[8]} ${orc[0]} ${orc[4]}`;
    });

describe('the status of an order', () => {
  it('goes to the system that ordered, and to who wants all, when its report is issued', async () => {
    await order('NW', 'ST1');
    await eventually(async () => (await node.fetch('/api/orders/HIS/ST1')).status === 200);
    expect((await report('ACC-ST1', 'reviewed')).status).toBe(201);
    await eventually(() => told(other, 'ST1').length > 0 && told(ordering, 'ST1').length > 0);
    expect(told(ordering, 'ST1')).toEqual(['ORM^O01^ORM_O01 SC CM']);
    expect(told(other, 'ST1')).toEqual(['OMG^O19^OMG_O19 SC CM']);
    const text = ordering.messages.map(String).find((one) => one.includes('|ORM^O01')) ?? '';
    expect(text).toContain('\rPID|1||ORD1^^^HIS^PI||Zhang^San');
    expect(/\rOBR\|(.*)/.exec(text)?.[1]?.split('|')).toMatchObject({
      1: 'ST1',
      3: 'CT0101^Chest CT^LOCAL',
      17: 'ACC-ST1',
      23: 'CT',
    });
    expect(await (await node.fetch('/fhir/ServiceRequest?identifier=ACC-ST1')).text()).toContain(
      '"status":"completed"',
    );
  });

  it('is not told to the system that said it, nor to who did not order', async () => {
    await order('NW', 'ST2');
    await order('CA', 'ST2');
    await eventually(() => told(other, 'ST2').length > 0);
    expect(told(other, 'ST2')).toEqual(['OMG^O19^OMG_O19 OC CA']);
    // What is told to the ordering system later has come: it was told nothing before.
    await order('NW', 'ST3');
    await eventually(async () => (await node.fetch('/api/orders/HIS/ST3')).status === 200);
    await report('ACC-ST3', 'reviewed');
    await eventually(() => told(ordering, 'ST3').length > 0 && told(other, 'ST3').length > 0);
    expect(told(ordering, 'ST2')).toEqual([]);
    expect(['ST1', 'ST2', 'ST3'].flatMap((number) => told(silent, number))).toEqual([]);
  });

  it('begins with images that came before it, which nobody has to reconcile any more', async () => {
    const patient = {
      PatientID: 'ORD1',
      PatientName: { Alphabetic: 'Zhang^San' },
      PatientBirthDate: '19700101',
      PatientSex: 'M' as const,
    };
    const study = (seed: string, AccessionNumber: string) =>
      storePhantoms(node, ctSlices({ count: 2, rows: 64, study: phantomStudy({ seed, patient, AccessionNumber }) }));
    const [image] = await study('late-order', 'ACC-LATE');
    const [stray] = await study('no-order', 'ACC-NONE');
    const open = async () => {
      const found = (await (await node.fetch('/api/reconciliation')).json()) as {
        items: { study: { StudyInstanceUID: string }; discrepancies: string[] }[];
      };
      return Object.fromEntries(found.items.map((one) => [one.study.StudyInstanceUID, one.discrepancies]));
    };
    const unknown = ['accession-unknown'];
    // The orders of the tests before make the node expect orders, and the patient known.
    expect(await open()).toEqual({ [`${image?.StudyInstanceUID}`]: unknown, [`${stray?.StudyInstanceUID}`]: unknown });
    await order('NW', 'LATE');
    await eventually(() => told(ordering, 'LATE').length > 0);
    expect(told(ordering, 'LATE')).toEqual(['ORM^O01^ORM_O01 SC IP']);
    const begun = (await (await node.fetch('/api/orders/HIS/LATE')).json()) as Record<string, unknown>;
    expect(begun).toMatchObject({ status: 'in-progress', studyInstanceUids: [image?.StudyInstanceUID] });
    expect(await open()).toEqual({ [`${stray?.StudyInstanceUID}`]: unknown });
  });
});
