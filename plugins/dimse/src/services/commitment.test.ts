import { createServer, type Server, type Socket } from 'node:net';
import { type DicomJson, decodeDataset, encodeDataset, IMPLICIT_VR_LITTLE_ENDIAN } from '@filmless/core/plugin';
import {
  associateRequest,
  commandPdu,
  datasetPdus,
  RawPeer,
  RELEASE_REQUEST,
  type ReceivedMessage,
  until,
} from '@filmless/core/testing';
import { expect, it, onTestFinished } from 'vitest';
import { startDimseNode } from '../dimse-node.test-util.ts';
import { CT, instanceFile, put } from '../instances.test-util.ts';

const PUSH_MODEL = '1.2.840.10008.1.20.1';
const INSTANCE = '1.2.840.10008.1.20.1.1';
const CONTEXTS = [{ id: 1, abstractSyntax: PUSH_MODEL, transferSyntaxes: [IMPLICIT_VR_LITTLE_ENDIAN] }];
const us = (value: number) => ({ vr: 'US', Value: [value] });
const ui = (value: string) => ({ vr: 'UI', Value: [value] });

function action(messageId: number, actionTypeId = 1): DicomJson {
  return {
    '00000003': ui(PUSH_MODEL),
    '00000100': us(0x0130),
    '00000110': us(messageId),
    '00000800': us(1),
    '00001001': ui(INSTANCE),
    '00001008': us(actionTypeId),
  };
}

function request(...references: [sopClass: string, instance: string][]): Buffer {
  const items = references.map(
    ([sopClass, instance]): DicomJson => ({ '00081150': ui(sopClass), '00081155': ui(instance) }),
  );
  const dataset = { '00081195': ui('1.2.99'), '00081199': { vr: 'SQ', Value: items } };
  return datasetPdus(1, encodeDataset(dataset, { transferSyntaxUID: IMPLICIT_VR_LITTLE_ENDIAN }));
}

/** Says that the report was taken. */
function reportTaken(report: ReceivedMessage): Buffer {
  return commandPdu(report.contextId, {
    '00000002': ui(PUSH_MODEL),
    '00000100': us(0x8100),
    '00000120': us(Number(report.command['00000110']?.Value?.[0])),
    '00000800': us(0x0101),
    '00000900': us(0),
    '00001000': ui(INSTANCE),
  });
}

const itemsOf = (report: ReceivedMessage, tag: string) =>
  (decodeDataset(report.dataset ?? Buffer.alloc(0), IMPLICIT_VR_LITTLE_ENDIAN)[tag]?.Value ?? []) as DicomJson[];

it('reports on the same association what is kept and what is not', async () => {
  const node = await startDimseNode({ workers: 1 });
  await put(node, instanceFile({ instance: '1.2.3.1.1' }), instanceFile({ instance: '1.2.3.1.2' }));
  const gone = await node.catalogue.get('1.2.3.1.2');
  await node.storage.remove(gone?.sha256 ?? '');
  const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS });
  peer.send(
    commandPdu(1, action(1)),
    request([CT, '1.2.3.1.1'], [CT, '1.2.3.1.2'], [CT, '1.2.3.1.3'], ['1.2.840.10008.5.1.4.1.1.4', '1.2.3.1.1']),
  );
  const answer = await peer.message();
  expect(answer).toMatchObject({ status: 0, command: { '00000100': { Value: [0x8130] } } });
  const report = await peer.message();
  expect(report.command).toMatchObject({
    '00000100': { Value: [0x0100] },
    '00001000': { Value: [INSTANCE] },
    '00001002': { Value: [2] },
  });
  expect(itemsOf(report, '00081199')).toMatchObject([{ '00081155': { Value: ['1.2.3.1.1'] } }]);
  expect(itemsOf(report, '00081198')).toMatchObject([
    { '00081155': { Value: ['1.2.3.1.2'] }, '00081197': { Value: [0x0112] } },
    { '00081155': { Value: ['1.2.3.1.3'] }, '00081197': { Value: [0x0112] } },
    { '00081155': { Value: ['1.2.3.1.1'] }, '00081197': { Value: [0x0119] } },
  ]);
  peer.send(reportTaken(report), RELEASE_REQUEST);
  expect((await peer.pdu())?.type).toBe(0x06);
  await until(async () => (await node.jobs.list()).every(({ state }) => state === 'done'));
});

it('refuses what is no request for commitment', async () => {
  const node = await startDimseNode({ workers: 0 });
  const peer = await RawPeer.associate(node.dicomPort, { contexts: CONTEXTS });
  peer.send(commandPdu(1, action(1, 2)), request([CT, '1.2.3']));
  expect((await peer.message()).status).toBe(0x0123);
  peer.send(commandPdu(1, action(2)), request());
  expect((await peer.message()).status).toBe(0x0115);
  expect(await node.jobs.list()).toEqual([]);
});

it('reports on an association of its own when the device has left', async () => {
  const device = await listeningDevice();
  const node = await startDimseNode({
    workers: 1,
    devices: [{ aeTitle: 'CT1', address: '127.0.0.1', port: device.port }],
  });
  await put(node, instanceFile({ instance: '1.2.3.1.1' }));
  const peer = await RawPeer.associate(node.dicomPort, { calling: 'CT1', contexts: CONTEXTS });
  peer.send(commandPdu(1, action(1)), request([CT, '1.2.3.1.1']));
  expect((await peer.message()).status).toBe(0);
  // A report that came over this association is not answered any more.
  peer.destroy();
  const report = await device.report;
  // As provider: role selection says SCU 0, SCP 1.
  expect(report.associate.includes(Buffer.concat([Buffer.from(PUSH_MODEL), Buffer.from([0, 1])]))).toBe(true);
  expect(report.pdata.includes(Buffer.from('1.2.3.1.1'))).toBe(true);
  await until(async () => (await node.jobs.list()).every(({ state }) => state === 'done'));
});

/** A device that accepts one association and takes one report, written down byte by byte. */
async function listeningDevice(): Promise<{ port: number; report: Promise<{ associate: Buffer; pdata: Buffer }> }> {
  const { promise, resolve } = Promise.withResolvers<{ associate: Buffer; pdata: Buffer }>();
  const server: Server = createServer((socket: Socket) => {
    let received = Buffer.alloc(0);
    let associate = Buffer.alloc(0);
    let pdata = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 6 && received.length >= 6 + received.readUInt32BE(2)) {
        const pdu = received.subarray(0, 6 + received.readUInt32BE(2));
        received = received.subarray(pdu.length);
        if (pdu[0] === 1) {
          associate = Buffer.from(pdu);
          socket.write(acceptanceOf(associate));
        } else if (pdu[0] === 4) {
          pdata = Buffer.concat([pdata, pdu]);
          // The last fragment of the data set.
          if (((pdu[11] ?? 0) & 3) === 2) {
            socket.write(reportTaken({ contextId: 1, command: { '00000110': us(1) }, status: 0, dataset: undefined }));
            resolve({ associate, pdata });
          }
        } else if (pdu[0] === 5) socket.end(Buffer.from([6, 0, 0, 0, 0, 4, 0, 0, 0, 0]));
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, report: promise };
}

/** Accepts context 1 with implicit little endian. */
function acceptanceOf(associate: Buffer): Buffer {
  const ours = associateRequest({ contexts: [] });
  const accept = Buffer.concat([
    ours.subarray(6, 6 + 68),
    Buffer.from([0x10, 0, 0, 21]),
    Buffer.from('1.2.840.10008.3.1.1.1'),
    Buffer.from([0x21, 0, 0, 25, 1, 0, 0, 0, 0x40, 0, 0, 17]),
    Buffer.from('1.2.840.10008.1.2'),
    ours.subarray(6 + 68 + 25),
  ]);
  associate.copy(accept, 4, 10, 42);
  const head = Buffer.alloc(6);
  head[0] = 2;
  head.writeUInt32BE(accept.length, 2);
  return Buffer.concat([head, accept]);
}
