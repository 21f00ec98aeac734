import { createHash } from 'node:crypto';
import { encodeFileMetaInformation } from '@filmless/core/plugin';
import {
  CT_IMAGE_STORAGE,
  commandPdu,
  dataPdu,
  datasetPdus,
  echoCommand,
  InMemoryStorage,
  makeDataSet,
  makeInstanceFile,
  pdv,
  RawPeer,
  RELEASE_REQUEST,
  storeCommand,
  until,
} from '@filmless/core/testing';
import { describe, expect, it } from 'vitest';
import { startDimseNode } from '../dimse-node.test-util.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const fileOf = (SOPInstanceUID: string, dataset: Uint8Array) =>
  Buffer.concat([
    encodeFileMetaInformation({ SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID, transferSyntaxUID: EXPLICIT }),
    dataset,
  ]);

describe.each([
  { workers: 1, where: 'a receiving thread' },
  { workers: 0, where: 'the main thread' },
])('C-STORE on $where', ({ workers }) => {
  it('keeps the bytes exactly as they came, whatever the fragments', async () => {
    const node = await startDimseNode({ workers });
    const peer = await RawPeer.associate(node.dicomPort);
    const dataset = makeDataSet({ SOPInstanceUID: '1.2.3.1', pixelBytes: 300_000 });
    for (const [i, fragmentBytes] of [1000, 16_000, 130_000].entries()) {
      peer.send(commandPdu(3, storeCommand(i + 1, '1.2.3.1')), datasetPdus(3, dataset, fragmentBytes));
      const { status, command } = await peer.message();
      expect(status).toBe(0);
      expect(command['00000120']?.Value).toEqual([i + 1]);
    }
    const record = await node.catalogue.get('1.2.3.1');
    expect(record?.sha256).toBe(sha256(fileOf('1.2.3.1', dataset)));
    expect(record?.received).toMatchObject({ via: 'dimse', source: 'RAWPEER', address: '127.0.0.1' });
    expect(await node.catalogue.count()).toBe(1);
  });

  it('takes a data set that comes a few bytes at a time', async () => {
    const node = await startDimseNode({ workers });
    const peer = await RawPeer.associate(node.dicomPort);
    const dataset = makeDataSet({ SOPInstanceUID: '1.2.3.2', pixelBytes: 64 });
    await peer.sendInPieces(
      Buffer.concat([commandPdu(3, storeCommand(1, '1.2.3.2')), datasetPdus(3, dataset, 100)]),
      1,
    );
    expect((await peer.message()).status).toBe(0);
    expect((await node.catalogue.get('1.2.3.2'))?.sha256).toBe(sha256(fileOf('1.2.3.2', dataset)));
  });

  it('reads a header longer than what is held in memory', async () => {
    const node = await startDimseNode({ workers });
    const peer = await RawPeer.associate(node.dicomPort);
    const long = Buffer.concat([privateElement(200_000), makeDataSet({ SOPInstanceUID: '1.2.3.3' })]);
    peer.send(commandPdu(3, storeCommand(1, '1.2.3.3')), datasetPdus(3, long));
    expect((await peer.message()).status).toBe(0);
    expect((await node.catalogue.get('1.2.3.3'))?.StudyInstanceUID).toBe('2.25.1');
  });

  it('answers what cannot be read with a failure, keeps it in quarantine, and the association stays', async () => {
    const node = await startDimseNode({ workers });
    const peer = await RawPeer.associate(node.dicomPort);
    const whole = makeDataSet({ SOPInstanceUID: '1.2.3.4', pixelBytes: 1000 });
    peer.send(commandPdu(3, storeCommand(1, '1.2.3.4')), datasetPdus(3, whole.subarray(0, whole.length - 100)));
    expect((await peer.message()).status).toBe(0xc000);
    peer.send(commandPdu(3, storeCommand(2, '1.2.3.4')), datasetPdus(3, Buffer.from('this is no data set at all')));
    expect((await peer.message()).status & 0xf000).toBe(0xc000);
    peer.send(commandPdu(3, storeCommand(3, '1.2.3.4')), datasetPdus(3, whole));
    expect((await peer.message()).status).toBe(0);
    expect((await node.storage.listQuarantine()).map(({ code }) => code)[0]).toBe('DICOM_TRUNCATED');
    expect(await node.catalogue.count()).toBe(1);
  });

  it('does not believe a command that names another instance or class', async () => {
    const node = await startDimseNode({ workers });
    const peer = await RawPeer.associate(node.dicomPort);
    const dataset = makeDataSet({ SOPInstanceUID: '1.2.3.5' });
    peer.send(commandPdu(3, storeCommand(1, '1.2.3.666')), datasetPdus(3, dataset));
    expect((await peer.message()).status).toBe(0xa900);
    expect(await node.catalogue.count()).toBe(0);
    expect((await node.storage.listQuarantine()).map(({ code }) => code)).toEqual(['SOP_CLASS_MISMATCH']);
    peer.send(commandPdu(3, storeCommand(2, '1.2.3.5', '1.2.840.10008.5.1.4.1.1.4')), datasetPdus(3, dataset));
    expect((await peer.message()).status).toBe(0xa900);
    expect(await node.catalogue.count()).toBe(0);
  });

  it('refuses with A700 when the storage is at its floor, and leaves nothing behind', async () => {
    const storage = new InMemoryStorage({ capacityBytes: 1000, floorBytes: 900 });
    const node = await startDimseNode({ workers }, { storage });
    const peer = await RawPeer.associate(node.dicomPort);
    peer.send(
      commandPdu(3, storeCommand(1, '1.2.3.6')),
      datasetPdus(3, makeDataSet({ SOPInstanceUID: '1.2.3.6', pixelBytes: 200_000 })),
    );
    const { status, command } = await peer.message();
    expect(status).toBe(0xa700);
    expect(command['00000902']?.Value?.[0]).toMatch(/free-space floor/);
    peer.send(commandPdu(1, echoCommand(2)));
    expect((await peer.message()).status).toBe(0);
    expect(await node.catalogue.count()).toBe(0);
  });

  it('forgets a data set whose association ends half-way', async () => {
    const node = await startDimseNode({ workers });
    const peer = await RawPeer.associate(node.dicomPort);
    const dataset = makeDataSet({ SOPInstanceUID: '1.2.3.7', pixelBytes: 100_000 });
    peer.send(commandPdu(3, storeCommand(1, '1.2.3.7')), dataPdu(pdv(3, 0, dataset.subarray(0, 50_000))));
    await until(async () => (await stagedFiles(node.storage.stagingDirectory)) === 1);
    peer.destroy();
    await until(async () => (await stagedFiles(node.storage.stagingDirectory)) === 0);
    expect(await node.catalogue.count()).toBe(0);
  });
});

it('answers one C-STORE after another of several associations at once', async () => {
  const node = await startDimseNode({ workers: 2 });
  const send = async (sender: number) => {
    const peer = await RawPeer.associate(node.dicomPort, { calling: `SENDER${sender}` });
    for (let i = 1; i <= 10; i++) {
      const uid = `1.2.4.${sender}.${i}`;
      peer.send(
        commandPdu(3, storeCommand(i, uid)),
        datasetPdus(3, makeDataSet({ SOPInstanceUID: uid, pixelBytes: 40_000 })),
      );
      expect((await peer.message()).status).toBe(0);
    }
    peer.send(RELEASE_REQUEST);
    expect((await peer.pdu())?.type).toBe(0x06);
  };
  await Promise.all([1, 2, 3, 4].map(send));
  expect(await node.catalogue.count()).toBe(40);
  for (let i = 1; i <= 10; i++) {
    const uid = `1.2.4.3.${i}`;
    expect((await node.catalogue.get(uid))?.sha256).toBe(
      sha256(fileOf(uid, makeDataSet({ SOPInstanceUID: uid, pixelBytes: 40_000 }))),
    );
  }
});

it('keeps apart the second data set of an instance, and says success to the sender', async () => {
  const node = await startDimseNode();
  const peer = await RawPeer.associate(node.dicomPort);
  for (const salt of ['', 'other']) {
    peer.send(
      commandPdu(3, storeCommand(1, '1.2.5.1')),
      datasetPdus(3, makeDataSet({ SOPInstanceUID: '1.2.5.1', salt })),
    );
    expect((await peer.message()).status).toBe(0);
  }
  expect(await node.catalogue.listConflicts()).toHaveLength(1);
  expect((await node.catalogue.get('1.2.5.1'))?.sha256).toBe(sha256(makeInstanceFile({ SOPInstanceUID: '1.2.5.1' })));
});

async function stagedFiles(directory: string): Promise<number> {
  const { readdir } = await import('node:fs/promises');
  return (await readdir(directory)).length;
}

/** A private element before the data set proper; explicit little endian, UN. */
function privateElement(valueBytes: number): Buffer {
  const head = Buffer.from([0x01, 0x00, 0x01, 0x10, 0x55, 0x4e, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(valueBytes, 8);
  return Buffer.concat([head, Buffer.alloc(valueBytes, 7)]);
}
