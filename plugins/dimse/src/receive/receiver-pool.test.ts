import { createServer } from 'node:net';
import { RawPeer, RecordingLog, until } from '@filmless/core/testing';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../dimse-node.test-util.ts';
import type { MainMethods } from './protocol.ts';
import { type PoolHandlers, ReceiverPool } from './receiver-pool.ts';
import type { Implementation } from './rpc.ts';

const limits = {
  maxPduBytes: 131_072,
  maxAssociatePduBytes: 100_000,
  maxCommandBytes: 65_536,
  associateTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  silenceTimeoutMs: 30_000,
  minBytesPerSpan: 1024,
  sendTimeoutMs: 60_000,
  closeTimeoutMs: 500,
};
const settings = { storageSopClasses: [], storageTransferSyntaxes: [], serviceSopClasses: [] };

async function poolOf(count: number, port = 0) {
  const lost: unknown[] = [];
  const nothing = () => undefined;
  const methods: Implementation<MainMethods> = {
    associate: () => ({ accepted: true, aeTitle: 'X', characterSet: '', permissions: [] }),
    closed: nothing,
    admit: () => ({ placeIn: undefined }),
    receive: () => ({ status: 'stored' }),
    quarantine: nothing,
    placed: nothing,
    notPlaced: nothing,
    operate: nothing,
    cancel: nothing,
    openBlob: () => ({ handle: 1, sizeBytes: 0, datasetOffsetBytes: 0 }),
    readBlob: () => new Uint8Array(0),
    closeBlob: nothing,
    log: nothing,
  };
  const handlers: PoolHandlers = { methods: () => methods, lost: (peer) => lost.push(peer) };
  const start = {
    host: '127.0.0.1',
    port,
    stagingDirectory: await temporaryDirectory(),
    maxConnections: 10,
    maxConnectionsPerAddress: 10,
    limits,
    maxIdentifierBytes: 10_000,
    responseTimeoutMs: 1000,
    settings,
  };
  const pool = new ReceiverPool(
    count,
    start,
    handlers,
    new RecordingLog(),
    new URL('./crashing-worker.test-util.ts', import.meta.url),
  );
  onTestFinished(() => pool.stop(0));
  return { pool, lost };
}

it('replaces a thread that dies; its peers see the end of their associations', async () => {
  const { pool, lost } = await poolOf(1);
  await pool.start();
  const peer = await RawPeer.associate(pool.port);
  // This worker of the test dies of new settings.
  await expect(pool.settings(settings)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await peer.closed();
  expect(lost).toHaveLength(1);
  await until(() => pool.health.alive === 1);
  await until(async () => {
    const again = await RawPeer.associate(pool.port).catch(() => undefined);
    again?.destroy();
    return again !== undefined;
  });
});

it('does not share its port with anybody else', async () => {
  const { pool } = await poolOf(2);
  await pool.start();
  const second = await poolOf(2, pool.port);
  await expect(second.pool.start()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    detail: expect.stringMatching('EADDRINUSE'),
  });
  const peer = await RawPeer.associate(pool.port);
  peer.destroy();
});

it('says when the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const { pool } = await poolOf(1, typeof address === 'object' && address ? address.port : 0);
  await expect(pool.start()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

it('ends associations that rest when it stops', async () => {
  const { pool } = await poolOf(1);
  await pool.start();
  const peer = await RawPeer.associate(pool.port);
  const stopping = pool.stop(5000);
  expect(await peer.ending()).toMatchObject({ type: 0x07, source: 2 });
  await stopping;
  await expect(RawPeer.connect(pool.port)).rejects.toThrow();
});
